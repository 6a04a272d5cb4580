//! Walking through JSON without building it: every text with the keys that lead to it.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// What stands at a place in JSON.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Node<'t> {
    /// A text.
    Text(&'t str),
    /// A truth value.
    Truth(bool),
    /// A number, or null.
    Other,
    /// An object begins.
    Object,
    /// An array begins.
    Array,
}

/// The keys that lead to a place; an element of an array has the key "".
pub(super) type Keys<'k> = &'k [String];

/// Why a text is not JSON: the byte and the message of the parser.
pub(super) type JsonFault = (u64, String);

/// Walks through `text`, which must be one JSON value.
pub(super) fn walk(text: &[u8], each: &mut dyn FnMut(Keys<'_>, Node<'_>)) -> Result<(), JsonFault> {
    let state = RefCell::new(State { keys: Vec::new(), each });
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let walked = Walk(&state).deserialize(&mut deserializer);
    walked.and_then(|()| deserializer.end()).map_err(|error| (place(text, &error), format!("not JSON: {error:.160}")))
}

fn place(text: &[u8], error: &serde_json::Error) -> u64 {
    let lines = text.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1));
    lines.map(|line| line.len() as u64).sum::<u64>() + (error.column() as u64).saturating_sub(1)
}

struct State<'e> {
    keys: Vec<String>,
    each: &'e mut dyn FnMut(Keys<'_>, Node<'_>),
}

#[derive(Clone, Copy)]
struct Walk<'s, 'e>(&'s RefCell<State<'e>>);

impl Walk<'_, '_> {
    fn node(self, node: Node<'_>) {
        let state = &mut *self.0.borrow_mut();
        (state.each)(&state.keys, node);
    }

    fn enter(self, key: String) {
        self.0.borrow_mut().keys.push(key);
    }

    fn leave(self) {
        self.0.borrow_mut().keys.pop();
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, truth: bool) -> Result<(), E> {
        self.node(Node::Truth(truth));
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.node(Node::Other);
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.node(Node::Other);
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.node(Node::Other);
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.node(Node::Text(text));
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.node(Node::Other);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.node(Node::Array);
        self.enter(String::new());
        while items.next_element_seed(self)?.is_some() {}
        self.leave();
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        self.node(Node::Object);
        while let Some(key) = members.next_key()? {
            self.enter(key);
            members.next_value_seed(self)?;
            self.leave();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Result<Vec<String>, JsonFault> {
        let mut seen = Vec::new();
        walk(text.as_bytes(), &mut |keys, node| {
            if let Node::Text(text) = node {
                seen.push(format!("{}={text}", keys.join("/")));
            }
        })?;
        Ok(seen)
    }

    #[test]
    fn texts_come_with_their_keys() {
        assert_eq!(texts(r#"{"a":["x",{"b":"y"}],"c":1}"#).unwrap(), ["a/=x", "a//b=y"]);
        assert_eq!(texts(r#"{"a":"x","a":"\u0079"}"#).unwrap(), ["a=x", "a=y"], "of a key that stands twice, both");
    }

    #[test]
    fn what_is_not_one_json_value_has_a_place() {
        assert_eq!(texts("{\n  \"a\": x}").unwrap_err().0, 9);
        for text in ["", "{", "{} {}", "{'a':1}", "NaN", &"[".repeat(100_000)] {
            assert!(texts(text).is_err());
        }
    }
}
