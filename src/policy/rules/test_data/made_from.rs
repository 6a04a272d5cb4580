//! Testing data that were made from what the model learnt, or the other way round, as BOMs say.

use std::collections::BTreeSet;

use crate::digest::Digest;
use crate::finding::{Code, Finding};
use crate::licence::{self, Data};
use crate::name::Name;
use crate::policy::Case;
use crate::policy::rules::test_data::finding;

/// The data for one purpose.
pub(super) struct Purpose {
    pub(super) names: BTreeSet<Name>,
    pub(super) digests: BTreeSet<Digest>,
}

impl Purpose {
    fn has(&self, data: &Data<'_>) -> bool {
        let is_named = data.dataset.as_ref().is_some_and(|name| self.names.contains(name));
        is_named || !self.digests.is_disjoint(&data.digests)
    }
}

/// Finds each dataset for one purpose that has some of the other one behind it. Two that were made from the same are none.
pub(super) fn mixed(case: &Case<'_>, tested: &Purpose, learnt: &Purpose) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (line, document) in case.boms() {
        let Some(datasets) = licence::behind_datasets(document) else {
            let summary = "the BOM has more ways between data than are followed";
            findings.push(Finding::deny(Code::TestDataInTraining, line.origin().place(), summary));
            continue;
        };
        for (name, behind) in datasets {
            let said = |purpose: &Purpose| behind.iter().find(|data| purpose.has(data)).map(|data| data.name);
            if let Some(other) = said(learnt).filter(|_| tested.names.contains(&name)) {
                let summary =
                    format!("the testing data `{name}` were made from `{other}`, and the model learnt from that");
                findings.push(finding(&name, summary));
            }
            if let Some(other) = said(tested).filter(|_| learnt.names.contains(&name)) {
                let summary = format!("the model learnt from `{name}`, which was made from the testing data `{other}`");
                findings.push(finding(&name, summary));
            }
        }
    }
    findings
}
