//! What stands in a certificate, beside what building a path looks at.

use chrono::{DateTime, SecondsFormat, Utc};
use x509_cert::Certificate;
use x509_cert::crl::CertificateList;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName};

use crate::certificate::ChainError;
use crate::certificate::revocations::ListKind;
use crate::digest::Digest;
use crate::key::VerifyingKey;

/// The certificate of a signer.
#[derive(Clone, Debug)]
pub struct Leaf {
    key: VerifyingKey,
    names: Vec<String>,
    /// Whether it has alternative names at all, and whether one of the kinds that we read can't be read.
    has_names: bool,
    has_unread_names: bool,
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
        let has_names = names.is_some();
        let read: Vec<_> = names.iter().flat_map(|(_, names)| &names.0).filter_map(name).collect();
        let key_usage = tbs.get::<KeyUsage>().map_err(|error| malformed(error.to_string()))?;
        let extended = tbs.get::<ExtendedKeyUsage>().map_err(|error| malformed(error.to_string()))?;
        Ok(Self {
            key,
            has_names,
            has_unread_names: read.iter().any(Option::is_none),
            names: read.into_iter().flatten().collect(),
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

    /// Returns the one name by which a trust file may know the signer: the only mail address, URI or domain name; or
    /// the subject (RFC 4514) of a certificate that has no alternative names. No kind can pass for another: of these
    /// the subject alone has a `=` before any `@` or `:`.
    pub fn sole_name(&self) -> Option<&str> {
        let plain = |name: &&str| !name.is_empty() && !name.chars().any(char::is_control);
        match self.names.as_slice() {
            [only] if !self.has_unread_names => Some(only.as_str()),
            [] if !self.has_names => Some(self.subject.as_str()).filter(plain),
            _ => None,
        }
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

/// Reads a name of one of the three kinds; nothing within if it does not look like one of its kind, so that no kind can
/// pass for another. Other kinds are passed over.
#[expect(clippy::option_option, reason = "not of these kinds, or of one and unreadable")]
fn name(name: &GeneralName) -> Option<Option<String>> {
    let (name, fits): (&str, fn(&str) -> bool) = match name {
        GeneralName::Rfc822Name(name) => (name.as_str(), |name| name.contains('@') && !name.contains([':', '='])),
        GeneralName::UniformResourceIdentifier(name) => (name.as_str(), has_scheme),
        GeneralName::DnsName(name) => (name.as_str(), |name| !name.contains(['@', ':', '/', '=', '*'])),
        _ => return None,
    };
    let plain = !name.is_empty() && !name.chars().any(|letter| letter.is_control() || letter.is_whitespace());
    Some((plain && fits(name)).then(|| name.to_owned()))
}

fn has_scheme(uri: &str) -> bool {
    let scheme = uri.split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

/// Returns from when on all of some certificates are valid, as each of them says.
pub(super) fn all_valid_from<'c>(chain: impl IntoIterator<Item = &'c Vec<u8>>) -> Result<DateTime<Utc>, ChainError> {
    let mut latest = DateTime::<Utc>::MIN_UTC;
    for der in chain {
        let certificate = Certificate::from_der(der).map_err(|error| ChainError::Malformed(error.to_string()))?;
        latest = latest.max(date(certificate.tbs_certificate.validity.not_before));
    }
    Ok(latest)
}

/// Says whether a certificate names itself as its issuer.
pub fn is_self_issued(der: &[u8]) -> Result<bool, String> {
    is_issued_by(der, der)
}

/// Says whether a certificate names another as its issuer: by its name, and without any proof.
pub(super) fn is_issued_by(der: &[u8], other: &[u8]) -> Result<bool, String> {
    let read = |der| Certificate::from_der(der).map_err(|error| error.to_string());
    Ok(read(der)?.tbs_certificate.issuer == read(other)?.tbs_certificate.subject)
}

/// What a certificate says of being an authority.
pub(super) struct AuthorityFacts {
    /// Whether it may issue certificates.
    issues: bool,
    /// Whether it demands something that nobody here understands.
    demands_unknown: bool,
    /// How many certificates may stand between it and a signer, if it says so.
    pub(super) path_length: Option<u8>,
    /// The SHA-256 of its key.
    pub(super) key: Digest,
}

impl AuthorityFacts {
    /// It must be one that may issue certificates, and demand nothing that is not understood.
    pub(super) fn check(&self, what: &str) -> Result<(), ChainError> {
        let fault = |fault: &str| Err(ChainError::Limited(format!("{what} {fault}")));
        if !self.issues {
            return fault("may not issue others: its basicConstraints or keyUsage (keyCertSign) do not say so");
        }
        if self.demands_unknown { fault("has a critical extension that is not known") } else { Ok(()) }
    }
}

/// The arc of the standard's own extensions, of which the library and this module judge those that may be critical.
const STANDARD: &str = "2.5.29.";

/// Reads what a certificate says of being an authority (RFC 5280, sections 4.2.1.3 and 4.2.1.9).
pub(super) fn authority_facts(der: &[u8]) -> Result<AuthorityFacts, String> {
    let certificate = Certificate::from_der(der).map_err(|error| error.to_string())?;
    let tbs = &certificate.tbs_certificate;
    let constraints =
        tbs.get::<BasicConstraints>().map_err(|error| error.to_string())?.map(|(_, constraints)| constraints);
    let usage = tbs.get::<KeyUsage>().map_err(|error| error.to_string())?;
    let spki = tbs.subject_public_key_info.to_der().map_err(|error| error.to_string())?;
    Ok(AuthorityFacts {
        issues: constraints.as_ref().is_some_and(|constraints| constraints.ca)
            && usage.is_none_or(|(_, usage)| usage.key_cert_sign()),
        demands_unknown: tbs
            .extensions
            .iter()
            .flatten()
            .any(|extension| extension.critical && !extension.extn_id.to_string().starts_with(STANDARD)),
        path_length: constraints.and_then(|constraints| constraints.path_len_constraint),
        key: Digest::of(&spki),
    })
}

/// Checks that a certificate is for signatures, and says so (RFC 5280, section 4.2.1.3).
pub(super) fn check_signs(der: &[u8]) -> Result<(), ChainError> {
    let malformed = |fault: String| ChainError::Malformed(format!("the certificate can't be read: {fault}"));
    let certificate = Certificate::from_der(der).map_err(|error| malformed(error.to_string()))?;
    let usage = certificate.tbs_certificate.get::<KeyUsage>().map_err(|error| malformed(error.to_string()))?;
    match usage {
        Some((_, usage)) if usage.digital_signature() => Ok(()),
        _ => Err(ChainError::Usage("its key usage lacks digitalSignature".to_owned())),
    }
}

/// `id-ce-issuingDistributionPoint` (RFC 5280, section 5.2.5); `x509-cert` 0.2.5 gives its type the identifier of another.
const ISSUING_DISTRIBUTION_POINT: x509_cert::der::asn1::ObjectIdentifier =
    x509_cert::der::asn1::ObjectIdentifier::new_unwrap("2.5.29.28");

/// Returns what a list of revoked certificates covers, and its end, if it has one.
pub(super) fn kind_and_end_of_list(der: &[u8]) -> Result<(ListKind, Option<DateTime<Utc>>), String> {
    let list = CertificateList::from_der(der).map_err(|error| error.to_string())?.tbs_cert_list;
    let mut extensions = list.crl_extensions.iter().flatten();
    let scope = extensions.find(|extension| extension.extn_id == ISSUING_DISTRIBUTION_POINT);
    let scope = scope.map(|extension| extension.extn_value.as_bytes().to_vec());
    Ok((ListKind { issuer: list.issuer.to_string(), scope }, list.next_update.map(date)))
}

/// Checks that a certificate is valid at a time; both ends belong to it (RFC 5280, section 4.1.2.5).
pub(super) fn check_validity(der: &[u8], what: &str, at: DateTime<Utc>) -> Result<(), ChainError> {
    let certificate = Certificate::from_der(der).map_err(|error| ChainError::Malformed(error.to_string()))?;
    let validity = certificate.tbs_certificate.validity;
    let (from, until) = (date(validity.not_before), date(validity.not_after));
    let shown = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    if at < from {
        return Err(ChainError::NotYetValid(format!("{what}, valid from {},", shown(from))));
    }
    if at > until {
        return Err(ChainError::Expired(format!("{what}, valid until {},", shown(until))));
    }
    Ok(())
}

fn date(time: x509_cert::time::Time) -> DateTime<Utc> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
