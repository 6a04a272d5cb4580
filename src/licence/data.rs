//! The data that a document speaks of: besides the datasets of the release, what those were made from and have in them.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use crate::cyclonedx::{DIGEST_PROPERTY, MODEL_REF, array, is};
use crate::digest::{ArtifactDigest, Digest};
use crate::licence::graph::{DATA, Graph, MODEL, Node};
use crate::limits;
use crate::name::Name;
use crate::reference::Reference;

/// Data, as a document describes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Data<'d> {
    /// Where they stand among all that the document speaks of.
    pub(crate) place: usize,
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
    read(&graph, &follow(seeds, &mut left, |index| within(&graph, index)))
}

/// What a document says of how data reached the model.
pub(crate) struct Lineage<'d> {
    /// Each dataset of the release.
    pub(crate) datasets: Vec<Dataset<'d>>,
    /// All that base models were made from.
    pub(crate) of_bases: Vec<Data<'d>>,
    /// The data behind or in the model, the code and the packages that are no dataset of the release.
    pub(crate) beside: Vec<Data<'d>>,
}

/// A dataset of the release.
pub(crate) struct Dataset<'d> {
    pub(crate) name: Name,
    /// What it has in it.
    pub(crate) contents: Vec<Data<'d>>,
    /// All that it was made from and has in it.
    pub(crate) behind: Vec<Data<'d>>,
}

/// Returns how data reached the model, also over programs and other models; nothing if more ways would be followed than anybody follows.
pub(crate) fn lineage(document: &Value) -> Option<Lineage<'_>> {
    let graph = Graph::of(document);
    let mut left = limits::LICENCE_STEPS;
    let all = |index: usize| [graph.sources(index), graph.parts(index), graph.programs(index)].concat();
    let needing_all: HashSet<usize> =
        graph.nodes().filter(|(_, node)| needs_all(node)).map(|(index, _)| index).collect();
    let enter = |index: usize| (!needing_all.contains(&index)).then(|| all(index));
    let is_data = |index: &usize| graph.node(*index).and_then(Node::kind) == Some(DATA);
    let datasets = graph.nodes().filter_map(|(index, node)| Some((index, dataset(node)?)));
    let datasets = datasets.map(|(index, name)| {
        let mut contents = follow(graph.parts(index).to_vec(), &mut left, |part| Some(graph.parts(part).to_vec()));
        contents.retain(is_data);
        let mut behind = follow(all(index), &mut left, enter);
        behind.remove(&index);
        Dataset { name, contents: read(&graph, &contents), behind: read(&graph, &behind) }
    });
    let datasets: Vec<_> = datasets.collect();
    let released: BTreeSet<usize> = graph.released().into_iter().collect();
    let bases = graph.learnt_from().into_iter().filter(|index| !released.contains(index)).collect();
    let of_bases = read(&graph, &follow(bases, &mut left, enter));
    let near = released.iter().flat_map(|index| graph.sources(*index).iter().chain(graph.parts(*index)));
    let around = graph.release_sources().iter().filter(|index| graph.is_source(**index));
    let mut beside = follow(near.chain(around).copied().collect(), &mut left, |index| {
        let is_other = graph.node(index).is_some_and(|node| dataset(node).is_none());
        is_other.then(|| within(&graph, index)).flatten()
    });
    beside.retain(is_data);
    (left > 0).then(|| Lineage { datasets, of_bases, beside: read(&graph, &beside) })
}

/// Says whether something needs all data of the release, those for tests as well.
fn needs_all(node: &Node<'_>) -> bool {
    node.reference().is_some_and(|name| name == MODEL_REF || matches!(name.parse(), Ok(Reference::Code)))
}

/// Returns what data were made from and have in them. What a model learnt is not in the data that it made.
fn within(graph: &Graph<'_>, index: usize) -> Option<Vec<usize>> {
    let is_model = graph.node(index).and_then(Node::kind) == Some(MODEL);
    (!is_model).then(|| [graph.sources(index), graph.parts(index)].concat())
}

/// Returns all nodes to which ways lead, as long as any are left; a node without an answer is not entered.
fn follow(mut open: Vec<usize>, left: &mut usize, ways: impl Fn(usize) -> Option<Vec<usize>>) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    while let Some(index) = open.pop() {
        let Some(next) = (!found.contains(&index)).then(|| ways(index)).flatten() else { continue };
        found.insert(index);
        *left = left.saturating_sub(next.len());
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
        Some(Data {
            place: *index,
            dataset: dataset(node),
            name: node.name(),
            digests,
            is_source: graph.is_source(*index),
        })
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
    let properties = array(component, "properties").filter(|one| is(one, "name", DIGEST_PROPERTY));
    let stated = properties.filter_map(|one| one.get("value")?.as_str()?.parse::<ArtifactDigest>().ok());
    let hashes = array(component, "hashes").filter(|one| is(one, "alg", "SHA-256"));
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

    fn names<'d>(data: &[Data<'d>]) -> Vec<&'d str> {
        data.iter().map(|one| one.name).collect()
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
        let datasets = lineage(&document).unwrap().datasets;
        let names: Vec<_> = datasets.iter().map(|one| (one.name.to_string(), names(&one.behind))).collect();
        let expected = [("train", vec!["part", "crawl"]), ("test", vec!["train", "part", "x", "m", "crawl"])];
        assert_eq!(names, expected.map(|(name, all)| (name.to_owned(), all)));
        let digest = Digest::of(b"x");
        assert!(datasets[0].behind.iter().all(|one| one.digests == BTreeSet::from([digest]) && one.dataset.is_none()));
        assert_eq!(datasets[1].behind[0].dataset, Some("train".parse().unwrap()));
        assert_eq!(datasets[0].contents.iter().map(|one| one.name).collect::<Vec<_>>(), ["part"]);
    }

    #[test]
    fn data_are_followed_over_programs_and_models_but_not_over_what_needs_them_all() {
        let mut document = document();
        let more = [
            json!({"bom-ref": "model", "type": "machine-learning-model", "name": "model", "pedigree": {"ancestors": [
                {"type": "machine-learning-model", "name": "base", "pedigree": {"ancestors": [{"type": "data", "name": "old"}]}},
            ]}}),
            json!({"bom-ref": "p", "type": "library", "name": "p", "components": [{"type": "data", "name": "sample"}]}),
        ];
        document["components"].as_array_mut().unwrap().extend(more);
        document["dependencies"] = json!([
            {"ref": "model", "dependsOn": ["dataset:test", "x"]},
            {"ref": "code", "dependsOn": ["dataset:test", "p"]},
            {"ref": "dataset:train", "dependsOn": ["code", "model", "p", "m"]},
            {"ref": "m", "dependsOn": ["dataset:test"]},
        ]);
        let lineage = lineage(&document).unwrap();
        assert_eq!(names(&lineage.datasets[0].behind), ["part", "test", "m", "p", "sample", "crawl"]);
        assert_eq!(names(&lineage.of_bases), ["base", "old"]);
        assert_eq!(names(&lineage.beside), ["x", "sample"]);
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
        assert_eq!(lineage(&chain(100)).map(|one| one.datasets.len()), Some(100));
        assert!(lineage(&chain(3_300)).is_none());
    }
}
