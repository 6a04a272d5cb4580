//! Hearing the bytes of files while they are hashed, so that nobody has to read them twice.

use std::fs::File;

use crate::digest::Digest;
use crate::files::FileSource;
use crate::inventory::FileFault;
use crate::path::TreePath;
use crate::source::ReadAt;

/// Follows the files of a tree while they are hashed, from several threads.
pub trait Follower: Sync {
    /// Looks at a file that is going to be hashed, and follows it or not.
    fn open(&self, path: &TreePath, source: &dyn ReadAt) -> Option<Box<dyn Following + '_>>;
}

/// Follows one file, from its first byte to its last.
pub trait Following {
    /// Hears the next bytes.
    fn advance(&mut self, chunk: &[u8]);

    /// Hears that these were all, and what their SHA-256 is. A file that could not be read whole, or that had another
    /// size than it should, is never finished.
    fn finish(self: Box<Self>, digest: Digest);
}

/// Shows an open file to a follower.
pub(super) fn open<'f>(
    file: &File,
    path: &TreePath,
    follower: &'f dyn Follower,
) -> Result<Option<Box<dyn Following + 'f>>, FileFault> {
    Ok(follower.open(path, &FileSource::new(file).map_err(FileFault::Failed)?))
}
