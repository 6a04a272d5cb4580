//! Approvals: a person or a committee stands for a sealed set (`docs/format.md`, "Approval").

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// The predicate type.
pub const TYPE: &str = "https://assaymark.dev/approval/v1";

/// An approval of a release as one seal names it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Approval {
    /// The SHA-256 of the payload of the seal that is approved.
    pub seal: Digest,
    /// When it was approved, as the signer says.
    pub approved_at: DateTime<Utc>,
    /// What the approver has to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_approval_has_the_documented_shape() {
        let hex = Digest::of(b"").to_string();
        let full = json!({"seal": hex, "approvedAt": "2026-01-01T00:00:00Z", "comment": "reviewed"});
        let approval: Approval = serde_json::from_value(full.clone()).unwrap();
        assert_eq!(serde_json::to_value(&approval).unwrap(), full);
        for broken in [
            json!({"approvedAt": "2026-01-01T00:00:00Z"}),
            json!({"seal": hex}),
            json!({"seal": hex, "approvedAt": "2026-01-01T00:00:00Z", "stage": "production"}),
        ] {
            assert!(serde_json::from_value::<Approval>(broken).is_err());
        }
    }
}
