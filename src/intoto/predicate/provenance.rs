//! SLSA provenance v1 (slsa.dev/provenance/v1) for a training run.
//!
//! Parameters hold values; digests of data, code and base models stand in `resolvedDependencies`. Fields
//! of the specification that we don't use are ignored on reading.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::intoto::ResourceDescriptor;
use crate::reference::{Inherited, Reference};

/// The predicate type.
pub const TYPE: &str = "https://slsa.dev/provenance/v1";
/// How our statements were built: `docs/format.md`, "Provenance".
pub const BUILD_TYPE: &str = "https://assaymark.dev/training/v1";
/// The annotation of a base model with its release, as `NAME@VERSION`.
pub const RELEASE: &str = "assaymark_release";
/// The annotation of a base model with those who signed its evidence, as a seal names them.
pub const SIGNERS: &str = "assaymark_signers";
/// The annotation of a base model with the root of model signing of its files, for whoever knows it by that.
pub const OMS_ROOT: &str = "assaymark_omsRoot";
/// The annotation of a dataset with what it is for.
pub const ROLE: &str = "assaymark_role";
/// The builder where no CI system is recognised.
pub const LOCAL_BUILDER: &str = "https://assaymark.dev/local/v1";

/// How a model came about.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// What went in.
    pub build_definition: BuildDefinition,
    /// Who ran it, and when.
    pub run_details: RunDetails,
}

/// What went into a training run.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildDefinition {
    /// How to read the rest.
    pub build_type: String,
    /// What was chosen for this run.
    pub external_parameters: Map<String, Value>,
    /// Data, code and base models.
    #[serde(default)]
    pub resolved_dependencies: Vec<ResourceDescriptor>,
}

/// Who ran a training run, and when.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct RunDetails {
    /// Who ran it.
    pub builder: Builder,
    /// Which run it was.
    #[serde(default)]
    pub metadata: Metadata,
}

/// The system that ran the training.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Builder {
    /// Its URI.
    pub id: String,
    /// Versions of its parts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub version: BTreeMap<String, String>,
}

/// Which run it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Metadata {
    /// The URI of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invocation_id: Option<String>,
    /// When it started, as the signer says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_on: Option<DateTime<Utc>>,
    /// When it ended, as the signer says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_on: Option<DateTime<Utc>>,
}

impl Provenance {
    /// Says whether this is of a build of others that names nothing by our names, as that of a CI system which knows the
    /// code alone. Beside one that tells of the training it contradicts nothing; alone it is judged as any other.
    pub fn is_beside(&self) -> bool {
        self.build_definition.build_type != BUILD_TYPE && self.references().next().is_none()
    }

    /// Returns the dependencies that are code, datasets and base models of the release, as often as they
    /// are named. Dependencies with other names are none of ours.
    pub fn references(&self) -> impl Iterator<Item = (Reference, &ResourceDescriptor)> {
        self.build_definition
            .resolved_dependencies
            .iter()
            .filter_map(|dependency| Some((dependency.name.parse().ok()?, dependency)))
    }

