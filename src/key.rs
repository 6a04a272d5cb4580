//! Keys: reading, writing, signing, checking.
//!
//! The algorithm belongs to the key, never to what it signed. Private keys are PKCS#8 or SEC1 in PEM, or as cosign
//! writes them; public keys are SPKI in PEM. All cryptography is in the crates below this module.

use thiserror::Error;

use crate::fault::{Blame, Fault};
use crate::limits;
use crate::pem::PemError;

pub use signing::{Password, SigningKey};
pub use verifying::VerifyingKey;

mod cosign;
mod encryption;
mod pem;
mod signing;
mod verifying;

/// The algorithms that we sign and verify with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256 (FIPS 186-5); deterministic by RFC 6979.
    EcdsaP256,
    /// ECDSA on P-384 with SHA-384 (FIPS 186-5); deterministic by RFC 6979.
    EcdsaP384,
    /// ECDSA on P-521 with SHA-512 (FIPS 186-5); deterministic by RFC 6979.
    EcdsaP521,
    /// Ed25519 (RFC 8032).
    Ed25519,
}

impl Algorithm {
    /// Returns the name by which users know it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EcdsaP256 => "ecdsa-p256",
            Self::EcdsaP384 => "ecdsa-p384",
            Self::EcdsaP521 => "ecdsa-p521",
            Self::Ed25519 => "ed25519",
        }
    }
}

/// Why a key can't be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The algorithm or curve is not one of ours.
    #[error("the key is of an algorithm that is not supported")]
    Algorithm,
    /// The password would cost more work or memory than we spend on one.
    #[error(
        "the private key asks for more work on its password than {} MiB of scrypt or {} iterations of PBKDF2",
        limits::SCRYPT_BYTES >> 20,
        limits::PBKDF2_ITERATIONS
    )]
    Cost,
    /// The encoding is damaged.
    #[error("the key is not well formed")]
    Encoding,
    /// The private key is encrypted and no password was given.
    #[error("the private key is encrypted, and no password was given")]
    Encrypted,
    /// The private key is encrypted in a way that is no longer safe.
    #[error("the private key is in the old encrypted PEM form, which is not supported")]
    LegacyEncryption,
    /// The password does not decrypt the key.
    #[error("the password does not fit the private key")]
    Password,
    /// The key is as OpenSSH writes it.
    #[error("the key is in the form of OpenSSH, which is not supported")]
    OpenSsh,
    /// The text has no PEM block.
    #[error("expected one PEM block")]
    Pem,
    /// The text has a PEM block that can't be read.
    #[error(transparent)]
    PemBlock(#[from] PemError),
    /// A private key was given where a public one is needed.
    #[error("expected a public key, found a private one")]
    Private,
    /// A public key was given where a private one is needed.
    #[error("expected a private key, found a public one")]
    Public,
    /// The system has no random numbers.
    #[error("the system gave no random numbers")]
    Random,
    /// The text has several PEM blocks.
    #[error("expected one PEM block, and there are {0}")]
    Several(usize),
    /// The key verifies signatures that nobody made.
    #[error("the key is weak: it is a point of low order")]
    Weak,
}

impl Fault for KeyError {
    fn blame(&self) -> Blame {
        match self {
            Self::Random => Blame::Machine,
            _ => Blame::Call,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Algorithm => "use Ed25519, or ECDSA on P-256, P-384 or P-521: `assaymark key generate`",
            Self::Cost => "encrypt it with less: `openssl pkcs8 -topk8 -scrypt -in OLD -out NEW`",
            Self::Encrypted => {
                "give `--password-file FILE`, or set ASSAYMARK_KEY_PASSWORD, or COSIGN_PASSWORD for a key of cosign"
            }
            Self::Encoding => {
                "let OpenSSL write it anew: `openssl pkcs8 -topk8 -in OLD -out NEW`, a public one `openssl pkey -pubin -in OLD -out NEW`"
            }
            Self::LegacyEncryption => "convert it: `openssl pkcs8 -topk8 -in OLD -out NEW`",
            Self::OpenSsh => {
                "for ECDSA, `ssh-keygen -e -m PKCS8 -f KEY` prints the public half, and `ssh-keygen -p -m PKCS8 -f COPY` rewrites a private copy; for Ed25519 make a key with `assaymark key generate`"
            }
            Self::Pem => {
                "a key in DER becomes PEM: `openssl pkey -inform DER -in OLD -out NEW`, with `-pubin` a public one"
            }
            Self::Private => {
                "never hand out a private key; make the public one with `assaymark key show KEY --format pem`"
            }
            Self::Several(_) => "keep the key in a file of its own, and certificates in another",
            Self::Public => "give the private key that belongs to it",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}
