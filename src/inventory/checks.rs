//! Checks of the names of a tree against each other.

use crate::digest::Digest;
use crate::finding::{Code, Finding, Findings, Place};
use crate::inventory::Options;
use crate::path::TreePath;

/// Checks that there are files, and that no two names are one where case or normal form is ignored.
///
/// `paths` must be sorted.
pub(super) fn check(paths: &[TreePath], options: &Options<'_>, findings: &mut Findings) {
    if paths.is_empty() && !findings.deny() {
        let place = Place::Tree(options.tree.clone());
        findings.push(Finding::deny(Code::TreeEmpty, place, format!("the {} has no file", options.tree)));
    }
    for (first, second) in collisions(paths) {
        let summary = format!("`{first}` and `{second}` are one name where case or normal form is ignored");
        let finding = Finding::deny(Code::NameCollision, Place::file(&options.tree, second.as_str()), summary);
        let finding = finding.help("rename one of them");
        findings.push(Finding { severity: options.collisions(), ..finding });
    }
}

/// Returns pairs of names that fold together, folders included.
///
/// Two folders that fold together make every file in one of them lie in the other, and so does a file whose
/// name folds to that of a folder: the folders of each path are compared as well. What is kept for each
/// name is eight bytes; only names whose eight bytes meet are compared in full.
fn collisions(paths: &[TreePath]) -> Vec<(TreePath, TreePath)> {
    let mut prints: Vec<u64> = names(paths).map(|name| print(&name)).collect();
    prints.sort_unstable();
    let mut twice: Vec<u64> =
        prints.iter().zip(prints.iter().skip(1)).filter(|(a, b)| a == b).map(|(a, _)| *a).collect();
    drop(prints);
    twice.dedup();
    if twice.is_empty() {
        return Vec::new();
    }
    let mut met: Vec<(Digest, TreePath)> = names(paths)
        .filter(|name| twice.binary_search(&print(name)).is_ok())
        .map(|name| (name.folded(), name))
        .collect();
    met.sort_unstable();
    let pairs = met.iter().zip(met.iter().skip(1)).filter(|((one, _), (other, _))| one == other);
    pairs.map(|((_, first), (_, second))| (first.clone(), second.clone())).collect()
}

/// Returns every file, and every folder once.
fn names(paths: &[TreePath]) -> impl Iterator<Item = TreePath> {
    let before = std::iter::once("").chain(paths.iter().map(TreePath::as_str));
    paths.iter().zip(before).flat_map(|(path, before)| {
        let folders = path.match_indices('/').filter_map(|(end, _)| path.get(..end));
        // In sorted order, a folder was seen before exactly if the path before lies in it.
        let new = folders.filter(move |folder| !before.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')));
        new.filter_map(|folder| TreePath::new(folder).ok()).chain([path.clone()])
    })
}

fn print(name: &TreePath) -> u64 {
    let digest = name.folded();
    let start = digest.as_bytes().first_chunk::<8>().copied();
    u64::from_le_bytes(start.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(paths: &[&str]) -> Vec<(String, String)> {
        let mut paths: Vec<_> = paths.iter().map(|path| TreePath::new(path).unwrap()).collect();
        paths.sort_unstable();
        collisions(&paths).into_iter().map(|(a, b)| (a.to_string(), b.to_string())).collect()
    }

    #[test]
    fn names_that_fold_together_are_found() {
        assert_eq!(found(&["A.bin", "a.bin", "b"]), [("A.bin".into(), "a.bin".into())]);
        assert_eq!(found(&["caf\u{e9}", "cafe\u{301}"]).len(), 1);
        assert_eq!(found(&["x/a", "X/b"]), [("X".into(), "x".into())]);
        assert_eq!(found(&["x/a", "X"]).len(), 1);
    }

    #[test]
    fn other_names_are_not() {
        assert!(found(&["a", "b", "x/a", "x/y/a", "y/a", "x/y/b", "x.y/a", "x-/a"]).is_empty());
    }
}
