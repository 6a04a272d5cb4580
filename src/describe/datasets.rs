//! Datasets as components.

use std::collections::BTreeSet;

use crate::cyclonedx::component::Contents;
use crate::cyclonedx::{Component, ComponentType, Data};
use crate::dataset::Contents as DatasetContents;
use crate::dataset::card::DatasetCard;
use crate::describe::bom::{located, sized};
use crate::facts::DatasetFacts;
use crate::limits;
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
    let component = facts.contents.iter().fold(component, filled);
    let component = facts.disjoint.iter().fold(component, |component, (name, by)| {
        component.with_property("assaymark:disjoint", format!("{name} by {}", by.as_str()))
    });
    match facts.measured {
        Some(size) => with_ways(sized(component.obtained(Obtained::Measured), size)),
        None => component.obtained(Obtained::Declared),
    }
}

/// Says what is in the files.
fn filled(component: Component, contents: &DatasetContents) -> Component {
    let mut component = component;
    for (format, count) in &contents.formats {
        component = component.with_property("assaymark:format", format!("{} {count}", format.as_str()));
    }
    if let Some(rows) = contents.rows {
        component = component.with_property("assaymark:rows", rows.to_string());
    }
    if !contents.columns.is_empty() {
        component = component.with_property("assaymark:columns", contents.columns.len().to_string());
    }
    for (name, kind) in contents.columns.iter().take(limits::LISTED_COLUMNS) {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(limits::SHOWN_CHARACTERS).collect();
        component = component.with_property("assaymark:column", format!("{shown}: {}", kind.as_str()));
    }
    if !contents.classes.is_empty() {
        component = component.with_property("assaymark:classes", contents.classes.len().to_string());
    }
    contents.card.iter().fold(component, carded)
}

/// Says what the card of the data says.
fn carded(component: Component, card: &DatasetCard) -> Component {
    let words = [
        ("assaymark:card:license", &card.licenses),
        ("assaymark:card:task", &card.tasks),
        ("assaymark:card:size", &card.sizes),
        ("assaymark:card:language", &card.languages),
    ];
    let name = card.pretty_name.iter().map(|name| ("assaymark:card:name", name));
    let stated = name.chain(words.into_iter().flat_map(|(key, words)| words.iter().map(move |word| (key, word))));
    let mut keys = BTreeSet::new();
    let component = stated.fold(component, |component, (key, word)| {
        keys.insert(key);
        component.with_property(key, word.as_str())
    });
    keys.into_iter().fold(component, |component, key| component.field_obtained(key, Obtained::Declared))
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
