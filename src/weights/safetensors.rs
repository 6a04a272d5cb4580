//! safetensors: a length, a JSON header, the bytes of the tensors without hole or overlap.
//!
//! The `safetensors` crate wants the whole file in memory, so the rules of its `docs/source/index.mdx` ("Format")
//! are checked here on the header alone.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use crate::limits;
use crate::source::ReadAt;
use crate::weights::reader::Reader;
use crate::weights::{FormatError, TensorPlace};

/// Bytes of a header that the format allows.
const LARGEST_HEADER: u64 = 100_000_000;
/// The key of what is not a tensor.
const METADATA: &str = "__metadata__";
/// Bits of an element, by the name of its type.
const TYPES: [(&str, u64); 20] = [
    ("BOOL", 8),
    ("F4", 4),
    ("F6_E2M3", 6),
    ("F6_E3M2", 6),
    ("U8", 8),
    ("I8", 8),
    ("F8_E5M2", 8),
    ("F8_E4M3", 8),
    ("F8_E8M0", 8),
    ("F8_E4M3FNUZ", 8),
    ("F8_E5M2FNUZ", 8),
    ("I16", 16),
    ("U16", 16),
    ("F16", 16),
    ("BF16", 16),
    ("I32", 32),
    ("U32", 32),
    ("F32", 32),
    ("F64", 64),
    ("I64", 64),
];
/// The rest of them, of 64 bits and complex.
const WIDE_TYPES: [(&str, u64); 2] = [("U64", 64), ("C64", 64)];

/// What a safetensors file states about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Safetensors {
    /// How many tensors there are.
    pub tensors: u64,
    /// How many elements there are of each type.
    pub elements: BTreeMap<String, u64>,
    /// Free text, by key.
    pub metadata: BTreeMap<String, String>,
}

/// Says whether a source may be safetensors: a length that fits, and an opening brace.
pub fn recognises(source: &dyn ReadAt) -> bool {
    let mut reader = Reader::new(source);
    let Ok(length) = reader.u64() else { return false };
    (2..=LARGEST_HEADER).contains(&length) && length <= reader.left() && reader.u8().is_ok_and(|byte| byte == b'{')
}

/// Reads and checks the header of a safetensors file.
pub fn read(source: &dyn ReadAt) -> Result<Safetensors, FormatError> {
    let (header, data) = header(source)?;
    header.checked(source.len().saturating_sub(data), data).map(|(facts, _)| facts)
}

/// Reads and checks the header, and returns the tensors with their places.
pub fn table_of(source: &dyn ReadAt) -> Result<Vec<TensorPlace>, FormatError> {
    let (header, data) = header(source)?;
    let (_, tensors) = header.checked(source.len().saturating_sub(data), data)?;
    let place = |(name, tensor): (String, Tensor)| {
        let (begin, end) = tensor.data_offsets;
        let (offset, length) = (data.saturating_add(begin), end.saturating_sub(begin));
        TensorPlace { name, dtype: tensor.dtype, shape: tensor.shape, offset, length }
    };
    Ok(tensors.into_iter().map(place).collect())
}

/// Reads the header, and says where the data starts.
fn header(source: &dyn ReadAt) -> Result<(Header, u64), FormatError> {
    let mut reader = Reader::new(source);
    let length = reader.u64()?;
    if length > LARGEST_HEADER || length > reader.left() {
        return Err(FormatError::malformed(0, format!("the header claims {length} bytes")));
    }
    FormatError::bounded(length, limits::SAFETENSORS_HEADER_BYTES, "bytes of safetensors header")?;
    let text = reader.bytes(length)?;
    if text.first() != Some(&b'{') {
        return Err(FormatError::malformed(8, "the header does not start with a brace"));
    }
    let header: Header = serde_json::from_slice(&text)
        .map_err(|error| FormatError::malformed(8, format!("the header: {error:.200}")))?;
    Ok((header, reader.offset()))
}

