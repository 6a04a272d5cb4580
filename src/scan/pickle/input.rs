//! The bytes of a pickle as they come, with frames enforced.

use std::io;

use crate::scan::Stop;
use crate::source::{ReadAt, buffer};

/// Bytes of a line that are kept: names and numbers are shorter, and what is longer is judged by its length.
pub(super) const LINE_KEPT: usize = 256;

/// A line of text, or its beginning.
pub(super) struct Line {
    kept: [u8; LINE_KEPT],
    length: usize,
}

impl Line {
    /// Returns the line without its end, if it was kept whole.
    pub(super) fn whole(&self) -> Option<&[u8]> {
        self.kept.get(..self.length)
    }

    fn push(&mut self, bytes: &[u8]) {
        let room = self.kept.get_mut(self.length..).unwrap_or_default();
        for (slot, byte) in room.iter_mut().zip(bytes) {
            *slot = *byte;
        }
        self.length = self.length.saturating_add(bytes.len());
    }
}

/// A reader with a buffer and, while one is open, a frame that no read may cross.
///
/// CPython's C unpickler (before 3.13.15 and 3.14.7) loses the rest of a frame when an argument crosses its
/// end, and then executes what every linear reader takes for content (cpython #154848). No pickler writes
/// such a frame, so it is refused here.
pub(in crate::scan) struct Input<'s> {
    source: &'s dyn ReadAt,
    /// Where the bytes behind the buffer are.
    behind: u64,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Up to where in the buffer nothing has to be looked after: its end, or that of the frame.
    free: usize,
    frame_end: Option<u64>,
}

impl<'s> Input<'s> {
    /// Stands at the start of a source.
    pub(in crate::scan) fn new(source: &'s dyn ReadAt) -> Self {
        let buffer = buffer(source);
        Self { source, behind: 0, buffer, start: 0, end: 0, free: 0, frame_end: None }
    }

    /// Returns the offset of the next byte.
    pub(in crate::scan) fn offset(&self) -> u64 {
        self.behind - (self.end - self.start) as u64
    }

    /// Draws the line before which reads are free.
    fn draw_line(&mut self) {
        let here = self.end - self.start;
        let left = self.frame_end.map_or(u64::MAX, |end| end.saturating_sub(self.offset()));
        self.free = self.start + usize::try_from(left).map_or(here, |left| left.min(here));
    }

