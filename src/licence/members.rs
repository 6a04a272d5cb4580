//! Whose licences a document states: those of what is released, of datasets, and of base models, wherever they stand.

use std::collections::HashSet;

use serde_json::Value;

use crate::cyclonedx::MODEL_REF;
use crate::licence::graph::{DATA, Graph, MODEL, Node};
use crate::licence::stated::Stated;
use crate::reference::Reference;

/// Whose licences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// Those of models from which the released ones were made, and of their parts.
    Bases,
    /// The same, and those of models that made data.
    Teachers,
    /// Those of data, and of their parts.
    Datasets,
    /// Those of the release, its models and their parts.
    Model,
}

/// Something that has licences, or should have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member<'d> {
    /// The name by which the document refers to it, or else its own.
    pub(crate) name: &'d str,
    /// What it is to the release, if the release names it.
    pub(crate) reference: Option<Reference>,
    /// Its licences, and those of which there is evidence. All of them apply.
    pub(crate) licenses: Vec<Stated>,
}

/// Returns what has a licence in a document, or should have one: a part without one is under that of the whole, and so is what
/// nothing was made from.
pub(crate) fn members(document: &Value, whose: Whose) -> Vec<Member<'_>> {
    let graph = Graph::of(document);
    let released: HashSet<usize> = graph.released().into_iter().collect();
    let learnt_from = graph.learnt_from();
    let is_meant = |(index, node): (usize, &Node<'_>)| match whose {
        Whose::Model => graph.is_root(node) || node.reference() == Some(MODEL_REF) || released.contains(&index),
        Whose::Bases | Whose::Teachers => {
            let is_meant = whose == Whose::Teachers || learnt_from.contains(&index);
            is(node, |one| matches!(one, Reference::Base(_)))
                || node.kind() == Some(MODEL) && !released.contains(&index) && is_meant
        }
        Whose::Datasets => is(node, |one| matches!(one, Reference::Dataset(_))) || node.kind() == Some(DATA),
    };
    let mut seeds: Vec<usize> = graph.nodes().filter(|one| is_meant(*one)).map(|(index, _)| index).collect();
    if matches!(whose, Whose::Bases | Whose::Teachers) {
        let sources = released.iter().flat_map(|index| graph.sources(*index)).chain(graph.release_sources());
        seeds.extend(sources.copied().filter(|index| is_unnamed(&graph, *index)));
    }
    let mut found: Vec<usize> = with_parts(&graph, seeds, whose).into_iter().collect();
    found.retain(|index| whose != Whose::Model || !repeats_model(&graph, *index));
    found.sort_unstable();
    let member = |index: usize| {
        let node = graph.node(index)?;
        let licenses = node.licenses();
        let named = match whose {
            Whose::Model => node.reference() == Some(MODEL_REF),
            Whose::Bases | Whose::Datasets | Whose::Teachers => reference(node).is_some() || graph.is_source(index),
        };
        let name = node.reference().unwrap_or(node.name());
        (named || !licenses.is_empty()).then(|| Member { name, reference: reference(node), licenses })
    };
    found.into_iter().filter_map(member).collect()
}

fn reference(node: &Node<'_>) -> Option<Reference> {
    node.reference()?.parse().ok()
}

fn is(node: &Node<'_>, what: impl Fn(&Reference) -> bool) -> bool {
    reference(node).is_some_and(|one| what(&one))
}

/// Says whether it is the release as a whole, under the very licences of its model: one statement, which is judged once.
fn repeats_model(graph: &Graph<'_>, index: usize) -> bool {
    let Some(node) = graph.node(index).filter(|node| graph.is_root(node) && node.reference() != Some(MODEL_REF)) else {
        return false;
    };
    let mut models = graph.nodes().filter(|(_, model)| model.reference() == Some(MODEL_REF));
    models.any(|(_, model)| model.licenses() == node.licenses())
}

/// Says whether an ancestor says itself neither that it is data nor that it is a model.
fn is_unnamed(graph: &Graph<'_>, index: usize) -> bool {
    let kind = graph.node(index).and_then(Node::kind);
    ![Some(DATA), Some(MODEL)].contains(&kind)
}

