//! What is on disk, in the words of a manifest: digests by its algorithm, whole or in shards.
//!
//! Memory is bounded by what was signed, whatever is found: of a file that nobody signed, or that is not as long as the
//! signed one, nothing is digested here.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Mutex;

use crate::inventory::Visitor;
use crate::oms::{HashType, Item, Manifest};
use crate::path::TreePath;
use crate::source::ReadAt;

/// Compares files with a manifest, while they are open to be hashed for the inventory.
pub(super) struct Measure<'m> {
    manifest: &'m Manifest,
    found: Mutex<Found>,
}

/// What was found of signed files.
#[derive(Default)]
pub(super) struct Found {
    /// Those that are there.
    pub(super) seen: BTreeSet<TreePath>,
    /// Parts with another digest, each with that.
    pub(super) changed: BTreeMap<Item, Vec<u8>>,
    /// Files that are not as long as their shards, with both lengths: the signed one first.
    pub(super) resized: Vec<(TreePath, u64, u64)>,
    /// Files that could not be read to their end.
    pub(super) failed: Vec<(TreePath, io::Error)>,
}

impl<'m> Measure<'m> {
    /// Measures for a manifest that the inventory alone can't be compared with, unless no file of a folder is meant by it.
    pub(super) fn new(manifest: &'m Manifest, of_folder: bool) -> Option<Self> {
        let plain = manifest.hash == HashType::Sha256 && manifest.shard.is_none();
        let other = manifest.is_single() && of_folder;
        (!plain && !other).then(|| Self { manifest, found: Mutex::default() })
    }

    /// Returns what was found.
    pub(super) fn finish(self) -> Found {
        self.found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Compares a file, and returns which of its parts have other digests.
    fn compare(&self, path: &TreePath, source: &dyn ReadAt) -> io::Result<Vec<(Item, Vec<u8>)>> {
        let mut changed = Vec::new();
        for (item, signed) in self.manifest.parts(self.signed(path)) {
            let (start, end) = item.range.unwrap_or((0, source.len()));
            let digest = self.manifest.hash.digest(source, start, end)?;
            if digest != *signed {
                changed.push((Item { path: Some(path.clone()), range: item.range }, digest));
            }
        }
        Ok(changed)
    }

    /// Returns how the manifest names a file: a single one may be named `.`.
    fn signed<'p>(&self, path: &'p TreePath) -> Option<&'p TreePath> {
        Some(path).filter(|_| !self.manifest.is_single())
    }
}

impl Visitor for Measure<'_> {
    fn visit(&self, path: &TreePath, source: &dyn ReadAt) {
        let Some((last, _)) = self.manifest.parts(self.signed(path)).last() else { return };
        let length = last.range.map_or(source.len(), |(_, end)| end);
        let same = length == source.len();
        let compared = if same { self.compare(path, source) } else { Ok(Vec::new()) };
        let mut found = self.found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        found.seen.insert(path.clone());
        if !same {
            found.resized.push((path.clone(), length, source.len()));
        }
        match compared {
            Ok(changed) => found.changed.extend(changed),
            Err(error) => found.failed.push((path.clone(), error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// A file of any length that costs no memory, and counts what is read.
    struct Sparse(u64, AtomicU64);

    impl ReadAt for Sparse {
        fn len(&self) -> u64 {
            self.0
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            let count = usize::try_from(self.0.saturating_sub(offset)).unwrap().min(buffer.len());
            self.1.fetch_add(count as u64, Ordering::Relaxed);
            Ok(count)
        }
    }

    fn path(text: &str) -> TreePath {
        TreePath::new(text).unwrap()
    }

    fn found(file: &str, length: u64) -> (Found, u64) {
        let digest = |bytes: &[u8]| HashType::Sha256.digest(&bytes, 0, bytes.len() as u64).unwrap();
        let item = |start, end| Item { path: Some(path("a")), range: Some((start, end)) };
        let manifest = Manifest {
            name: String::new(),
            hash: HashType::Sha256,
            shard: Some(1),
            ignored: Vec::new(),
            items: [(item(0, 1), digest(&[0])), (item(1, 2), digest(&[1]))].into(),
            is_of_0_2: false,
        };
        let measure = Measure::new(&manifest, true).unwrap();
        let source = Sparse(length, AtomicU64::new(0));
        measure.visit(&path(file), &source);
        (measure.finish(), source.1.into_inner())
    }

    #[test]
    fn what_is_found_costs_no_more_than_what_was_signed() {
        let (same, read) = found("a", 2);
        assert_eq!((same.changed.keys().map(|item| item.range).collect::<Vec<_>>(), read), (vec![Some((1, 2))], 2));
        for length in [0, 1, 3, 1 << 50] {
            let (other, read) = found("a", length);
            assert_eq!((other.resized, read), (vec![(path("a"), 2, length)], 0));
            assert!(other.changed.is_empty() && other.seen.len() == 1);
        }
        let (unsigned, read) = found("b", 1 << 50);
        assert!(unsigned.seen.is_empty() && unsigned.resized.is_empty() && read == 0);
    }
}
