//! What a call has read: no output may take the place of it, whoever named it and however it is linked.
//!
//! Nothing is recorded unless the edge says so, for only a call knows where it begins and ends. Then every file that is
//! opened by its path is recorded by device and inode; of the many files of a tree, those that are outputs as well.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Device and inode.
type Identity = (u64, u64);

#[derive(Default)]
struct Record {
    /// What was read, each with a path by which it was.
    read: BTreeMap<Identity, PathBuf>,
    /// The outputs that are there already.
    outputs: BTreeSet<Identity>,
}

impl Record {
    fn watch<'p>(&mut self, outputs: impl IntoIterator<Item = &'p Path>) {
        let there = outputs.into_iter().filter_map(|path| fs::metadata(path).ok());
        self.outputs.extend(there.map(|metadata| identity(&metadata)));
    }

    fn watches(&self, metadata: &Metadata) -> bool {
        self.outputs.contains(&identity(metadata))
    }

    fn note(&mut self, path: &Path, metadata: &Metadata) {
        self.read.entry(identity(metadata)).or_insert_with(|| path.to_owned());
    }

    fn read_from(&self, output: &Path) -> Option<PathBuf> {
        self.read.get(&identity(&fs::metadata(output).ok()?)).cloned()
    }
}

static RECORD: RwLock<Option<Record>> = RwLock::new(None);

fn look() -> RwLockReadGuard<'static, Option<Record>> {
    RECORD.read().unwrap_or_else(PoisonError::into_inner)
}

fn change() -> RwLockWriteGuard<'static, Option<Record>> {
    RECORD.write().unwrap_or_else(PoisonError::into_inner)
}

fn identity(metadata: &Metadata) -> Identity {
    (metadata.dev(), metadata.ino())
}

/// Begins a record, for the one call that this process is.
pub fn record() {
    change().get_or_insert_with(Record::default);
}

/// Tells the record of outputs. What is not there yet is nobody's input.
pub fn watch<'p>(outputs: impl IntoIterator<Item = &'p Path>) {
    if let Some(record) = change().as_mut() {
        record.watch(outputs);
    }
}

/// Notes that a file was opened by its path.
pub(super) fn note(path: &Path, metadata: &Metadata) {
    if let Some(record) = change().as_mut() {
        record.note(path, metadata);
    }
}

/// Notes that a file of a tree was opened, if it is an output. There may be millions of them, and many threads read them.
pub(crate) fn note_in_tree(path: &str, file: &File) {
    if look().as_ref().is_none_or(|record| record.outputs.is_empty()) {
        return;
    }
    // Of a file without metadata nothing can be read either.
    let Ok(metadata) = file.metadata() else { return };
    if look().as_ref().is_some_and(|record| record.watches(&metadata)) {
        note(Path::new(path), &metadata);
    }
}

/// Returns by which path the file that lies at an output was read, if it was.
pub fn read_from(output: &Path) -> Option<PathBuf> {
    look().as_ref().and_then(|record| record.read_from(output))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_known_however_it_is_linked() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let metadata = |name: &str| fs::metadata(at(name)).unwrap();
        for name in ["read", "other"] {
            fs::write(at(name), "x").unwrap();
        }
        fs::hard_link(at("read"), at("hard")).unwrap();
        std::os::unix::fs::symlink("read", at("soft")).unwrap();
        let mut record = Record::default();
        record.watch(["hard", "absent"].map(at).iter().map(PathBuf::as_path));
        assert!(record.watches(&metadata("read")) && !record.watches(&metadata("other")));
        assert_eq!(record.read_from(&at("read")), None);
        record.note(&at("soft"), &metadata("soft"));
        record.note(&at("read"), &metadata("read"));
        for name in ["read", "hard", "soft"] {
            assert_eq!(record.read_from(&at(name)), Some(at("soft")), "{name}");
        }
        assert_eq!(record.read_from(&at("other")).or_else(|| record.read_from(&at("absent"))), None);
    }
}