    /// Makes sure that `count` bytes are in the buffer, as far as there are; `count` is small.
    fn have(&mut self, count: usize) -> io::Result<bool> {
        while self.end - self.start < count {
            if self.buffer.len() - self.start < count {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
            }
            let room = self.buffer.get_mut(self.end..).unwrap_or_default();
            match self.source.read_at(self.behind, room) {
                Ok(0) => return Ok(false),
                Ok(read) => {
                    self.end += read;
                    self.behind += read as u64;
                    self.draw_line();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Returns the next bytes without passing over them, at most as many as the buffer holds.
    pub(in crate::scan) fn peek(&mut self, count: usize) -> Result<&[u8], Stop> {
        self.have(count)?;
        let end = self.end.min(self.start + count);
        Ok(self.buffer.get(self.start..end).unwrap_or_default())
    }

    /// Says whether nothing is left.
    pub(in crate::scan) fn is_at_end(&mut self) -> Result<bool, Stop> {
        Ok(!self.have(1)?)
    }

    fn check_frame(&self, count: u64) -> Result<(), Stop> {
        if self.crosses(count) { Err(Self::crossing(self.offset())) } else { Ok(()) }
    }

    /// Says whether so many bytes reach beyond the frame.
    fn crosses(&self, count: u64) -> bool {
        self.frame_end.is_some_and(|end| self.offset().checked_add(count).is_none_or(|to| to > end))
    }

    fn crossing(offset: u64) -> Stop {
        Stop::Malformed(offset, "an argument crosses the end of its frame".to_owned())
    }

    fn advance(&mut self, count: usize) {
        self.start += count;
        self.leave_frame();
    }

    /// Closes the frame where it ends, and draws the line anew.
    fn leave_frame(&mut self) {
        if self.frame_end.is_some_and(|end| end <= self.offset()) {
            self.frame_end = None;
        }
        self.draw_line();
    }

    fn ended(&self) -> Stop {
        Stop::Malformed(self.offset(), "the stream ends in the middle".to_owned())
    }

    /// Returns the bytes in the buffer that may be passed over without a look at its end or that of the frame.
    pub(super) fn ahead(&self) -> &[u8] {
        self.buffer.get(self.start..self.free.saturating_sub(1)).unwrap_or_default()
    }

    /// Passes over some of the bytes ahead.
    pub(super) fn pass(&mut self, count: usize) {
        self.start += count;
    }

    /// Reads one byte.
    #[inline]
    pub(in crate::scan) fn byte(&mut self) -> Result<u8, Stop> {
        self.bytes().map(|[byte]| byte)
    }

    /// Reads some bytes, fewer than the buffer holds.
    #[inline]
    pub(in crate::scan) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let mut taken = [0; N];
        taken.copy_from_slice(self.short(N)?);
        Ok(taken)
    }

    /// Reads some bytes, fewer than the buffer holds.
    #[inline]
    pub(super) fn short(&mut self, count: usize) -> Result<&[u8], Stop> {
        // The very end of the buffer or of a frame is left to the careful way, which goes on or closes it.
        let (from, to) = (self.start, self.start + count);
        if to < self.free {
            self.start = to;
            return Ok(self.buffer.get(from..to).unwrap_or_default());
        }
        self.short_at_end(count)
    }

    #[cold]
    fn short_at_end(&mut self, count: usize) -> Result<&[u8], Stop> {
        self.check_frame(count as u64)?;
        if !self.have(count)? {
            return Err(self.ended());
        }
        let from = self.start;
        self.advance(count);
        Ok(self.buffer.get(from..from + count).unwrap_or_default())
    }

    /// Passes over bytes.
    pub(in crate::scan) fn skip(&mut self, count: u64) -> Result<(), Stop> {
        self.check_frame(count)?;
        let here = (self.end - self.start) as u64;
        if let Some(inside) = usize::try_from(count).ok().filter(|_| count <= here) {
            self.advance(inside);
            return Ok(());
        }
        let target = self.behind.checked_add(count - here).filter(|target| *target <= self.source.len());
        self.behind = target.ok_or_else(|| self.ended())?;
        self.start = self.end;
        self.leave_frame();
        Ok(())
    }

    /// Reads a line up to its line feed.
    pub(super) fn line(&mut self) -> Result<Line, Stop> {
        let mut line = Line { kept: [0; LINE_KEPT], length: 0 };
        let begin = self.offset();
        loop {
            if !self.have(1)? {
                return Err(self.ended());
            }
            let rest = self.buffer.get(self.start..self.end).unwrap_or_default();
            let feed = rest.iter().position(|byte| *byte == b'\n');
            let count = feed.unwrap_or(rest.len());
            line.push(rest.get(..count).unwrap_or_default());
            let count = count + usize::from(feed.is_some());
            // Where the buffer and the frame end at the same byte, the rest of the line crosses it.
            let last = u64::from(feed.is_none());
            if self.crosses(count as u64 + last) {
                return Err(Self::crossing(begin));
            }
            self.advance(count);
            if feed.is_some() {
                return Ok(line);
            }
        }
    }

    /// Opens a frame.
    pub(super) fn open_frame(&mut self, length: u64) -> Result<(), Stop> {
        if self.frame_end.is_some() {
            return Err(Stop::Malformed(self.offset(), "a frame begins inside another".to_owned()));
        }
        let end = self.offset().checked_add(length);
        self.frame_end = Some(end.ok_or_else(|| self.ended())?).filter(|_| length > 0);
        self.draw_line();
        Ok(())
    }

    /// Says whether a frame is open.
    pub(super) fn is_in_frame(&self) -> bool {
        self.frame_end.is_some()
    }

    /// Says whether a frame is open that ends where there are bytes.
    pub(super) fn is_in_whole_frame(&self) -> bool {
        self.frame_end.is_some_and(|end| end <= self.source.len())
    }

    /// Forgets an open frame, at the end of a stream.
    pub(super) fn close_frame(&mut self) {
        self.frame_end = None;
        self.draw_line();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;

    #[test]
    fn bytes_lines_and_gaps_are_read_in_order() {
        let bytes = [b"ab".as_slice(), b"line\n", &vec![7; limits::READ_BUFFER * 2], b"z"].concat();
        {
            let mut input = Input::new(&bytes);
            assert_eq!(input.bytes::<2>().ok(), Some(*b"ab"));
            assert_eq!(input.line().ok().unwrap().whole(), Some(b"line".as_slice()));
            input.skip(limits::READ_BUFFER as u64 * 2).ok().unwrap();
            assert_eq!(input.offset() + 1, bytes.len() as u64);
            assert_eq!(input.byte().ok(), Some(b'z'));
            assert!(input.is_at_end().ok().unwrap());
            assert!(input.byte().is_err());
            assert!(input.skip(1).is_err());
        }
    }

    #[test]
    fn a_long_line_is_passed_over() {
        let bytes = [&vec![b'x'; limits::READ_BUFFER * 2], b"\nz".as_slice()].concat();
        let mut input = Input::new(&bytes);
        assert_eq!(input.line().ok().unwrap().whole(), None);
        assert_eq!(input.byte().ok(), Some(b'z'));
    }

    #[test]
    fn nothing_crosses_the_end_of_a_frame() {
        let bytes = b"0123456789\n".as_slice();
        let mut input = Input::new(&bytes);
        input.open_frame(4).ok().unwrap();
        assert!(input.open_frame(1).is_err());
        assert!(input.short(5).is_err());
        assert!(input.skip(5).is_err());
        input.skip(3).ok().unwrap();
        assert!(input.line().is_err());
        // Nor a line where a read ends at the same byte.
        let bytes = [vec![b'x'; limits::READ_BUFFER + 1], b"\n".to_vec()].concat();
        let mut long = Input::new(&bytes);
        long.open_frame(limits::READ_BUFFER as u64).ok().unwrap();
        assert!(long.line().is_err());
        input.byte().ok().unwrap();
        assert!(!input.is_in_frame());
        assert!(input.open_frame(u64::MAX).is_err());
    }
}
