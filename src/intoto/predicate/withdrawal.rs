//! Withdrawals: what must not be relied on any more (`docs/format.md`, "Withdrawal").
//!
//! They live in a file of their own. Each line continues the one before, so that only the tail can be cut,
//! and a maximum age sees to that.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::digest::{ArtifactDigest, Digest};
use crate::intoto::Subject;
use crate::intoto::predicate::filled;
use crate::intoto::predicate::seal::identity_fingerprint;
use crate::name::Name;

/// The predicate type.
pub const TYPE: &str = "https://assaymark.dev/withdrawal/v1";

/// A link of a chain of withdrawals.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Withdrawal {
    /// Its place in the chain, from 1.
    pub sequence: u64,
    /// The SHA-256 of the payload before it; none for the first.
    pub previous: Option<Digest>,
    /// What is withdrawn.
    pub withdrawn: Withdrawn,
    /// Why.
    #[serde(deserialize_with = "filled")]
    pub reason: String,
    /// When it was withdrawn, as the signer says.
    pub withdrawn_at: DateTime<Utc>,
}

/// What is withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Withdrawn {
    /// Every release of a model, and every release that is based on it.
    Model {
        /// Its digest, as in `tree:sha256:…`.
        digest: ArtifactDigest,
    },
    /// Every release of a model that was made with a dataset.
    Dataset {
        /// Its digest.
        digest: ArtifactDigest,
    },
    /// All that a key signed. The window says since when and until when it was in wrong hands, as far as that is known;
    /// it excuses nothing, for who had it may have had it before.
    Key {
        /// The SHA-256 of its DER SPKI.
        fingerprint: Digest,
        /// The start of the window; none is the beginning of time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<DateTime<Utc>>,
        /// The end of the window, exclusive; none is the end of time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<DateTime<Utc>>,
    },
    /// All that somebody signed whom a certificate names, as [`Withdrawn::Key`] says of a key. The identity is exact: a
    /// pattern would say more than anybody looked at.
    Identity {
        /// Whom the certificate names.
        #[serde(deserialize_with = "filled")]
        subject: String,
        /// The issuer that vouched for it at sign-in, or the name that the trust file gives to the own authority.
        #[serde(deserialize_with = "filled")]
        issuer: String,
        /// The start of the window; none is the beginning of time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<DateTime<Utc>>,
        /// The end of the window, exclusive; none is the end of time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<DateTime<Utc>>,
    },
    /// A release by its name.
    Release {
        /// Its name.
        name: Name,
        /// Its version; none is every version.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<Name>,
    },
    /// A release from a stage alone: who promoted it before, did so in vain.
    Stage {
        /// Its name.
        name: Name,
        /// Its version; none is every version.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<Name>,
        /// The stage.
        stage: Name,
    },
    /// Nothing: the list is as it was, and still looked after.
    Nothing {},
}

impl Withdrawn {
    /// Returns what a statement of it is about: the digest of the model or dataset, the fingerprint of the
    /// key, what stands for the identity in a seal, or the SHA-256 of the text that names the release, and its stage.
    pub fn subject(&self) -> Subject {
        let (name, sha256) = match self {
            Self::Model { digest } | Self::Dataset { digest } => (digest.to_string(), digest.without_kind()),
            Self::Key { fingerprint, .. } => (format!("key:{fingerprint}"), *fingerprint),
            Self::Identity { subject, issuer, .. } => {
                let fingerprint = identity_fingerprint(subject, issuer);
                (format!("identity:{fingerprint}"), fingerprint)
            }
            Self::Release { name, version: Some(version) } => text(format!("{name}@{version}")),
            Self::Release { name, version: None } => text(name.to_string()),
            Self::Stage { name, version: Some(version), stage } => text(format!("{name}@{version}/{stage}")),
            Self::Stage { name, version: None, stage } => text(format!("{name}/{stage}")),
            Self::Nothing {} => text("nothing".to_owned()),
        };
        Subject { name, sha256 }
    }
}

fn text(text: String) -> (String, Digest) {
    let digest = Digest::of(text.as_bytes());
    (text, digest)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn withdrawal(withdrawn: &Value) -> Value {
        json!({
            "sequence": 1, "previous": null, "withdrawn": withdrawn, "reason": "poisoned",
            "withdrawnAt": "2026-01-01T00:00:00Z",
        })
    }

    #[test]
    fn each_kind_has_the_documented_shape_and_a_subject_of_its_own() {
        let hex = Digest::of(b"x").to_string();
        let tree = format!("tree:sha256:{hex}");
        let kinds = [
            json!({"kind": "model", "digest": tree}),
            json!({"kind": "dataset", "digest": format!("sha256:{hex}")}),
            json!({"kind": "key", "fingerprint": hex, "from": "2026-01-01T00:00:00Z"}),
            json!({"kind": "identity", "subject": "alice@example.com", "issuer": "https://i", "until": "2026-01-01T00:00:00Z"}),
            json!({"kind": "release", "name": "sentiment", "version": "1.2.0"}),
            json!({"kind": "release", "name": "sentiment"}),
            json!({"kind": "stage", "name": "sentiment", "version": "1.2.0", "stage": "production"}),
            json!({"kind": "stage", "name": "sentiment", "stage": "production"}),
            json!({"kind": "nothing"}),
        ];
        let mut names = Vec::new();
        for kind in kinds {
            let full = withdrawal(&kind);
            let read: Withdrawal = serde_json::from_value(full.clone()).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), full);
            names.push(read.withdrawn.subject().name);
        }
        names.dedup();
        assert_eq!(names.len(), 9);
    }

    #[test]
    fn what_is_withdrawn_is_exact() {
        let hex = Digest::of(b"x").to_string();
        for broken in [
            json!({"kind": "model", "digest": hex}),
            json!({"kind": "key"}),
            json!({"kind": "everything"}),
            json!({"kind": "identity", "subject": "alice@example.com"}),
            json!({"kind": "identity", "subject": "alice@example.com", "issuer": " "}),
            json!({"kind": "identity", "subject": "", "issuer": "https://i"}),
            json!({"kind": "nothing", "digest": hex}),
            json!({"kind": "release"}),
            json!({"kind": "stage", "name": "sentiment"}),
        ] {
            assert!(serde_json::from_value::<Withdrawal>(withdrawal(&broken)).is_err(), "{broken}");
        }
    }
}
