//! DSSE v1.0.2 (secure-systems-lab/dsse `protocol.md`, `envelope.md`): what is signed, and how it is carried.
//!
//! The payload is kept as the bytes that were signed. Base64 is read in its one canonical form only. No
//! signature is checked here.

use std::fmt;

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The only payload type that we write and accept.
pub const IN_TOTO: &str = "application/vnd.in-toto+json";

/// The pre-authentication encoding: the very bytes that a signature covers.
///
/// `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`, lengths in bytes (DSSE `protocol.md`, "Signature
/// Definition").
pub struct Pae {
    bytes: Vec<u8>,
    body: usize,
}

impl fmt::Debug for Pae {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pae({} bytes)", self.bytes.len())
    }
}

impl Pae {
    /// Encodes a payload and its type.
    pub fn new(payload_type: &str, payload: &[u8]) -> Self {
        let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
        let body = head.len();
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(payload);
        Self { bytes, body }
    }

    /// Returns the bytes to sign or to check.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the payload within.
    pub fn payload(&self) -> &[u8] {
        self.bytes.get(self.body..).unwrap_or_default()
    }
}

/// One signature of an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// A hint which key it is from; unauthenticated, never more than a hint.
    pub key_id: Option<String>,
    /// The signature, 64 bytes for Ed25519 and ASN.1 DER for ECDSA.
    pub bytes: Vec<u8>,
}

/// A payload with its signatures, none of which has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// What the payload claims to be.
    pub payload_type: String,
    /// The payload.
    pub payload: Vec<u8>,
    /// The signatures.
    pub signatures: Vec<Signature>,
}

/// Why an envelope can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not canonical base64")]
pub struct Base64Error(&'static str);

/// The JSON form of an [`Envelope`].
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EnvelopeJson<'a> {
    #[serde(borrow)]
    payload: std::borrow::Cow<'a, str>,
    payload_type: String,
    signatures: Vec<SignatureJson>,
}

#[derive(Deserialize, Serialize)]
struct SignatureJson {
    sig: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keyid: Option<String>,
}

impl TryFrom<EnvelopeJson<'_>> for Envelope {
    type Error = Base64Error;

    fn try_from(json: EnvelopeJson<'_>) -> Result<Self, Base64Error> {
        let signatures = json.signatures.into_iter().map(|signature| {
            let bytes = decode("sig", &signature.sig)?;
            Ok(Signature { key_id: signature.keyid.filter(|id| !id.is_empty()), bytes })
        });
        Ok(Self {
            payload: decode("payload", &json.payload)?,
            payload_type: json.payload_type,
            signatures: signatures.collect::<Result<_, _>>()?,
        })
    }
}

impl EnvelopeJson<'_> {
    /// Wraps a payload of type [`IN_TOTO`] with its one signature.
    pub(crate) fn new(payload: &[u8], signature: &Signature) -> EnvelopeJson<'static> {
        EnvelopeJson {
            payload: BASE64.encode(payload).into(),
            payload_type: IN_TOTO.to_owned(),
            signatures: vec![SignatureJson { sig: BASE64.encode(&signature.bytes), keyid: signature.key_id.clone() }],
        }
    }
}

/// Decodes the one form that a field may have. The library also takes padded pieces one after the other.
pub(crate) fn decode(field: &'static str, text: &str) -> Result<Vec<u8>, Base64Error> {
    if text.trim_end_matches('=').contains('=') {
        return Err(Base64Error(field));
    }
    BASE64.decode(text.as_bytes()).map_err(|_| Base64Error(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(payload: &str) -> Result<Envelope, Base64Error> {
        let text = format!(r#"{{"payload":"{payload}","payloadType":"t","signatures":[{{"sig":"AA==","keyid":""}}]}}"#);
        serde_json::from_str::<EnvelopeJson<'_>>(&text).unwrap().try_into()
    }

    #[test]
    fn pae_is_that_of_the_specification() {
        let pae = Pae::new("http://example.com/HelloWorld", b"hello world");
        assert_eq!(pae.as_bytes(), b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
        assert_eq!(pae.payload(), b"hello world");
    }

    #[test]
    fn pae_counts_bytes() {
        assert_eq!(Pae::new("é", "ü".as_bytes()).as_bytes(), "DSSEv1 2 é 2 ü".as_bytes());
        assert_eq!(Pae::new("", b"").as_bytes(), b"DSSEv1 0  0 ");
    }

    #[test]
    fn base64_has_one_form() {
        assert_eq!(envelope("YWI=").unwrap().payload, b"ab");
        for text in ["YWI", "YWI= ", "YW\\nI=", "YWJ=", "_-8=", "Y", "YWI=YWI=", "YQ==YQ==", "YQ==YWJj", "===="] {
            assert!(envelope(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_empty_key_id_is_none() {
        assert_eq!(envelope("YWI=").unwrap().signatures[0].key_id, None);
    }
}
