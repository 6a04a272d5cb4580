//! Who signs: a key in memory now, other signers behind the same trait later.

use thiserror::Error;

use crate::fault::{Blame, Fault};
use crate::key::{SigningKey, VerifyingKey};

/// Something that signs bytes with a key whose public half is known.
pub trait Signer {
    /// Returns the public half.
    fn public(&self) -> &VerifyingKey;

    /// Signs a message.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// The signer did not sign.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the signer failed: {0}")]
pub struct SignError(pub String);

impl Fault for SignError {
    fn blame(&self) -> Blame {
        Blame::Machine
    }
}

impl Signer for SigningKey {
    fn public(&self) -> &VerifyingKey {
        self.public()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        Ok(self.sign(message))
    }
}
