//! The path from a signer to an authority (RFC 5280, section 6), by the library, and what the library leaves to its caller:
//! that those between may sign certificates, that the authority may issue and is valid, and that no list names any of them.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{CertRevocationList, ExpirationPolicy, RevocationOptionsBuilder, UnknownStatusPolicy};

use crate::certificate::revocations::Revocations;
use crate::certificate::{Authorities, ChainError, leaf, limits, words};
use crate::limits::CHAIN_BETWEEN;

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

    /// Follows a path to one of the authorities. Each is tried alone, whatever their order: one that took a new key under its
    /// old name is two of them.
    pub(super) fn follow(&self, first: &[u8], rest: &[Vec<u8>], at: DateTime<Utc>) -> Result<(), ChainError> {
        let mut refused = ChainError::Untrusted(NOBODY.to_owned());
        for anchor in &self.anchors {
            match self.follow_to(anchor, first, rest, at) {
                Ok(()) => return Ok(()),
                Err(ChainError::Revoked) => return Err(ChainError::Revoked),
                // What is wrong with the path to one says more than that it leads to no other.
                Err(error) => refused = more_telling(refused, error),
            }
        }
        Err(refused)
    }

    /// Follows a path to an authority, which may issue, is valid, and whose limit of the path holds.
    fn follow_to(&self, anchor: &[u8], first: &[u8], rest: &[Vec<u8>], at: DateTime<Utc>) -> Result<(), ChainError> {
        let all: Vec<Vec<u8>> = rest.iter().chain(&self.intermediates).cloned().collect();
        let path = Path { anchor, first, at };
        let between = path.build(&all, None)?;
        let lists = self.lists_of(&path, &between)?;
        let options = RevocationOptionsBuilder::new(&lists).ok();
        if options.is_none() && !self.revocations.is_empty() {
            return Err(ChainError::RevocationUnknown("no list is signed by the key of an issuer".to_owned()));
        }
        let options = options.map(|options| options.with_expiration_policy(ExpirationPolicy::Enforce).build());
        path.build(&between, options)?;
        leaf::check_validity(anchor, "the authority", at)?;
        let facts = leaf::authority_facts(anchor).map_err(ChainError::Malformed)?;
        facts.check("the authority")?;
        for der in &between {
            leaf::authority_facts(der).map_err(ChainError::Malformed)?.check("a certificate between")?;
        }
        match facts.path_length {
            Some(most) if between.len() > usize::from(most) => Err(ChainError::Limited(PATH_LENGTH.to_owned())),
            _ => Ok(()),
        }
    }

    /// Asks each list alone, for the library asks the first one of an issuer and no other; returns those that can be asked
    /// together. Those by another key than that of an issuer on the path say nothing of it.
    fn lists_of(&self, path: &Path<'_>, between: &[Vec<u8>]) -> Result<Vec<&CertRevocationList<'static>>, ChainError> {
        let mut lists = Vec::new();
        for Revocations { list, .. } in &self.revocations {
            let alone = [list.as_ref()];
            let options = RevocationOptionsBuilder::new(&alone)
                .map(|options| options.with_status_policy(UnknownStatusPolicy::Allow).build())
                .ok();
            match path.build(between, options) {
                Err(ChainError::Revoked) => return Err(ChainError::Revoked),
                Err(ChainError::OtherList) => {}
                _ => lists.push(Arc::as_ref(list)),
            }
        }
        Ok(lists)
    }
}

/// What a path leads from and to, and when.
struct Path<'p> {
    anchor: &'p [u8],
    first: &'p [u8],
    at: DateTime<Utc>,
}

