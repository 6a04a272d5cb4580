//! The data that a document speaks of: besides the datasets of the release, what those were made from and have in them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::cyclonedx::{DIGEST_PROPERTY, array};
use crate::digest::{ArtifactDigest, Digest};
use crate::licence::graph::{DATA, Graph, MODEL, Node};
use crate::limits;
use crate::name::Name;
use crate::reference::Reference;

/// Data, as a document describes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Data<'d> {
    /// Their name in the release, if they are a dataset of it.
    pub(crate) dataset: Option<Name>,
    /// The name that the document has for them.
    pub(crate) name: &'d str,
    /// All digests that are stated of them: of hashes nobody knows whether they are of a file or of a folder.
    pub(crate) digests: BTreeSet<Digest>,
    /// Whether something was made from them, and not only has them in it.
    pub(crate) is_source: bool,
}

/// Returns all data of a document, wherever they stand, and whatever they were made from.
pub(crate) fn data(document: &Value) -> Vec<Data<'_>> {
    let graph = Graph::of(document);
    let is_data = |node: &Node<'_>| node.kind() == Some(DATA) || dataset(node).is_some();
    let seeds = graph.nodes().filter(|(_, node)| is_data(node)).map(|(index, _)| index).collect();
    let mut left = usize::MAX;
    read(&graph, &with_all_behind(&graph, seeds, &mut left))
}

/// Returns each dataset of a document with all that it was made from and has in it; nothing if more ways would be followed than anybody
/// follows.
pub(crate) fn behind_datasets(document: &Value) -> Option<Vec<(Name, Vec<Data<'_>>)>> {
    let graph = Graph::of(document);
    let mut left = limits::LICENCE_STEPS;
    let datasets = graph.nodes().filter_map(|(index, node)| Some((index, dataset(node)?)));
    let behind = datasets.map(|(index, name)| {
        let mut found = with_all_behind(&graph, vec![index], &mut left);
        found.remove(&index);
        (name, read(&graph, &found))
    });
    let behind: Vec<_> = behind.collect();
    (left > 0).then_some(behind)
}

/// Returns nodes, what they were made from and what they have in them. What a model learnt is not in the data that it made.
fn with_all_behind(graph: &Graph<'_>, seeds: Vec<usize>, left: &mut usize) -> BTreeSet<usize> {
    let mut open = seeds;
    let mut found = BTreeSet::new();
    while let Some(index) = open.pop() {
        if graph.node(index).is_none_or(|node| node.kind() == Some(MODEL)) || !found.insert(index) {
            continue;
        }
        let next = graph.sources(index).iter().chain(graph.parts(index));
        *left = left.saturating_sub(next.clone().count());
        if *left == 0 {
            break;
        }
        open.extend(next);
    }
    found
}

fn read<'d>(graph: &Graph<'d>, found: &BTreeSet<usize>) -> Vec<Data<'d>> {
    let one = |index: &usize| {
        let node = graph.node(*index)?;
        let digests = digests(node.value).collect();
        Some(Data { dataset: dataset(node), name: node.name(), digests, is_source: graph.is_source(*index) })
    };
    found.iter().filter_map(one).collect()
}

fn dataset(node: &Node<'_>) -> Option<Name> {
    match node.reference()?.parse() {
        Ok(Reference::Dataset(name)) => Some(name),
        _ => None,
    }
}

fn digests(component: &Value) -> impl Iterator<Item = Digest> {
    let text = |value: &Value, key: &str, expected: &str| value.get(key).and_then(Value::as_str) == Some(expected);
    let properties = array(component, "properties").filter(move |one| text(one, "name", DIGEST_PROPERTY));
    let stated = properties.filter_map(|one| one.get("value")?.as_str()?.parse::<ArtifactDigest>().ok());
    let hashes = array(component, "hashes").filter(move |one| text(one, "alg", "SHA-256"));
    let hashes = hashes.filter_map(|one| one.get("content")?.as_str()?.to_ascii_lowercase().parse().ok());
    stated.map(|digest| digest.without_kind()).chain(hashes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        let hex = Digest::of(b"x").to_string();
        json!({
            "components": [
                {"bom-ref": "dataset:train", "type": "data", "name": "train",
                 "components": [{"type": "data", "name": "part", "hashes": [{"alg": "SHA-256", "content": hex}]}],
                 "pedigree": {"ancestors": [
                     {"type": "file", "name": "crawl", "properties": [{"name": DIGEST_PROPERTY, "value": format!("sha256:{hex}")}]},
                 ]}},
                {"bom-ref": "dataset:test", "type": "data", "name": "test"},
                {"bom-ref": "x", "type": "data", "name": "x", "hashes": [{"alg": "SHA-1", "content": "00"}]},
                {"bom-ref": "m", "type": "machine-learning-model", "name": "m"},
                {"bom-ref": "code", "type": "application", "name": "c"},
            ],
            "dependencies": [{"ref": "dataset:test", "dependsOn": ["x"]}, {"ref": "x", "dependsOn": ["dataset:train", "m"]},
                             {"ref": "m", "dependsOn": ["dataset:test"]}],
        })
    }

    #[test]
    fn data_are_found_wherever_they_stand() {
        let document = document();
        let found: Vec<_> =
            data(&document).into_iter().map(|one| (one.name, one.is_source, one.digests.len())).collect();
        let expected = [("train", true, 0), ("part", false, 1), ("test", true, 0), ("x", true, 0), ("crawl", true, 1)];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_dataset_is_followed_to_all_that_it_was_made_from() {
        let document = document();
        let behind = behind_datasets(&document).unwrap();
        let names: Vec<(String, Vec<&str>)> =
            behind.iter().map(|(name, all)| (name.to_string(), all.iter().map(|one| one.name).collect())).collect();
        let expected = [("train", vec!["part", "crawl"]), ("test", vec!["train", "part", "x", "crawl"])];
        assert_eq!(names, expected.map(|(name, all)| (name.to_owned(), all)));
        let digest = Digest::of(b"x");
        assert!(behind[0].1.iter().all(|one| one.digests == BTreeSet::from([digest]) && one.dataset.is_none()));
        assert_eq!(behind[1].1[0].dataset, Some("train".parse().unwrap()));
    }

    #[test]
    fn too_many_ways_are_told() {
        // Each dataset was made from the next, so that the ways grow with the square.
        let chain = |length: usize| {
            let name = |index: usize| format!("dataset:d{index}");
            let components: Vec<_> =
                (0..length).map(|index| json!({"bom-ref": name(index), "type": "data", "name": "d"})).collect();
            let edges: Vec<_> =
                (0..length).map(|index| json!({"ref": name(index), "dependsOn": [name(index + 1)]})).collect();
            json!({"components": components, "dependencies": edges})
        };
        assert_eq!(behind_datasets(&chain(100)).map(|datasets| datasets.len()), Some(100));
        assert_eq!(behind_datasets(&chain(3_300)), None);
    }
}
