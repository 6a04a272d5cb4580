//! What a document says of the model, its files, and the data and code behind it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::cyclonedx::{DIGEST_PROPERTY, MODEL_REF, ROOT_PROPERTY};
use crate::digest::{ArtifactDigest, Digest};
use crate::file_list::Entry;
use crate::path::TreePath;
use crate::reference::Reference;

/// The digests of a document, by what they are of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linkage {
    /// The digest that binds the model, if there is one.
    pub model: Option<ArtifactDigest>,
    /// The SHA-256 among the hashes of the model: the root digest of OMS for a folder.
    pub model_hash: Option<Digest>,
    /// The files of the model, sorted, if every one of them is well described.
    pub files: Option<Vec<Entry>>,
    /// Data, code and base models.
    pub references: BTreeMap<Reference, Option<ArtifactDigest>>,
    /// What the document says against itself.
    pub contradiction: Option<String>,
}

impl Linkage {
    /// Reads the components of a document that the schema has passed.
    pub fn of(document: &Value) -> Self {
        let mut linkage = Self::default();
        for component in array(document, "components") {
            let Some(name) = component.get("bom-ref").and_then(Value::as_str) else { continue };
            if name == MODEL_REF {
                linkage.model = digest_property(component);
                linkage.model_hash = sha256(component);
                linkage.files = files(component);
            } else if let Ok(reference) = name.parse() {
                linkage.references.insert(reference, digest_property(component));
            }
        }
        let references = &linkage.references;
        linkage.contradiction = contradiction(document, references).or_else(|| left_out(document, references));
        linkage
    }
}

/// Finds a component with two digests, or an ancestor of the model that is none of the base models. What else was made from models has no
/// base models, and data are none.
fn contradiction(document: &Value, references: &BTreeMap<Reference, Option<ArtifactDigest>>) -> Option<String> {
    let twice = |component: &Value| format!("the BOM has two digests for `{}`", name(component));
    let bases: BTreeSet<_> =
        references.iter().filter(|(reference, _)| matches!(reference, Reference::Base(_))).map(|(_, of)| *of).collect();
    for component in array(document, "components") {
        if disagrees(component) {
            return Some(twice(component));
        }
        let ancestors = component.get("pedigree").into_iter().flat_map(|pedigree| array(pedigree, "ancestors"));
        for ancestor in ancestors {
            if disagrees(ancestor) {
                return Some(twice(ancestor));
            }
            let is_base = is(component, "bom-ref", MODEL_REF) && !is(ancestor, "type", "data");
            // One that is only named binds nothing.
            let bound = ["hashes", "properties"].iter().any(|key| {
                array(ancestor, key)
                    .any(|entry| *key == "hashes" || entry.get("name").and_then(Value::as_str) == Some(DIGEST_PROPERTY))
            });
            if is_base && bound && !bases.contains(&digest_property(ancestor)) {
                return Some(format!("the ancestor `{}` is none of the base models of the BOM", name(ancestor)));
            }
        }
    }
    None
}

/// Finds a part that the dependency graph leaves out, or a dataset that the model card leaves out or makes up.
fn left_out(document: &Value, references: &BTreeMap<Reference, Option<ArtifactDigest>>) -> Option<String> {
    let model = array(document, "components").find(|component| is(component, "bom-ref", MODEL_REF))?;
    let edges = array(document, "dependencies").find(|entry| is(entry, "ref", MODEL_REF));
    let edges = edges.into_iter().flat_map(|entry| array(entry, "dependsOn"));
    let edges: BTreeSet<_> = edges.filter_map(Value::as_str).collect();
    let parameters = model.pointer("/modelCard/modelParameters");
    let card = parameters.into_iter().flat_map(|parameters| array(parameters, "datasets"));
    let card: BTreeSet<_> = card.map(|dataset| dataset.get("ref").and_then(Value::as_str)).collect();
    let mut datasets = BTreeSet::new();
    for reference in references.keys() {
        let name = reference.to_string();
        if !edges.contains(name.as_str()) {
            return Some(format!("the model of the BOM does not depend on `{name}`"));
        }
        if matches!(reference, Reference::Dataset(_)) {
            if !card.contains(&Some(name.as_str())) {
                return Some(format!("the model card leaves out `{name}`"));
            }
            datasets.insert(name);
        }
    }
    let made_up = card.iter().any(|name| name.is_none_or(|name| !datasets.contains(name)));
    made_up.then(|| "the model card names data that is no dataset component of the BOM".to_owned())
}

