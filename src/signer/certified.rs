//! A signer that verifiers know by a certificate.

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::certificate::{self, ChainError};
use crate::fault::{Blame, Fault};
use crate::key::VerifyingKey;
use crate::limits;
use crate::signer::{SignError, Signer};

/// A signer with the certificate of its key, and those above it.
pub struct CertifiedSigner {
    signer: Box<dyn Signer>,
    chain: Vec<Vec<u8>>,
}

/// Why a certificate can't stand for a key.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// The certificates are no chain, so that no verifier takes them.
    #[error("the chain can't be used: {0}")]
    Chain(String),
    /// The certificate is of no use.
    #[error("the certificate can't be used: {0}")]
    Certificate(#[from] ChainError),
    /// It is of another key.
    #[error("the certificate is not of the key that signs")]
    Key,
    /// There are more certificates than a verifier reads.
    #[error("the chain has {0} certificates; verifiers read {most}", most = limits::CHAIN_CERTIFICATES)]
    Length(usize),
    /// No trust file could say whom it names.
    #[error("the certificate names nobody, or more than one, so that nobody could trust it as somebody's")]
    Name,
}

impl Fault for CredentialError {
    fn blame(&self) -> Blame {
        Blame::Call
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Key => "give the certificate that was issued for it as `--signing-certificate`",
            Self::Chain(_) => {
                "give with `--certificate-chain` the certificates above the signer's, in order: each is issued by the next"
            }
            Self::Length(_) => "leave out the authority itself, which verifiers have",
            Self::Name => "have one issued with one mail address, URI or domain name",
            Self::Certificate(_) => return None,
        };
        Some(hint.to_owned())
    }
}

impl CertifiedSigner {
    /// Takes a signer and its certificates in DER, its own first, which must be one for signatures on code.
    pub fn new(signer: Box<dyn Signer>, chain: Vec<Vec<u8>>) -> Result<Self, CredentialError> {
        if chain.len() > limits::CHAIN_CERTIFICATES {
            return Err(CredentialError::Length(chain.len()));
        }
        let leaf = certificate::leaf_of(&chain)?;
        if leaf.key().fingerprint() != signer.public().fingerprint() {
            return Err(CredentialError::Key);
        }
        certificate::check_chain(&chain).map_err(|error| match error {
            ChainError::Untrusted(fault) => CredentialError::Chain(fault),
            error => CredentialError::Chain(error.to_string()),
        })?;
        Ok(Self { signer, chain })
    }

    /// The same for lines of a release bundle, which count for whom the certificate names; it must be valid now.
    pub fn of_lines(signer: Box<dyn Signer>, chain: Vec<Vec<u8>>, now: DateTime<Utc>) -> Result<Self, CredentialError> {
        let certified = Self::new(signer, chain)?;
        certificate::check_leaf(&certified.chain, now)?;
        match certificate::leaf_of(&certified.chain)?.sole_name() {
            Some(_) => Ok(certified),
            None => Err(CredentialError::Name),
        }
    }
}

impl Signer for CertifiedSigner {
    fn public(&self) -> &VerifyingKey {
        self.signer.public()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.signer.sign(message)
    }

    fn certificates(&self) -> &[Vec<u8>] {
        &self.chain
    }
}
