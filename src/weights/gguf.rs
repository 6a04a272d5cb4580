//! GGUF, the format of llama.cpp (ggml `docs/gguf.md`): metadata with types, a table of tensors, aligned data.

use std::collections::{BTreeMap, HashSet};

use crate::limits;
use crate::source::ReadAt;
use crate::weights::reader::Reader;
use crate::weights::{FormatError, TensorPlace};

const MAGIC: &[u8; 4] = b"GGUF";
/// Dimensions of a tensor (`GGML_MAX_DIMS`).
const DIMENSIONS: u32 = 4;
/// The greatest number that ggml may come to give to a type: 40 have one.
const LAST_TYPE: u32 = 63;
/// Bytes of a name of a tensor (`GGML_MAX_NAME`), of a key.
const NAME_BYTES: u64 = 64;
const KEY_BYTES: u64 = 65_535;
const ALIGNMENT: &str = "general.alignment";

/// The names of the types, by their numbers.
const TYPES: [(u32, &str); 32] = [
    (0, "F32"),
    (1, "F16"),
    (2, "Q4_0"),
    (3, "Q4_1"),
    (6, "Q5_0"),
    (7, "Q5_1"),
    (8, "Q8_0"),
    (9, "Q8_1"),
    (10, "Q2_K"),
    (11, "Q3_K"),
    (12, "Q4_K"),
    (13, "Q5_K"),
    (14, "Q6_K"),
    (15, "Q8_K"),
    (16, "IQ2_XXS"),
    (17, "IQ2_XS"),
    (18, "IQ3_XXS"),
    (19, "IQ1_S"),
    (20, "IQ4_NL"),
    (21, "IQ3_S"),
    (22, "IQ2_S"),
    (23, "IQ4_XS"),
    (24, "I8"),
    (25, "I16"),
    (26, "I32"),
    (27, "I64"),
    (28, "F64"),
    (29, "IQ1_M"),
    (30, "BF16"),
    (34, "TQ1_0"),
    (35, "TQ2_0"),
    (39, "MXFP4"),
];

/// The words for kinds of files (`general.file_type`, the `llama_ftype` of llama.cpp).
const FILE_TYPES: [(u64, &str); 32] = [
    (0, "F32"),
    (1, "F16"),
    (2, "Q4_0"),
    (3, "Q4_1"),
    (7, "Q8_0"),
    (8, "Q5_0"),
    (9, "Q5_1"),
    (10, "Q2_K"),
    (11, "Q3_K_S"),
    (12, "Q3_K_M"),
    (13, "Q3_K_L"),
    (14, "Q4_K_S"),
    (15, "Q4_K_M"),
    (16, "Q5_K_S"),
    (17, "Q5_K_M"),
    (18, "Q6_K"),
    (19, "IQ2_XXS"),
    (20, "IQ2_XS"),
    (21, "Q2_K_S"),
    (22, "IQ3_XS"),
    (23, "IQ3_XXS"),
    (24, "IQ1_S"),
    (25, "IQ4_NL"),
    (26, "IQ3_S"),
    (27, "IQ3_M"),
    (28, "IQ2_S"),
    (29, "IQ2_M"),
    (30, "IQ4_XS"),
    (31, "IQ1_M"),
    (32, "BF16"),
    (36, "TQ1_0"),
    (37, "TQ2_0"),
];

/// Returns the word for a kind of file.
pub fn file_type(number: u64) -> Option<String> {
    FILE_TYPES.iter().find(|(value, _)| *value == number).map(|(_, word)| (*word).to_owned())
}

/// What a GGUF file states about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gguf {
    /// The version of the format: 2 or 3.
    pub version: u32,
    /// Whether numbers have their most significant byte first, in the weights too.
    pub is_big_endian: bool,
    /// How many tensors there are.
    pub tensors: u64,
    /// How many elements there are of each type, by ggml's number of the type.
    pub elements: BTreeMap<u32, u64>,
    /// The texts of the metadata that are not in arrays, with the place of each.
    pub texts: BTreeMap<String, (u64, String)>,
    /// The unsigned numbers of the metadata, those of 32 and 64 bits.
    pub numbers: BTreeMap<String, u64>,
}

/// Says whether a source starts as GGUF.
pub fn recognises(source: &dyn ReadAt) -> bool {
    Reader::new(source).array::<4>().is_ok_and(|magic| magic == *MAGIC)
}

