//! The compact protocol of Thrift, as far as the metadata of Parquet needs it. Every length is checked against the bytes that
//! are there.

use crate::weights::FormatError;

/// Structs inside structs.
const DEPTH: usize = 32;

/// A place in bytes.
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    offset: usize,
}

/// A value, as far as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'b> {
    /// A truth value.
    Truth(bool),
    /// A whole number.
    Number(i64),
    /// Bytes, which may be text.
    Bytes(&'b [u8]),
    /// A list begins, of so many elements of a type.
    List(u8, u64),
    /// A struct begins.
    Struct,
    /// Something that was passed over.
    Other,
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self::at(bytes, 0)
    }

    /// Stands somewhere in bytes.
    pub(super) fn at(bytes: &'b [u8], offset: usize) -> Self {
        Self { bytes, offset }
    }

    /// Returns how far it has read.
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    fn fault(&self, message: &str) -> FormatError {
        FormatError::malformed(self.offset as u64, format!("the metadata {message}"))
    }

    fn byte(&mut self) -> Result<u8, FormatError> {
        let byte = self.bytes.get(self.offset).copied().ok_or_else(|| self.fault("ends early"))?;
        self.offset += 1;
        Ok(byte)
    }

    fn take(&mut self, count: u64) -> Result<&'b [u8], FormatError> {
        let end = usize::try_from(count).ok().and_then(|count| self.offset.checked_add(count));
        let taken = end.and_then(|end| self.bytes.get(self.offset..end)).ok_or_else(|| self.fault("ends early"))?;
        self.offset += taken.len();
        Ok(taken)
    }

    fn varint(&mut self) -> Result<u64, FormatError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.fault("has a number of more than 64 bits"))
    }

    fn number(&mut self) -> Result<i64, FormatError> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// Reads the fields of a struct: shows each number and value; whoever takes a list or a struct must read it through.
    pub(super) fn fields(
        &mut self,
        mut each: impl FnMut(&mut Self, i64, Value<'b>) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let mut field = 0_i64;
        loop {
            let header = self.byte()?;
            if header == 0 {
                return Ok(());
            }
            field = match header >> 4 {
                0 => self.number()?,
                step => field.saturating_add(i64::from(step)),
            };
            let value = match header & 0x0f {
                1 => Value::Truth(true),
                2 => Value::Truth(false),
                kind => self.value(kind)?,
            };
            each(self, field, value)?;
        }
    }

    /// Reads an element of a list.
    pub(super) fn element(&mut self, kind: u8) -> Result<Value<'b>, FormatError> {
        match kind {
            1 | 2 => Ok(Value::Truth(self.byte()? == 1)),
            kind => self.value(kind),
        }
    }

    fn value(&mut self, kind: u8) -> Result<Value<'b>, FormatError> {
        Ok(match kind {
            3 => Value::Number(i64::from(self.byte()?.cast_signed())),
            4..=6 => Value::Number(self.number()?),
            7 => {
                self.take(8)?;
                Value::Other
            }
            8 => {
                let length = self.varint()?;
                Value::Bytes(self.take(length)?)
            }
            9 | 10 => {
                let header = self.byte()?;
                let count = match header >> 4 {
                    15 => self.varint()?,
                    count => u64::from(count),
                };
                // An element has at least one byte.
                if count > self.bytes.len().saturating_sub(self.offset) as u64 {
                    return Err(self.fault("claims more elements than it has bytes"));
                }
                Value::List(header & 0x0f, count)
            }
            12 => Value::Struct,
            _ => return Err(self.fault("has a value of a type that it can't have")),
        })
    }

    /// Passes over what a value begins.
    pub(super) fn skip(&mut self, value: Value<'b>) -> Result<(), FormatError> {
        self.skip_at(value, 0)
    }

    fn skip_at(&mut self, value: Value<'b>, depth: usize) -> Result<(), FormatError> {
        if depth == DEPTH {
            return Err(self.fault("is nested too deep"));
        }
        match value {
            Value::List(kind, count) => {
                for _ in 0..count {
                    let element = self.element(kind)?;
                    self.skip_at(element, depth + 1)?;
                }
                Ok(())
            }
            Value::Struct => self.fields(|reader, _, value| reader.skip_at(value, depth + 1)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_and_the_rest_is_passed_over() {
        // 1: i32 5, 2: list of two structs with a binary each, 4: true
        let bytes = [0x15, 0x0a, 0x19, 0x2c, 0x18, 1, b'a', 0, 0x18, 1, b'b', 0, 0x21, 0];
        let mut seen = Vec::new();
        let mut reader = Reader::new(&bytes);
        reader
            .fields(|reader, field, value| {
                seen.push((field, value));
                reader.skip(value)
            })
            .unwrap();
        assert_eq!(seen, [(1, Value::Number(5)), (2, Value::List(12, 2)), (4, Value::Truth(true))]);
    }

    #[test]
    fn claims_and_depth_are_bounded() {
        let skip = |bytes: &[u8]| Reader::new(bytes).fields(|reader, _, value| reader.skip(value)).is_err();
        assert!(skip(&[0x19, 0xf5, 0xff, 0xff, 0xff, 0xff, 0x0f]));
        assert!(skip(&[0x18, 0xff, 0xff, 0xff, 0xff, 0x0f]));
        assert!(skip(&vec![0x1c; 100_000]));
        assert!(skip(&vec![0x19; 100_000]));
        assert!(skip(&[0x15, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
        assert!(skip(&[0x1d, 0]));
        assert!(skip(&[]));
    }
}
