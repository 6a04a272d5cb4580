//! Checkpoints of TensorFlow: an index of names and places, which says in how many files of raw data the tensors lie.

use crate::path::TreePath;
use crate::scan::polyglot::has;
use crate::scan::{Check, Context, Format, Head, Sheet, Stop};
use crate::source::ReadAt;
use crate::weights::protobuf::{self, Value, varint};
use crate::weights::reader::Reader;

/// The last bytes of a table of LevelDB, in which the index is kept.
const MAGIC: &[u8; 8] = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb";
/// Bytes of what stands at the end of a table.
const FOOTER: u64 = 48;

/// The index of a checkpoint.
pub(super) struct Checkpoint;

impl Check for Checkpoint {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        let length = head.source.len();
        let ends = length >= FOOTER && has(head.source, length - MAGIC.len() as u64, MAGIC);
        ends.then_some(Format::TensorFlowCheckpoint)
    }

    fn scan(&self, source: &dyn ReadAt, name: &TreePath, _: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        let shards = shards(source)?;
        let base = name.strip_suffix(".index").unwrap_or(name);
        for shard in 0..shards {
            if let Ok(path) = TreePath::new(&format!("{base}.data-{shard:05}-of-{shards:05}")) {
                sheet.raw_data(path);
            }
        }
        Ok(())
    }
}

/// Reads how many files there are: the first entry has the empty key, its value is a `BundleHeaderProto`.
fn shards(source: &dyn ReadAt) -> Result<u64, Stop> {
    let mut reader = Reader::new(source);
    let (shared, key, length) = (varint(&mut reader)?, varint(&mut reader)?, varint(&mut reader)?);
    if (shared, key) != (0, 0) {
        return Err(Stop::Malformed(0, "the index does not begin with its header".to_owned()));
    }
    let mut shards = 0;
    protobuf::message(&mut reader, length, &mut |reader, field| match (field.number, field.value) {
        (1, Value::Number(count)) => {
            shards = count;
            Ok(())
        }
        _ => protobuf::pass(reader, field),
    })?;
    // Names have five digits for it.
    if (1..=99_999).contains(&shards) {
        Ok(shards)
    } else {
        Err(Stop::Malformed(0, format!("the index names {shards} files")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Rating, test_support::scan};

    fn index(start: &[u8]) -> Vec<u8> {
        [start, &[0; 40], MAGIC].concat()
    }

    #[test]
    fn an_index_names_its_files() {
        let scan = scan("variables/variables.index", &index(&[0, 0, 4, 8, 2, 0x1a, 0]));
        assert_eq!((scan.format, scan.rating), (Format::TensorFlowCheckpoint, Rating::Inert));
        let raw: Vec<&str> = scan.raw.iter().map(TreePath::as_str).collect();
        assert_eq!(raw, ["variables/variables.data-00000-of-00002", "variables/variables.data-00001-of-00002"]);
    }

    #[test]
    fn an_index_without_header_is_unknown() {
        for start in [&[1, 0, 2, 8, 1][..], &[0, 0, 0], &[0, 0, 5, 8, 0xff, 0xff, 0xff, 0x7f], &[0, 0, 0x7f, 8, 1]] {
            assert_eq!(scan("a.index", &index(start)).rating, Rating::Unknown, "{start:?}");
        }
    }
}
