//! The evidence of one line: who its certificate names, when it was signed, and that it was logged.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sigstore_types::{Artifact, Bundle, DerPublicKey, MediaType, SignatureContent, Statement};
use sigstore_verify::{PublicKeyVerificationPolicy, VerificationPolicy, VerificationResult};

use crate::dsse::Pae;
use crate::finding::Code;
use crate::json;
use crate::key::VerifyingKey;
use crate::sigstore::{Refusal, Root};

/// When a signature was made at the latest, and whether a log has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// Every time that an authority or a log vouches for.
    pub times: Vec<DateTime<Utc>>,
    /// Whether a timestamp authority vouches for one of them.
    pub timestamped: bool,
    /// Whether a transparency log proves that it has the signature. A promise is none.
    pub logged: bool,
}

/// A signature by the key of a certificate that a trusted authority issued, whoever it names.
#[derive(Clone, Debug)]
pub struct Certified {
    /// Whom the certificate names.
    pub subject: String,
    /// The issuer that vouched for them.
    pub issuer: String,
    /// What is proven of the signature.
    pub proof: Proof,
}

impl Root {
    /// Checks a line that is signed with a certificate: chain, certificate log, transparency log, timestamps,
    /// signature. The caller compares the identity.
    pub fn certified(&self, line: &[u8], signed: &Pae) -> Result<Certified, Refusal> {
        let bundle = read(line, signed)?;
        check_signature(&bundle, signed)?;
        let result = self.verifier.verify(own_subject(&bundle)?, &bundle, &self.policy())?;
        self.certify(&result, &bundle)
    }

    /// Checks the log entries and timestamps of a line that a key signed. There must be one.
    pub fn timed(&self, line: &[u8], signed: &Pae, key: &VerifyingKey) -> Result<Proof, Refusal> {
        let bundle = read(line, signed)?;
        let policy = PublicKeyVerificationPolicy::new(DerPublicKey::from_pem(&key.to_pem())?);
        // What a log says is always checked; a line need not have been logged.
        let unlogged = bundle.verification_material.tlog_entries.is_empty();
        let policy = if unlogged { policy.skip_tlog_unsafe() } else { policy };
        let result = self.verifier.verify(own_subject(&bundle)?, &bundle, &policy)?;
        proof(&result, &bundle)
    }

    /// Checks the log entries and timestamps of a line that is signed with the certificate of an own authority, by its key:
    /// the caller has judged the certificate, which the library would not know.
    pub fn stamped(&self, line: &[u8], signed: &Pae, key: &VerifyingKey) -> Result<Proof, Refusal> {
        let malformed = |error: String| Refusal::new(Code::MalformedLine, error);
        let mut bundle: Value = json::parse(line).map_err(|error| malformed(error.to_string()))?;
        let material = bundle.get_mut("verificationMaterial").and_then(Value::as_object_mut);
        let material = material.ok_or_else(|| malformed("the line has no verification material".to_owned()))?;
        material.retain(|name, _| !["certificate", "x509CertificateChain"].contains(&name.as_str()));
        material.insert("publicKey".to_owned(), json!({"hint": ""}));
        self.timed(bundle.to_string().as_bytes(), signed, key)
    }

    /// Takes what the library found, and follows the chain of the certificate by the rules for own authorities as well.
    pub(super) fn certify(&self, result: &VerificationResult, bundle: &Bundle) -> Result<Certified, Refusal> {
        let certificate = bundle.signing_certificate().filter(|_| result.certificate_verified());
        let Some(certificate) = certificate else {
            return Err(Refusal::new(Code::UntrustedSigner, "the certificate was not verified"));
        };
        let (Some(subject), Some(issuer)) = (result.identity(), result.issuer()) else {
            return Err(Refusal::new(Code::UntrustedSigner, "the certificate names no identity with an issuer"));
        };
        let proof = proof(result, bundle)?;
        self.authorities
            .vouch_for(certificate.as_bytes(), &proof.times)
            .map_err(|error| Refusal::new(error.code(), error.to_string()))?;
        Ok(Certified { subject: subject.as_str().to_owned(), issuer: issuer.to_owned(), proof })
    }

