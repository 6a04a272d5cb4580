//! The official JSON Schemas of CycloneDX, embedded, with formats asserted.

use std::collections::HashSet;
use std::sync::OnceLock;

use jsonschema::{Keyword, Registry, ValidationError, Validator};
use serde_json::Value;
use thiserror::Error;

use crate::cyclonedx::SpecVersion;

pub(super) const BOM_1_6: &str = include_str!("../../schemas/third-party/cyclonedx-1.6/bom-1.6.schema.json");
pub(super) const BOM_1_7: &str = include_str!("../../schemas/third-party/cyclonedx-1.7/bom-1.7.schema.json");
const REFERENCED: [(&str, &str); 3] = [
    (
        "http://cyclonedx.org/schema/spdx.schema.json",
        include_str!("../../schemas/third-party/cyclonedx-1.6/spdx.schema.json"),
    ),
    (
        "http://cyclonedx.org/schema/jsf-0.82.schema.json",
        include_str!("../../schemas/third-party/cyclonedx-1.6/jsf-0.82.schema.json"),
    ),
    (
        "http://cyclonedx.org/schema/cryptography-defs.schema.json",
        include_str!("../../schemas/third-party/cyclonedx-1.7/cryptography-defs.schema.json"),
    ),
];

/// The most faults that are reported of one document.
pub(super) const MOST: usize = 10;
/// The most values of a document whose faults are looked for one by one.
///
/// The library collects all of them before it gives the first one, those of each alternative that does not
/// fit included: seconds and a gibibyte for a large document.
const MOST_VALUES: usize = 20_000;

/// The embedded schema can't be used: a bug.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the embedded CycloneDX schema can't be used: {0}")]
pub struct SchemaError(String);

/// Checks a document against the schema of 1.6, which release bundles carry, and returns its faults, each with its
/// JSON Pointer.
///
/// Of a large document it says only that there is one.
pub fn faults(document: &Value) -> Result<Vec<String>, SchemaError> {
    faults_as(document, SpecVersion::V1_6)
}

/// Checks a document against the schema of a version.
pub fn faults_as(document: &Value, expected: SpecVersion) -> Result<Vec<String>, SchemaError> {
    static V1_6: OnceLock<Result<Validator, SchemaError>> = OnceLock::new();
    static V1_7: OnceLock<Result<Validator, SchemaError>> = OnceLock::new();
    let validator = match expected {
        SpecVersion::V1_6 => V1_6.get_or_init(|| compile(BOM_1_6)),
        SpecVersion::V1_7 => V1_7.get_or_init(|| compile(BOM_1_7)),
    };
    let validator = validator.as_ref().map_err(Clone::clone)?;
    // The schema takes any version for its own.
    let version = document.get("specVersion").filter(|version| version.as_str() != Some(expected.as_str()));
    let version = version.map(|version| format!("`/specVersion`: {version} is not \"{}\"", expected.as_str()));
    let faults = if validator.is_valid(document) {
        Vec::new()
    } else if is_small(document) {
        let faults = validator.iter_errors(document).take(MOST);
        faults.map(|fault| format!("`{}`: {}", fault.instance_path(), fault)).collect()
    } else {
        vec!["it does not fit the schema, and is too large to say where".to_owned()]
    };
    Ok(version.into_iter().chain(faults).map(|fault| shortened(&fault)).collect())
}

/// Says whether a document has few values, and stops counting where it has not.
pub(super) fn is_small(document: &Value) -> bool {
    let mut open = vec![document];
    let mut values = 0;
    while let Some(value) = open.pop() {
        values += 1;
        match value {
            Value::Array(items) if items.len() <= MOST_VALUES => open.extend(items),
            Value::Object(members) if members.len() <= MOST_VALUES => open.extend(members.values()),
            Value::Array(_) | Value::Object(_) => return false,
            _ => {}
        }
        if values + open.len() > MOST_VALUES {
            return false;
        }
    }
    true
}

pub(super) fn compile(schema: &str) -> Result<Validator, SchemaError> {
    let failed = |error: &dyn std::fmt::Display| SchemaError(error.to_string());
    let mut registry = Registry::new();
    for (uri, text) in REFERENCED {
        let schema: Value = serde_json::from_str(text).map_err(|error| failed(&error))?;
        registry = registry.add(uri, schema).map_err(|error| failed(&error))?;
    }
    let registry = registry.prepare().map_err(|error| failed(&error))?;
    let schema = serde_json::from_str(schema).map_err(|error| failed(&error))?;
    jsonschema::options()
        .should_validate_formats(true)
        .with_keyword("uniqueItems", |_, wanted, _| Ok(Box::new(UniqueItems { wanted: *wanted == Value::Bool(true) })))
        .with_registry(&registry)
        .build(&schema)
        .map_err(|error| failed(&error))
}

/// `uniqueItems` in place of the library's, whose digest does not see brackets: thirty thousand items that
/// differ by them alone would be compared each with each, for minutes.
struct UniqueItems {
    wanted: bool,
}

impl<'i> Keyword<'i> for UniqueItems {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) { Ok(()) } else { Err(ValidationError::custom("it has an item twice")) }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        let mut seen = HashSet::new();
        let mut items = instance.as_array().into_iter().flatten();
        // A value has one text: its keys are sorted.
        !self.wanted || items.all(|item| seen.insert(item.to_string()))
    }
}

/// Cuts a message that quotes a large value.
pub(super) fn shortened(message: &str) -> String {
    const LONGEST: usize = 160;
    if message.chars().count() <= LONGEST {
        return message.to_owned();
    }
    let start: String = message.chars().take(LONGEST).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_minimal_document_is_valid() {
        assert_eq!(faults(&json!({"bomFormat": "CycloneDX", "specVersion": "1.6"})), Ok(vec![]));
    }

    #[test]
    fn faults_say_where_they_are() {
        let document =
            json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "modell", "name": "x"}]});
        let faults = faults(&document).unwrap();
        assert!(faults[0].starts_with("`/components/0/type`"), "{faults:?}");
    }

    #[test]
    fn a_large_document_is_only_judged() {
        let document = |components: usize| {
            let component = json!({"type": "modell", "name": "x"});
            json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": vec![component; components]})
        };
        assert_eq!(faults(&document(MOST_VALUES / 3 - 2)).unwrap().len(), MOST);
        assert!(faults(&document(MOST_VALUES / 3 + 1)).unwrap()[0].contains("too large to say where"));
    }

    #[test]
    fn another_version_is_not_this_one() {
        let faults = faults(&json!({"bomFormat": "CycloneDX", "specVersion": "1.7"})).unwrap();
        assert_eq!(faults, ["`/specVersion`: \"1.7\" is not \"1.6\""]);
        let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.7"});
        assert_eq!(faults_as(&document, SpecVersion::V1_7), Ok(vec![]));
    }

    #[test]
    fn items_are_unique() {
        let with = |names: [&str; 2]| {
            let components = names.map(|name| json!({"name": name, "type": "file"}));
            faults(&json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components})).unwrap()
        };
        assert_eq!(with(["x", "y"]), Vec::<String>::new());
        assert_eq!(with(["x", "x"]), ["`/components`: it has an item twice"]);
    }

    #[test]
    fn formats_are_asserted() {
        let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"timestamp": "yesterday"}});
        assert!(!faults(&document).unwrap().is_empty());
    }
}
