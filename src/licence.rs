//! Licence flow: what the licences of datasets and base models ask of a model that is made from them, against the
//! licence under which it is released.
//!
//! Whether a model is made from its training data in the sense of the law is for people to judge; here it is taken to be,
//! so that nobody overlooks it. What is not known is never permissive. The same table says which licences are of a class, and the
//! same graph whose licences there are and which data, for rules that go by names.

use std::fmt;

use serde_json::Value;

use self::graph::{Graph, Node, Step};
use self::table::Release;
use crate::limits;

pub(crate) use class::{Class, has_own_terms, is_listed, is_reference, listed};
pub(crate) use data::{Data, Dataset, data, lineage};
pub(crate) use members::{Member, Whose, members};
pub(crate) use stated::Stated;
pub use table::reviewed;

mod class;
mod data;
mod graph;
mod members;
mod stated;
mod table;

/// A licence that does not flow into that of the release, or of which nobody can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// Whether it is a conflict, or unknown.
    pub kind: Kind,
    /// The JSON Pointer of the component whose licence it is.
    pub pointer: String,
    /// The way from there to the release, by names; of a long one its ends, with `…` between them. Empty where it stands for
    /// many.
    pub path: Vec<String>,
    /// What is wrong, in one sentence without a full stop.
    pub reason: String,
}

/// What kind of obstacle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The licence asks for what the release does not give.
    Conflict,
    /// A licence is absent, or its terms are not in the table.
    Unknown,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_slice() {
            [] => f.write_str(&self.reason),
            path => write!(f, "{}: {}", path.join(" → "), self.reason),
        }
    }
}

/// How many names of a way are shown at its start, and at its end.
const SHOWN_ENDS: (usize, usize) = (3, 4);

/// Follows the licences of a document into its models, nearest first. A model of which others are made in the same document
/// is no release, unless the root of the document depends on it. Of very many obstacles the first are shown, and one more
/// speaks of the rest: nothing passes because it is too much.
pub fn obstacles(document: &Value) -> Vec<Obstacle> {
    let graph = Graph::of(document);
    let own = graph.root_licenses();
    let shared = (!own.is_empty()).then(|| Release::read(&own));
    let mut found = Found { obstacles: Vec::new(), unlisted: 0, worst: Kind::Unknown };
    let mut left = limits::LICENCE_STEPS;
    for model in graph.released().into_iter().filter_map(|index| Some((index, graph.node(index)?))) {
        let of_model = shared.is_none().then(|| Release::read(&model.1.declared()));
        let Some(release) = shared.as_ref().or(of_model.as_ref()) else { continue };
        if let Some((kind, reason)) = shared.as_ref().and_then(|release| of_its_own(model.1, &own, release)) {
            found.add(kind, reason, model.1, || path(&graph, model.1, &[], 0));
        }
        let steps = graph.walk(model.0, &mut left);
        for (at, step) in steps.iter().enumerate() {
            let Some(node) = graph.node(step.node) else { continue };
            let licenses = node.licenses();
            // A part without a licence is under that of the whole.
            if licenses.is_empty() && !graph.is_source(step.node) {
                continue;
            }
            let cost: usize = licenses.iter().map(|stated| 1 + stated.text().len()).sum();
            left = left.saturating_sub(cost);
            if left == 0 {
                break;
            }
            if let Some((kind, reason)) = table::obstacle(&licenses, release) {
                found.add(kind, reason, node, || path(&graph, model.1, &steps, at));
            }
        }
    }
    found.finish(left == 0)
}

/// Says what keeps a model from being released with the rest, if it states another licence than the release does.
fn of_its_own(model: &Node<'_>, own: &[Stated], release: &Result<Release, String>) -> Option<(Kind, String)> {
    let others: Vec<_> = model.licenses().into_iter().filter(|stated| !own.contains(stated)).collect();
    (!others.is_empty()).then(|| table::obstacle(&others, release)).flatten()
}

/// The obstacles so far.
struct Found {
    obstacles: Vec<Obstacle>,
    unlisted: usize,
    worst: Kind,
}

impl Found {
    fn add(&mut self, kind: Kind, reason: String, node: &Node<'_>, path: impl Fn() -> Vec<String>) {
        if self.obstacles.len() < limits::LISTED_OBSTACLES {
            self.obstacles.push(Obstacle { kind, pointer: node.pointer.clone(), path: path(), reason });
        } else {
            self.unlisted += 1;
            self.worst = self.worst.min(kind);
        }
    }

    fn finish(mut self, ended: bool) -> Vec<Obstacle> {
        let mut whole = |kind, reason| {
            self.obstacles.push(Obstacle { kind, pointer: String::new(), path: Vec::new(), reason });
        };
        if self.unlisted > 0 {
            whole(self.worst, format!("{} more licences do not flow into the release", self.unlisted));
        }
        if ended {
            let reason = "the document has more ways from licences to the release than are followed";
            whole(Kind::Unknown, reason.to_owned());
        }
        self.obstacles
    }
}

