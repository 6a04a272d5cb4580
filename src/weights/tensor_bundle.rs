//! The index of the tensors that TensorFlow saved, `variables.index` (`tensor_bundle.proto`): a sorted table of LevelDB whose
//! keys are the names of tensors. The tensors themselves lie in other files.

use std::collections::BTreeMap;

use crate::limits;
use crate::source::{ReadAt, Window, exactly};
use crate::weights::FormatError;
use crate::weights::protobuf::{self, Value, varint};
use crate::weights::reader::Reader;

/// How a table ends.
const MAGIC: [u8; 8] = 0xdb47_7524_8b80_fb57_u64.to_le_bytes();
/// Bytes of the end of a table: two places, padding, the magic number.
const FOOTER: u64 = 48;
/// Bytes behind each block: how it is packed, and a checksum.
const TRAILER: u64 = 5;
/// The type of texts, which are no weights: the graph of objects is one.
const STRING: u64 = 7;

/// The types of tensors by their numbers (`types.proto`), in the words of TensorFlow.
const TYPES: [(u64, &str); 20] = [
    (1, "float32"),
    (2, "float64"),
    (3, "int32"),
    (4, "uint8"),
    (5, "int16"),
    (6, "int8"),
    (8, "complex64"),
    (9, "int64"),
    (10, "bool"),
    (11, "qint8"),
    (12, "quint8"),
    (13, "qint32"),
    (14, "bfloat16"),
    (17, "uint16"),
    (18, "complex128"),
    (19, "float16"),
    (22, "uint32"),
    (23, "uint64"),
    (24, "float8_e5m2"),
    (25, "float8_e4m3fn"),
];

/// What an index says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TensorBundle {
    /// How many tensors there are; texts are none.
    pub tensors: u64,
    /// How many parameters there are of each type.
    pub elements: BTreeMap<String, u64>,
    /// The tensor with the most parameters, and its shape.
    pub largest: Option<(String, Vec<u64>)>,
}

/// Says whether a source ends as such a table does, and begins as an index.
pub fn recognises(source: &dyn ReadAt) -> bool {
    let end = source.len().checked_sub(8).and_then(|at| exactly(source, at, 8).ok());
    // The first key is the empty one, of the header.
    end.is_some_and(|end| end == MAGIC) && exactly(source, 0, 2).is_ok_and(|start| start == [0, 0])
}

/// Reads an index.
pub fn read(source: &dyn ReadAt) -> Result<TensorBundle, FormatError> {
    let start = source.len().checked_sub(FOOTER);
    let start = start.ok_or_else(|| FormatError::malformed(0, "the index is too short"))?;
    let window = Window::new(source, start, FOOTER);
    let mut footer = Reader::new(&window);
    let (_, index) = (place(&mut footer)?, place(&mut footer)?);
    let mut bundle = TensorBundle::default();
    let mut next = 0;
    entries(source, index, &mut |_, reader, length| {
        let end = reader.narrow(length)?;
        let block = place(reader)?;
        reader.widen(end);
        // Blocks that stood on the same bytes would be read without end.
        if block.0 < next {
            return Err(reader.fault("a block of the index stands before the one before it"));
        }
        next = block.0.saturating_add(block.1);
        entries(source, block, &mut |key, reader, length| bundle.entry(key, reader, length))
    })?;
    Ok(bundle)
}

/// Reads where a block stands, and how long it is.
fn place(reader: &mut Reader<'_>) -> Result<(u64, u64), FormatError> {
    Ok((varint(reader)?, varint(reader)?))
}

/// Takes an entry of a block: its key, and its value, which has so many bytes and stands before the reader.
type Entry<'e> = dyn FnMut(&[u8], &mut Reader<'_>, u64) -> Result<(), FormatError> + 'e;

/// Reads the entries of a block: each key shares its start with the one before it.
fn entries(source: &dyn ReadAt, (start, length): (u64, u64), each: &mut Entry<'_>) -> Result<(), FormatError> {
    let fault = |what: &str| FormatError::malformed(start, format!("a block of the index {what}"));
    let end = start.checked_add(length).filter(|end| *end <= source.len().saturating_sub(TRAILER));
    let end = end.ok_or_else(|| fault("is longer than the file"))?;
    if exactly(source, end, 1)? != [0] {
        return Err(FormatError::Unsupported("the index of the tensors is packed, which is not read".to_owned()));
    }
    let restarts = end.checked_sub(4).filter(|at| *at >= start).ok_or_else(|| fault("is too short"))?;
    let count = exactly(source, restarts, 4)?.try_into().map(u32::from_le_bytes).unwrap_or_default();
    let rest = length.checked_sub(4 + 4 * u64::from(count)).ok_or_else(|| fault("is too short"))?;
    let window = Window::new(source, start, rest);
    let mut reader = Reader::new(&window);
    let mut key: Vec<u8> = Vec::new();
    while reader.left() > 0 {
        let (shared, own, value) = (varint(&mut reader)?, varint(&mut reader)?, varint(&mut reader)?);
        let kept = usize::try_from(shared).ok().filter(|kept| *kept <= key.len());
        key.truncate(kept.ok_or_else(|| fault("has a key that begins with more than the one before it"))?);
        FormatError::bounded(own.saturating_add(shared), limits::METADATA_TEXT_BYTES, "bytes of a name of a tensor")?;
        key.extend(reader.bytes(own)?);
        each(&key, &mut reader, value)?;
    }
    Ok(())
}

