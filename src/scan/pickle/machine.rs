//! The abstract pickle machine: it does to kinds of values what CPython does to values, and imports nothing.

use super::globals::Globals;
use super::input::{Input, Line};
use super::memory::{Memo, Stack};
use super::number::{is_decimal, lenient_number, whole_number};
use super::opcode as op;
use super::value::{Pools, Value};
use crate::limits;
use crate::scan::{Allowance, Observation, Rating, Reason, Sheet, Stop};

/// What persistent ids mean where a pickle is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scan) enum Persistence {
    /// Nothing: there must be none.
    Refused,
    /// PyTorch storages, kept beside the pickle.
    Torch,
}

/// A tensor storage that a pickle names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::scan) struct Storage {
    /// The name of its data.
    pub(in crate::scan) key: String,
    /// Bytes of an element.
    pub(in crate::scan) element: u64,
    /// Its elements.
    pub(in crate::scan) count: u64,
}

/// One machine runs one stream after the other.
pub(in crate::scan) struct Machine<'m, 's> {
    pub(in crate::scan) input: &'m mut Input<'s>,
    pub(in crate::scan) sheet: &'m mut Sheet,
    pub(super) allowance: &'m Allowance,
    pub(super) persistence: Persistence,
    pub(super) stack: Stack,
    pub(super) memo: Memo,
    pub(super) pools: Pools,
    pub(super) globals: Globals,
    /// Storages that were named, each once.
    pub(super) storages: std::collections::BTreeMap<String, Storage>,
    /// Texts that were appended to lists, in the last stream, if they are wanted.
    pub(super) keys: Option<Vec<String>>,
    pub(super) protocol: u8,
    /// The number and the offset of the current instruction.
    pub(super) instruction: u64,
    pub(super) offset: u64,
    /// How often a dictionary was written under another name than its first.
    pub(super) alias_writes: u64,
    /// How often that was when the state of an array was read.
    pub(super) state_writes: u64,
    /// How many streams stand around this one, in place of arrays of objects.
    pub(super) depth: usize,
    /// The name says that joblib wrote the file, and reads it.
    pub(super) is_joblib: bool,
    /// The inner stream keeps values by counting them, and under numbers.
    pub(super) keeps: [bool; 2],
    /// The memos of the streams around this one.
    pub(super) outer_memos: Vec<Memo>,
    /// What a reader that keeps its memo from one stream to the next has in it, once there was one.
    pub(super) kept_memo: Option<Memo>,
    /// Something was called or given a state so far.
    pub(super) calls: u64,
    /// Values were too many to remember which ones they are.
    pub(super) forgetful: bool,
}

impl<'m, 's> Machine<'m, 's> {
    pub(in crate::scan) fn new(
        input: &'m mut Input<'s>,
        sheet: &'m mut Sheet,
        allowance: &'m Allowance,
        persistence: Persistence,
    ) -> Self {
        Self {
            input,
            sheet,
            allowance,
            persistence,
            stack: Stack::default(),
            memo: Memo::default(),
            pools: Pools::default(),
            globals: Globals::default(),
            storages: std::collections::BTreeMap::new(),
            keys: None,
            protocol: 0,
            instruction: 0,
            offset: 0,
            alias_writes: 0,
            state_writes: 0,
            depth: 0,
            is_joblib: false,
            keeps: [false; 2],
            outer_memos: Vec::new(),
            kept_memo: None,
            calls: 0,
            forgetful: false,
        }
    }

    /// Runs one stream up to its end.
    pub(in crate::scan) fn run(&mut self) -> Result<(), Stop> {
        self.stack = Stack::default();
        let memo = std::mem::take(&mut self.memo);
        if self.depth == 0 && self.kept_memo.is_none() && memo.len() > 0 {
            self.kept_memo = Some(memo);
        }
        self.protocol = 0;
        self.instruction = 0;
        loop {
            self.plain_data();
            self.offset = self.input.offset();
            let code = self.input.byte()?;
            if code == op::STOP {
                return self.end();
            }
            self.step(code)?;
            self.instruction += 1;
        }
    }

