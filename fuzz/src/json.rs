//! The strict reader of JSON.

use assaymark::json::{self, JsonError};
use serde_json::Value;

/// What is accepted is JSON without duplicate keys, and still is when it is written anew.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    match json::check(data) {
        Ok(()) => accepted(data),
        Err(JsonError::Syntax(_)) => assert!(serde_json::from_slice::<Value>(data).is_err(), "JSON was refused"),
        Err(error) => assert!(error.to_string().len() < 400, "a long message: {error}"),
    }
}

fn accepted(data: &[u8]) {
    let value: Value = json::parse(data).expect("it was checked");
    // Each member of an object has one colon outside of texts; a key that stood twice would be one member.
    assert_eq!(members(&value), colons(data), "a value is not what stands there");
    let written = serde_json::to_vec(&value).expect("a value can be written");
    let again: Value = json::parse(&written).expect("what we write is read");
    if super::is_integral(&value) {
        assert_eq!(again, value);
    }
}

fn members(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(members).sum(),
        Value::Object(inner) => inner.len() + inner.values().map(members).sum::<usize>(),
        _ => 0,
    }
}

fn colons(text: &[u8]) -> usize {
    let (mut count, mut inside, mut escaped) = (0, false, false);
    for byte in text {
        match (inside, escaped, byte) {
            (true, true, _) => escaped = false,
            (true, false, b'\\') => escaped = true,
            (_, false, b'"') => inside = !inside,
            (false, _, b':') => count += 1,
            _ => {}
        }
    }
    count
}
