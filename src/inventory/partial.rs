//! A tree that could not be read whole: enough to reject, never enough to pass.

use crate::failure::Failure;
use crate::file_list::Entry;
use crate::finding::Place;
use crate::inventory::{Difference, compare};

/// The files of a tree that could be hashed, where others could not be read.
///
/// It is no [`Inventory`](crate::inventory::Inventory) and has no digest: it can show that a tree is not the
/// signed one, and can never show that it is.
#[derive(Clone, Debug)]
pub struct Partial {
    entries: Vec<Entry>,
    /// The files and folders that could not be read.
    unread: Vec<String>,
}

impl Partial {
    /// Takes what was hashed, and the failures that kept the rest from it.
    pub(super) fn new(entries: Vec<Entry>, failures: &[Failure]) -> Self {
        let path = |failure: &Failure| match &failure.place {
            Place::File { path, .. } => path.raw().to_owned(),
            // The tree as a whole.
            _ => ".".to_owned(),
        };
        let mut unread: Vec<String> = failures.iter().map(path).collect();
        unread.sort_unstable();
        Self { entries, unread }
    }

    /// Returns the files that were hashed, sorted by path.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Compares with what was signed, but for what could not be read, and for files that `passed_over` picks.
    pub fn compare(
        &self,
        mut signed: Vec<Entry>,
        passed_over: impl Fn(&Entry) -> bool,
        report: impl FnMut(Difference),
    ) {
        // A folder whose listing broke off has shown some of its files: these were hashed like any other.
        let hashed = |entry: &Entry| self.entries.binary_search_by(|found| found.path.cmp(&entry.path)).is_ok();
        signed.retain(|entry| hashed(entry) || !self.is_unread(&entry.path));
        let found: Vec<Entry> = self.entries.iter().filter(|entry| !passed_over(entry)).cloned().collect();
        compare(signed, &found, report);
    }

    /// Says whether a path, or a folder that it is in, could not be read.
    fn is_unread(&self, path: &str) -> bool {
        let known = |path: &str| self.unread.binary_search_by(|unread| unread.as_str().cmp(path)).is_ok();
        let folders = path.match_indices('/').filter_map(|(end, _)| path.get(..end));
        known(".") || known(path) || folders.into_iter().any(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::finding::Tree;
    use crate::path::TreePath;

    fn list(files: &[(&str, &str)]) -> Vec<Entry> {
        let entry = |(path, content): &(&str, &str)| Entry {
            path: TreePath::new(path).unwrap(),
            digest: Digest::of(content.as_bytes()),
        };
        files.iter().map(entry).collect()
    }

    fn words(signed: &[(&str, &str)], found: &[(&str, &str)], unread: &[&str]) -> Vec<String> {
        let failure = |path: &&str| Failure::new(Place::file(&Tree::Model, *path), "can't be read");
        let failures: Vec<_> = unread.iter().map(failure).collect();
        let mut words = Vec::new();
        Partial::new(list(found), &failures).compare(
            list(signed),
            |entry| &*entry.path == ".git",
            |difference| words.push(format!("{difference:?}").split(['(', ' ']).next().unwrap().to_owned()),
        );
        words
    }

    #[test]
    fn what_was_read_is_compared_and_nothing_else() {
        let signed = [("a", "1"), ("b/c", "2"), ("b/d/e", "3"), ("bc", "4")];
        assert!(words(&signed, &[("bc", "4")], &["a", "b"]).is_empty());
        assert!(words(&signed, &[], &["."]).is_empty());
        assert_eq!(words(&signed, &[("bc", "x")], &["a", "b"]), ["Changed"]);
        assert!(words(&signed, &[("a", "1"), ("b/c", "2")], &["."]).is_empty());
        assert_eq!(words(&signed, &[("a", "1"), ("b/c", "x")], &["."]), ["Changed"]);
        assert_eq!(words(&signed, &[], &["a", "b"]), ["Missing"]);
        assert_eq!(words(&signed, &[("b/c", "2"), ("bc", "4")], &["b/d"]), ["Missing"]);
        assert_eq!(words(&signed, &[("bc", "4"), ("x", "5")], &["a", "b"]), ["Extra"]);
        assert!(words(&signed, &[(".git", "5"), ("bc", "4")], &["a", "b"]).is_empty());
    }

    #[test]
    fn what_could_not_be_read_was_not_renamed() {
        assert_eq!(words(&[("a", "1")], &[("b", "1")], &["a"]), ["Extra"]);
        assert_eq!(words(&[("a", "1"), ("c", "2")], &[("b", "2")], &["a"]), ["Renamed"]);
    }
}