/// Reads metadata and the table of tensors, and checks that the data is where they say.
pub fn read(source: &dyn ReadAt) -> Result<Gguf, FormatError> {
    checked(source).map(|(facts, _)| facts)
}

/// Reads and checks the same once, and returns both: the metadata of a large vocabulary is long.
pub fn read_with_table(source: &dyn ReadAt) -> Result<(Gguf, Vec<TensorPlace>), FormatError> {
    checked(source)
}

/// Reads and checks the same, and returns the tensors with their places.
pub fn table_of(source: &dyn ReadAt) -> Result<Vec<TensorPlace>, FormatError> {
    checked(source).map(|(_, tensors)| tensors)
}

fn checked(source: &dyn ReadAt) -> Result<(Gguf, Vec<TensorPlace>), FormatError> {
    let mut reader = Reader::new(source);
    if reader.array::<4>()? != *MAGIC {
        return Err(FormatError::malformed(0, "the magic is missing"));
    }
    let mut version = reader.u32()?;
    // So do the readers of others know files that were made for machines with the other order of bytes.
    let is_big_endian = version.trailing_zeros() >= 16;
    if is_big_endian {
        version = version.swap_bytes();
        reader.read_big_endian();
    }
    if !(2..=3).contains(&version) {
        return Err(FormatError::malformed(4, format!("version {version} is not read")));
    }
    let (tensors, pairs) = (reader.u64()?, reader.u64()?);
    FormatError::bounded(tensors, limits::TENSORS as u64, "tensors")?;
    FormatError::bounded(pairs, limits::GGUF_PAIRS, "keys of metadata")?;
    let mut facts = Gguf { version, is_big_endian, tensors, ..Default::default() };
    let alignment = metadata(&mut reader, pairs, &mut facts)?;
    let table = table(&mut reader, tensors, alignment, &mut facts)?;
    let tensors = placed(&reader, alignment, table)?;
    Ok((facts, tensors))
}

/// Reads the metadata, and returns the alignment of the data.
fn metadata(reader: &mut Reader<'_>, pairs: u64, facts: &mut Gguf) -> Result<u64, FormatError> {
    let mut alignment = 32;
    let mut keys = HashSet::new();
    for _ in 0..pairs {
        let start = reader.offset();
        let length = reader.u64()?;
        let key = reader.text(length, KEY_BYTES, "bytes of a key")?;
        let kind = reader.u32()?;
        match kind {
            8 => {
                let length = reader.u64()?;
                let place = reader.offset();
                let text = reader.text(length, limits::METADATA_TEXT_BYTES, "bytes of a text of metadata")?;
                facts.texts.insert(key.clone(), (place, text));
            }
            4 if key == ALIGNMENT => alignment = u64::from(reader.u32()?),
            4 => drop(facts.numbers.insert(key.clone(), reader.u32()?.into())),
            10 => drop(facts.numbers.insert(key.clone(), reader.u64()?)),
            kind => pass(reader, kind, 0)?,
        }
        if key == ALIGNMENT && (kind != 4 || !alignment.is_power_of_two() || alignment < 8) {
            return Err(FormatError::malformed(start, "the alignment is not a power of two of at least 8"));
        }
        if !keys.insert(key) {
            return Err(FormatError::malformed(start, "a key of the metadata stands twice"));
        }
    }
    Ok(alignment)
}

/// Passes over a value.
fn pass(reader: &mut Reader<'_>, kind: u32, depth: usize) -> Result<(), FormatError> {
    match (kind, fixed(kind)) {
        (7, _) => truth(reader),
        (_, Some(size)) => reader.skip(size),
        (8, _) => {
            let length = reader.u64()?;
            reader.skip(length)
        }
        (9, _) if depth < limits::GGUF_ARRAY_DEPTH => {
            let inner = reader.u32()?;
            let count = reader.u64()?;
            elements(reader, inner, count, depth)
        }
        (9, _) => Err(reader.fault("arrays are nested too deep")),
        (kind, _) => Err(reader.fault(format!("a value is of the unknown type {kind}"))),
    }
}

fn elements(reader: &mut Reader<'_>, kind: u32, count: u64, depth: usize) -> Result<(), FormatError> {
    if let Some(size) = fixed(kind) {
        let bytes = count.checked_mul(size).ok_or_else(|| reader.fault("an array is longer than 64 bits can say"))?;
        return reader.skip(bytes);
    }
    // Every other element has at least its length, so that the file bounds the work.
    let least = count.checked_mul(8).filter(|least| *least <= reader.left());
    least.ok_or_else(|| reader.fault(format!("an array claims {count} elements, more than are there")))?;
    (0..count).try_for_each(|_| pass(reader, kind, depth + 1))
}

