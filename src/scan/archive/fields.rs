//! Little-endian fields of headers.

use crate::scan::Stop;
use crate::source::{self, ReadAt};

/// Bytes of a header that are taken one field after the other.
pub(super) struct Fields {
    bytes: Vec<u8>,
    position: usize,
}

impl Fields {
    /// Reads a header.
    pub(super) fn read(source: &dyn ReadAt, offset: u64, count: usize) -> Result<Self, Stop> {
        let bytes = source::exactly(source, offset, count);
        let bytes = bytes.map_err(|error| match Stop::from(error) {
            Stop::Malformed(_, what) => Stop::Malformed(offset, what),
            other => other,
        })?;
        Ok(Self::of(bytes))
    }

    /// Takes fields from bytes.
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        Self { bytes, position: 0 }
    }

    /// Takes some bytes; none if there are too few.
    pub(super) fn take(&mut self, count: usize) -> Option<&[u8]> {
        let taken = self.bytes.get(self.position..self.position.checked_add(count)?)?;
        self.position += count;
        Some(taken)
    }

    /// Takes a number of 2 bytes, or 0 behind the end.
    pub(super) fn u16(&mut self) -> u16 {
        self.take(2).and_then(|bytes| bytes.try_into().ok()).map(u16::from_le_bytes).unwrap_or_default()
    }

    /// Takes a number of 4 bytes, or 0 behind the end.
    pub(super) fn u32(&mut self) -> u32 {
        self.take(4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes).unwrap_or_default()
    }

    /// Takes a number of 8 bytes; none if there are too few.
    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take(8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes)
    }

    /// Says whether nothing is left.
    pub(super) fn is_at_end(&self) -> bool {
        self.position == self.bytes.len()
    }
}