impl TensorBundle {
    /// Reads a `BundleEntryProto`, unless the key is that of the header or of a slice of a tensor that stands whole as well.
    fn entry(&mut self, key: &[u8], reader: &mut Reader<'_>, length: u64) -> Result<(), FormatError> {
        if key.is_empty() || key.starts_with(b"\0") {
            return reader.skip(length);
        }
        let (mut kind, mut shape) = (0, Vec::new());
        protobuf::message(reader, length, &mut |reader, field| match (field.number, field.value) {
            (1, Value::Number(number)) => {
                kind = number;
                Ok(())
            }
            (2, Value::Bytes(length)) => dimensions(reader, length, &mut shape),
            _ => protobuf::pass(reader, field),
        })?;
        if kind == STRING {
            return Ok(());
        }
        self.tensors += 1;
        FormatError::bounded(self.tensors, limits::TENSORS as u64, "tensors")?;
        let count = shape.iter().fold(1_u64, |product, size| product.saturating_mul(*size));
        let known = TYPES.iter().find(|(number, _)| *number == kind);
        let name = known.map_or_else(|| "other".to_owned(), |(_, name)| (*name).to_owned());
        let sum = self.elements.entry(name).or_default();
        *sum = sum.saturating_add(count);
        let most = self
            .largest
            .as_ref()
            .map_or(0, |(_, shape)| shape.iter().fold(1, |all: u64, size| all.saturating_mul(*size)));
        if count > most {
            self.largest = Some((String::from_utf8_lossy(key).into_owned(), shape));
        }
        Ok(())
    }
}

/// Reads a `TensorShapeProto`.
fn dimensions(reader: &mut Reader<'_>, length: u64, shape: &mut Vec<u64>) -> Result<(), FormatError> {
    protobuf::message(reader, length, &mut |reader, field| match (field.number, field.value) {
        (2, Value::Bytes(length)) => {
            FormatError::bounded(shape.len() as u64 + 1, limits::TENSOR_DIMENSIONS, "dimensions of a tensor")?;
            let mut size = 0;
            protobuf::message(reader, length, &mut |reader, field| match (field.number, field.value) {
                (1, Value::Number(number)) => {
                    size = number;
                    Ok(())
                }
                _ => protobuf::pass(reader, field),
            })?;
            shape.push(size);
            Ok(())
        }
        _ => protobuf::pass(reader, field),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::protobuf::write;

    /// Writes an index with one block of these entries.
    fn index(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
        named(entries, 1)
    }

    /// Writes an index that names its block so many times.
    fn named(entries: &[(&str, Vec<u8>)], times: usize) -> Vec<u8> {
        let block = |entries: &[(&str, Vec<u8>)]| {
            let one = |(key, value): &(&str, Vec<u8>)| {
                [&[0, u8::try_from(key.len()).unwrap(), u8::try_from(value.len()).unwrap()], key.as_bytes(), value]
                    .concat()
            };
            let mut bytes: Vec<u8> = entries.iter().flat_map(one).collect();
            bytes.extend([0, 0, 0, 0, 1, 0, 0, 0]);
            bytes
        };
        let place = |start: usize, length: usize| [write::varint(start as u64), write::varint(length as u64)].concat();
        let mut bytes = block(entries);
        let first = place(0, bytes.len());
        bytes.extend([0; 5]);
        let at = bytes.len();
        let second = block(&vec![("x", first); times]);
        bytes.extend(&second);
        bytes.extend([0; 5]);
        let mut footer = [place(0, 0), place(at, second.len())].concat();
        footer.resize(40, 0);
        [bytes, footer, MAGIC.to_vec()].concat()
    }

    fn tensor(kind: u64, shape: &[u64]) -> Vec<u8> {
        let shape: Vec<u8> = shape.iter().flat_map(|size| write::bytes(2, write::number(1, *size))).collect();
        [write::number(1, kind), write::bytes(2, shape)].concat()
    }

    #[test]
    fn tensors_are_counted_without_texts_and_slices() {
        let entries = [
            ("", vec![8, 1]),
            ("\0s", vec![0xff]),
            ("a", tensor(1, &[2, 3])),
            ("b", tensor(9, &[])),
            ("c", tensor(7, &[])),
        ];
        let bytes = index(&entries);
        assert!(recognises(&bytes));
        let bundle = read(&bytes).unwrap();
        assert_eq!((bundle.tensors, bundle.largest), (2, Some(("a".to_owned(), vec![2, 3]))));
        assert_eq!(bundle.elements, BTreeMap::from([("float32".to_owned(), 6), ("int64".to_owned(), 1)]));
    }

    #[test]
    fn a_file_of_the_library_is_read() {
        let path = "/testdata/scan/benign/layouts/tensorflow-saved-model/variables/variables.index";
        let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR")).to_owned() + path).unwrap();
        assert!(recognises(&bytes));
        let bundle = read(&bytes).unwrap();
        assert_eq!((bundle.tensors, bundle.elements["float32"]), (1, 8));
        assert_eq!(bundle.largest.unwrap().0, "weights/.ATTRIBUTES/VARIABLE_VALUE");
    }

    #[test]
    fn cuts_and_damage_are_survived() {
        let bytes = index(&[("", vec![8, 1]), ("a", tensor(1, &[2, 3]))]);
        for end in 0..bytes.len() {
            assert!(!recognises(&&bytes[..end]));
            let _ = read(&&bytes[..end]);
        }
        for place in 0..bytes.len() {
            for byte in [0, 1, 0x7f, 0xff] {
                let mut changed = bytes.clone();
                changed[place] = byte;
                let _ = read(&changed);
            }
        }
    }

    #[test]
    fn blocks_on_the_same_bytes_are_refused() {
        assert!(read(&named(&[("a", tensor(1, &[2]))], 1)).is_ok());
        assert!(read(&named(&[("a", tensor(1, &[2]))], 2)).is_err());
        let huge = [vec![0; 8], vec![0xff; 40], MAGIC.to_vec()].concat();
        assert!(read(&huge).is_err());
    }
}
