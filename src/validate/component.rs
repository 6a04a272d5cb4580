//! The components of a document with their places.

use serde_json::Value;

use crate::cyclonedx::DIGEST_PROPERTY;
use crate::digest::{ArtifactDigest, Digest};
use crate::reference::Reference;

/// A component, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Placed<'d> {
    pub(super) pointer: String,
    pub(super) value: &'d Value,
}

/// Returns every component of a document, however deep, each before its parts.
pub(super) fn all(document: &Value) -> Vec<Placed<'_>> {
    let mut found = Vec::new();
    let root = document.pointer("/metadata/component");
    let root = root.map(|value| Placed { pointer: "/metadata/component".to_owned(), value });
    let mut open = parts(&Placed { pointer: String::new(), value: document });
    open.extend(root);
    while let Some(component) = open.pop() {
        open.extend(parts(&component));
        found.push(component);
    }
    found
}

/// Returns the parts of a component, the last first.
fn parts<'d>(of: &Placed<'d>) -> Vec<Placed<'d>> {
    let parts = of.value.get("components").and_then(Value::as_array).into_iter().flatten().enumerate();
    let part = |(index, value)| Placed { pointer: format!("{}/components/{index}", of.pointer), value };
    let mut parts: Vec<_> = parts.map(part).collect();
    parts.reverse();
    parts
}

impl<'d> Placed<'d> {
    pub(super) fn text(&self, key: &str) -> Option<&'d str> {
        self.value.get(key)?.as_str()
    }

    pub(super) fn is(&self, kind: &str) -> bool {
        self.text("type") == Some(kind)
    }

    /// Says whether it is a model from which that of the document was made.
    pub(super) fn is_base(&self) -> bool {
        self.text("bom-ref").is_some_and(|name| matches!(name.parse(), Ok(Reference::Base(_))))
    }

    pub(super) fn name(&self) -> &'d str {
        self.text("name").unwrap_or_default()
    }

    /// Returns the files that are its parts.
    pub(super) fn files(&self) -> Vec<Self> {
        let mut files = parts(self);
        files.retain(|part| part.is("file"));
        files.reverse();
        files
    }

    /// Returns the SHA-256 among its hashes, each with its place.
    pub(super) fn hashes(&self) -> Vec<(String, Digest)> {
        let hashes = self.value.get("hashes").and_then(Value::as_array).into_iter().flatten().enumerate();
        let hash = |(index, hash): (usize, &Value)| {
            let is_ours = hash.get("alg").and_then(Value::as_str) == Some("SHA-256");
            let digest = hash.get("content")?.as_str()?.to_ascii_lowercase().parse().ok()?;
            is_ours.then(|| (format!("{}/hashes/{index}", self.pointer), digest))
        };
        hashes.filter_map(hash).collect()
    }

    /// Returns the digests with their kinds that its properties name.
    pub(super) fn digests(&self) -> Vec<(String, ArtifactDigest)> {
        self.properties(DIGEST_PROPERTY).filter_map(|(pointer, value)| Some((pointer, value.parse().ok()?))).collect()
    }

    /// Returns the values of its properties of a name, each with its place.
    pub(super) fn properties(&self, name: &str) -> impl Iterator<Item = (String, &'d str)> {
        let properties = self.value.get("properties").and_then(Value::as_array).into_iter().flatten().enumerate();
        let property = move |(index, property): (usize, &'d Value)| {
            let is_it = property.get("name").and_then(Value::as_str) == Some(name);
            let value = property.get("value")?.as_str()?;
            is_it.then(|| (format!("{}/properties/{index}", self.pointer), value))
        };
        properties.filter_map(property).collect::<Vec<_>>().into_iter()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn components_have_their_places() {
        let digest = Digest::of(b"x").to_string();
        let document = json!({
            "metadata": {"component": {"name": "r"}},
            "components": [
                {"name": "a", "components": [{"name": "b", "type": "file"}, {"name": "c", "type": "file"}]},
                {"name": "d", "hashes": [{"alg": "MD5", "content": "x"}, {"alg": "SHA-256", "content": digest}],
                 "properties": [{"name": DIGEST_PROPERTY, "value": format!("tree:sha256:{digest}")}]},
            ],
        });
        let all = all(&document);
        let places: Vec<_> = all.iter().map(|one| (one.name(), one.pointer.as_str())).collect();
        assert_eq!(
            places,
            [
                ("r", "/metadata/component"),
                ("a", "/components/0"),
                ("b", "/components/0/components/0"),
                ("c", "/components/0/components/1"),
                ("d", "/components/1"),
            ]
        );
        let names: Vec<_> = all[1].files().iter().map(Placed::name).collect();
        assert_eq!(names, ["b", "c"]);
        assert_eq!(all[4].hashes(), [("/components/1/hashes/1".to_owned(), Digest::of(b"x"))]);
        let digests = [("/components/1/properties/0".to_owned(), ArtifactDigest::Tree(Digest::of(b"x")))];
        assert_eq!(all[4].digests(), digests);
    }
}
