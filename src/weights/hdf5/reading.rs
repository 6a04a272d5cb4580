//! Reading HDF5 with a crate that is young.
//!
//! It works in a thread of its own, gets bytes only through a channel that counts them, and a panic in it is an error
//! here. It never opens a file.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use hdf5_reader::error::Error;
use hdf5_reader::local_heap::LocalHeap;
use hdf5_reader::messages::HdfMessage;
use hdf5_reader::storage::{BlockCacheStorage, RangeRequestStorage};
use hdf5_reader::{Attribute, Datatype, ExternalLinkResolver, Hdf5File, OpenOptions};

use crate::limits;
use crate::source::{ReadAt, exactly};
use crate::weights::FormatError;
use crate::weights::hdf5::{Hdf5, start};

/// Bytes of a block that the reader keeps, and how many of them.
const BLOCK: usize = 64 << 10;
const BLOCKS: usize = 64;

/// Reads groups, datasets and attributes, and none of the data.
pub fn read(source: &dyn ReadAt) -> Result<Hdf5, FormatError> {
    let start = start(source).ok_or_else(|| FormatError::malformed(0, "the magic is missing"))?;
    let (ask, questions) = mpsc::sync_channel(0);
    let (done, answer) = mpsc::sync_channel(1);
    let length = source.len();
    let worker = thread::Builder::new().spawn(move || {
        let read = catch_unwind(AssertUnwindSafe(|| walk(length, ask)));
        // Nobody waits any more if the time was up.
        let _ = done.send(read.unwrap_or_else(|_| Err(Error::InvalidData("the reader gave up".to_owned()))));
    })?;
    serve(source, &questions)?;
    let read = answer.recv_timeout(patience()).map_err(|_| too_slow())?;
    // It has answered: what is left of it is nothing.
    drop(worker);
    let facts = read.map_err(|error| FormatError::malformed(start, format!("HDF5: {error:.200}")))?;
    Ok(Hdf5 { start, ..facts })
}

/// A range that the reader asks for, and where the answer goes.
type Question = (u64, usize, SyncSender<Option<Vec<u8>>>);

fn patience() -> Duration {
    Duration::from_secs(limits::HDF5_SECONDS)
}

fn too_slow() -> FormatError {
    FormatError::Limit { limit: limits::HDF5_SECONDS, noun: "seconds without progress" }
}

/// Answers until nobody asks, or too much was asked.
fn serve(source: &dyn ReadAt, questions: &Receiver<Question>) -> Result<(), FormatError> {
    let mut left = limits::HDF5_BYTES;
    loop {
        let (offset, count, answer) = match questions.recv_timeout(patience()) {
            Ok(question) => question,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Err(RecvTimeoutError::Timeout) => return Err(too_slow()),
        };
        left = left
            .checked_sub(count as u64 + 64)
            .ok_or(FormatError::Limit { limit: limits::HDF5_BYTES, noun: "bytes of groups and attributes" })?;
        let bytes = match exactly(source, offset, count) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => None,
            Err(error) => return Err(error.into()),
        };
        // The reader may have given up in between.
        let _ = answer.send(bytes);
    }
}

/// Writes down files that are linked to, and opens none.
#[derive(Default)]
struct Links(Mutex<BTreeSet<String>>);

impl ExternalLinkResolver for Links {
    fn resolve_external_link(&self, file: &str) -> Result<Option<Hdf5File>, Error> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if (files.len() as u64) < limits::GRAPH_NAMES {
            files.insert(file.chars().take(limits::SHOWN_CHARACTERS).collect());
        }
        Ok(None)
    }
}

fn walk(length: u64, ask: SyncSender<Question>) -> Result<Hdf5, Error> {
    let gone = || Error::InvalidData("a range outside the file is asked for".to_owned());
    let ranges = RangeRequestStorage::new(length, move |offset, count| {
        let (answer, wait) = mpsc::sync_channel(1);
        ask.send((offset, count, answer)).map_err(|_| gone())?;
        wait.recv().ok().flatten().ok_or_else(gone)
    });
    let links = Arc::new(Links::default());
    let options = OpenOptions::default()
        .with_external_link_resolver(Arc::<Links>::clone(&links))
        .with_chunk_cache_bytes(0)
        .with_max_read_bytes(0)
        .with_max_object_header_bytes(limits::HDF5_HEADER_BYTES);
    let storage = BlockCacheStorage::new(Arc::new(ranges), BLOCK, BLOCKS);
    let file = Hdf5File::from_storage_with_options(Arc::new(storage), options)?;
    let mut facts = Hdf5 { end: file.superblock().eof_address, ..Hdf5::default() };
    facts.collect(&file)?;
    let mut links = links.0.lock().unwrap_or_else(PoisonError::into_inner);
    for file in &*links {
        facts.files.entry(file.clone()).or_default();
    }
    facts.external.append(&mut links);
    Ok(facts)
}

