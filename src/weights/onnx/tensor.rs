//! A tensor of an ONNX graph (`TensorProto`) without its values: how many it claims, and how many bytes are there for them.

use crate::limits;
use crate::weights::FormatError;
use crate::weights::protobuf::{self, Value};
use crate::weights::reader::Reader;

use super::{pair, value};

/// Bits of an element of each type, from 1 on; none of texts.
const BITS: [u64; 23] = [32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64, 64, 128, 16, 8, 8, 8, 8, 4, 4, 4];
/// The type of texts.
const TEXT: u64 = 8;

/// A tensor by its fields.
#[derive(Debug, Default)]
pub(super) struct Tensor {
    /// The number of its type.
    pub(super) kind: u64,
    /// How many elements it claims; none where the sizes of its dimensions are no numbers, or too large.
    pub(super) count: Option<u64>,
    /// The file that holds its data, if another does.
    pub(super) location: Option<String>,
    offset: u64,
    length: Option<u64>,
    raw: Option<u64>,
    /// How many values stand in the fields for types.
    typed: u64,
    external: bool,
}

impl Tensor {
    /// Reads a tensor.
    pub(super) fn read(reader: &mut Reader<'_>, length: u64) -> Result<Self, FormatError> {
        let mut tensor = Self { count: Some(1), ..Self::default() };
        protobuf::message(reader, length, &mut |reader, field| match (field.number, field.value) {
            (1, Value::Number(size)) => {
                tensor.side(size);
                Ok(())
            }
            (1, Value::Bytes(length)) => value::packed(reader, length, &mut |size| tensor.side(size)),
            (2, Value::Number(number)) => {
                tensor.kind = number;
                Ok(())
            }
            (14, Value::Number(number)) => {
                tensor.external = number == 1;
                Ok(())
            }
            (4 | 5 | 7 | 10 | 11, Value::Number(_) | Value::Fixed) => {
                tensor.typed += 1;
                Ok(())
            }
            (6, Value::Bytes(length)) => {
                tensor.typed += 1;
                reader.skip(length)
            }
            (4 | 10, Value::Bytes(length)) => {
                tensor.typed += length / if field.number == 4 { 4 } else { 8 };
                reader.skip(length)
            }
            (5 | 7 | 11, Value::Bytes(length)) => {
                tensor.typed += numbers(reader, length)?;
                Ok(())
            }
            (9, Value::Bytes(length)) => {
                tensor.raw = Some(length);
                reader.skip(length)
            }
            (13, Value::Bytes(length)) => tensor.entry(reader, length),
            _ => protobuf::pass(reader, field),
        })?;
        Ok(tensor)
    }

    fn side(&mut self, size: u64) {
        // Sizes are signed: a negative one is no size.
        let size = i64::try_from(size).ok().and_then(|size| u64::try_from(size).ok());
        self.count = self.count.zip(size).and_then(|(count, size)| count.checked_mul(size));
    }

    fn entry(&mut self, reader: &mut Reader<'_>, length: u64) -> Result<(), FormatError> {
        let (key, value) = pair(reader, length)?;
        match key.as_str() {
            "location" => self.location = Some(value),
            // What is no number is no place; the claim is then as large as can be.
            "offset" => self.offset = value.parse().unwrap_or(u64::MAX),
            "length" => self.length = Some(value.parse().unwrap_or(u64::MAX)),
            _ => {}
        }
        Ok(())
    }

    /// Returns how many bytes the file that holds its data must have at least.
    pub(super) fn end(&self) -> u64 {
        self.offset.saturating_add(self.length.or_else(|| self.bytes()).unwrap_or_default())
    }

    /// Says what is wrong with the number of elements that it claims.
    pub(super) fn fault(&self) -> Option<String> {
        let Some(count) = self.count else {
            return Some("a tensor has a dimension that is no size, or more elements than can be counted".to_owned());
        };
        if self.external {
            let least = self.bytes()?;
            let short = self.length.filter(|length| *length < least)?;
            return Some(format!("a tensor of {least} bytes claims {short} of them in another file"));
        }
        let there = match (self.raw, self.kind) {
            (None, _) => return self.typed_fault(count),
            (Some(raw), kind) if bits(kind).is_none() => (count <= raw.saturating_mul(8)).then_some(raw),
            (Some(raw), _) => self.bytes().filter(|bytes| *bytes == raw),
        };
        let raw = self.raw.unwrap_or_default();
        there.is_none().then(|| format!("a tensor claims {count} elements of {}, and has {raw} bytes", self.word()))
    }

