//! Whom the verifier trusts: attesters with roles and keys.
//!
//! Trust comes from a file that the caller names and from nowhere else. A bare public key in PEM is one
//! attester; `trust.toml` names several. A [`TrustRoot`] always has at least one key.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::certificate::{Authorities, CertificateError, ChainError, leaf_of};
use crate::configuration::ConfigurationError;
use crate::digest::Digest;
use crate::fault::{Blame, Fault};
use crate::files::{self, ReadError};
use crate::key::{KeyError, VerifyingKey};
use crate::limits;
use crate::name::Name;
use crate::sigstore::{Identity, Root, RootError, Subject};

pub use authority::Authority;

mod authority;
mod distinct;
mod file;

/// Why the certificate of a signer is of no use.
const NOBODY: &str = "it names nobody, or more than one";

/// What an attester may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Role {
    /// Approvals.
    Approver,
    /// Provenance, BOM, model signature.
    Builder,
    /// Evaluations.
    Evaluator,
    /// Promotions, and their seals.
    Promoter,
    /// Seals, model signature.
    Releaser,
    /// Scans.
    Scanner,
    /// Waivers.
    Waiver,
    /// Withdrawals.
    Withdrawer,
}

impl Role {
    /// What a bare public key may say.
    const OF_A_BARE_KEY: [Self; 4] = [Self::Builder, Self::Evaluator, Self::Releaser, Self::Scanner];
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Approver => "approver",
            Self::Builder => "builder",
            Self::Evaluator => "evaluator",
            Self::Promoter => "promoter",
            Self::Releaser => "releaser",
            Self::Scanner => "scanner",
            Self::Waiver => "waiver",
            Self::Withdrawer => "withdrawer",
        })
    }
}

/// Somebody whose statements count.
#[derive(Clone, Debug)]
pub struct Attester {
    /// The name that the trust file gives them.
    pub name: Name,
    /// What they may say; never empty.
    pub roles: BTreeSet<Role>,
    /// The URI under which they verify and promote.
    pub verifier_id: Option<String>,
    /// Their keys; empty only where there are identities of either kind.
    pub keys: Vec<TrustedKey>,
    /// Whom certificates of Sigstore name if it is them.
    pub identities: Vec<Identity>,
    /// Whom certificates of an own authority name if it is them; the issuer is the name of the authority.
    pub certified: Vec<Identity>,
}

/// A key of an attester, and when it counts.
#[derive(Clone, Debug)]
pub struct TrustedKey {
    /// The key.
    pub key: VerifyingKey,
    /// It does not count before this time.
    pub valid_from: Option<DateTime<Utc>>,
    /// It does not count from this time on.
    pub valid_until: Option<DateTime<Utc>>,
}

impl TrustedKey {
    /// Trusts a key at all times.
    pub fn always(key: VerifyingKey) -> Self {
        Self { key, valid_from: None, valid_until: None }
    }
}

/// The attesters that one verification trusts.
#[derive(Clone, Debug)]
pub struct TrustRoot {
    attesters: Vec<Attester>,
    /// The authorities and logs of Sigstore, if certificates and proofs are to count.
    sigstore: Option<Root>,
    /// The authorities of own PKIs.
    authorities: Vec<Authority>,
    source: PathBuf,
    digest: Digest,
}

/// Why a trust file can't be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrustError {
    /// An authority can't be used.
    #[error("authority `{name}`: {source}")]
    Authority {
        /// Its name.
        name: Name,
        /// What is wrong with its certificate or a list.
        source: CertificateError,
    },
    /// The file says something that can't be.
    #[error(transparent)]
    File(#[from] ConfigurationError),
    /// A key can't be used.
    #[error("`{}`: {source}", path.display())]
    Key {
        /// The file of the key.
        path: PathBuf,
        /// What is wrong with it.
        source: KeyError,
    },
    /// A file can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The trusted root of Sigstore can't be used.
    #[error("`{}`: {source}", path.display())]
    Root {
        /// The file of the root.
        path: PathBuf,
        /// What is wrong with it.
        source: RootError,
    },
}

impl TrustError {
    fn fault(&self) -> &dyn Fault {
        match self {
            Self::Authority { source, .. } => source,
            Self::File(error) => error,
            Self::Key { source, .. } => source,
            Self::Read(error) => error,
            Self::Root { source, .. } => source,
        }
    }
}

impl Fault for TrustError {
    fn blame(&self) -> Blame {
        self.fault().blame()
    }

