//! Resource descriptors (in-toto/attestation `spec/v1/resource_descriptor.md`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::ArtifactDigest;

/// A thing that a predicate refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ResourceDescriptor {
    /// A name, unique within its list.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Where it is, or what it is called elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Its digests by algorithm, in lowercase hexadecimal digits.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub digest: BTreeMap<String, String>,
    /// What else is known of it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, Value>,
}

impl ResourceDescriptor {
    /// Names a thing by its digest: `sha256` for a file, `dirHash` for a folder.
    pub fn new(name: impl Into<String>, digest: ArtifactDigest) -> Self {
        let key = match digest {
            ArtifactDigest::File(_) => "sha256",
            ArtifactDigest::Tree(_) => "dirHash",
        };
        let digest = BTreeMap::from([(key.to_owned(), digest.without_kind().to_string())]);
        Self { name: name.into(), digest, ..Self::default() }
    }

    /// Returns the digest and its kind, if the descriptor states one kind and states it well.
    ///
    /// `dirHash1`, which the specification's example writes, is read as `dirHash`; both must agree.
    pub fn artifact_digest(&self) -> Option<ArtifactDigest> {
        let file = self.digest.get("sha256");
        let tree = match (self.digest.get("dirHash"), self.digest.get("dirHash1")) {
            (Some(one), Some(other)) if one != other => return None,
            (one, other) => one.or(other),
        };
        match (file, tree) {
            (Some(hex), None) => hex.parse().ok().map(ArtifactDigest::File),
            (None, Some(hex)) => hex.parse().ok().map(ArtifactDigest::Tree),
            _ => None,
        }
    }

    /// Adds an annotation.
    #[must_use]
    pub fn annotated(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.annotations.insert(key.to_owned(), value.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;

    #[test]
    fn the_kind_of_a_digest_is_kept() {
        for digest in [ArtifactDigest::File(Digest::of(b"x")), ArtifactDigest::Tree(Digest::of(b"x"))] {
            assert_eq!(ResourceDescriptor::new("x", digest).artifact_digest(), Some(digest));
        }
    }

    #[test]
    fn no_digest_and_two_kinds_are_none() {
        let mut both = ResourceDescriptor::new("x", ArtifactDigest::File(Digest::of(b"x")));
        both.digest.insert("dirHash".into(), Digest::of(b"x").to_string());
        assert_eq!(both.artifact_digest(), None);
        assert_eq!(ResourceDescriptor::default().artifact_digest(), None);
        let weak = BTreeMap::from([("sha1".to_owned(), "00".to_owned())]);
        assert_eq!(ResourceDescriptor { digest: weak, ..Default::default() }.artifact_digest(), None);
    }

    #[test]
    fn the_other_spelling_is_read() {
        let hex = Digest::of(b"x");
        let digest = BTreeMap::from([("dirHash1".to_owned(), hex.to_string())]);
        let mut descriptor = ResourceDescriptor { digest, ..Default::default() };
        assert_eq!(descriptor.artifact_digest(), Some(ArtifactDigest::Tree(hex)));
        descriptor.digest.insert("dirHash".into(), Digest::of(b"y").to_string());
        assert_eq!(descriptor.artifact_digest(), None, "two spellings with two digests");
    }
}
