//! Strict, bounded JSON.
//!
//! `serde_json` parses; this module adds what a verifier needs on top: no duplicate key at any level (it
//! would keep the last one), no nesting or number of values beyond [`limits`], nothing behind the value, no
//! array where an object is due. A text is walked once without keeping anything, then read into its type.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use thiserror::Error;

use crate::limits;

mod objects;

/// Why a text is not JSON that we accept.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum JsonError {
    /// Arrays and objects are nested too deep.
    #[error("nested deeper than {}", limits::JSON_DEPTH)]
    Depth,
    /// A key stands twice in one object.
    #[error("the key `{0}` stands twice in one object")]
    Duplicate(String),
    /// One object has too many members.
    #[error("an object has more than {} members", limits::JSON_MEMBERS)]
    Members,
    /// The text has too many values.
    #[error("more than {0} values")]
    Nodes(usize),
    /// A key is one by which `serde_json` talks to itself.
    #[error("a key starts with `{RESERVED}`, which the reader keeps for itself")]
    Reserved,
    /// The text is JSON, but not of the expected shape.
    #[error("{0}")]
    Shape(String),
    /// The text is not JSON.
    #[error("not JSON: {0}")]
    Syntax(String),
}

impl JsonError {
    /// Says whether a limit was exceeded, as opposed to a fault of form.
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::Depth | Self::Members | Self::Nodes(_))
    }
}

/// How the keys start by which `serde_json` talks to itself.
///
/// It reads the object `{"$serde_json::private::RawValue": "…"}` as the value that the text holds: a value
/// that nobody else sees there and that [`check`] has not walked.
const RESERVED: &str = "$serde_json::private::";

/// Reads one JSON value of type `T` from `text`, strictly.
pub fn parse<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, JsonError> {
    check(text)?;
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let read = T::deserialize(objects::Objects(&mut deserializer));
    read.and_then(|value| deserializer.end().map(|()| value)).map_err(|error| JsonError::Shape(shortened(&error)))
}

/// Reads a part of a text that [`check`] has passed.
pub fn parse_checked<'a, T: Deserialize<'a>>(text: &'a str) -> serde_json::Result<T> {
    T::deserialize(objects::Objects(&mut serde_json::Deserializer::from_str(text)))
}

/// Checks that `text` is one JSON value without duplicate keys and within the limits.
pub fn check(text: &[u8]) -> Result<(), JsonError> {
    check_within(text, limits::JSON_NODES)
}

/// Checks that `text` is one JSON value without duplicate keys, within the limits and of at most so many
/// values.
pub fn check_within(text: &[u8], most: usize) -> Result<(), JsonError> {
    count_within(text, most).map(drop)
}

/// Does the same, and returns how many values there are.
pub fn count_within(text: &[u8], most: usize) -> Result<usize, JsonError> {
    let state = State { most, nodes: Cell::default(), fault: RefCell::default() };
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let walked = Walk { state: &state, depth: 0 }.deserialize(&mut deserializer);
    walked.and_then(|()| deserializer.end()).map_err(|error| {
        let ours = state.fault.take();
        ours.unwrap_or_else(|| JsonError::Syntax(shortened(&error)))
    })?;
    Ok(state.nodes.get())
}

/// Returns an error's message without the megabytes that a hostile value may bring into it.
fn shortened(error: &serde_json::Error) -> String {
    const LONGEST: usize = 200;
    let message = error.to_string();
    match message.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", message.get(..end).unwrap_or_default()),
        None => message,
    }
}

struct State {
    most: usize,
    nodes: Cell<usize>,
    fault: RefCell<Option<JsonError>>,
}

#[derive(Clone, Copy)]
struct Walk<'s> {
    state: &'s State,
    depth: usize,
}

