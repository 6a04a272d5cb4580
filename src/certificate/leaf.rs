//! What stands in a certificate, beside what building a path looks at.

use chrono::{DateTime, SecondsFormat, Utc};
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage, SubjectAltName};

use crate::certificate::ChainError;
use crate::key::VerifyingKey;

/// The certificate of a signer.
#[derive(Clone, Debug)]
pub struct Leaf {
    key: VerifyingKey,
    names: Vec<String>,
    subject: String,
    key_usage: Option<KeyUsage>,
    extended_key_usage: Option<ExtendedKeyUsage>,
}

impl Leaf {
    /// Reads the certificate in DER. Nothing is verified.
    pub(super) fn read(der: &[u8]) -> Result<Self, ChainError> {
        let malformed = |fault: String| ChainError::Malformed(format!("the certificate can't be read: {fault}"));
        let certificate = Certificate::from_der(der).map_err(|error| malformed(error.to_string()))?;
        let tbs = &certificate.tbs_certificate;
        let spki = tbs.subject_public_key_info.to_der().map_err(|error| malformed(error.to_string()))?;
        let key = VerifyingKey::from_spki(&spki).map_err(|error| ChainError::Usage(error.to_string()))?;
        let names = tbs.get::<SubjectAltName>().map_err(|error| malformed(error.to_string()))?;
        let names = names.map(|(_, names)| names.0.iter().filter_map(name).collect()).unwrap_or_default();
        let key_usage = tbs.get::<KeyUsage>().map_err(|error| malformed(error.to_string()))?;
        let extended = tbs.get::<ExtendedKeyUsage>().map_err(|error| malformed(error.to_string()))?;
        Ok(Self {
            key,
            names,
            subject: tbs.subject.to_string(),
            key_usage: key_usage.map(|(_, usage)| usage),
            extended_key_usage: extended.map(|(_, usage)| usage),
        })
    }

    /// Returns the key.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Returns the names that the certificate is for: mail addresses, URIs, domain names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the distinguished name of the signer; authorities write what they like there.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// It must be for signatures, and for those on code: each as far as the certificate says what it is for,
    /// and it must say one of both.
    pub(super) fn check_usage(&self) -> Result<(), ChainError> {
        let fault = |fault: &str| Err(ChainError::Usage(fault.to_owned()));
        let code_signing = |usage: &ExtendedKeyUsage| usage.0.contains(&CODE_SIGNING);
        match (&self.key_usage, &self.extended_key_usage) {
            (None, None) => fault("it does not say what it is for"),
            (Some(usage), _) if !usage.digital_signature() => fault("its key usage lacks digitalSignature"),
            (_, Some(usage)) if !code_signing(usage) => fault("its extended key usage lacks codeSigning"),
            _ => Ok(()),
        }
    }
}

/// `id-kp-codeSigning` (RFC 5280, section 4.2.1.12).
const CODE_SIGNING: x509_cert::der::asn1::ObjectIdentifier =
    x509_cert::der::asn1::ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3");

/// Returns a name of the three kinds, if it looks like one of its kind: no kind can pass for another.
fn name(name: &GeneralName) -> Option<String> {
    let (name, fits): (&str, fn(&str) -> bool) = match name {
        GeneralName::Rfc822Name(name) => (name.as_str(), |name| name.contains('@') && !name.contains(':')),
        GeneralName::UniformResourceIdentifier(name) => (name.as_str(), |name| name.contains(':')),
        GeneralName::DnsName(name) => (name.as_str(), |name| !name.contains(['@', ':', '/'])),
        _ => return None,
    };
    fits(name).then(|| name.to_owned())
}

/// Says whether a certificate names itself as its issuer.
pub fn is_self_issued(der: &[u8]) -> Result<bool, String> {
    let certificate = Certificate::from_der(der).map_err(|error| error.to_string())?;
    Ok(certificate.tbs_certificate.issuer == certificate.tbs_certificate.subject)
}

/// Checks that a certificate is valid at a time; both ends belong to it (RFC 5280, section 4.1.2.5).
pub(super) fn check_validity(der: &[u8], what: &str, at: DateTime<Utc>) -> Result<(), ChainError> {
    let certificate = Certificate::from_der(der).map_err(|error| ChainError::Malformed(error.to_string()))?;
    let validity = certificate.tbs_certificate.validity;
    let time = |time: x509_cert::time::Time| {
        let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
        DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    };
    let (from, until) = (time(validity.not_before), time(validity.not_after));
    let shown = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    if at < from {
        return Err(ChainError::NotYetValid(format!("{what}, valid from {},", shown(from))));
    }
    if at > until {
        return Err(ChainError::Expired(format!("{what}, valid until {},", shown(until))));
    }
    Ok(())
}
