//! What a model was made from, over all steps that a document knows.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::Value;

/// Something that a model was made from.
pub(super) struct Origin {
    /// Where it stands.
    pub(super) pointer: String,
    /// The way from it to the release, by names.
    pub(super) path: Vec<String>,
    /// Its licences; all of them apply.
    pub(super) licenses: Vec<String>,
    /// The licences of the release.
    pub(super) into: Vec<String>,
}

struct Component<'d> {
    pointer: String,
    value: &'d Value,
}

/// Returns all that the models of a document were made from, each once a model.
///
/// A model of which others are made in the same document is an origin, and no release, unless the root of the document
/// depends on it.
pub(super) fn origins(document: &Value) -> Vec<Origin> {
    let graph = Graph::of(document);
    let root = document.pointer("/metadata/component");
    let mut origins = Vec::new();
    for model in graph.released(root) {
        let mut path = vec![name(model.value)];
        path.extend(root.filter(|root| !std::ptr::eq(*root, model.value)).map(name));
        let own = root.map(licenses).filter(|own| !own.is_empty());
        graph.walk(model, &path, &own.unwrap_or_else(|| licenses(model.value)), &mut origins);
    }
    origins
}

struct Graph<'d> {
    components: Vec<Component<'d>>,
    by_reference: HashMap<&'d str, usize>,
    depends_on: HashMap<&'d str, Vec<&'d str>>,
}

impl<'d> Graph<'d> {
    fn of(document: &'d Value) -> Self {
        let mut components = Vec::new();
        let root = document.pointer("/metadata/component");
        let mut open: Vec<(String, &Value)> =
            root.map(|root| ("/metadata/component".to_owned(), root)).into_iter().collect();
        open.extend(listed("/components", document.get("components")));
        while let Some((pointer, value)) = open.pop() {
            open.extend(listed(&format!("{pointer}/components"), value.get("components")));
            components.push(Component { pointer, value });
        }
        components.sort_by(|one, other| one.pointer.cmp(&other.pointer));
        let by_reference =
            components.iter().enumerate().filter_map(|(index, one)| Some((reference(one.value)?, index))).collect();
        let entries = document.get("dependencies").and_then(Value::as_array).into_iter().flatten();
        let entry = |entry: &'d Value| {
            let to = entry.get("dependsOn").and_then(Value::as_array).into_iter().flatten();
            Some((entry.get("ref")?.as_str()?, to.filter_map(Value::as_str).collect()))
        };
        Self { components, by_reference, depends_on: entries.filter_map(entry).collect() }
    }

    fn models(&self) -> impl Iterator<Item = &Component<'d>> {
        self.components.iter().filter(|one| kind(one.value) == "machine-learning-model")
    }

    /// Returns the models that are released: what the root depends on, and what nothing else is made from. Where models
    /// are made from each other in a circle, it is all of them.
    fn released(&self, root: Option<&Value>) -> Vec<&Component<'d>> {
        let made_from: HashSet<&str> = self.models().flat_map(|model| self.sources(model)).collect();
        let root = root.and_then(reference).and_then(|root| self.depends_on.get(root));
        let is_released = |model: &&Component<'_>| {
            let Some(name) = reference(model.value) else { return true };
            root.is_some_and(|edges| edges.contains(&name)) || !made_from.contains(name)
        };
        let released: Vec<_> = self.models().filter(is_released).collect();
        if released.is_empty() { self.models().collect() } else { released }
    }

    /// Returns the references to what a component was made from: data and models.
    fn sources(&self, of: &Component<'d>) -> Vec<&'d str> {
        let card = of.value.pointer("/modelCard/modelParameters/datasets").and_then(Value::as_array);
        let card = card.into_iter().flatten().filter_map(|dataset| dataset.get("ref")?.as_str());
        let edges = reference(of.value).and_then(|name| self.depends_on.get(name)).into_iter().flatten().copied();
        let mut sources: Vec<_> = card.chain(edges).filter(|name| self.is_source(name)).collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    fn is_source(&self, name: &str) -> bool {
        let component = self.by_reference.get(name).and_then(|index| self.components.get(*index));
        component.is_some_and(|one| ["data", "machine-learning-model"].contains(&kind(one.value)))
    }

    /// Goes from a model to all that it was made from, the nearest first, each once.
    fn walk(&self, model: &Component<'d>, path: &[String], into: &[String], origins: &mut Vec<Origin>) {
        let mut seen: HashSet<String> = HashSet::from([model.pointer.clone()]);
        let mut open = VecDeque::from([(model.pointer.clone(), model.value, path.to_vec())]);
        while let Some((pointer, value, path)) = open.pop_front() {
            let here = Component { pointer, value };
            let named = self.sources(&here);
            let named = named.iter().filter_map(|name| self.components.get(*self.by_reference.get(name)?));
            let mut found: Vec<(String, &Value)> = named.map(|one| (one.pointer.clone(), one.value)).collect();
            let ancestors = value.pointer("/pedigree/ancestors");
            found.extend(listed(&format!("{}/pedigree/ancestors", here.pointer), ancestors).filter(|(_, ancestor)| {
                // An ancestor that is a component as well is met there.
                !found_as(&self.components, ancestor)
            }));
            for (pointer, value) in found {
                if !seen.insert(pointer.clone()) {
                    continue;
                }
                let mut longer = vec![name(value)];
                longer.extend(path.iter().cloned());
                let (licenses, into) = (licenses(value), into.to_vec());
                origins.push(Origin { pointer: pointer.clone(), path: longer.clone(), licenses, into });
                open.push_back((pointer, value, longer));
            }
        }
    }
}

/// Says whether an ancestor stands among the components under the same name and version.
fn found_as(components: &[Component<'_>], ancestor: &Value) -> bool {
    let same =
        |one: &Component<'_>| ["type", "name", "version"].iter().all(|key| one.value.get(*key) == ancestor.get(*key));
    components.iter().any(same)
}

fn listed<'d>(pointer: &str, list: Option<&'d Value>) -> impl Iterator<Item = (String, &'d Value)> {
    let items = list.and_then(Value::as_array).into_iter().flatten().enumerate();
    items.map(move |(index, item)| (format!("{pointer}/{index}"), item))
}

fn kind(component: &Value) -> &str {
    component.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn reference(component: &Value) -> Option<&str> {
    component.get("bom-ref")?.as_str()
}

fn name(component: &Value) -> String {
    component.get("name").and_then(Value::as_str).unwrap_or("?").to_owned()
}

/// Returns the licences of a component, each as an expression or a name.
fn licenses(component: &Value) -> Vec<String> {
    let entries = component.get("licenses").and_then(Value::as_array).into_iter().flatten();
    let license = |entry: &Value| {
        let inner = entry.get("license").unwrap_or(&Value::Null);
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        text(entry, "expression").or_else(|| text(inner, "id")).or_else(|| text(inner, "name")).unwrap_or_default()
    };
    entries.map(license).collect()
}
