//! What a provenance names besides its datasets and those of its base models, and what may be data all the same.

use std::collections::BTreeSet;

use crate::digest::Digest;
use crate::intoto::ResourceDescriptor;
use crate::intoto::predicate::Provenance;
use crate::reference::{Inherited, Reference};

/// Something that a provenance names.
pub(super) struct Named {
    /// Its name, without the word that says that it is a dataset; that of a part of the release is none of data.
    pub(super) name: String,
    /// All of its digests, of whatever kind.
    pub(super) digests: BTreeSet<Digest>,
    /// Whether it says that it is a dataset.
    pub(super) is_dataset: bool,
}

impl Named {
    /// Returns all that a provenance names so: dependencies under other names, and parameters that no dependency is of.
    pub(super) fn all(provenance: &Provenance) -> impl Iterator<Item = Self> {
        let dependencies = &provenance.build_definition.resolved_dependencies;
        let alone = provenance.datasets_without_dependency().into_iter();
        let alone = alone.map(|name| Self { name, digests: BTreeSet::new(), is_dataset: true });
        dependencies.iter().filter(|one| !is_dataset(one)).map(Self::read).chain(alone)
    }

    fn read(dependency: &ResourceDescriptor) -> Self {
        let last = dependency.name.rsplit('/').next().unwrap_or_default();
        let stated = last.split_once(':').filter(|(kind, _)| kind.trim().eq_ignore_ascii_case("dataset"));
        let name = stated.map_or(dependency.name.as_str(), |(_, name)| name);
        let name = if dependency.name.is_empty() { dependency.uri.as_deref().unwrap_or_default() } else { name };
        let digests = dependency.digest.values().filter_map(|hex| hex.to_ascii_lowercase().parse().ok());
        Self { name: name.to_owned(), digests: digests.collect(), is_dataset: stated.is_some() }
    }
}

/// Says whether a dependency is judged as a dataset of the release, or of a base model.
fn is_dataset(dependency: &ResourceDescriptor) -> bool {
    let inherited = dependency.name.parse::<Inherited>().map(|one| one.part);
    matches!(dependency.name.parse().or(inherited), Ok(Reference::Dataset(_)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_may_be_data_is_heard_under_any_name() {
        let hex = Digest::of(b"x").to_string();
        let provenance: Provenance = serde_json::from_value(json!({
            "buildDefinition": {"buildType": "https://example.com/x", "externalParameters": {"datasets": ["a", "b", 1]},
                "resolvedDependencies": [
                    {"name": "dataset:a"}, {"name": "base:m/dataset:c"}, {"name": "Dataset:d", "digest": {"dirHash": hex}},
                    {"name": "base:m/DATASET:e f"}, {"name": "g", "digest": {"sha256": hex.to_uppercase(), "sha512": "00"}},
                    {"uri": "https://example.com/h"}, {"name": "code"},
                ]},
            "runDetails": {"builder": {"id": "https://ci"}},
        }))
        .unwrap();
        let found: Vec<_> = Named::all(&provenance).map(|one| (one.name, one.digests.len(), one.is_dataset)).collect();
        let expected = [
            ("d", 1, true),
            ("e f", 0, true),
            ("g", 1, false),
            ("https://example.com/h", 0, false),
            ("code", 0, false),
            ("b", 0, true),
            ("1", 0, true),
        ];
        assert_eq!(found, expected.map(|(name, digests, is_dataset)| (name.to_owned(), digests, is_dataset)));
    }
}