/// Returns nodes with all that stands inside them, and the ancestors of data and base models that say nothing else.
fn with_parts(graph: &Graph<'_>, seeds: Vec<usize>, whose: Whose) -> HashSet<usize> {
    let mut found: HashSet<usize> = HashSet::new();
    let mut open = seeds;
    while let Some(index) = open.pop() {
        if !found.insert(index) {
            continue;
        }
        // What is released has a root, whose parts are whatever is behind it, but for its files.
        let is_whole = graph.node(index).is_some_and(|node| graph.is_root(node) && node.kind() != Some(MODEL));
        open.extend(if is_whole { graph.release_files() } else { graph.parts(index) });
        if whose != Whose::Model {
            open.extend(graph.sources(index).iter().copied().filter(|source| is_unnamed(graph, *source)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(document: &Value, whose: Whose) -> Vec<&str> {
        members(document, whose).into_iter().map(|one| one.name).collect()
    }

    fn document() -> Value {
        let own = json!([{"license": {"id": "MIT"}}]);
        json!({
            "metadata": {"component": {"bom-ref": "release", "type": "application", "name": "r", "licenses": own}},
            "components": [
                {"bom-ref": "model", "type": "machine-learning-model", "name": "m",
                 "components": [{"type": "file", "name": "plain"}, {"type": "file", "name": "other", "licenses": own}],
                 "pedigree": {"ancestors": [{"type": "machine-learning-model", "name": "old"}, {"type": "file", "name": "odd"}]}},
                {"bom-ref": "base:b", "type": "machine-learning-model", "name": "b"},
                {"bom-ref": "o", "type": "machine-learning-model", "name": "o"},
                {"bom-ref": "dataset:train", "type": "data", "name": "train",
                 "components": [{"bom-ref": "sub", "type": "data", "name": "sub", "licenses": own}, {"type": "data", "name": "bare"}],
                 "pedigree": {"ancestors": [{"type": "data", "name": "crawl"}]}},
                {"bom-ref": "x", "type": "data", "name": "x"},
                {"bom-ref": "loose", "type": "data", "name": "loose"},
                {"bom-ref": "code", "type": "application", "name": "c", "licenses": own},
            ],
            "dependencies": [
                {"ref": "release", "dependsOn": ["model"]},
                {"ref": "model", "dependsOn": ["base:b", "o", "dataset:train", "code"]},
                {"ref": "dataset:train", "dependsOn": ["x"]},
            ],
        })
    }

    #[test]
    fn licences_are_looked_for_wherever_they_flow_from() {
        let document = document();
        assert_eq!(names(&document, Whose::Model), ["model", "other", "release"]);
        assert_eq!(names(&document, Whose::Bases), ["base:b", "o", "old", "odd"]);
        assert_eq!(names(&document, Whose::Datasets), ["dataset:train", "sub", "x", "crawl"]);
    }

    #[test]
    fn what_is_not_linked_counts_if_it_states_a_licence() {
        let mut document = document();
        let own = json!([{"license": {"id": "MIT"}}]);
        document["components"][5]["licenses"] = own;
        assert!(names(&document, Whose::Datasets).contains(&"loose"));
    }

    #[test]
    fn what_the_release_was_made_from_is_no_part_of_it() {
        let mut document = document();
        let own = json!([{"license": {"id": "MIT"}}]);
        let model = |name: &str| json!({"bom-ref": name, "type": "machine-learning-model", "name": name});
        document["metadata"]["component"]["pedigree"] =
            json!({"ancestors": [model("older"), {"type": "application", "name": "odder"}]});
        document["metadata"]["component"]["components"] = json!([{"type": "file", "name": "LICENSE", "licenses": own}, {"type": "library", "name": "l", "licenses": own}]);
        document["components"].as_array_mut().unwrap().push(model("teacher"));
        document["dependencies"]
            .as_array_mut()
            .unwrap()
            .push(json!({"ref": "code", "dependsOn": ["teacher", "loose"]}));
        assert_eq!(names(&document, Whose::Model), ["model", "other", "release", "LICENSE"]);
        assert_eq!(names(&document, Whose::Bases), ["base:b", "o", "teacher", "old", "odd", "older", "odder"]);
        assert_eq!(names(&document, Whose::Teachers), names(&document, Whose::Bases));
        assert!(names(&document, Whose::Datasets).contains(&"loose"), "the code was made with it");
    }

    #[test]
    fn a_model_that_made_data_is_no_base_model_and_needs_a_licence() {
        let mut document = document();
        let model = |name: &str| json!({"bom-ref": name, "type": "machine-learning-model", "name": name});
        for name in ["teacher", "older"] {
            document["components"].as_array_mut().unwrap().push(model(name));
        }
        document["components"][3]["components"].as_array_mut().unwrap().push(model("inside"));
        document["components"][3]["pedigree"]["ancestors"].as_array_mut().unwrap().push(model("made it"));
        let edges = document["dependencies"].as_array_mut().unwrap();
        edges[2]["dependsOn"].as_array_mut().unwrap().push(json!("teacher"));
        edges.push(json!({"ref": "teacher", "dependsOn": ["older"]}));
        assert_eq!(names(&document, Whose::Model), ["model", "other", "release"]);
        assert_eq!(names(&document, Whose::Bases), ["base:b", "o", "old", "odd"]);
        assert_eq!(
            names(&document, Whose::Teachers),
            ["base:b", "o", "teacher", "older", "old", "odd", "made it"],
            "what stands in data is under their licence"
        );
    }

    #[test]
    fn one_statement_for_model_and_release_is_one_member() {
        let mut document = document();
        document["components"][0]["licenses"] = document["metadata"]["component"]["licenses"].clone();
        assert_eq!(names(&document, Whose::Model), ["model", "other"]);
        document["components"][0]["licenses"] = json!([{"license": {"id": "ISC"}}]);
        assert_eq!(names(&document, Whose::Model), ["model", "other", "release"]);
    }

    #[test]
    fn evidence_counts() {
        let mut document = document();
        document["components"][0]["evidence"] = json!({"licenses": [{"license": {"id": "GPL-3.0-only"}}]});
        let licenses = members(&document, Whose::Model)[0].licenses.clone();
        assert_eq!(licenses, [Stated::Expression("GPL-3.0-only".to_owned())]);
    }
}
