//! Where the things of a report lie, for programs that show findings beside files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::finding::{Place, Tree};
use crate::text::Text;

/// The paths by which the caller named things.
#[derive(Clone, Debug, Default)]
pub struct Locations {
    /// The bundle, unless it was read from standard input.
    pub bundle: Option<PathBuf>,
    /// The trees that were hashed.
    pub trees: BTreeMap<Tree, PathBuf>,
}

/// A file, and a line or a byte in it.
pub struct Location {
    /// The path, as the caller would write it.
    pub path: Text,
    /// The number of the line.
    pub line: Option<usize>,
    /// The byte, counted from 0.
    pub byte: Option<u64>,
}

impl Locations {
    /// Finds the file that a place is in. What lies in a tree that the caller did not name is in the bundle.
    pub fn of(&self, place: &Place) -> Option<Location> {
        let (path, line) = match place {
            Place::Tree(tree) => (self.trees.get(tree).map(|root| text(root)), None),
            Place::File { tree, path } => (self.trees.get(tree).map(|root| beneath(root, path.raw())), None),
            Place::Line(number) => (None, Some(*number)),
            Place::Bundle | Place::Signature => (None, None),
        };
        let path = path.or_else(|| self.bundle.as_deref().map(text))?;
        Some(Location { path: path.into(), line, byte: None })
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Names a file of a tree. A tree of one file is that file.
fn beneath(root: &Path, path: &str) -> String {
    if root.file_name().is_some_and(|name| name == path) {
        return text(root);
    }
    format!("{}/{path}", text(root).trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_where_the_caller_put_them() {
        let trees = [(Tree::Model, "out/model/".into()), (Tree::Code, "train.py".into())];
        let locations = Locations { bundle: Some("r.jsonl".into()), trees: trees.into() };
        let at = |place| locations.of(&place).map(|location| (location.path.raw().to_owned(), location.line));
        assert_eq!(at(Place::file(&Tree::Model, "a/b")), Some(("out/model/a/b".to_owned(), None)));
        assert_eq!(at(Place::file(&Tree::Code, "train.py")), Some(("train.py".to_owned(), None)));
        assert_eq!(at(Place::Line(3)), Some(("r.jsonl".to_owned(), Some(3))));
        let elsewhere = Place::Tree(Tree::Dataset("train".parse().unwrap()));
        assert_eq!(at(elsewhere), Some(("r.jsonl".to_owned(), None)));
        assert!(Locations::default().of(&Place::Bundle).is_none());
    }
}
