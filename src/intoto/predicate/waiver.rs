//! Waivers: a denial that somebody answers for, for a time (`docs/format.md`, "Waiver").

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::intoto::predicate::filled;

/// The predicate type.
pub const TYPE: &str = "https://assaymark.dev/waiver/v1";

/// A waiver of one code for the model that its statement is about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Waiver {
    /// The SHA-256 of the payload of the seal that the waiver's signer saw.
    pub seal: Digest,
    /// The code of the findings that are waived.
    #[serde(deserialize_with = "filled")]
    pub code: String,
    /// The one rule whose findings are waived, by its name; else those of every rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The SHA-256 of the payload of the one line whose findings are waived; else findings of the code that
    /// concern lines of the named seal, or no line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Digest>,
    /// Who answers for it.
    #[serde(deserialize_with = "filled")]
    pub owner: String,
    /// Why.
    #[serde(deserialize_with = "filled")]
    pub reason: String,
    /// When it was waived, as the signer says.
    pub waived_at: DateTime<Utc>,
    /// From when on the waiver does not hold.
    pub expires_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn full() -> Value {
        json!({
            "seal": Digest::of(b"").to_string(), "code": "test-failed", "owner": "risk", "reason": "known, ticket 12",
            "waivedAt": "2026-01-01T00:00:00Z", "expiresAt": "2026-02-01T00:00:00Z",
        })
    }

    #[test]
    fn a_waiver_has_the_documented_shape() {
        let waiver: Waiver = serde_json::from_value(full()).unwrap();
        assert_eq!(serde_json::to_value(&waiver).unwrap(), full());
        let mut of_a_rule = full();
        of_a_rule["rule"] = json!("require-scan");
        let waiver: Waiver = serde_json::from_value(of_a_rule.clone()).unwrap();
        assert_eq!(serde_json::to_value(&waiver).unwrap(), of_a_rule);
    }

    #[test]
    fn owner_reason_and_expiry_are_no_options() {
        for key in ["seal", "code", "owner", "reason", "waivedAt", "expiresAt"] {
            let mut absent = full();
            absent.as_object_mut().unwrap().remove(key);
            assert!(serde_json::from_value::<Waiver>(absent).is_err(), "{key}");
            let mut empty = full();
            empty[key] = json!("  ");
            assert!(serde_json::from_value::<Waiver>(empty).is_err(), "{key}");
        }
    }
}
