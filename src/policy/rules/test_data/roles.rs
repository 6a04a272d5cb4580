//! The roles of datasets in BOMs, beside those in the provenance.

use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::intoto::predicate::Provenance;
use crate::name::Name;
use crate::policy::rules::test_data::{finding, role};
use crate::policy::{Case, bom};
use crate::reference::Reference;

/// The property of a component that has its role.
const ROLE_PROPERTY: &str = "assaymark:role";

/// Finds each dataset to which a BOM gives another role than the provenance does: nobody knows what the model learnt from it.
pub(super) fn contradicted(case: &Case<'_>, provenance: &Provenance) -> Vec<Finding> {
    let recorded = provenance.references().filter_map(|(reference, dependency)| match reference {
        Reference::Dataset(name) => Some((name, role(dependency)?)),
        Reference::Base(_) | Reference::Code => None,
    });
    let recorded: BTreeMap<Name, &str> = recorded.collect();
    let mut findings = Vec::new();
    for part in case.boms().flat_map(|(_, document)| bom::parts(document)) {
        let Some(Reference::Dataset(name)) = part.reference() else { continue };
        let Some(role) = recorded.get(&name) else { continue };
        if part.properties(ROLE_PROPERTY).any(|said| said != Some(role)) {
            findings.push(finding(&name, format!("BOM and provenance give different roles to the dataset `{name}`")));
        }
    }
    findings
}
