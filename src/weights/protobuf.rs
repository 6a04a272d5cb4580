//! The wire format of Protocol Buffers, read field by field without holding a message.
//!
//! Models of several GB are one message; a library that decodes would hold each known field whole. Here a
//! field is its number, its kind and its place, and whoever reads decides to enter, read or pass over it.

use crate::weights::FormatError;
use crate::weights::reader::Reader;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number, or a truth value.
    Number(u64),
    /// Four or eight bytes, passed over.
    Fixed,
    /// So many bytes: a text, bytes, a message, packed numbers. The reader stands at the first.
    Bytes(u64),
}

/// One field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its number in the schema.
    pub number: u32,
    /// Its value.
    pub value: Value,
}

/// Reads the next field, or nothing at the end of the message.
pub fn field(reader: &mut Reader<'_>) -> Result<Option<Field>, FormatError> {
    if reader.left() == 0 {
        return Ok(None);
    }
    let start = reader.offset();
    let key = varint(reader)?;
    let number = u32::try_from(key >> 3).ok().filter(|number| (1..1 << 29).contains(number));
    let number = number.ok_or_else(|| FormatError::malformed(start, "a field has no valid number"))?;
    let value = match key & 7 {
        0 => Value::Number(varint(reader)?),
        1 => reader.skip(8).map(|()| Value::Fixed)?,
        5 => reader.skip(4).map(|()| Value::Fixed)?,
        2 => Value::Bytes(claimed(reader)?),
        _ => return Err(FormatError::malformed(start, "a field is of no kind that is in use")),
    };
    Ok(Some(Field { number, value }))
}

/// Passes over the bytes of a field, if it has any.
pub fn pass(reader: &mut Reader<'_>, field: Field) -> Result<(), FormatError> {
    match field.value {
        Value::Bytes(length) => reader.skip(length),
        Value::Number(_) | Value::Fixed => Ok(()),
    }
}

/// Reads a message of `length` bytes: `each` gets every field and must consume its bytes.
pub fn message(
    reader: &mut Reader<'_>,
    length: u64,
    each: &mut dyn FnMut(&mut Reader<'_>, Field) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let end = reader.narrow(length)?;
    while let Some(field) = field(reader)? {
        each(reader, field)?;
    }
    reader.widen(end);
    Ok(())
}

/// Reads a number of up to ten bytes with seven bits each.
pub fn varint(reader: &mut Reader<'_>) -> Result<u64, FormatError> {
    let start = reader.offset();
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = reader.u8()?;
        if shift == 63 && byte > 1 {
            break;
        }
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(FormatError::malformed(start, "a number is longer than 64 bits"))
}

fn claimed(reader: &mut Reader<'_>) -> Result<u64, FormatError> {
    let length = varint(reader)?;
    if length > reader.left() {
        return Err(reader.fault(format!("a field claims {length} bytes and {} are there", reader.left())));
    }
    Ok(length)
}

/// Writing, for tests.
#[cfg(test)]
pub(crate) mod write {
    /// Writes a number.
    pub(crate) fn varint(mut value: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        while value > 0x7f {
            bytes.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        bytes.push(value.to_le_bytes()[0]);
        bytes
    }

    /// Writes a field with a number.
    pub(crate) fn number(field: u32, value: u64) -> Vec<u8> {
        [varint(u64::from(field) << 3), varint(value)].concat()
    }

    /// Writes a field with bytes.
    pub(crate) fn bytes(field: u32, value: impl AsRef<[u8]>) -> Vec<u8> {
        let value = value.as_ref();
        [&varint(u64::from(field) << 3 | 2)[..], &varint(value.len() as u64), value].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(source: &[u8]) -> Result<Vec<Field>, FormatError> {
        let mut reader = Reader::new(&source);
        let mut fields = Vec::new();
        while let Some(field) = field(&mut reader)? {
            pass(&mut reader, field)?;
            fields.push(field);
        }
        Ok(fields)
    }

    #[test]
    fn each_kind_is_read() {
        let source =
            [&[0x08, 0x96, 0x01][..], &[0x12, 2, b'h', b'i'], &[0x1d, 0, 0, 0, 0], &[0x21, 0, 0, 0, 0, 0, 0, 0, 0]];
        let kinds: Vec<(u32, Value)> =
            fields(&source.concat()).unwrap().into_iter().map(|field| (field.number, field.value)).collect();
        assert_eq!(kinds, [(1, Value::Number(150)), (2, Value::Bytes(2)), (3, Value::Fixed), (4, Value::Fixed)]);
    }

    #[test]
    fn what_is_not_the_wire_format_is_refused() {
        let long = [&[0x08][..], &[0xff; 9], &[0x02]].concat();
        let bad: [&[u8]; 7] = [&[0x00], &[0x0b], &[0x12, 5, b'h'], &[0x08], &[0x08, 0x80], &[0x1d, 0], &long];
        for source in bad {
            assert!(fields(source).is_err(), "{source:?}");
        }
        let largest = [&[0x08][..], &[0xff; 9], &[0x01]].concat();
        assert_eq!(fields(&largest).unwrap()[0].value, Value::Number(u64::MAX));
    }

    #[test]
    fn a_message_ends_where_it_says() {
        let inner = write::number(1, 7);
        let source = [write::bytes(3, &inner), write::number(2, 9)].concat();
        let mut reader = Reader::new(&source);
        let Some(Field { value: Value::Bytes(length), .. }) = field(&mut reader).unwrap() else { panic!() };
        let mut seen = Vec::new();
        message(&mut reader, length, &mut |_, field| {
            seen.push(field);
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, [Field { number: 1, value: Value::Number(7) }]);
        assert_eq!(field(&mut reader).unwrap(), Some(Field { number: 2, value: Value::Number(9) }));
    }
}
