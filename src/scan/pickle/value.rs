//! What the abstract machine knows of a value: enough to name what is imported and to judge what is called.

use super::allowed::is_listed_word;
use crate::limits;

/// A value on the stack or in the memo. Two words, so that it is copied as such: there may be a hundred million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(super) enum Value {
    /// A constant or container that no rule looks into.
    Data,
    /// `None`.
    Nothing,
    /// An integer.
    Int(i64),
    /// A short text that was kept.
    Text(Kept),
    /// A short tuple that was kept.
    Tuple(Kept),
    /// A dictionary that is still empty, and how often dictionaries were written by another name before.
    EmptyDict(u64),
    /// The state of an array that joblib writes into the stream, set by the instruction before.
    ArrayState(ArrayState),
    /// Something that was imported: an index into the globals.
    Global(u32),
    /// What a call of something imported returned.
    Made(u32),
    /// A `numpy.dtype`.
    Type(ElementType),
    /// A tensor storage that is kept outside the pickle.
    Storage,
}

/// A place in one of the pools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    start: u32,
    length: u8,
}

/// The type of the elements of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ElementType {
    /// Bytes of an element.
    pub(super) bytes: u32,
    /// Elements are Python objects.
    pub(super) object: bool,
    /// Elements have the size that stands in the type's state.
    pub(super) flexible: bool,
}

/// How much follows an array's description, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ArrayState(u64);

/// The same in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Following {
    /// So many bytes.
    Bytes {
        /// The bytes of the elements.
        count: u64,
        /// A byte that counts padding, and the padding, come before.
        padded: bool,
    },
    /// Another pickle.
    Objects,
}

impl ArrayState {
    /// Another pickle follows.
    pub(super) const OBJECTS: Self = Self(u64::MAX);
    const PADDED: u64 = 1 << 63;

    /// So many bytes follow; nothing where there can't be so many.
    pub(super) fn bytes(count: u64, padded: bool) -> Option<Self> {
        (count < Self::PADDED / 2).then_some(Self(if padded { count | Self::PADDED } else { count }))
    }

    /// Says what follows.
    pub(super) fn following(self) -> Following {
        match self {
            Self::OBJECTS => Following::Objects,
            Self(count) => Following::Bytes { count: count & !Self::PADDED, padded: count & Self::PADDED != 0 },
        }
    }
}

/// Short texts and tuples, kept until the pools are full.
#[derive(Default)]
pub(super) struct Pools {
    texts: Vec<u8>,
    tuples: Vec<Value>,
    /// Whether one of the texts is a name by which Python, or a library, asks an object for a method.
    special: bool,
    /// The last two texts, as far as nothing took them from the memo since.
    fresh: [Option<Value>; 2],
}

/// Says whether a text is the name of such a method, as in `__setstate__`; also in bytes, of a wide text.
fn is_special(text: &[u8]) -> bool {
    let is_word = |inner: &[u8]| {
        let ends = inner.first().is_some_and(u8::is_ascii_lowercase) && inner.last() != Some(&b'_');
        ends && inner.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
    };
    let name = |text: &[u8]| {
        let inner = text.strip_prefix(b"__").and_then(|text| text.strip_suffix(b"__"));
        inner.is_some_and(|inner| is_word(inner) && !matches!(inner, b"main" | b"builtin"))
    };
    match text {
        [b'_', b'_', ..] => name(text),
        [0, ..] | [b'_', 0, ..] => name(&text.iter().copied().filter(|byte| *byte != 0).collect::<Vec<u8>>()),
        _ => false,
    }
}

impl Pools {
    /// Keeps a text, if it is short and there is room.
    pub(super) fn keep_text(&mut self, text: &[u8]) -> Value {
        self.special |= is_special(text);
        // Words that may be imported are remembered for longer: a vocabulary must not make us forget them.
        let room = limits::PICKLE_TEXTS;
        let kept = Self::keep(&mut self.texts, text, room);
        let kept = kept.or_else(|| is_listed_word(text).then(|| Self::keep(&mut self.texts, text, room * 2))?);
        let value = kept.map_or(Value::Data, Value::Text);
        self.fresh = [self.fresh[1], Some(value)];
        value
    }

    /// Looks at a text, or at bytes, that is not kept.
    pub(super) fn note(&mut self, text: &[u8]) {
        self.special |= is_special(text);
    }

    /// Looks at a text with escapes.
    pub(super) fn note_escaped(&mut self, text: &[u8]) {
        let mut text = String::from_utf8_lossy(text).to_ascii_lowercase();
        for underscore in ["\\u005f", "\\u0000005f", "\\x5f", "\\137"] {
            text = text.replace(underscore, "_");
        }
        self.special |= text.starts_with("__") && text.ends_with("__") && text.contains('\\');
        self.note(text.as_bytes());
    }

