//! Digests of the tensors of a model, taken while its files are hashed: one pass, no tensor in memory.

use std::sync::{Mutex, PoisonError};

use crate::digest::{Digest, Hasher};
use crate::intoto::predicate::tensors::{Tensor, TensorFile, Tensors};
use crate::inventory::{Follower, Following};
use crate::limits;
use crate::path::TreePath;
use crate::source::ReadAt;
use crate::text::Text;
use crate::weights::{TensorPlace, tensor_table};

/// Extensions of files that must have a table of tensors.
const EXTENSIONS: [&str; 2] = [".safetensors", ".gguf"];

/// Takes the digests of the tensors of every file that it follows.
#[derive(Debug, Default)]
pub struct TensorHasher(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    found: Tensors,
    unread: Vec<Unread>,
    /// How many tensors the tables had, and how many bytes their names and types.
    tensors: usize,
    bytes: usize,
}

/// A file whose tensors are not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The file.
    pub path: TreePath,
    /// Why.
    pub reason: Text,
}

impl TensorHasher {
    /// Returns what was found, sorted by path, and the files whose tensors can't be told.
    pub fn finish(self) -> (Tensors, Vec<Unread>) {
        let State { mut found, mut unread, .. } = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.files.sort_by(|one, other| one.path.cmp(&other.path));
        unread.sort_by(|one, other| one.path.cmp(&other.path));
        (found, unread)
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the table of a file, if it has one, within the limits of the whole model.
    fn table(&self, path: &TreePath, source: &dyn ReadAt) -> Result<Option<tensor_table::TensorTable>, String> {
        let table = match tensor_table::read(source) {
            None if EXTENSIONS.iter().any(|extension| path.as_str().to_ascii_lowercase().ends_with(extension)) => {
                return Err("it is not what its name says".to_owned());
            }
            None => return Ok(None),
            Some(table) => table.map_err(|error| error.to_string())?,
        };
        let bytes: usize = table.tensors.iter().map(cost).sum();
        self.with(|state| {
            state.tensors = state.tensors.saturating_add(table.tensors.len());
            state.bytes = state.bytes.saturating_add(bytes);
            if state.tensors > limits::TENSORS {
                return Err(format!("the model has more than {} tensors", limits::TENSORS));
            }
            if state.bytes > limits::TENSOR_TABLE_BYTES {
                return Err("the names of the tensors of the model are too long".to_owned());
            }
            Ok(Some(table))
        })
    }
}

fn cost(tensor: &TensorPlace) -> usize {
    tensor.name.len() + tensor.dtype.len() + tensor.shape.len() * size_of::<u64>()
}

impl Follower for TensorHasher {
    fn open(&self, path: &TreePath, source: &dyn ReadAt) -> Option<Box<dyn Following + '_>> {
        match self.table(path, source) {
            Ok(table) => {
                let table = table?;
                let file = FileHasher::new(table.tensors);
                Some(Box::new(Followed { hasher: self, path: path.clone(), format: table.format, file }))
            }
            Err(reason) => {
                self.with(|state| state.unread.push(Unread { path: path.clone(), reason: reason.into() }));
                None
            }
        }
    }
}

struct Followed<'h> {
    hasher: &'h TensorHasher,
    path: TreePath,
    format: &'static str,
    file: FileHasher,
}

impl Following for Followed<'_> {
    fn advance(&mut self, chunk: &[u8]) {
        self.file.advance(chunk);
    }

    fn finish(self: Box<Self>, digest: Digest) {
        let Self { hasher, path, format, file } = *self;
        hasher.with(|state| match file.finish() {
            Some(tensors) => {
                state.found.files.push(TensorFile { path, sha256: digest, format: format.to_owned(), tensors });
            }
            None => state.unread.push(Unread { path, reason: "a tensor ends behind the file".into() }),
        });
    }
}

/// Parts the bytes of a file among its tensors, which are in the order of their places and don't overlap.
struct FileHasher {
    open: std::vec::IntoIter<TensorPlace>,
    current: Option<(TensorPlace, Hasher)>,
    done: Vec<Tensor>,
    /// How many bytes of the file were heard.
    offset: u64,
}

