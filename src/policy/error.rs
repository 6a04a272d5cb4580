//! Why a policy can't be used: nothing is verified under it.

use std::path::PathBuf;

use chrono::{DateTime, SecondsFormat, Utc};
use thiserror::Error;

use crate::configuration::ConfigurationError;
use crate::fault::{Blame, Fault};
use crate::files::ReadError;
use crate::json::JsonError;
use crate::name::Name;

/// Why a policy can't be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Its time is over.
    #[error(
        "the policy `{name}` expired at {}, and this check is at {}",
        expires.to_rfc3339_opts(SecondsFormat::Secs, true), at.to_rfc3339_opts(SecondsFormat::Secs, true)
    )]
    Expired {
        /// The policy.
        name: String,
        /// When it expired.
        expires: DateTime<Utc>,
        /// The time of the check.
        at: DateTime<Utc>,
    },
    /// The file says something that can't be.
    #[error(transparent)]
    File(#[from] ConfigurationError),
    /// A file of package facts is not one.
    #[error("`{}`: {source}", path.display())]
    PackageFacts {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: JsonError,
    },
    /// A file can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// All rules belong to stages, and none is given.
    #[error("the policy `{0}` demands nothing without a stage")]
    StageNeeded(String),
    /// It has no such stage.
    #[error("the policy `{policy}` has no stage `{stage}`")]
    StageUnknown {
        /// The policy.
        policy: String,
        /// What was asked for.
        stage: Name,
        /// What there is.
        known: Vec<Name>,
    },
}

impl Fault for PolicyError {
    fn blame(&self) -> Blame {
        match self {
            Self::Read(error) => error.blame(),
            _ => Blame::Call,
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::File(error) => error.details(),
            _ => Vec::new(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Expired { .. } => Some("whoever keeps the policy must review it and issue a new version".to_owned()),
            Self::File(error) => {
                let guide = "`assaymark policy explain` shows every key with an example";
                error.hint().or_else(|| Some(guide.to_owned()))
            }
            Self::Read(error) => error.hint(),
            Self::StageNeeded(_) => Some("name the stage with `--stage`".to_owned()),
            Self::StageUnknown { known, .. } if !known.is_empty() => {
                let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
                Some(format!("stages of this policy: {}", known.join(", ")))
            }
            Self::PackageFacts { .. } => Some(
                r#"write it as `{"packages": {"pkg:pypi/numpy@2.1.0": {"uploaded": "2024-08-18T21:31:02Z", "maintainers": 5}}}`"#
                    .to_owned(),
            ),
            Self::StageUnknown { .. } => None,
        }
    }
}
