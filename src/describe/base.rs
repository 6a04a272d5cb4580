//! Base models as components.

use crate::card::Card;
use crate::cyclonedx::{Component, ComponentType};
use crate::describe::bom::located;
use crate::obtained::Obtained;
use crate::reference::Reference;
use crate::release::BaseSpec;
use crate::weights::hub::HubConfig;

/// Describes a base model as a part of the document.
pub(super) fn component(spec: &BaseSpec) -> Component {
    Component { bom_ref: Some(Reference::Base(spec.name.clone()).to_string()), ..ancestor(spec) }
}

/// Describes a base model as an ancestor of the model: nothing refers to it.
pub(super) fn ancestor(spec: &BaseSpec) -> Component {
    let (purl, elsewhere) = match &spec.uri {
        Some(uri) if uri.starts_with("pkg:") => (Some(uri.clone()), None),
        uri => (None, uri.clone()),
    };
    let component = Component {
        purl,
        external_references: located("distribution", elsewhere),
        ..Component::new(ComponentType::MachineLearningModel, spec.name.as_str())
    };
    let component = match spec.digest {
        Some(digest) => component.with_digest(digest),
        None => component,
    };
    match &spec.verified {
        None => component.obtained(Obtained::Declared),
        Some(base) => component
            .obtained(Obtained::Imported)
            .with_property("assaymark:release", base.release.clone())
            .with_property("assaymark:bundle", base.bundle.to_string()),
    }
}

/// Describes the base models that a model card names. The commit is known only if the configuration says from which
/// one the weights were loaded.
pub(super) fn of_card(card: &Card, config: Option<&HubConfig>) -> Vec<Component> {
    let origin = config.and_then(|config| config.origin.as_ref());
    let described = |name: &String| {
        let (owner, model) = name.split_once('/').filter(|(owner, model)| is_plain(owner) && is_plain(model))?;
        let commit = origin.filter(|(origin, _)| origin == name).map(|(_, commit)| commit.clone());
        let at = commit.as_ref().map(|commit| format!("@{commit}")).unwrap_or_default();
        let component = Component {
            version: commit,
            purl: Some(format!("pkg:huggingface/{owner}/{model}{at}")),
            ..Component::new(ComponentType::MachineLearningModel, name)
        };
        let component = component.obtained(Obtained::Declared);
        Some(match &card.base_relation {
            Some(relation) => component.with_property("assaymark:relation", relation),
            None => component,
        })
    };
    card.base_models.iter().filter_map(described).collect()
}

/// Says whether a part of a name stands in a package URL as it is.
fn is_plain(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}
