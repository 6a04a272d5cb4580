//! How the model came about: when it was trained, from what, with which parameters, on which machines.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::cyclonedx::formulation::{Formula, Input, Output, Parameter, ResourceReference, Workflow};
use crate::cyclonedx::{Component, ComponentType, MODEL_REF};
use crate::facts::Facts;
use crate::obtained::Obtained;
use crate::reference::Reference;
use crate::release::DatasetRole;

/// The `bom-ref` of the training, and its name.
const TRAINING: &str = "training";

/// Describes the training, if its machines or the commit of its code are known, or the release asks for all that can be said. Its
/// times and parameters alone stand in the provenance.
pub(super) fn formulation(facts: &Facts<'_>) -> Vec<Formula> {
    let training = &facts.spec.training;
    let components = machines(facts);
    let committed = facts.code.git.as_ref().is_some_and(|git| git.commit.is_some());
    if components.is_empty() && !committed && facts.spec.aibom.is_none() {
        return Vec::new();
    }
    let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let resource = |reference: Reference| Input::Resource(ResourceReference { reference: reference.to_string() });
    let chosen = training.parameters.iter();
    let chosen: Vec<_> = chosen.map(|(name, value)| Parameter { name: name.clone(), value: value.clone() }).collect();
    let chosen = (!chosen.is_empty()).then_some(Input::Parameters(chosen));
    let workflow = Workflow {
        bom_ref: TRAINING.to_owned(),
        uid: TRAINING.to_owned(),
        name: TRAINING.to_owned(),
        task_types: vec!["build"],
        inputs: inputs(facts).map(resource).chain(chosen).collect(),
        outputs: vec![Output { kind: "artifact", resource: ResourceReference { reference: MODEL_REF.to_owned() } }],
        time_start: training.started.map(time),
        time_end: training.finished.map(time),
    };
    vec![Formula { components, workflows: vec![workflow] }]
}

/// Names what went into the training: base models, code, and the data that were not kept for testing.
fn inputs(facts: &Facts<'_>) -> impl Iterator<Item = Reference> {
    let bases = facts.spec.model.base.iter().map(|spec| Reference::Base(spec.name.clone()));
    let datasets = facts.datasets.iter().filter(|facts| facts.spec.role != Some(DatasetRole::Testing));
    bases.chain([Reference::Code]).chain(datasets.map(|facts| Reference::Dataset(facts.spec.name.clone())))
}

/// Describes the machines: those of the release file, and those on which the energy was measured.
fn machines(facts: &Facts<'_>) -> Vec<Component> {
    let named = facts.spec.training.hardware.iter().map(|name| (name, Obtained::Declared));
    let seen = facts.emissions.iter().flat_map(|emissions| &emissions.hardware).map(|name| (name, Obtained::Imported));
    // A document lists nothing twice.
    let machines: BTreeMap<&String, Obtained> = named.chain(seen).collect();
    let device = |(name, way): (&String, Obtained)| Component::new(ComponentType::Device, name).obtained(way);
    machines.into_iter().map(device).collect()
}
