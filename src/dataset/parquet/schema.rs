//! The schema as a tree, with the levels by which values are put together again (Dremel).

use std::collections::BTreeSet;
use std::ops::Range;
use std::slice::Iter;

use crate::dataset::parquet::element::{Element, Meaning, Physical, Repetition};
use crate::limits;
use crate::text;
use crate::weights::FormatError;

/// A part of each row.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) name: String,
    /// The definition level from which on it is there.
    pub(super) definition: u16,
    pub(super) optional: bool,
    /// The columns that it is stored in.
    pub(super) leaves: Range<usize>,
    pub(super) shape: Shape,
}

/// What a part of a row is made of.
#[derive(Debug)]
pub(super) enum Shape {
    /// A value.
    Leaf,
    /// An object.
    Members(Vec<Node>),
    /// The key and the value of a map.
    Pair(Vec<Node>),
    /// An array, with the levels at which it has an element and at which it goes on.
    Array { definition: u16, repetition: u16, element: Box<Node> },
}

/// A column as it is stored.
#[derive(Debug)]
pub(super) struct Leaf {
    /// Its names from the top, to be shown.
    pub(super) path: String,
    pub(super) physical: Physical,
    pub(super) length: usize,
    pub(super) meaning: Option<Meaning>,
    pub(super) scale: u8,
    /// The highest levels.
    pub(super) definition: u16,
    pub(super) repetition: u16,
}

/// The columns at the top, in the order of their names, and what they are stored in.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) columns: Vec<Node>,
    pub(super) leaves: Vec<Leaf>,
}

/// An element with its children.
struct Part<'e> {
    element: &'e Element,
    children: Vec<Self>,
}

/// Where in the tree a part stands.
#[derive(Clone, Copy)]
struct Place<'p> {
    path: &'p str,
    definition: u16,
    repetition: u16,
}

impl Schema {
    /// Puts the elements of a schema together.
    pub(super) fn of(elements: &[Element]) -> Result<Self, FormatError> {
        let Some((root, rest)) = elements.split_first() else { return Ok(Self::default()) };
        let mut rest = rest.iter();
        let parts = parts(root.children, &mut rest, 0)?;
        if rest.next().is_some() {
            return Err(fault());
        }
        let mut schema = Self::default();
        let top = Place { path: "", definition: 0, repetition: 0 };
        for part in &parts {
            let column = schema.node(part, top)?;
            schema.columns.push(column);
        }
        schema.columns.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(schema)
    }

    /// Makes a node of a part where it stands.
    fn node(&mut self, part: &Part<'_>, place: Place<'_>) -> Result<Node, FormatError> {
        let name = &part.element.name;
        let path = if place.path.is_empty() { name.clone() } else { format!("{}.{name}", place.path) };
        let at = |definition, repetition| Place { path: &path, definition, repetition };
        match part.element.repetition {
            Repetition::Once => self.present(part, at(place.definition, place.repetition)),
            Repetition::Optional => {
                let node = self.present(part, at(place.definition + 1, place.repetition))?;
                Ok(Node { optional: true, ..node })
            }
            Repetition::Repeated => {
                let element = self.present(part, at(place.definition + 1, place.repetition + 1))?;
                Ok(array(name, place, element))
            }
        }
    }

    /// Makes a node of a part that is there.
    fn present(&mut self, part: &Part<'_>, place: Place<'_>) -> Result<Node, FormatError> {
        let start = self.leaves.len();
        let shape = match (part.element.meaning, part.children.as_slice()) {
            (_, []) => self.leaf(part.element, place)?,
            (Some(Meaning::List), [only]) if only.element.repetition == Repetition::Repeated => {
                return self.list(part, only, place);
            }
            (Some(Meaning::Map), [only]) if only.element.repetition == Repetition::Repeated => {
                let inner = Place { definition: place.definition + 1, repetition: place.repetition + 1, ..place };
                let element = self.present(only, inner)?;
                let shape = match element.shape {
                    Shape::Members(members) => Shape::Pair(members),
                    other => other,
                };
                return Ok(array(&part.element.name, place, Node { shape, ..element }));
            }
            (_, children) => {
                let mut names = BTreeSet::new();
                if !children.iter().all(|child| names.insert(&child.element.name)) {
                    let shown = text::for_terminal(place.path);
                    return Err(FormatError::malformed(0, format!("`{shown:.200}` has two members of one name")));
                }
                Shape::Members(children.iter().map(|child| self.node(child, place)).collect::<Result<_, _>>()?)
            }
        };
        let leaves = start..self.leaves.len();
        let name = part.element.name.clone();
        Ok(Node { name, definition: place.definition, optional: false, leaves, shape })
    }

    /// Makes an array of a list: its one child repeats, and is the element itself in older files ("Backward-compatibility
    /// rules" of the specification).
    fn list(&mut self, list: &Part<'_>, repeated: &Part<'_>, place: Place<'_>) -> Result<Node, FormatError> {
        let inner = Place { definition: place.definition + 1, repetition: place.repetition + 1, ..place };
        let name = &repeated.element.name;
        let element = match repeated.children.as_slice() {
            [only]
                if only.element.repetition != Repetition::Repeated
                    && name != "array"
                    && *name != format!("{}_tuple", list.element.name) =>
            {
                self.node(only, inner)?
            }
            _ => self.present(repeated, inner)?,
        };
        Ok(array(&list.element.name, place, element))
    }

    fn leaf(&mut self, element: &Element, place: Place<'_>) -> Result<Shape, FormatError> {
        let path = text::for_terminal(place.path).chars().take(limits::SHOWN_CHARACTERS).collect();
        let Some(physical) = element.physical else {
            return Err(FormatError::malformed(0, format!("the column `{path}` has no type that is known")));
        };
        self.leaves.push(Leaf {
            path,
            physical,
            length: element.length,
            meaning: element.meaning,
            scale: element.scale,
            definition: place.definition,
            repetition: place.repetition,
        });
        Ok(Shape::Leaf)
    }
}

fn fault() -> FormatError {
    FormatError::malformed(0, "the schema has other parts than it says")
}

/// An array that is there, of elements that stand where `element` does.
fn array(name: &str, place: Place<'_>, element: Node) -> Node {
    let leaves = element.leaves.clone();
    let (definition, repetition) = (place.definition + 1, place.repetition + 1);
    let shape = Shape::Array { definition, repetition, element: Box::new(element) };
    Node { name: name.to_owned(), definition: place.definition, optional: false, leaves, shape }
}

fn parts<'e>(count: u64, rest: &mut Iter<'e, Element>, depth: usize) -> Result<Vec<Part<'e>>, FormatError> {
    FormatError::bounded(depth as u64, limits::PARQUET_DEPTH as u64, "groups inside groups")?;
    let mut parts = Vec::new();
    for _ in 0..count {
        let element = rest.next().ok_or_else(fault)?;
        parts.push(Part { element, children: parts_of(element, rest, depth)? });
    }
    Ok(parts)
}

fn parts_of<'e>(element: &Element, rest: &mut Iter<'e, Element>, depth: usize) -> Result<Vec<Part<'e>>, FormatError> {
    parts(element.children, rest, depth + 1)
}
