//! Appending lines to a release bundle, under a lock and all at once.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::bundle::UnverifiedBundle;
use crate::fault::{Blame, Fault};
use crate::files::{self, Access, Existing, FolderLock, LockError, ReadError, Staged, WriteError};
use crate::limits;

/// A release bundle that nobody else appends to while this is held.
#[derive(Debug)]
pub struct Locked {
    path: PathBuf,
    content: Vec<u8>,
    limits: Limits,
    _lock: FolderLock,
}

/// How much a file of lines may hold.
#[derive(Clone, Copy, Debug)]
struct Limits {
    bytes: usize,
    lines: usize,
}

impl Limits {
    /// A release bundle.
    const BUNDLE: Self = Self { bytes: limits::BUNDLE_BYTES, lines: limits::BUNDLE_LINES };
    /// A list of withdrawals.
    const WITHDRAWALS: Self = Self { bytes: limits::WITHDRAWALS_BYTES, lines: limits::WITHDRAWALS_LINES };
}

/// Why nothing was appended. The bundle is as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AppendError {
    /// Somebody changed the file without asking for the lock.
    #[error("`{}` was changed by another program meanwhile", .0.display())]
    Changed(PathBuf),
    /// The file would have more bytes or lines than any verifier reads.
    #[error("`{}` would be larger than such a file may be", .0.display())]
    Full(PathBuf),
    /// The lock was not had.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The bundle can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The bundle can't be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Fault for AppendError {
    fn blame(&self) -> Blame {
        match self {
            Self::Changed(_) => Blame::Machine,
            Self::Full(_) => Blame::Evidence,
            Self::Lock(error) => error.blame(),
            Self::Read(error) => error.blame(),
            Self::Write(error) => error.blame(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Changed(_) => Some("try again".to_owned()),
            Self::Full(_) => Some("see `docs/format.md`, \"Limits\"".to_owned()),
            Self::Lock(error) => error.hint(),
            Self::Read(error) => error.hint(),
            Self::Write(error) => error.hint(),
        }
    }
}

impl Locked {
    /// Waits for the lock and reads the bundle.
    pub fn open(path: &Path) -> Result<Self, AppendError> {
        let lock = FolderLock::of(path)?;
        let content = files::read_own(path, limits::BUNDLE_BYTES)?;
        Ok(Self { path: path.to_owned(), content, limits: Limits::BUNDLE, _lock: lock })
    }

    /// Waits for the lock and reads a list of withdrawals; says whether it is there at all.
    pub fn open_withdrawals(path: &Path) -> Result<(Self, bool), AppendError> {
        let lock = FolderLock::of(path)?;
        let there = path.symlink_metadata().is_ok();
        let content = if there { files::read_own(path, limits::WITHDRAWALS_BYTES)? } else { Vec::new() };
        Ok((Self { path: path.to_owned(), content, limits: Limits::WITHDRAWALS, _lock: lock }, there))
    }

    /// Returns what the bundle holds.
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// Returns what the bundle would hold with lines behind it, each without its line feed, and the number of each of them.
    pub fn with<'l>(&self, lines: impl IntoIterator<Item = &'l [u8]>) -> (Vec<u8>, Vec<usize>) {
        let mut content = self.content.clone();
        if content.last().is_some_and(|last| *last != b'\n') {
            content.push(b'\n');
        }
        let before = content.split(|byte| *byte == b'\n').count();
        let mut numbers = Vec::new();
        for line in lines {
            content.extend_from_slice(line);
            content.push(b'\n');
            numbers.push(before + numbers.len());
        }
        (content, numbers)
    }

    /// Appends lines, each without its line feed: all of them are there afterwards, or none.
    pub fn append(self, lines: &[Vec<u8>]) -> Result<(), AppendError> {
        let (content, _) = self.with(lines.iter().map(Vec::as_slice));
        let (bundle, findings) = UnverifiedBundle::split_within(&content, self.limits.lines);
        if content.len() > self.limits.bytes || findings.deny() || bundle.lines().is_empty() {
            return Err(AppendError::Full(self.path));
        }
        let there = self.path.symlink_metadata().is_ok();
        if there && files::read_own(&self.path, self.limits.bytes)? != self.content
            || !there && !self.content.is_empty()
        {
            return Err(AppendError::Changed(self.path));
        }
        let existing = if there { Existing::Replace } else { Existing::Keep };
        Staged::with(&self.path, existing, Access::Public, &content)?.commit()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn lines_are_appended_behind_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r");
        fs::write(&path, "a").unwrap();
        let locked = Locked::open(&path).unwrap();
        assert_eq!(locked.content(), b"a");
        assert_eq!(locked.with([b"b".as_slice(), b"c"]), (b"a\nb\nc\n".to_vec(), vec![2, 3]));
        locked.append(&[b"b".to_vec(), b"c".to_vec()]).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"a\nb\nc\n");
    }

    #[test]
    fn a_change_behind_our_back_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r");
        fs::write(&path, "a\n").unwrap();
        let locked = Locked::open(&path).unwrap();
        fs::write(&path, "other\n").unwrap();
        assert!(matches!(locked.append(&[b"b".to_vec()]), Err(AppendError::Changed(_))));
        assert_eq!(fs::read(&path).unwrap(), b"other\n");
    }

    #[test]
    fn nothing_is_appended_over_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r");
        let full: Vec<_> = (0..limits::BUNDLE_LINES).map(|line| line.to_string()).collect();
        let full = full.join("\n");
        fs::write(&path, &full).unwrap();
        assert!(matches!(Locked::open(&path).unwrap().append(&[b"x".to_vec()]), Err(AppendError::Full(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), full);
        // A list of withdrawals grows for years.
        let (list, there) = Locked::open_withdrawals(&path).unwrap();
        assert!(there);
        list.append(&[b"x".to_vec()]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), full + "\nx\n");
    }
}
