//! What is on disk, in the words of a manifest: digests by its algorithm, whole or in shards.

use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;

use crate::inventory::Visitor;
use crate::oms::{HashType, Item, Manifest};
use crate::path::TreePath;
use crate::source::ReadAt;

/// Digests files as a manifest does, while they are open to be hashed for the inventory.
pub(super) struct Measure {
    hash: HashType,
    shard: Option<u64>,
    found: Mutex<Found>,
}

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    /// The digests.
    pub(super) items: BTreeMap<Item, Vec<u8>>,
    /// Files without a byte, of which no shard exists.
    pub(super) empty: Vec<TreePath>,
    /// Files that could not be read to their end.
    pub(super) failed: Vec<(TreePath, io::Error)>,
}

impl Measure {
    /// Measures for a manifest that the inventory alone can't be compared with.
    pub(super) fn new(manifest: &Manifest) -> Option<Self> {
        let plain = manifest.hash == HashType::Sha256 && manifest.shard.is_none();
        let (hash, shard) = (manifest.hash, manifest.shard);
        (!plain).then(|| Self { hash, shard, found: Mutex::default() })
    }

    /// Returns what was found.
    pub(super) fn finish(self) -> Found {
        self.found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn digests(&self, path: &TreePath, source: &dyn ReadAt) -> io::Result<Vec<(Item, Vec<u8>)>> {
        let Some(size) = self.shard else {
            let item = Item { path: Some(path.clone()), range: None };
            return Ok(vec![(item, self.hash.digest(source, 0, source.len())?)]);
        };
        let mut digests = Vec::new();
        let mut start = 0;
        while start < source.len() {
            let end = start.saturating_add(size).min(source.len());
            let item = Item { path: Some(path.clone()), range: Some((start, end)) };
            digests.push((item, self.hash.digest(source, start, end)?));
            start = end;
        }
        Ok(digests)
    }
}

impl Visitor for Measure {
    fn visit(&self, path: &TreePath, source: &dyn ReadAt) {
        let digests = self.digests(path, source);
        let mut found = self.found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match digests {
            Ok(digests) if digests.is_empty() => found.empty.push(path.clone()),
            Ok(digests) => found.items.extend(digests),
            Err(error) => found.failed.push((path.clone(), error)),
        }
    }
}
