//! What a model was made from, over all steps that a document knows.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::stated::{self, Stated};

/// A component, or an ancestor that is none.
pub(super) struct Node<'d> {
    /// Where it stands.
    pub(super) pointer: String,
    pub(super) value: &'d Value,
    /// What it was made from, by position.
    sources: Vec<usize>,
    /// What stands inside it, by position.
    parts: Vec<usize>,
}

impl<'d> Node<'d> {
    fn new((pointer, value): (String, &'d Value)) -> Self {
        Self { pointer, value, sources: Vec::new(), parts: Vec::new() }
    }

    /// Returns its licences, and those of which there is evidence; all of them apply.
    pub(super) fn licenses(&self) -> Vec<Stated> {
        stated::of(self.value)
    }

    /// Returns its licences as it states them itself.
    pub(super) fn declared(&self) -> Vec<Stated> {
        stated::declared(self.value)
    }

    /// Returns what kind of component it is.
    pub(super) fn kind(&self) -> Option<&'d str> {
        text(self.value, "type")
    }

    /// Returns the name by which the document refers to it.
    pub(super) fn reference(&self) -> Option<&'d str> {
        text(self.value, "bom-ref")
    }

    /// Returns its name.
    pub(super) fn name(&self) -> &'d str {
        text(self.value, "name").unwrap_or("?")
    }
}

/// All that a document speaks of, and what was made from what.
pub(super) struct Graph<'d> {
    nodes: Vec<Node<'d>>,
    root: Option<&'d Value>,
    root_depends_on: HashSet<usize>,
    /// What anything was made from, by position.
    made_from: HashSet<usize>,
}

/// The components that licences flow from.
const SOURCES: [&str; 2] = [DATA, MODEL];

pub(super) const DATA: &str = "data";
pub(super) const MODEL: &str = "machine-learning-model";

/// Something that was reached from a model.
#[derive(Clone, Copy)]
pub(super) struct Step {
    /// Its position in the graph.
    pub(super) node: usize,
    /// The position of the step before, if it is not the model itself.
    pub(super) before: Option<usize>,
}

impl<'d> Graph<'d> {
    /// Reads the components, the ancestors and the dependencies of a document.
    pub(super) fn of(document: &'d Value) -> Self {
        let root = document.pointer("/metadata/component");
        let mut nodes = components(document, root);
        let by_reference: HashMap<&str, usize> =
            nodes.iter().enumerate().filter_map(|(index, one)| Some((one.reference()?, index))).collect();
        let is_source =
            |index: usize| nodes.get(index).and_then(Node::kind).is_some_and(|kind| SOURCES.contains(&kind));
        let sources: HashMap<&str, usize> =
            by_reference.iter().map(|(name, index)| (*name, *index)).filter(|(_, index)| is_source(*index)).collect();
        let depends_on = dependencies(document);
        add_ancestors(&mut nodes);
        add_parts(&mut nodes);
        for node in &mut nodes {
            let edges = node.reference().and_then(|name| depends_on.get(name)).into_iter().flatten().copied();
            node.sources.extend(of_card(node.value).chain(edges).filter_map(|name| sources.get(name)));
            node.sources.sort_unstable();
            node.sources.dedup();
        }
        let root_depends_on = root.and_then(|root| depends_on.get(text(root, "bom-ref")?)).into_iter().flatten();
        let root_depends_on = root_depends_on.filter_map(|name| by_reference.get(name).copied()).collect();
        let made_from = nodes.iter().flat_map(|node| node.sources.iter().copied()).collect();
        Self { nodes, root, root_depends_on, made_from }
    }

    /// Returns all nodes, in the order of their positions.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (usize, &Node<'d>)> {
        self.nodes.iter().enumerate()
    }

    /// Says whether something was made from a node, which so needs a licence of its own.
    pub(super) fn is_source(&self, index: usize) -> bool {
        self.made_from.contains(&index)
    }

    /// Says whether a node is the release as a whole.
    pub(super) fn is_root(&self, node: &Node<'_>) -> bool {
        self.root.is_some_and(|root| std::ptr::eq(root, node.value))
    }

    /// Returns the node at a position.
    pub(super) fn node(&self, index: usize) -> Option<&Node<'d>> {
        self.nodes.get(index)
    }

    /// Returns the licences of the release as a whole.
    pub(super) fn root_licenses(&self) -> Vec<Stated> {
        self.root.map(stated::declared).unwrap_or_default()
    }

    /// Returns the name of the release, if a model is not the release itself or has its name.
    pub(super) fn root_name(&self, model: &Node<'_>) -> Option<&'d str> {
        self.root.and_then(|root| text(root, "name")).filter(|name| *name != model.name())
    }

    /// Returns the models that are released: what the root depends on, and what nothing else is made from and no other is
    /// a part of. Where models are made from each other in a circle, it is all of them.
    pub(super) fn released(&self) -> Vec<usize> {
        let behind: HashSet<usize> =
            self.models().flat_map(|index| self.sources(index).iter().chain(self.parts(index)).copied()).collect();
        let released: Vec<usize> =
            self.models().filter(|index| self.root_depends_on.contains(index) || !behind.contains(index)).collect();
        if released.is_empty() { self.models().collect() } else { released }
    }

    fn models(&self) -> impl Iterator<Item = usize> {
        self.nodes().filter(|(_, one)| one.kind() == Some(MODEL)).map(|(index, _)| index)
    }

    /// Returns what a node was made from.
    pub(super) fn sources(&self, index: usize) -> &[usize] {
        self.node(index).map(|node| node.sources.as_slice()).unwrap_or_default()
    }

    /// Returns what stands inside a node.
    pub(super) fn parts(&self, index: usize) -> &[usize] {
        self.node(index).map(|node| node.parts.as_slice()).unwrap_or_default()
    }

    /// Goes from a model to all that it has in it and was made from, the nearest first, each once. Ends early where more edges would be
    /// followed than are `left`.
    pub(super) fn walk(&self, model: usize, left: &mut usize) -> Vec<Step> {
        let mut seen = HashSet::from([model]);
        let mut steps: Vec<Step> = Vec::new();
        let mut open = 0;
        let mut here = (model, None);
        loop {
            for node in self.sources(here.0).iter().chain(self.parts(here.0)) {
                let Some(fewer) = left.checked_sub(1) else { return steps };
                *left = fewer;
                if seen.insert(*node) {
                    steps.push(Step { node: *node, before: here.1 });
                }
            }
            let Some(next) = steps.get(open) else { return steps };
            here = (next.node, Some(open));
            open += 1;
        }
    }
}

