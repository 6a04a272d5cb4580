//! The lines of values, found again in the text of a document.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::value::RawValue;

use crate::validate::Objection;

/// Objections up to which lines are looked for: each costs a walk through the text.
const MOST: usize = 50;
/// Bytes of a document up to which they are.
const LONGEST: usize = 4 << 20;

/// Adds lines to the first objections of a document of ordinary size.
pub(super) fn add_lines(text: &[u8], objections: &mut [Objection]) {
    if text.len() > LONGEST {
        return;
    }
    let Ok(text) = str::from_utf8(text) else { return };
    for objection in objections.iter_mut().take(MOST).filter(|objection| !objection.pointer.raw().is_empty()) {
        objection.line = line(text, objection.pointer.raw());
    }
}

/// Returns the line at which the value of a JSON Pointer starts, counted from 1.
fn line(text: &str, pointer: &str) -> Option<usize> {
    let mut raw: &RawValue = serde_json::from_str(text).ok()?;
    for step in pointer.split('/').skip(1) {
        raw = value_at(raw, &step.replace("~1", "/").replace("~0", "~"))?;
    }
    // The raw value borrows from the text.
    let offset = (raw.get().as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    Some(text.get(..offset)?.bytes().filter(|byte| *byte == b'\n').count() + 1)
}

fn value_at<'t>(raw: &'t RawValue, step: &str) -> Option<&'t RawValue> {
    if raw.get().starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(raw.get()).ok()?;
        return items.get(step.parse::<usize>().ok()?).copied();
    }
    let members: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_str(raw.get()).ok()?;
    members.get(step).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_where_values_start() {
        let text = "{\n  \"a\": [\n    1,\n    {\"b/c\": null}\n  ],\n \"\\u0064\":\n{}}";
        for (pointer, expected) in
            [("/a", Some(2)), ("/a/0", Some(3)), ("/a/1", Some(4)), ("/a/1/b~1c", Some(4)), ("/d", Some(7))]
        {
            assert_eq!(line(text, pointer), expected, "{pointer}");
        }
        for pointer in ["/x", "/a/2", "/a/x", "/a/0/y"] {
            assert_eq!(line(text, pointer), None, "{pointer}");
        }
    }
}