struct Header {
    metadata: Option<BTreeMap<String, String>>,
    tensors: Vec<(String, Tensor)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tensor {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: (u64, u64),
}

impl Tensor {
    /// Returns the number of elements, if their size is what the offsets say.
    fn elements(&self) -> Result<u64, String> {
        let mut types = TYPES.iter().chain(&WIDE_TYPES);
        let (_, bits) = types.find(|(name, _)| *name == self.dtype).ok_or_else(|| {
            let shown: String = self.dtype.chars().take(32).collect();
            format!("a tensor has the unknown type `{shown}`")
        })?;
        let elements = self.shape.iter().try_fold(1_u64, |product, size| product.checked_mul(*size));
        let bits = elements.and_then(|elements| elements.checked_mul(*bits)).filter(|bits| bits % 8 == 0);
        let (begin, end) = self.data_offsets;
        match (elements, bits, end.checked_sub(begin)) {
            (Some(elements), Some(bits), Some(size)) if bits / 8 == size => Ok(elements),
            _ => Err("a tensor's shape does not fit its bytes".to_owned()),
        }
    }
}

impl Header {
    /// Checks that the tensors fill the data, and returns them in the order of their places.
    fn checked(mut self, available: u64, data: u64) -> Result<(Safetensors, Vec<(String, Tensor)>), FormatError> {
        let mut facts = Safetensors { metadata: self.metadata.unwrap_or_default(), ..Default::default() };
        self.tensors.sort_by_key(|(_, tensor)| tensor.data_offsets);
        let mut covered = 0;
        for (_, tensor) in &self.tensors {
            let elements = tensor.elements().map_err(|message| FormatError::malformed(8, message))?;
            let (begin, end) = tensor.data_offsets;
            if begin != covered {
                let what = if begin > covered { "bytes belong to no tensor" } else { "tensors overlap" };
                return Err(FormatError::malformed(data.saturating_add(begin.min(covered)), what));
            }
            covered = end;
            let sum = facts.elements.entry(tensor.dtype.clone()).or_default();
            *sum = sum.saturating_add(elements);
        }
        facts.tensors = self.tensors.len() as u64;
        match covered == available {
            true => Ok((facts, self.tensors)),
            false if covered > available => Err(FormatError::malformed(data, "a tensor ends behind the file")),
            false => Err(FormatError::malformed(data + covered, "bytes stand behind the last tensor")),
        }
    }
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Header, A::Error> {
        let mut header = Header { metadata: None, tensors: Vec::new() };
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if name == METADATA {
                header.metadata = Some(members.next_value::<Metadata>()?.0);
            } else {
                header.tensors.push((name.clone(), members.next_value()?));
            }
            if names.len() == limits::TENSORS {
                return Err(de::Error::custom("too many tensors"));
            }
            if !names.insert(name) {
                return Err(de::Error::custom("a name stands twice"));
            }
        }
        Ok(header)
    }
}

