//! Lists of revoked certificates (RFC 5280, section 5).

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::certificate::{CertificateError, leaf, words};

/// A list of revoked certificates.
#[derive(Clone, Debug)]
pub(super) struct Revocations {
    pub(super) list: Arc<webpki::CertRevocationList<'static>>,
    /// Whose it is, as the list names them.
    pub(super) issuer: String,
    /// When the next one comes.
    pub(super) end: Option<DateTime<Utc>>,
}

impl Revocations {
    /// Reads a list in DER. Who signed it is checked where it is asked.
    pub(super) fn read(der: &[u8]) -> Result<Self, CertificateError> {
        let fault = |fault: String| CertificateError::Encoding { what: "a list", fault };
        let list = webpki::OwnedCertRevocationList::from_der(der).map_err(|error| fault(words(&error)))?;
        let (issuer, end) = leaf::issuer_and_end_of_list(der).map_err(fault)?;
        Ok(Self { list: Arc::new(list.into()), issuer, end })
    }
}