    /// Returns the datasets that the parameters name, in `datasets`, and of which no dependency says what they are. What is no text is
    /// returned as it stands.
    pub fn datasets_without_dependency(&self) -> Vec<String> {
        let stated = self.build_definition.external_parameters.get("datasets");
        let stated = stated.map_or(&[][..], |one| one.as_array().map_or(std::slice::from_ref(one), Vec::as_slice));
        let names = stated.iter().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned));
        let is_dataset = |part: &Reference, name: &str| matches!(part, Reference::Dataset(one) if one.as_str() == name);
        names.filter(|name| !self.references().any(|(part, _)| is_dataset(&part, name))).collect()
    }

    /// Returns the dependencies that are parts of the base models, as far as these came with evidence of their own.
    pub fn inherited(&self) -> impl Iterator<Item = (Inherited, &ResourceDescriptor)> {
        self.build_definition
            .resolved_dependencies
            .iter()
            .filter_map(|dependency| Some((dependency.name.parse().ok()?, dependency)))
    }

    /// Returns the datasets from which the base models were made, as far as these came with evidence of their own.
    pub fn inherited_datasets(&self) -> impl Iterator<Item = (Inherited, &ResourceDescriptor)> {
        self.inherited().filter(|(inherited, _)| matches!(inherited.part, Reference::Dataset(_)))
    }

    /// Returns the names of the base models, at whatever depth, of which nothing says from which data they were made: they came
    /// without evidence of their own, or with one that names neither data nor a base model.
    pub fn unknown_bases(&self) -> impl Iterator<Item = &str> {
        let own = self.references().filter(|(part, _)| matches!(part, Reference::Base(_))).map(|(_, found)| found);
        let theirs = self.inherited().filter(|(one, _)| matches!(one.part, Reference::Base(_))).map(|(_, found)| found);
        let names: Vec<String> = self.inherited().map(|(one, _)| one.to_string()).collect();
        let says_nothing = move |base: &str| {
            !names.iter().any(|name| name.strip_prefix(base).is_some_and(|rest| rest.starts_with('/')))
        };
        let unknown =
            move |found: &&ResourceDescriptor| !found.annotations.contains_key(SIGNERS) || says_nothing(&found.name);
        own.chain(theirs).filter(unknown).map(|found| found.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn provenance_of_others_is_read() {
        let text = json!({
            "buildDefinition": {"buildType": "https://example.com/x", "externalParameters": {}, "internalParameters": {},
                "resolvedDependencies": [{"name": "dataset:train", "digest": {"sha256": "00"}}, {"uri": "git+https://x"}]},
            "runDetails": {"builder": {"id": "https://ci"}, "byproducts": []},
        });
        let provenance: Provenance = serde_json::from_value(text).unwrap();
        let names: Vec<_> = provenance.references().map(|(reference, _)| reference.to_string()).collect();
        assert_eq!(names, ["dataset:train"]);
    }

    #[test]
    fn data_of_base_models_are_known_by_their_evidence() {
        let known = json!({SIGNERS: ["00"]});
        let dependencies = json!([
            {"name": "base:a", "annotations": known}, {"name": "base:b"}, {"name": "dataset:x"},
            {"name": "base:a/dataset:x"}, {"name": "base:a/base:c"}, {"name": "base:a/base:d", "annotations": known},
            {"name": "base:a/base:d/dataset:y"}, {"name": "base:e", "annotations": known}, {"name": "base:ef/dataset:z"},
        ]);
        let text = json!({
            "buildDefinition": {"buildType": BUILD_TYPE, "externalParameters": {}, "resolvedDependencies": dependencies},
            "runDetails": {"builder": {"id": "https://ci"}},
        });
        let provenance: Provenance = serde_json::from_value(text).unwrap();
        assert_eq!(provenance.unknown_bases().collect::<Vec<_>>(), ["base:b", "base:e", "base:a/base:c"]);
        let names: Vec<_> = provenance.inherited_datasets().map(|(inherited, _)| inherited.to_string()).collect();
        assert_eq!(names, ["base:a/dataset:x", "base:a/base:d/dataset:y", "base:ef/dataset:z"]);
    }

    #[test]
    fn datasets_that_are_named_alone_are_known() {
        let named = |datasets: Value| {
            let text = json!({
                "buildDefinition": {"buildType": BUILD_TYPE, "externalParameters": {"datasets": datasets},
                    "resolvedDependencies": [{"name": "dataset:a"}, {"name": "b"}]},
                "runDetails": {"builder": {"id": "https://ci"}},
            });
            serde_json::from_value::<Provenance>(text).unwrap().datasets_without_dependency()
        };
        assert_eq!(named(json!(["a", "b", {"name": "a"}])), ["b", "{\"name\":\"a\"}"]);
        assert_eq!((named(json!("a")).len(), named(json!("c")).len(), named(json!([])).len()), (0, 1, 0));
    }

    #[test]
    fn what_slsa_requires_is_required() {
        for text in [json!({}), json!([]), json!({"buildDefinition": {}, "runDetails": {"builder": {"id": "x"}}})] {
            assert!(serde_json::from_value::<Provenance>(text).is_err());
        }
    }

    #[test]
    fn own_uris_are_under_our_base() {
        assert!(BUILD_TYPE.starts_with(crate::intoto::OWN_URI) && LOCAL_BUILDER.starts_with(crate::intoto::OWN_URI));
    }
}
