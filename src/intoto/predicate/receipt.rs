//! Receipts: what a verification said, signed by who ran it (`docs/format.md`, "Receipt").
//!
//! A receipt is about the bundle as a file and never about its model, so it can't be mistaken for evidence.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::name::Name;

/// The predicate type.
pub const TYPE: &str = "https://assaymark.dev/receipt/v1";

/// What a verification said.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Receipt {
    /// Who ran it.
    pub verifier: Verifier,
    /// The release, if a trusted releaser named one.
    pub release: Option<String>,
    /// The newest seal, if there is one.
    pub seal: Option<Sealed>,
    /// The policy: its name, version and SHA-256.
    pub policy: Policy,
    /// The SHA-256 of the trust file.
    pub trust: Digest,
    /// The list of withdrawals that was looked at; none if none was.
    pub withdrawals: Option<List>,
    /// What was remembered, if anything was compared with a state file.
    pub state: Option<Memory>,
    /// The time of the check.
    pub verified_at: DateTime<Utc>,
    /// `passed`, `rejected` or `incomplete`.
    pub verdict: String,
    /// What the machine kept from being checked or written, the first ones. What was to pass is incomplete then.
    pub failures: Vec<String>,
    /// The unsafe doors that were open.
    pub doors: Vec<String>,
    /// What was at fault, the first ones.
    pub findings: Vec<Finding>,
    /// How many findings there are in all.
    pub finding_count: usize,
}

/// Who ran a verification.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Verifier {
    /// The program and its version.
    pub program: String,
    /// The URI of the system that ran it.
    pub system: String,
    /// The URI of the run, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

/// A seal.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sealed {
    /// Its place in the chain.
    pub sequence: u64,
    /// The SHA-256 of its payload, if its chain is whole.
    pub payload: Option<Digest>,
}

/// A list of withdrawals.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct List {
    /// Its SHA-256.
    pub sha256: Option<Digest>,
    /// The sequence of its newest line; none if it was not whole, which denies.
    pub sequence: Option<u64>,
    /// The time of that line, as its signer says.
    pub newest: Option<DateTime<Utc>>,
}

/// What a state file remembered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Memory {
    /// The newest that passed of this release; none if nothing did.
    pub release: Option<SeenRelease>,
}

/// A release that passed before.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeenRelease {
    /// Its version.
    pub version: Name,
    /// The sequence of its newest seal.
    pub sequence: u64,
    /// The SHA-256 of the payload of that seal.
    pub seal: Digest,
}

/// The policy of a verification.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// The version that it states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// Its SHA-256.
    pub sha256: Digest,
    /// The stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The SHA-256 of what was known of packages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package_facts: Option<Digest>,
}

/// Something that was at fault.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Finding {
    /// Its code.
    pub code: String,
    /// `deny`, `warn` or `waived`.
    pub severity: String,
    /// What was wrong.
    pub summary: String,
}
