//! Reading forwards through a source, with a small buffer and an end that can be drawn nearer.

use crate::limits;
use crate::source::{ReadAt, fill};
use crate::weights::FormatError;

/// A place in a source from which values are read, little-endian unless it is told otherwise.
pub struct Reader<'s> {
    source: &'s dyn ReadAt,
    offset: u64,
    end: u64,
    buffer: Vec<u8>,
    buffer_start: u64,
    is_big_endian: bool,
}

impl<'s> Reader<'s> {
    /// Stands at the start of a source.
    pub fn new(source: &'s dyn ReadAt) -> Self {
        Self { source, offset: 0, end: source.len(), buffer: Vec::new(), buffer_start: 0, is_big_endian: false }
    }

    /// Reads numbers from now on with their most significant byte first.
    pub fn read_big_endian(&mut self) {
        self.is_big_endian = true;
    }

    /// Returns the place, in bytes from the start of the source.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns how many bytes are left before the end.
    pub fn left(&self) -> u64 {
        self.end.saturating_sub(self.offset)
    }

    /// Returns the source.
    pub fn source(&self) -> &'s dyn ReadAt {
        self.source
    }

    /// Reports a fault of form at the place.
    pub fn fault(&self, message: impl Into<String>) -> FormatError {
        FormatError::malformed(self.offset, message)
    }

    /// Draws the end nearer, so that the next `length` bytes are all there is; returns the end to restore.
    pub fn narrow(&mut self, length: u64) -> Result<u64, FormatError> {
        self.demand(length)?;
        Ok(std::mem::replace(&mut self.end, self.offset.saturating_add(length)))
    }

    /// Goes behind the narrowed part, and restores the end.
    pub fn widen(&mut self, end: u64) {
        self.offset = self.end;
        self.end = end;
    }

    /// Passes over bytes without reading them.
    pub fn skip(&mut self, count: u64) -> Result<(), FormatError> {
        self.demand(count)?;
        self.offset = self.offset.saturating_add(count);
        Ok(())
    }

    /// Reads `count` bytes; whoever calls has bounded `count`.
    pub fn bytes(&mut self, count: u64) -> Result<Vec<u8>, FormatError> {
        self.demand(count)?;
        let length = usize::try_from(count).map_err(|_| self.fault("a length does not fit this machine"))?;
        let mut bytes = vec![0; length];
        self.copy(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads a number of bytes that is known when this is compiled.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], FormatError> {
        self.demand(N as u64)?;
        let mut bytes = [0; N];
        self.copy(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads one byte.
    pub fn u8(&mut self) -> Result<u8, FormatError> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Reads a 32-bit number.
    pub fn u32(&mut self) -> Result<u32, FormatError> {
        self.array().map(if self.is_big_endian { u32::from_be_bytes } else { u32::from_le_bytes })
    }

    /// Reads a 64-bit number.
    pub fn u64(&mut self) -> Result<u64, FormatError> {
        self.array().map(if self.is_big_endian { u64::from_be_bytes } else { u64::from_le_bytes })
    }

    /// Reads a text of `length` bytes, at most `limit`.
    pub fn text(&mut self, length: u64, limit: u64, noun: &'static str) -> Result<String, FormatError> {
        self.demand(length)?;
        FormatError::bounded(length, limit, noun)?;
        let start = self.offset;
        String::from_utf8(self.bytes(length)?).map_err(|_| FormatError::malformed(start, "a text is not UTF-8"))
    }

    fn demand(&self, count: u64) -> Result<(), FormatError> {
        if count > self.left() {
            return Err(self.fault(format!("{count} bytes are claimed and {} are there", self.left())));
        }
        Ok(())
    }

    fn copy(&mut self, to: &mut [u8]) -> Result<(), FormatError> {
        if to.len() > limits::FORMAT_BUFFER {
            let read = fill(self.source, self.offset, to)?.len();
            return self.advance(read, to.len());
        }
        if !self.buffered(to) {
            self.refill()?;
            if !self.buffered(to) {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
        }
        self.advance(to.len(), to.len())
    }

    /// Copies from the buffer, if it has all that is wanted.
    fn buffered(&self, to: &mut [u8]) -> bool {
        let start = self.offset.checked_sub(self.buffer_start).and_then(|start| usize::try_from(start).ok());
        let from = start.and_then(|start| self.buffer.get(start..)?.get(..to.len()));
        if let Some(from) = from {
            to.copy_from_slice(from);
        }
        from.is_some()
    }

    fn refill(&mut self) -> Result<(), FormatError> {
        self.buffer.resize(limits::FORMAT_BUFFER, 0);
        let read = fill(self.source, self.offset, &mut self.buffer)?.len();
        self.buffer.truncate(read);
        self.buffer_start = self.offset;
        Ok(())
    }

    fn advance(&mut self, read: usize, wanted: usize) -> Result<(), FormatError> {
        if read < wanted {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
        }
        self.offset = self.offset.saturating_add(wanted as u64);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_little_endian_and_counted() {
        let source: &[u8] = &[1, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, b'h', b'i'];
        let mut reader = Reader::new(&source);
        assert_eq!((reader.u8().unwrap(), reader.u32().unwrap(), reader.u64().unwrap()), (1, 2, 3));
        assert_eq!(reader.text(2, 2, "bytes").unwrap(), "hi");
        assert_eq!((reader.offset(), reader.left()), (15, 0));
        assert!(matches!(reader.u8(), Err(FormatError::Malformed { offset: 15, .. })));
    }

    #[test]
    fn a_claim_costs_nothing_before_it_is_checked() {
        let source: &[u8] = b"abc";
        let mut reader = Reader::new(&source);
        assert!(reader.bytes(u64::MAX).is_err());
        assert!(reader.skip(4).is_err());
        assert!(matches!(reader.text(3, 2, "bytes"), Err(FormatError::Limit { .. })));
        assert_eq!(reader.offset(), 0);
    }

    #[test]
    fn a_narrowed_reader_ends_where_it_was_told() {
        let source: &[u8] = b"abcdef";
        let mut reader = Reader::new(&source);
        let end = reader.narrow(2).unwrap();
        assert!(reader.bytes(3).is_err());
        assert!(reader.narrow(3).is_err());
        reader.widen(end);
        assert_eq!(reader.bytes(4).unwrap(), b"cdef");
    }

    #[test]
    fn what_is_longer_than_the_buffer_is_read_too() {
        let source: Vec<u8> = (0..limits::FORMAT_BUFFER * 3).map(|n| n.to_le_bytes()[0]).collect();
        let mut reader = Reader::new(&source);
        reader.u8().unwrap();
        assert_eq!(reader.bytes((source.len() - 2) as u64).unwrap(), source[1..source.len() - 1]);
        assert_eq!(reader.u8().unwrap(), source[source.len() - 1]);
    }

    #[test]
    fn text_is_utf8() {
        let source: &[u8] = b"\xff\xff";
        assert!(matches!(Reader::new(&source).text(2, 9, "bytes"), Err(FormatError::Malformed { offset: 0, .. })));
    }
}