/// Returns the way from a step to the release, by names.
fn path(graph: &Graph<'_>, model: &Node<'_>, steps: &[Step], at: usize) -> Vec<String> {
    let mut nodes = Vec::new();
    let mut next = steps.get(at);
    while let Some(step) = next {
        nodes.extend(graph.node(step.node).map(Node::name));
        next = step.before.and_then(|before| steps.get(before));
    }
    nodes.push(model.name());
    nodes.extend(graph.root_name(model));
    let (start, end) = SHOWN_ENDS;
    let names = nodes.iter().map(|name| shown(name));
    if nodes.len() <= start + end + 1 {
        return names.collect();
    }
    let last = names.clone().skip(nodes.len() - end);
    names.take(start).chain(["…".to_owned()]).chain(last).collect()
}

/// The start of a text that may be long.
fn shown(text: &str) -> String {
    text.chars().take(limits::SHOWN_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::graph::MODEL;
    use super::*;

    fn document(model: &str, dataset: &Value, base: &Value) -> Value {
        json!({
            "metadata": {"component": {"bom-ref": "release", "type": "application", "name": "r"}},
            "components": [
                {"bom-ref": "model", "type": "machine-learning-model", "name": "m", "licenses": [{"license": {"id": model}}],
                 "modelCard": {"modelParameters": {"datasets": [{"ref": "d"}]}}},
                {"bom-ref": "d", "type": "data", "name": "train", "licenses": dataset},
                {"bom-ref": "b", "type": "machine-learning-model", "name": "base", "licenses": base},
            ],
            "dependencies": [{"ref": "release", "dependsOn": ["model"]}, {"ref": "model", "dependsOn": ["d", "b"]}],
        })
    }

    #[test]
    fn conflicts_show_the_way() {
        let nc = json!([{"license": {"id": "CC-BY-NC-4.0"}}]);
        let mit = json!([{"license": {"id": "MIT"}}]);
        let said = obstacles(&document("Apache-2.0", &nc, &mit));
        let expected =
            "train → m → r: `CC-BY-NC-4.0` forbids commercial use, and the release under `Apache-2.0` does not";
        assert_eq!(said.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
        assert_eq!((said[0].kind, said[0].pointer.as_str()), (Kind::Conflict, "/components/1"));
        assert_eq!(obstacles(&document("CC-BY-NC-4.0", &nc, &mit)), []);
    }

    #[test]
    fn unknown_is_never_permissive() {
        let mit = json!([{"license": {"id": "MIT"}}]);
        for unknown in [json!([]), json!([{"license": {"name": "openrail"}}]), json!([{"license": {"id": "BUSL-1.1"}}])]
        {
            let said = obstacles(&document("MIT", &mit, &unknown));
            assert_eq!(said.len(), 1, "{unknown}");
            assert_eq!((said[0].kind, said[0].path.join(" ")), (Kind::Unknown, "base m r".to_owned()));
        }
        let said = obstacles(&document("LicenseRef-Own", &mit, &mit));
        assert!(said.iter().all(|one| one.kind == Kind::Unknown) && !said.is_empty(), "{said:?}");
    }

    #[test]
    fn a_dataset_of_a_base_model_reaches_the_release() {
        let mit = json!([{"license": {"id": "MIT"}}]);
        let mut document = document("MIT", &mit, &mit);
        let far =
            json!({"bom-ref": "far", "type": "data", "name": "far", "licenses": [{"expression": "CC-BY-ND-4.0"}]});
        document["components"].as_array_mut().unwrap().push(far);
        document["dependencies"].as_array_mut().unwrap().push(json!({"ref": "b", "dependsOn": ["far", "model"]}));
        let said = obstacles(&document);
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].path, ["far", "base", "m", "r"]);
        let inside = json!({"ancestors": [{"type": "machine-learning-model", "name": "old"}]});
        document["components"][0]["pedigree"] = inside;
        assert!(obstacles(&document).iter().any(|one| one.path == ["old", "m", "r"]));
    }

    #[test]
    fn parts_are_under_the_licence_of_the_whole_or_under_their_own() {
        let mit = json!([{"license": {"id": "MIT"}}]);
        let nc = json!([{"license": {"id": "CC-BY-NC-4.0"}}]);
        let file = json!({"type": "file", "name": "x"});
        let hidden =
            json!({"type": "data", "name": "sub", "components": [{"type": "file", "name": "deep", "licenses": nc}]});
        for (place, way) in [(0, "deep sub m r"), (1, "deep sub train m r"), (2, "deep sub base m r")] {
            let mut document = document("MIT", &mit, &mit);
            document["components"][place]["components"] = json!([file]);
            assert_eq!(obstacles(&document), [], "{place}");
            document["components"][place]["components"] = json!([file, hidden]);
            let said = obstacles(&document);
            assert_eq!(said.iter().map(|one| one.path.join(" ")).collect::<Vec<_>>(), [way]);
        }
        let mut proven = document("MIT", &mit, &mit);
        proven["components"][1]["evidence"] = json!({"licenses": nc});
        assert_eq!(obstacles(&proven)[0].path, ["train", "m", "r"]);
        proven["components"][0]["evidence"] = json!({"licenses": nc});
        assert_eq!(obstacles(&proven).len(), 1, "evidence against a release gives it no right");
    }

    #[test]
    fn what_the_release_and_its_code_were_made_from_reaches_the_release() {
        let (mit, nc) = (json!([{"license": {"id": "MIT"}}]), json!([{"license": {"id": "CC-BY-NC-4.0"}}]));
        let teacher = |name: &str| json!({"bom-ref": name, "type": MODEL, "name": name, "licenses": nc});
        let code = json!({"bom-ref": "code", "type": "application", "name": "c"});
        let ways = |change: &dyn Fn(&mut Value)| {
            let mut document = document("MIT", &mit, &mit);
            change(&mut document);
            obstacles(&document).iter().map(|one| one.path.join(" ")).collect::<Vec<_>>()
        };
        let more = |document: &mut Value, component: Value| {
            document["components"].as_array_mut().unwrap().push(component);
        };
        let old = |document: &mut Value| {
            document["metadata"]["component"]["pedigree"] = json!({"ancestors": [teacher("old")]});
        };
        assert_eq!(ways(&old), ["old m r"]);
        let license = |document: &mut Value| {
            let file = json!({"type": "file", "name": "LICENSE", "licenses": nc});
            let program = json!({"type": "application", "name": "other", "licenses": nc});
            document["metadata"]["component"]["components"] = json!([file, program]);
        };
        assert_eq!(ways(&license), ["LICENSE m r"]);
        let nested = |document: &mut Value| {
            let mut code = code.clone();
            code["components"] = json!([teacher("nested"), {"type": "library", "name": "l", "licenses": nc}]);
            more(document, code);
        };
        assert_eq!(ways(&nested), ["nested m r"]);
        let distant = |document: &mut Value| {
            let package = json!({"bom-ref": "package", "type": "library", "name": "p", "licenses": nc});
            for component in [code.clone(), package, teacher("distant")] {
                more(document, component);
            }
            let edges = document["dependencies"].as_array_mut().unwrap();
            edges.push(json!({"ref": "code", "dependsOn": ["package", "m"]}));
            edges.push(json!({"ref": "package", "dependsOn": ["distant", "code"]}));
        };
        assert_eq!(ways(&distant), ["distant m r"]);
    }

    #[test]
    fn what_stands_around_the_model_reaches_the_release() {
        let (mit, nc) = (json!([{"license": {"id": "MIT"}}]), json!([{"license": {"id": "CC-BY-NC-4.0"}}]));
        let other = |kind: &str| json!({"bom-ref": "x", "type": kind, "name": "x", "licenses": nc});
        let with = |change: &dyn Fn(&mut Value)| {
            let mut document = document("MIT", &mit, &mit);
            document["components"].as_array_mut().unwrap().extend([
                json!({"bom-ref": "code", "type": "application", "name": "c", "licenses": nc}),
                json!({"bom-ref": "p", "type": "library", "name": "p", "licenses": nc}),
            ]);
            document["metadata"]["component"]["licenses"] = mit.clone();
            change(&mut document);
            obstacles(&document).iter().map(|one| one.path.join(" ")).collect::<Vec<_>>()
        };
        assert_eq!(with(&|_| {}), [""; 0], "a program carries no licence into the weights");
        for kind in [MODEL, "data"] {
            let depends = |document: &mut Value, of: &str| {
                document["components"].as_array_mut().unwrap().push(other(kind));
                let edges = document["dependencies"].as_array_mut().unwrap();
                edges.push(json!({"ref": of, "dependsOn": ["x"]}));
            };
            let pedigree = json!({"ancestors": [other(kind)]});
            for of in ["release", "model", "d", "code", "p"] {
                let said = with(&|document| depends(document, of));
                assert!(said.len() == 1 && said[0].starts_with("x "), "{kind} {of} {said:?}");
            }
            for place in 3..5 {
                assert_eq!(with(&|document| document["components"][place]["pedigree"] = pedigree.clone()), ["x m r"]);
            }
            let said = with(&|document| document["metadata"]["component"]["components"] = json!([other(kind)]));
            assert!(said.len() == 1 && said[0].starts_with("x "), "{kind} {said:?}");
        }
        let bare = json!({"type": "data", "name": "bare"});
        let inside = with(&|document| document["metadata"]["component"]["components"] = json!([bare]));
        assert_eq!(inside, [""; 0], "it is under the licence of the release");
        assert_eq!(with(&|document| document["components"][0]["licenses"] = nc.clone()), ["m r"]);
    }

    #[test]
    fn a_name_is_no_identifier() {
        let mit = json!([{"license": {"id": "MIT"}}]);
        let text = json!({"content": "Non-commercial use only."});
        for named in [
            json!([{"license": {"name": "MIT"}}]),
            json!([{"license": {"name": "MIT", "text": text}}]),
            json!([{"license": {"name": "MIT OR CC-BY-NC-4.0"}}]),
            json!([{"license": {"id": "MIT OR CC-BY-NC-4.0"}}]),
            json!([{"expression": "MIT WITH AdditionRef-no-commercial-use"}]),
        ] {
            let said = obstacles(&document("MIT", &named, &mit));
            assert_eq!(said.iter().map(|one| one.kind).collect::<Vec<_>>(), [Kind::Unknown], "{named}");
        }
        let mut document = document("MIT", &mit, &mit);
        document["components"][0]["licenses"] = json!([{"license": {"name": "MIT"}}]);
        assert_eq!(obstacles(&document).len(), 2);
    }

    #[test]
    fn an_ancestor_that_is_a_component_is_followed_and_no_entry_hides_another() {
        let mit = json!([{"license": {"id": "MIT"}}]);
        let nc = json!([{"license": {"id": "CC-BY-NC-4.0"}}]);
        let mut unlinked = document("MIT", &mit, &nc);
        unlinked["dependencies"] = json!([{"ref": "release", "dependsOn": ["model"]}]);
        unlinked["components"][0]["pedigree"] =
            json!({"ancestors": [{"type": "machine-learning-model", "name": "base"}]});
        assert_eq!(obstacles(&unlinked)[0].path, ["base", "m", "r"]);
        unlinked["components"][2]["licenses"] = mit.clone();
        assert_eq!(obstacles(&unlinked), []);
        unlinked["components"][0]["pedigree"]["ancestors"][0]["licenses"] = nc.clone();
        assert_eq!(obstacles(&unlinked)[0].path, ["base", "m", "r"], "an ancestor that states another licence");
        let mut twice = document("MIT", &mit, &nc);
        twice["dependencies"].as_array_mut().unwrap().push(json!({"ref": "model", "dependsOn": []}));
        assert_eq!(obstacles(&twice)[0].path, ["base", "m", "r"]);
    }

    /// A chain of models, each made from the next.
    fn chain(length: usize) -> Value {
        let model = |index: usize| {
            json!({"bom-ref": format!("m{index}"), "type": "machine-learning-model", "name": format!("m{index}"),
                   "licenses": [{"license": {"id": "CC-BY-NC-4.0"}}]})
        };
        let edge = |index: usize| json!({"ref": format!("m{index}"), "dependsOn": [format!("m{}", index + 1)]});
        let root = json!({"ref": "r", "dependsOn": ["m0"]});
        let mit = json!([{"license": {"id": "MIT"}}]);
        json!({
            "metadata": {"component": {"bom-ref": "r", "type": "application", "name": "r", "licenses": mit}},
            "components": (0..length).map(model).collect::<Vec<_>>(),
            "dependencies": std::iter::once(root).chain((0..length).map(edge)).collect::<Vec<_>>(),
        })
    }

    #[test]
    fn long_chains_are_counted_and_long_ways_shortened() {
        let said = obstacles(&chain(20_000));
        assert_eq!(said.len(), limits::LISTED_OBSTACLES + 1);
        assert_eq!(said[0].path, ["m0", "r"]);
        assert_eq!(said[999].path.join(" "), "m999 m998 m997 … m2 m1 m0 r");
        let last = said.last().unwrap();
        assert_eq!(
            (last.kind, last.to_string().as_str()),
            (Kind::Conflict, "19000 more licences do not flow into the release")
        );
    }

    #[test]
    fn too_many_ways_are_no_pass() {
        // Every model of the chain is released.
        let mut document = chain(150);
        for component in document["components"].as_array_mut().unwrap() {
            component["licenses"] = json!([{"license": {"name": "x".repeat(1_000)}}]);
        }
        let all: Vec<String> = (0..150).map(|index| format!("m{index}")).collect();
        document["dependencies"][0]["dependsOn"] = json!(all);
        let said = obstacles(&document);
        let last = said.last().unwrap();
        assert!(last.kind == Kind::Unknown && last.to_string().contains("than are followed"), "{last:?}");
    }
}
