//! Why two release bundles can't be compared.

use std::path::PathBuf;

use thiserror::Error;

use crate::fault::{Blame, Fault};
use crate::files::ReadError;
use crate::finding::Findings;
use crate::text::Text;

/// Why two release bundles can't be compared.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DiffError {
    /// A model could not be read whole.
    #[error("the model `{}` could not be read: {}", path.display(), failure.raw())]
    Failed {
        /// The model.
        path: PathBuf,
        /// What happened.
        failure: Text,
    },
    /// A bundle is over a limit.
    #[error("`{}` is over a limit", path.display())]
    Limit {
        /// The bundle.
        path: PathBuf,
        /// Which limit.
        findings: Findings,
    },
    /// A model is not the one that its bundle names.
    #[error("the model `{}` is not the one that `{}` names", model.display(), bundle.display())]
    OtherModel {
        /// The model.
        model: PathBuf,
        /// The bundle.
        bundle: PathBuf,
        /// Both digests, and which files differ.
        differences: Vec<String>,
    },
    /// A file can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A model has files that are never hashed.
    #[error("the model `{}` can't be hashed", path.display())]
    Refused {
        /// The model.
        path: PathBuf,
        /// What is wrong with it.
        findings: Findings,
    },
    /// Nothing in the file is a signed statement.
    #[error("`{}`: no line of it is a signed statement: this is no release bundle", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
    },
    /// Nothing in the bundle counts under the trust that was given.
    #[error("`{}`: no line of it is signed by anybody whom the trust file names, in a role from which it counts", path.display())]
    Untrusted {
        /// The bundle.
        path: PathBuf,
        /// What is wrong with each line.
        lines: Vec<String>,
    },
}

impl Fault for DiffError {
    /// Exit status 1 says that two bundles differ, and nothing else: what can't be compared is no answer.
    fn blame(&self) -> Blame {
        match self {
            Self::Failed { .. } => Blame::Machine,
            Self::Read(error) => error.blame(),
            Self::Limit { .. }
            | Self::OtherModel { .. }
            | Self::Refused { .. }
            | Self::Unreadable { .. }
            | Self::Untrusted { .. } => Blame::Call,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Read(error) => error.hint(),
            Self::Limit { .. } => Some("see `docs/format.md`, \"Limits\"".to_owned()),
            _ => None,
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::Read(error) => error.details(),
            Self::Limit { findings, .. } | Self::Refused { findings, .. } => {
                findings.iter().map(|finding| finding.summary.raw().to_owned()).collect()
            }
            Self::OtherModel { differences: lines, .. } | Self::Untrusted { lines, .. } => lines.clone(),
            Self::Failed { .. } | Self::Unreadable { .. } => Vec::new(),
        }
    }
}
