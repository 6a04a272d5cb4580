//! Licences: of the release, the model, data, code, base models and packages.

use serde_json::Value;

use crate::diff::bom::{components, reference};
use crate::diff::{Side, Values};

/// Reads the licences of the release and of every component at the top of the BOM.
pub(super) fn values(side: &Side) -> Values {
    let mut values = Values::default();
    let Some(document) = side.inspection.bom() else { return values };
    let release = document.pointer("/metadata/component");
    let named = release.map(|release| ("release", release)).into_iter();
    for (name, component) in named.chain(components(document).filter_map(named_component)) {
        for license in component.get("licenses").and_then(Value::as_array).into_iter().flatten() {
            values.add_some(name, text(license));
        }
    }
    values
}

/// Names a component without its version, so that a new version of a package is no new licence.
fn named_component(component: &Value) -> Option<(&str, &Value)> {
    let text = |key: &str| component.get(key).and_then(Value::as_str);
    let name = match text("purl") {
        Some(_) if super::packages::is_package(component) => text("name"),
        _ => reference(component).or_else(|| text("name")),
    };
    Some((name?, component))
}

/// Returns a licence: an expression, an SPDX identifier or a name.
fn text(license: &Value) -> Option<&str> {
    let named = license.get("license");
    let named = named.and_then(|named| named.get("id").or_else(|| named.get("name")));
    license.get("expression").or(named).and_then(Value::as_str)
}
