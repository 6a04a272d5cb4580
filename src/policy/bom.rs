//! What rules read of a CycloneDX document.

use serde_json::Value;

use crate::reference::Reference;

/// A component.
#[derive(Clone, Copy)]
pub(super) struct Part<'v>(&'v Value);

/// Returns every component of a document, however deep.
pub(super) fn parts(document: &Value) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut open: Vec<&Value> = array(document, "components").collect();
    while let Some(component) = open.pop() {
        parts.push(Part(component));
        open.extend(array(component, "components"));
    }
    parts.sort_by_key(|part| part.name());
    parts
}

/// Returns what a document says of how much is listed of all that something rests on. It may say several things.
pub(super) fn aggregates<'v>(document: &'v Value, name: &str) -> Vec<&'v str> {
    let about = |composition: &&Value| array(composition, "dependencies").any(|one| one.as_str() == Some(name));
    let said = array(document, "compositions").filter(about);
    said.map(|one| one.get("aggregate").and_then(Value::as_str).unwrap_or_default()).collect()
}

impl<'v> Part<'v> {
    /// Returns the name by which the document refers to it.
    pub(super) fn name(self) -> Option<&'v str> {
        self.text("bom-ref")
    }

    /// Returns what it is to the release, if it is a part of it.
    pub(super) fn reference(self) -> Option<Reference> {
        self.name()?.parse().ok()
    }

    /// Returns a text of it.
    pub(super) fn text(self, key: &str) -> Option<&'v str> {
        self.0.get(key)?.as_str()
    }

    /// Returns a property, if it stands there once.
    pub(super) fn property(self, name: &str) -> Option<&'v str> {
        let mut found =
            array(self.0, "properties").filter(|property| property.get("name").and_then(Value::as_str) == Some(name));
        let value = found.next()?.get("value")?.as_str()?;
        found.next().is_none().then_some(value)
    }
}

fn array<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn components_are_found_at_any_depth() {
        let document = json!({"components": [
            {"bom-ref": "model", "components": [{"bom-ref": "model/a", "components": [{"bom-ref": "x"}]}]},
            {"bom-ref": "dataset:train"},
        ]});
        let names: Vec<_> = parts(&document).iter().filter_map(|part| part.name()).collect();
        assert_eq!(names, ["dataset:train", "model", "model/a", "x"]);
    }

    #[test]
    fn what_is_said_of_others_does_not_count() {
        let document = json!({"compositions": [
            {"aggregate": "complete", "assemblies": ["code"]},
            {"aggregate": "complete"},
            {"aggregate": "incomplete", "dependencies": ["x", "code"]},
            {"dependencies": ["code"]},
        ]});
        assert_eq!(aggregates(&document, "code"), ["incomplete", ""]);
        assert!(aggregates(&document, "model").is_empty() && aggregates(&json!({}), "code").is_empty());
    }

    #[test]
    fn a_property_that_stands_twice_is_none() {
        let twice = json!({"properties": [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}, {"name": "b", "value": "3"}]});
        assert_eq!((Part(&twice).property("a"), Part(&twice).property("b")), (None, Some("3")));
    }
}
