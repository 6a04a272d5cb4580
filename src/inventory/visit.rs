//! Looking into the files of a tree, with or without hashing them.

use std::fs::File;
use std::path::Path;

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::failure::Failure;
use crate::files::{self, FileSource, ReadError};
use crate::finding::Findings;
use crate::inventory::{FileFault, Options, Root, hash, name_of, walk};
use crate::path::TreePath;
use crate::source::ReadAt;

/// Looks into files, from several threads.
///
/// Where a tree is hashed too, it is the same open file that is shown, and its state is compared before
/// and after both.
pub trait Visitor: Sync {
    /// Looks into a file.
    fn visit(&self, path: &TreePath, source: &dyn ReadAt);
}

/// What a visit could not look into.
#[derive(Debug, Default)]
pub struct Unvisited {
    /// What was refused: links, special files, names, files that changed.
    pub findings: Findings,
    /// What could not be read.
    pub failures: Vec<Failure>,
}

/// Shows every file of a file or folder to a visitor, and hashes nothing. One that is refused stops no other.
pub fn visit(path: &Path, options: &Options<'_>, visitor: &dyn Visitor) -> Result<Unvisited, ReadError> {
    let metadata = std::fs::metadata(path).map_err(|source| ReadError::Io { path: path.to_owned(), source })?;
    if metadata.is_dir() {
        return Ok(visit_tree(&Root::open(path)?, options, visitor));
    }
    let file = files::open(path)?;
    let mut unvisited = Unvisited::default();
    match name_of(path, &options.tree) {
        Ok(name) => note(visit_one(&file, &name, visitor), &name, options, &mut unvisited),
        Err(finding) => unvisited.findings.push(*finding),
    }
    Ok(unvisited)
}

fn visit_tree(root: &Root, options: &Options<'_>, visitor: &dyn Visitor) -> Unvisited {
    let walked = walk::walk(root, options);
    let mut unvisited = Unvisited { findings: walked.findings, failures: walked.failures };
    let visit = |path: &TreePath| root.open_file(path).and_then(|file| visit_one(&file, path, visitor));
    let faults: Vec<_> = walked
        .paths
        .into_par_iter()
        .with_max_len(1)
        .filter_map(|path| visit(&path).err().map(|fault| (path, fault)))
        .collect();
    for (path, fault) in faults {
        note(Err(fault), &path, options, &mut unvisited);
    }
    unvisited
}

fn visit_one(file: &File, path: &TreePath, visitor: &dyn Visitor) -> Result<(), FileFault> {
    hash::while_unchanged(file, |_| show(file, path, visitor))
}

/// Shows an open file to a visitor. A file that the machine could not read is a fault, whatever the visitor made of it.
pub(super) fn show(file: &File, path: &TreePath, visitor: &dyn Visitor) -> Result<(), FileFault> {
    let source = FileSource::new(file).map_err(FileFault::Failed)?;
    visitor.visit(path, &source);
    source.into_fault().map_or(Ok(()), |fault| Err(FileFault::Failed(fault)))
}

fn note(visited: Result<(), FileFault>, path: &str, options: &Options<'_>, unvisited: &mut Unvisited) {
    if let Err(fault) = visited {
        fault.report(&options.tree, path, &mut unvisited.findings, &mut unvisited.failures);
    }
}

#[cfg(test)]
mod tests {
    use std::fs::write;
    use std::os::unix::fs::symlink;
    use std::sync::Mutex;

    use super::*;
    use crate::finding::{Code, Tree};

    #[derive(Default)]
    struct Sizes(Mutex<Vec<(String, u64)>>);

    impl Visitor for Sizes {
        fn visit(&self, path: &TreePath, source: &dyn ReadAt) {
            self.0.lock().unwrap().push((path.to_string(), source.len()));
        }
    }

    #[test]
    fn a_refused_file_stops_no_other() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path().join("a"), "12").unwrap();
        symlink("a", folder.path().join("link")).unwrap();
        let sizes = Sizes::default();
        let unvisited = visit(folder.path(), &Options::new(Tree::Model), &sizes).unwrap();
        assert_eq!(*sizes.0.lock().unwrap(), [("a".to_owned(), 2)]);
        let codes: Vec<Code> = unvisited.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, [Code::LinkInTree]);
    }

    #[test]
    fn a_single_file_is_shown_under_its_name() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path().join("a"), "12").unwrap();
        let sizes = Sizes::default();
        visit(&folder.path().join("a"), &Options::new(Tree::Model), &sizes).unwrap();
        assert_eq!(*sizes.0.lock().unwrap(), [("a".to_owned(), 2)]);
    }
}
