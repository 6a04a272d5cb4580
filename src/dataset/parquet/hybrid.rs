//! Runs and packed bits ("RLE/Bit-Packing Hybrid"): levels, places in a dictionary, truth values.

/// A stream of small numbers, of which one at a time is read from the bytes of its page.
#[derive(Clone, Debug)]
pub(super) struct Hybrid {
    at: usize,
    end: usize,
    width: u8,
    run: Run,
}

#[derive(Clone, Debug)]
enum Run {
    Same { value: u32, left: u64 },
    Packed { bit: u64, left: u64 },
}

impl Hybrid {
    /// Reads numbers of `width` bits, at most 32, from a part of the page.
    pub(super) fn new(at: usize, end: usize, width: u8) -> Option<Self> {
        (width <= 32).then_some(Self { at, end, width, run: Run::Same { value: 0, left: 0 } })
    }

    /// Returns how many bits the levels up to a highest one take.
    pub(super) fn width_of(highest: u16) -> u8 {
        u8::try_from(u16::BITS - highest.leading_zeros()).unwrap_or_default()
    }

    /// Returns the next number, or none where the bytes end.
    pub(super) fn next(&mut self, page: &[u8]) -> Option<u32> {
        loop {
            match &mut self.run {
                Run::Same { value, left } if *left > 0 => {
                    *left -= 1;
                    return Some(*value);
                }
                Run::Packed { bit, left } if *left > 0 => {
                    let number = packed(page.get(..self.end)?, *bit, self.width)?;
                    *bit += u64::from(self.width);
                    *left -= 1;
                    return u32::try_from(number).ok();
                }
                _ => self.begin(page.get(..self.end)?)?,
            }
        }
    }

    fn begin(&mut self, bytes: &[u8]) -> Option<()> {
        let header = varint(bytes, &mut self.at)?;
        let count = header >> 1;
        if header & 1 == 0 {
            let length = usize::from(self.width.div_ceil(8));
            let mut value = [0; 4];
            value.get_mut(..length)?.copy_from_slice(bytes.get(self.at..self.at.checked_add(length)?)?);
            self.at += length;
            self.run = Run::Same { value: u32::from_le_bytes(value), left: count };
        } else {
            // The last group may be cut: whoever reads a number of it finds that out.
            self.run = Run::Packed { bit: (self.at as u64).checked_mul(8)?, left: count.checked_mul(8)? };
            let length = usize::try_from(count).ok()?.checked_mul(usize::from(self.width))?;
            self.at = self.at.checked_add(length)?.min(bytes.len());
        }
        Some(())
    }
}

/// Reads an unsigned number in groups of seven bits.
pub(super) fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Reads a number of up to 64 bits that begins at a bit, the least one first.
pub(super) fn packed(bytes: &[u8], bit: u64, width: u8) -> Option<u64> {
    if width == 0 {
        return Some(0);
    }
    let start = usize::try_from(bit / 8).ok()?;
    let shift = u32::try_from(bit % 8).ok()?;
    let length = (shift + u32::from(width)).div_ceil(8) as usize;
    let mut wide = [0; 16];
    wide.get_mut(..length)?.copy_from_slice(bytes.get(start..start.checked_add(length)?)?);
    let mask = u64::MAX >> (64 - u32::from(width.min(64)));
    u64::try_from(u128::from_le_bytes(wide) >> shift & u128::from(mask)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], width: u8) -> Vec<u32> {
        let mut hybrid = Hybrid::new(0, bytes.len(), width).unwrap();
        std::iter::from_fn(|| hybrid.next(bytes)).collect()
    }

    #[test]
    fn runs_and_packed_bits_follow_each_other() {
        // Three sevens, then 0 to 7 in three bits: the example of the specification.
        assert_eq!(all(&[6, 7, 3, 0b1000_1000, 0b1100_0110, 0b1111_1010], 3), [7, 7, 7, 0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(all(&[4, 0x01, 0x02], 10), [0x0201, 0x0201]);
        assert_eq!(all(&[4], 0), [0, 0]);
    }

    #[test]
    fn claims_end_where_the_bytes_do() {
        assert_eq!(all(&[0x83, 0x80, 0x80, 0x80, 0x10, 0xff], 8), [0xff]);
        assert_eq!(all(&[0; 64], 1), [0; 0]);
        assert_eq!(all(&[0xff; 12], 1), [0; 0]);
        assert!(Hybrid::new(0, 0, 33).is_none());
        assert_eq!(Hybrid::new(0, 9, 1).unwrap().next(&[2, 1]), None);
    }

    #[test]
    fn levels_take_the_bits_that_they_need() {
        assert_eq!([0, 1, 2, 3, 4].map(Hybrid::width_of), [0, 1, 2, 2, 3]);
        assert_eq!(packed(&[0xff; 9], 7, 64), Some(u64::MAX));
        assert_eq!(packed(&[0xff; 8], 7, 64), None);
    }
}
