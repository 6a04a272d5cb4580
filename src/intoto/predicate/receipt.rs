//! Receipts: what a verification said, signed by who ran it (`docs/format.md`, "Receipt").
//!
//! A receipt is about the bundle as a file and never about its model, so it can't be mistaken for evidence.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;

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
    /// The policy: its name, version and SHA-256.
    pub policy: Policy,
    /// The SHA-256 of the trust file.
    pub trust: Digest,
    /// The time of the check.
    pub verified_at: DateTime<Utc>,
    /// `passed`, `rejected` or `incomplete`.
    pub verdict: String,
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
