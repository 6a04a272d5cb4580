//! What the BOM says, but for what other topics tell: facts of the model, its card, tools, other components.

use serde_json::Value;

use crate::cyclonedx::{DIGEST_PROPERTY, MODEL_REF, ROOT_PROPERTY};
use crate::diff::{Side, Values, packages};
use crate::reference::Reference;

/// Reads the facts of the document and of the model.
pub(super) fn values(side: &Side) -> Values {
    let mut values = Values::default();
    let Some(document) = side.inspection.bom() else { return values };
    values.add_some("specVersion", document.get("specVersion").and_then(Value::as_str));
    if let Some(metadata) = document.get("metadata") {
        let skip = |name: &str| {
            matches!(name, "metadata.timestamp" | "metadata.component.licenses" | "metadata.component.version")
        };
        values.add_json("metadata", metadata, &skip);
    }
    for component in components(document) {
        match reference(component) {
            Some(MODEL_REF) => values.add_json("", component, &of_the_model),
            // Data, code and base models are topics of their own, and so are packages.
            Some(name) if name.parse::<Reference>().is_ok() => {}
            _ if packages::is_package(component) => {}
            name => values.add_json(&format!("component {}", name.unwrap_or_default()), component, &|name| {
                name.ends_with(".bom-ref") || name.ends_with(".licenses")
            }),
        }
    }
    values
}

/// Leaves out what other topics tell of the model.
fn of_the_model(name: &str) -> bool {
    let digests = [DIGEST_PROPERTY, ROOT_PROPERTY].map(|property| format!("properties[{property}]"));
    matches!(name, "bom-ref" | "type" | "name" | "version" | "hashes" | "licenses" | "pedigree" | "components")
        || digests.iter().any(|digest| digest == name)
}

/// Adds what the BOM says of data, code or base models, under the names that `named` gives to those that are meant.
pub(super) fn describe(side: &Side, values: &mut Values, named: impl Fn(Reference) -> Option<String>) {
    let Some(document) = side.inspection.bom() else { return };
    for component in components(document) {
        let reference = reference(component).and_then(|name| name.parse().ok());
        let Some(name) = reference.and_then(&named) else { continue };
        let known = [
            format!("{name} hashes"),
            format!("{name} licenses"),
            format!("{name} bom-ref"),
            format!("{name} type"),
            format!("{name} name"),
            format!("{name} properties[{DIGEST_PROPERTY}]"),
        ];
        for (key, value) in component.as_object().into_iter().flatten() {
            values.add_json(&format!("{name} {key}"), value, &|name| known.iter().any(|known| known == name));
        }
    }
}

/// Returns the components at the top of a document.
pub(super) fn components(document: &Value) -> impl Iterator<Item = &Value> {
    document.get("components").and_then(Value::as_array).into_iter().flatten()
}

/// Returns the name by which a document refers to a component.
pub(super) fn reference(component: &Value) -> Option<&str> {
    component.get("bom-ref").and_then(Value::as_str)
}
