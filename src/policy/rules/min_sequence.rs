//! The newest seal must not be too old a one.

use crate::finding::{Code, Finding, Place};
use crate::intoto::Kind;
use crate::policy::refusal::Refusal;
use crate::policy::rules::requirement;
use crate::policy::{Case, Rule};

pub(super) struct MinSequence(u64);

pub(super) fn build(least: u64) -> Result<MinSequence, Refusal> {
    match least {
        0 => return Err("seals count from 1".into()),
        1 => return Err("every bundle has a seal of number 1 or higher: that demands nothing".into()),
        _ => {}
    }
    // The chain of seals begins with number 1, and each is a line.
    requirement::bounded(least).map(|_| MinSequence(least))
}

impl Rule for MinSequence {
    fn name(&self) -> &'static str {
        "min-sequence"
    }

    fn demand(&self) -> String {
        format!("the newest seal is number {} or higher", self.0)
    }

    fn codes(&self) -> Vec<Code> {
        vec![Code::Rollback]
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::Seal]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let sequence = case.evidence.seal().map_or(0, |seal| seal.sequence);
        if sequence >= self.0 {
            return Vec::new();
        }
        let summary = format!("the newest seal is number {sequence}, and at least {} is demanded", self.0);
        let finding = Finding::deny(Code::Rollback, Place::Bundle, summary);
        vec![finding.help("this bundle is out of date or was cut; get the newest one")]
    }
}
