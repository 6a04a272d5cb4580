//! A lock on the folder of a file that several processes change.
//!
//! The lock is the kernel's (`flock`): it ends with the process that holds it, however that ends, and
//! leaves no file behind. Whoever reads needs none, since files are replaced whole.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use thiserror::Error;

use crate::fault::{Blame, Fault, blame_io};
use crate::limits;

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub struct FolderLock(File);

impl Drop for FolderLock {
    /// Gives the lock back before the folder is closed, which may fail: this process may want it again.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

/// Why a lock was not had.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another process holds it.
    #[error("another process has been changing files in `{}` for too long", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The machine failed, or the path leads nowhere.
    #[error("`{}` can't be locked: {source}", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// What happened.
        source: std::io::Error,
    },
}

impl Fault for LockError {
    fn blame(&self) -> Blame {
        match self {
            Self::Busy { .. } => Blame::Machine,
            Self::Io { source, .. } => blame_io(source),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Busy { .. } => Some("see what it is doing, and try again".to_owned()),
            Self::Io { .. } => None,
        }
    }
}

impl FolderLock {
    /// Locks the folder of a file, waiting for others a bounded time.
    pub fn of(file: &Path) -> Result<Self, LockError> {
        let path = super::folder(file).to_owned();
        let failed = |source| LockError::Io { path: path.clone(), source };
        let folder = File::open(&path).map_err(failed)?;
        for _ in 0..limits::LOCK_TRIES {
            match folder.try_lock() {
                Ok(()) => return Ok(Self(folder)),
                Err(TryLockError::WouldBlock) => {
                    thread::sleep(Duration::from_millis(limits::LOCK_INTERVAL_MILLISECONDS));
                }
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
        }
        Err(LockError::Busy { path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_once_and_ends_with_its_holder() {
        let folder = tempfile::tempdir().unwrap();
        let held = FolderLock::of(&folder.path().join("x")).unwrap();
        let other = File::open(folder.path()).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        drop(held);
        assert!(other.try_lock().is_ok());
    }

    #[test]
    fn a_folder_that_is_not_there_is_the_callers_fault() {
        let error = FolderLock::of(Path::new("/nowhere/at/all/x")).unwrap_err();
        assert_eq!(error.blame(), Blame::Call);
    }
}
