//! The model as a component: its digests, its files, its card.

use crate::card::{Sources, is_card};
use crate::cyclonedx::{Component, ComponentType, ExternalReference, Hash, MODEL_REF, Pedigree, ROOT_PROPERTY};
use crate::describe::bom::{named, sized};
use crate::describe::{base, card, given, weights};
use crate::digest::ArtifactDigest;
use crate::facts::{Facts, ModelFacts, Size};
use crate::file_list::Entry;
use crate::intoto::predicate::seal::SealedModel;
use crate::limits;
use crate::obtained::Obtained;

/// Describes the model.
pub(super) fn component(facts: &Facts<'_>, sealed: &SealedModel) -> Component {
    let described = card::card(facts);
    let component = Component {
        bom_ref: Some(MODEL_REF.to_owned()),
        hashes: vec![hash(sealed)],
        purl: facts.spec.model.identity.purl.clone(),
        external_references: references(facts),
        pedigree: pedigree(facts),
        model_card: Some(described.card),
        ..named(facts, ComponentType::MachineLearningModel)
    };
    let component = card::complete(component, facts.weights);
    let readme = facts.weights.card.iter();
    let component = readme.fold(component, |component, card| given::marked(component, &given::of_model(card)));
    let component = sized(component.with_digest(sealed.digest()), Size::from(facts.model));
    let component = match sealed.oms_root() {
        Some(root) => component.with_property(ROOT_PROPERTY, root.to_string()),
        None => component,
    };
    let component = match (facts.model.digest(), facts.weights.files.first_key_value()) {
        (ArtifactDigest::File(_), Some((_, file))) => weights::of_file(component, file),
        _ => weights::of_model(component, facts.weights),
    };
    Component { components: files(facts), ..with_ways(component, &described.ways) }
}

/// Returns the digest by which the model is named: of a folder the root of its model signature.
pub(super) fn hash(sealed: &SealedModel) -> Hash {
    Hash::sha256(match sealed {
        SealedModel::File { sha256 } => *sha256,
        SealedModel::Tree { oms_root, .. } => *oms_root,
    })
}

/// Points to where the model is kept, and where more about it is. Its card lies where it is kept.
fn references(facts: &Facts<'_>) -> Vec<ExternalReference> {
    let kept = &facts.spec.model.identity.uri;
    let sources = facts.weights.card.as_ref().map(|card| card.sources.clone()).unwrap_or_default();
    let named = [("distribution", kept.clone())].into_iter().chain(by_kind(sources));
    let named = named.filter_map(|(kind, url)| Some(ExternalReference::new(kind, url?)));
    let readme = facts.model.entries().iter().find(|entry| kept.is_some() && is_card(&entry.path));
    let card = readme.map(|entry| ExternalReference {
        hashes: vec![Hash::sha256(entry.digest)],
        ..ExternalReference::new("model-card", entry.path.as_str())
    });
    named.chain(card).collect()
}

/// Returns the addresses of a list of sources, each with its kind.
pub(super) fn by_kind(sources: Sources) -> [(&'static str, Option<String>); 3] {
    [("documentation", sources.paper), ("vcs", sources.repository), ("website", sources.website)]
}

/// What was hashed and read is measured; what people said is not.
fn with_ways(component: Component, of_card: &[(&'static str, Obtained)]) -> Component {
    let declared = [
        ("name", true),
        ("version", component.version.is_some()),
        ("description", component.description.is_some()),
        ("supplier", component.supplier.is_some()),
        ("authors", !component.authors.is_empty()),
        ("tags", !component.tags.is_empty()),
        ("licenses", !component.licenses.is_empty()),
        ("purl", component.purl.is_some()),
        ("externalReferences", !component.external_references.is_empty()),
        ("pedigree", component.pedigree.is_some()),
    ];
    let declared = declared.into_iter().filter(|(_, there)| *there).map(|(field, _)| (field, Obtained::Declared));
    let component = component.obtained(Obtained::Measured);
    declared
        .chain(of_card.iter().copied())
        .fold(component, |component, (field, way)| component.field_obtained(field, way))
}

/// The base models of the release, and those that files of the model alone name.
fn pedigree(facts: &Facts<'_>) -> Option<Pedigree> {
    let bases = &facts.spec.model.base;
    let of_files = base::of_files(facts.weights, bases);
    let ancestors: Vec<Component> = bases.iter().map(base::ancestor).chain(of_files).collect();
    (!ancestors.is_empty()).then_some(Pedigree { ancestors })
}

fn files(facts: &Facts<'_>) -> Vec<Component> {
    if !lists_files(facts) {
        return Vec::new();
    }
    facts.model.entries().iter().map(|entry| file(entry, facts.weights)).collect()
}

/// The files of a folder are listed up to a limit; above it the digests of the folder stand for them.
pub(super) fn lists_files(facts: &Facts<'_>) -> bool {
    matches!(facts.model.digest(), ArtifactDigest::Tree(_)) && facts.model.entries().len() <= limits::LISTED_FILES
}

fn file(entry: &Entry, facts: &ModelFacts) -> Component {
    let component = Component {
        bom_ref: Some(format!("{MODEL_REF}/{}", entry.path)),
        hashes: vec![Hash::sha256(entry.digest)],
        ..Component::new(ComponentType::File, entry.path.as_str())
    };
    match facts.files.get(&entry.path) {
        Some(facts) => weights::of_file(component, facts),
        None => component,
    }
}
