//! Why a verification could not be done.

use thiserror::Error;

use crate::code_tree::CodeError;
use crate::fault::{Blame, Fault};
use crate::files::ReadError;
use crate::inventory::CopyError;

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
    /// A path leads nowhere.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl VerifyError {
    fn fault(&self) -> &dyn Fault {
        match self {
            Self::Copy(error) => error,
            Self::Code(error) => error,
            Self::Read(error) => error,
        }
    }
}

impl Fault for VerifyError {
    fn blame(&self) -> Blame {
        self.fault().blame()
    }

    fn hint(&self) -> Option<String> {
        self.fault().hint()
    }
}
