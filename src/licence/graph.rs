//! What a model was made from, over all steps that a document knows.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use self::reading::{add_ancestors, add_parts, around, components, dependencies, flows, of_card, text};
use super::stated::{self, Stated};
use crate::cyclonedx::MODEL_REF;

mod reading;

/// A component, or an ancestor that is none.
pub(super) struct Node<'d> {
    /// Where it stands.
    pub(super) pointer: String,
    pub(super) value: &'d Value,
    /// What it was made from, by position.
    sources: Vec<usize>,
    /// What stands inside it, by position.
    parts: Vec<usize>,
    /// What else it depends on, by position: no licence flows from it, and there may be data behind it.
    programs: Vec<usize>,
}

impl<'d> Node<'d> {
    fn new((pointer, value): (String, &'d Value)) -> Self {
        Self { pointer, value, sources: Vec::new(), parts: Vec::new(), programs: Vec::new() }
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
    /// What the release was made from as a whole, by position: its own ancestors, the data in it and on which it depends, and the data and
    /// models behind the code and its packages.
    release_sources: Vec<usize>,
    /// The files that stand in the release beside its models, by position.
    release_files: Vec<usize>,
    /// What anything was made from, by position.
    made_from: HashSet<usize>,
}

/// The components that licences flow from.
const SOURCES: [&str; 2] = [DATA, MODEL];

pub(super) const DATA: &str = "data";
pub(super) const MODEL: &str = "machine-learning-model";
const FILE: &str = "file";

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
        let sources: HashMap<&str, usize> = by_reference
            .iter()
            .map(|(name, index)| (*name, *index))
            .filter(|(_, index)| flows(&nodes, *index))
            .collect();
        let depends_on = dependencies(document);
        add_ancestors(&mut nodes);
        add_parts(&mut nodes);
        let whole = root.and_then(|root| nodes.iter().find(|one| std::ptr::eq(one.value, root)));
        let mut release_sources = whole.map(|one| one.sources.clone()).unwrap_or_default();
        let inside = whole.map(|one| one.parts.clone()).unwrap_or_default();
        let is_file = |index: &usize| nodes.get(*index).and_then(Node::kind) == Some(FILE);
        let release_files = inside.iter().copied().filter(is_file).collect();
        for node in &mut nodes {
            let edges = node.reference().and_then(|name| depends_on.get(name)).into_iter().flatten().copied();
            let programs = edges.clone().filter(|name| !sources.contains_key(name));
            node.programs.extend(programs.filter_map(|name| by_reference.get(name)));
            node.sources.extend(of_card(node.value).chain(edges).filter_map(|name| sources.get(name)));
            node.sources.sort_unstable();
            node.sources.dedup();
        }
        let root_depends_on = root.and_then(|root| depends_on.get(text(root, "bom-ref")?)).into_iter().flatten();
        let root_depends_on: HashSet<usize> =
            root_depends_on.filter_map(|name| by_reference.get(name).copied()).collect();
        let is_model = |index: &usize| nodes.get(*index).and_then(Node::kind) == Some(MODEL);
        let is_own = |index: &usize| is_model(index) && (root_depends_on.contains(index) || inside.contains(index));
        release_sources.extend(around(&nodes).filter(|index| !is_own(index)));
        // What stands in the release is under its licence.
        let due = release_sources.iter().filter(|index| !inside.contains(index));
        let made_from = nodes.iter().flat_map(|node| &node.sources).chain(due).copied().collect();
        Self { nodes, root, root_depends_on, release_sources, release_files, made_from }
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

    /// Returns the models that are released: `model`, what the root depends on, and what no other model and no data are made from or have in
    /// them. Where models are made from each other in a circle, it is all of them.
    pub(super) fn released(&self) -> Vec<usize> {
        let made = (0..self.nodes.len()).filter(|index| flows(&self.nodes, *index));
        let of_made = made.flat_map(|index| self.sources(index).iter().chain(self.parts(index)));
        let behind: HashSet<usize> = of_made.chain(&self.release_sources).copied().collect();
        let is_own = |index: &usize| {
            self.root_depends_on.contains(index) || self.node(*index).and_then(Node::reference) == Some(MODEL_REF)
        };
        let released: Vec<usize> = self.models().filter(|index| is_own(index) || !behind.contains(index)).collect();
        if released.is_empty() { self.models().collect() } else { released }
    }

    /// Returns the models that are released, and those from which they, or the release as a whole, were made: not those that only made data.
    pub(super) fn learnt_from(&self) -> HashSet<usize> {
        let mut open = self.released();
        open.extend(&self.release_sources);
        let mut found = HashSet::new();
        while let Some(index) = open.pop() {
            if self.node(index).and_then(Node::kind) == Some(MODEL) && found.insert(index) {
                open.extend(self.sources(index).iter().chain(self.parts(index)));
            }
        }
        found
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

    /// Returns on what else a node depends: what is no data and no model.
    pub(super) fn programs(&self, index: usize) -> &[usize] {
        self.node(index).map(|node| node.programs.as_slice()).unwrap_or_default()
    }

    /// Returns what the release was made from as a whole.
    pub(super) fn release_sources(&self) -> &[usize] {
        &self.release_sources
    }

    /// Returns the files that stand in the release beside its models.
    pub(super) fn release_files(&self) -> &[usize] {
        &self.release_files
    }

    /// Goes from a model that is released to all that it has in it and was made from, as the release as a whole was, the nearest first, each
    /// once. Ends early where more edges would be followed than are `left`.
    pub(super) fn walk(&self, model: usize, left: &mut usize) -> Vec<Step> {
        let mut seen = HashSet::from([model]);
        let of_release = self.release_sources.iter().chain(&self.release_files).filter(|node| seen.insert(**node));
        let mut steps: Vec<Step> = of_release.map(|node| Step { node: *node, before: None }).collect();
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
