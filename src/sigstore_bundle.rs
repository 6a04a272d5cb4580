//! Sigstore bundle v0.3 (sigstore/protobuf-specs `sigstore_bundle.proto`).
//!
//! A line of a release bundle is one of these: a public-key hint or a certificate, a DSSE envelope, and
//! perhaps log entries and timestamps, which are counted here and checked by [`crate::sigstore`]. Who can't
//! judge what a bundle has beside a key refuses it by name: each reader says how much it understands. Fields
//! that we don't know are ignored, as DSSE demands.

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::dsse::{self, Base64Error, Envelope, EnvelopeJson, Signature};
use crate::json::{self, JsonError};
use crate::limits;

/// The media type that we write and accept.
pub const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// The name that bundles of this version had before.
pub const MEDIA_TYPE_BEFORE: &str = "application/vnd.dev.sigstore.bundle+json;version=0.3";

/// The media type of lines whose log entries are promised and not proven, as cosign had them before: version 0.3 has no place
/// for such an entry.
pub const MEDIA_TYPE_PROMISED: &str = "application/vnd.dev.sigstore.bundle+json;version=0.1";

/// One signature with its payload, unverified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigstoreBundle {
    /// What the bundle says of the key: unauthenticated.
    pub key_hint: Option<String>,
    /// Whether it is signed with a certificate, and not with a key that the verifier has.
    pub certified: bool,
    /// The chain of certificates, if there is one and not the one certificate of Sigstore.
    pub chain: Option<Chain>,
    /// The one certificate in DER, if that is what there is.
    pub certificate: Option<Vec<u8>>,
    /// How many log entries and timestamps it has.
    pub proofs: usize,
    /// The payload and its signatures.
    pub envelope: Envelope,
}

/// The certificate of a signer in DER, and those above it: unverified.
pub type Chain = Vec<Vec<u8>>;

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
    certificate: Option<CertificateJson>,
    x509_certificate_chain: Option<ChainJson>,
    #[serde(default)]
    tlog_entries: Vec<Value>,
    timestamp_verification_data: Option<TimestampsJson>,
}