impl FileHasher {
    fn new(tensors: Vec<TensorPlace>) -> Self {
        let mut hasher = Self { open: tensors.into_iter(), current: None, done: Vec::new(), offset: 0 };
        hasher.next();
        hasher
    }

    fn next(&mut self) {
        self.current = self.open.next().map(|tensor| (tensor, Hasher::new()));
    }

    fn advance(&mut self, chunk: &[u8]) {
        let end = self.offset.saturating_add(chunk.len() as u64);
        while let Some((tensor, hasher)) = &mut self.current {
            let tensor_end = tensor.offset.saturating_add(tensor.length);
            hasher.update(part(chunk, self.offset, tensor.offset, tensor_end));
            if tensor_end > end {
                break;
            }
            self.close();
        }
        self.offset = end;
    }

    /// Ends the tensor whose bytes were all heard.
    fn close(&mut self) {
        if let Some((tensor, hasher)) = self.current.take() {
            let TensorPlace { name, dtype, shape, .. } = tensor;
            self.done.push(Tensor { name, dtype, shape, sha256: hasher.finish() });
        }
        self.next();
    }

    /// Returns the tensors, if the file had them all.
    fn finish(mut self) -> Option<Vec<Tensor>> {
        // Tensors without bytes may stand at the end of a file without data.
        self.advance(&[]);
        self.current.is_none().then_some(self.done)
    }
}

/// Returns what a chunk that starts at `offset` has of the bytes from `start` to `end`.
fn part(chunk: &[u8], offset: u64, start: u64, end: u64) -> &[u8] {
    let inside = |place: u64| usize::try_from(place.saturating_sub(offset)).unwrap_or(usize::MAX).min(chunk.len());
    chunk.get(inside(start)..inside(end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str, offset: u64, length: u64) -> TensorPlace {
        TensorPlace { name: name.to_owned(), dtype: "U8".to_owned(), shape: vec![length], offset, length }
    }

    #[test]
    fn bytes_are_parted_whatever_the_chunks_are() {
        let bytes: Vec<u8> = (0..40).collect();
        let places =
            vec![place("a", 3, 10), place("none", 13, 0), place("b", 13, 1), place("c", 20, 20), place("end", 40, 0)];
        for size in [1, 2, 3, 7, 13, 39, 40, 100] {
            let mut hasher = FileHasher::new(places.clone());
            bytes.chunks(size).for_each(|chunk| hasher.advance(chunk));
            let tensors = hasher.finish().unwrap();
            let digests: Vec<_> = tensors.iter().map(|tensor| (tensor.name.as_str(), tensor.sha256)).collect();
            let of = |range: std::ops::Range<usize>| Digest::of(&bytes[range]);
            let expected =
                [("a", of(3..13)), ("none", of(0..0)), ("b", of(13..14)), ("c", of(20..40)), ("end", of(0..0))];
            assert_eq!(digests, expected, "{size}");
        }
    }

    #[test]
    fn a_tensor_without_its_end_is_none() {
        let mut hasher = FileHasher::new(vec![place("a", 0, 4)]);
        hasher.advance(&[1, 2, 3]);
        assert_eq!(hasher.finish(), None);
    }

    #[test]
    fn files_are_told_by_content_and_a_false_name_is_told() {
        let header = br#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#;
        let file = [&(header.len() as u64).to_le_bytes()[..], header, b"xy"].concat();
        let hasher = TensorHasher::default();
        let path = |text: &str| TreePath::new(text).unwrap();
        let mut following = hasher.open(&path("weights"), &file).unwrap();
        following.advance(&file);
        following.finish(Digest::of(&file));
        for (name, content) in [("README.md", "text"), ("x.safetensors", "text"), ("y.GGUF", "GGUF")] {
            assert!(hasher.open(&path(name), &content.as_bytes().to_vec()).is_none());
        }
        let (found, unread) = hasher.finish();
        assert_eq!(found.files[0].tensors[0].sha256, Digest::of(b"xy"));
        assert_eq!(unread.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["x.safetensors", "y.GGUF"]);
    }
}
