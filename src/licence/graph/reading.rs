//! How the graph is read from a document.

use std::collections::HashMap;

use serde_json::Value;

use super::{Node, SOURCES};
use crate::cyclonedx::array;
use crate::licence::stated;

/// Says whether licences flow from a component.
pub(super) fn flows(nodes: &[Node<'_>], index: usize) -> bool {
    nodes.get(index).and_then(Node::kind).is_some_and(|kind| SOURCES.contains(&kind))
}

/// Returns the data and models that whatever is neither depends on, has in it or was made from: the release, its code and their packages.
pub(super) fn around(nodes: &[Node<'_>]) -> impl Iterator<Item = usize> {
    let others = (0..nodes.len()).filter(|index| !flows(nodes, *index)).filter_map(|index| nodes.get(index));
    others.flat_map(|node| node.sources.iter().chain(&node.parts)).copied().filter(|index| flows(nodes, *index))
}

/// Returns all components, however deep, in the order of their places.
pub(super) fn components<'d>(document: &'d Value, root: Option<&'d Value>) -> Vec<Node<'d>> {
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
pub(super) fn add_parts(nodes: &mut [Node<'_>]) {
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
pub(super) fn add_ancestors(nodes: &mut Vec<Node<'_>>) {
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
pub(super) fn dependencies(document: &Value) -> HashMap<&str, Vec<&str>> {
    let mut depends_on: HashMap<&str, Vec<&str>> = HashMap::new();
    for entry in array(document, "dependencies") {
        let Some(of) = text(entry, "ref") else { continue };
        depends_on.entry(of).or_default().extend(array(entry, "dependsOn").filter_map(Value::as_str));
    }
    depends_on
}

/// Returns the datasets to which a model card refers.
pub(super) fn of_card(component: &Value) -> impl Iterator<Item = &str> {
    let card = component.pointer("/modelCard/modelParameters/datasets").and_then(Value::as_array);
    card.into_iter().flatten().filter_map(|dataset| dataset.get("ref")?.as_str())
}

fn listed<'d>(pointer: &str, list: Option<&'d Value>) -> impl Iterator<Item = (String, &'d Value)> {
    let items = list.and_then(Value::as_array).into_iter().flatten().enumerate();
    items.map(move |(index, item)| (format!("{pointer}/{index}"), item))
}

pub(super) fn text<'d>(value: &'d Value, key: &str) -> Option<&'d str> {
    value.get(key)?.as_str()
}