fn truth(reader: &mut Reader<'_>) -> Result<(), FormatError> {
    match reader.u8()? {
        0 | 1 => Ok(()),
        _ => Err(reader.fault("a truth value is neither 0 nor 1")),
    }
}

/// Returns the size of a value of a type that has one.
fn fixed(kind: u32) -> Option<u64> {
    match kind {
        0 | 1 | 7 => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}

/// A tensor whose offset is one in the data, and its size if we know its type.
type Place = (TensorPlace, Option<u64>);

fn table(reader: &mut Reader<'_>, tensors: u64, alignment: u64, facts: &mut Gguf) -> Result<Vec<Place>, FormatError> {
    let mut names = HashSet::new();
    let mut places = Vec::new();
    for _ in 0..tensors {
        let start = reader.offset();
        let length = reader.u64()?;
        let name = reader.text(length, NAME_BYTES, "bytes of a tensor's name")?;
        if !names.insert(name.clone()) {
            return Err(FormatError::malformed(start, "a tensor's name stands twice"));
        }
        let dimensions = reader.u32()?;
        if dimensions > DIMENSIONS {
            return Err(FormatError::malformed(start, format!("a tensor has {dimensions} dimensions")));
        }
        let mut count = Some(1_u64);
        let mut shape = Vec::new();
        for _ in 0..dimensions {
            let size = reader.u64()?;
            shape.push(size);
            count = count.and_then(|count| count.checked_mul(size)).filter(|count| i64::try_from(*count).is_ok());
        }
        let count = count.ok_or_else(|| FormatError::malformed(start, "a tensor's shape is too large"))?;
        let (kind, offset) = (reader.u32()?, reader.u64()?);
        if kind > LAST_TYPE {
            return Err(FormatError::malformed(
                start,
                format!("a tensor has the type {kind}, which ggml does not have"),
            ));
        }
        if offset % alignment != 0 {
            return Err(FormatError::malformed(start, "a tensor is not aligned"));
        }
        let size = size(kind, count).map_err(|what| FormatError::malformed(start, what))?;
        places.push((TensorPlace { name, dtype: type_name(kind), shape, offset, length: 0 }, size));
        let sum = facts.elements.entry(kind).or_default();
        *sum = sum.saturating_add(count);
    }
    Ok(places)
}

/// Checks that tensors lie in the data one after the other, and nothing behind them; returns their places in the file.
fn placed(reader: &Reader<'_>, alignment: u64, mut places: Vec<Place>) -> Result<Vec<TensorPlace>, FormatError> {
    let data = reader.offset().checked_next_multiple_of(alignment).unwrap_or(u64::MAX);
    let available = reader.source().len().saturating_sub(data);
    places.sort_unstable_by_key(|(tensor, size)| (tensor.offset, *size));
    let mut expected = 0_u64;
    let starts: Vec<u64> = places.iter().skip(1).map(|(tensor, _)| tensor.offset).chain([available]).collect();
    for ((tensor, size), next) in places.iter_mut().zip(starts) {
        if tensor.offset != expected {
            return Err(FormatError::malformed(data.saturating_add(tensor.offset), "tensors overlap, or leave a hole"));
        }
        // The size of a type that we don't know is what is left before the next tensor.
        let end = size.map_or(Some(next), |size| expected.checked_add(size)).filter(|end| *end <= available);
        let end = end.ok_or_else(|| FormatError::malformed(data, "a tensor ends behind the file"))?;
        tensor.length = end.saturating_sub(tensor.offset);
        tensor.offset = data.saturating_add(tensor.offset);
        expected = end.checked_next_multiple_of(alignment).unwrap_or(u64::MAX);
    }
    // The last tensor may be padded or not.
    if available > expected || reader.source().len() < reader.offset() {
        return Err(FormatError::malformed(data.saturating_add(expected), "bytes stand behind the last tensor"));
    }
    Ok(places.into_iter().map(|(tensor, _)| tensor).collect())
}

/// Names a type as ggml does (`enum ggml_type`), or by its number.
fn type_name(kind: u32) -> String {
    let names = TYPES.iter().find(|(number, _)| *number == kind);
    names.map_or_else(|| format!("type {kind}"), |(_, name)| (*name).to_owned())
}

/// Returns the bytes of a tensor: blocks of so many elements with so many bytes each, by ggml's number of the type. Of a
/// type that we don't know there are none; an error says why there can't be such a tensor.
fn size(kind: u32, count: u64) -> Result<Option<u64>, &'static str> {
    let (elements, bytes) = match kind {
        0 | 26 => (1, 4),
        1 | 25 | 30 => (1, 2),
        2 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        10 => (256, 84),
        11 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        24 => (1, 1),
        27 | 28 => (1, 8),
        _ => return Ok(None),
    };
    if !count.is_multiple_of(elements) {
        return Err("a tensor ends inside a block of its type");
    }
    (count / elements).checked_mul(bytes).map(Some).ok_or("a tensor's size is too large")
}