/// Says whether a word stands under a key.
pub(crate) fn is(value: &Value, key: &str, word: &str) -> bool {
    value.get(key).and_then(Value::as_str) == Some(word)
}

fn name(component: &Value) -> &str {
    component.get("name").and_then(Value::as_str).unwrap_or_default()
}

/// Says whether a SHA-256 among the hashes is another than the one that the properties name: for the model
/// that is its root digest, for anything else its digest.
fn disagrees(component: &Value) -> bool {
    let named = if is(component, "bom-ref", MODEL_REF) {
        property(component, ROOT_PROPERTY).and_then(|root| root.parse().ok())
    } else {
        digest_property(component).map(|digest| digest.without_kind())
    };
    let Some(named) = named else { return false };
    let mut hashes = array(component, "hashes").filter(|hash| algorithm(hash) == Some("SHA-256"));
    hashes.any(|hash| hash.get("content").and_then(Value::as_str).and_then(|hex| hex.parse().ok()) != Some(named))
}

/// Returns the elements of a list under a key; none where there is no list.
pub(crate) fn array<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn digest_property(component: &Value) -> Option<ArtifactDigest> {
    property(component, DIGEST_PROPERTY)?.parse().ok()
}

/// Returns the value of a property that stands once: two digests of one thing are none.
fn property<'v>(component: &'v Value, name: &str) -> Option<&'v str> {
    let mut properties =
        array(component, "properties").filter(|property| property.get("name").and_then(Value::as_str) == Some(name));
    let value = properties.next()?.get("value")?.as_str()?;
    properties.next().is_none().then_some(value)
}

fn algorithm(hash: &Value) -> Option<&str> {
    hash.get("alg").and_then(Value::as_str)
}

/// Returns the one hash of a component. A second one, of whatever algorithm, would be a digest that nobody
/// checks.
fn sha256(component: &Value) -> Option<Digest> {
    let mut hashes = array(component, "hashes");
    let digest = hashes.next().filter(|hash| algorithm(hash) == Some("SHA-256"))?.get("content")?.as_str()?;
    hashes.next().is_none().then_some(digest)?.parse().ok()
}

/// The types of components that a model needs and that are none of its files.
const PROGRAMS: [&str; 3] = ["application", "framework", "library"];

