//! Datasets as components.

use crate::cyclonedx::component::Contents;
use crate::cyclonedx::{Component, ComponentType, Data};
use crate::describe::bom::{located, sized};
use crate::facts::DatasetFacts;
use crate::obtained::Obtained;
use crate::reference::Reference;
use crate::release::LicenseExpression;

/// Describes a dataset.
pub(super) fn component(facts: &DatasetFacts) -> Component {
    let spec = &facts.spec;
    let data = Data {
        kind: "dataset",
        name: spec.name.to_string(),
        contents: spec.uri.clone().map(|url| Contents { url }),
        classification: spec.classification.clone(),
    };
    let component = Component {
        bom_ref: Some(Reference::Dataset(spec.name.clone()).to_string()),
        licenses: spec.license.iter().map(LicenseExpression::to_cyclonedx).collect(),
        external_references: located("distribution", spec.uri.clone()),
        data: vec![data],
        ..Component::new(ComponentType::Data, spec.name.as_str())
    };
    let component = component.with_digest(facts.digest);
    let component = match spec.role {
        Some(role) => component.with_property("assaymark:role", role.as_str()),
        None => component,
    };
    match facts.measured {
        Some(size) => with_ways(sized(component.obtained(Obtained::Measured), size)),
        None => component.obtained(Obtained::Declared),
    }
}

/// What was hashed is measured; what the user said about it is not.
fn with_ways(component: Component) -> Component {
    let role = component.properties.iter().any(|property| property.name == "assaymark:role");
    let declared = [
        ("name", true),
        ("data", true),
        ("licenses", !component.licenses.is_empty()),
        ("externalReferences", !component.external_references.is_empty()),
        ("assaymark:role", role),
    ];
    declared
        .into_iter()
        .filter(|(_, there)| *there)
        .fold(component, |component, (field, _)| component.field_obtained(field, Obtained::Declared))
}
