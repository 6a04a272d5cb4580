//! Every dataset must have a digest.

use crate::finding::{Code, Finding, Place, Tree};
use crate::intoto::{Kind, Predicate};
use crate::policy::{Case, Rule};
use crate::reference::Reference;

pub(super) struct DatasetDigests;

impl Rule for DatasetDigests {
    fn name(&self) -> &'static str {
        "dataset-digests"
    }

    fn demand(&self) -> String {
        "every dataset that the provenance names has one digest, of a file or of a folder".to_owned()
    }

    fn codes(&self) -> Vec<Code> {
        vec![Code::DatasetWithoutDigest]
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::Provenance, Kind::Bom]
    }

    fn needs(&self) -> Vec<Kind> {
        vec![Kind::Provenance]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for member in case.evidence.members() {
            let Predicate::Provenance(provenance) = member.predicate() else { continue };
            for (reference, dependency) in provenance.references() {
                let Reference::Dataset(name) = reference else { continue };
                if dependency.artifact_digest().is_none() {
                    let summary = format!("the dataset `{name}` has no digest, or more than one kind of it");
                    let place = Place::Tree(Tree::Dataset(name));
                    findings.push(
                        Finding::deny(Code::DatasetWithoutDigest, place, summary)
                            .help("the builder must record it with its digest"),
                    );
                }
            }
            for (inherited, _) in provenance.inherited_datasets().filter(|(_, found)| found.artifact_digest().is_none())
            {
                let summary = format!("the dataset `{inherited}` has no digest, or more than one kind of it");
                let finding = Finding::deny(Code::DatasetWithoutDigest, member.origin().place(), summary);
                findings.push(finding.help("the builder must record it with the digest that the base model has"));
            }
        }
        findings
    }
}
