//! Where outputs may lie: never in a tree that is hashed.

use std::path::{Path, PathBuf};

use crate::create::CreateError;
use crate::finding::Tree;
use crate::git::Checkout;
use crate::release::{DatasetSource, ReleaseSpec};

/// Checks that no output would lie inside a hashed tree, where it would make the signed files others.
///
/// Code in a git repository is its tracked files, so a new file beside them is no part of it.
pub fn check_outputs(outputs: &[PathBuf], spec: &ReleaseSpec) -> Result<(), CreateError> {
    let datasets = spec.datasets.iter().filter_map(|dataset| match &dataset.source {
        DatasetSource::Path(path) => Some((Tree::Dataset(dataset.name.clone()), path)),
        DatasetSource::Declared(_) => None,
    });
    for (tree, root) in datasets.chain([(Tree::Model, &spec.model.path)]) {
        if let Some(output) = outputs.iter().find(|output| lies_in(output, root)) {
            return Err(inside(output, &tree));
        }
    }
    let Some(output) = outputs.iter().find(|output| lies_in(output, &spec.code)) else { return Ok(()) };
    match Checkout::read(&spec.code).map_err(crate::code_tree::CodeError::from)? {
        None => Err(inside(output, &Tree::Code)),
        Some(checkout) => {
            let tracked =
                |output: &&PathBuf| checkout.paths.iter().any(|path| same(output, &spec.code.join(path.as_str())));
            outputs.iter().find(tracked).map_or(Ok(()), |output| Err(inside(output, &Tree::Code)))
        }
    }
}

fn inside(output: &Path, tree: &Tree) -> CreateError {
    CreateError::OutputInside { output: output.display().to_string(), tree: tree.to_string() }
}

/// Resolves a path that may not exist yet.
fn resolved(path: &Path) -> Option<PathBuf> {
    let folder = crate::files::folder(path).canonicalize().ok()?;
    Some(folder.join(path.file_name()?))
}

fn lies_in(output: &Path, root: &Path) -> bool {
    match (resolved(output), root.canonicalize()) {
        (Some(output), Ok(root)) => output.starts_with(root),
        _ => false,
    }
}

fn same(one: &Path, other: &Path) -> bool {
    resolved(one).is_some_and(|one| resolved(other).is_some_and(|other| one == other))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn an_output_lies_in_a_tree_however_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("model");
        fs::create_dir_all(root.join("sub")).unwrap();
        for inside in ["model/x", "model/sub/x", "model/../model/x"] {
            assert!(lies_in(&folder.path().join(inside), &root), "{inside}");
        }
        for outside in ["x", "models/x", "model/../x"] {
            assert!(!lies_in(&folder.path().join(outside), &root), "{outside}");
        }
    }
}
