//! Testing data that were made from what the model learnt, or the other way round, as BOMs say.

use std::collections::BTreeSet;

use crate::digest::Digest;
use crate::finding::{Code, Finding};
use crate::licence::{self, Data, Dataset};
use crate::name::Name;
use crate::policy::Case;
use crate::policy::rules::test_data::{HELP, finding};

/// The data for one purpose.
#[derive(Clone, Default)]
pub(super) struct Purpose {
    pub(super) names: BTreeSet<Name>,
    pub(super) digests: BTreeSet<Digest>,
    /// Where what they have in them stands in a document.
    pub(super) places: BTreeSet<usize>,
}

impl Purpose {
    fn has(&self, data: &Data<'_>) -> bool {
        let is_named = data.dataset.as_ref().is_some_and(|name| self.names.contains(name));
        is_named || self.places.contains(&data.place) || !self.digests.is_disjoint(&data.digests)
    }

    /// Adds the data that its datasets have in them.
    fn with_contents(&self, datasets: &[Dataset<'_>]) -> Self {
        let mut whole = self.clone();
        for part in datasets.iter().filter(|one| self.names.contains(&one.name)).flat_map(|one| &one.contents) {
            whole.places.insert(part.place);
            whole.digests.extend(&part.digests);
        }
        whole
    }

    fn find<'d>(&self, data: &[Data<'d>]) -> Option<&'d str> {
        data.iter().find(|one| self.has(one)).map(|one| one.name)
    }
}

/// Finds each dataset for one purpose that has some of the other one behind it, and testing data that reached the model in other ways. Two
/// that were made from the same are none.
pub(super) fn mixed(case: &Case<'_>, tested: &Purpose, learnt: &Purpose) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (line, document) in case.boms() {
        let place = line.origin().place();
        let Some(lineage) = licence::lineage(document) else {
            let summary = "the BOM has more ways between data than are followed";
            findings.push(Finding::deny(Code::TestDataInTraining, place, summary));
            continue;
        };
        let [all_tested, all_learnt] = [tested, learnt].map(|purpose| purpose.with_contents(&lineage.datasets));
        for Dataset { name, behind, .. } in &lineage.datasets {
            if let Some(other) = all_learnt.find(behind).filter(|_| tested.names.contains(name)) {
                let summary =
                    format!("the testing data `{name}` were made from `{other}`, and the model learnt from that");
                findings.push(finding(name, summary));
            }
            if let Some(other) = all_tested.find(behind).filter(|_| learnt.names.contains(name)) {
                let summary = format!("the model learnt from `{name}`, which was made from the testing data `{other}`");
                findings.push(finding(name, summary));
            }
        }
        let by_digest = Purpose { digests: tested.digests.clone(), ..Purpose::default() };
        let reached = |other: &str, way: &str| {
            let summary = format!("the testing data `{other}` reached the model by {way}");
            Finding::deny(Code::TestDataInTraining, place.clone(), summary).help(HELP)
        };
        findings.extend(all_tested.find(&lineage.of_bases).map(|other| reached(other, "a base model")));
        findings.extend(by_digest.find(&lineage.beside).map(|other| reached(other, "another name")));
    }
    findings
}
