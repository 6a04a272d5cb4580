//! The quick way through plain data: instructions that push constants and keep them, nearly all of a large pickle.
//!
//! It does what [`Machine::step`] does, and leaves to it whatever may fail, is imported, called or filled.

use super::machine::Machine;
use super::memory::{Memo, Stack};
use super::opcode as op;
use super::value::{Pools, Value};
use crate::limits;

impl Machine<'_, '_> {
    /// Takes instructions as long as they are plain and lie in the buffer and in the frame.
    pub(super) fn plain_data(&mut self) {
        // Where there are several memos, what is taken from one is compared with the others.
        if self.depth > 0 || self.kept_memo.is_some() {
            return;
        }
        let bytes = self.input.ahead();
        let (mut at, mut count) = (0, 0);
        while let Some(length) = plain(bytes.get(at..), &mut self.stack, &mut self.memo, &mut self.pools) {
            at += length;
            count += 1;
        }
        self.input.pass(at);
        self.instruction += count;
    }
}

/// Takes one instruction, and returns its length; nothing where it is not plain.
#[inline]
fn plain(bytes: Option<&[u8]>, stack: &mut Stack, memo: &mut Memo, pools: &mut Pools) -> Option<usize> {
    let (code, rest) = bytes?.split_first()?;
    let (value, length) = match *code {
        op::NONE => (Value::Nothing, 1),
        op::NEWTRUE | op::NEWFALSE | op::EMPTY_LIST => (Value::Data, 1),
        op::BININT1 => (Value::Int(i64::from(*rest.first()?)), 2),
        op::BININT2 => (Value::Int(i64::from(u16::from_le_bytes(*rest.first_chunk()?))), 3),
        op::BININT => (Value::Int(i64::from(i32::from_le_bytes(*rest.first_chunk()?))), 5),
        op::BINFLOAT => (Value::Data, 1 + rest.get(..8)?.len()),
        op::SHORT_BINUNICODE => text(rest.split_first().map(|(length, rest)| (usize::from(*length), rest))?, 2, pools)?,
        op::BINUNICODE => {
            let (length, rest) = rest.split_first_chunk()?;
            let length = u32::from_le_bytes(*length);
            let short = length <= u32::from(limits::PICKLE_KEPT);
            text((usize::try_from(length).ok().filter(|_| short)?, rest), 5, pools)?
        }
        op::BINGET => (memo.get(u64::from(*rest.first()?))?, 2),
        op::LONG_BINGET => {
            let number = u64::from(u32::from_le_bytes(*rest.first_chunk()?));
            // What was not kept is not known either: the machine has to remember that.
            (memo.get(number).filter(|_| number < limits::PICKLE_MEMO as u64)?, 5)
        }
        op::MEMOIZE => return memo.put(memo.len(), stack.top()?).ok().map(|()| 1),
        op::BINPUT => return memo.put(u64::from(*rest.first()?), stack.top()?).ok().map(|()| 2),
        op::LONG_BINPUT => {
            let number = u64::from(u32::from_le_bytes(*rest.first_chunk()?));
            return memo.put(number, stack.top()?).ok().map(|()| 5);
        }
        _ => return None,
    };
    stack.push(value).ok().map(|()| length)
}

/// Keeps a text of a length at the start of what is left, behind `head` bytes of the instruction.
#[inline]
fn text((length, rest): (usize, &[u8]), head: usize, pools: &mut Pools) -> Option<(Value, usize)> {
    Some((pools.keep_text(rest.get(..length)?), head + length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::pickle::{Input, Persistence};
    use crate::scan::{Allowance, Sheet};
    use crate::source::ReadAt;

    /// Runs a pickle, and says what came of it: the end, the place and the number of instructions.
    fn ran(source: &dyn ReadAt) -> (bool, u64, u64, usize) {
        let (allowance, mut sheet, mut input) = (Allowance::default(), Sheet::default(), Input::new(source));
        let mut machine = Machine::new(&mut input, &mut sheet, &allowance, Persistence::Refused);
        let ended = machine.run().is_ok();
        let (count, memo) = (machine.instruction, machine.memo.len());
        (ended, input.offset(), count, usize::try_from(memo).unwrap())
    }

    /// A source that gives a byte at a time, so that nothing lies ahead.
    struct Bytes<'b>(&'b [u8]);

    impl ReadAt for Bytes<'_> {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
            let one = buffer.len().min(1);
            self.0.read_at(offset, buffer.get_mut(..one).unwrap_or_default())
        }
    }

    #[test]
    fn both_ways_do_the_same() {
        let parts: [&[u8]; 18] = [
            b"N",
            b"\x88",
            b"]",
            b"K\x07",
            b"M\x07\x07",
            b"J\xff\xff\xff\xff",
            b"G\0\0\0\0\0\0\0\0",
            b"\x8c\x02ab",
            b"X\x02\0\0\0ab",
            b"X\xff\0\0\0",
            b"\x94",
            b"q\x03",
            b"r\x04\0\0\0",
            b"h\x03",
            b"j\x04\0\0\0",
            b"j\xff\xff\xff\x7f",
            b"(",
            b"0",
        ];
        // Numbers from a generator of Lehmer, so that each run is the same.
        let mut seed = 1_u64;
        for _ in 0..2_000 {
            let mut pickle = b"\x80\x04".to_vec();
            for _ in 0..12 {
                seed = seed * 48_271 % 0x7fff_ffff;
                pickle.extend_from_slice(parts[usize::try_from(seed).unwrap() % parts.len()]);
            }
            pickle.extend_from_slice(b"N.");
            let framed = [b"\x80\x04\x95\x09\0\0\0\0\0\0\0", &pickle[2..]].concat();
            for bytes in [pickle, framed] {
                assert_eq!(ran(&bytes), ran(&Bytes(&bytes)), "{}", bytes.escape_ascii());
            }
        }
    }
}
