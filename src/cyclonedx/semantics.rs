//! What the schema of CycloneDX can't say: references that resolve, digests of the right length, model
//! cards on models alone.
//!
//! Each check looks at the raw document and returns sentences. All of these faults pass the official
//! schema.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::cyclonedx::Fault;

/// The lengths of digests in hexadecimal digits (CycloneDX 1.6 `hash-alg`).
const HASH_DIGITS: [(&str, usize); 12] = [
    ("MD5", 32),
    ("SHA-1", 40),
    ("SHA-256", 64),
    ("SHA-384", 96),
    ("SHA-512", 128),
    ("SHA3-256", 64),
    ("SHA3-384", 96),
    ("SHA3-512", 128),
    ("BLAKE2b-256", 64),
    ("BLAKE2b-384", 96),
    ("BLAKE2b-512", 128),
    ("BLAKE3", 64),
];

/// Checks a document that is valid by its schema, and returns its faults in words.
pub fn faults(document: &Value) -> Vec<String> {
    located(document).into_iter().map(|fault| fault.message).collect()
}

/// Checks a document that is valid by its schema, and returns its faults with their places.
pub fn located(document: &Value) -> Vec<Fault> {
    let nodes = Nodes::of(document);
    let mut faults = Vec::new();
    let mut references = BTreeSet::new();
    for (index, node) in nodes.0.iter().enumerate() {
        let told = [check_reference(node.object, &mut references), check_hash(node.object)];
        let told = told.into_iter().flatten().chain(check_placement(node.object));
        faults.extend(told.map(|message| Fault::new(nodes.pointer(index), message)));
    }
    check_root(document, &mut faults);
    check_dependencies(document, &references, &mut faults);
    let dangling = pointing(document, &nodes).filter(|(_, reference)| !resolves(&references, reference));
    for (place, reference) in dangling {
        let message = format!("`{reference}` is referred to, but no component has that `bom-ref`");
        faults.push(Fault::new(place.pointer(&nodes), message));
    }
    faults
}

/// Every object of a document, however deep, with the way to it.
struct Nodes<'d>(Vec<Node<'d>>);

struct Node<'d> {
    object: &'d serde_json::Map<String, Value>,
    /// The steps from the object above, which is the one of that index.
    way: Way<'d>,
}

/// A step from the node of an index; arrays in between are steps without a node.
#[derive(Clone, Copy)]
struct Way<'d> {
    from: Option<usize>,
    key: &'d str,
    /// The indices in the array behind the key, as far as there are any.
    items: [Option<usize>; 2],
}

impl<'d> Nodes<'d> {
    fn of(document: &'d Value) -> Self {
        let mut nodes = Vec::new();
        let mut open = vec![(document, Way { from: None, key: "", items: [None; 2] })];
        while let Some((value, way)) = open.pop() {
            match value {
                Value::Array(items) => {
                    open.extend(items.iter().enumerate().rev().map(|(index, item)| (item, way.with_item(index))));
                }
                Value::Object(object) => {
                    let from = Some(nodes.len());
                    nodes.push(Node { object, way });
                    let members = object.iter();
                    open.extend(members.map(|(key, value)| (value, Way { from, key, items: [None; 2] })));
                }
                _ => {}
            }
        }
        Self(nodes)
    }

    /// Writes the JSON Pointer of a node.
    fn pointer(&self, index: usize) -> String {
        let mut steps = Vec::new();
        let mut next = self.0.get(index);
        while let Some(node) = next {
            steps.extend(node.way.items.iter().rev().flatten().map(ToString::to_string));
            if node.way.from.is_some() {
                steps.push(node.way.key.replace('~', "~0").replace('/', "~1"));
            }
            next = node.way.from.and_then(|from| self.0.get(from));
        }
        steps.iter().rev().fold(String::new(), |pointer, step| pointer + "/" + step)
    }
}

impl Way<'_> {
    fn with_item(mut self, index: usize) -> Self {
        // No array of CycloneDX holds arrays; deeper ones keep their first two steps.
        if let Some(free) = self.items.iter_mut().find(|item| item.is_none()) {
            *free = Some(index);
        }
        self
    }
}

fn check_reference<'d>(
    object: &'d serde_json::Map<String, Value>,
    references: &mut BTreeSet<&'d str>,
) -> Option<String> {
    let reference = object.get("bom-ref").and_then(Value::as_str)?;
    (!references.insert(reference)).then(|| format!("the `bom-ref` `{reference}` stands twice"))
}

fn check_hash(object: &serde_json::Map<String, Value>) -> Option<String> {
    let text = |key| object.get(key).and_then(Value::as_str);
    let (algorithm, content) = (text("alg")?, text("content")?);
    let (_, digits) = HASH_DIGITS.iter().find(|(name, _)| *name == algorithm)?;
    let lowercase = content.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_good = content.len() == *digits && lowercase;
    (!is_good).then(|| format!("a {algorithm} digest must have {digits} lowercase hexadecimal digits"))
}

