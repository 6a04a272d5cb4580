//! Every dataset must have a digest.

use crate::finding::{Code, Finding, Place, Tree};
use crate::intoto::predicate::provenance::BUILD_TYPE;
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
            // What the same word means in a provenance of others is theirs to say.
            let is_ours = provenance.build_definition.build_type == BUILD_TYPE;
            for name in provenance.datasets_without_dependency().into_iter().filter(|_| is_ours) {
                let summary = format!("the parameters name the dataset `{name}`, and no dependency says which it is");
                let finding = Finding::deny(Code::DatasetWithoutDigest, member.origin().place(), summary);
                findings.push(finding.help("the builder must record it with its digest"));
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
