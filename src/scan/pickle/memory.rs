//! The stack and the memo of the abstract machine, as CPython's C unpickler keeps them.

use std::collections::BTreeMap;

use super::value::Value;
use crate::limits;
use crate::scan::Stop;

/// Values, and the marks between them. Below the last mark nothing may be taken.
#[derive(Default)]
pub(super) struct Stack {
    values: Vec<Value>,
    marks: Vec<usize>,
}

impl Stack {
    fn fence(&self) -> usize {
        self.marks.last().copied().unwrap_or_default()
    }

    /// Puts a value on top.
    pub(super) fn push(&mut self, value: Value) -> Result<(), Stop> {
        if self.values.len() >= limits::PICKLE_STACK {
            return Err(Stop::Limit(format!("more than {} values wait on the stack", limits::PICKLE_STACK)));
        }
        self.values.push(value);
        Ok(())
    }

    /// Takes the value on top.
    pub(super) fn pop(&mut self) -> Option<Value> {
        if self.values.len() <= self.fence() { None } else { self.values.pop() }
    }

    /// Returns the value on top.
    pub(super) fn top(&self) -> Option<Value> {
        if self.values.len() <= self.fence() { None } else { self.values.last().copied() }
    }

    /// Returns the two values on top.
    pub(super) fn last_two(&self) -> Option<(Value, Value)> {
        match self.values.get(self.fence()..)? {
            [.., before, last] => Some((*before, *last)),
            _ => None,
        }
    }

    /// Returns the value on top, to change what is known of it.
    pub(super) fn top_mut(&mut self) -> Option<&mut Value> {
        if self.values.len() <= self.fence() { None } else { self.values.last_mut() }
    }

    /// Sets a mark.
    pub(super) fn mark(&mut self) -> Result<(), Stop> {
        if self.marks.len() >= limits::PICKLE_MARKS {
            return Err(Stop::Limit(format!("more than {} marks are open", limits::PICKLE_MARKS)));
        }
        self.marks.push(self.values.len());
        Ok(())
    }

    /// Takes away the last mark, and returns the position of the values above it.
    pub(super) fn unmark(&mut self) -> Option<usize> {
        self.marks.pop()
    }

    /// Returns the values from a position on.
    pub(super) fn above(&self, position: usize) -> &[Value] {
        self.values.get(position..).unwrap_or_default()
    }

    /// Drops the values from a position on.
    pub(super) fn drop_above(&mut self, position: usize) {
        self.values.truncate(position);
    }

    /// Returns the position of the last `count` values.
    pub(super) fn position_of_last(&self, count: usize) -> Option<usize> {
        self.values.len().checked_sub(count).filter(|position| *position >= self.fence())
    }

    /// Returns the value below a position.
    pub(super) fn below(&self, position: usize) -> Option<Value> {
        self.values.get(position.checked_sub(1)?).copied()
    }

    /// Returns the values above the last mark, and what stands below it to take them.
    pub(super) fn collection(&self) -> Option<(Value, &[Value])> {
        let (position, fence) = match self.marks.as_slice() {
            [.., fence, position] => (*position, *fence),
            [position] => (*position, 0),
            [] => return None,
        };
        let target = position.checked_sub(1).filter(|target| *target >= fence)?;
        Some((*self.values.get(target)?, self.values.get(position..)?))
    }

    /// Drops the last mark and the values above it: what stands below holds them, and is data.
    pub(super) fn close_collection(&mut self) {
        if let Some(position) = self.marks.pop() {
            self.values.truncate(position);
        }
        if let Some(target) = self.values.last_mut() {
            *target = Value::Data;
        }
    }

    /// `POP` takes a value, or a mark where nothing stands above it.
    pub(super) fn pop_any(&mut self) -> Option<()> {
        if self.marks.last() == Some(&self.values.len()) {
            return self.marks.pop().map(|_| ());
        }
        self.pop().map(|_| ())
    }
}

/// What was put aside under numbers.
///
/// Picklers count up, so the numbers from 0 on are a list; beyond its limit it is only known how far it goes,
/// and what stands there is data that names nothing.
#[derive(Default)]
pub(super) struct Memo {
    values: Vec<Value>,
    /// How many numbers from 0 on are set.
    filled: u64,
    /// Other numbers.
    scattered: BTreeMap<u64, Value>,
}

impl Memo {
    /// Returns how many numbers are set: the next one of `MEMOIZE`.
    pub(super) fn len(&self) -> u64 {
        self.filled + self.scattered.len() as u64
    }

    /// Puts a value aside.
    pub(super) fn put(&mut self, number: u64, value: Value) -> Result<(), Stop> {
        // A dictionary that is written under another name is no longer known to be empty.
        let value = if matches!(value, Value::EmptyDict(_) | Value::ArrayState(_)) { Value::Data } else { value };
        if number == self.filled {
            self.append(value);
            if !self.scattered.is_empty() {
                self.catch_up();
            }
        } else if number < self.filled {
            if let Some(slot) = usize::try_from(number).ok().and_then(|index| self.values.get_mut(index)) {
                *slot = value;
            }
        } else if self.scattered.len() < limits::PICKLE_SCATTERED {
            self.scattered.insert(number, value);
        } else {
            return Err(Stop::Limit("the memo is numbered without order".to_owned()));
        }
        Ok(())
    }

    /// Takes what was set before its turn.
    #[cold]
    fn catch_up(&mut self) {
        while let Some(next) = self.scattered.remove(&self.filled) {
            self.append(next);
        }
    }

    fn append(&mut self, value: Value) {
        self.filled += 1;
        if self.values.len() < limits::PICKLE_MEMO {
            self.values.push(value);
        }
    }

    /// Returns what stands under a number.
    pub(super) fn get(&self, number: u64) -> Option<Value> {
        if number >= self.filled {
            return self.scattered.get(&number).copied();
        }
        // What was too much to keep may have been anything but nothing that may be called.
        Some(usize::try_from(number).ok().and_then(|index| self.values.get(index)).copied().unwrap_or(Value::Data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_taken_from_below_a_mark() {
        let mut stack = Stack::default();
        stack.push(Value::Int(1)).unwrap();
        stack.mark().unwrap();
        assert_eq!((stack.pop(), stack.top()), (None, None));
        stack.push(Value::Int(2)).unwrap();
        let position = stack.unmark().unwrap();
        assert_eq!(stack.above(position), [Value::Int(2)]);
        stack.drop_above(position);
        assert_eq!(stack.pop(), Some(Value::Int(1)));
    }

    #[test]
    fn pop_takes_a_mark_too() {
        let mut stack = Stack::default();
        stack.push(Value::Int(1)).unwrap();
        stack.mark().unwrap();
        assert_eq!(stack.pop_any(), Some(()));
        assert_eq!(stack.top(), Some(Value::Int(1)));
        assert_eq!(stack.unmark(), None);
    }

    #[test]
    fn the_memo_counts_what_is_set() {
        let mut memo = Memo::default();
        memo.put(0, Value::Int(0)).unwrap();
        memo.put(2, Value::Int(2)).unwrap();
        memo.put(2, Value::Int(3)).unwrap();
        assert_eq!((memo.len(), memo.get(1), memo.get(2)), (2, None, Some(Value::Int(3))));
        memo.put(1, Value::Int(1)).unwrap();
        assert_eq!((memo.len(), memo.get(2)), (3, Some(Value::Int(3))));
        memo.put(0, Value::Nothing).unwrap();
        assert_eq!((memo.len(), memo.get(0)), (3, Some(Value::Nothing)));
    }
}