fn check_placement(object: &serde_json::Map<String, Value>) -> Vec<String> {
    let mut faults = Vec::new();
    let Some(kind) = object.get("type").and_then(Value::as_str) else { return faults };
    let name = object.get("name").and_then(Value::as_str).unwrap_or_default();
    if object.contains_key("modelCard") && kind != "machine-learning-model" {
        faults.push(format!("`{name}` has a model card, but is no machine-learning model"));
    }
    if object.contains_key("data") && object.get("data").is_some_and(Value::is_array) && kind != "data" {
        faults.push(format!("`{name}` has `data`, but is no data component"));
    }
    let datasets = object.get("modelCard").and_then(|card| card.pointer("/modelParameters/datasets"));
    let mut datasets = datasets.and_then(Value::as_array).into_iter().flatten();
    if datasets.any(|dataset| dataset.as_object().is_some_and(serde_json::Map::is_empty)) {
        faults.push(format!("the model card of `{name}` has an empty dataset"));
    }
    // An ancestor may be named by its package alone, or by where it is.
    let named_alone = ["purl", "externalReferences"].iter().any(|key| object.contains_key(*key));
    let named_alone = named_alone && !object.contains_key("bom-ref");
    if kind == "machine-learning-model" && !object.contains_key("hashes") && !named_alone {
        faults.push(format!("the model `{name}` has no hash"));
    }
    faults
}

fn check_root(document: &Value, faults: &mut Vec<Fault>) {
    let root = document.pointer("/metadata/component/bom-ref").and_then(Value::as_str);
    let Some(root) = root else {
        faults.push(Fault::new("/metadata", "`metadata.component` is missing, or has no `bom-ref`"));
        return;
    };
    if !dependencies(document).any(|(component, _)| component == root) {
        let message = format!("the dependency graph does not say what `{root}` depends on");
        faults.push(Fault::new("/dependencies", message));
    }
}

fn check_dependencies(document: &Value, references: &BTreeSet<&str>, faults: &mut Vec<Fault>) {
    let mut edges: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (index, (component, depends_on)) in dependencies(document).enumerate() {
        let mut fault = |message| faults.push(Fault::new(format!("/dependencies/{index}"), message));
        if !resolves(references, component) {
            fault(format!("`{component}` is referred to, but no component has that `bom-ref`"));
        }
        if edges.insert(component, depends_on).is_some() {
            fault(format!("the dependencies of `{component}` stand twice"));
        }
    }
    if let Some(component) = in_cycle(&edges) {
        faults.push(Fault::new("/dependencies", format!("`{component}` depends on itself in the end")));
    }
}

/// Finds a component that can't be reached by taking away, again and again, what depends on nothing.
fn in_cycle<'d>(edges: &BTreeMap<&'d str, Vec<&'d str>>) -> Option<&'d str> {
    let mut dependents: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    for (component, depends_on) in edges {
        let targets: Vec<_> = depends_on.iter().filter(|target| edges.contains_key(*target)).collect();
        open.insert(component, targets.len());
        for target in targets {
            dependents.entry(target).or_default().push(component);
        }
    }
    let mut free: Vec<&str> = open.iter().filter(|(_, count)| **count == 0).map(|(component, _)| *component).collect();
    while let Some(component) = free.pop() {
        for dependent in dependents.get(component).into_iter().flatten() {
            if let Some(count) = open.get_mut(dependent) {
                *count -= 1;
                if *count == 0 {
                    free.push(dependent);
                }
            }
        }
    }
    open.into_iter().find(|(_, count)| *count > 0).map(|(component, _)| component)
}

/// Returns each entry of the dependency graph with what it depends on.
fn dependencies(document: &Value) -> impl Iterator<Item = (&str, Vec<&str>)> {
    let entries = document.get("dependencies").and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| {
        let depends_on = entry.get("dependsOn").and_then(Value::as_array).into_iter().flatten();
        Some((entry.get("ref")?.as_str()?, depends_on.filter_map(Value::as_str).collect()))
    })
}

/// Where something points at a component.
#[derive(Clone, Copy)]
enum Pointing {
    /// The model card of a node.
    Card(usize),
    /// A composition, by its index.
    Composition(usize),
    /// An entry of the dependency graph, by its index.
    Entry(usize),
}

impl Pointing {
    fn pointer(self, nodes: &Nodes<'_>) -> String {
        match self {
            Self::Card(index) => nodes.pointer(index) + "/modelCard/modelParameters/datasets",
            Self::Composition(index) => format!("/compositions/{index}"),
            Self::Entry(index) => format!("/dependencies/{index}/dependsOn"),
        }
    }
}

