//! What an evaluation is over, seen from the dataset of which a value is demanded.

use std::collections::BTreeMap;

use crate::digest::ArtifactDigest;
use crate::intoto::ResourceDescriptor;
use crate::intoto::predicate::TestResult;
use crate::name::Name;

/// What an evaluation is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// What is demanded, and nothing else: any value counts.
    This,
    /// What is demanded and more, or other bytes of that name. A bad value counts; of a good one nobody knows what it is of.
    Mixed,
    /// Something else.
    Other,
}

impl Scope {
    /// Sees an evaluation from a dataset, as the release records it; from no dataset, any is of what is demanded.
    pub(super) fn of(test: &TestResult, dataset: Option<&Name>, recorded: &BTreeMap<Name, ArtifactDigest>) -> Self {
        let Some(name) = dataset else { return Self::This };
        let recorded = recorded.get(name);
        let has_bytes = |entry: &ResourceDescriptor| recorded.is_some() && entry.artifact_digest().as_ref() == recorded;
        let named: Vec<_> = test.evaluated_on().collect();
        let is_named = |found: &Option<Name>| found.as_ref() == Some(name);
        if !named.is_empty() && named.iter().all(|(found, entry)| is_named(found) && has_bytes(entry)) {
            Self::This
        } else if named.iter().any(|(found, _)| is_named(found)) || test.configuration.iter().any(has_bytes) {
            Self::Mixed
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::digest::Digest;

    #[test]
    fn only_what_names_one_dataset_and_its_bytes_is_over_it() {
        let name: Name = "test".parse().unwrap();
        let digest = Digest::of(b"test");
        let recorded = BTreeMap::from([(name.clone(), ArtifactDigest::Tree(digest))]);
        let entry = |name: &str, hex: &str| json!({"name": name, "digest": {"dirHash": hex}});
        let (right, wrong) = (digest.to_string(), "a".repeat(64));
        let of = |entries: &[Value]| {
            let test = json!({"result": "PASSED", "configuration": entries});
            Scope::of(&serde_json::from_value(test).unwrap(), Some(&name), &recorded)
        };
        let test = entry("dataset:test", &right);
        assert_eq!(of(std::slice::from_ref(&test)), Scope::This);
        for beside in [
            entry("dataset:train", &wrong),
            entry("dataset:test", &wrong),
            entry("base:b/dataset:x", &wrong),
            entry("dataset:no name", &wrong),
        ] {
            assert_eq!(of(&[test.clone(), beside.clone()]), Scope::Mixed, "{beside}");
        }
        for alone in [entry("dataset:test", &wrong), entry("dataset:other", &right), entry("data", &right)] {
            assert_eq!(of(std::slice::from_ref(&alone)), Scope::Mixed, "{alone}");
        }
        assert_eq!([of(&[]), of(&[entry("dataset:train", &wrong)])], [Scope::Other; 2]);
    }
}
