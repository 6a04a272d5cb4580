//! Opening beneath a root, without ever following a link.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{self, AtFlags, CWD, Mode, OFlags};
use rustix::io::Errno;

use crate::files::{self, ReadError};
use crate::inventory::FileFault;
use crate::path::TreePath;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
/// A pipe in place of a file must not block us.
const FILE: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// An open folder beneath which files are opened.
pub struct Root {
    folder: OwnedFd,
}

impl Root {
    /// Opens a folder. The path itself may lead over links: it is the caller's.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let opened = fs::openat(CWD, path, FOLDER, Mode::empty());
        let folder = opened.map_err(|errno| ReadError::Io { path: path.to_owned(), source: errno.into() })?;
        Ok(Self { folder })
    }

    /// Returns the folder itself.
    pub(super) fn folder(&self) -> &OwnedFd {
        &self.folder
    }

    /// Opens a folder inside an open folder.
    pub(super) fn enter(folder: impl AsFd, name: &str) -> Result<OwnedFd, Errno> {
        fs::openat(folder, name, FOLDER | OFlags::NOFOLLOW, Mode::empty())
    }

    /// Opens a file beneath the root; every component of the path must be what it says.
    pub(super) fn open_file(&self, path: &TreePath) -> Result<File, FileFault> {
        let opened = self.open_beneath(path).map(File::from).inspect(|file| files::note_in_tree(path.as_str(), file));
        opened.map_err(|errno| match errno {
            // A component is a link (ELOOP), or no longer a folder because it is a link (ENOTDIR).
            Errno::LOOP | Errno::NOTDIR | Errno::XDEV => FileFault::LINK,
            Errno::NOENT => FileFault::VANISHED,
            // A socket, or a device without a driver.
            Errno::NXIO => FileFault::SPECIAL,
            errno => FileFault::Failed(errno.into()),
        })
    }

    /// Returns the size of a file, or nothing if it has none.
    pub(super) fn size(&self, path: &TreePath) -> u64 {
        let stat = fs::statat(&self.folder, path.as_str(), AtFlags::SYMLINK_NOFOLLOW);
        stat.ok().and_then(|stat| stat.st_size.try_into().ok()).unwrap_or_default()
    }

    /// One call where the kernel has `openat2` (Linux 5.6).
    #[cfg(target_os = "linux")]
    fn open_beneath(&self, path: &TreePath) -> Result<OwnedFd, Errno> {
        use rustix::fs::ResolveFlags;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        match fs::openat2(&self.folder, path.as_str(), FILE, Mode::empty(), resolve) {
            Err(Errno::NOSYS | Errno::PERM) => self.open_stepwise(path),
            opened => opened,
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn open_beneath(&self, path: &TreePath) -> Result<OwnedFd, Errno> {
        self.open_stepwise(path)
    }

    /// Folder by folder, for every other system.
    fn open_stepwise(&self, path: &TreePath) -> Result<OwnedFd, Errno> {
        let (parents, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut folder = self.folder.try_clone().map_err(|_| Errno::MFILE)?;
        for component in parents.split('/').filter(|component| !component.is_empty()) {
            folder = Self::enter(&folder, component)?;
        }
        fs::openat(&folder, name, FILE, Mode::empty())
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{create_dir, write};
    use std::io::Read;
    use std::os::unix::fs::symlink;

    use super::*;

    type Way = fn(&Root, &TreePath) -> Result<OwnedFd, Errno>;

    /// Both ways of opening must agree.
    fn ways() -> [Way; 2] {
        [Root::open_beneath, Root::open_stepwise]
    }

    #[test]
    fn files_are_opened_and_links_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        create_dir(at("a")).unwrap();
        write(at("a/file"), "content").unwrap();
        symlink(at("a/file"), at("link")).unwrap();
        symlink("a", at("linked")).unwrap();
        let root = Root::open(folder.path()).unwrap();
        let path = |text| TreePath::new(text).unwrap();
        for open in ways() {
            let mut content = String::new();
            File::from(open(&root, &path("a/file")).unwrap()).read_to_string(&mut content).unwrap();
            assert_eq!(content, "content");
            for link in ["link", "linked/file"] {
                assert!(matches!(open(&root, &path(link)), Err(Errno::LOOP | Errno::NOTDIR)), "{link}");
            }
            assert_eq!(open(&root, &path("a/missing")).unwrap_err(), Errno::NOENT);
        }
    }

    #[test]
    fn a_root_must_be_a_folder() {
        assert!(Root::open(Path::new("/dev/null")).is_err());
    }
}
