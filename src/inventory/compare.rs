//! What is signed against what is on disk, file by file.

use std::cmp::Ordering;
use std::collections::HashMap;

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

/// Compares two sorted lists of files. The differences come in no particular order.
pub fn compare(signed: &[Entry], found: &[Entry]) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut missing = Vec::new();
    let mut extra = Vec::new();
    let mut signed = signed.iter().peekable();
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
            (Some(one), Some(other)) if one.digest != other.digest => differences.push(Difference::Changed {
                path: one.path.clone(),
                signed: one.digest,
                found: other.digest,
                holds: None,
            }),
            (Some(one), None) => missing.push(one),
            (None, Some(other)) => extra.push(other),
            _ => {}
        }
    }
    name_swaps(&mut differences);
    differences.extend(pair(missing, extra));
    differences
}

/// Among changed files, names the one whose signed bytes another one holds.
fn name_swaps(differences: &mut [Difference]) {
    let mut signed: HashMap<Digest, TreePath> = HashMap::new();
    for difference in differences.iter() {
        if let Difference::Changed { path, signed: digest, .. } = difference {
            signed.insert(*digest, path.clone());
        }
    }
    for difference in differences {
        if let Difference::Changed { found, holds, .. } = difference {
            *holds = signed.get(found).cloned();
        }
    }
}

/// Pairs missing and extra files of equal bytes: they were renamed.
fn pair(missing: Vec<&Entry>, extra: Vec<&Entry>) -> Vec<Difference> {
    let mut by_digest: HashMap<Digest, Vec<&Entry>> = HashMap::new();
    for entry in extra.into_iter().rev() {
        by_digest.entry(entry.digest).or_default().push(entry);
    }
    let mut differences: Vec<Difference> = missing
        .into_iter()
        .map(|entry| match by_digest.get_mut(&entry.digest).and_then(Vec::pop) {
            Some(found) => {
                Difference::Renamed { signed: entry.path.clone(), found: found.path.clone(), digest: entry.digest }
            }
            None => Difference::Missing(entry.clone()),
        })
        .collect();
    let mut rest: Vec<&Entry> = by_digest.into_values().flatten().collect();
    rest.sort_unstable();
    differences.extend(rest.into_iter().cloned().map(Difference::Extra));
    differences
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
        compare(&list(signed), &list(found)).into_iter().map(word).collect()
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
