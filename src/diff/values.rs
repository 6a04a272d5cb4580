//! What a bundle says of one topic, as names and values.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diff::Change;

/// Values by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<String, String>);

impl Values {
    /// Adds a value. Values of one name stand behind each other, in the order in which they are added.
    pub(super) fn add(&mut self, name: impl Into<String>, value: impl AsRef<str>) {
        let held = self.0.entry(name.into()).or_default();
        if !held.is_empty() {
            held.push_str("; ");
        }
        held.push_str(value.as_ref());
    }

    /// Adds a value that may not be there.
    pub(super) fn add_some(&mut self, name: impl Into<String>, value: Option<impl AsRef<str>>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    /// Adds what JSON holds, each part under the names that lead to it; parts that `skip` picks are left out.
    ///
    /// Items of an array that have a name stand under it, such as the properties of CycloneDX, so that one more is no
    /// change of those behind it.
    pub(super) fn add_json(&mut self, name: &str, value: &Value, skip: &dyn Fn(&str) -> bool) {
        if skip(name) {
            return;
        }
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    self.add_json(&if name.is_empty() { key.clone() } else { format!("{name}.{key}") }, member, skip);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.add_item(name, index, item, skip);
                }
            }
            scalar => self.add(name, plain(scalar)),
        }
    }

    fn add_item(&mut self, name: &str, index: usize, item: &Value, skip: &dyn Fn(&str) -> bool) {
        match item.get("name").and_then(Value::as_str) {
            Some(own) => {
                let name = format!("{name}[{own}]");
                let Some(members) = item.as_object().filter(|_| !skip(&name)) else { return };
                let rest: serde_json::Map<_, _> = members
                    .iter()
                    .filter(|(key, _)| *key != "name")
                    .map(|(key, of)| (key.clone(), of.clone()))
                    .collect();
                match (rest.get("value"), rest.len()) {
                    (Some(value), 1) => self.add_json(&name, value, skip),
                    (_, 0) => self.add(name, ""),
                    _ => self.add_json(&name, &Value::Object(rest), skip),
                }
            }
            None if item.is_object() || item.is_array() => self.add_json(&format!("{name}[{index}]"), item, skip),
            None if !skip(name) => self.add(name, plain(item)),
            None => {}
        }
    }
}

/// Writes a value as people read it.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Compares what two bundles say of one topic, in the order of the names.
pub(super) fn compare(old: Values, new: Values) -> Vec<Change> {
    let mut new = new.0;
    let mut changes: Vec<(String, Change)> = Vec::new();
    for (name, old) in old.0 {
        let change = match new.remove(&name) {
            Some(new) if new == old => continue,
            Some(new) => Change::Changed { name: name.clone().into(), old: old.into(), new: new.into() },
            None => Change::Removed { name: name.clone().into(), old: old.into() },
        };
        changes.push((name, change));
    }
    changes.extend(
        new.into_iter().map(|(name, new)| (name.clone(), Change::Added { name: name.into(), new: new.into() })),
    );
    changes.sort_by(|(one, _), (other, _)| one.cmp(other));
    changes.into_iter().map(|(_, change)| change).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn values(value: &Value) -> Vec<(String, String)> {
        let mut values = Values::default();
        values.add_json("", value, &|name| name == "skipped");
        values.0.into_iter().collect()
    }

    #[test]
    fn json_is_told_by_the_names_that_lead_to_it() {
        let value = json!({
            "a": {"b": 1, "c": [true, null]}, "skipped": {"x": 1}, "empty": {},
            "properties": [{"name": "p", "value": "1"}, {"name": "p", "value": "2"}, {"name": "q", "kind": "k", "value": 3}],
            "list": [{"x": 1}, {"name": "bare"}],
        });
        let expected = [
            ("a.b", "1"),
            ("a.c", "true; null"),
            ("list[0].x", "1"),
            ("list[bare]", ""),
            ("properties[p]", "1; 2"),
            ("properties[q].kind", "k"),
            ("properties[q].value", "3"),
        ];
        let expected: Vec<_> = expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!(values(&value), expected);
    }

    #[test]
    fn changes_come_in_the_order_of_the_names() {
        let of = |pairs: &[(&str, &str)]| {
            let mut values = Values::default();
            for (name, value) in pairs {
                values.add(*name, value);
            }
            values
        };
        let changes = compare(of(&[("a", "1"), ("b", "2"), ("d", "4")]), of(&[("c", "3"), ("b", "5"), ("d", "4")]));
        let expected = [
            Change::Removed { name: "a".into(), old: "1".into() },
            Change::Changed { name: "b".into(), old: "2".into(), new: "5".into() },
            Change::Added { name: "c".into(), new: "3".into() },
        ];
        assert_eq!(changes, expected);
    }
}