impl Hdf5 {
    fn collect(&mut self, file: &Hdf5File) -> Result<(), Error> {
        // A link to what was seen before is no other object.
        let (mut seen, mut links) = (BTreeSet::new(), 0);
        let mut open = vec![(String::new(), file.root_group()?)];
        while let Some((path, group)) = open.pop() {
            if !seen.insert(group.address()) {
                continue;
            }
            self.object(&path, &group.attributes()?)?;
            let (groups, datasets) = group.members()?;
            links += datasets.len() as u64;
            if links > limits::HDF5_OBJECTS {
                return Err(Error::InvalidData("too many links".to_owned()));
            }
            for dataset in datasets {
                if !seen.insert(dataset.address()) {
                    continue;
                }
                let path = format!("{path}/{}", dataset.name());
                self.object(&path, &dataset.attributes())?;
                self.counted(dataset.dtype(), dataset.shape());
                self.stored(file, &path, &file.get_or_parse_header(dataset.address())?.messages)?;
            }
            open.extend(groups.into_iter().map(|group| (format!("{path}/{}", group.name()), group)));
            if open.len() as u64 > limits::HDF5_OBJECTS {
                return Err(Error::InvalidData("too many groups".to_owned()));
            }
        }
        Ok(())
    }

    fn object(&mut self, path: &str, attributes: &[Attribute]) -> Result<(), Error> {
        self.objects += 1;
        if self.objects > limits::HDF5_OBJECTS || path.len() > limits::PATH_BYTES {
            return Err(Error::InvalidData("too many groups and datasets, or nested too deep".to_owned()));
        }
        for attribute in attributes {
            if is_pickle(attribute) {
                self.pickles.insert(format!("{path}@{}", attribute.name));
            } else if let Ok(text) = attribute.read_string() {
                self.text(path, &attribute.name, text)?;
            }
        }
        Ok(())
    }

    /// Counts the numbers of a dataset.
    fn counted(&mut self, kind: &Datatype, shape: &[u64]) {
        self.datasets += 1;
        let Some(word) = word(kind) else { return };
        let count = shape.iter().fold(1_u64, |product, size| product.saturating_mul(*size));
        let sum = self.elements.entry(word).or_default();
        *sum = sum.saturating_add(count);
    }

    fn text(&mut self, path: &str, name: &str, text: String) -> Result<(), Error> {
        let bytes: usize = self.texts.iter().map(|(_, _, text)| text.len()).sum();
        if (bytes + text.len()) as u64 > limits::METADATA_BYTES {
            return Err(Error::InvalidData("too much text in attributes".to_owned()));
        }
        // Other texts, such as the names of weights, state nothing that anybody needs.
        if path.is_empty() || text.len() > 256 {
            self.texts.push((path.to_owned(), name.to_owned(), text));
        }
        Ok(())
    }

    /// Looks for data that lies in other files (HDF5 file format specification, IV.A.2.h).
    fn stored(&mut self, file: &Hdf5File, path: &str, messages: &[HdfMessage]) -> Result<(), Error> {
        let superblock = file.superblock();
        for message in messages {
            let HdfMessage::ExternalFiles(message) = message else { continue };
            self.external.insert(format!("the data of {path}"));
            let (offsets, lengths) = (superblock.offset_size, superblock.length_size);
            let heap = LocalHeap::parse_at_storage(file.storage(), message.heap_address, offsets, lengths)?;
            for slot in &message.slots {
                let name = heap.get_string_storage(slot.name_offset, file.storage())?;
                // The last of them may be as long as it likes.
                let size = if slot.size == u64::MAX { 0 } else { slot.size };
                let bytes = self.files.entry(name).or_default();
                *bytes = (*bytes).max(slot.offset.saturating_add(size));
            }
            if self.files.len() as u64 > limits::GRAPH_NAMES {
                return Err(Error::InvalidData("too many files of data".to_owned()));
            }
        }
        Ok(())
    }
}

/// Returns the word for a type of numbers; complex ones and truth values as h5py writes them.
fn word(kind: &Datatype) -> Option<String> {
    let real = |kind: &Datatype| match kind {
        Datatype::FloatingPoint { size, .. } => Some(u32::from(*size) * 8),
        _ => None,
    };
    Some(match kind {
        Datatype::FloatingPoint { size, .. } => format!("F{}", u32::from(*size) * 8),
        Datatype::FixedPoint { size, signed: true, .. } => format!("I{}", u32::from(*size) * 8),
        Datatype::FixedPoint { size, .. } => format!("U{}", u32::from(*size) * 8),
        Datatype::Enum { members, .. } if members.iter().map(|member| member.name.as_str()).eq(["FALSE", "TRUE"]) => {
            "BOOL".to_owned()
        }
        Datatype::Compound { fields, .. } => match fields.as_slice() {
            [one, other] if (one.name.as_str(), other.name.as_str()) == ("r", "i") => {
                let bits = real(&one.datatype).filter(|bits| real(&other.datatype) == Some(*bits))?;
                format!("C{}", bits * 2)
            }
            _ => return None,
        },
        _ => return None,
    })
}

/// Says whether an attribute holds a pickle, as PyTables writes them, or marks pickled objects.
fn is_pickle(attribute: &Attribute) -> bool {
    let bytes = attribute.raw_data.as_slice();
    let binary = matches!(bytes, [0x80, 2..=5, ..]);
    let textual = matches!(bytes, [b'c' | b'(' | b'I' | b'S', ..]) && bytes.trim_ascii_end().ends_with(b".");
    let marks = attribute.name == "PSEUDOATOM" && bytes.starts_with(b"object");
    binary || (textual && bytes.contains(&b'\n')) || marks
}
