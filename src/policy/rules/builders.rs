//! The training must have run on a builder that is allowed.

use std::collections::BTreeSet;

use crate::finding::{Code, Finding};
use crate::intoto::Kind;
use crate::policy::{Bound, Case, Rule, Values};

pub(super) struct Builders(BTreeSet<String>);

pub(super) fn build(ids: Vec<String>) -> Result<Builders, String> {
    if ids.is_empty() {
        return Err("no builder is allowed: name at least one `builder.id`".to_owned());
    }
    match ids.iter().find(|id| !id.contains("://") || id.contains(['*', ' '])) {
        Some(id) => Err(format!("`{id}` is no `builder.id`: it is a whole URI, compared exactly")),
        None => Ok(Builders(ids.into_iter().collect())),
    }
}

impl Rule for Builders {
    fn name(&self) -> &'static str {
        "builders"
    }

    fn demand(&self) -> String {
        let ids: Vec<_> = self.0.iter().map(|id| format!("`{id}`")).collect();
        format!("every provenance names as builder exactly {}", ids.join(" or "))
    }

    fn codes(&self) -> Vec<Code> {
        vec![Code::BuilderNotAllowed]
    }

    fn bounds(&self) -> Vec<Bound> {
        let values = Values::OneOf(self.0.clone());
        vec![Bound { of: "builder".to_owned(), part: None, values, words: self.demand() }]
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::Provenance]
    }

    fn needs(&self) -> Vec<Kind> {
        vec![Kind::Provenance]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (line, provenance) in case.trainings() {
            let id = &provenance.run_details.builder.id;
            if !self.0.contains(id) {
                let summary = "the training ran on a builder that is not allowed";
                let finding = Finding::deny(Code::BuilderNotAllowed, line.origin().place(), summary);
                findings.push(
                    finding
                        .expected(self.demand())
                        .found(id.clone())
                        .help("train again on an allowed builder and make a new release"),
                );
            }
        }
        findings
    }
}
