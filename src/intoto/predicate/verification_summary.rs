//! Verification summaries (SLSA `verification_summary/v1`): a gate let a release pass to a stage.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::intoto::predicate::seal::Release;
use crate::intoto::{OWN_URI, ResourceDescriptor};
use crate::name::Name;

/// The predicate type.
pub const TYPE: &str = "https://slsa.dev/verification_summary/v1";
/// The version of SLSA that we write.
pub const SLSA_VERSION: &str = "1.2";

/// What a verifier found, in short.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerificationSummary {
    /// Who verified.
    pub verifier: Verifier,
    /// When, as the signer says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_verified: Option<DateTime<Utc>>,
    /// What it was verified for; see [`resource_uri`].
    pub resource_uri: String,
    /// The policy that was applied.
    pub policy: ResourceDescriptor,
    /// The statements that it rests on, each with the SHA-256 of its payload.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub input_attestations: Vec<ResourceDescriptor>,
    /// What came of it.
    pub verification_result: VerificationResult,
    /// The levels that were reached.
    pub verified_levels: Vec<String>,
    /// The version of SLSA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slsa_version: Option<String>,
}

/// Who verified.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Verifier {
    /// A URI.
    pub id: String,
    /// Versions of its parts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub version: BTreeMap<String, String>,
}

/// What came of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum VerificationResult {
    /// It failed.
    Failed,
    /// It passed.
    Passed,
}

impl fmt::Display for VerificationResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Failed => "FAILED",
            Self::Passed => "PASSED",
        })
    }
}

impl VerificationSummary {
    /// Returns the payloads that it rests on, as far as they are named by their SHA-256.
    pub fn inputs(&self) -> impl Iterator<Item = Digest> {
        self.input_attestations.iter().filter_map(|input| input.digest.get("sha256")?.parse().ok())
    }

    /// Says whether it passes a release to a stage: names and levels are compared whole.
    pub fn passes(&self, release: &Release, stage: &Name) -> bool {
        self.verification_result == VerificationResult::Passed
            && self.resource_uri == resource_uri(release, stage)
            && self.verified_levels.contains(&level(stage))
    }

    /// Says whether it keeps a release out of a stage, or takes it out again.
    pub fn fails(&self, release: &Release, stage: &Name) -> bool {
        self.verification_result == VerificationResult::Failed && self.resource_uri == resource_uri(release, stage)
    }
}

/// Names a release at a stage, as in `https://assaymark.dev/release/sentiment/1.2.0/stage/production`.
pub fn resource_uri(release: &Release, stage: &Name) -> String {
    format!("{OWN_URI}/release/{}/{}/stage/{stage}", release.name, release.version)
}

/// Finds the stage of a release in a resource URI.
pub fn stage_of(release: &Release, resource_uri: &str) -> Option<Name> {
    let prefix = format!("{OWN_URI}/release/{}/{}/stage/", release.name, release.version);
    resource_uri.strip_prefix(&prefix)?.parse().ok()
}

/// Names the level that a release reaches with a stage, as in `ASSAYMARK_STAGE_PRODUCTION`.
pub fn level(stage: &Name) -> String {
    format!("ASSAYMARK_STAGE_{}", stage.as_str().to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    fn release() -> Release {
        Release { name: name("sentiment"), version: name("1.2.0") }
    }

    fn summary() -> Value {
        json!({
            "verifier": {"id": "https://gate.example.com/v1", "version": {"assaymark": "0.1.0"}},
            "timeVerified": "2026-01-01T02:00:00Z",
            "resourceUri": "https://assaymark.dev/release/sentiment/1.2.0/stage/production",
            "policy": {"uri": "https://gate.example.com/policy", "digest": {"sha256": Digest::of(b"").to_string()}},
            "inputAttestations": [{"digest": {"sha256": Digest::of(b"x").to_string()}}],
            "verificationResult": "PASSED",
            "verifiedLevels": ["ASSAYMARK_STAGE_PRODUCTION"],
            "slsaVersion": "1.2",
        })
    }

    #[test]
    fn a_summary_has_the_shape_of_the_specification() {
        let read: VerificationSummary = serde_json::from_value(summary()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), summary());
        assert_eq!(read.inputs().collect::<Vec<_>>(), [Digest::of(b"x")]);
        for required in ["verifier", "resourceUri", "policy", "verificationResult", "verifiedLevels"] {
            let mut absent = summary();
            absent.as_object_mut().unwrap().remove(required);
            assert!(serde_json::from_value::<VerificationSummary>(absent).is_err(), "{required}");
        }
    }

    #[test]
    fn only_the_whole_stage_of_the_whole_release_passes() {
        let passes = |key: &str, value: Value| {
            let mut summary = summary();
            summary[key] = value;
            let summary: VerificationSummary = serde_json::from_value(summary).unwrap();
            summary.passes(&release(), &name("production"))
        };
        assert!(passes("slsaVersion", json!("1.0")));
        assert!(!passes("verificationResult", json!("FAILED")));
        assert!(!passes("verifiedLevels", json!([])));
        assert!(!passes("verifiedLevels", json!(["ASSAYMARK_STAGE_STAGING"])));
        for uri in ["1.2.0/stage/productio", "1.2.0/stage/staging", "1.2/stage/production", "1.2.0/stage/Production"] {
            assert!(!passes("resourceUri", json!(format!("https://assaymark.dev/release/sentiment/{uri}"))), "{uri}");
        }
    }

    #[test]
    fn the_stage_is_read_back() {
        let uri = resource_uri(&release(), &name("staging"));
        assert_eq!(stage_of(&release(), &uri), Some(name("staging")));
        assert_eq!(stage_of(&release(), "https://assaymark.dev/release/other/1.2.0/stage/staging"), None);
    }
}