/// Texts by key, no key twice.
struct Metadata(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;

        impl<'de> Visitor<'de> for Texts {
            type Value = Metadata;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Metadata, A::Error> {
                let mut texts = BTreeMap::new();
                while let Some((key, text)) = members.next_entry()? {
                    if texts.insert(key, text).is_some() {
                        return Err(de::Error::custom("a key of the metadata stands twice"));
                    }
                }
                Ok(Metadata(texts))
            }
        }

        deserializer.deserialize_map(Texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data: usize) -> Vec<u8> {
        [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &vec![0; data]].concat()
    }

    fn fault(header: &str, data: usize) -> String {
        read(&file(header, data)).unwrap_err().to_string()
    }

    const ONE: &str = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;

    #[test]
    fn an_ordinary_file_states_its_facts() {
        let header = r#"{"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[2,2],"data_offsets":[4,12]},
            "a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}, "none":{"dtype":"U8","shape":[0],"data_offsets":[12,12]}}   "#;
        let source = file(header, 12);
        assert!(recognises(&source));
        let facts = read(&source).unwrap();
        assert_eq!(facts.tensors, 3);
        assert_eq!(facts.elements, BTreeMap::from([("F16".into(), 4), ("F32".into(), 1), ("U8".into(), 0)]));
        assert_eq!(facts.metadata["format"], "pt");
    }

    #[test]
    fn the_weights_are_not_read() {
        struct Large(Vec<u8>);
        impl ReadAt for Large {
            fn len(&self) -> u64 {
                self.0.len() as u64 + 4 * (1 << 40)
            }

            fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
                assert!(offset < (self.0.len() + limits::FORMAT_BUFFER) as u64);
                let read = self.0.read_at(offset, buffer)?;
                Ok(if read == 0 { buffer.len() } else { read })
            }
        }
        let header = r#"{"a":{"dtype":"F32","shape":[1048576,1048576],"data_offsets":[0,4398046511104]}}"#;
        assert_eq!(read(&Large(file(header, 0))).unwrap().elements["F32"], 1 << 40);
    }

    #[test]
    fn holes_overlaps_and_bytes_behind_are_refused() {
        assert_eq!(fault(ONE, 9), "bytes stand behind the last tensor, at byte 70");
        assert!(fault(ONE, 7).starts_with("a tensor ends behind the file"));
        let two = |begin: u64| {
            let end = begin + 4;
            format!(
                r#"{{"a":{{"dtype":"F32","shape":[1],"data_offsets":[0,4]}},"b":{{"dtype":"F32","shape":[1],"data_offsets":[{begin},{end}]}}}}"#
            )
        };
        assert!(read(&file(&two(4), 8)).is_ok());
        assert!(fault(&two(8), 12).starts_with("bytes belong to no tensor"));
        assert!(fault(&two(2), 6).starts_with("tensors overlap"));
        assert!(fault(&two(0), 4).starts_with("tensors overlap"));
    }

    #[test]
    fn names_stand_once() {
        let twice = r#"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#;
        assert!(fault(twice, 0).contains("a name stands twice"));
        assert!(fault(r#"{"__metadata__":{},"__metadata__":{}}"#, 0).contains("a name stands twice"));
        assert!(fault(r#"{"__metadata__":{"a":"b","a":"c"}}"#, 0).contains("stands twice"));
    }

    #[test]
    fn shapes_fit_types() {
        for (dtype, shape) in
            [("F32", "[3]"), ("F99", "[8]"), ("F4", "[1]"), ("U8", "[18446744073709551615,2]"), ("U8", "[-1]")]
        {
            let header = format!(r#"{{"a":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[0,8]}}}}"#);
            assert!(read(&file(&header, 8)).is_err(), "{dtype} {shape}");
        }
        assert!(read(&file(r#"{"a":{"dtype":"U8","shape":[0],"data_offsets":[1,0]}}"#, 0)).is_err());
    }

    #[test]
    fn headers_of_another_shape_are_refused() {
        for header in [
            "",
            "[]",
            "{}x",
            " {}",
            r#"{"a":1}"#,
            r#"{"__metadata__":{"a":1}}"#,
            r#"{"a":{"dtype":"U8","shape":[0]}}"#,
            r#"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"more":[]}}"#,
        ] {
            assert!(read(&file(header, 0)).is_err(), "{header}");
        }
        let deep = format!("{{\"a\":{}", "[".repeat(1_000_000));
        assert!(read(&file(&deep, 0)).is_err());
    }

    #[test]
    fn a_claimed_length_is_checked_first() {
        for length in [0, 9, 100_000_001, u64::MAX] {
            let source = [&length.to_le_bytes()[..], b"{}"].concat();
            assert!(read(&source).is_err(), "{length}");
            assert!(!recognises(&source));
        }
        for length in 0..8 {
            assert!(read(&vec![0; length]).is_err());
        }
    }
}
