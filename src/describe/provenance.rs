//! SLSA provenance of a training run (`docs/format.md`, "Provenance").

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::digest::ArtifactDigest;
use crate::facts::{CodeFacts, DatasetFacts, Facts};
use crate::intoto::ResourceDescriptor;
use crate::intoto::predicate::Provenance;
use crate::intoto::predicate::provenance::{
    BUILD_TYPE, BuildDefinition, Builder, Metadata, OMS_ROOT, RELEASE, ROLE, RunDetails, SIGNERS,
};
use crate::obtained::Obtained;
use crate::reference::Reference;
use crate::release::BaseSpec;

/// Describes how the model came about.
pub fn provenance(facts: &Facts<'_>) -> Provenance {
    let bases = &facts.spec.model.base;
    let base = bases.iter().map(base).chain(bases.iter().flat_map(inherited));
    let datasets = facts.datasets.iter().map(dataset);
    let training = &facts.spec.training;
    Provenance {
        build_definition: BuildDefinition {
            build_type: BUILD_TYPE.to_owned(),
            external_parameters: parameters(facts),
            resolved_dependencies: base.chain([code(&facts.code)]).chain(datasets).collect(),
        },
        run_details: RunDetails {
            builder: Builder {
                id: facts.invocation.builder.clone(),
                version: BTreeMap::from([("assaymark".to_owned(), env!("CARGO_PKG_VERSION").to_owned())]),
            },
            metadata: Metadata {
                invocation_id: facts.invocation.run.clone(),
                started_on: training.started,
                finished_on: training.finished,
            },
        },
    }
}

/// Values only: the digests of what they name are among the dependencies.
fn parameters(facts: &Facts<'_>) -> Map<String, Value> {
    let datasets: Vec<_> = facts.datasets.iter().map(|dataset| dataset.spec.name.as_str()).collect();
    let mut parameters = Map::new();
    parameters.insert("release".to_owned(), json!(facts.spec.release));
    for (key, value) in [
        ("parameters", json!(facts.spec.training.parameters)),
        ("datasets", json!(datasets)),
        ("excluded", json!(facts.excluded)),
        ("workflow", json!(facts.invocation.workflow)),
    ] {
        let empty = value.is_null()
            || value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(Map::is_empty);
        if !empty {
            parameters.insert(key.to_owned(), value);
        }
    }
    parameters
}

fn base(spec: &BaseSpec) -> ResourceDescriptor {
    let name = Reference::Base(spec.name.clone()).to_string();
    let named = ResourceDescriptor { name: name.clone(), ..Default::default() };
    let mut descriptor = spec.digest.map_or(named, |digest| ResourceDescriptor::new(name, digest));
    descriptor.uri.clone_from(&spec.uri);
    match &spec.verified {
        None => descriptor.annotated("assaymark_obtained", Obtained::Declared.as_str()),
        Some(base) => {
            let descriptor = descriptor
                .annotated("assaymark_obtained", Obtained::Imported.as_str())
                .annotated(RELEASE, base.release.clone())
                .annotated("assaymark_bundle", base.bundle.to_string())
                .annotated(SIGNERS, base.signers.iter().map(ToString::to_string).collect::<Vec<_>>());
            match base.oms_root {
                Some(root) => descriptor.annotated(OMS_ROOT, root.to_string()),
                None => descriptor,
            }
        }
    }
}

/// Describes what a base model was made from, as its own evidence says: what is withdrawn of that strikes this model, too.
fn inherited(spec: &BaseSpec) -> impl Iterator<Item = ResourceDescriptor> {
    let above = Reference::Base(spec.name.clone());
    let parts = spec.verified.iter().flat_map(|base| &base.parts);
    parts.map(move |(name, part)| {
        let annotations =
            part.annotations.iter().filter(|(key, _)| [OMS_ROOT, RELEASE, ROLE, SIGNERS].contains(&key.as_str()));
        let annotations = annotations.map(|(key, value)| (key.clone(), value.clone())).collect();
        let named = ResourceDescriptor { name: format!("{above}/{name}"), annotations, ..part.clone() };
        named.annotated("assaymark_obtained", Obtained::Imported.as_str())
    })
}

fn code(facts: &CodeFacts) -> ResourceDescriptor {
    let mut descriptor = ResourceDescriptor::new(Reference::Code.to_string(), ArtifactDigest::Tree(facts.digest))
        .annotated("assaymark_obtained", Obtained::Measured.as_str());
    let Some(git) = &facts.git else { return descriptor };
    if let Some(commit) = &git.commit {
        descriptor.digest.insert("gitCommit".to_owned(), commit.clone());
        descriptor.uri = git.remote.as_ref().map(|remote| format!("git+{remote}@{commit}"));
    }
    let mut descriptor = descriptor.annotated("assaymark_dirty", git.dirty);
    if let Some(tree) = &git.tree {
        descriptor = descriptor.annotated("assaymark_gitTree", tree.as_str());
    }
    if !git.tags.is_empty() {
        descriptor = descriptor.annotated("assaymark_gitTags", git.tags.clone());
    }
    if git.dirty {
        descriptor = descriptor
            .annotated("assaymark_changed", git.changed.clone())
            .annotated("assaymark_changedCount", git.changed_count);
    }
    descriptor
}

fn dataset(facts: &DatasetFacts) -> ResourceDescriptor {
    let name = Reference::Dataset(facts.spec.name.clone()).to_string();
    let obtained = if facts.measured.is_some() { Obtained::Measured } else { Obtained::Declared };
    let mut descriptor = ResourceDescriptor::new(name, facts.digest).annotated("assaymark_obtained", obtained.as_str());
    descriptor.uri.clone_from(&facts.spec.uri);
    if !facts.disjoint.is_empty() {
        let others = facts.disjoint.iter().map(|(name, by)| (name.to_string(), json!(by.as_str())));
        descriptor = descriptor.annotated("assaymark_disjoint", Value::Object(others.collect()));
    }
    match facts.spec.role {
        Some(role) => descriptor.annotated(ROLE, role.as_str()),
        None => descriptor,
    }
}
