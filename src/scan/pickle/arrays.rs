//! What must hold of numpy's types and of arrays in the stream.
//!
//! A type whose flags deny that its elements are objects makes numpy take bytes of the file for addresses,
//! which is as good as code. So the arguments of `numpy.dtype` and its state must agree, as numpy writes them.

use super::allowed::Use;
use super::machine::Machine;
use super::value::{ArrayState, ElementType, Value};

/// Flags of a type of objects.
const OBJECT: i64 = 63;
/// Flags that types without objects may have: their memory is cleared, they call into Python, they are aligned.
const HARMLESS: i64 = 8 | 16 | 128;

impl Machine<'_, '_> {
    /// Reads the arguments of `numpy.dtype`: a plain code such as `f8`, and two flags.
    pub(super) fn element_type(&self, arguments: Value) -> Option<ElementType> {
        let items = self.pools.tuple(arguments)?;
        let code = self.pools.text(*items.first().filter(|_| items.len() <= 3)?)?;
        let code = code
            .strip_prefix(b"<")
            .or_else(|| code.strip_prefix(b">"))
            .or_else(|| code.strip_prefix(b"|"))
            .unwrap_or(code);
        let (kind, size) = code.split_first()?;
        let given = match size {
            [] => None,
            digits if digits.iter().all(u8::is_ascii_digit) => Some(str::from_utf8(digits).ok()?.parse::<u32>().ok()?),
            _ => return None,
        };
        let plain = |bytes| Some(ElementType { bytes, object: false, flexible: false });
        match kind {
            b'O' if matches!(given, None | Some(4 | 8)) => {
                Some(ElementType { bytes: 8, object: true, flexible: false })
            }
            b'b' | b'?' if matches!(given, None | Some(1)) => plain(1),
            b'i' | b'u' | b'f' | b'c' | b'M' | b'm' if matches!(given, Some(1..=32)) => plain(given?),
            b'S' | b'a' | b'V' => Some(ElementType { bytes: given.unwrap_or(0), object: false, flexible: true }),
            b'U' => Some(ElementType { bytes: given.unwrap_or(0).checked_mul(4)?, object: false, flexible: true }),
            _ => None,
        }
    }

    /// Checks the state of a type: version, order, base, names, fields, size, alignment, flags, metadata.
    pub(super) fn is_state_of(&self, element: ElementType, state: Value) -> bool {
        let Some(items) = self.pools.tuple(state) else { return false };
        let [Value::Int(3 | 4), order, base, names, fields, Value::Int(size), Value::Int(_), Value::Int(flags), ..] =
            items
        else {
            return false;
        };
        let order = matches!(self.pools.text(*order), Some(b"<" | b">" | b"|" | b"="));
        let size = if element.flexible { i64::from(element.bytes) == *size } else { *size == -1 };
        let structured = (*names, *fields) != (Value::Nothing, Value::Nothing);
        let may_be_structured = element.flexible && !self.forgetful;
        let flags = if element.object { *flags == OBJECT } else { *flags & !HARMLESS == 0 };
        items.len() <= 9 && order && *base == Value::Nothing && size && flags && (!structured || may_be_structured)
    }

    /// Reads the state of an array in the stream from the values above `position`, if that is what they are
    /// and nobody else wrote into the dictionary below.
    pub(super) fn array_state(&self, position: usize) -> Option<ArrayState> {
        match self.stack.below(position)? {
            Value::EmptyDict(writes) if writes == self.alias_writes => {}
            _ => return None,
        }
        let items = self.stack.above(position);
        let mut pairs = items.chunks_exact(2);
        let find = |key: &[u8]| {
            let mut found = items.chunks_exact(2).filter_map(|pair| match pair {
                [name, value] if self.pools.text(*name) == Some(key) => Some(*value),
                _ => None,
            });
            found.next().filter(|_| found.next().is_none())
        };
        if !pairs.all(|pair| pair.first().is_some_and(|key| self.pools.text(*key).is_some())) {
            return None;
        }
        let Value::Global(subclass) = find(b"subclass")? else { return None };
        if !self.globals.uses(subclass).has(Use::Array) {
            return None;
        }
        let Value::Type(element) = find(b"dtype")? else { return None };
        if element.object {
            return Some(ArrayState::OBJECTS);
        }
        let shape = self.pools.tuple(find(b"shape")?)?;
        let count = shape.iter().try_fold(1_u64, |count, side| match side {
            Value::Int(side) => count.checked_mul(u64::try_from(*side).ok()?),
            _ => None,
        });
        let padded = match find(b"numpy_array_alignment_bytes") {
            None | Some(Value::Nothing) => false,
            Some(Value::Int(_)) => true,
            Some(_) => return None,
        };
        ArrayState::bytes(count?.checked_mul(u64::from(element.bytes))?, padded)
    }
}
