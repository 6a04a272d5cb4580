//! Sigstore bundle v0.3 (sigstore/protobuf-specs `sigstore_bundle.proto`).
//!
//! A line of a release bundle is one of these: a public-key hint or a certificate, a DSSE envelope, and
//! perhaps log entries and timestamps, which are counted here and checked by [`crate::sigstore`]. Fields that
//! we don't know are ignored, as DSSE demands.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::dsse::{Base64Error, Envelope, EnvelopeJson, Signature};
use crate::json::{self, JsonError};
use crate::limits;

/// The media type that we write and accept.
pub const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// One signature with its payload, unverified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigstoreBundle {
    /// What the bundle says of the key: unauthenticated.
    pub key_hint: Option<String>,
    /// Whether it is signed with a certificate, and not with a key that the verifier has.
    pub certified: bool,
    /// How many log entries and timestamps it has.
    pub proofs: usize,
    /// The payload and its signatures.
    pub envelope: Envelope,
}

/// Why a text is not a Sigstore bundle that we can check.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BundleError {
    /// A field is not canonical base64.
    #[error(transparent)]
    Base64(#[from] Base64Error),
    /// It has more log entries or timestamps than we read.
    #[error("more than {} log entries or {} timestamps", limits::LOG_ENTRIES, limits::TIMESTAMPS)]
    Proofs,
    /// The text is not JSON, or not a Sigstore bundle.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The parts don't make one bundle.
    #[error("{0}")]
    Shape(&'static str),
    /// The bundle is of a form that this version can't check.
    #[error("{0}")]
    Unsupported(&'static str),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BundleJson<'a> {
    media_type: String,
    verification_material: MaterialJson,
    #[serde(borrow)]
    dsse_envelope: Option<EnvelopeJson<'a>>,
    message_signature: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MaterialJson {
    public_key: Option<PublicKeyJson>,
    certificate: Option<Value>,
    x509_certificate_chain: Option<Value>,
    #[serde(default)]
    tlog_entries: Vec<Value>,
    timestamp_verification_data: Option<TimestampsJson>,
}

#[derive(Deserialize, Serialize)]
struct PublicKeyJson {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TimestampsJson {
    #[serde(default)]
    rfc3161_timestamps: Vec<Value>,
}

impl SigstoreBundle {
    /// Reads a bundle. Nothing is verified.
    pub fn parse(text: &[u8]) -> Result<Self, BundleError> {
        let json: BundleJson<'_> = json::parse(text)?;
        if json.media_type != MEDIA_TYPE {
            return Err(BundleError::Unsupported("its media type is not that of Sigstore bundle v0.3"));
        }
        let proofs = json.verification_material.proofs()?;
        let key = json.verification_material.into_key()?;
        match (json.dsse_envelope, json.message_signature) {
            (Some(envelope), None) => {
                let certified = key.is_none();
                let key_hint = key.and_then(|key| key.hint).filter(|hint| !hint.is_empty());
                Ok(Self { key_hint, certified, proofs, envelope: envelope.try_into()? })
            }
            (None, Some(_)) => Err(BundleError::Unsupported("it signs a message, not a statement")),
            _ => Err(BundleError::Shape("expected one of `dsseEnvelope` and `messageSignature`")),
        }
    }

    /// Writes a bundle of one line without a line feed.
    pub fn write(payload: &[u8], key_id: &str, signature: Vec<u8>) -> serde_json::Result<Vec<u8>> {
        let signature = Signature { key_id: Some(key_id.to_owned()), bytes: signature };
        serde_json::to_vec(&BundleOut {
            media_type: MEDIA_TYPE,
            verification_material: MaterialOut {
                public_key: PublicKeyJson { hint: Some(key_id.to_owned()) },
                tlog_entries: [],
            },
            dsse_envelope: EnvelopeJson::new(payload, &signature),
        })
    }
}

impl MaterialJson {
    /// Counts log entries and timestamps.
    fn proofs(&self) -> Result<usize, BundleError> {
        let timestamps = self.timestamp_verification_data.as_ref().map_or(0, |data| data.rfc3161_timestamps.len());
        if self.tlog_entries.len() > limits::LOG_ENTRIES || timestamps > limits::TIMESTAMPS {
            return Err(BundleError::Proofs);
        }
        Ok(self.tlog_entries.len() + timestamps)
    }

    /// Returns the key, or nothing where a certificate stands in its place.
    fn into_key(self) -> Result<Option<PublicKeyJson>, BundleError> {
        let chain = self.x509_certificate_chain.is_some();
        match (self.public_key, self.certificate.is_some() || chain) {
            (Some(_), true) => Err(BundleError::Shape("it has a public key and a certificate")),
            (None, false) => Err(BundleError::Shape("it names neither a key nor a certificate")),
            (None, true) if chain => {
                Err(BundleError::Unsupported("it has a chain of certificates, which v0.3 forbids"))
            }
            (key, _) => Ok(key),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BundleOut {
    media_type: &'static str,
    verification_material: MaterialOut,
    dsse_envelope: EnvelopeJson<'static>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MaterialOut {
    public_key: PublicKeyJson,
    tlog_entries: [(); 0],
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn good() -> Value {
        let text = SigstoreBundle::write(b"payload", "hint", vec![1, 2]).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    fn parse(value: &Value) -> Result<SigstoreBundle, BundleError> {
        SigstoreBundle::parse(value.to_string().as_bytes())
    }

    fn changed(pointer: &str, key: &str, value: Value) -> Result<SigstoreBundle, BundleError> {
        let mut bundle = good();
        bundle.pointer_mut(pointer).unwrap()[key] = value;
        parse(&bundle)
    }

    #[test]
    fn a_bundle_reads_as_it_was_written() {
        let bundle = parse(&good()).unwrap();
        assert_eq!(bundle.key_hint.as_deref(), Some("hint"));
        assert_eq!(bundle.envelope.payload, b"payload");
        assert_eq!(bundle.envelope.signatures[0].bytes, [1, 2]);
    }

    #[test]
    fn what_can_not_be_checked_is_refused_by_name() {
        let material = "/verificationMaterial";
        let result = changed("", "mediaType", json!("application/vnd.dev.sigstore.bundle.v0.3.1+json"));
        assert!(matches!(result, Err(BundleError::Unsupported(_))), "{result:?}");
        assert!(changed("", "unknown", json!(1)).is_ok());
        assert!(changed(material, "timestampVerificationData", json!({})).is_ok());
    }

    #[test]
    fn entries_and_timestamps_are_counted_up_to_a_limit() {
        let material = "/verificationMaterial";
        let entries = |count| changed(material, "tlogEntries", json!(vec![json!({}); count]));
        let stamps = |count| json!({"rfc3161Timestamps": vec![json!({}); count]});
        assert_eq!(entries(limits::LOG_ENTRIES).unwrap().proofs, limits::LOG_ENTRIES);
        assert_eq!(entries(limits::LOG_ENTRIES + 1), Err(BundleError::Proofs));
        assert_eq!(changed(material, "timestampVerificationData", stamps(2)).unwrap().proofs, 2);
        let many = changed(material, "timestampVerificationData", stamps(limits::TIMESTAMPS + 1));
        assert_eq!(many, Err(BundleError::Proofs));
    }

    #[test]
    fn a_certificate_stands_in_the_place_of_a_key() {
        let mut bundle = good();
        bundle["verificationMaterial"] = json!({"certificate": {"rawBytes": "AA=="}});
        assert!(parse(&bundle).unwrap().certified);
        bundle["verificationMaterial"] = json!({"x509CertificateChain": {"certificates": []}});
        assert!(matches!(parse(&bundle), Err(BundleError::Unsupported(_))));
    }

    #[test]
    fn ambiguous_bundles_are_refused() {
        for (pointer, key, value) in [
            ("/verificationMaterial", "certificate", json!({})),
            ("/verificationMaterial", "publicKey", json!(null)),
            ("", "messageSignature", json!({})),
            ("", "dsseEnvelope", json!(null)),
        ] {
            let result = changed(pointer, key, value);
            assert!(matches!(result, Err(BundleError::Shape(_))), "{key}: {result:?}");
        }
    }
}
