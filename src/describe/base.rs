//! Base models as components.

use crate::cyclonedx::{Component, ComponentType};
use crate::describe::bom::located;
use crate::obtained::Obtained;
use crate::reference::Reference;
use crate::release::BaseSpec;

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
