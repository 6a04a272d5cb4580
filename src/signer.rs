//! Who signs: a key in memory, or a program that has one elsewhere.

use std::io;
use std::process::ExitStatus;

use thiserror::Error;

use crate::digest::Digest;
use crate::dsse::{IN_TOTO, Pae};
use crate::fault::{self, Blame, Fault};
use crate::intoto::predicate::seal::Member;
use crate::intoto::{Kind, Statement};
use crate::key::{Algorithm, KeyError, SigningKey, VerifyingKey};
use crate::limits;
use crate::sigstore_bundle::SigstoreBundle;
use crate::text;

pub use certified::{CertifiedSigner, CredentialError};
pub use command::{CommandLine, CommandSigner};

mod certified;
mod command;

/// Something that signs bytes with a key whose public half is known.
pub trait Signer {
    /// Returns the public half.
    fn public(&self) -> &VerifyingKey;

    /// Signs a message.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;

    /// Returns the certificate by which verifiers know the key, and those above it, in DER; none if they know the key
    /// itself.
    fn certificates(&self) -> &[Vec<u8>] {
        &[]
    }
}

/// Writes a payload with its signature as a Sigstore bundle.
pub fn bundle_of(signer: &dyn Signer, payload: &[u8], signature: Vec<u8>) -> serde_json::Result<Vec<u8>> {
    match signer.certificates() {
        [] => SigstoreBundle::write(payload, &signer.public().key_id(), signature),
        chain => SigstoreBundle::write_certified(payload, chain, signature),
    }
}

/// A program that should sign did not.
#[derive(Debug, Error)]
#[error("the signer `{program}` {fault}")]
pub struct SignError {
    /// The program.
    pub program: String,
    /// What it did.
    #[source]
    pub fault: CommandError,
}

/// What a program did instead of signing.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CommandError {
    /// Its key is of an algorithm that is not taken from programs.
    #[error("has an ecdsa-p521 key; ed25519, ecdsa-p256 and ecdsa-p384 are supported")]
    Algorithm,
    /// It ended with another status than 0.
    #[error("failed: {0}")]
    Failed(ExitStatus),
    /// It did not print a signature and a public key.
    #[error("printed no signature in base64 with a public key in PEM behind it: {0}")]
    Form(&'static str),
    /// It printed a public key that can't be used.
    #[error("printed a public key that can't be used: {0}")]
    Key(#[from] KeyError),
    /// It named two keys.
    #[error("printed another public key than at first")]
    OtherKey,
    /// The signature is of something else, or by somebody else.
    #[error("printed a signature that does not fit what it was given and its {} key", .0.as_str())]
    Signature(Algorithm),
    /// It took too long.
    #[error("took longer than {} seconds", limits::SIGNER_TIME.as_secs())]
    Slow,
    /// It could not be started or talked to.
    #[error("can't be run: {0}")]
    Start(#[source] io::Error),
    /// It printed too much.
    #[error("printed more than {}", text::bytes(limits::SIGNER_OUTPUT_BYTES as u64))]
    TooLong,
}

impl Fault for SignError {
    fn blame(&self) -> Blame {
        match &self.fault {
            CommandError::Start(error) if error.kind() == io::ErrorKind::PermissionDenied => Blame::Call,
            CommandError::Start(error) => fault::blame_io(error),
            CommandError::Failed(_) | CommandError::Slow => Blame::Machine,
            _ => Blame::Call,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match &self.fault {
            CommandError::Start(_) => {
                "give the path of a program that may be run, or one in PATH; no shell reads the command"
            }
            CommandError::Failed(_) | CommandError::Slow => {
                "run it by hand: it reads what it signs from standard input"
            }
            CommandError::Signature(_) => {
                "it signs standard input itself: with SHA-256 for P-256, SHA-384 for P-384, nothing for Ed25519; ECDSA in DER"
            }
            _ => "docs/signers.md says what a signer prints",
        };
        Some(hint.to_owned())
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
            Self::Sign(error) => error.hint(),
            Self::Json(_) => None,
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
    let bytes = bundle_of(signer, message.payload(), signature)?;
    if bytes.len() > limits::LINE_BYTES {
        return Err(LineError::TooLong { kind: kind.name().to_owned(), limit: limits::LINE_BYTES });
    }
    let payload = Digest::of(message.payload());
    let member = Member { payload, predicate_type: kind.uri().to_owned(), signer: signer.public().fingerprint() };
    Ok(SignedLine { bytes, member })
}
