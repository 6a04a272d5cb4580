//! Who says so: the citations of CycloneDX 1.7, from the properties that say how values were obtained.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::cyclonedx::OBTAINED_PROPERTY;
use crate::obtained::Obtained;

/// All values that were obtained in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Citation {
    /// What is meant, as JSON Pointers.
    pointers: Vec<String>,
    /// When it was written down.
    timestamp: String,
    /// The `bom-ref` of what wrote it down.
    attributed_to: String,
    /// How it was obtained.
    note: &'static str,
}

/// Makes a citation for each way in which values of a document were obtained.
pub(super) fn citations(document: &Value, timestamp: &str, tool: &str) -> Vec<Citation> {
    let mut pointers = BTreeMap::new();
    for key in ["metadata", "components", "formulation"] {
        if let Some(value) = document.get(key) {
            collect(value, &format!("/{key}"), &mut pointers);
        }
    }
    let cited = pointers.into_iter().map(|(obtained, pointers)| Citation {
        pointers,
        timestamp: timestamp.to_owned(),
        attributed_to: tool.to_owned(),
        note: obtained.as_str(),
    });
    cited.collect()
}

/// Looks at a value and all in it. Our own documents are a few levels deep.
fn collect(value: &Value, place: &str, pointers: &mut BTreeMap<Obtained, Vec<String>>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{place}/{index}"), pointers);
            }
        }
        Value::Object(members) => {
            for property in members.get("properties").and_then(Value::as_array).into_iter().flatten() {
                if let Some((target, obtained)) = stated(value, place, property) {
                    pointers.entry(obtained).or_default().push(target);
                }
            }
            for (key, member) in members {
                collect(member, &format!("{place}/{}", escaped(key)), pointers);
            }
        }
        _ => {}
    }
}

/// Returns what a property speaks of, and how that was obtained.
fn stated(object: &Value, place: &str, property: &Value) -> Option<(String, Obtained)> {
    let name = property.get("name")?.as_str()?.strip_prefix(OBTAINED_PROPERTY)?;
    let obtained = Obtained::from_word(property.get("value")?.as_str()?)?;
    let Some(field) = name.strip_prefix(':') else { return Some((place.to_owned(), obtained)) };
    let inside = match property_index(object, field) {
        Some(index) => format!("/properties/{index}"),
        None => field.split('.').fold(String::new(), |path, step| path + "/" + &escaped(step)),
    };
    object.pointer(&inside).is_some().then(|| (format!("{place}{inside}"), obtained))
}

/// A field may be a property.
fn property_index(object: &Value, name: &str) -> Option<usize> {
    let mut properties = object.get("properties")?.as_array()?.iter();
    properties.position(|property| property.get("name").and_then(Value::as_str) == Some(name))
}

/// Escapes a step of a JSON Pointer (RFC 6901).
fn escaped(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_way_has_a_citation_with_all_its_places() {
        let property = |name: &str, value: &str| json!({"name": name, "value": value});
        let document = json!({"components": [{"licenses": [], "modelCard": {"task": "x"}, "properties": [
            property("assaymark:obtained", "measured"), property("assaymark:obtained:licenses", "declared"),
            property("assaymark:obtained:modelCard.task", "declared"), property("assaymark:obtained:absent", "declared"),
            property("assaymark:role", "training"), property("assaymark:obtained:assaymark:role", "inferred"),
        ]}]});
        let cited = citations(&document, "now", "tool");
        let places: Vec<_> = cited.iter().map(|citation| (citation.note, citation.pointers.join(" "))).collect();
        let expected = [
            ("measured", "/components/0"),
            ("declared", "/components/0/licenses /components/0/modelCard/task"),
            ("inferred", "/components/0/properties/4"),
        ];
        assert_eq!(places, expected.map(|(way, places)| (way, places.to_owned())));
    }
}
