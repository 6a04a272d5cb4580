//! The model as a component: its digests, its files, its card.

use std::collections::BTreeMap;

use crate::cyclonedx::{
    Component, ComponentType, Hash, MODEL_REF, ModelCard, ModelParameters, Pedigree, ROOT_PROPERTY,
};
use crate::describe::base;
use crate::describe::bom::{named, sized};
use crate::digest::ArtifactDigest;
use crate::facts::{DatasetFacts, Facts, Size};
use crate::file_list::Entry;
use crate::intoto::predicate::seal::SealedModel;
use crate::limits;
use crate::obtained::Obtained;
use crate::reference::Reference;

/// Describes the model.
pub(super) fn component(facts: &Facts<'_>, sealed: &SealedModel) -> Component {
    let bases = &facts.spec.model.base;
    let component = Component {
        bom_ref: Some(MODEL_REF.to_owned()),
        hashes: vec![Hash::sha256(match sealed {
            SealedModel::File { sha256 } => *sha256,
            SealedModel::Tree { oms_root, .. } => *oms_root,
        })],
        pedigree: (!bases.is_empty()).then(|| Pedigree { ancestors: bases.iter().map(base::ancestor).collect() }),
        components: if lists_files(facts) { facts.model.entries().iter().map(file).collect() } else { Vec::new() },
        model_card: Some(card(facts)),
        ..named(facts, ComponentType::MachineLearningModel)
    };
    let component = sized(component.with_digest(sealed.digest()), Size::from(facts.model));
    let component = match sealed {
        SealedModel::Tree { oms_root, .. } => component.with_property(ROOT_PROPERTY, oms_root.to_string()),
        SealedModel::File { .. } => component,
    };
    with_ways(component)
}

/// What was hashed is measured; what the user said is not.
fn with_ways(component: Component) -> Component {
    let task = component.model_card.as_ref().is_some_and(|card| card.model_parameters.task.is_some());
    let declared = [
        ("name", true),
        ("version", component.version.is_some()),
        ("supplier", component.supplier.is_some()),
        ("licenses", !component.licenses.is_empty()),
        ("modelCard.modelParameters.task", task),
    ];
    let component = component.obtained(Obtained::Measured);
    declared
        .into_iter()
        .filter(|(_, there)| *there)
        .fold(component, |component, (field, _)| component.field_obtained(field, Obtained::Declared))
}

fn card(facts: &Facts<'_>) -> ModelCard {
    let reference =
        |facts: &DatasetFacts| BTreeMap::from([("ref", Reference::Dataset(facts.spec.name.clone()).to_string())]);
    let model_parameters = ModelParameters {
        task: facts.spec.model.task.clone(),
        datasets: facts.datasets.iter().map(reference).collect(),
        ..ModelParameters::default()
    };
    ModelCard { model_parameters, ..ModelCard::default() }
}

/// The files of a folder are listed up to a limit; above it the digests of the folder stand for them.
pub(super) fn lists_files(facts: &Facts<'_>) -> bool {
    matches!(facts.model.digest(), ArtifactDigest::Tree(_)) && facts.model.entries().len() <= limits::LISTED_FILES
}

fn file(entry: &Entry) -> Component {
    Component {
        bom_ref: Some(format!("{MODEL_REF}/{}", entry.path)),
        hashes: vec![Hash::sha256(entry.digest)],
        ..Component::new(ComponentType::File, entry.path.as_str())
    }
}