    /// Returns the storages that were named.
    pub(in crate::scan) fn storages(&self) -> impl Iterator<Item = &Storage> {
        self.storages.values()
    }

    /// Finds a storage by its key.
    pub(in crate::scan) fn storage(&self, key: &str) -> Option<&Storage> {
        self.storages.get(key)
    }

    /// Runs a stream that is a list of texts, and returns them.
    pub(in crate::scan) fn run_keys(&mut self) -> Result<Vec<String>, Stop> {
        self.keys = Some(Vec::new());
        self.run()?;
        Ok(self.keys.take().unwrap_or_default())
    }

    /// Says whether anything was called, or imported that no model needs.
    pub(in crate::scan) fn acted(&self) -> bool {
        self.calls > 0 && !self.globals.is_empty() || self.sheet.worst() == Rating::Malicious
    }

    fn end(&mut self) -> Result<(), Stop> {
        if self.stack.pop().is_none() {
            return Err(self.malformed("it ends with nothing on the stack"));
        }
        if self.input.is_in_frame() {
            self.input.close_frame();
            return Err(self.malformed("it ends before its frame does"));
        }
        Ok(())
    }

    /// Says where and why the stream breaks.
    pub(super) fn malformed(&self, what: impl Into<String>) -> Stop {
        Stop::Malformed(self.offset, what.into())
    }

    /// Objects to the current instruction.
    pub(super) fn object(
        &mut self,
        reason: Reason,
        rating: Rating,
        summary: impl Into<String>,
        called: Option<String>,
    ) {
        let mut observation =
            Observation::new(reason, rating, summary.into()).at(self.offset).instruction(self.instruction);
        observation.called = called.map(Into::into);
        self.sheet.report(observation);
    }

    /// Objects to what CPython bears and no pickler writes; what follows is read as CPython reads it.
    pub(super) fn odd(&mut self, what: &str) {
        self.object(Reason::Malformed, Rating::Unknown, what, None);
    }

    pub(super) fn push(&mut self, value: Value) -> Result<(), Stop> {
        self.stack.push(value)
    }

    pub(super) fn pop(&mut self) -> Result<Value, Stop> {
        self.stack.pop().ok_or_else(|| self.malformed("it takes from an empty stack"))
    }

    pub(super) fn unmark(&mut self) -> Result<usize, Stop> {
        self.stack.unmark().ok_or_else(|| self.malformed("it looks for a mark where none is"))
    }

    fn step(&mut self, code: u8) -> Result<(), Stop> {
        if self.depth > 0 && !self.is_joblib {
            self.check_inner(code)?;
        }
        match code {
            op::BINPUT..=op::LONG_BINPUT | op::PUT | op::MEMOIZE | op::BINGET | op::LONG_BINGET | op::GET => {
                self.remember(code)
            }
            op::SHORT_BINUNICODE | op::SHORT_BINSTRING => {
                let length = usize::from(self.input.byte()?);
                self.short_text(length)
            }
            op::BINUNICODE | op::BINUNICODE8 | op::BINSTRING => self.text(code),
            op::UNICODE | op::STRING => self.text_line(code),
            op::SHORT_BINBYTES | op::BINBYTES | op::BINBYTES8 | op::BYTEARRAY8 => self.binary(code),
            op::BININT | op::BININT1 | op::BININT2 | op::LONG1 | op::LONG4 | op::BINFLOAT => self.number(code),
            op::INT | op::LONG | op::FLOAT => self.number_line(code),
            op::NONE => self.push(Value::Nothing),
            op::MARK => self.stack.mark(),
            op::NEWTRUE | op::NEWFALSE | op::EMPTY_LIST | op::EMPTY_SET => self.push(Value::Data),
            op::EMPTY_DICT => self.push(Value::EmptyDict(self.alias_writes)),
            op::EMPTY_TUPLE => self.tuple(0),
            op::TUPLE1..=op::TUPLE3 => self.tuple(usize::from(code - op::TUPLE1) + 1),
            op::TUPLE | op::LIST | op::DICT | op::FROZENSET => self.collect(code),
            op::APPEND | op::APPENDS | op::SETITEM | op::SETITEMS | op::ADDITEMS => self.fill(code),
            op::POP => self.stack.pop_any().ok_or_else(|| self.malformed("it takes from an empty stack")),
            op::POP_MARK => self.unmark().map(|position| self.stack.drop_above(position)),
            op::DUP => self.duplicate(),
            op::GLOBAL | op::STACK_GLOBAL | op::INST | op::EXT1..=op::EXT4 => self.import(code),
            op::REDUCE | op::OBJ | op::NEWOBJ | op::NEWOBJ_EX => self.call(code),
            op::BUILD => self.build(),
            op::PERSID | op::BINPERSID => self.persistent(code),
            op::PROTO => self.proto(),
            op::FRAME => self.frame(),
            op::READONLY_BUFFER => self.read_only(),
            op::NEXT_BUFFER => Err(self.malformed("it takes buffers that are not in the file")),
            _ => Err(self.malformed(format!("there is no instruction 0x{code:02x}"))),
        }
    }

