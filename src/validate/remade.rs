//! A document against the one that the files give when it is made again: every value that differs is named.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::cyclonedx::{Fault as Told, SpecVersion};
use crate::describe::stated::TAG_PROPERTY;
use crate::limits;
use crate::validate::component;
use crate::validate::datasets::claims_rows;
use crate::validate::{Check, Examination, Level};

impl Examination<'_> {
    /// Returns how the document would have to be made again. One of another version than those that are written can't be.
    pub fn origin(&mut self) -> Option<Origin> {
        let document = self.document()?;
        let all = component::all(document);
        let version = document.get("specVersion").and_then(Value::as_str).unwrap_or_default();
        let version = SpecVersion::ALL.into_iter().find(|known| known.as_str() == version);
        let time = document.pointer("/metadata/timestamp").and_then(Value::as_str);
        let time = time.and_then(|time| DateTime::parse_from_rfc3339(time).ok());
        if let (Some(version), Some(time)) = (version, time) {
            let code = all.iter().filter(|one| one.text("bom-ref") == Some("code"));
            let tags = code.flat_map(|one| one.properties(TAG_PROPERTY)).map(|(_, tag)| tag.to_owned()).collect();
            return Some(Origin { version, at: time.to_utc(), rows: claims_rows(&all), tags });
        }
        let message = "the document can't be made again: it has no time, or a version of CycloneDX that is not written";
        self.object(Check::NothingCompared, Level::Error, Told::new("", message));
        None
    }

    /// Tells of tags that the code has and the document does not say. What they are called and that they are there is no matter of
    /// the commit: somebody may have set them since. One that was taken out of the document shows in its serial number.
    pub fn later_tags(&mut self, tags: &[String]) {
        for tag in tags {
            let message =
                format!("the commit of the code has the tag `{tag}` as well, which was set since, or is not told");
            self.object(Check::FactDiffers, Level::Note, Told::new("", message));
        }
    }

    /// Compares the document with the one that was made again, and names every value that differs.
    pub fn compare(&mut self, remade: &Value) {
        let Some(document) = self.document() else { return };
        let mut differences = Differences::default();
        differences.walk(Some(document), Some(remade), String::new());
        let Differences { told, count } = differences;
        for one in told {
            self.object(Check::FactDiffers, Level::Error, one);
        }
        if count > limits::FINDINGS_PER_CODE {
            let message = format!("{} values more differ", count - limits::FINDINGS_PER_CODE);
            self.object(Check::FactDiffers, Level::Error, Told::new("", message));
        }
    }
}

/// How a document was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The version of CycloneDX.
    pub version: SpecVersion,
    /// The time that it states.
    pub at: DateTime<Utc>,
    /// Whether it says that rows were compared.
    pub rows: bool,
    /// The tags of the code that it names.
    pub tags: Vec<String>,
}

/// Values that differ: the first of them, and how many there are.
#[derive(Default)]
struct Differences {
    told: Vec<Told>,
    count: usize,
}

impl Differences {
    /// Compares two values at a place. Both are no deeper than JSON may be.
    fn walk(&mut self, said: Option<&Value>, found: Option<&Value>, place: String) {
        match (said, found) {
            (Some(Value::Object(one)), Some(Value::Object(other))) => {
                for key in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
                    let step = key.replace('~', "~0").replace('/', "~1");
                    self.walk(one.get(key), other.get(key), format!("{place}/{step}"));
                }
            }
            (Some(Value::Array(one)), Some(Value::Array(other))) => self.lists(one, other, &place),
            (one, other) if one == other => {}
            (said, found) => self.tell(said, found, place),
        }
    }

    /// Compares two lists: what has a name by its name, the rest by its place.
    fn lists(&mut self, said: &[Value], found: &[Value], place: &str) {
        let (ours, theirs) = (named(said), named(found).into_iter().collect::<BTreeMap<_, _>>());
        for (index, (name, value)) in ours.iter().enumerate() {
            self.walk(Some(*value), theirs.get(name).copied(), format!("{place}/{index}"));
        }
        let known: BTreeSet<&String> = ours.iter().map(|(name, _)| name).collect();
        for value in theirs.iter().filter(|(name, _)| !known.contains(name)).map(|(_, value)| *value) {
            self.tell(None, Some(value), place.to_owned());
        }
    }

    fn tell(&mut self, said: Option<&Value>, found: Option<&Value>, place: String) {
        self.add(Told::new(place, difference(said, found)));
    }

    fn add(&mut self, told: Told) {
        self.count += 1;
        if self.told.len() < limits::FINDINGS_PER_CODE {
            self.told.push(told);
        }
    }
}

/// Says how a value of the document and one of the files differ.
pub(super) fn difference(said: Option<&Value>, found: Option<&Value>) -> String {
    match (said, found) {
        (Some(said), Some(found)) => format!("the document says {}, the files give {}", shown(said), shown(found)),
        (Some(said), None) => format!("the document says {}, which the files do not give", shown(said)),
        (None, found) => {
            format!("the files give {}, which the document does not say", found.map_or_else(String::new, shown))
        }
    }
}

/// Gives each item of a list a name that is its own: how it is called, and how many before it are called so.
fn named(list: &[Value]) -> Vec<(String, &Value)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let name = |item: &Value| {
        let name = ["bom-ref", "ref", "name", "type"].iter().find_map(|key| item.get(*key)?.as_str());
        let name = name.unwrap_or_default().to_owned();
        let count = counts.entry(name.clone()).or_default();
        *count += 1;
        format!("{count} {name}")
    };
    list.iter().map(name).zip(list).collect()
}

/// Shows the beginning of a value.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    let start: String = text.chars().take(limits::SHOWN_CHARACTERS).collect();
    if start.len() < text.len() { format!("`{start}…`") } else { format!("`{start}`") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(said: &Value, found: &Value) -> Vec<String> {
        let mut differences = Differences::default();
        differences.walk(Some(said), Some(found), String::new());
        differences.told.into_iter().map(|one| one.pointer).collect()
    }

    #[test]
    fn every_value_that_differs_has_its_place() {
        let found = json!({"a": 1, "list": [{"name": "x", "value": "1"}, {"name": "y"}, {"name": "x", "value": "2"}], "words": ["p", "q"]});
        assert_eq!(told(&found, &found), Vec::<String>::new());
        let mut said = found.clone();
        said["a"] = json!(2);
        said["b/c"] = json!(true);
        said["list"][2]["value"] = json!("3");
        said["words"][1] = json!("r");
        assert_eq!(told(&said, &found), ["/a", "/b~1c", "/list/2/value", "/words/1"]);
        // A name that was changed is one too many, and one is missing.
        let mut said = found.clone();
        said["list"][1]["name"] = json!("z");
        assert_eq!(told(&said, &found), ["/list/1", "/list"]);
        let mut said = found.clone();
        said["list"].as_array_mut().unwrap().remove(1);
        said["words"] = json!("p");
        assert_eq!(told(&said, &found), ["/list", "/words"]);
    }

    #[test]
    fn what_is_told_is_bounded() {
        let many = |value: u32| Value::from(vec![value; 5_000]);
        let mut differences = Differences::default();
        differences.walk(Some(&many(1)), Some(&many(2)), String::new());
        assert_eq!((differences.told.len(), differences.count), (limits::FINDINGS_PER_CODE, 5_000));
        assert!(shown(&json!("x".repeat(10_000))).len() < 2 * limits::SHOWN_CHARACTERS);
    }
}
