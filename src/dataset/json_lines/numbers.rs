//! Rows with numbers that no machine number holds: their text is what stands in the file, so that different ones differ.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Error, Value, from_slice, from_str, to_string};

use crate::dataset::row::{self, RowDigest};

/// So many digits a number of 64 bits has no more: what is longer may lose some.
const DIGITS: usize = 17;

/// Says whether no number of a line can be too long for 64 bits: a look that may take texts for numbers.
pub(super) fn are_exact(line: &[u8]) -> bool {
    let (mut digits, mut exponent) = (0_usize, false);
    for byte in line {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' | b'+' | b'-' => {}
            b'e' | b'E' => (digits, exponent) = (0, true),
            _ => (digits, exponent) = (0, false),
        }
        // An exponent of three digits may be too small a number.
        if digits > if exponent { 2 } else { DIGITS } {
            return false;
        }
    }
    true
}

/// Digests a row as it stands in its line.
pub(super) fn digest(line: &[u8]) -> Result<RowDigest, Error> {
    let row: &RawValue = from_slice(line)?;
    let texts: Result<Vec<String>, Error> = match row.get().as_bytes() {
        [b'{', ..] => from_str::<BTreeMap<String, &RawValue>>(row.get())?.into_values().map(text).collect(),
        [b'[', ..] => from_str::<Vec<&RawValue>>(row.get())?.into_iter().map(text).collect(),
        _ => text(row).map(|text| vec![text]),
    };
    Ok(row::digest(texts?.iter().map(String::as_bytes)))
}

/// Returns the text of a value, as [`row::text`] does but for its numbers.
fn text(value: &RawValue) -> Result<String, Error> {
    match value.get().as_bytes() {
        [b'n', ..] => Ok(String::new()),
        [b'"', ..] => from_str(value.get()),
        _ => nested(value),
    }
}

/// Writes a value as JSON with sorted names. Whoever calls has bounded how deep it is.
fn nested(value: &RawValue) -> Result<String, Error> {
    Ok(match value.get().as_bytes() {
        [b'{', ..] => {
            let members = from_str::<BTreeMap<String, &RawValue>>(value.get())?.into_iter();
            let member = |(name, value)| Ok(format!("{}:{}", to_string(&name)?, nested(value)?));
            format!("{{{}}}", members.map(member).collect::<Result<Vec<_>, Error>>()?.join(","))
        }
        [b'[', ..] => {
            let items = from_str::<Vec<&RawValue>>(value.get())?.into_iter();
            format!("[{}]", items.map(nested).collect::<Result<Vec<_>, Error>>()?.join(","))
        }
        [b'-' | b'0'..=b'9', ..] => number(value.get())?,
        _ => from_str::<Value>(value.get())?.to_string(),
    })
}

/// Writes a number as JSON does, or as it stands where that would lose something.
fn number(text: &str) -> Result<String, Error> {
    let value: Value = from_str(text)?;
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_matches('0').len();
    let lost = match value.as_f64() {
        Some(_) if value.is_i64() || value.is_u64() => false,
        Some(number) => significant > DIGITS || (significant > 0 && !number.is_normal()),
        None => true,
    };
    Ok(if lost { text.to_owned() } else { value.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_numbers_have_different_texts() {
        for (one, other) in [
            ("123456789012345678901234567890", "123456789012345678901234567891"),
            ("0.1234567890123456789", "0.1234567890123456788"),
            ("1e-400", "2e-400"),
            ("{\"a\": [0.1234567890123456789]}", "{\"a\": [0.1234567890123456788]}"),
        ] {
            assert!(!are_exact(one.as_bytes()), "{one}");
            assert_ne!(digest(one.as_bytes()).unwrap(), digest(other.as_bytes()).unwrap(), "{one}");
        }
    }

    #[test]
    fn whatever_is_exact_has_the_text_that_it_always_has() {
        for text in [
            "1",
            "1.50",
            "-0.1",
            "18446744073709551615",
            "1e5",
            "null",
            "\"x\\u0041\"",
            "true",
            "0.10000000000000001",
            "0.100000000000000000000",
        ] {
            let value: Value = from_str(text).unwrap();
            let expected = row::digest([row::text(&value).as_bytes()].into_iter());
            assert_eq!(digest(text.as_bytes()).unwrap(), expected, "{text}");
        }
        let line = r#"{"b": [1, {"d": null, "c": "\u00e9\n"}], "a": 1.0, "c": true}"#;
        let Value::Object(members) = from_str::<Value>(line).unwrap() else { panic!() };
        let texts: Vec<String> = members.values().map(row::text).collect();
        assert_eq!(digest(line.as_bytes()).unwrap(), row::digest(texts.iter().map(String::as_bytes)));
        assert!(are_exact(line.as_bytes()) && are_exact(b"[1.5e10, 12345678901234567]"));
    }
}
