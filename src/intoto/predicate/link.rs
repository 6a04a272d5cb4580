//! In-toto links (in-toto/attestation `spec/predicates/link.md`, v0.3): a step that somebody carried out.
//!
//! The subjects of the statement are what came of it. Layouts, which say who may do which step, are policies
//! and no evidence; what they demand is said in a `policy.toml`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::intoto::ResourceDescriptor;
use crate::intoto::predicate::filled;

/// The predicate type.
pub const TYPE: &str = "https://in-toto.io/attestation/link/v0.3";

/// A step that was carried out.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Link {
    /// The name of the step.
    #[serde(deserialize_with = "filled")]
    pub name: String,
    /// The command with its arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// What went in; each has a digest.
    #[serde(default, deserialize_with = "digested")]
    pub materials: Vec<ResourceDescriptor>,
    /// What came out besides the subjects, such as the exit status.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub byproducts: Map<String, Value>,
    /// What the step saw of its surroundings.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub environment: Map<String, Value>,
}

/// Reads materials, each of which must say what it is.
fn digested<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<ResourceDescriptor>, D::Error> {
    let materials: Vec<ResourceDescriptor> = Vec::deserialize(deserializer)?;
    if materials.iter().any(|material| material.digest.is_empty()) {
        return Err(serde::de::Error::custom("a material has no digest"));
    }
    Ok(materials)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn links_have_the_shape_of_their_specification() {
        let text = json!({"name": "train", "command": ["python", "train.py"],
            "materials": [{"name": "data", "digest": {"sha256": "00"}}],
            "byproducts": {"return-value": 0}, "environment": {"x": "y"}, "unknown": 1});
        let link: Link = serde_json::from_value(text).unwrap();
        assert_eq!((link.name.as_str(), link.materials.len()), ("train", 1));
        assert!(serde_json::from_value::<Link>(json!({"name": "train"})).is_ok());
        for broken in [json!({}), json!({"name": ""}), json!({"name": "x", "materials": [{"name": "data"}]})] {
            assert!(serde_json::from_value::<Link>(broken).is_err());
        }
    }
}
