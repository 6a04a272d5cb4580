//! The quick way through plain data: instructions that push constants, keep them and collect them, nearly all of a large
//! pickle.
//!
//! It does what [`Machine::step`] does, and leaves to it whatever may fail, is imported or called.

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
        let mut plain = Plain {
            stack: &mut self.stack,
            memo: &mut self.memo,
            pools: &mut self.pools,
            alias_writes: &mut self.alias_writes,
            state_writes: &mut self.state_writes,
            notes_keys: self.keys.is_some(),
        };
        let bytes = self.input.ahead();
        let (mut at, mut count) = (0, 0);
        while let Some(length) = bytes.get(at..).and_then(|bytes| plain.step(bytes)) {
            at += length;
            count += 1;
        }
        self.input.pass(at);
        self.instruction += count;
    }
}

/// What plain instructions change.
struct Plain<'m> {
    stack: &'m mut Stack,
    memo: &'m mut Memo,
    pools: &'m mut Pools,
    alias_writes: &'m mut u64,
    state_writes: &'m mut u64,
    notes_keys: bool,
}

impl Plain<'_> {
    /// Takes one instruction, and returns its length; nothing where it is not plain.
    #[inline]
    fn step(&mut self, bytes: &[u8]) -> Option<usize> {
        let (code, rest) = bytes.split_first()?;
        let (value, length) = match *code {
            op::NONE => (Value::Nothing, 1),
            op::NEWTRUE | op::NEWFALSE | op::EMPTY_LIST => (Value::Data, 1),
            op::EMPTY_DICT => (Value::EmptyDict(*self.alias_writes), 1),
            op::BININT1 => (Value::Int(i64::from(*rest.first()?)), 2),
            op::BININT2 => (Value::Int(i64::from(u16::from_le_bytes(*rest.first_chunk()?))), 3),
            op::BININT => (Value::Int(i64::from(i32::from_le_bytes(*rest.first_chunk()?))), 5),
            op::BINFLOAT => (Value::Data, 1 + rest.first_chunk::<8>()?.len()),
            op::SHORT_BINUNICODE => {
                let (length, rest) = rest.split_first()?;
                self.text(usize::from(*length), rest, 2)?
            }
            op::BINUNICODE => {
                let (length, rest) = rest.split_first_chunk()?;
                let length = u32::from_le_bytes(*length);
                let short = length <= u32::from(limits::PICKLE_KEPT);
                self.text(usize::try_from(length).ok().filter(|_| short)?, rest, 5)?
            }
            op::BINGET => (self.memo.get(u64::from(*rest.first()?))?, 2),
            op::LONG_BINGET => {
                let number = u64::from(u32::from_le_bytes(*rest.first_chunk()?));
                // What was not kept is not known either: the machine has to remember that.
                (self.memo.get(number).filter(|_| number < limits::PICKLE_MEMO as u64)?, 5)
            }
            op::MEMOIZE => return self.keep(self.memo.len(), 1),
            op::BINPUT => return self.keep(u64::from(*rest.first()?), 2),
            op::LONG_BINPUT => return self.keep(u64::from(u32::from_le_bytes(*rest.first_chunk()?)), 5),
            op::MARK => return self.stack.mark().ok().map(|()| 1),
            op::APPENDS | op::SETITEMS => return self.fill(*code == op::SETITEMS),
            _ => return None,
        };
        self.stack.push(value).ok().map(|()| length)
    }

    /// Keeps a text of a length at the start of what is left, behind `head` bytes of the instruction.
    #[inline]
    fn text(&mut self, length: usize, rest: &[u8], head: usize) -> Option<(Value, usize)> {
        Some((self.pools.keep_text(rest.get(..length)?), head + length))
    }

    #[inline]
    fn keep(&mut self, number: u64, length: usize) -> Option<usize> {
        self.memo.put(number, self.stack.top()?).ok().map(|()| length)
    }

    /// Fills a list or a dictionary with constants: none of them says what an array or its type is.
    #[inline]
    fn fill(&mut self, writes_keys: bool) -> Option<usize> {
        let (target, items) = self.stack.collection().filter(|_| !self.notes_keys)?;
        if writes_keys && !(items.len().is_multiple_of(2) && items.iter().all(is_constant)) {
            return None;
        }
        match target {
            Value::EmptyDict(_) if writes_keys => *self.state_writes = *self.alias_writes,
            Value::Data => *self.alias_writes += u64::from(writes_keys),
            _ => return None,
        }
        self.stack.close_collection();
        Some(1)
    }
}

fn is_constant(value: &Value) -> bool {
    matches!(value, Value::Data | Value::Nothing | Value::Int(_) | Value::Text(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::pickle::{Input, Persistence};
    use crate::scan::{Allowance, Sheet};
    use crate::source::ReadAt;

    /// Runs a pickle, and says what came of it: the end, the place, the number of instructions, and what is known.
    fn ran(source: &dyn ReadAt) -> (bool, u64, u64, u64, [u64; 2], Option<Value>, usize) {
        let (allowance, mut sheet, mut input) = (Allowance::default(), Sheet::default(), Input::new(source));
        let mut machine = Machine::new(&mut input, &mut sheet, &allowance, Persistence::Refused);
        let ended = machine.run().is_ok();
        let writes = [machine.alias_writes, machine.state_writes];
        let (count, memo, top) = (machine.instruction, machine.memo.len(), machine.stack.top());
        let seen = machine.sheet.observations().len();
        (ended, if ended { input.offset() } else { 0 }, count, memo, writes, top, seen)
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

    const PARTS: &[&[u8]] = &[
        b"N",
        b"\x88",
        b"]",
        b"}",
        b"}(",
        b"](",
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
        b"e",
        b"u",
        b"\x86",
        b"cnumpy\ndtype\n",
        b"\x8c\x01k\x8c\x01v",
    ];

    #[test]
    fn both_ways_do_the_same() {
        // Numbers from a generator of Lehmer, so that each run is the same.
        let mut seed = 1_u64;
        let mut ended = 0;
        for _ in 0..20_000 {
            let mut pickle = b"\x80\x04".to_vec();
            for _ in 0..10 {
                seed = seed * 48_271 % 0x7fff_ffff;
                pickle.extend_from_slice(PARTS[usize::try_from(seed).unwrap() % PARTS.len()]);
            }
            pickle.extend_from_slice(b"N.");
            let framed = [b"\x80\x04\x95\x09\0\0\0\0\0\0\0", &pickle[2..]].concat();
            for bytes in [pickle, framed] {
                let whole = ran(&bytes);
                assert_eq!(whole, ran(&Bytes(&bytes)), "{}", bytes.escape_ascii());
                ended += usize::from(whole.0);
            }
        }
        assert!(ended > 500, "{ended}");
    }
}