    /// A pickler writes it behind a buffer that is not in the file; CPython takes it behind any bytes.
    fn read_only(&mut self) -> Result<(), Stop> {
        self.pop()?;
        self.odd("it makes read-only what is in the file");
        self.push(Value::Data)
    }

    fn proto(&mut self) -> Result<(), Stop> {
        let protocol = self.input.byte()?;
        if self.instruction > 0 {
            self.odd("the protocol changes in the middle");
        }
        if protocol > 5 {
            return Err(self.malformed(format!("there is no protocol {protocol}")));
        }
        self.protocol = protocol;
        Ok(())
    }

    fn frame(&mut self) -> Result<(), Stop> {
        let length = u64::from_le_bytes(self.input.bytes()?);
        self.input.open_frame(length)
    }

    fn remember(&mut self, code: u8) -> Result<(), Stop> {
        let number = match code {
            op::BINPUT | op::BINGET => u64::from(self.input.byte()?),
            op::LONG_BINPUT | op::LONG_BINGET => u64::from(u32::from_le_bytes(self.input.bytes()?)),
            op::MEMOIZE => self.memo.len(),
            _ => self.decimal_line()?,
        };
        if matches!(code, op::BINGET | op::LONG_BINGET | op::GET) {
            let value =
                self.memo.get(number).ok_or_else(|| self.malformed(format!("nothing is kept under {number}")))?;
            self.forgetful |= number >= limits::PICKLE_MEMO as u64;
            if self.depth > 0 || self.kept_memo.is_some() {
                self.compare_with_outer(number, value);
            }
            return self.push(value);
        }
        let value = self.stack.top().ok_or_else(|| self.malformed("it keeps from an empty stack"))?;
        if let Some(kept) = &mut self.kept_memo {
            kept.put(if code == op::MEMOIZE { kept.len() } else { number }, value)?;
        }
        self.memo.put(number, value)
    }

    /// Reads the number of `GET` or `PUT`, with the blanks, signs and underscores that CPython takes.
    fn decimal_line(&mut self) -> Result<u64, Stop> {
        let line = self.input.line()?;
        let text = line.whole().and_then(|line| str::from_utf8(line).ok());
        if text.is_some_and(|text| !is_decimal(text.as_bytes())) {
            self.odd("a number is written as no pickler writes it");
        }
        let number = text.and_then(lenient_number);
        number.ok_or_else(|| self.malformed("a number is none"))
    }

    fn text(&mut self, code: u8) -> Result<(), Stop> {
        let length = match code {
            op::BINUNICODE => u64::from(u32::from_le_bytes(self.input.bytes()?)),
            op::BINUNICODE8 => u64::from_le_bytes(self.input.bytes()?),
            _ => self.signed_length()?,
        };
        match usize::try_from(length) {
            Ok(short) if short <= usize::from(limits::PICKLE_KEPT) => self.short_text(short),
            _ => {
                self.input.skip(length)?;
                self.push(Value::Data)
            }
        }
    }

