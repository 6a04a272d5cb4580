//! Whether something stands at a path of a document.
//!
//! A path is names with `/` between them. `*` is any item of a list, `key=value` any item of a list whose member
//! `key` is that value.

use serde_json::Value;

/// Says whether something other than nothing stands at a path.
pub(super) fn has(value: &Value, path: &str) -> bool {
    let (step, rest) = match path.split_once('/') {
        Some((step, rest)) => (step, Some(rest)),
        None => (path, None),
    };
    let goes_on = |value: &Value| rest.map_or_else(|| is_said(value), |rest| has(value, rest));
    let mut items = value.as_array().into_iter().flatten();
    match step.split_once('=') {
        _ if step == "*" => items.any(goes_on),
        Some((key, wanted)) => items.any(|item| item.get(key).and_then(Value::as_str) == Some(wanted) && goes_on(item)),
        None => value.get(step).is_some_and(goes_on),
    }
}

/// Says whether a value says something: an empty text, list or object does not.
pub(super) fn is_said(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_through_lists() {
        let value = json!({"a": [{"type": "vcs", "url": "x"}, {"type": "bom", "url": " "}], "b": [], "c": {"d": 0}});
        for (path, there) in [
            ("a", true),
            ("b", false),
            ("c/d", true),
            ("c/e", false),
            ("a/*/url", true),
            ("a/type=vcs/url", true),
            ("a/type=bom/url", false),
            ("a/type=bom", true),
            ("a/type=other", false),
            ("c/*", false),
        ] {
            assert_eq!(has(&value, path), there, "{path}");
        }
    }
}
