//! Testing data must be others than training data.

use std::collections::BTreeMap;

use crate::digest::ArtifactDigest;
use crate::finding::{Code, Finding, Place, Tree};
use crate::intoto::{Kind, Predicate};
use crate::name::Name;
use crate::policy::{Case, Rule};
use crate::reference::Reference;

pub(super) struct TestDataDisjoint;

pub(super) fn build(wanted: bool) -> Result<TestDataDisjoint, String> {
    if wanted { Ok(TestDataDisjoint) } else { Err("`false` demands nothing: leave the key out".to_owned()) }
}

/// The roles of data from which a model learns, in some way.
const LEARNT: [&str; 3] = ["training", "validation", "calibration"];

fn finding(name: &Name, summary: String) -> Finding {
    Finding::deny(Code::TestDataInTraining, Place::Tree(Tree::Dataset(name.clone())), summary)
        .help("the builder must evaluate on data that the model never saw, and record the role of every dataset")
}

impl Rule for TestDataDisjoint {
    fn name(&self) -> &'static str {
        "test-data-disjoint"
    }

    fn demand(&self) -> String {
        "every dataset has a role, and no testing dataset has the digest of a training, validation or calibration \
         dataset"
            .to_owned()
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::Provenance, Kind::TestResult]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for line in case.evidence.members() {
            let Predicate::Provenance(provenance) = line.predicate() else { continue };
            let mut learnt: BTreeMap<ArtifactDigest, Name> = BTreeMap::new();
            let mut tested: Vec<(Name, Option<ArtifactDigest>)> = Vec::new();
            for (reference, dependency) in provenance.references() {
                let Reference::Dataset(name) = reference else { continue };
                let digest = dependency.artifact_digest();
                match dependency.annotations.get("assaymark_role").and_then(|role| role.as_str()) {
                    Some("testing") => tested.push((name, digest)),
                    Some(role) if LEARNT.contains(&role) => {
                        learnt.extend(digest.map(|digest| (digest, name)));
                    }
                    _ => findings.push(finding(&name, format!("the dataset `{name}` has no role that is known"))),
                }
            }
            if tested.is_empty() {
                let summary = "the provenance names no testing dataset";
                findings.push(Finding::deny(Code::TestDataInTraining, line.origin().place(), summary));
            }
            for (name, digest) in tested {
                if let Some(other) = digest.and_then(|digest| learnt.get(&digest)) {
                    let summary = format!("the model learnt from its testing data: `{name}` is `{other}`");
                    findings.push(finding(&name, summary));
                }
            }
        }
        findings
    }
}
