//! What an evaluation is over, seen from the dataset of which a value is demanded.

use std::collections::{BTreeMap, BTreeSet};

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
        let own = recorded.get(name);
        let is_own = |entry: &ResourceDescriptor| own.is_some() && entry.artifact_digest().as_ref() == own;
        let named: Vec<_> = test.evaluated_on().collect();
        let is_named = |found: &Option<Name>| found.as_ref() == Some(name);
        let others = recorded.iter().filter(|(other, _)| *other != name).map(|(_, digest)| digest);
        let others = others.filter(|digest| Some(*digest) != own);
        let is_mixed = has_bytes_of(test, others);
        if !named.is_empty() && named.iter().all(|(found, entry)| is_named(found) && is_own(entry)) && !is_mixed {
            Self::This
        } else if named.iter().any(|(found, _)| is_named(found)) || has_bytes_of(test, own) {
            Self::Mixed
        } else {
            Self::Other
        }
    }
}

/// Says whether an entry, whatever it is called, has one of some digests among its own, in whichever case and kind.
fn has_bytes_of<'r>(test: &TestResult, digests: impl IntoIterator<Item = &'r ArtifactDigest>) -> bool {
    let digests: BTreeSet<String> = digests.into_iter().map(|digest| digest.without_kind().to_string()).collect();
    let stated = test.configuration.iter().flat_map(|entry| entry.digest.values());
    stated.map(|hex| hex.to_ascii_lowercase()).any(|hex| digests.contains(&hex))
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
        let train = Digest::of(b"train");
        let other = ("train".parse().unwrap(), ArtifactDigest::Tree(train));
        let recorded = BTreeMap::from([(name.clone(), ArtifactDigest::Tree(digest)), other]);
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
            entry("train", &train.to_string()),
            entry("Dataset:train", &train.to_string().to_uppercase()),
            json!({"uri": "https://example.com/x", "digest": {"sha256": train.to_string()}}),
        ] {
            assert_eq!(of(&[test.clone(), beside.clone()]), Scope::Mixed, "{beside}");
        }
        for alone in [
            entry("dataset:test", &wrong),
            entry("dataset:other", &right),
            entry("data", &right),
            entry("dataset:other", &right.to_uppercase()),
            json!({"name": "x", "digest": {"dirHash": right, "sha256": wrong}}),
        ] {
            assert_eq!(of(std::slice::from_ref(&alone)), Scope::Mixed, "{alone}");
        }
        assert_eq!(of(&[test, entry("config.json", &wrong)]), Scope::This);
        assert_eq!([of(&[]), of(&[entry("dataset:train", &wrong)])], [Scope::Other; 2]);
    }
}