impl Path<'_> {
    /// Builds the path over some certificates, and returns those of them that stand on it.
    fn build(
        &self,
        between: &[Vec<u8>],
        revocation: Option<webpki::RevocationOptions<'_>>,
    ) -> Result<Vec<Vec<u8>>, ChainError> {
        let signer = CertificateDer::from(self.first);
        let signer = webpki::EndEntityCert::try_from(&signer).map_err(|error| chain_error(&error))?;
        let anchor = CertificateDer::from(self.anchor);
        let trusted = [webpki::anchor_from_trusted_cert(&anchor).map_err(|error| chain_error(&error))?];
        let given: Vec<_> = between.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        let time = UnixTime::since_unix_epoch(Duration::from_secs(self.at.timestamp().try_into().unwrap_or_default()));
        let usage = webpki::KeyUsage::required_if_present(CODE_SIGNING);
        let path = signer
            .verify_for_usage(webpki::ALL_VERIFICATION_ALGS, &trusted, &given, time, usage, revocation, None)
            .map_err(|error| match error {
                webpki::Error::NameConstraintViolation => {
                    ChainError::Named(limits::refusal(between.iter().map(Vec::as_slice).chain([self.anchor])))
                }
                error => chain_error(&error),
            })?;
        Ok(path.intermediate_certificates().map(|one| one.der().to_vec()).collect())
    }
}

/// What is said of a chain to whose end no path is known.
const NOBODY: &str = "unknown issuer";

fn more_telling(one: ChainError, other: ChainError) -> ChainError {
    let tells = |error: &ChainError| match error {
        ChainError::Untrusted(words) => usize::from(words != NOBODY),
        _ => 2,
    };
    if tells(&other) > tells(&one) { other } else { one }
}

const PATH_LENGTH: &str =
    "there are more certificates between signer and authority than an issuer allows (pathLenConstraint)";

fn chain_error(error: &webpki::Error) -> ChainError {
    use webpki::Error as E;
    match error {
        E::CertExpired { .. } => ChainError::Expired("a certificate of the chain".to_owned()),
        E::InvalidCertValidity => {
            ChainError::Expired("a certificate of the chain, which ends before it begins,".to_owned())
        }
        E::CertNotValidYet { .. } => ChainError::NotYetValid("a certificate of the chain".to_owned()),
        E::CertRevoked => ChainError::Revoked,
        E::CrlExpired { .. }
        | E::UnknownRevocationStatus
        | E::IssuerNotCrlSigner
        | E::UnsupportedCrlSignatureAlgorithmContext(_) => ChainError::RevocationUnknown(words(error)),
        E::InvalidCrlSignatureForPublicKey | E::UnsupportedCrlSignatureAlgorithmForPublicKeyContext(_) => {
            ChainError::OtherList
        }
        E::PathLenConstraintViolated => ChainError::Limited(PATH_LENGTH.to_owned()),
        E::UnsupportedCriticalExtension => {
            ChainError::Limited("a certificate of the chain has a critical extension that is not known".to_owned())
        }
        E::EndEntityUsedAsCa => {
            ChainError::Limited("a certificate between signer and authority may not issue others".to_owned())
        }
        E::MaximumPathDepthExceeded => ChainError::Limited(too_deep()),
        E::MaximumSignatureChecksExceeded
        | E::MaximumPathBuildCallsExceeded
        | E::MaximumNameConstraintComparisonsExceeded => {
            ChainError::Limited(format!("it takes too much work to follow: {}", words(error)))
        }
        E::RequiredEkuNotFoundContext(_) | E::EmptyEkuExtension | E::CaUsedAsEndEntity => {
            ChainError::Usage(words(error))
        }
        E::BadDer | E::BadDerTime | E::TrailingData(_) | E::MalformedExtensions | E::UnsupportedCertVersion => {
            ChainError::Malformed(format!("a certificate of the chain can't be read: {}", words(error)))
        }
        _ => ChainError::Untrusted(words(error)),
    }
}

/// Says that a chain is longer than the library follows.
pub(super) fn too_deep() -> String {
    format!("there are more than {CHAIN_BETWEEN} certificates between signer and authority")
}
