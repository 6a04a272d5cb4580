//! Hashing: every file once, on all cores, with a small buffer a thread.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use rustix::fs::{FileType, Stat, fstat};

use crate::digest::{Digest, Hasher};
use crate::failure::Failure;
use crate::file_list::Entry;
use crate::finding::Findings;
use crate::inventory::{FileFault, Options, Root, follow, visit};
use crate::limits;
use crate::path::TreePath;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; limits::READ_BUFFER]);
}

/// What hashing found.
#[derive(Default)]
pub(super) struct Hashed {
    /// The files with their digests, sorted by path.
    pub(super) entries: Vec<Entry>,
    /// How many bytes were read.
    pub(super) bytes: u64,
    /// What is wrong with some files.
    pub(super) findings: Findings,
    /// What could not be read.
    pub(super) failures: Vec<Failure>,
}

/// Hashes the files of a tree; `paths` must be sorted.
pub(super) fn hash_all(root: &Root, paths: Vec<TreePath>, options: &Options<'_>) -> Hashed {
    let bytes = std::sync::atomic::AtomicU64::new(0);
    let results: Vec<Result<Entry, Box<(TreePath, FileFault)>>> = paths
        .into_par_iter()
        // Files differ in size by orders of magnitude: each is a piece of work of its own.
        .with_max_len(1)
        .map(|path| {
            let hashed = root.open_file(&path).and_then(|file| hash_one(&file, &path, options));
            match hashed {
                Ok((digest, size)) => {
                    bytes.fetch_add(size, std::sync::atomic::Ordering::Relaxed);
                    Ok(Entry { path, digest })
                }
                Err(fault) => Err(Box::new((path, fault))),
            }
        })
        .collect();
    let mut hashed = Hashed { bytes: bytes.into_inner(), ..Default::default() };
    hashed.entries = results
        .into_iter()
        .filter_map(|result| match result {
            Ok(entry) => Some(entry),
            Err(fault) => {
                let (path, fault) = *fault;
                fault.report(&options.tree, &path, &mut hashed.findings, &mut hashed.failures);
                None
            }
        })
        .collect();
    hashed
}

/// Hashes an open file, and says how many bytes it had.
pub(super) fn hash_one(file: &File, path: &TreePath, options: &Options<'_>) -> Result<(Digest, u64), FileFault> {
    while_unchanged(file, |expected| {
        let mut copy = options.copy.map(|copy| copy.begin(path)).transpose().map_err(FileFault::Copy)?;
        let mut following = options.follower.map(|follower| follow::open(file, path, follower)).transpose()?.flatten();
        let mut hasher = Hasher::new();
        let size = read_all(file, |chunk| {
            hasher.update(chunk);
            if let Some(following) = &mut following {
                following.advance(chunk);
            }
            options.progress.advance(chunk.len() as u64);
            copy.as_mut().map_or(Ok(()), |copy| copy.write(chunk)).map_err(FileFault::Copy)
        })?;
        if let Some(copy) = copy {
            copy.finish().map_err(FileFault::Copy)?;
        }
        if let Some(visitor) = options.visitor {
            visit::show(file, path, visitor)?;
        }
        if expected != size {
            return Err(FileFault::UNSTABLE);
        }
        let digest = hasher.finish();
        if let Some(following) = following {
            following.finish(digest);
        }
        Ok((digest, size))
    })
}

/// Does something with an open file of so many bytes, and refuses a file that changed meanwhile.
pub(super) fn while_unchanged<T>(file: &File, with: impl FnOnce(u64) -> Result<T, FileFault>) -> Result<T, FileFault> {
    let before = fstat(file).map_err(|errno| FileFault::Failed(errno.into()))?;
    if FileType::from_raw_mode(before.st_mode) != FileType::RegularFile {
        return Err(FileFault::SPECIAL);
    }
    let done = with(u64::try_from(before.st_size).unwrap_or_default())?;
    let after = fstat(file).map_err(|errno| FileFault::Failed(errno.into()))?;
    if state(&before) == state(&after) { Ok(done) } else { Err(FileFault::UNSTABLE) }
}

fn read_all(mut file: &File, mut each: impl FnMut(&[u8]) -> Result<(), FileFault>) -> Result<u64, FileFault> {
    BUFFER.with_borrow_mut(|buffer| {
        let mut size = 0;
        loop {
            match file.read(buffer) {
                Ok(0) => return Ok(size),
                Ok(count) => {
                    each(buffer.get(..count).unwrap_or_default())?;
                    size += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(FileFault::Failed(error)),
            }
        }
    })
}

/// What changes when somebody writes to a file.
fn state(stat: &Stat) -> impl PartialEq + use<> {
    (stat.st_size, stat.st_mtime, stat.st_mtime_nsec, stat.st_ctime, stat.st_ctime_nsec)
}
