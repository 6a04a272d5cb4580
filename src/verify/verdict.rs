//! The verdict, and the exit status that follows from it.

use serde::Serialize;

use crate::evidence::Evidence;
use crate::failure::Failure;
use crate::finding::{Findings, Severity};
use crate::verify::report::{Requirement, Status};

/// How a verification ended. It can be made from evidence and findings only.
///
/// ```compile_fail
/// let verdict = assaymark::verify::Verdict(assaymark::verify::Outcome::Passed);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict(Outcome);

/// The three ways a verification ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Something that had to be checked could not be; nothing was decided.
    Incomplete,
    /// Every check ran and passed.
    Passed,
    /// The bundle, the files or the policy's demands are at fault.
    Rejected,
}

impl Verdict {
    /// Judges. Without evidence, or with a demand that is not met, there is no pass.
    pub(super) fn judge(
        evidence: Option<&Evidence<'_>>,
        requirements: &[Requirement],
        findings: &Findings,
        failures: &[Failure],
        strict: bool,
    ) -> Self {
        let warned = strict && findings.count(Severity::Warn) > 0;
        let met = !requirements.is_empty() && requirements.iter().all(|requirement| requirement.status == Status::Met);
        Self(if findings.deny() || warned {
            Outcome::Rejected
        } else if !failures.is_empty() {
            Outcome::Incomplete
        } else if evidence.is_some() && met {
            Outcome::Passed
        } else {
            Outcome::Rejected
        })
    }

    /// Returns how it ended.
    pub fn outcome(self) -> Outcome {
        self.0
    }

    /// Returns the exit status.
    pub fn exit_status(self) -> u8 {
        self.0.exit_status()
    }
}

impl Outcome {
    /// Returns the exit status: 0 passed, 1 rejected, 3 not completed.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Rejected => 1,
            Self::Incomplete => 3,
        }
    }
}