    fn short_text(&mut self, length: usize) -> Result<(), Stop> {
        let value = self.pools.keep_text(self.input.short(length)?);
        self.push(value)
    }

    /// `S'…'` and `V…`: a text with escapes is not looked into, so it names nothing.
    fn text_line(&mut self, code: u8) -> Result<(), Stop> {
        let line: Line = self.input.line()?;
        if let Some(escaped) = line.whole().filter(|line| line.contains(&b'\\')) {
            self.pools.note_escaped(unquoted(code, escaped));
        }
        let whole = line.whole().filter(|line| !line.contains(&b'\\'));
        let text = match (code, whole) {
            (op::STRING, Some([open @ (b'\'' | b'"'), text @ .., close])) if open == close => Some(text),
            (op::STRING, Some(_)) => return Err(self.malformed("a text has no quotes")),
            (_, whole) => whole,
        };
        let value = text.map_or(Value::Data, |text| self.pools.keep_text(text));
        self.push(value)
    }

    fn signed_length(&mut self) -> Result<u64, Stop> {
        let length = i32::from_le_bytes(self.input.bytes()?);
        u64::try_from(length).map_err(|_| self.malformed("a length is negative"))
    }

    fn binary(&mut self, code: u8) -> Result<(), Stop> {
        let length = match code {
            op::SHORT_BINBYTES => u64::from(self.input.byte()?),
            op::BINBYTES => u64::from(u32::from_le_bytes(self.input.bytes()?)),
            _ => u64::from_le_bytes(self.input.bytes()?),
        };
        match usize::try_from(length) {
            Ok(short) if short <= usize::from(limits::PICKLE_KEPT) => self.pools.note(self.input.short(short)?),
            _ => self.input.skip(length)?,
        }
        self.push(Value::Data)
    }

    fn number(&mut self, code: u8) -> Result<(), Stop> {
        let value = match code {
            op::BININT => Value::Int(i64::from(i32::from_le_bytes(self.input.bytes()?))),
            op::BININT1 => Value::Int(i64::from(self.input.byte()?)),
            op::BININT2 => Value::Int(i64::from(u16::from_le_bytes(self.input.bytes()?))),
            op::BINFLOAT => {
                self.input.bytes::<8>()?;
                Value::Data
            }
            op::LONG1 => {
                let length = usize::from(self.input.byte()?);
                let digits = self.input.short(length)?;
                whole_number(digits).map_or(Value::Data, Value::Int)
            }
            _ => {
                let length = self.signed_length()?;
                self.input.skip(length)?;
                Value::Data
            }
        };
        self.push(value)
    }

    /// `I`, `L` and `F`: CPython takes other spellings than picklers write. The line ends at the same place.
    fn number_line(&mut self, code: u8) -> Result<(), Stop> {
        let line = self.input.line()?;
        let value = match (code, line.whole()) {
            (op::INT, Some(b"00" | b"01")) => Value::Data,
            (op::INT, Some(digits)) | (op::LONG, Some([digits @ .., b'L'])) if is_decimal(digits) => {
                let number = str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
                number.map_or(Value::Data, Value::Int)
            }
            (op::FLOAT, Some(text)) if str::from_utf8(text).is_ok_and(|text| text.parse::<f64>().is_ok()) => {
                Value::Data
            }
            _ => {
                self.odd("a number is written as no pickler writes it");
                Value::Data
            }
        };
        self.push(value)
    }

    fn duplicate(&mut self) -> Result<(), Stop> {
        let value = self.stack.top().ok_or_else(|| self.malformed("it doubles the top of an empty stack"))?;
        self.push(if matches!(value, Value::EmptyDict(_) | Value::ArrayState(_)) { Value::Data } else { value })
    }
}

/// Returns what stands between the quotes of `S'…'`, or all of `V…`.
fn unquoted(code: u8, line: &[u8]) -> &[u8] {
    match line {
        [b'\'' | b'"', text @ .., b'\'' | b'"'] if code == op::STRING => text,
        text => text,
    }
}
