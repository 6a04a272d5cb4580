//! Who signs: a key in memory now, other signers behind the same trait later.

use thiserror::Error;

use crate::digest::Digest;
use crate::dsse::{IN_TOTO, Pae};
use crate::fault::{Blame, Fault};
use crate::intoto::predicate::seal::Member;
use crate::intoto::{Kind, Statement};
use crate::key::{SigningKey, VerifyingKey};
use crate::limits;
use crate::sigstore_bundle::SigstoreBundle;
use crate::text;

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

/// A statement, signed, as a line of a release bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedLine {
    /// The bytes, without a line feed.
    pub bytes: Vec<u8>,
    /// The line as a seal names it.
    pub member: Member,
}

/// Why a statement was not signed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LineError {
    /// A value can't be written as JSON: a bug.
    #[error("a value can't be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The line would be longer than any verifier reads.
    #[error("the {kind} would be larger than {}", text::bytes(*limit as u64))]
    TooLong {
        /// Which line.
        kind: String,
        /// The limit in bytes.
        limit: usize,
    },
}

impl Fault for LineError {
    fn blame(&self) -> Blame {
        match self {
            Self::Json(_) => Blame::Machine,
            Self::Sign(error) => error.blame(),
            Self::TooLong { .. } => Blame::Evidence,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::TooLong { .. } => Some("a model may have about 200,000 files; pack the many small ones".to_owned()),
            Self::Json(_) | Self::Sign(_) => None,
        }
    }
}

/// Signs a statement: the same statement and key give the same line.
pub fn sign_line(signer: &dyn Signer, statement: &Statement) -> Result<SignedLine, LineError> {
    let kind = statement.predicate.kind();
    let message = Pae::new(IN_TOTO, &statement.to_payload()?);
    if kind != Kind::ModelSignature && message.payload().len() > limits::PREDICATE_BYTES {
        return Err(LineError::TooLong { kind: kind.name().to_owned(), limit: limits::PREDICATE_BYTES });
    }
    let signature = signer.sign(message.as_bytes())?;
    let bytes = SigstoreBundle::write(message.payload(), &signer.public().key_id(), signature)?;
    if bytes.len() > limits::LINE_BYTES {
        return Err(LineError::TooLong { kind: kind.name().to_owned(), limit: limits::LINE_BYTES });
    }
    let payload = Digest::of(message.payload());
    let member = Member { payload, predicate_type: kind.uri().to_owned(), signer: signer.public().fingerprint() };
    Ok(SignedLine { bytes, member })
}
