//! Model signature, BOM and provenance must be there.

use crate::finding::{Code, Finding, Place};
use crate::intoto::Kind;
use crate::policy::{Case, Rule};

pub(super) struct RequiredEvidence;

impl Rule for RequiredEvidence {
    fn name(&self) -> &'static str {
        "required-evidence"
    }

    fn demand(&self) -> String {
        "a model signature, a BOM and a provenance, each sealed and from its role".to_owned()
    }

    fn codes(&self) -> Vec<Code> {
        vec![Code::EvidenceMissing]
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::ModelSignature, Kind::Bom, Kind::Provenance]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let kinds = [Kind::ModelSignature, Kind::Bom, Kind::Provenance];
        let missing = kinds.iter().filter(|kind| case.evidence.of_kind(kind).next().is_none());
        missing
            .map(|kind| {
                let summary = format!("the sealed set has no {}", kind.name());
                Finding::deny(Code::EvidenceMissing, Place::Bundle, summary)
                    .help("the builder must sign one and the releaser seal it: `assaymark bundle create` does both")
            })
            .collect()
    }
}