impl Walk<'_> {
    fn fail<E: de::Error>(&self, fault: JsonError) -> E {
        let error = E::custom(&fault);
        self.state.fault.replace(Some(fault));
        error
    }

    fn deeper<E: de::Error>(&self) -> Result<Self, E> {
        if self.depth == limits::JSON_DEPTH {
            return Err(self.fail(JsonError::Depth));
        }
        Ok(Self { state: self.state, depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let nodes = self.state.nodes.get() + 1;
        if nodes > self.state.most {
            return Err(self.fail(JsonError::Nodes(self.state.most)));
        }
        self.state.nodes.set(nodes);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        while items.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        let mut seen = HashSet::new();
        while let Some(Key(key)) = members.next_key()? {
            if seen.len() == limits::JSON_MEMBERS {
                return Err(self.fail(JsonError::Members));
            }
            if key.starts_with(RESERVED) {
                return Err(self.fail(JsonError::Reserved));
            }
            if let Some(Key(twice)) = seen.replace(Key(key)) {
                let shown = twice.chars().take(64).collect();
                return Err(self.fail(JsonError::Duplicate(shown)));
            }
            members.next_value_seed(inner)?;
        }
        Ok(())
    }
}

/// A key, borrowed from the text where it has no escapes.
#[derive(PartialEq, Eq, Hash)]
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_json_passes() {
        for text in ["null", "-1", "1.5", "\"x\"", "[]", " {\"a\":[1,{\"a\":true}]} ", "9007199254740993"] {
            assert_eq!(check(text.as_bytes()), Ok(()), "{text}");
        }
    }

    #[test]
    fn duplicate_keys_are_refused_at_any_level_and_however_they_are_written() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"c":2,"a":3}}]"#, r#"{"a":1,"\u0061":2}"#] {
            assert_eq!(check(text.as_bytes()), Err(JsonError::Duplicate("a".into())), "{text}");
        }
    }

    #[test]
    fn keys_with_a_meaning_to_the_library_alone_are_refused() {
        for key in ["$serde_json::private::RawValue", "$serde_json::private::Number", "$serde_json\\u003a:private::x"] {
            let text = format!(r#"[{{"{key}":"{{\"a\":1,\"a\":2}}"}}]"#);
            assert_eq!(check(text.as_bytes()), Err(JsonError::Reserved), "{text}");
        }
        assert_eq!(check(br#"{"$serde_json":0}"#), Ok(()));
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(check(nested(limits::JSON_DEPTH).as_bytes()), Ok(()));
        for depth in [limits::JSON_DEPTH + 1, 200_000] {
            assert_eq!(check(nested(depth).as_bytes()), Err(JsonError::Depth));
        }
        let objects = "{\"a\":".repeat(200_000);
        assert_eq!(check(objects.as_bytes()), Err(JsonError::Depth));
    }

    #[test]
    fn members_are_bounded() {
        let members: Vec<String> = (0..=limits::JSON_MEMBERS).map(|n| format!("\"{n}\":0")).collect();
        let text = format!("{{{}}}", members.join(","));
        assert_eq!(check(text.as_bytes()), Err(JsonError::Members));
    }

    #[test]
    fn values_are_bounded() {
        let text = format!("[{}0]", "0,".repeat(limits::JSON_NODES));
        assert_eq!(check(text.as_bytes()), Err(JsonError::Nodes(limits::JSON_NODES)));
        assert_eq!(check_within(b"[1,2]", 3), Ok(()));
        assert_eq!(check_within(b"[1,2]", 2), Err(JsonError::Nodes(2)));
    }

    #[test]
    fn what_is_not_one_json_value_is_a_syntax_error() {
        let bad: [&[u8]; 10] =
            [b"", b"{", b"[1,]", b"1 2", b"NaN", b"1e400", b"\"\\ud800\"", b"\"\xff\"", b"\xef\xbb\xbf1", b"{}\0"];
        for text in bad {
            assert!(matches!(check(text), Err(JsonError::Syntax(_))), "{text:?}");
        }
    }

    #[test]
    fn messages_stay_short() {
        let text = format!("\"{}\"", "x".repeat(1 << 20));
        let error = parse::<u8>(text.as_bytes()).unwrap_err();
        assert!(error.to_string().len() < 300, "{error}");
    }
}
