//! Bytes that are read where they are needed, from whatever holds them.
//!
//! A [`ReadAt`] may be a file of any size: readers of formats ask for the few bytes that they judge and
//! never for the whole. This module does no input or output by itself.

use std::io;

use crate::limits;

/// Bytes of the smallest buffer: more than any short value takes.
const SMALLEST_BUFFER: usize = 1024;

/// Something with a known length that can be read at any place.
pub trait ReadAt: Sync {
    /// Returns the number of bytes.
    fn len(&self) -> u64;

    /// Reads some bytes at `offset` into `buffer`, and says how many; none only at the end.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Says whether there is nothing to read.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Reads until `buffer` is full or the source ends, and returns what was read.
pub fn fill<'b>(source: &dyn ReadAt, offset: u64, buffer: &'b mut [u8]) -> io::Result<&'b [u8]> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        let Some(at) = offset.checked_add(filled as u64) else { break };
        match source.read_at(at, rest) {
            Ok(0) => break,
            Ok(count) => filled += count.min(rest.len()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(buffer.get(..filled).unwrap_or_default())
}

/// Makes a buffer to read a source with: of the usual size, or smaller where the source is.
pub fn buffer(source: &dyn ReadAt) -> Vec<u8> {
    let length = usize::try_from(source.len()).unwrap_or(usize::MAX);
    vec![0; length.clamp(SMALLEST_BUFFER, limits::READ_BUFFER)]
}

/// Reads exactly `count` bytes at `offset`; the caller bounds `count` before.
///
/// A source that ends earlier is [`io::ErrorKind::UnexpectedEof`], and costs no memory.
pub fn exactly(source: &dyn ReadAt, offset: u64, count: usize) -> io::Result<Vec<u8>> {
    if offset.checked_add(count as u64).is_none_or(|end| end > source.len()) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut bytes = vec![0; count];
    let read = fill(source, offset, &mut bytes)?.len();
    if read == count { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

impl ReadAt for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|start| self.get(start..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        Ok(count)
    }
}

impl ReadAt for &[u8] {
    fn len(&self) -> u64 {
        ReadAt::len(*self)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(offset, buffer)
    }
}

impl ReadAt for Vec<u8> {
    fn len(&self) -> u64 {
        ReadAt::len(self.as_slice())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.as_slice().read_at(offset, buffer)
    }
}

/// A part of a source, such as a member that an archive stores as it is.
#[derive(Clone, Copy)]
pub struct Window<'s> {
    source: &'s dyn ReadAt,
    start: u64,
    length: u64,
}

impl<'s> Window<'s> {
    /// Takes `length` bytes at `start`, or what there is of them.
    pub fn new(source: &'s dyn ReadAt, start: u64, length: u64) -> Self {
        let length = length.min(source.len().saturating_sub(start));
        Self { source, start, length }
    }
}

impl ReadAt for Window<'_> {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        match buffer.get_mut(..wanted) {
            Some([]) | None => Ok(0),
            Some(buffer) => self.source.read_at(self.start.saturating_add(offset), buffer),
        }
    }
}

/// A place in a source, for readers that want [`io::Read`] and [`io::Seek`].
#[derive(Clone)]
pub struct Cursor<'s> {
    source: &'s dyn ReadAt,
    offset: u64,
}

impl<'s> Cursor<'s> {
    /// Stands at the start of a source.
    pub fn new(source: &'s dyn ReadAt) -> Self {
        Self { source, offset: 0 }
    }
}

impl io::Read for Cursor<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read_at(self.offset, buffer)?;
        self.offset = self.offset.saturating_add(count as u64);
        Ok(count)
    }
}

impl io::Seek for Cursor<'_> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let target = match to {
            io::SeekFrom::Start(offset) => Some(offset),
            io::SeekFrom::End(by) => self.source.len().checked_add_signed(by),
            io::SeekFrom::Current(by) => self.offset.checked_add_signed(by),
        };
        self.offset = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.offset)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek, SeekFrom};

    use super::*;

    #[test]
    fn bytes_are_read_where_they_are() {
        let source: &[u8] = b"0123456789";
        let mut buffer = [0; 4];
        assert_eq!(fill(&source, 8, &mut buffer).unwrap(), b"89");
        assert_eq!(fill(&source, 99, &mut buffer).unwrap(), b"");
        assert_eq!(exactly(&source, 2, 3).unwrap(), b"234");
        assert_eq!(exactly(&source, 8, 3).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(exactly(&source, u64::MAX, 3).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_window_shows_its_part_alone() {
        let source: &[u8] = b"0123456789";
        let window = Window::new(&source, 3, 4);
        assert_eq!(exactly(&window, 0, 4).unwrap(), b"3456");
        assert!(exactly(&window, 1, 4).is_err());
        assert_eq!(Window::new(&source, 8, 99).len(), 2);
        assert!(Window::new(&source, 99, 1).is_empty());
        assert_eq!(exactly(&Window::new(&window, 1, 2), 0, 2).unwrap(), b"45");
    }

    #[test]
    fn a_cursor_reads_and_seeks() {
        let source: &[u8] = b"0123456789";
        let mut cursor = Cursor::new(&source);
        assert_eq!(cursor.seek(SeekFrom::End(-2)).unwrap(), 8);
        let mut text = String::new();
        cursor.read_to_string(&mut text).unwrap();
        assert_eq!(text, "89");
        assert!(cursor.seek(SeekFrom::Current(-11)).is_err());
    }
}
