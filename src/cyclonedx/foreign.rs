//! Documents of others: every version whose official schema is at hand.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

use crate::cyclonedx::schema::{self, SchemaError};

const BOM_1_5: &str = include_str!("../../schemas/third-party/cyclonedx-1.5/bom-1.5.schema.json");

/// The versions that can be checked.
pub const VERSIONS: [&str; 3] = ["1.5", "1.6", "1.7"];

/// What is wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The JSON Pointer (RFC 6901) of the value that is at fault; empty for the document.
    pub pointer: String,
    /// What is wrong with it, in one sentence without a full stop.
    pub message: String,
}

impl Fault {
    /// Says what is wrong where.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into() }
    }
}

/// Checks a document against the schema of the version that it names.
///
/// Returns nothing where there is no schema of that version. Schemas are compiled when they are needed.
pub fn schema_faults(document: &Value) -> Option<Result<Vec<Fault>, SchemaError>> {
    let named = document.get("specVersion").and_then(Value::as_str)?;
    let validator = validator(named)?;
    Some(validator.as_ref().map_err(Clone::clone).map(|validator| faults(validator, document)))
}

fn validator(version: &str) -> Option<&'static Result<Validator, SchemaError>> {
    static V1_5: OnceLock<Result<Validator, SchemaError>> = OnceLock::new();
    static V1_6: OnceLock<Result<Validator, SchemaError>> = OnceLock::new();
    static V1_7: OnceLock<Result<Validator, SchemaError>> = OnceLock::new();
    match version {
        "1.5" => Some(V1_5.get_or_init(|| schema::compile(BOM_1_5))),
        "1.6" => Some(V1_6.get_or_init(|| schema::compile(schema::BOM_1_6))),
        "1.7" => Some(V1_7.get_or_init(|| schema::compile(schema::BOM_1_7))),
        _ => None,
    }
}

fn faults(validator: &Validator, document: &Value) -> Vec<Fault> {
    if validator.is_valid(document) {
        Vec::new()
    } else if schema::is_small(document) {
        let faults = validator.iter_errors(document).take(schema::MOST);
        faults
            .map(|fault| Fault::new(fault.instance_path().to_string(), schema::shortened(&fault.to_string())))
            .collect()
    } else {
        vec![Fault::new("", "it does not fit the schema, and is too large to say where")]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_version_has_its_schema() {
        for version in VERSIONS {
            let document = |name: &str| json!({"bomFormat": "CycloneDX", "specVersion": version, "version": 1, "components": [{"type": name, "name": "x"}]});
            assert_eq!(schema_faults(&document("data")), Some(Ok(vec![])), "{version}");
            let faults = schema_faults(&document("modell")).unwrap().unwrap();
            assert_eq!(faults[0].pointer, "/components/0/type", "{version}");
        }
        for version in [json!("1.4"), json!("2.0"), json!(1.6), json!(null)] {
            assert_eq!(schema_faults(&json!({"bomFormat": "CycloneDX", "specVersion": version})), None);
        }
    }
}