    /// Says whether the name of a special method was seen.
    pub(super) fn has_special(&self) -> bool {
        self.special
    }

    /// Says whether a text is the last one, and whether another is the one before, and both stand where they are used.
    pub(super) fn are_fresh(&self, before: Value, last: Value) -> (bool, bool) {
        let is = |fresh: Option<Value>, value| value != Value::Data && fresh == Some(value);
        (is(self.fresh[0], before), is(self.fresh[1], last))
    }

    /// What is taken from the memo does not stand where it is used.
    pub(super) fn stale(&mut self, value: Value) {
        if self.fresh.contains(&Some(value)) {
            self.fresh = [None, None];
        }
    }

    /// Keeps a tuple, if it is short and there is room.
    pub(super) fn keep_tuple(&mut self, items: &[Value]) -> Value {
        Self::keep(&mut self.tuples, items, limits::PICKLE_TUPLES).map_or(Value::Data, Value::Tuple)
    }

    /// Says whether tuples may be forgotten from now on.
    pub(super) fn are_full(&self) -> bool {
        self.tuples.len() + usize::from(limits::PICKLE_KEPT) > limits::PICKLE_TUPLES
    }

    /// Returns a text that was kept.
    pub(super) fn text(&self, value: Value) -> Option<&[u8]> {
        let Value::Text(kept) = value else { return None };
        Self::kept(&self.texts, kept)
    }

    /// Returns the items of a tuple that was kept.
    pub(super) fn tuple(&self, value: Value) -> Option<&[Value]> {
        let Value::Tuple(kept) = value else { return None };
        Self::kept(&self.tuples, kept)
    }

    fn keep<T: Copy>(pool: &mut Vec<T>, items: &[T], room: usize) -> Option<Kept> {
        let length = u8::try_from(items.len()).ok().filter(|length| *length <= limits::PICKLE_KEPT)?;
        if pool.len() + items.len() > room {
            return None;
        }
        let start = u32::try_from(pool.len()).ok()?;
        pool.extend_from_slice(items);
        Some(Kept { start, length })
    }

    fn kept<T>(pool: &[T], kept: Kept) -> Option<&[T]> {
        let start = usize::try_from(kept.start).ok()?;
        pool.get(start..start + usize::from(kept.length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_small() {
        assert_eq!(size_of::<Value>(), 16);
        assert_eq!(size_of::<Option<Value>>(), 16);
    }

    #[test]
    fn what_follows_an_array_is_told_as_it_was_put() {
        for (count, padded) in [(0, false), (0, true), (7, false), (7, true), ((1 << 62) - 1, true)] {
            assert_eq!(ArrayState::bytes(count, padded).unwrap().following(), Following::Bytes { count, padded });
        }
        assert_eq!(ArrayState::OBJECTS.following(), Following::Objects);
        assert_eq!(ArrayState::bytes(1 << 62, true), None);
    }

    #[test]
    fn names_of_special_methods_are_known_however_they_are_written() {
        let wide = |text: &str| text.bytes().flat_map(|byte| [byte, 0, 0, 0]).collect::<Vec<u8>>();
        let swapped = |text: &str| text.bytes().flat_map(|byte| [0, 0, 0, byte]).collect::<Vec<u8>>();
        let name = "__setstate__";
        assert!(is_special(name.as_bytes()) && is_special(&wide(name)) && is_special(&swapped(name)));
        for text in ["__main__", "____", "______", "_a__", "__UNK__", "__init", "", "__", "__a b__", "___a__"] {
            assert!(!is_special(text.as_bytes()), "{text}");
        }
        for text in [r"\u005f_setstate__", r"__set\u0073tate__", r"\137_setstate_\x5F"] {
            let mut pools = Pools::default();
            pools.note_escaped(text.as_bytes());
            assert!(pools.has_special(), "{text}");
        }
        let mut pools = Pools::default();
        pools.note_escaped(br"a\u005fb");
        assert!(!pools.has_special());
    }

    #[test]
    fn what_is_short_is_kept() {
        let mut pools = Pools::default();
        let text = pools.keep_text(b"torch");
        let tuple = pools.keep_tuple(&[text, Value::Int(3)]);
        assert_eq!(pools.text(text), Some(b"torch".as_slice()));
        assert_eq!(pools.tuple(tuple), Some([text, Value::Int(3)].as_slice()));
        assert_eq!(pools.keep_text(&[b'x'; 200]), Value::Data);
        assert_eq!(pools.text(tuple), None);
    }
}
