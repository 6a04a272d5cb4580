//! The digest of a row: the same for the same values, whichever format holds them.

use std::borrow::Cow;

use crate::digest::Hasher;
use serde_json::Value;

/// Half of the SHA-256 over the values of a row.
///
/// Values stand in the order of the names of their columns, or as they are where these have no names. Each is its text:
/// of a text itself with `\n` for each `\r\n`, of a number or truth value as JSON writes it, of nothing the empty one, of the rest JSON with sorted keys.
/// So `1` in CSV is `1` in JSON. The names are no part of it.
pub type RowDigest = [u8; 16];

/// Digests the texts of a row.
pub fn digest<'t>(values: impl Iterator<Item = &'t [u8]>) -> RowDigest {
    let mut hasher = Hasher::new();
    for value in values {
        let plain = without_returns(value);
        hasher.update(&(plain.len() as u64).to_le_bytes());
        hasher.update(&plain);
    }
    let digest = hasher.finish();
    let mut half = RowDigest::default();
    half.copy_from_slice(digest.as_bytes().split_at(16).0);
    half
}

/// Ends lines within a value in one way.
fn without_returns(value: &[u8]) -> Cow<'_, [u8]> {
    if !value.windows(2).any(|pair| pair == b"\r\n") {
        return Cow::Borrowed(value);
    }
    let mut next = value.iter().skip(1).chain([&0]);
    Cow::Owned(value.iter().copied().filter(|byte| next.next() != Some(&b'\n') || *byte != b'\r').collect())
}

/// Returns the text of a value. Objects of `serde_json` have sorted keys.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_do_not_run_into_each_other() {
        let of = |values: &[&str]| digest(values.iter().map(|value| value.as_bytes()));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["a"]), of(&["a", ""]));
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
        assert_eq!(of(&["a\r\nb\r", "\r\n"]), of(&["a\nb\r", "\n"]));
        assert_ne!(of(&["a\rb"]), of(&["a\nb"]));
    }

    #[test]
    fn values_have_one_text() {
        let value: Value = serde_json::from_str(r#"{"b": 1, "a": [null, "x"]}"#).unwrap();
        assert_eq!(text(&value), r#"{"a":[null,"x"],"b":1}"#);
        assert_eq!(
            (text(&json!("1")), text(&json!(1)), text(&json!(null))),
            ("1".to_owned(), "1".to_owned(), String::new())
        );
    }
}
