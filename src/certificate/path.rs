//! The path from a signer to an authority (RFC 5280, section 6), by the library, and what the library leaves to its caller:
//! that those between may sign certificates, that the authority may issue and is valid, and that no list names any of them.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{CertRevocationList, ExpirationPolicy, RevocationOptionsBuilder, UnknownStatusPolicy};

use crate::certificate::{Authorities, ChainError, leaf, limits, words};

/// The object identifier of `id-kp-codeSigning` (RFC 5280, section 4.2.1.12), as DER has it.
const CODE_SIGNING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03];

impl Authorities {
    /// Trusts the last certificate of each chain; the others lead to it.
    pub fn of_chains<'c>(chains: impl IntoIterator<Item = Vec<&'c [u8]>>) -> Self {
        let mut all = Self::default();
        for mut chain in chains {
            all.anchors.extend(chain.pop().map(<[u8]>::to_vec));
            all.intermediates.extend(chain.into_iter().map(<[u8]>::to_vec));
        }
        all
    }

    /// Checks that a certificate for signatures leads to one of these at each of the times.
    pub fn vouch_for(&self, first: &[u8], times: &[DateTime<Utc>]) -> Result<(), ChainError> {
        leaf::check_signs(first)?;
        self.follow_at_each(first, &[], times)
    }

    /// Follows a path at each of the times, of which there must be one: nothing was followed at none.
    pub(super) fn follow_at_each(
        &self,
        first: &[u8],
        rest: &[Vec<u8>],
        times: &[DateTime<Utc>],
    ) -> Result<(), ChainError> {
        if times.is_empty() {
            return Err(ChainError::Untrusted("no time is proven at which it could have been trusted".to_owned()));
        }
        times.iter().try_for_each(|time| self.follow(first, rest, *time))
    }

    /// Builds a path to an authority that may issue, is valid, and whose limit of the path holds.
    pub(super) fn follow(&self, first: &[u8], rest: &[Vec<u8>], at: DateTime<Utc>) -> Result<(), ChainError> {
        // A list that another one of the same issuer stands before is not asked by the library: each is asked alone.
        for revoked in &self.revocations {
            let alone = [revoked.list.as_ref()];
            let options = RevocationOptionsBuilder::new(&alone)
                .map(|options| options.with_status_policy(UnknownStatusPolicy::Allow).build())
                .ok();
            if let Err(ChainError::Revoked) = self.build(first, rest, at, options) {
                return Err(ChainError::Revoked);
            }
        }
        let lists: Vec<&CertRevocationList<'_>> = self.revocations.iter().map(|one| Arc::as_ref(&one.list)).collect();
        let options = RevocationOptionsBuilder::new(&lists).ok();
        let options = options.map(|options| options.with_expiration_policy(ExpirationPolicy::Enforce).build());
        let (anchor, between) = self.build(first, rest, at, options)?;
        leaf::check_validity(&anchor, "the authority", at)?;
        let facts = leaf::authority_facts(&anchor).map_err(ChainError::Malformed)?;
        facts.check("the authority")?;
        for der in &between {
            leaf::authority_facts(der).map_err(ChainError::Malformed)?.check("a certificate between")?;
        }
        match facts.path_length {
            Some(most) if between.len() > usize::from(most) => {
                Err(ChainError::Untrusted("path len constraint violated, of the authority".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Builds a path, and returns the authority at its end and the certificates between.
    fn build(
        &self,
        first: &[u8],
        rest: &[Vec<u8>],
        at: DateTime<Utc>,
        revocation: Option<webpki::RevocationOptions<'_>>,
    ) -> Result<(Vec<u8>, Vec<Vec<u8>>), ChainError> {
        let signer = CertificateDer::from(first);
        let signer = webpki::EndEntityCert::try_from(&signer).map_err(|error| chain_error(&error))?;
        let anchors: Vec<_> = self.anchors.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        let trusted = anchors.iter().map(webpki::anchor_from_trusted_cert);
        let trusted: Vec<TrustAnchor<'_>> = trusted.collect::<Result<_, _>>().map_err(|error| chain_error(&error))?;
        let between = rest.iter().chain(&self.intermediates);
        let between: Vec<_> = between.map(|der| CertificateDer::from(der.as_slice())).collect();
        let time = UnixTime::since_unix_epoch(Duration::from_secs(at.timestamp().try_into().unwrap_or_default()));
        let usage = webpki::KeyUsage::required_if_present(CODE_SIGNING);
        let path = signer
            .verify_for_usage(webpki::ALL_VERIFICATION_ALGS, &trusted, &between, time, usage, revocation, None)
            .map_err(|error| match error {
                webpki::Error::NameConstraintViolation => {
                    let all = rest.iter().chain(&self.intermediates).chain(&self.anchors);
                    ChainError::Limited(limits::refusal(all.map(Vec::as_slice)))
                }
                error => chain_error(&error),
            })?;
        let found = trusted.iter().position(|anchor| anchor == path.anchor());
        let found = found.and_then(|index| self.anchors.get(index)).cloned();
        let found = found
            .ok_or_else(|| ChainError::Untrusted("the authority is not among those that are trusted".to_owned()))?;
        Ok((found, path.intermediate_certificates().map(|one| one.der().to_vec()).collect()))
    }
}

fn chain_error(error: &webpki::Error) -> ChainError {
    use webpki::Error as E;
    match error {
        E::CertExpired { .. } => ChainError::Expired("a certificate of the chain".to_owned()),
        E::CertNotValidYet { .. } => ChainError::NotYetValid("a certificate of the chain".to_owned()),
        E::CertRevoked => ChainError::Revoked,
        E::CrlExpired { .. } | E::UnknownRevocationStatus => ChainError::RevocationUnknown(words(error)),
        E::RequiredEkuNotFoundContext(_) | E::EmptyEkuExtension | E::CaUsedAsEndEntity => {
            ChainError::Usage(words(error))
        }
        E::BadDer | E::BadDerTime | E::TrailingData(_) | E::MalformedExtensions | E::UnsupportedCertVersion => {
            ChainError::Malformed(format!("a certificate of the chain can't be read: {}", words(error)))
        }
        _ => ChainError::Untrusted(words(error)),
    }
}
