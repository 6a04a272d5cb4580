//! Streams inside a stream, as joblib writes arrays of objects: what they say must not hang on who reads them.

use super::allowed::is_dangerous_word;
use super::machine::Machine;
use super::memory::Memo;
use super::opcode as op;
use super::value::Value;
use crate::scan::{Rating, Reason, Stop};

impl Machine<'_, '_> {
    /// Inside another stream, what stands for what must not hang on who reads it: see `inner_stream`.
    pub(super) fn check_inner(&mut self, code: u8) -> Result<(), Stop> {
        let [counts, numbers] = &mut self.keeps;
        *counts |= code == op::MEMOIZE;
        *numbers |= matches!(code, op::BINPUT..=op::LONG_BINPUT | op::PUT);
        let mixed = *counts && (*numbers || self.depth > 1);
        let named = code != op::STACK_GLOBAL
            || self.stack.last_two().is_some_and(|(module, name)| {
                let (own_module, own_name) = self.pools.are_fresh(module, name);
                // `h\x03 dtype`: whatever module another reader takes for it, it finds a type there, or nothing.
                own_name && (own_module || matches!(self.pools.text(name), Some(b"dtype" | b"scalar")))
            });
        if named && !mixed && !matches!(code, op::DUP | op::EXT1..=op::EXT4) {
            return Ok(());
        }
        Err(self.malformed("an inner stream reads in two ways, by joblib and as a plain pickle"))
    }

    /// Whoever reads a file of joblib as a plain pickle takes the texts of the outer stream, and whoever reads all
    /// streams by one unpickler those of the earlier ones: none may be a name of what no model needs, nor something to
    /// call in place of something else.
    pub(super) fn compare_with_outer(&mut self, number: u64, value: Value) {
        self.pools.stale(value);
        // Such a reader counts on where the outer stream stopped.
        let behind = |memo: &Memo| number.checked_sub(memo.len()).and_then(|number| self.memo.get(number));
        let of_outer = |memo: &Memo| memo.get(number).or_else(|| behind(memo));
        let mut outer = self.outer_memos.iter().chain(&self.kept_memo).filter_map(of_outer);
        let plain = self.depth > 0 && !self.is_joblib && self.keeps[0];
        let acts = |value: Value| matches!(value, Value::Global(_) | Value::Made(_) | Value::Type(_));
        let differs = |other: Value| {
            let text = self.pools.text(other).and_then(|text| str::from_utf8(text).ok());
            let hidden = self.forgetful && other == Value::Data;
            text.is_some_and(is_dangerous_word) || (plain && acts(value) && (hidden || acts(other)) && other != value)
        };
        if outer.any(differs) {
            let summary = "a stream reads in two ways, one of which imports or calls something else";
            self.object(Reason::HiddenImport, Rating::Suspicious, summary, None);
        }
    }
}
