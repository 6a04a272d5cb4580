//! Certificates of an own PKI (RFC 5280): a chain from a signer up to an authority that the verifier names.
//!
//! Paths are built and checked by `rustls-webpki`, certificates are read by `x509-cert`. What this module adds
//! is what a gate asks of a signer beside the path: that the certificate is for signatures on code, that the
//! authority itself is valid, and which names and key it has.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::fault::{Blame, Fault};
use crate::finding::Code;
use crate::key::VerifyingKey;
use crate::limits::CHAIN_BETWEEN;
use crate::pem::PemError;

pub use leaf::{Leaf, is_self_issued};
use revocations::Revocations;

mod issued;
mod leaf;
mod limits;
mod path;
mod pem;
mod revocations;

/// Why a file of certificates or revocations can't be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// There is no certificate that could be an authority.
    #[error("no certificate in it is an authority that signed itself")]
    Authority,
    /// There must be one certificate, and there are others.
    #[error("expected one certificate, and there are {0}")]
    Count(usize),
    /// There is no block of the expected kind.
    #[error("expected one or more PEM blocks `{0}`")]
    Empty(&'static str),
    /// A certificate can't be that of an authority.
    #[error("its certificate can't be that of an authority: {0}")]
    Unfit(ChainError),
    /// There is a block of another kind.
    #[error("expected PEM blocks `{expected}` alone, found `{found}`")]
    Label {
        /// What was expected.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// A PEM block can't be read.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// A certificate or a list can't be read.
    #[error("{what} can't be read: {fault}")]
    Encoding {
        /// What it is.
        what: &'static str,
        /// What is wrong.
        fault: String,
    },
}

impl Fault for CertificateError {
    fn blame(&self) -> Blame {
        Blame::Call
    }
}

/// Why a chain does not lead from a signer to an authority.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChainError {
    /// A certificate of the chain, or the authority, had expired.
    #[error("{0} had expired")]
    Expired(String),
    /// An issuer may not name the signer, or limits names in a way that can't be compared.
    #[error("{0}")]
    Named(String),
    /// A limit stands against it that an issuer or the verifier sets, or that can't be judged.
    #[error("{0}")]
    Limited(String),
    /// A certificate can't be read.
    #[error("{0}")]
    Malformed(String),
    /// A certificate of the chain, or the authority, was not yet valid.
    #[error("{0} was not yet valid")]
    NotYetValid(String),
    /// A list of revoked certificates is by another key than that of the issuer that it names.
    #[error("whether a certificate was revoked can't be told: a list is not signed by the key of its issuer")]
    OtherList,
    /// A certificate of the chain was revoked.
    #[error("a certificate of the chain was revoked")]
    Revoked,
    /// Whether a certificate was revoked can't be told.
    #[error("whether a certificate was revoked can't be told: {0}")]
    RevocationUnknown(String),
    /// The chain leads to nobody whom the verifier trusts.
    #[error("it leads to no authority that is trusted: {0}")]
    Untrusted(String),
    /// The certificate is not for signatures on code.
    #[error("the certificate is not for such signatures: {0}")]
    Usage(String),
}

impl ChainError {
    /// Returns the code of a finding about it.
    pub fn code(&self) -> Code {
        match self {
            Self::Expired(_) => Code::CertificateExpired,
            Self::NotYetValid(_) => Code::CertificateNotYetValid,
            Self::OtherList | Self::Revoked | Self::RevocationUnknown(_) => Code::CertificateRevoked,
            Self::Malformed(_) => Code::MalformedLine,
            Self::Limited(_) | Self::Named(_) | Self::Untrusted(_) | Self::Usage(_) => Code::UntrustedSigner,
        }
    }
}

/// Those who may vouch for signers.
#[derive(Clone, Debug, Default)]
pub struct Authorities {
    /// Certificates that signed themselves, in DER.
    anchors: Vec<Vec<u8>>,
    /// Certificates between an authority and a signer, in DER.
    intermediates: Vec<Vec<u8>>,
    /// Lists of revoked certificates, those that end last first; without any, none is asked.
    revocations: Vec<Revocations>,
}

impl Authorities {
    /// Reads certificates in PEM: those that signed themselves are authorities, the others lead to them.
    pub fn from_pem(text: &str) -> Result<Self, CertificateError> {
        let mut authorities = Self::default();
        for der in pem::blocks(text, "CERTIFICATE")? {
            let fault = |fault: String| CertificateError::Encoding { what: "a certificate", fault };
            let signed_itself = is_self_issued(&der).map_err(fault)?;
            if signed_itself { &mut authorities.anchors } else { &mut authorities.intermediates }.push(der);
        }
        if authorities.anchors.is_empty() { Err(CertificateError::Authority) } else { Ok(authorities) }
    }