/// Returns everything that points at a component, the entries of the dependency graph excepted.
fn pointing<'d>(document: &'d Value, nodes: &Nodes<'d>) -> impl Iterator<Item = (Pointing, &'d str)> {
    let depends_on = dependencies(document).enumerate();
    let depends_on =
        depends_on.flat_map(|(index, (_, all))| all.into_iter().map(move |one| (Pointing::Entry(index), one)));
    let compositions = document.get("compositions").and_then(Value::as_array).into_iter().flatten();
    let composed = compositions.enumerate().flat_map(|(index, composition)| {
        let lists = ["assemblies", "dependencies"].into_iter().filter_map(|key| composition.get(key)?.as_array());
        lists.flatten().filter_map(Value::as_str).map(move |one| (Pointing::Composition(index), one))
    });
    let datasets = nodes.0.iter().enumerate().flat_map(|(index, node)| {
        let card = node.object.get("modelCard").and_then(|card| card.pointer("/modelParameters/datasets"));
        let datasets = card.and_then(Value::as_array).into_iter().flatten();
        datasets.filter_map(move |dataset| Some((Pointing::Card(index), dataset.get("ref")?.as_str()?)))
    });
    depends_on.chain(composed).chain(datasets)
}

/// A BOM-Link points into another document, and is not followed.
fn resolves(references: &BTreeSet<&str>, reference: &str) -> bool {
    references.contains(reference) || reference.starts_with("urn:cdx:")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn good() -> Value {
        let hash = json!([{"alg": "SHA-256", "content": "0".repeat(64)}]);
        json!({
            "bomFormat": "CycloneDX", "specVersion": "1.6",
            "metadata": {"component": {"bom-ref": "release", "type": "application", "name": "r"}},
            "components": [
                {"bom-ref": "model", "type": "machine-learning-model", "name": "m", "hashes": hash,
                 "modelCard": {"modelParameters": {"datasets": [{"ref": "data"}]}}},
                {"bom-ref": "data", "type": "data", "name": "d", "data": [{"type": "dataset"}]},
            ],
            "dependencies": [
                {"ref": "release", "dependsOn": ["model"]}, {"ref": "model", "dependsOn": ["data"]}, {"ref": "data"},
            ],
            "compositions": [{"aggregate": "complete", "assemblies": ["model"]}],
        })
    }

    /// Changes one place of the good document and returns the faults; the schema sees none of them.
    fn changed(pointer: &str, value: Value) -> String {
        let mut document = good();
        *document.pointer_mut(pointer).unwrap() = value;
        assert_eq!(crate::cyclonedx::schema::faults(&document), Ok(vec![]), "the schema sees it");
        faults(&document).join("; ")
    }

    #[test]
    fn a_good_document_has_no_fault() {
        assert_eq!(faults(&good()), Vec::<String>::new());
    }

    #[test]
    fn faults_say_where_they_are() {
        let mut document = good();
        document["components"][1]["hashes"] = json!([{"alg": "SHA-1", "content": "00"}]);
        document["compositions"][0]["assemblies"][0] = json!("x");
        let pointers: Vec<_> = located(&document).into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(pointers, ["/components/1/hashes/0", "/compositions/0"]);
    }

    #[test]
    fn references_are_unique_and_resolve() {
        assert!(changed("/components/1/bom-ref", json!("model")).contains("stands twice"));
        assert!(changed("/dependencies/1/dependsOn/0", json!("other")).contains("`other`"));
        assert!(changed("/dependencies/2/ref", json!("other")).contains("`other`"));
        assert!(changed("/compositions/0/assemblies/0", json!("other")).contains("`other`"));
        let dangling = changed("/components/0/modelCard/modelParameters/datasets/0/ref", json!("other"));
        assert!(dangling.contains("`other`"));
        assert_eq!(changed("/dependencies/1/dependsOn/0", json!("urn:cdx:x/1#y")), "");
    }

    #[test]
    fn the_graph_has_a_root_and_no_cycle() {
        assert!(changed("/dependencies/2/ref", json!("model")).contains("stand twice"));
        assert!(changed("/dependencies/1/dependsOn/0", json!("release")).contains("depends on itself"));
        assert!(
            changed("/metadata/component", json!({"type": "application", "name": "r"}))
                .contains("`metadata.component`")
        );
        assert!(changed("/dependencies/0", json!({"ref": "urn:cdx:x/1"})).contains("what `release` depends on"));
    }

    #[test]
    fn hashes_have_the_length_of_their_algorithm() {
        let content = "/components/0/hashes/0/content";
        for bad in ["0".repeat(40), "A".repeat(64)] {
            assert!(changed(content, json!(bad)).contains("64 lowercase"), "{bad}");
        }
    }

    #[test]
    fn cards_data_and_hashes_stand_where_they_belong() {
        assert!(changed("/components/0/type", json!("library")).contains("model card"));
        assert!(changed("/components/1/type", json!("library")).contains("`data`"));
        assert!(changed("/components/0/modelCard/modelParameters/datasets/0", json!({})).contains("empty dataset"));
        let bare = json!({"bom-ref": "model", "type": "machine-learning-model", "name": "m"});
        assert!(changed("/components/0", bare).contains("no hash"));
    }
}