/// Returns all components, however deep, in the order of their places.
fn components<'d>(document: &'d Value, root: Option<&'d Value>) -> Vec<Node<'d>> {
    let root = root.map(|root| ("/metadata/component".to_owned(), root));
    let mut nodes = with_parts(root.into_iter().chain(listed("/components", document.get("components"))));
    nodes.sort_by(|one, other| one.pointer.cmp(&other.pointer));
    nodes
}

/// Returns components, and what stands inside them.
fn with_parts<'d>(components: impl Iterator<Item = (String, &'d Value)>) -> Vec<Node<'d>> {
    let mut open: Vec<(String, &Value)> = components.collect();
    let mut nodes = Vec::new();
    while let Some((pointer, value)) = open.pop() {
        open.extend(listed(&format!("{pointer}{PARTS}"), value.get("components")));
        nodes.push(Node::new((pointer, value)));
    }
    nodes
}

/// Where the parts of a component stand.
const PARTS: &str = "/components";

/// Lets each component know its parts, by their places.
fn add_parts(nodes: &mut [Node<'_>]) {
    let places: HashMap<String, usize> =
        nodes.iter().enumerate().map(|(index, one)| (one.pointer.clone(), index)).collect();
    let whole = |pointer: &str| {
        let (list, _) = pointer.rsplit_once('/')?;
        places.get(list.strip_suffix(PARTS)?).copied()
    };
    let parts: Vec<(usize, usize)> =
        nodes.iter().enumerate().filter_map(|(index, one)| Some((whole(&one.pointer)?, index))).collect();
    for (whole, part) in parts {
        if let Some(node) = nodes.get_mut(whole) {
            node.parts.push(part);
        }
    }
}

/// Adds the ancestors, and theirs. One that is a component as well, by type, name and version, is that component, unless it
/// states another licence.
fn add_ancestors(nodes: &mut Vec<Node<'_>>) {
    let identity = |value: &Value| ["type", "name", "version"].map(|key| text(value, key).map(str::to_owned));
    let known: HashMap<_, usize> = nodes.iter().enumerate().map(|(index, one)| (identity(one.value), index)).collect();
    let mut index = 0;
    while let Some(node) = nodes.get(index) {
        let value = node.value;
        let ancestors = value.pointer("/pedigree/ancestors");
        let ancestors: Vec<_> = listed(&format!("{}/pedigree/ancestors", node.pointer), ancestors).collect();
        for (pointer, value) in ancestors {
            let licenses = stated::of(value);
            let agrees =
                |same: &usize| licenses.is_empty() || nodes.get(*same).is_some_and(|one| one.licenses() == licenses);
            let same = known.get(&identity(value)).copied().filter(|same| *same != index).filter(agrees);
            let source = same.unwrap_or(nodes.len());
            if same.is_none() {
                nodes.extend(with_parts(std::iter::once((pointer, value))));
            }
            if let Some(node) = nodes.get_mut(index) {
                node.sources.push(source);
            }
        }
        index += 1;
    }
}

/// Returns what each component depends on; what several entries say of one is taken together.
fn dependencies(document: &Value) -> HashMap<&str, Vec<&str>> {
    let mut depends_on: HashMap<&str, Vec<&str>> = HashMap::new();
    for entry in document.get("dependencies").and_then(Value::as_array).into_iter().flatten() {
        let Some(of) = text(entry, "ref") else { continue };
        let to = entry.get("dependsOn").and_then(Value::as_array).into_iter().flatten();
        depends_on.entry(of).or_default().extend(to.filter_map(Value::as_str));
    }
    depends_on
}

/// Returns the datasets to which a model card refers.
fn of_card(component: &Value) -> impl Iterator<Item = &str> {
    let card = component.pointer("/modelCard/modelParameters/datasets").and_then(Value::as_array);
    card.into_iter().flatten().filter_map(|dataset| dataset.get("ref")?.as_str())
}

fn listed<'d>(pointer: &str, list: Option<&'d Value>) -> impl Iterator<Item = (String, &'d Value)> {
    let items = list.and_then(Value::as_array).into_iter().flatten().enumerate();
    items.map(move |(index, item)| (format!("{pointer}/{index}"), item))
}

fn text<'d>(value: &'d Value, key: &str) -> Option<&'d str> {
    value.get(key)?.as_str()
}
