//! Licence flow: what the licences of datasets and base models ask of a model that is made from them, against the
//! licence under which it is released.
//!
//! Whether a model is made from its training data in the sense of the law is for people to judge; here it is taken to be,
//! so that nobody overlooks it. What is not known is never permissive.

use std::fmt;

use serde_json::Value;

pub use table::reviewed;

mod graph;
mod table;

/// A licence that does not flow into that of the release, or of which nobody can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// Whether it is a conflict, or unknown.
    pub kind: Kind,
    /// The JSON Pointer of the component whose licence it is.
    pub pointer: String,
    /// The way from there to the release, by names.
    pub path: Vec<String>,
    /// What is wrong, in one sentence without a full stop.
    pub reason: String,
}

/// What kind of obstacle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The licence asks for what the release does not give.
    Conflict,
    /// A licence is absent, or its terms are not in the table.
    Unknown,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.join(" → "), self.reason)
    }
}

/// Follows the licences of a document into its models, nearest first.
pub fn obstacles(document: &Value) -> Vec<Obstacle> {
    let mut obstacles = Vec::new();
    for origin in graph::origins(document) {
        if let Some((kind, reason)) = table::obstacle(&origin.licenses, &origin.into) {
            obstacles.push(Obstacle { kind, pointer: origin.pointer, path: origin.path, reason });
        }
    }
    obstacles
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(model: &str, dataset: &Value, base: &Value) -> Value {
        json!({
            "metadata": {"component": {"bom-ref": "release", "type": "application", "name": "r"}},
            "components": [
                {"bom-ref": "model", "type": "machine-learning-model", "name": "m", "licenses": [{"license": {"id": model}}],
                 "modelCard": {"modelParameters": {"datasets": [{"ref": "d"}]}}},
                {"bom-ref": "d", "type": "data", "name": "train", "licenses": dataset},
                {"bom-ref": "b", "type": "machine-learning-model", "name": "base", "licenses": base},
            ],
            "dependencies": [{"ref": "release", "dependsOn": ["model"]}, {"ref": "model", "dependsOn": ["d", "b"]}],
        })
    }

    #[test]
    fn conflicts_show_the_way() {
        let nc = json!([{"license": {"id": "CC-BY-NC-4.0"}}]);
        let mit = json!([{"license": {"id": "MIT"}}]);
        let said = obstacles(&document("Apache-2.0", &nc, &mit));
        let expected =
            "train → m → r: `CC-BY-NC-4.0` forbids commercial use, and the release under `Apache-2.0` does not";
        assert_eq!(said.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
        assert_eq!((said[0].kind, said[0].pointer.as_str()), (Kind::Conflict, "/components/1"));
        assert_eq!(obstacles(&document("CC-BY-NC-4.0", &nc, &mit)), []);
    }

    #[test]
    fn unknown_is_never_permissive() {
        let mit = json!([{"license": {"id": "MIT"}}]);
        for unknown in [json!([]), json!([{"license": {"name": "openrail"}}]), json!([{"license": {"id": "BUSL-1.1"}}])]
        {
            let said = obstacles(&document("MIT", &mit, &unknown));
            assert_eq!(said.len(), 1, "{unknown}");
            assert_eq!((said[0].kind, said[0].path.join(" ")), (Kind::Unknown, "base m r".to_owned()));
        }
        let said = obstacles(&document("LicenseRef-Own", &mit, &mit));
        assert!(said.iter().all(|one| one.kind == Kind::Unknown) && !said.is_empty(), "{said:?}");
    }

    #[test]
    fn a_dataset_of_a_base_model_reaches_the_release() {
        let mit = json!([{"license": {"id": "MIT"}}]);
        let mut document = document("MIT", &mit, &mit);
        let far =
            json!({"bom-ref": "far", "type": "data", "name": "far", "licenses": [{"expression": "CC-BY-ND-4.0"}]});
        document["components"].as_array_mut().unwrap().push(far);
        document["dependencies"].as_array_mut().unwrap().push(json!({"ref": "b", "dependsOn": ["far", "model"]}));
        let said = obstacles(&document);
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].path, ["far", "base", "m", "r"]);
        let inside = json!({"ancestors": [{"type": "machine-learning-model", "name": "old"}]});
        document["components"][0]["pedigree"] = inside;
        assert!(obstacles(&document).iter().any(|one| one.path == ["old", "m", "r"]));
    }
}
