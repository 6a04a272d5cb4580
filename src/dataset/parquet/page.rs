//! The headers of pages.

use crate::dataset::thrift::{Reader, Value};
use crate::limits;
use crate::source::{ReadAt, exactly};
use crate::weights::FormatError;

/// Bytes with which a header is tried for first; one with statistics may be longer.
const FIRST: u64 = 4 << 10;
/// The largest count of the format, which has 32 bits and a sign.
const LARGEST: u64 = 0x7fff_ffff;

/// What a page says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: PageKind,
    /// How many bytes the header has.
    pub(super) length: u64,
    pub(super) packed: u64,
    pub(super) unpacked: u64,
    pub(super) values: u64,
    pub(super) encoding: i64,
    /// The encodings of levels, in the first version.
    pub(super) levels: [i64; 2],
    /// Bytes of definition and repetition levels before what is packed, in the second version.
    pub(super) definition: u64,
    pub(super) repetition: u64,
    pub(super) plain: bool,
}

/// What a page holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum PageKind {
    First,
    Second,
    Dictionary,
    #[default]
    Other,
}

impl Header {
    /// Reads the header of the page at a place of a column.
    pub(super) fn read(source: &dyn ReadAt, start: u64, end: u64) -> Result<Self, FormatError> {
        let most = end.saturating_sub(start).min(limits::PARQUET_PAGE_HEADER_BYTES);
        let mut tried = FIRST.min(most);
        loop {
            let bytes = exactly(source, start, usize::try_from(tried).unwrap_or_default())?;
            match parse(&bytes) {
                Err(_) if tried < most => tried = tried.saturating_mul(16).min(most),
                // The place in the header is of no use to anybody: that of the page is.
                Err(_) => return Err(FormatError::malformed(start, "a page has no header that can be read")),
                Ok(header) if header.length + header.packed > end - start => {
                    return Err(FormatError::malformed(start, "a page is longer than its column"));
                }
                Ok(header) => return Ok(header),
            }
        }
    }
}

fn parse(bytes: &[u8]) -> Result<Header, FormatError> {
    let mut reader = Reader::new(bytes);
    let mut header = Header { packed: u64::MAX, unpacked: u64::MAX, ..Header::default() };
    reader.fields(|reader, field, value| {
        match (field, value) {
            (2, Value::Number(bytes)) => header.unpacked = count(bytes),
            (3, Value::Number(bytes)) => header.packed = count(bytes),
            (5, Value::Struct) => return first(reader, &mut header),
            (7, Value::Struct) => return dictionary(reader, &mut header),
            (8, Value::Struct) => return second(reader, &mut header),
            (_, value) => return reader.skip(value),
        }
        Ok(())
    })?;
    if header.packed.max(header.unpacked).max(header.values) > LARGEST {
        return Err(FormatError::malformed(0, "a page has no size"));
    }
    header.length = reader.offset() as u64;
    Ok(header)
}

/// Returns a count, and of a negative one what no page has.
fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn first(reader: &mut Reader<'_>, header: &mut Header) -> Result<(), FormatError> {
    header.kind = PageKind::First;
    let [definition, repetition] = &mut header.levels;
    reader.fields(|reader, field, value| {
        match (field, value) {
            (1, Value::Number(number)) => header.values = count(number),
            (2, Value::Number(number)) => header.encoding = number,
            (3, Value::Number(number)) => *definition = number,
            (4, Value::Number(number)) => *repetition = number,
            (_, value) => return reader.skip(value),
        }
        Ok(())
    })
}

fn dictionary(reader: &mut Reader<'_>, header: &mut Header) -> Result<(), FormatError> {
    header.kind = PageKind::Dictionary;
    reader.fields(|reader, field, value| {
        match (field, value) {
            (1, Value::Number(number)) => header.values = count(number),
            (2, Value::Number(number)) => header.encoding = number,
            (_, value) => return reader.skip(value),
        }
        Ok(())
    })
}

fn second(reader: &mut Reader<'_>, header: &mut Header) -> Result<(), FormatError> {
    header.kind = PageKind::Second;
    reader.fields(|reader, field, value| {
        match (field, value) {
            (1, Value::Number(number)) => header.values = count(number),
            (4, Value::Number(number)) => header.encoding = number,
            (5, Value::Number(number)) => header.definition = count(number),
            (6, Value::Number(number)) => header.repetition = count(number),
            (7, Value::Truth(packed)) => header.plain = !packed,
            (_, value) => return reader.skip(value),
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_with_long_statistics() {
        // type 0, unpacked 10, packed 5, a data page of 3 values, plain, with statistics of 9,000 bytes.
        let mut bytes =
            vec![0x15, 0, 0x15, 20, 0x15, 10, 0x2c, 0x15, 6, 0x15, 0, 0x15, 6, 0x15, 6, 0x1c, 0x18, 0xa8, 0x46];
        bytes.extend(vec![b'x'; 9_000]);
        bytes.extend([0, 0, 0]);
        let length = bytes.len() as u64;
        bytes.extend([0; 5]);
        let header = Header::read(&bytes, 0, bytes.len() as u64).unwrap();
        let expected = Header {
            kind: PageKind::First,
            length,
            packed: 5,
            unpacked: 10,
            values: 3,
            levels: [3, 3],
            ..Header::default()
        };
        assert_eq!(header, expected);
        assert!(Header::read(&bytes, 0, bytes.len() as u64 - 1).is_err());
        assert!(Header::read(&bytes, 0, 0).is_err());
    }

    #[test]
    fn negative_and_absent_sizes_are_refused() {
        for bytes in
            [vec![0x15, 0, 0], vec![0x15, 0, 0x15, 1, 0x15, 10, 0], vec![0x15, 0, 0x15, 10, 0x15, 1, 0], vec![]]
        {
            assert!(parse(&bytes).is_err(), "{bytes:?}");
        }
    }
}
