//! What rules read of a CycloneDX document.

use std::collections::HashSet;

use serde_json::Value;

use crate::cyclonedx::array;
use crate::reference::Reference;

/// A component.
#[derive(Clone, Copy)]
pub(super) struct Part<'v>(&'v Value);

/// Returns every component of a document, or of something else that has a list of them, however deep.
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

/// Returns every component of a document and every part of the release, however deep.
pub(super) fn listed(document: &Value) -> Vec<Part<'_>> {
    let mut all = parts(document);
    all.extend(root(document).into_iter().flat_map(|part| parts(part.0)));
    all
}

/// Returns every component that something was made with, however deep.
pub(super) fn made_with(document: &Value) -> Vec<Part<'_>> {
    array(document, "formulation").flat_map(parts).collect()
}

/// Returns what else a document speaks of: the release, the programs that made the document, and what components were made from, or
/// what was made from the same.
pub(super) fn mentioned(document: &Value) -> Vec<Part<'_>> {
    let tools = document.pointer("/metadata/tools").into_iter().flat_map(parts);
    let mut found: Vec<Part<'_>> = root(document).into_iter().chain(tools).collect();
    let inside = listed(document).into_iter().chain(made_with(document));
    let mut open: Vec<&Value> = inside.chain(found.iter().copied()).flat_map(|part| relatives(part.0)).collect();
    while let Some(component) = open.pop() {
        found.push(Part(component));
        open.extend(relatives(component));
        open.extend(array(component, "components"));
    }
    found
}

/// Returns the release as a whole.
pub(super) fn root(document: &Value) -> Option<Part<'_>> {
    document.pointer("/metadata/component").map(Part)
}

fn relatives(component: &Value) -> impl Iterator<Item = &Value> {
    let pedigree = component.get("pedigree");
    pedigree.into_iter().flat_map(|one| array(one, "ancestors").chain(array(one, "variants")))
}

/// Returns what a document says, in lists of these keys, of how much is known of things. It may say several things.
pub(super) fn aggregates<'v>(document: &'v Value, keys: &[&str], of: &HashSet<&str>) -> Vec<&'v str> {
    let is_about = |composition: &Value, key: &str| {
        array(composition, key).any(|one| one.as_str().is_some_and(|name| of.contains(name)))
    };
    let said = array(document, "compositions").filter(|one| keys.iter().any(|key| is_about(one, key)));
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

    /// Returns the values of all properties of a name; nothing for each that is no text.
    pub(super) fn properties(self, name: &str) -> impl Iterator<Item = Option<&'v str>> {
        let found =
            array(self.0, "properties").filter(move |one| one.get("name").and_then(Value::as_str) == Some(name));
        found.map(|one| one.get("value").and_then(Value::as_str))
    }
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
        let said = |name, keys: &[&str]| aggregates(&document, keys, &HashSet::from([name]));
        assert_eq!(said("code", &["dependencies"]), ["incomplete", ""]);
        assert_eq!(said("code", &["dependencies", "assemblies"]), ["complete", "incomplete", ""]);
        assert!(said("model", &["dependencies", "assemblies"]).is_empty());
    }

    #[test]
    fn components_stand_in_many_places() {
        let one = |name: &str| json!({"bom-ref": name});
        let within = |name: &str, inner: &str| json!({"bom-ref": name, "components": [one(inner)]});
        let document = json!({
            "metadata": {"component": within("root", "part"), "tools": {"components": [within("tool", "part of a tool")]}},
            "components": [{"bom-ref": "a", "pedigree": {"ancestors": [within("old", "part of an old one")],
                                                        "variants": [one("other")], "descendants": [one("new")]}}],
            "formulation": [{"components": [within("compiler", "part of a compiler")]}],
        });
        let names = |parts: Vec<Part<'_>>| {
            let mut names: Vec<_> = parts.into_iter().filter_map(|part| part.name().map(str::to_owned)).collect();
            names.sort_unstable();
            names
        };
        assert_eq!(names(listed(&document)), ["a", "part"]);
        assert_eq!(names(made_with(&document)), ["compiler", "part of a compiler"]);
        let rest = ["old", "other", "part of a tool", "part of an old one", "root", "tool"];
        assert_eq!(names(mentioned(&document)), rest);
    }

    #[test]
    fn a_property_that_stands_twice_is_none() {
        let twice = json!({"properties": [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}, {"name": "b", "value": "3"}]});
        assert_eq!((Part(&twice).property("a"), Part(&twice).property("b")), (None, Some("3")));
    }
}
