//! A release must have been let into a stage by a promoter.

use crate::finding::{Code, Finding, Place};
use crate::intoto::Kind;
use crate::name::Name;
use crate::policy::{Case, Rule};
use crate::trust::{Attester, Role};

/// A verification summary for a stage is demanded.
pub(in crate::policy) struct Promoted {
    stage: Name,
}

impl Promoted {
    /// Demands one for a stage.
    pub(in crate::policy) fn new(stage: Name) -> Self {
        Self { stage }
    }
}

impl Rule for Promoted {
    fn name(&self) -> &'static str {
        "promoted"
    }

    fn demand(&self) -> String {
        format!("a promoter let this release into the stage `{}`, by a verification summary in this chain", self.stage)
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::VerificationSummary]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let Some(seal) = case.evidence.seal() else { return Vec::new() };
        if case.evidence.summaries().any(|(_, summary)| summary.passes(&seal.release, &self.stage)) {
            return Vec::new();
        }
        let found: Vec<_> = case.evidence.summaries().map(|(_, summary)| summary.resource_uri.clone()).collect();
        let summary = format!("no promoter let the release into the stage `{}`", self.stage);
        let finding = Finding::deny(Code::NotPromoted, Place::Bundle, summary).expected(self.demand());
        let finding = if found.is_empty() { finding } else { finding.found(found.join(", ")) };
        vec![finding.help("a promoter must let it in after a check of their own: `assaymark bundle promote`")]
    }

    fn impossible(&self, attesters: Option<&[Attester]>) -> Vec<String> {
        let without = attesters.is_some_and(|all| !all.iter().any(|one| one.roles.contains(&Role::Promoter)));
        without.then(|| "no attester of the trust file is a promoter".to_owned()).into_iter().collect()
    }
}
