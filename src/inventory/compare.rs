//! What is signed against what is on disk, file by file.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use crate::digest::Digest;
use crate::file_list::Entry;
use crate::path::TreePath;

/// One file that is not as it was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It holds other bytes.
    Changed {
        /// Where it is.
        path: TreePath,
        /// What was signed.
        signed: Digest,
        /// What is there.
        found: Digest,
        /// Another signed file whose bytes it holds.
        holds: Option<TreePath>,
    },
    /// It is there, and nobody signed it.
    Extra(Entry),
    /// It was signed, and is not there.
    Missing(Entry),
    /// It was signed under another name.
    Renamed {
        /// The name that was signed.
        signed: TreePath,
        /// The name that it has.
        found: TreePath,
        /// Its digest.
        digest: Digest,
    },
}

/// Changed files up to which a swap is named: more than that is no swap.
const SWAPS: usize = 1_000;

/// Compares two sorted lists of files and reports the differences one by one, in no particular order.
///
/// The signed list is consumed, so that a million differences cost no second list.
pub fn compare(signed: Vec<Entry>, found: &[Entry], mut report: impl FnMut(Difference)) {
    let (mut missing, mut extra, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    let mut signed = signed.into_iter().peekable();
    let mut found = found.iter().peekable();
    loop {
        let order = match (signed.peek(), found.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => one.path.cmp(&other.path),
        };
        let one = if order.is_le() { signed.next() } else { None };
        let other = if order.is_ge() { found.next() } else { None };
        match (one, other) {
            (Some(one), Some(other)) if one.digest != other.digest => changed.push((one, other.digest)),
            (Some(one), None) => missing.push(one),
            (None, Some(other)) => extra.push(other),
            _ => {}
        }
    }
    report_changed(changed, &mut report);
    report_moved(missing, &extra, &mut report);
}

/// Reports changed files, each with the one whose signed bytes it holds.
fn report_changed(changed: Vec<(Entry, Digest)>, report: &mut impl FnMut(Difference)) {
    let mut signed: HashMap<Digest, TreePath> = HashMap::new();
    if changed.len() <= SWAPS {
        signed.extend(changed.iter().map(|(entry, _)| (entry.digest, entry.path.clone())));
    }
    for (entry, found) in changed {
        let holds = signed.get(&found).cloned();
        report(Difference::Changed { path: entry.path, signed: entry.digest, found, holds });
    }
}

/// Pairs missing and extra files of equal bytes, which were renamed, and reports the others as they are.
fn report_moved(missing: Vec<Entry>, extra: &[&Entry], report: &mut impl FnMut(Difference)) {
    let mut by_digest: HashMap<Digest, Vec<usize>> = HashMap::new();
    if !missing.is_empty() {
        for (index, entry) in extra.iter().enumerate().rev() {
            by_digest.entry(entry.digest).or_default().push(index);
        }
    }
    let mut paired = HashSet::new();
    for entry in missing {
        let same = by_digest.get_mut(&entry.digest).and_then(Vec::pop);
        match same.and_then(|index| Some((index, extra.get(index)?))) {
            Some((index, found)) => {
                paired.insert(index);
                report(Difference::Renamed { signed: entry.path, found: found.path.clone(), digest: entry.digest });
            }
            None => report(Difference::Missing(entry)),
        }
    }
    for (_, entry) in extra.iter().enumerate().filter(|(index, _)| !paired.contains(index)) {
        report(Difference::Extra((*entry).clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(files: &[(&str, &str)]) -> Vec<Entry> {
        let entry = |(path, content): &(&str, &str)| Entry {
            path: TreePath::new(path).unwrap(),
            digest: Digest::of(content.as_bytes()),
        };
        files.iter().map(entry).collect()
    }

    fn words(signed: &[(&str, &str)], found: &[(&str, &str)]) -> Vec<String> {
        let word = |difference| match difference {
            Difference::Changed { path, holds: Some(other), .. } => format!("{path} holds {other}"),
            Difference::Changed { path, .. } => format!("{path} changed"),
            Difference::Extra(entry) => format!("{} extra", entry.path),
            Difference::Missing(entry) => format!("{} missing", entry.path),
            Difference::Renamed { signed, found, .. } => format!("{signed} is {found}"),
        };
        let mut words = Vec::new();
        compare(list(signed), &list(found), |difference| words.push(word(difference)));
        words
    }

    #[test]
    fn equal_lists_have_no_difference() {
        assert!(words(&[("a", "1"), ("b", "2")], &[("a", "1"), ("b", "2")]).is_empty());
    }

    #[test]
    fn each_kind_of_difference_is_named() {
        let signed = [("a", "1"), ("b", "2"), ("c", "3")];
        assert_eq!(words(&signed, &[("a", "1"), ("b", "x"), ("c", "3")]), ["b changed"]);
        assert_eq!(words(&signed, &[("a", "1"), ("c", "3")]), ["b missing"]);
        assert_eq!(words(&signed, &[("a", "1"), ("b", "2"), ("bb", "x"), ("c", "3")]), ["bb extra"]);
        assert_eq!(words(&signed, &[("a", "1"), ("c", "3"), ("d", "2")]), ["b is d"]);
        assert_eq!(words(&signed, &[("a", "2"), ("b", "1"), ("c", "3")]), ["a holds b", "b holds a"]);
        assert_eq!(words(&signed, &[]), ["a missing", "b missing", "c missing"]);
        assert_eq!(words(&[], &[("a", "1")]), ["a extra"]);
    }

    #[test]
    fn copies_are_renamed_once() {
        assert_eq!(words(&[("a", "1")], &[("b", "1"), ("c", "1")]), ["a is b", "c extra"]);
        assert_eq!(words(&[("a", "1"), ("b", "1")], &[("c", "1")]), ["a is c", "b missing"]);
    }
}
