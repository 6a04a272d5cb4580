//! Lists of revoked certificates (RFC 5280, section 5).

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::certificate::{CertificateError, leaf, words};

/// A list of revoked certificates.
#[derive(Clone, Debug)]
pub(super) struct Revocations {
    pub(super) list: Arc<webpki::CertRevocationList<'static>>,
    pub(super) kind: ListKind,
    /// When the next one comes.
    pub(super) end: Option<DateTime<Utc>>,
}

impl Revocations {
    /// Reads a list in DER. Who signed it is checked where it is asked.
    pub(super) fn read(der: &[u8]) -> Result<Self, CertificateError> {
        let fault = |fault: String| CertificateError::Encoding { what: "a list", fault };
        let list = webpki::OwnedCertRevocationList::from_der(der).map_err(|error| fault(words(&error)))?;
        let (kind, end) = leaf::kind_and_end_of_list(der).map_err(fault)?;
        Ok(Self { list: Arc::new(list.into()), kind, end })
    }
}

/// What a list is a list of: another of the same kind may stand for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ListKind {
    /// Whose it is, as the list names them.
    pub(super) issuer: String,
    /// Which of their certificates it covers, if not all: the issuing distribution point, in DER.
    pub(super) scope: Option<Vec<u8>>,
}
