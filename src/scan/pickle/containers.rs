//! Instructions that put values into containers.

use super::allowed::Use;
use super::machine::Machine;
use super::opcode as op;
use super::value::Value;
use crate::scan::{Rating, Reason, Stop};

impl Machine<'_, '_> {
    /// Makes a tuple of the values on top.
    pub(super) fn tuple(&mut self, count: usize) -> Result<(), Stop> {
        let mut items = [Value::Data; 3];
        for slot in items.iter_mut().take(count).rev() {
            *slot = self.pop()?;
        }
        let tuple = self.keep(items.get(..count).unwrap_or_default());
        self.push(tuple)
    }

    fn keep(&mut self, items: &[Value]) -> Value {
        let tuple = self.pools.keep_tuple(items);
        self.forgetful |= tuple == Value::Data;
        tuple
    }

    /// Makes a container of the values above the mark.
    pub(super) fn collect(&mut self, code: u8) -> Result<(), Stop> {
        let position = self.unmark()?;
        let items = self.stack.above(position);
        let made = match code {
            op::TUPLE => self.pools.keep_tuple(items),
            op::DICT if !items.len().is_multiple_of(2) => {
                return Err(self.malformed("a dictionary has a key without a value"));
            }
            _ => Value::Data,
        };
        self.forgetful |= code == op::TUPLE && made == Value::Data;
        if code == op::DICT {
            self.check_fields(position);
        }
        self.stack.drop_above(position);
        self.push(made)
    }

    /// Puts the values above the mark, or the last one or two, into the container below.
    pub(super) fn fill(&mut self, code: u8) -> Result<(), Stop> {
        let position = match code {
            op::APPEND => self.stack.position_of_last(1),
            op::SETITEM => self.stack.position_of_last(2),
            _ => Some(self.unmark()?),
        };
        let position = position.ok_or_else(|| self.malformed("it takes from an empty stack"))?;
        let writes_keys = matches!(code, op::SETITEM | op::SETITEMS);
        if writes_keys && !self.stack.above(position).len().is_multiple_of(2) {
            return Err(self.malformed("a dictionary has a key without a value"));
        }
        let state = if writes_keys { self.array_state(position) } else { None };
        if writes_keys {
            self.check_fields(position);
        }
        self.note_keys(position);
        self.stack.drop_above(position);
        let target = self.stack.top().ok_or_else(|| self.malformed("it fills nothing"))?;
        self.check_target(target, writes_keys);
        if let (Value::EmptyDict(_) | Value::ArrayState(_), Some(top)) = (target, self.stack.top_mut()) {
            *top = state.map_or(Value::Data, Value::ArrayState);
            self.state_writes = self.alias_writes;
        }
        Ok(())
    }

    /// What is filled runs its own code to take the items, unless it is a container of Python itself.
    fn check_target(&mut self, target: Value, writes_keys: bool) {
        match target {
            Value::EmptyDict(_) => {}
            Value::Data => self.alias_writes += u64::from(writes_keys),
            Value::ArrayState(_) => self.alias_writes += 1,
            Value::Made(global) if self.globals.uses(global).has(Use::Items) => {}
            other => {
                let called = self.name_of(other);
                let summary = "items are given to something that is no container";
                self.object(Reason::UnexpectedCall, Rating::Suspicious, summary, called);
            }
        }
    }

    /// Refuses types of structures with fields that are objects: their flags can't be judged from here, and
    /// wrong ones make numpy take bytes for the addresses of objects.
    fn check_fields(&mut self, position: usize) {
        let is_object = |value: &Value| {
            let first = self.pools.tuple(*value).and_then(|items| items.first());
            matches!(first, Some(Value::Type(element)) if element.object)
        };
        if self.stack.above(position).iter().any(is_object) {
            let summary = "a structured type has a field of Python objects, which is not judged here";
            self.object(Reason::UnexpectedCall, Rating::Suspicious, summary, Some("numpy.dtype".to_owned()));
        }
    }

    /// Keeps the texts of a list, where they are wanted.
    fn note_keys(&mut self, position: usize) {
        let Some(keys) = &mut self.keys else { return };
        for value in self.stack.above(position) {
            let text = self.pools.text(*value).and_then(|text| str::from_utf8(text).ok());
            if keys.len() < crate::limits::SCAN_MEMBERS {
                keys.push(text.unwrap_or_default().to_owned());
            }
        }
    }
}
