//! Whole numbers as differences in packed blocks (`DELTA_BINARY_PACKED`).

use crate::dataset::parquet::hybrid::{packed, varint};

/// The most values of one block: writers take 128.
const BLOCK: u64 = 1 << 20;

/// A stream of whole numbers, of which one at a time is read from the bytes of its page.
#[derive(Clone, Debug)]
pub(super) struct Delta {
    /// Where the next block begins.
    at: usize,
    per_miniblock: u64,
    miniblocks: u64,
    left: u64,
    value: i64,
    smallest: i64,
    /// Where the widths of the miniblocks of this block stand, and how many of them were begun.
    widths: usize,
    begun: u64,
    width: u8,
    bit: u64,
    in_miniblock: u64,
    first: bool,
}

impl Delta {
    /// Reads the header.
    pub(super) fn new(bytes: &[u8], mut at: usize) -> Option<Self> {
        let block = varint(bytes, &mut at)?;
        let miniblocks = varint(bytes, &mut at)?;
        let left = varint(bytes, &mut at)?;
        let value = zigzag(bytes, &mut at)?;
        let per_miniblock = block.checked_div(miniblocks)?;
        let sound =
            block <= BLOCK && per_miniblock > 0 && per_miniblock.is_multiple_of(8) && block.is_multiple_of(miniblocks);
        sound.then_some(Self {
            at,
            per_miniblock,
            miniblocks,
            left,
            value,
            smallest: 0,
            widths: 0,
            begun: miniblocks,
            width: 0,
            bit: 0,
            in_miniblock: 0,
            first: true,
        })
    }

    /// Returns the next number, or none where there is none.
    pub(super) fn next(&mut self, bytes: &[u8]) -> Option<i64> {
        self.left = self.left.checked_sub(1)?;
        if std::mem::take(&mut self.first) {
            return Some(self.value);
        }
        if self.in_miniblock == 0 {
            self.begin_miniblock(bytes)?;
        }
        let difference = packed(bytes, self.bit, self.width)?;
        self.bit += u64::from(self.width);
        self.in_miniblock -= 1;
        self.value = self.value.wrapping_add(self.smallest).wrapping_add(difference.cast_signed());
        Some(self.value)
    }

    /// Returns where the stream ends, or none if that is outside of the bytes.
    pub(super) fn end(&self, bytes: &[u8]) -> Option<usize> {
        let mut rest = self.clone();
        if std::mem::take(&mut rest.first) {
            rest.left = rest.left.saturating_sub(1);
        }
        loop {
            rest.left = rest.left.saturating_sub(rest.in_miniblock);
            if rest.left == 0 {
                return (rest.at <= bytes.len()).then_some(rest.at);
            }
            rest.begin_miniblock(bytes)?;
        }
    }

    fn begin_miniblock(&mut self, bytes: &[u8]) -> Option<()> {
        if self.begun == self.miniblocks {
            self.smallest = zigzag(bytes, &mut self.at)?;
            self.widths = self.at;
            self.at = self.at.checked_add(usize::try_from(self.miniblocks).ok()?)?;
            self.begun = 0;
        }
        self.width = *bytes.get(self.widths.checked_add(usize::try_from(self.begun).ok()?)?)?;
        if self.width > 64 {
            return None;
        }
        self.begun += 1;
        self.bit = (self.at as u64).checked_mul(8)?;
        self.in_miniblock = self.per_miniblock;
        let length = self.per_miniblock / 8 * u64::from(self.width);
        self.at = self.at.checked_add(usize::try_from(length).ok()?)?;
        Some(())
    }
}

fn zigzag(bytes: &[u8], at: &mut usize) -> Option<i64> {
    let value = varint(bytes, at)?;
    Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> (Vec<i64>, Option<usize>) {
        let mut delta = Delta::new(bytes, 0).unwrap();
        let end = delta.end(bytes);
        (std::iter::from_fn(|| delta.next(bytes)).collect(), end)
    }

    /// The second example of the specification: 7, 5, 3, 1, 2, 3, 4, 5 in a block of eight.
    const EXAMPLE: [u8; 9] = [8, 1, 8, 14, 3, 2, 0b1100_0000, 0b0011_1111, 0xaa];

    #[test]
    fn differences_add_up() {
        assert_eq!(all(&EXAMPLE), (vec![7, 5, 3, 1, 2, 3, 4, 5], Some(8)));
        assert_eq!(all(&[0x80, 1, 4, 1, 9]), (vec![-5], Some(5)));
        assert_eq!(all(&[0x80, 1, 4, 0, 0]), (vec![], Some(5)));
    }

    #[test]
    fn claims_end_where_the_bytes_do() {
        assert_eq!(all(&EXAMPLE[..7]).1, None);
        for end in 0..EXAMPLE.len() - 1 {
            if let Some(mut delta) = Delta::new(&EXAMPLE[..end], 0) {
                assert!(std::iter::from_fn(|| delta.next(&EXAMPLE[..end])).count() < 8);
            }
        }
        for header in [[0, 1, 1, 0], [8, 0, 1, 0], [7, 1, 1, 0], [24, 5, 1, 0], [0xff, 0xff, 0xff, 0x7f]] {
            assert!(Delta::new(&header, 0).is_none(), "{header:?}");
        }
        let endless = [8, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0, 65];
        assert_eq!(all(&endless), (vec![0], None));
    }
}