    fn details(&self) -> Vec<String> {
        self.fault().details()
    }

    fn hint(&self) -> Option<String> {
        self.fault().hint()
    }
}

impl TrustRoot {
    /// Reads a public key in PEM, or a `trust.toml`.
    pub fn load(path: &Path) -> Result<Self, TrustError> {
        let text = files::read_text(path, limits::CONFIGURATION_BYTES)?;
        let parsed = if VerifyingKey::is_key_file(&text) {
            let key = VerifyingKey::from_pem(&text);
            let key = key.map_err(|source| TrustError::Key { path: path.to_owned(), source })?;
            file::Parsed { attesters: vec![bare(path, key)], sigstore: None, authorities: Vec::new() }
        } else {
            let parsed = file::parse(path, &text)?;
            distinct::check(path, &parsed)?;
            parsed
        };
        Ok(Self::new(parsed, path.to_owned(), Digest::of(text.as_bytes())))
    }

    fn new(parsed: file::Parsed, source: PathBuf, digest: Digest) -> Self {
        let file::Parsed { attesters, sigstore, authorities } = parsed;
        Self { attesters, sigstore, authorities, source, digest }
    }

    /// Trusts one key as a bare public key file would be trusted. `create` checks its own work with it.
    pub fn of_key(name: &str, key: VerifyingKey) -> Self {
        let source = PathBuf::from(name);
        let digest = Digest::of(key.to_pem().as_bytes());
        let attesters = vec![bare(&source, key)];
        Self::new(file::Parsed { attesters, sigstore: None, authorities: Vec::new() }, source, digest)
    }

    /// Trusts one signer by their certificate, in DER, as [`Self::of_key`] trusts a key: no authority is asked.
    pub fn of_certificate(name: &str, der: &[u8]) -> Result<Self, ChainError> {
        let source = PathBuf::from(name);
        let leaf = leaf_of(&[der.to_vec()])?;
        let subject = leaf.sole_name().ok_or_else(|| ChainError::Limited(NOBODY.to_owned()))?;
        let subject = Subject::Exact(subject.to_owned());
        let mut attester = bare(&source, leaf.key().clone());
        attester.keys.clear();
        attester.certified = vec![Identity { subject: subject.clone(), issuer: attester.name.to_string() }];
        let authority = Authority {
            name: attester.name.clone(),
            names: vec![subject],
            key: leaf.key().fingerprint(),
            anchor: authority::Anchor::Signer(Authorities::of_signer(der.to_vec())),
        };
        let parsed = file::Parsed { attesters: vec![attester], sigstore: None, authorities: vec![authority] };
        Ok(Self::new(parsed, source, Digest::of(der)))
    }

    /// Returns the attesters.
    pub fn attesters(&self) -> &[Attester] {
        &self.attesters
    }

    /// Returns every key with its attester.
    pub fn keys(&self) -> impl Iterator<Item = (&Attester, &TrustedKey)> {
        self.attesters.iter().flat_map(|attester| attester.keys.iter().map(move |key| (attester, key)))
    }

    /// Returns every identity with its attester.
    pub fn identities(&self) -> impl Iterator<Item = (&Attester, &Identity)> {
        self.attesters.iter().flat_map(|attester| attester.identities.iter().map(move |identity| (attester, identity)))
    }

    /// Returns every identity under an own authority with its attester; the issuer is the name of the authority.
    pub fn certified(&self) -> impl Iterator<Item = (&Attester, &Identity)> {
        self.attesters.iter().flat_map(|attester| attester.certified.iter().map(move |identity| (attester, identity)))
    }

    /// Returns the authorities of own PKIs.
    pub fn authorities(&self) -> &[Authority] {
        &self.authorities
    }

    /// Returns the authorities and logs of Sigstore, if the file names them.
    pub fn sigstore(&self) -> Option<&Root> {
        self.sigstore.as_ref()
    }

    /// Returns the file that was read.
    pub fn source(&self) -> &Path {
        &self.source
    }

    /// Returns the SHA-256 of the file that was read.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

/// Makes the one attester of a bare key, named after its file.
fn bare(path: &Path, key: VerifyingKey) -> Attester {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
    Attester {
        name: stem.unwrap_or_else(|| key.fingerprint().into()),
        roles: Role::OF_A_BARE_KEY.into(),
        verifier_id: None,
        keys: vec![TrustedKey::always(key)],
        identities: Vec::new(),
        certified: Vec::new(),
    }
}
