//! Making files visible: all of a set or none, each whole.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use crate::files::write::{Existing, Staged, WriteError, failed, folder, hidden, sync_folder};

/// Makes files visible under their names, whole and durable, in the given order.
///
/// Each is durable before the next is visible. Where one can't be made so, all that were before it are taken
/// back: what they replaced is there again, and what was new is gone. Only a crash can end between two files,
/// so the last one should be the one that stands for all.
pub fn commit_all(files: Vec<Staged>) -> Result<(), WriteError> {
    let mut published = Vec::new();
    let committed = files.into_iter().try_for_each(|file| {
        let file = publish(file)?;
        let settled = sync_folder(folder(&file.target)).map_err(|source| failed(&file.target, source));
        published.push(file);
        settled
    });
    if committed.is_err() {
        published.into_iter().rev().for_each(Published::take_back);
    }
    committed
}

/// A file that is visible, and can still be taken back.
struct Published {
    target: PathBuf,
    /// What it replaced, under a hidden name.
    before: Option<TempPath>,
}

impl Published {
    /// Restores what was there before. The error that led here is the one to report.
    fn take_back(self) {
        let restored = match self.before {
            Some(before) => before.persist(&self.target).map_err(|error| error.error),
            None => fs::remove_file(&self.target),
        };
        let _ = restored.and_then(|()| sync_folder(folder(&self.target)));
    }
}

/// Gives a file its name.
fn publish(staged: Staged) -> Result<Published, WriteError> {
    let Staged { file, target, existing } = staged;
    let file = file.into_inner().map_err(|error| failed(&target, error.into_error()))?;
    let before = match existing {
        Existing::Replace => second_name(&target).map_err(|source| failed(&target, source))?,
        Existing::Keep => None,
    };
    let renamed = match existing {
        Existing::Keep => file.persist_noclobber(&target),
        Existing::Replace => file.persist(&target),
    };
    match renamed {
        Ok(_) => Ok(Published { target, before }),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(WriteError::Exists { path: target }),
        Err(error) => Err(failed(&target, error.error)),
    }
}

/// Gives a file that is about to be replaced a second, hidden name, if there is one.
fn second_name(target: &Path) -> io::Result<Option<TempPath>> {
    match fs::symlink_metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        looked => looked?,
    };
    let linked = hidden().make_in(folder(target), |path| fs::hard_link(target, path));
    // Not every file system has hard links.
    linked.map_or_else(|_| copy(target), |link| Ok(link.into_temp_path())).map(Some)
}

fn copy(target: &Path) -> io::Result<TempPath> {
    let mut original = File::open(target)?;
    let mut copy = hidden().tempfile_in(folder(target))?;
    io::copy(&mut original, &mut copy)?;
    copy.as_file().set_permissions(original.metadata()?.permissions())?;
    copy.as_file().sync_all()?;
    Ok(copy.into_temp_path())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Access;

    fn staged(path: &Path, existing: Existing) -> Staged {
        Staged::with(path, existing, Access::Public, b"new").unwrap()
    }

    fn contents(folder: &Path) -> Vec<(String, String)> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        let mut contents: Vec<_> = entries
            .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
            .collect();
        contents.sort();
        contents
    }

    #[test]
    fn all_are_there_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let [one, two] = ["1", "2"].map(|name| place.path().join(name));
        fs::write(&two, "old").unwrap();
        commit_all(vec![staged(&one, Existing::Keep), staged(&two, Existing::Replace)]).unwrap();
        assert_eq!(contents(place.path()), [("1".into(), "new".into()), ("2".into(), "new".into())]);
    }

    #[test]
    fn where_one_fails_those_before_it_are_taken_back() {
        let place = tempfile::tempdir().unwrap();
        let [new, old, late] = ["new", "old", "late"].map(|name| place.path().join(name));
        fs::write(&old, "old").unwrap();
        let files = vec![staged(&new, Existing::Keep), staged(&old, Existing::Replace), staged(&late, Existing::Keep)];
        fs::write(&late, "late").unwrap();
        assert!(matches!(commit_all(files), Err(WriteError::Exists { path }) if path == late));
        assert_eq!(contents(place.path()), [("late".into(), "late".into()), ("old".into(), "old".into())]);
    }

    #[test]
    fn a_copy_stands_in_for_a_link() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("x");
        fs::write(&path, "old").unwrap();
        let copied = copy(&path).unwrap();
        assert_eq!(fs::read_to_string(&copied).unwrap(), "old");
        assert_eq!(fs::metadata(&copied).unwrap().permissions(), fs::metadata(&path).unwrap().permissions());
        drop(copied);
        assert_eq!(contents(place.path()), [("x".into(), "old".into())]);
    }
}
