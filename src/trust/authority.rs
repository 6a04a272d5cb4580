//! Certificate authorities of an own PKI: for whom each may vouch.

use chrono::{DateTime, Utc};

use crate::certificate::{Authorities, ChainError};
use crate::digest::Digest;
use crate::name::Name;
use crate::sigstore::Subject;
use crate::trust::NOBODY;

/// An authority whose certificates count, and for whom.
#[derive(Clone, Debug)]
pub struct Authority {
    /// The name that the trust file gives it.
    pub name: Name,
    /// Those for whom it may vouch; never empty.
    pub names: Vec<Subject>,
    /// The SHA-256 of its key.
    pub(super) key: Digest,
    /// Its certificate, and its lists of revoked ones.
    pub(super) anchor: Anchor,
}

/// What stands at the end of a chain.
#[derive(Clone, Debug)]
pub(super) enum Anchor {
    /// The certificate of an authority.
    Authority(Authorities),
    /// The certificate of one signer, whose own work is checked.
    Signer(Authorities),
}

impl Authority {
    /// Says whether the first certificate of a chain names this authority, or one behind it in the chain, as its issuer:
    /// without any proof.
    pub fn is_named_by(&self, chain: &[Vec<u8>]) -> bool {
        match &self.anchor {
            Anchor::Authority(authorities) => authorities.is_named_by(chain),
            Anchor::Signer(_) => true,
        }
    }

    /// Says for whom the authority vouches with a chain of certificates, the signer first, at each of the times.
    pub fn vouches(
        &self,
        chain: &[Vec<u8>],
        times: &[DateTime<Utc>],
        now: DateTime<Utc>,
    ) -> Result<String, ChainError> {
        let leaf = match &self.anchor {
            Anchor::Authority(authorities) => authorities.issued(chain, times, now)?,
            Anchor::Signer(signer) => signer.verify(chain, now)?,
        };
        let name = leaf.sole_name().map(str::to_owned);
        let name = name.ok_or_else(|| ChainError::Limited(NOBODY.to_owned()))?;
        if self.may_vouch_for(&name) {
            return Ok(name);
        }
        Err(ChainError::Limited(format!("`{}` may not vouch for {name}", self.name)))
    }

    /// Says whether a name is one of those for which the authority may vouch.
    pub fn may_vouch_for(&self, name: &str) -> bool {
        self.names.iter().any(|names| names.fits(name))
    }
}