#[derive(Deserialize, Serialize)]
struct PublicKeyJson {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct ChainJson {
    certificates: Vec<CertificateJson>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct CertificateJson {
    raw_bytes: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TimestampsJson {
    #[serde(default)]
    rfc3161_timestamps: Vec<Value>,
}

impl SigstoreBundle {
    /// Reads a bundle that a key signed, without log entries and timestamps. Nothing is verified.
    pub fn parse(text: &[u8]) -> Result<Self, BundleError> {
        let bundle = Self::parse_with_proofs(text)?;
        if bundle.certified {
            return Err(BundleError::Unsupported("it is signed with a certificate, not with a key"));
        }
        bundle.unproven()
    }

    /// Reads a bundle that a key signed, or the first certificate of a chain, without log entries and timestamps.
    /// Nothing is verified.
    ///
    /// For those alone who judge chains.
    pub fn parse_with_chain(text: &[u8]) -> Result<(Self, Option<Chain>), BundleError> {
        let mut bundle = Self::parse_with_proofs(text)?;
        if bundle.certificate.is_some() {
            return Err(BundleError::Unsupported("it is signed without a lasting key"));
        }
        let chain = bundle.chain.take();
        Ok((bundle.unproven()?, chain))
    }

    /// Reads a bundle that a key or a certificate signed, perhaps with log entries and timestamps. Nothing is
    /// verified.
    ///
    /// For those alone who judge each of these, or nothing.
    pub fn parse_with_proofs(text: &[u8]) -> Result<Self, BundleError> {
        let json = BundleJson::read(text)?;
        if json.media_type != MEDIA_TYPE {
            return Err(BundleError::Unsupported("its media type is not that of Sigstore bundle v0.3"));
        }
        json.into_bundle()
    }

    /// Reads the same, or a bundle of the same version under its former name. Nothing is verified.
    ///
    /// For those alone who read what clients of Sigstore write.
    pub fn parse_of_client(text: &[u8]) -> Result<Self, BundleError> {
        let json = BundleJson::read(text)?;
        if ![MEDIA_TYPE, MEDIA_TYPE_BEFORE].contains(&json.media_type.as_str()) {
            return Err(BundleError::Unsupported("its media type is not that of Sigstore bundle v0.3"));
        }
        json.into_bundle()
    }

    /// Reads a line of a release bundle: the same, or a bundle of version 0.1 if the log entries that it has are promised and
    /// not proven. Nothing is verified.
    pub fn parse_line(text: &[u8]) -> Result<Self, BundleError> {
        let mut json = BundleJson::read(text)?;
        match json.media_type.as_str() {
            MEDIA_TYPE => {}
            MEDIA_TYPE_PROMISED => json.verification_material = json.verification_material.promised()?,
            _ => return Err(BundleError::Unsupported("its media type is not that of Sigstore bundle v0.3, or v0.1")),
        }
        json.into_bundle()
    }

    fn unproven(self) -> Result<Self, BundleError> {
        if self.proofs == 0 {
            return Ok(self);
        }
        Err(BundleError::Unsupported("it has log entries or timestamps, which are not checked here"))
    }

    /// Writes a bundle of one line without a line feed.
    pub fn write(payload: &[u8], key_id: &str, signature: Vec<u8>) -> serde_json::Result<Vec<u8>> {
        let signature = signed(signature);
        let public_key = Some(PublicKeyJson { hint: Some(key_id.to_owned()) });
        let material = MaterialOut { public_key, x509_certificate_chain: None, tlog_entries: [] };
        write(payload, material, &signature)
    }

    /// Writes a bundle that is signed with the first certificate of a chain, each in DER.
    pub fn write_certified(payload: &[u8], chain: &[Vec<u8>], signature: Vec<u8>) -> serde_json::Result<Vec<u8>> {
        let signature = signed(signature);
        let certificates = chain.iter().map(|der| CertificateJson { raw_bytes: BASE64.encode(der) }).collect();
        let x509_certificate_chain = Some(ChainJson { certificates });
        write(payload, MaterialOut { public_key: None, x509_certificate_chain, tlog_entries: [] }, &signature)
    }
}

/// The reference of OpenSSF Model Signing reads no envelope whose `keyid` is absent, and cosign none whose `keyid` is
/// of another making than its own: it is empty, and the key is named by the hint.
fn signed(bytes: Vec<u8>) -> Signature {
    Signature { key_id: Some(String::new()), bytes }
}

impl<'a> BundleJson<'a> {
    fn read(text: &'a [u8]) -> Result<Self, BundleError> {
        Ok(json::parse(text)?)
    }

    fn into_bundle(self) -> Result<SigstoreBundle, BundleError> {
        let proofs = self.verification_material.proofs()?;
        let certified = self.verification_material.public_key.is_none();
        let NamedSigner { key_hint, chain, certificate } = self.verification_material.into_signer()?;
        match (self.dsse_envelope, self.message_signature) {
            (Some(envelope), None) => {
                let envelope = envelope.try_into()?;
                Ok(SigstoreBundle { key_hint, certified, chain, certificate, proofs, envelope })
            }
            (None, Some(_)) => Err(BundleError::Unsupported("it signs a message, not a statement")),
            _ => Err(BundleError::Shape("expected one of `dsseEnvelope` and `messageSignature`")),
        }
    }
}

fn write(payload: &[u8], material: MaterialOut, signature: &Signature) -> serde_json::Result<Vec<u8>> {
    let dsse_envelope = EnvelopeJson::new(payload, signature);
    serde_json::to_vec(&BundleOut { media_type: MEDIA_TYPE, verification_material: material, dsse_envelope })
}

/// What a bundle says of its signer: one of these at most.
#[derive(Default)]
struct NamedSigner {
    key_hint: Option<String>,
    chain: Option<Chain>,
    certificate: Option<Vec<u8>>,
}

impl MaterialJson {
    /// Takes what version 0.1 says: each entry has a promise and no proof, and one certificate stands in a chain.
    fn promised(mut self) -> Result<Self, BundleError> {
        let has = |entry: &Value, name: &str| entry.get(name).is_some_and(|value| !value.is_null());
        if self.tlog_entries.is_empty() || self.tlog_entries.iter().any(|entry| has(entry, "inclusionProof")) {
            return Err(BundleError::Unsupported(
                "it is of version 0.1, which is read for log entries without a proof alone: write it as v0.3",
            ));
        }
        if !self.tlog_entries.iter().all(|entry| has(entry, "inclusionPromise")) {
            return Err(BundleError::Shape("a log entry has neither proof nor promise"));
        }
        if self.certificate.is_some() {
            return Err(BundleError::Shape("it is of version 0.1, which has a chain in the place of a certificate"));
        }
        if let Some(chain) = &mut self.x509_certificate_chain
            && chain.certificates.len() == 1
        {
            self.certificate = chain.certificates.pop();
            self.x509_certificate_chain = None;
        }
        Ok(self)
    }

    /// Counts log entries and timestamps.
    fn proofs(&self) -> Result<usize, BundleError> {
        let timestamps = self.timestamp_verification_data.as_ref().map_or(0, |data| data.rfc3161_timestamps.len());
        if self.tlog_entries.len() > limits::LOG_ENTRIES || timestamps > limits::TIMESTAMPS {
            return Err(BundleError::Proofs);
        }
        Ok(self.tlog_entries.len() + timestamps)
    }

    /// Returns what the bundle says of the signer.
    fn into_signer(self) -> Result<NamedSigner, BundleError> {
        let nobody = NamedSigner::default();
        match (self.public_key, self.x509_certificate_chain, self.certificate) {
            (Some(key), None, None) => Ok(NamedSigner { key_hint: key.hint.filter(|hint| !hint.is_empty()), ..nobody }),
            (None, Some(chain), None) => Ok(NamedSigner { chain: Some(chain.decode()?), ..nobody }),
            (None, None, Some(one)) => Ok(NamedSigner { certificate: Some(one.decode()?), ..nobody }),
            (Some(_), _, _) => Err(BundleError::Shape("it has a public key and a certificate")),
            (None, Some(_), Some(_)) => Err(BundleError::Shape("it has a certificate and a chain of them")),
            (None, None, None) => Err(BundleError::Shape("it names neither a key nor a certificate")),
        }
    }
}

impl ChainJson {
    fn decode(self) -> Result<Chain, BundleError> {
        if self.certificates.is_empty() {
            return Err(BundleError::Shape("its chain has no certificate"));
        }
        if self.certificates.len() > limits::CHAIN_CERTIFICATES {
            return Err(BundleError::Shape("its chain has too many certificates"));
        }
        self.certificates.into_iter().map(CertificateJson::decode).collect()
    }
}

impl CertificateJson {
    fn decode(self) -> Result<Vec<u8>, BundleError> {
        Ok(dsse::decode("rawBytes", &self.raw_bytes)?)
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
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<PublicKeyJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x509_certificate_chain: Option<ChainJson>,
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
    fn a_chain_reads_as_it_was_written() {
        let chain = [vec![1], vec![2, 3]];
        let text = SigstoreBundle::write_certified(b"payload", &chain, vec![1]).unwrap();
        let (bundle, read) = SigstoreBundle::parse_with_chain(&text).unwrap();
        assert_eq!((bundle.key_hint, read.as_deref()), (None, Some(chain.as_slice())));
        assert!(matches!(SigstoreBundle::parse(&text), Err(BundleError::Unsupported(_))));
        let mut json: Value = serde_json::from_slice(&text).unwrap();
        for count in [0, limits::CHAIN_CERTIFICATES + 1] {
            let certificates = vec![json!({"rawBytes": "AA=="}); count];
            json["verificationMaterial"]["x509CertificateChain"]["certificates"] = certificates.into();
            let parsed = SigstoreBundle::parse_with_chain(json.to_string().as_bytes());
            assert!(matches!(parsed, Err(BundleError::Shape(_))), "{count}");
        }
    }

    #[test]
    fn what_can_not_be_checked_is_refused_by_name() {
        let material = "/verificationMaterial";
        for (pointer, key, value) in [
            ("", "mediaType", json!("application/vnd.dev.sigstore.bundle.v0.3.1+json")),
            (material, "tlogEntries", json!([{}])),
            (material, "timestampVerificationData", json!({"rfc3161Timestamps": [{}]})),
        ] {
            let result = changed(pointer, key, value);
            assert!(matches!(result, Err(BundleError::Unsupported(_))), "{key}: {result:?}");
        }
        assert!(changed("", "unknown", json!(1)).is_ok());
        assert!(changed(material, "timestampVerificationData", json!({})).is_ok());
    }

    fn with_proofs(pointer: &str, key: &str, value: Value) -> Result<SigstoreBundle, BundleError> {
        let mut bundle = good();
        bundle.pointer_mut(pointer).unwrap()[key] = value;
        SigstoreBundle::parse_with_proofs(bundle.to_string().as_bytes())
    }

    #[test]
    fn entries_and_timestamps_are_counted_up_to_a_limit() {
        let material = "/verificationMaterial";
        let entries = |count| with_proofs(material, "tlogEntries", json!(vec![json!({}); count]));
        let stamps = |count| json!({"rfc3161Timestamps": vec![json!({}); count]});
        assert_eq!(entries(limits::LOG_ENTRIES).unwrap().proofs, limits::LOG_ENTRIES);
        assert_eq!(entries(limits::LOG_ENTRIES + 1), Err(BundleError::Proofs));
        assert_eq!(with_proofs(material, "timestampVerificationData", stamps(2)).unwrap().proofs, 2);
        let many = with_proofs(material, "timestampVerificationData", stamps(limits::TIMESTAMPS + 1));
        assert_eq!(many, Err(BundleError::Proofs));
    }

    #[test]
    fn a_certificate_stands_in_the_place_of_a_key_for_those_who_judge_it() {
        let mut bundle = good();
        bundle["verificationMaterial"] = json!({"certificate": {"rawBytes": "AA=="}});
        let text = bundle.to_string();
        assert!(SigstoreBundle::parse_with_proofs(text.as_bytes()).unwrap().certified);
        assert!(matches!(SigstoreBundle::parse(text.as_bytes()), Err(BundleError::Unsupported(_))));
        assert!(matches!(SigstoreBundle::parse_with_chain(text.as_bytes()), Err(BundleError::Unsupported(_))));
        bundle["verificationMaterial"] = json!({"x509CertificateChain": {"certificates": [{"rawBytes": "AA=="}]}});
        let chain = SigstoreBundle::parse_with_proofs(bundle.to_string().as_bytes()).unwrap();
        assert_eq!((chain.certified, chain.chain, chain.certificate), (true, Some(vec![vec![0]]), None));
    }

    #[test]
    fn ambiguous_bundles_are_refused() {
        for (pointer, key, value) in [
            ("/verificationMaterial", "certificate", json!({"rawBytes": "AA=="})),
            ("/verificationMaterial", "x509CertificateChain", json!({"certificates": []})),
            ("/verificationMaterial", "publicKey", json!(null)),
            ("", "messageSignature", json!({})),
            ("", "dsseEnvelope", json!(null)),
        ] {
            let result = changed(pointer, key, value);
            assert!(matches!(result, Err(BundleError::Shape(_))), "{key}: {result:?}");
        }
    }
}