/// Writing, for tests.
#[cfg(test)]
pub(crate) mod write {
    /// Writes a text with its length.
    pub(crate) fn text(text: &str) -> Vec<u8> {
        [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
    }

    /// Writes a key with a value of a type.
    pub(crate) fn pair(key: &str, kind: u32, value: &[u8]) -> Vec<u8> {
        [&text(key)[..], &kind.to_le_bytes(), value].concat()
    }

    /// Writes a line of the table of tensors.
    pub(crate) fn tensor(name: &str, shape: &[u64], kind: u32, offset: u64) -> Vec<u8> {
        let mut bytes = text(name);
        bytes.extend(u32::try_from(shape.len()).unwrap().to_le_bytes());
        for size in shape {
            bytes.extend(size.to_le_bytes());
        }
        bytes.extend(kind.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
        bytes
    }

    /// Writes a file with `data` bytes of weights, aligned to 32.
    pub(crate) fn file(pairs: &[Vec<u8>], tensors: &[Vec<u8>], data: usize) -> Vec<u8> {
        let mut bytes = b"GGUF\x03\0\0\0".to_vec();
        bytes.extend((tensors.len() as u64).to_le_bytes());
        bytes.extend((pairs.len() as u64).to_le_bytes());
        bytes.extend(pairs.concat());
        bytes.extend(tensors.concat());
        bytes.resize(bytes.len().next_multiple_of(32) + data, 0);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::write::{file, pair, tensor, text};
    use super::*;

    fn fault(bytes: &[u8]) -> String {
        read(&bytes).unwrap_err().to_string()
    }

    fn words(count: u64, words: &[&str]) -> Vec<u8> {
        [&8_u32.to_le_bytes()[..], &count.to_le_bytes(), &words.iter().flat_map(|word| text(word)).collect::<Vec<_>>()]
            .concat()
    }

    #[test]
    fn an_ordinary_file_states_its_facts() {
        let pairs = [
            pair("general.architecture", 8, &text("llama")),
            pair("general.alignment", 4, &32_u32.to_le_bytes()),
            pair("llama.rope.freq", 6, &1_f32.to_le_bytes()),
            pair("tokenizer.ggml.add_bos_token", 7, &[1]),
            pair("tokenizer.ggml.tokens", 9, &words(2, &["a", "b"])),
        ];
        let tensors = [tensor("a", &[4, 2], 0, 0), tensor("b", &[32], 8, 32)];
        let bytes = file(&pairs, &tensors, 66);
        assert!(recognises(&bytes));
        let facts = read(&bytes).unwrap();
        assert_eq!((facts.version, facts.tensors), (3, 2));
        assert_eq!(facts.elements, BTreeMap::from([(0, 8), (8, 32)]));
        assert_eq!(facts.texts["general.architecture"].1, "llama");
        assert!(read(&file(&pairs, &tensors, 96)).is_ok(), "padded");
        assert!(read(&file(&[], &[], 0)).is_ok(), "a vocabulary alone has no tensors");
    }

    #[test]
    fn the_other_order_of_bytes_is_read_as_well() {
        let word = |text: &str| [&(text.len() as u64).to_be_bytes()[..], text.as_bytes()].concat();
        let pair = [&word("general.architecture")[..], &8_u32.to_be_bytes(), &word("llama")].concat();
        let numbers = [1_u32.to_be_bytes(), 0_u32.to_be_bytes()];
        let tensor = [&word("a")[..], &numbers[0], &8_u64.to_be_bytes(), &numbers[1], &0_u64.to_be_bytes()].concat();
        let counts = [1_u64.to_be_bytes(), 1_u64.to_be_bytes()].concat();
        let mut bytes = [b"GGUF\0\0\0\x03".as_slice(), &counts, &pair, &tensor].concat();
        bytes.resize(bytes.len().next_multiple_of(32) + 32, 0);
        let facts = read(&bytes).unwrap();
        assert_eq!((facts.version, facts.is_big_endian, facts.elements[&0]), (3, true, 8));
        assert_eq!(facts.texts["general.architecture"].1, "llama");
        for length in 0..bytes.len() {
            assert!(read(&&bytes[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn every_prefix_is_refused() {
        let bytes = file(&[pair("a", 8, &text("b"))], &[tensor("a", &[8], 0, 0)], 32);
        for length in 0..bytes.len() {
            assert!(read(&&bytes[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn claims_are_checked_before_they_cost() {
        let claim = |tensors: u64, pairs: u64| {
            [b"GGUF\x03\0\0\0".as_slice(), &tensors.to_le_bytes(), &pairs.to_le_bytes()].concat()
        };
        assert!(fault(&claim(u64::MAX, 0)).contains("more than"));
        assert!(fault(&claim(0, u64::MAX)).contains("more than"));
        assert!(fault(&file(&[pair("a", 8, &u64::MAX.to_le_bytes())], &[], 0)).contains("bytes are claimed"));
        assert!(fault(&file(&[pair("a", 9, &words(1 << 60, &[]))], &[], 0)).contains("more than are there"));
        let numbers = [&4_u32.to_le_bytes()[..], &u64::MAX.to_le_bytes()].concat();
        assert!(fault(&file(&[pair("a", 9, &numbers)], &[], 0)).contains("longer than"));
    }

    #[test]
    fn arrays_nest_to_a_depth() {
        let mut value = words(0, &[]);
        for _ in 0..100 {
            value = [&9_u32.to_le_bytes()[..], &1_u64.to_le_bytes(), &value].concat();
        }
        assert!(fault(&file(&[pair("a", 9, &value)], &[], 0)).contains("nested too deep"));
    }

    #[test]
    fn types_values_and_names_are_those_of_the_format() {
        for (pairs, tensors, message) in [
            (vec![pair("a", 13, &[])], vec![], "unknown type 13"),
            (vec![pair("a", 7, &[2])], vec![], "neither 0 nor 1"),
            (vec![pair("a", 7, &[1]), pair("a", 7, &[1])], vec![], "stands twice"),
            (vec![pair(ALIGNMENT, 4, &0_u32.to_le_bytes())], vec![], "power of two"),
            (vec![pair(ALIGNMENT, 8, &text("x"))], vec![], "power of two"),
            (vec![], vec![tensor("a", &[1; 5], 0, 0)], "5 dimensions"),
            (vec![], vec![tensor("a", &[u64::MAX, 2], 0, 0)], "too large"),
            (vec![], vec![tensor("a", &[1 << 62], 0, 0)], "size is too large"),
            (vec![], vec![tensor("a", &[33], 2, 0)], "inside a block"),
            (vec![], vec![tensor("a", &[1], 0, 1)], "not aligned"),
            (vec![], vec![tensor("a", &[8], 0, 0), tensor("a", &[8], 0, 32)], "stands twice"),
        ] {
            let message_found = fault(&file(&pairs, &tensors, 64));
            assert!(message_found.contains(message), "{message_found}");
        }
        let version = [b"GGUF\x09\0\0\0".as_slice(), &[0; 16]].concat();
        assert!(fault(&version).contains("version 9"));
    }

    #[test]
    fn every_byte_of_the_data_belongs_to_a_tensor() {
        let two = |second| [tensor("a", &[8], 0, 0), tensor("b", &[8], 0, second)];
        assert!(read(&file(&[], &two(32), 64)).is_ok());
        assert!(fault(&file(&[], &two(0), 64)).contains("overlap"));
        assert!(fault(&file(&[], &two(64), 96)).contains("leave a hole"));
        assert!(fault(&file(&[], &two(32), 32)).contains("ends behind the file"));
        assert!(fault(&file(&[], &two(32), 65)).contains("bytes stand behind"));
        assert!(fault(&file(&[], &[tensor("a", &[1 << 60], 60, 1 << 40)], 64)).contains("leave a hole"));
        assert!(read(&file(&[], &[tensor("a", &[7], 60, 0)], 64)).is_ok(), "of a type that we don't know");
    }
}
