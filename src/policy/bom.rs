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

/// Returns what else a document speaks of: the release, the programs that made the document, found a vulnerability or noted something,
/// what somebody declares something of, and what components were made from, what was made from them, or from the same.
pub(super) fn mentioned(document: &Value) -> Vec<Part<'_>> {
    let others = ["/metadata/tools", "/declarations/targets"].map(|place| document.pointer(place));
    let finders = array(document, "vulnerabilities").filter_map(|one| one.get("tools"));
    let noted = array(document, "annotations").filter_map(|one| one.get("annotator"));
    let noted: Vec<&Value> = noted.filter_map(|annotator| annotator.get("component")).collect();
    let lists = others.into_iter().flatten().chain(finders).chain(noted.iter().copied());
    let within: Vec<Part<'_>> = lists.flat_map(parts).collect();
    let mut found: Vec<Part<'_>> =
        root(document).into_iter().chain(noted.into_iter().map(Part)).chain(within).collect();
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
    let pedigree = component.get("pedigree").into_iter();
    pedigree.flat_map(|one| ["ancestors", "descendants", "variants"].into_iter().flat_map(move |key| array(one, key)))
}

/// Returns what a document says of how much is known of all that is in it, where it names nothing in particular.
pub(super) fn aggregates_of_all(document: &Value) -> impl Iterator<Item = &str> {
    let is_of_all = |one: &&Value| {
        ["assemblies", "dependencies", "vulnerabilities"].iter().all(|key| array(one, key).next().is_none())
    };
    array(document, "compositions").filter(is_of_all).map(aggregate)
}

/// Returns what a document says, in lists of these keys, of how much is known of things. It may say several things.
pub(super) fn aggregates<'v>(document: &'v Value, keys: &[&str], of: &HashSet<&str>) -> Vec<&'v str> {
    let is_about = |composition: &Value, key: &str| {
        array(composition, key).any(|one| one.as_str().is_some_and(|name| of.contains(name)))
    };
    let said = array(document, "compositions").filter(|one| keys.iter().any(|key| is_about(one, key)));
    said.map(aggregate).collect()
}

fn aggregate(composition: &Value) -> &str {
    composition.get("aggregate").and_then(Value::as_str).unwrap_or_default()
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

    /// Says whether it, or something in it, is said to be modified, or has patches.
    pub(super) fn is_modified(self) -> bool {
        let says = |part: &Part<'_>| {
            let modified = part.0.get("modified").and_then(Value::as_bool) == Some(true);
            let version = part.text("version").is_some_and(|version| version.ends_with("-dirty"));
            modified || version || part.list("/pedigree/patches").next().is_some()
        };
        says(&self) || parts(self.0).iter().any(says)
    }

    /// Returns the package URLs that somebody found out for it, by evidence.
    pub(super) fn found_urls(self) -> impl Iterator<Item = &'v str> {
        let identity = self.0.pointer("/evidence/identity");
        // CycloneDX 1.5 has one, later versions a list.
        let all = identity.into_iter().flat_map(|one| one.as_array().map_or(std::slice::from_ref(one), Vec::as_slice));
        let values = all.flat_map(|one| one.get("concludedValue").into_iter().chain(methods(one)));
        values.filter_map(Value::as_str).filter(|text| text.starts_with("pkg:"))
    }

    /// Returns a property, if it stands there once.
    pub(super) fn property(self, name: &str) -> Option<&'v str> {
        let mut found =
            array(self.0, "properties").filter(|property| property.get("name").and_then(Value::as_str) == Some(name));
        let value = found.next()?.get("value")?.as_str()?;
        found.next().is_none().then_some(value)
    }

    /// Returns what a list in it has, by its pointer.
    pub(super) fn list(self, pointer: &str) -> impl Iterator<Item = &'v Value> {
        self.0.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
    }

    /// Returns the values of all properties of a name; nothing for each that is no text.
    pub(super) fn properties(self, name: &str) -> impl Iterator<Item = Option<&'v str>> {
        let found =
            array(self.0, "properties").filter(move |one| one.get("name").and_then(Value::as_str) == Some(name));
        found.map(|one| one.get("value").and_then(Value::as_str))
    }
}

/// Returns the values by which an identity was found out.
fn methods(identity: &Value) -> impl Iterator<Item = &Value> {
    array(identity, "methods").filter_map(|method| method.get("value"))
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
        assert!(aggregates_of_all(&document).eq(["complete"]));
        let none =
            json!({"compositions": [{"aggregate": "unknown", "assemblies": []}, {"vulnerabilities": ["x"]}, {}]});
        assert!(aggregates_of_all(&none).eq(["unknown", ""]));
    }

    #[test]
    fn what_was_found_out_of_a_component_is_one_thing_or_a_list() {
        let one = json!({"field": "purl", "concludedValue": "pkg:a/b", "methods": [{"value": "pkg:c/d"}, {"value": "e"}, {}]});
        for identity in [one.clone(), json!([{"field": "name", "concludedValue": "f"}, one])] {
            let component = json!({"evidence": {"identity": identity}});
            assert!(Part(&component).found_urls().eq(["pkg:a/b", "pkg:c/d"]));
        }
        assert_eq!(Part(&json!({})).found_urls().count(), 0);
    }

    #[test]
    fn components_stand_in_many_places() {
        let one = |name: &str| json!({"bom-ref": name});
        let within = |name: &str, inner: &str| json!({"bom-ref": name, "components": [one(inner)]});
        let document = json!({
            "metadata": {"component": within("root", "part"), "tools": {"components": [within("tool", "part of a tool")]}},
            "components": [{"bom-ref": "a", "pedigree": {"ancestors": [within("old", "part of an old one")],
                                                        "variants": [one("other")], "descendants": [one("new")]}}],
            "declarations": {"targets": {"components": [one("declared")]}},
            "formulation": [{"components": [within("compiler", "part of a compiler")]}],
            "annotations": [{"annotator": {"component": within("reader", "part of a reader")}}, {"annotator": {"individual": {}}}],
            "vulnerabilities": [{"tools": {"components": [one("finder")]}}, {"tools": [{"name": "old"}]}, {}],
        });
        let names = |parts: Vec<Part<'_>>| {
            let mut names: Vec<_> = parts.into_iter().filter_map(|part| part.name().map(str::to_owned)).collect();
            names.sort_unstable();
            names
        };
        assert_eq!(names(listed(&document)), ["a", "part"]);
        assert_eq!(names(made_with(&document)), ["compiler", "part of a compiler"]);
        let made = ["part of a reader", "part of a tool", "part of an old one", "reader", "root", "tool"];
        assert_eq!(
            names(mentioned(&document)),
            [["declared", "finder", "new", "old", "other"].as_slice(), &made].concat()
        );
    }

    #[test]
    fn a_property_that_stands_twice_is_none() {
        let twice = json!({"properties": [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}, {"name": "b", "value": "3"}]});
        assert_eq!((Part(&twice).property("a"), Part(&twice).property("b")), (None, Some("3")));
    }
}
