//! Why the evidence of Sigstore does not hold, in our codes.

use sigstore_verify::bundle::Error as ShapeError;
use sigstore_verify::{CertificateError, Error, TimestampError, TransparencyLogError};
use thiserror::Error as ThisError;

use crate::finding::Code;

/// Why a signature does not count.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[error("{reason}")]
pub struct Refusal {
    /// What kind of fault it is.
    pub code: Code,
    /// What is wrong, as the library says it. It may quote the evidence.
    pub reason: String,
}

impl Refusal {
    pub(super) fn new(code: Code, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let reason = error.to_string();
        Self { code: code(&error), reason: reason.chars().take(500).collect() }
    }
}

impl From<sigstore_types::Error> for Refusal {
    fn from(error: sigstore_types::Error) -> Self {
        Error::from(error).into()
    }
}

/// Whatever the library may come to say that we don't know is a line that we can't check.
fn code(error: &Error) -> Code {
    match error {
        Error::IdentityMismatch { .. } | Error::IssuerMismatch { .. } => Code::UntrustedSigner,
        Error::SignatureInvalid(_) => Code::BadSignature,
        // These two causes as well are told by words alone.
        Error::ArtifactMismatch(words) if words.contains("entry") => Code::WrongLog,
        Error::UnsupportedBundle(words) if words.contains("Rekor entry") => Code::WrongLog,
        Error::ArtifactMismatch(_) => Code::SubjectMismatch,
        Error::Certificate(error) => certificate(error),
        Error::TransparencyLog(TransparencyLogError::IntegratedTime(_)) => Code::WrongTime,
        Error::TransparencyLog(_) => Code::WrongLog,
        Error::Timestamp(error) => timestamp(error),
        // Rekor had other kinds of entries before, which say less than is needed.
        Error::Types(error) if error.to_string().contains("unsupported Rekor entry format") => Code::UnsupportedLine,
        Error::InvalidBundle(_) | Error::Types(_) => Code::MalformedLine,
        Error::Bundle(error) => shape(error),
        _ => Code::UnsupportedLine,
    }
}

fn certificate(error: &CertificateError) -> Code {
    match error {
        CertificateError::Malformed(_) => Code::MalformedLine,
        CertificateError::NoValidAuthority { .. }
        | CertificateError::NotYetValid { .. }
        | CertificateError::Expired { .. } => Code::WrongTime,
        // The library tells this cause by its words alone; it is pinned, and vectors hold it to them.
        CertificateError::ChainInvalid(words) if words.contains("CertExpired") || words.contains("CertNotValidYet") => {
            Code::WrongTime
        }
        // A certificate that no certificate log knows may be one that nobody was to see.
        CertificateError::Sct(_) => Code::WrongLog,
        _ => Code::UntrustedSigner,
    }
}

fn timestamp(error: &TimestampError) -> Code {
    match error {
        TimestampError::Invalid(_)
        | TimestampError::OutsideAuthorityValidity { .. }
        | TimestampError::NoVerifiedTimestamp(_) => Code::WrongTime,
        _ => Code::UnsupportedLine,
    }
}

fn shape(error: &ShapeError) -> Code {
    match error {
        ShapeError::MissingInclusionPromise(_)
        | ShapeError::MissingInclusionProof(_)
        | ShapeError::MissingCheckpoint
        | ShapeError::LogIndexOutOfRange { .. }
        | ShapeError::CheckpointRootMismatch => Code::WrongLog,
        ShapeError::MissingSigningTimeEvidence | ShapeError::MissingTimestamp => Code::WrongTime,
        ShapeError::CertificateChainNotAllowed(_) => Code::MalformedLine,
        _ => Code::UnsupportedLine,
    }
}
