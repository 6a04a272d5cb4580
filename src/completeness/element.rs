//! What a table of elements is made of.

use serde_json::Value;

use crate::completeness::Missing;
use crate::completeness::path::has;

/// Something that a document should say.
pub(super) struct Element {
    /// What, in the words of the list.
    pub(super) name: &'static str,
    /// The part of the list in which it stands.
    pub(super) group: &'static str,
    /// Where it goes, for people.
    pub(super) place: &'static str,
    /// Whether it counts.
    pub(super) need: Need,
    /// Whose it is.
    pub(super) of: Of,
    /// The paths at one of which it must stand.
    pub(super) paths: &'static [&'static str],
}

/// Whether an element counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// It counts.
    Counted,
    /// It is told, and does not count: a document has no field of its own for it, or it stands outside.
    Told,
}

/// What must have an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// Every component, files within a model excepted.
    Components,
    /// Every dataset, and there must be one.
    Datasets,
    /// The document.
    Document,
    /// Every model, and there must be one.
    Models,
}

/// The things of a document by what they are, each with its JSON Pointer.
pub(super) struct Subjects<'d> {
    components: Vec<(String, &'d Value)>,
    datasets: Vec<(String, &'d Value)>,
    models: Vec<(String, &'d Value)>,
}

impl<'d> Subjects<'d> {
    pub(super) fn of(document: &'d Value) -> Self {
        let mut subjects = Self { components: Vec::new(), datasets: Vec::new(), models: Vec::new() };
        let listed = |pointer: &str, value: &'d Value| -> Vec<(String, &'d Value)> {
            let items = value.get("components").and_then(Value::as_array).into_iter().flatten();
            items.enumerate().map(|(index, item)| (format!("{pointer}/components/{index}"), item)).collect()
        };
        let mut open: Vec<(String, &Value)> = listed("", document);
        let root = document.pointer("/metadata/component");
        open.extend(root.map(|root| ("/metadata/component".to_owned(), root)));
        while let Some((pointer, component)) = open.pop() {
            open.extend(listed(&pointer, component));
            match component.get("type").and_then(Value::as_str) {
                Some("data") => subjects.datasets.push((pointer.clone(), component)),
                Some("machine-learning-model") => subjects.models.push((pointer.clone(), component)),
                Some("file") => continue,
                _ => {}
            }
            subjects.components.push((pointer, component));
        }
        for list in [&mut subjects.components, &mut subjects.datasets, &mut subjects.models] {
            list.sort_by(|one, other| one.0.cmp(&other.0));
        }
        subjects
    }

    fn list(&self, of: Of) -> &[(String, &'d Value)] {
        match of {
            Of::Components => &self.components,
            Of::Datasets => &self.datasets,
            Of::Models => &self.models,
            Of::Document => &[],
        }
    }
}

impl Element {
    /// Says what of it is missing.
    pub(super) fn missing(&self, document: &Value, subjects: &Subjects<'_>) -> Option<Missing> {
        let lacks = |value: &Value| !self.paths.iter().any(|path| has(value, path));
        let all = subjects.list(self.of);
        let of: Vec<String> =
            all.iter().filter(|(_, value)| lacks(value)).map(|(pointer, _)| pointer.clone()).collect();
        let is_missing = match self.of {
            Of::Document => lacks(document),
            Of::Components | Of::Datasets | Of::Models => all.is_empty() || !of.is_empty(),
        };
        let (element, group, place) = (self.name, self.group, self.place);
        is_missing.then_some(Missing { element, group, place, counted: self.need == Need::Counted, of })
    }
}

/// Writes a table: group, then name, whose, where it goes, and the paths.
macro_rules! elements {
    ($($group:literal { $($name:literal, $of:ident, $need:ident, $place:literal, [$($path:literal),+ $(,)?];)+ })+) => {
        &[$($($crate::completeness::element::Element {
            name: $name,
            group: $group,
            place: $place,
            need: $crate::completeness::element::Need::$need,
            of: $crate::completeness::element::Of::$of,
            paths: &[$($path),+],
        },)+)+]
    };
}
pub(super) use elements;
