//! The seal: which lines make up a release (`docs/format.md`, "The seal").

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::digest::{ArtifactDigest, Digest};
use crate::name::Name;

/// The predicate type.
pub const TYPE: &str = "https://assaymark.dev/seal/v1";

/// Returns what stands for an identity where a key has its fingerprint: the SHA-256 of the lines
/// `identity`, issuer and subject. No DER begins like that, so it is the fingerprint of no key.
pub fn identity_fingerprint(subject: &str, issuer: &str) -> Digest {
    Digest::of(format!("identity\n{issuer}\n{subject}\n").as_bytes())
}

/// A signed list of the lines of a release bundle, chained to the seal before it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Seal {
    /// The release that is sealed.
    pub release: Release,
    /// Its place in the chain, from 1.
    pub sequence: u64,
    /// The SHA-256 of the payload of the seal before it; none for the first.
    pub previous: Option<Digest>,
    /// When it was sealed, as the signer says.
    pub sealed_at: DateTime<Utc>,
    /// The model.
    pub model: SealedModel,
    /// The lines, seals excepted.
    pub members: Vec<Member>,
}

/// The name and version of a release.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Its name.
    pub name: Name,
    /// Its version.
    pub version: Name,
}

/// The model of a release, by its digests.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "ModelJson")]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum SealedModel {
    /// One file.
    File {
        /// The SHA-256 of its bytes.
        sha256: Digest,
    },
    /// A folder.
    Tree {
        /// The SHA-256 of its file list.
        file_list: Digest,
        /// Its root digest as OpenSSF Model Signing computes it.
        oms_root: Digest,
    },
}

impl SealedModel {
    /// Returns the digest that binds the model: bytes and names.
    pub fn digest(&self) -> ArtifactDigest {
        match self {
            Self::File { sha256 } => ArtifactDigest::File(*sha256),
            Self::Tree { file_list, .. } => ArtifactDigest::Tree(*file_list),
        }
    }

    /// Returns the root of model signing; a file has none.
    pub fn oms_root(&self) -> Option<Digest> {
        match self {
            Self::File { .. } => None,
            Self::Tree { oms_root, .. } => Some(*oms_root),
        }
    }
}

/// The JSON form of a [`SealedModel`]: a derived reading by `kind` would take an array as well.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ModelJson {
    kind: ModelKind,
    sha256: Option<Digest>,
    file_list: Option<Digest>,
    oms_root: Option<Digest>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum ModelKind {
    File,
    Tree,
}

impl TryFrom<ModelJson> for SealedModel {
    type Error = &'static str;

    fn try_from(json: ModelJson) -> Result<Self, &'static str> {
        match json {
            ModelJson { kind: ModelKind::File, sha256: Some(sha256), file_list: None, oms_root: None } => {
                Ok(Self::File { sha256 })
            }
            ModelJson { kind: ModelKind::Tree, sha256: None, file_list: Some(file_list), oms_root: Some(oms_root) } => {
                Ok(Self::Tree { file_list, oms_root })
            }
            _ => Err("a model that is a file has `sha256`, a folder has `fileList` and `omsRoot`"),
        }
    }
}

/// A line that a seal names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Member {
    /// The SHA-256 of its DSSE payload.
    pub payload: Digest,
    /// Its predicate type.
    pub predicate_type: String,
    /// The SHA-256 of the DER SPKI of the key that signed it.
    pub signer: Digest,
}

impl std::fmt::Display for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_type_is_under_our_base() {
        assert!(TYPE.starts_with(crate::intoto::OWN_URI));
    }

    #[test]
    fn a_seal_has_the_documented_shape() {
        let hex = Digest::of(b"").to_string();
        let text = json!({
            "release": {"name": "sentiment", "version": "1.2.0"}, "sequence": 1, "previous": null,
            "sealedAt": "2026-01-01T01:00:00Z",
            "model": {"kind": "tree", "fileList": hex, "omsRoot": hex},
            "members": [{"payload": hex, "predicateType": "https://cyclonedx.org/bom", "signer": hex}],
        });
        let seal: Seal = serde_json::from_value(text.clone()).unwrap();
        assert_eq!(serde_json::to_value(&seal).unwrap(), text);
        assert_eq!(seal.model.digest(), ArtifactDigest::Tree(Digest::of(b"")));
    }

    #[test]
    fn an_unknown_field_is_refused() {
        let text = json!({"kind": "file", "sha256": Digest::of(b"").to_string(), "x": 1});
        assert!(serde_json::from_value::<SealedModel>(text).is_err());
    }

    #[test]
    fn a_model_has_the_digests_of_its_kind() {
        let hex = Digest::of(b"").to_string();
        for text in [
            json!({"kind": "file", "fileList": hex, "omsRoot": hex}),
            json!({"kind": "tree", "fileList": hex}),
            json!({"kind": "tree", "fileList": hex, "omsRoot": hex, "sha256": hex}),
            json!({"kind": "folder", "fileList": hex, "omsRoot": hex}),
        ] {
            assert!(serde_json::from_value::<SealedModel>(text.clone()).is_err(), "{text}");
        }
    }
}
