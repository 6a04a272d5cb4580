//! Why a verification could not be done.

use thiserror::Error;

use crate::code_tree::CodeError;
use crate::fault::{Blame, Fault};
use crate::files::ReadError;
use crate::inventory::CopyError;
use crate::name::Name;
use crate::policy::{DoorKind, PolicyError};

/// Why a verification could not be done: the call or the machine is at fault, not the bundle.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The copy could not be made.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// The training code can't be read.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// A door is open that the policy does not permit at the stage.
    #[error("the policy does not permit `{door}` at the stage `{stage}`")]
    Door {
        /// The door.
        door: DoorKind,
        /// The stage.
        stage: Name,
    },
    /// The policy can't be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// At a stage, the release must be named.
    #[error("at the stage `{0}`, the release must be named")]
    ReleaseNeeded(Name),
    /// A path leads nowhere.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl VerifyError {
    fn fault(&self) -> Option<&dyn Fault> {
        Some(match self {
            Self::Copy(error) => error,
            Self::Code(error) => error,
            Self::Policy(error) => error,
            Self::Read(error) => error,
            Self::Door { .. } | Self::ReleaseNeeded(_) => return None,
        })
    }
}

impl Fault for VerifyError {
    fn blame(&self) -> Blame {
        self.fault().map_or(Blame::Call, Fault::blame)
    }

    fn details(&self) -> Vec<String> {
        self.fault().map(Fault::details).unwrap_or_default()
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Door { .. } => Some("leave it out".to_owned()),
            Self::ReleaseNeeded(_) => Some("say which one is expected: `--release NAME@VERSION`".to_owned()),
            _ => self.fault()?.hint(),
        }
    }
}