    /// Adds lists of revoked certificates, in PEM or as one in DER. Every certificate below an authority must
    /// then be covered by a list that has not expired, and be in none, expired or not.
    pub fn add_revocations(&mut self, bytes: &[u8]) -> Result<(), CertificateError> {
        let lists = match str::from_utf8(bytes) {
            Ok(text) if text.contains("-----BEGIN") => pem::blocks(text, "X509 CRL")?,
            _ => vec![bytes.to_vec()],
        };
        for der in lists {
            self.revocations.push(Revocations::read(&der)?);
        }
        self.revocations.sort_by_key(|list| Reverse(list.end));
        Ok(())
    }

    /// Follows a chain, the signer first, at a time; returns the certificate of the signer.
    pub fn verify(&self, chain: &[Vec<u8>], at: DateTime<Utc>) -> Result<Leaf, ChainError> {
        let (first, rest) = parted(chain)?;
        let leaf = Leaf::read(first)?;
        leaf.check_usage()?;
        if self.anchors.contains(first) {
            // The verifier named this very certificate: there is no path to build.
            leaf::check_validity(first, "the certificate", at)?;
            return Ok(leaf);
        }
        self.follow(first, rest, at)?;
        Ok(leaf)
    }
}

/// Takes the words out of the name of an error: `UnknownIssuer` says enough to who keeps a PKI.
fn words(error: &webpki::Error) -> String {
    let name = format!("{error:?}");
    let name = name.split([' ', '(', '{']).next().unwrap_or_default();
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

/// Returns the one name of a certificate in DER: unverified.
pub fn claimed_name(der: &[u8]) -> Option<String> {
    Leaf::read(der).ok()?.sole_name().map(str::to_owned)
}

/// Parts the certificate of the signer, which stands first, from those above it.
fn parted(chain: &[Vec<u8>]) -> Result<(&Vec<u8>, &[Vec<u8>]), ChainError> {
    chain.split_first().ok_or_else(|| ChainError::Malformed("the chain has no certificate".to_owned()))
}

/// Reads the key of the first certificate of a chain. Nothing is verified.
pub fn leaf_key(chain: &[Vec<u8>]) -> Result<VerifyingKey, ChainError> {
    Ok(Leaf::read(parted(chain)?.0)?.key().clone())
}

/// Checks that the first certificate of a chain is valid at a time. No path is followed.
pub fn check_leaf(chain: &[Vec<u8>], at: DateTime<Utc>) -> Result<(), ChainError> {
    leaf::check_validity(parted(chain)?.0, "the certificate", at)
}

/// Reads the first certificate of a chain, which must be for signatures on code. No path is followed.
pub fn leaf_of(chain: &[Vec<u8>]) -> Result<Leaf, ChainError> {
    let leaf = Leaf::read(parted(chain)?.0)?;
    leaf.check_usage()?;
    Ok(leaf)
}

/// Checks that a chain is one: each certificate is issued by the one behind it, up to the last, by the rules of verifiers.
///
/// Whether the last is or leads to an authority only a verifier knows, and whether all are valid then.
pub fn check_chain(chain: &[Vec<u8>]) -> Result<(), ChainError> {
    let [first, between @ .., last] = chain else { return Ok(()) };
    if chain.iter().all(|one| one == first) {
        // It signed itself, and is trusted by itself or not at all.
        return Ok(());
    }
    for (index, (one, issuer)) in chain.iter().zip(chain.iter().skip(1)).enumerate() {
        if !leaf::is_issued_by(one, issuer).map_err(ChainError::Malformed)? {
            let (one, next) = (index + 1, index + 2);
            return Err(ChainError::Limited(format!(
                "certificate {one} is not issued by certificate {next}, counted from the signer's"
            )));
        }
    }
    let between_all =
        if is_self_issued(last).map_err(ChainError::Malformed)? { between.len() } else { between.len() + 1 };
    if between_all > CHAIN_BETWEEN {
        return Err(ChainError::Limited(path::too_deep()));
    }
    let authority = Authorities { anchors: vec![last.clone()], ..Authorities::default() };
    match authority.follow(first, between, leaf::all_valid_from(chain)?) {
        // Another library may compare what this one can't.
        Err(ChainError::Expired(_) | ChainError::NotYetValid(_) | ChainError::Named(_)) => Ok(()),
        followed => followed,
    }
}

/// Reads certificates in PEM, in their order.
pub fn chain_from_pem(text: &str) -> Result<Vec<Vec<u8>>, CertificateError> {
    pem::blocks(text, "CERTIFICATE")
}

#[cfg(test)]
mod tests;