fn files(model: &Value) -> Option<Vec<Entry>> {
    let file = |component: &Value| {
        let path = TreePath::new(component.get("name")?.as_str()?).ok()?;
        Some(Entry { path, digest: sha256(component)? })
    };
    let is_file = |component: &&Value| !PROGRAMS.iter().any(|program| is(component, "type", program));
    let mut files = array(model, "components").filter(is_file).map(file).collect::<Option<Vec<_>>>()?;
    files.sort_unstable();
    Some(files)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn digests_are_found_by_reference() {
        let digest = Digest::of(b"x");
        let hashes = json!([{"alg": "SHA-256", "content": digest.to_string()}]);
        let library = json!({"type": "library", "name": "l", "purl": "pkg:pypi/l@1"});
        let document = json!({"components": [
            {"bom-ref": "model", "hashes": hashes, "components": [{"name": "b", "hashes": hashes}, {"name": "a", "hashes": hashes}, library],
             "properties": [{"name": DIGEST_PROPERTY, "value": format!("tree:sha256:{digest}")}]},
            {"bom-ref": "dataset:train", "properties": [{"name": DIGEST_PROPERTY, "value": format!("sha256:{digest}")}]},
            {"bom-ref": "code"},
            {"bom-ref": "something else"},
        ]});
        let linkage = Linkage::of(&document);
        assert_eq!(linkage.model, Some(ArtifactDigest::Tree(digest)));
        assert_eq!(linkage.model_hash, Some(digest));
        let files: Vec<_> = linkage.files.unwrap().into_iter().map(|entry| entry.path.to_string()).collect();
        assert_eq!(files, ["a", "b"]);
        let train = Reference::Dataset("train".parse().unwrap());
        let expected = BTreeMap::from([(Reference::Code, None), (train, Some(ArtifactDigest::File(digest)))]);
        assert_eq!(linkage.references, expected);
    }

    #[test]
    fn a_document_does_not_contradict_itself() {
        let hash = |text: &str| json!([{"alg": "SHA-256", "content": Digest::of(text.as_bytes()).to_string()}]);
        let digest =
            |text: &str| json!([{"name": DIGEST_PROPERTY, "value": format!("sha256:{}", Digest::of(text.as_bytes()))}]);
        let ancestor = |name: &str| json!({"ancestors": [{"name": "parent", "properties": digest(name)}]});
        let base = json!({"bom-ref": "base:parent", "name": "parent", "hashes": hash("x"), "properties": digest("x")});
        let edges = json!([{"ref": "model", "dependsOn": ["base:parent", "code"]}]);
        let with =
            |model: Value| Linkage::of(&json!({"components": [model, base], "dependencies": edges})).contradiction;
        assert_eq!(with(json!({"bom-ref": "model", "pedigree": ancestor("x")})), None);
        let twice = with(json!({"bom-ref": "code", "name": "c", "hashes": hash("x"), "properties": digest("y")}));
        assert_eq!(twice.unwrap(), "the BOM has two digests for `c`");
        let stranger = with(json!({"bom-ref": "model", "pedigree": ancestor("y")}));
        assert_eq!(stranger.unwrap(), "the ancestor `parent` is none of the base models of the BOM");
        let data = json!({"ancestors": [{"type": "data", "name": "raw", "hashes": hash("raw")}]});
        assert_eq!(with(json!({"bom-ref": "model", "pedigree": data})), None);
        let teacher = json!({"type": "machine-learning-model", "name": "teacher", "hashes": hash("teacher")});
        assert_eq!(with(json!({"bom-ref": "code", "pedigree": {"ancestors": [teacher]}})), None);
        assert!(with(json!({"bom-ref": "code", "pedigree": {"ancestors": [{"hashes": hash("x"), "properties": digest("y")}]}})).is_some());
        assert!(with(json!({"bom-ref": "model", "pedigree": {"ancestors": [teacher]}})).is_some());
    }

    #[test]
    fn graph_and_card_name_what_the_components_name() {
        let with = |depends_on: &[&str], card: Value| {
            let model = json!({"bom-ref": "model", "modelCard": {"modelParameters": {"datasets": card}}});
            let components = json!([model, {"bom-ref": "code"}, {"bom-ref": "dataset:a"}]);
            let edges = json!([{"ref": "release"}, {"ref": "model", "dependsOn": depends_on}]);
            Linkage::of(&json!({"components": components, "dependencies": edges})).contradiction.unwrap_or_default()
        };
        let (all, a) = (["code", "dataset:a"], json!({"ref": "dataset:a"}));
        assert_eq!(with(&all, json!([a])), "");
        assert_eq!(with(&all[..1], json!([a])), "the model of the BOM does not depend on `dataset:a`");
        assert_eq!(with(&all[1..], json!([a])), "the model of the BOM does not depend on `code`");
        assert_eq!(with(&all, json!([])), "the model card leaves out `dataset:a`");
        for other in [json!({"ref": "code"}), json!({"type": "dataset", "name": "b"})] {
            assert!(with(&all, json!([a, other])).contains("is no dataset component"), "{other}");
        }
    }

    #[test]
    fn two_digests_of_one_thing_are_none() {
        let property = json!({"name": DIGEST_PROPERTY, "value": format!("sha256:{}", Digest::of(b"x"))});
        let document = json!({"components": [{"bom-ref": "model", "properties": [property, property]}]});
        assert_eq!(Linkage::of(&document).model, None);
    }
}
