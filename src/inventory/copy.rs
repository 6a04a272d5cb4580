//! Copying what is read, so that what is used later is what was verified.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::Dir;
use tempfile::TempDir;
use thiserror::Error;

use crate::fault::{Blame, Fault, blame_io};
use crate::files;
use crate::inventory::Inventory;
use crate::path::TreePath;

/// A folder in a private one, which becomes visible under its name only after verification.
pub struct StagedCopy {
    staging: TempDir,
    target: PathBuf,
}

/// Why a copy was not made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CopyError {
    /// Something is already there.
    #[error("`{}` already exists", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// The machine failed.
    #[error("the copy `{}` can't be written: {source}", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
}

impl Fault for CopyError {
    fn blame(&self) -> Blame {
        match self {
            Self::Exists { .. } => Blame::Call,
            Self::Io { source, .. } => blame_io(source),
        }
    }

    fn hint(&self) -> Option<String> {
        matches!(self, Self::Exists { .. }).then(|| "name a folder that does not exist yet".to_owned())
    }
}

impl StagedCopy {
    /// Starts a copy that will be at `target`, which must not exist.
    pub fn new(target: &Path) -> Result<Self, CopyError> {
        Self::check(target)?;
        let staging = tempfile::Builder::new().prefix(".assaymark-").tempdir_in(files::folder(target));
        let staging = staging.map_err(|source| CopyError::Io { path: target.to_owned(), source })?;
        Ok(Self { staging, target: target.to_owned() })
    }

    /// Checks that nothing is at `target`.
    pub fn check(target: &Path) -> Result<(), CopyError> {
        match fs::symlink_metadata(target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(CopyError::Io { path: target.to_owned(), source }),
            Ok(_) => Err(CopyError::Exists { path: target.to_owned() }),
        }
    }

    fn place(&self) -> PathBuf {
        self.staging.path().join("copy")
    }

    /// Starts the copy of one file.
    pub(super) fn begin(&self, path: &TreePath) -> Result<FileCopy<'_>, CopyError> {
        let place = self.place().join(path.as_str());
        let made = fs::create_dir_all(files::folder(&place));
        let made = made.and_then(|()| OpenOptions::new().write(true).create_new(true).open(&place));
        let file = made.map_err(|source| self.failed(source))?;
        Ok(FileCopy { file, copy: self })
    }

    /// Makes the copies of the files that were verified visible, and drops the others.
    pub fn commit(self, verified: &Inventory) -> Result<(), CopyError> {
        Self::check(&self.target)?;
        let keep: HashSet<PathBuf> =
            verified.entries().iter().map(|entry| self.place().join(entry.path.as_str())).collect();
        self.publish(&keep).map_err(|source| self.failed(source))
    }

    fn publish(&self, keep: &HashSet<PathBuf>) -> io::Result<()> {
        settle(&self.place(), keep)?;
        // rename(2) on a folder replaces an empty one at most.
        fs::rename(self.place(), &self.target)?;
        files::sync_folder(files::folder(&self.target)).inspect_err(|_| {
            // It goes with the private folder that it came from.
            let _ = fs::rename(&self.target, self.place());
        })
    }

    fn failed(&self, source: io::Error) -> CopyError {
        CopyError::Io { path: self.target.clone(), source }
    }
}

impl Drop for StagedCopy {
    /// Removes what was not made visible. Where this fails, the end of the folder itself tries once more.
    fn drop(&mut self) {
        let folder = self.staging.path();
        let empty = || fs::remove_dir(folder);
        let _ = empty().or_else(|_| settle(folder, &HashSet::new()).and_then(|()| empty()));
    }
}

/// The copy of one file.
pub(super) struct FileCopy<'c> {
    file: File,
    copy: &'c StagedCopy,
}

impl FileCopy<'_> {
    pub(super) fn write(&mut self, chunk: &[u8]) -> Result<(), CopyError> {
        self.file.write_all(chunk).map_err(|source| self.copy.failed(source))
    }

    pub(super) fn finish(self) -> Result<(), CopyError> {
        self.file.sync_all().map_err(|source| self.copy.failed(source))
    }
}

/// Removes what is not to be kept, and makes the names of the rest durable, from the leaves up.
fn settle(folder: &Path, keep: &HashSet<PathBuf>) -> io::Result<()> {
    // The standard library panics where a folder can't be closed.
    for entry in Dir::read_from(File::open(folder)?)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if matches!(name, b"." | b"..") {
            continue;
        }
        let path = folder.join(OsStr::from_bytes(name));
        if fs::symlink_metadata(&path)?.is_dir() {
            settle(&path, keep)?;
            // It is empty if nothing in it is kept, and stays otherwise.
            let _ = fs::remove_dir(&path);
        } else if !keep.contains(&path) {
            fs::remove_file(&path)?;
        }
    }
    files::sync_folder(folder)
}
