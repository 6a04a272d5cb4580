//! Certificates of one authority, checked at a time that is proven, for a gate that counts who they name.
//!
//! Stricter than a check of today's chain: the authority may issue, its own limit of the path holds, its certificate is
//! never a signer's, and a list of revoked certificates must be of today, whenever the signature was made.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::certificate::leaf::{self, Leaf};
use crate::certificate::revocations::ListKind;
use crate::certificate::{Authorities, CertificateError, ChainError, parted, pem};
use crate::digest::Digest;

impl Authorities {
    /// Reads the one certificate of an authority, a root or one below, in PEM or DER; it must be one that may issue
    /// others. Returns the SHA-256 of its key as well.
    pub fn of_authority(bytes: &[u8]) -> Result<(Self, Digest), CertificateError> {
        let der = match str::from_utf8(bytes) {
            Ok(text) if text.contains("-----BEGIN") => {
                let blocks = pem::blocks(text, "CERTIFICATE")?;
                let count = blocks.len();
                let [one] = <[Vec<u8>; 1]>::try_from(blocks).map_err(|_| CertificateError::Count(count))?;
                one
            }
            _ => bytes.to_vec(),
        };
        let facts = leaf::authority_facts(&der);
        let facts = facts.map_err(|fault| CertificateError::Encoding { what: "its certificate", fault })?;
        facts.check("it").map_err(CertificateError::Unfit)?;
        Ok((Self { anchors: vec![der], ..Self::default() }, facts.key))
    }

    /// Trusts the certificate of one signer, in DER, by itself, and no authority.
    pub fn of_signer(der: Vec<u8>) -> Self {
        Self { anchors: vec![der], ..Self::default() }
    }

    /// Follows a chain, the signer first, at each of the times at which it must hold; `now` is the time of the check.
    pub fn issued(&self, chain: &[Vec<u8>], times: &[DateTime<Utc>], now: DateTime<Utc>) -> Result<Leaf, ChainError> {
        let (first, rest) = parted(chain)?;
        let leaf = Leaf::read(first)?;
        for der in rest {
            leaf::is_self_issued(der)
                .map_err(|fault| ChainError::Malformed(format!("a certificate of the chain can't be read: {fault}")))?;
        }
        // Strangers first: what else is wrong with their certificates is not ours to say.
        if !self.is_named_by(chain) {
            return Err(ChainError::Untrusted("unknown issuer".to_owned()));
        }
        leaf.check_usage()?;
        if self.lists_end().is_some_and(|end| end < now) {
            return Err(ChainError::RevocationUnknown("a list of revoked certificates has expired".to_owned()));
        }
        self.follow_at_each(first, rest, times)?;
        Ok(leaf)
    }

    /// Says whether the first certificate of a chain names one of these, or one behind it in the chain, as its issuer:
    /// without any proof.
    pub fn is_named_by(&self, chain: &[Vec<u8>]) -> bool {
        let [first, rest @ ..] = chain else { return false };
        self.anchors.iter().chain(rest).any(|above| leaf::is_issued_by(first, above).unwrap_or(false))
    }

    /// Returns when the first kind of lists has none any more that is of today: a newer list stands for an older one of the
    /// same issuer and scope alone.
    fn lists_end(&self) -> Option<DateTime<Utc>> {
        let mut ends: BTreeMap<&ListKind, Option<DateTime<Utc>>> = BTreeMap::new();
        for list in &self.revocations {
            let end = ends.entry(&list.kind).or_default();
            *end = (*end).max(list.end);
        }
        ends.into_values().flatten().min()
    }
}
