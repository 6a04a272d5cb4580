//! UBJSON, in which XGBoost saves: values with one letter for their kind, numbers in big endian.

use crate::limits;
use crate::source::{ReadAt, exactly};
use crate::weights::FormatError;
use crate::weights::reader::Reader;

/// Letters of the kinds that have a size, and the sizes.
const SIZES: &[(u8, u64)] = &[
    (b'Z', 0),
    (b'N', 0),
    (b'T', 0),
    (b'F', 0),
    (b'i', 1),
    (b'U', 1),
    (b'C', 1),
    (b'I', 2),
    (b'l', 4),
    (b'd', 4),
    (b'L', 8),
    (b'D', 8),
];

/// Says whether a source begins as an object with a key of plain characters.
///
/// JSON does not: behind its brace stands a quotation mark or a blank.
pub fn recognises(source: &dyn ReadAt) -> bool {
    let mut reader = Reader::new(source);
    if reader.u8().ok() != Some(b'{') {
        return false;
    }
    let Ok(length @ 1..=256) = length(&mut reader) else { return false };
    let start = reader.offset();
    let key = usize::try_from(length).map(|length| exactly(source, start, length));
    key.is_ok_and(|key| key.is_ok_and(|key| key.iter().all(u8::is_ascii_graphic)))
}

/// Reads a source, which must be one value, and shows every text with its place.
pub fn read(source: &dyn ReadAt, each: &mut dyn FnMut(&str, u64)) -> Result<(), FormatError> {
    let mut reader = Reader::new(source);
    let kind = reader.u8()?;
    value(&mut reader, kind, 0, each)?;
    if reader.left() > 0 {
        return Err(reader.fault("bytes stand behind the value"));
    }
    Ok(())
}

fn value(reader: &mut Reader<'_>, kind: u8, depth: usize, each: &mut dyn FnMut(&str, u64)) -> Result<(), FormatError> {
    if depth > limits::JSON_DEPTH {
        return Err(FormatError::Limit { limit: limits::JSON_DEPTH as u64, noun: "values in values" });
    }
    match kind {
        b'{' | b'[' => container(reader, kind == b'{', depth, each),
        b'S' | b'H' => text(reader, each),
        _ => match size(kind) {
            Some(size) => reader.skip(size),
            None => Err(reader.fault(format!("there is no kind of value 0x{kind:02x}"))),
        },
    }
}

/// Reads what stands in an object or array: until its end, or as many values as it says, or all of one kind.
fn container(
    reader: &mut Reader<'_>,
    keyed: bool,
    depth: usize,
    each: &mut dyn FnMut(&str, u64),
) -> Result<(), FormatError> {
    let end = if keyed { b'}' } else { b']' };
    let mut next = reader.u8()?;
    let mut kind = None;
    if next == b'$' {
        kind = Some(reader.u8()?);
        next = reader.u8()?;
        if next != b'#' {
            return Err(reader.fault("values of one kind are not counted"));
        }
    }
    if next != b'#' {
        while next != end {
            if keyed {
                key(reader, next, each)?;
                next = reader.u8()?;
            }
            value(reader, next, depth + 1, each)?;
            next = reader.u8()?;
        }
        return Ok(());
    }
    let count = length(reader)?;
    if let (Some(size), false) = (kind.and_then(size), keyed) {
        let bytes = count.checked_mul(size).ok_or_else(|| reader.fault("an array is too large"))?;
        return reader.skip(bytes);
    }
    // Each of these takes a byte or more, so that the source bounds their number.
    for _ in 0..count {
        if keyed {
            let first = reader.u8()?;
            key(reader, first, each)?;
        }
        let kind = kind.map_or_else(|| reader.u8(), Ok)?;
        value(reader, kind, depth + 1, each)?;
    }
    Ok(())
}

fn key(reader: &mut Reader<'_>, kind: u8, each: &mut dyn FnMut(&str, u64)) -> Result<(), FormatError> {
    let length = length_of(reader, kind)?;
    show(reader, length, each)
}

fn text(reader: &mut Reader<'_>, each: &mut dyn FnMut(&str, u64)) -> Result<(), FormatError> {
    let length = length(reader)?;
    show(reader, length, each)
}

fn show(reader: &mut Reader<'_>, length: u64, each: &mut dyn FnMut(&str, u64)) -> Result<(), FormatError> {
    let start = reader.offset();
    let text = reader.text(length, limits::METADATA_TEXT_BYTES, "bytes of a text")?;
    each(&text, start);
    Ok(())
}

fn length(reader: &mut Reader<'_>) -> Result<u64, FormatError> {
    let kind = reader.u8()?;
    length_of(reader, kind)
}

fn length_of(reader: &mut Reader<'_>, kind: u8) -> Result<u64, FormatError> {
    let number = match kind {
        b'i' => i64::from(i8::from_be_bytes(reader.array()?)),
        b'U' => i64::from(reader.u8()?),
        b'I' => i64::from(i16::from_be_bytes(reader.array()?)),
        b'l' => i64::from(i32::from_be_bytes(reader.array()?)),
        b'L' => i64::from_be_bytes(reader.array()?),
        _ => return Err(reader.fault(format!("0x{kind:02x} is no kind of length"))),
    };
    u64::try_from(number).map_err(|_| reader.fault("a length is negative"))
}

fn size(kind: u8) -> Option<u64> {
    SIZES.iter().find(|(letter, _)| *letter == kind).map(|(_, size)| *size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(bytes: &[u8]) -> Result<Vec<String>, FormatError> {
        let mut texts = Vec::new();
        read(&bytes, &mut |text, _| texts.push(text.to_owned()))?;
        Ok(texts)
    }

    #[test]
    fn values_of_each_kind_are_read() {
        assert_eq!(texts(b"{i\x01aSU\x01bU\x01c[ZTFN]}").unwrap(), ["a", "b", "c"]);
        assert_eq!(texts(b"[$l#i\x02\0\0\0\0\0\0\0\0").unwrap().len(), 0);
        assert_eq!(texts(b"{#i\x01i\x01kSi\x01v").unwrap(), ["k", "v"]);
        assert_eq!(texts(b"[$S#i\x02i\x01ai\x01b").unwrap(), ["a", "b"]);
    }

    #[test]
    fn what_is_no_value_is_refused() {
        let deep = b"[".repeat(100_000);
        let huge = b"[$Z#L\x7f\xff\xff\xff\xff\xff\xff\xff!".to_vec();
        for bytes in [&b""[..], b"{", b"{i\xffa", b"[$l#l\x7f\xff\xff\xff", b"[!]", b"{i\x01aZ}x", &deep, &huge] {
            assert!(texts(bytes).is_err());
        }
    }

    #[test]
    fn json_is_not_taken_for_it() {
        for text in [r#"{"a":1}"#, "{ }", "{}", "{\n", "[1]", "{i am text}"] {
            assert!(!recognises(&text.as_bytes()), "{text}");
        }
        assert!(recognises(&b"{L\0\0\0\0\0\0\0\x01a{}}".as_slice()));
    }
}
