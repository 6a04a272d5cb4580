//! What came of verifying a model signature.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::failure::Failure;
use crate::finding::{Findings, Severity};
use crate::text::Text;
use crate::verify::Outcome;

/// What was verified, under what, and what was not.
#[derive(Clone, Debug)]
pub struct ModelScope {
    /// The signature.
    pub signature: PathBuf,
    /// The SHA-256 of the signature.
    pub signature_digest: Digest,
    /// The model.
    pub model: PathBuf,
    /// What was hashed, in words.
    pub hashed: Option<Text>,
    /// Paths that were passed over, each with who chose it.
    pub not_hashed: Vec<Text>,
    /// Whom the caller trusts, in words.
    pub trust: Text,
    /// When.
    pub at: DateTime<Utc>,
    /// The flags that open unsafe doors.
    pub doors: Vec<&'static str>,
}

/// What came of it.
#[derive(Debug)]
pub struct ModelReport {
    /// What was verified.
    pub scope: ModelScope,
    /// Who signed, in words, if somebody did whom the caller trusts.
    pub signer: Option<Text>,
    /// When it was signed at the latest, if a log or a timestamp authority vouches for that.
    pub proven: Option<DateTime<Utc>>,
    /// What is at fault.
    pub findings: Findings,
    /// What could not be checked.
    pub failures: Vec<Failure>,
    /// Whether warnings reject.
    pub(super) strict: bool,
    /// How many files were compared, each with its signed digest: made in one place, by the comparison itself.
    pub(super) compared: Option<usize>,
    /// How many files are there that nobody signed.
    pub(super) unsigned: usize,
}

impl ModelReport {
    /// Says how it ended. Without a trusted signer and files that were compared there is no pass.
    pub fn outcome(&self) -> Outcome {
        let warned = self.strict && self.findings.count(Severity::Warn) > 0;
        if self.findings.deny() || warned {
            Outcome::Rejected
        } else if !self.failures.is_empty() {
            Outcome::Incomplete
        } else if self.signer.is_some() && self.compared.is_some_and(|files| files > 0) {
            Outcome::Passed
        } else {
            Outcome::Rejected
        }
    }

    /// Returns how many files were compared with what was signed.
    pub fn compared(&self) -> usize {
        self.compared.unwrap_or_default()
    }

    /// Returns how many files are there that nobody signed, and are none of those.
    pub fn unsigned(&self) -> usize {
        self.unsigned
    }
}
