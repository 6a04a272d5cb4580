//! Model signature, BOM and provenance must be there.

use crate::finding::{Code, Finding};
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

    /// That one is absent is all that it finds, as other rules find it.
    fn codes(&self) -> Vec<Code> {
        Vec::new()
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::ModelSignature, Kind::Bom, Kind::Provenance]
    }

    fn needs(&self) -> Vec<Kind> {
        self.rests_on()
    }

    fn check(&self, _: &Case<'_>) -> Vec<Finding> {
        Vec::new()
    }
}