    /// Values in fields of their own: one each, but two of a complex number, and any packing of small ones.
    fn typed_fault(&self, count: u64) -> Option<String> {
        let fits = match bits(self.kind) {
            Some(4) | None => count <= self.typed.saturating_mul(64),
            _ if matches!(self.kind, 14 | 15) => count.checked_mul(2) == Some(self.typed),
            _ => count == self.typed,
        };
        let fits = if self.kind == TEXT { count == self.typed } else { fits };
        (!fits).then(|| format!("a tensor claims {count} elements of {}, and has {}", self.word(), self.typed))
    }

    fn word(&self) -> String {
        value::type_name(self.kind)
    }

    /// Returns how many bytes its elements take, if its type says so.
    fn bytes(&self) -> Option<u64> {
        Some(self.count?.checked_mul(bits(self.kind)?)?.div_ceil(8))
    }
}

fn bits(kind: u64) -> Option<u64> {
    let index = usize::try_from(kind).ok()?.checked_sub(1)?;
    BITS.get(index).copied().filter(|bits| *bits > 0)
}

/// Counts packed numbers by their last bytes.
fn numbers(reader: &mut Reader<'_>, length: u64) -> Result<u64, FormatError> {
    let (mut left, mut count) = (length, 0);
    while left > 0 {
        let piece = left.min(limits::FORMAT_BUFFER as u64);
        count += reader.bytes(piece)?.iter().filter(|byte| **byte & 0x80 == 0).count() as u64;
        left -= piece;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::protobuf::write::{bytes, number, varint};

    fn fault(fields: &[Vec<u8>]) -> Option<String> {
        let fields = fields.concat();
        Tensor::read(&mut Reader::new(&fields), fields.len() as u64).unwrap().fault()
    }

    fn entry(key: &str, value: &str) -> Vec<u8> {
        bytes(13, [bytes(1, key), bytes(2, value)].concat())
    }

    #[test]
    fn as_many_values_are_there_as_are_claimed() {
        let float = number(2, 1);
        let packed: Vec<u8> = [1, 300, 70_000].into_iter().flat_map(varint).collect();
        for (fields, right) in [
            (vec![number(1, 2), float.clone(), bytes(9, [0; 8])], true),
            (vec![number(1, 3), float.clone(), bytes(9, [0; 8])], false),
            (vec![number(1, 2), float.clone(), bytes(4, [0; 8])], true),
            (vec![number(1, 1_000_000_000_000), float.clone()], false),
            (vec![number(1, 0), float.clone()], true),
            (vec![float.clone(), bytes(9, [0; 4])], true),
            (vec![number(1, u64::MAX), float.clone()], false),
            (vec![number(1, 1 << 62), number(1, 8), float.clone()], false),
            (vec![number(1, 3), number(2, 7), bytes(7, packed.clone())], true),
            (vec![number(1, 4), number(2, 7), bytes(7, packed)], false),
            (vec![number(1, 2), number(2, 8), bytes(6, "a"), bytes(6, "b")], true),
            (vec![number(1, 3), number(2, 8), bytes(6, "a"), bytes(6, "b")], false),
            (vec![number(1, 3), number(2, 22), bytes(9, [0; 2])], true),
            (vec![number(1, 1), number(2, 14), bytes(4, [0; 8])], true),
            (vec![number(1, 100), number(2, 99), bytes(9, [0; 2])], false),
            (vec![number(1, 2), float.clone(), number(14, 1), entry("location", "x"), entry("length", "8")], true),
            (vec![number(1, 3), float.clone(), number(14, 1), entry("location", "x"), entry("length", "8")], false),
        ] {
            assert_eq!(fault(&fields).is_none(), right, "{fields:?} {:?}", fault(&fields));
        }
    }

    #[test]
    fn a_file_of_data_is_as_long_as_its_last_tensor() {
        let fields = [number(1, 3), number(2, 1), number(14, 1), entry("location", "x"), entry("offset", "4096")];
        let end = |fields: &[u8]| Tensor::read(&mut Reader::new(&fields), fields.len() as u64).unwrap().end();
        assert_eq!(end(&fields.concat()), 4108);
        assert_eq!(end(&[fields.concat(), entry("length", "16")].concat()), 4112);
        assert_eq!(end(&[fields.concat(), entry("length", "-1")].concat()), u64::MAX);
    }
}
