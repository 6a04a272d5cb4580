//! What the findings of a rule weigh, as a policy says it.

use serde::Deserialize;

use crate::finding::Severity;

/// What the findings of a rule do to the verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) enum Weight {
    /// The release is rejected.
    #[default]
    Deny,
    /// Reported; rejects only under `--strict`.
    Warn,
}

impl From<Weight> for Severity {
    fn from(weight: Weight) -> Self {
        match weight {
            Weight::Deny => Self::Deny,
            Weight::Warn => Self::Warn,
        }
    }
}
