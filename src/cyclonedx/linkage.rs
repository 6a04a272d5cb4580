//! What a document says of the model, its files, and the data and code behind it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cyclonedx::{DIGEST_PROPERTY, MODEL_REF};
use crate::digest::{ArtifactDigest, Digest};
use crate::file_list::Entry;
use crate::path::TreePath;
use crate::reference::Reference;

/// The digests of a document, by what they are of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linkage {
    /// The digest that binds the model, if there is one.
    pub model: Option<ArtifactDigest>,
    /// The SHA-256 among the hashes of the model: the root digest of OMS for a folder.
    pub model_hash: Option<Digest>,
    /// The files of the model, sorted, if every one of them is well described.
    pub files: Option<Vec<Entry>>,
    /// Data, code and base models.
    pub references: BTreeMap<Reference, Option<ArtifactDigest>>,
}

impl Linkage {
    /// Reads the components of a document that the schema has passed.
    pub fn of(document: &Value) -> Self {
        let mut linkage = Self::default();
        for component in array(document, "components") {
            let Some(name) = component.get("bom-ref").and_then(Value::as_str) else { continue };
            if name == MODEL_REF {
                linkage.model = digest_property(component);
                linkage.model_hash = sha256(component);
                linkage.files = files(component);
            } else if let Ok(reference) = name.parse() {
                linkage.references.insert(reference, digest_property(component));
            }
        }
        linkage
    }
}

fn array<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn digest_property(component: &Value) -> Option<ArtifactDigest> {
    let mut properties = array(component, "properties")
        .filter(|property| property.get("name").and_then(Value::as_str) == Some(DIGEST_PROPERTY));
    let digest = properties.next()?.get("value")?.as_str()?.parse().ok()?;
    // Two digests of one thing are none.
    properties.next().is_none().then_some(digest)
}

fn sha256(component: &Value) -> Option<Digest> {
    let mut hashes =
        array(component, "hashes").filter(|hash| hash.get("alg").and_then(Value::as_str) == Some("SHA-256"));
    let digest = hashes.next()?.get("content")?.as_str()?.parse().ok()?;
    hashes.next().is_none().then_some(digest)
}

fn files(model: &Value) -> Option<Vec<Entry>> {
    let file = |component: &Value| {
        let path = TreePath::new(component.get("name")?.as_str()?).ok()?;
        Some(Entry { path, digest: sha256(component)? })
    };
    let mut files = array(model, "components").map(file).collect::<Option<Vec<_>>>()?;
    files.sort_unstable();
    Some(files)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn digests_are_found_by_reference() {
        let digest = Digest::of(b"x");
        let hashes = json!([{"alg": "SHA-256", "content": digest.to_string()}]);
        let document = json!({"components": [
            {"bom-ref": "model", "hashes": hashes, "components": [{"name": "b", "hashes": hashes}, {"name": "a", "hashes": hashes}],
             "properties": [{"name": DIGEST_PROPERTY, "value": format!("tree:sha256:{digest}")}]},
            {"bom-ref": "dataset:train", "properties": [{"name": DIGEST_PROPERTY, "value": format!("sha256:{digest}")}]},
            {"bom-ref": "code"},
            {"bom-ref": "something else"},
        ]});
        let linkage = Linkage::of(&document);
        assert_eq!(linkage.model, Some(ArtifactDigest::Tree(digest)));
        assert_eq!(linkage.model_hash, Some(digest));
        let files: Vec<_> = linkage.files.unwrap().into_iter().map(|entry| entry.path.to_string()).collect();
        assert_eq!(files, ["a", "b"]);
        let train = Reference::Dataset("train".parse().unwrap());
        let expected = BTreeMap::from([(Reference::Code, None), (train, Some(ArtifactDigest::File(digest)))]);
        assert_eq!(linkage.references, expected);
    }

    #[test]
    fn two_digests_of_one_thing_are_none() {
        let property = json!({"name": DIGEST_PROPERTY, "value": format!("sha256:{}", Digest::of(b"x"))});
        let document = json!({"components": [{"bom-ref": "model", "properties": [property, property]}]});
        assert_eq!(Linkage::of(&document).model, None);
    }
}
