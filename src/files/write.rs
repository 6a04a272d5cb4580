//! Writing a file whole: a temporary file beside it, fsync, rename, fsync of the folder.

use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use thiserror::Error;

use crate::fault::{Blame, Fault, blame_io};
use crate::files::commit_all;

/// What to do where a file is already there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Leave it, and fail.
    Keep,
    /// Replace it, if it is a regular file.
    Replace,
}

/// Who may read a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Its owner alone: mode 0600.
    Private,
    /// Whom the umask of the process allows; where a file is replaced, who may read that one.
    Public,
}

/// Why a file was not written. The old state is there.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A file is already there.
    #[error("`{}` already exists", path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// The file that is there was read by this call.
    #[error("the output `{}` would replace the input `{}`", path.display(), input.display())]
    Input {
        /// The path.
        path: PathBuf,
        /// The path by which it was read.
        input: PathBuf,
    },
    /// The machine failed, or the path leads nowhere.
    #[error("`{}` can't be written: {source}", path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
    /// Something else than a regular file is there.
    #[error("`{}` is not a regular file", path.display())]
    Kind {
        /// The path.
        path: PathBuf,
    },
}

impl Fault for WriteError {
    fn blame(&self) -> Blame {
        match self {
            Self::Exists { .. } | Self::Input { .. } | Self::Kind { .. } => Blame::Call,
            Self::Io { source, .. } => blame_io(source),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Exists { .. } => Some("choose another path".to_owned()),
            Self::Input { .. } => Some("write it somewhere else".to_owned()),
            _ => None,
        }
    }
}

/// A file that is being written, and that nobody sees before [`Staged::commit`].
pub struct Staged {
    pub(super) file: BufWriter<NamedTempFile>,
    pub(super) target: PathBuf,
    pub(super) existing: Existing,
}

impl Staged {
    /// Starts a file that will be at `target`.
    pub fn new(target: &Path, existing: Existing, access: Access) -> Result<Self, WriteError> {
        let replaced = match fs::symlink_metadata(target) {
            Ok(metadata) if !metadata.is_file() => return Err(WriteError::Kind { path: target.to_owned() }),
            Ok(_) if existing == Existing::Keep => return Err(WriteError::Exists { path: target.to_owned() }),
            Ok(metadata) => Some(metadata.permissions().mode() & 0o777),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(failed(target, source)),
        };
        if let Some(input) = replaced.and_then(|_| super::read_from(target)) {
            return Err(WriteError::Input { path: target.to_owned(), input });
        }
        let mode = match access {
            Access::Private => 0o600,
            Access::Public => 0o666,
        };
        let file = hidden()
            .permissions(Permissions::from_mode(mode))
            .tempfile_in(folder(target))
            .map_err(|source| failed(target, source))?;
        // Whoever could not read the file that is replaced can't read what comes in its place.
        if let Some(mode) = replaced.filter(|_| access == Access::Public) {
            let kept = file.as_file().set_permissions(Permissions::from_mode(mode));
            kept.map_err(|source| failed(target, source))?;
        }
        Ok(Self { file: BufWriter::new(file), target: target.to_owned(), existing })
    }

    /// Writes a file at once: starts it, fills it and leaves it to be committed.
    pub fn with(target: &Path, existing: Existing, access: Access, content: &[u8]) -> Result<Self, WriteError> {
        let mut staged = Self::new(target, existing, access)?;
        staged.fill(|file| file.write_all(content))?;
        Ok(staged)
    }

    /// Writes into the file.
    pub fn fill(&mut self, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), WriteError> {
        content(&mut self.file)
            .and_then(|()| self.file.flush())
            .and_then(|()| self.file.get_ref().as_file().sync_all())
            .map_err(|source| failed(&self.target, source))
    }

    /// Makes the file visible under its name, whole and durable, or leaves everything as it was.
    pub fn commit(self) -> Result<(), WriteError> {
        commit_all(vec![self])
    }
}

/// Writes to standard output or another stream that can't be undone.
pub fn write_stream(mut stream: impl Write, content: &[u8]) -> io::Result<()> {
    stream.write_all(content).and_then(|()| stream.flush())
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Returns the folder that a path is in.
pub(crate) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes temporary files under names that nobody lists.
pub(super) fn hidden() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".assaymark-");
    builder
}

pub(super) fn failed(path: &Path, source: io::Error) -> WriteError {
    WriteError::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_there_only_after_commit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let staged = Staged::with(&path, Existing::Keep, Access::Public, b"new").unwrap();
        assert!(!path.exists());
        staged.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["x"]);
    }

    #[test]
    fn nothing_stays_behind_without_commit() {
        let folder = tempfile::tempdir().unwrap();
        drop(Staged::with(&folder.path().join("x"), Existing::Keep, Access::Public, b"new").unwrap());
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn an_existing_file_is_kept_or_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let late = Staged::with(&path, Existing::Keep, Access::Public, b"late").unwrap();
        fs::write(&path, b"old").unwrap();
        assert!(matches!(late.commit(), Err(WriteError::Exists { .. })));
        let kept = Staged::with(&path, Existing::Keep, Access::Public, b"new");
        assert!(matches!(kept, Err(WriteError::Exists { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        Staged::with(&path, Existing::Replace, Access::Public, b"new").unwrap().commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn private_files_are_for_their_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        Staged::with(&path, Existing::Keep, Access::Private, b"new").unwrap().commit().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_replaces_a_file_has_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        for mode in [0o600, 0o640, 0o644, 0o400] {
            fs::write(&path, b"old").unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            Staged::with(&path, Existing::Replace, Access::Public, b"new").unwrap().commit().unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn devices_and_folders_are_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path(), Path::new("/dev/null")] {
            let refused = Staged::new(path, Existing::Replace, Access::Public);
            assert!(matches!(refused, Err(WriteError::Kind { .. })));
        }
    }
}