    /// The policy under which every identity passes that an authority of the root vouches for.
    pub(super) fn policy(&self) -> VerificationPolicy {
        let policy = VerificationPolicy::any_identity();
        if self.demands_logs { policy } else { policy.skip_tlog_unsafe().skip_sct() }
    }
}

/// Reads a line as the library does, and makes sure that it sees there what we see.
fn read(line: &[u8], signed: &Pae) -> Result<Bundle, Refusal> {
    let text = std::str::from_utf8(line).map_err(|_| Refusal::new(Code::MalformedLine, "the line is not UTF-8"))?;
    let bundle = Bundle::from_json(text)?;
    let same = match &bundle.content {
        SignatureContent::DsseEnvelope(envelope) => envelope.pae() == signed.as_bytes(),
        _ => false,
    };
    if !same {
        return Err(Refusal::new(Code::MalformedLine, "the envelope reads in two ways"));
    }
    // Version 0.1 alone may have a promise in the place of a proof.
    let promised = bundle.media_type() == MediaType::Bundle0_1;
    let entries = &bundle.verification_material.tlog_entries;
    if promised && entries.iter().any(|entry| entry.inclusion_promise.is_none()) {
        return Err(Refusal::new(Code::WrongLog, "a log entry has no inclusion promise"));
    }
    if !promised && entries.iter().any(|entry| entry.inclusion_proof.is_none()) {
        return Err(Refusal::new(Code::WrongLog, "a log entry has no inclusion proof"));
    }
    Ok(bundle)
}

/// Checks the signature alone, before anything is read that nobody may have signed. The library does it again.
fn check_signature(bundle: &Bundle, signed: &Pae) -> Result<(), Refusal> {
    let (Some(certificate), SignatureContent::DsseEnvelope(envelope)) = (bundle.signing_certificate(), &bundle.content)
    else {
        return Err(Refusal::new(Code::UnsupportedLine, "it has no certificate"));
    };
    let certificate = sigstore_crypto::parse_certificate_info(certificate)
        .map_err(|error| Refusal::new(Code::MalformedLine, format!("the certificate can't be read: {error}")))?;
    let scheme = certificate.key_algorithm.default_signing_scheme();
    let signature = &envelope.signature.sig;
    sigstore_crypto::verify_signature(&certificate.public_key, signed.as_bytes(), signature, scheme)
        .map_err(|error| Refusal::new(Code::BadSignature, error.to_string()))
}

/// Returns what the statement says of itself to be about: which model is meant is decided later, of all lines in
/// the same way.
fn own_subject(bundle: &Bundle) -> Result<Artifact<'static>, Refusal> {
    let SignatureContent::DsseEnvelope(envelope) = &bundle.content else {
        return Err(Refusal::new(Code::UnsupportedLine, "it signs a message, not a statement"));
    };
    let malformed = |reason: String| Refusal::new(Code::MalformedStatement, reason);
    // The library reads it into values before it has checked who signed.
    json::check(envelope.payload.as_bytes())
        .map_err(|error| malformed(format!("the statement can't be read: {error}")))?;
    let statement: Statement = serde_json::from_slice(envelope.payload.as_bytes())
        .map_err(|error| malformed(format!("the statement can't be read: {error}")))?;
    let digest = statement.subject.iter().find_map(|subject| subject.digest.sha256);
    let digest = digest.ok_or_else(|| malformed("the statement has no subject with a SHA-256".to_owned()))?;
    Ok(digest.into())
}

pub(super) fn proof(result: &VerificationResult, bundle: &Bundle) -> Result<Proof, Refusal> {
    let material = &bundle.verification_material;
    let times = result.verified_timestamps().iter().map(|time| {
        DateTime::from_timestamp(time.as_second(), time.subsec_nanosecond().unsigned_abs())
            .ok_or_else(|| Refusal::new(Code::WrongTime, "a proven time can't be written"))
    });
    Ok(Proof {
        times: times.collect::<Result<_, _>>()?,
        timestamped: !material.timestamp_verification_data.rfc3161_timestamps.is_empty(),
        logged: result.tlog_verified() && material.tlog_entries.iter().any(|entry| entry.inclusion_proof.is_some()),
    })
}
