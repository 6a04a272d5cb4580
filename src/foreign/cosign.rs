//! What `cosign attest-blob --bundle` writes with `--new-bundle-format=false`, and wrote before there was another form.
//!
//! It is the envelope in base64, beside it a certificate in PEM and what Rekor answered: the entry, and the promise to put it
//! into the log. All of it has a place in a Sigstore bundle of version 0.1, which asks for no proof that the log kept its promise.

use data_encoding::{BASE64, HEXLOWER};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::foreign::{ForeignError, decode};
use crate::json;

/// The document. `cert` may be a public key.
#[derive(Deserialize)]
pub(super) struct OldBundle {
    #[serde(rename = "base64Signature")]
    signature: String,
    #[serde(default)]
    cert: Option<String>,
    #[serde(default, rename = "rekorBundle")]
    rekor: Option<Rekor>,
}

/// What Rekor answered.
#[derive(Deserialize)]
struct Rekor {
    #[serde(rename = "SignedEntryTimestamp")]
    promise: String,
    #[serde(rename = "Payload")]
    payload: Promised,
}

/// What the promise is about.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Promised {
    body: String,
    integrated_time: i64,
    log_index: i64,
    #[serde(rename = "logID")]
    log_id: String,
}

/// The kind of a log entry, which a Sigstore bundle says outside of the entry as well.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    kind: String,
    api_version: String,
}

impl OldBundle {
    /// Returns the text of the envelope. A signature alone is that of a message.
    pub(super) fn envelope(&self) -> Result<Vec<u8>, ForeignError> {
        let text = decode("base64Signature", &self.signature)?;
        if text.trim_ascii_start().first() == Some(&b'{') { Ok(text) } else { Err(ForeignError::Message) }
    }

    /// Returns what is signed as a member of a Sigstore bundle: an envelope, or the signature of a message.
    pub(super) fn content(&self) -> Result<(&'static str, Value), ForeignError> {
        match self.envelope() {
            Ok(text) => Ok(("dsseEnvelope", json::parse(&text)?)),
            Err(ForeignError::Message) => Ok(("messageSignature", json!({"signature": self.signature}))),
            Err(error) => Err(error),
        }
    }

    /// Returns what it says of its signer, as a Sigstore bundle says it; nothing, if that is no more than that there is a key.
    pub(super) fn material(&self) -> Result<Option<Value>, ForeignError> {
        let entry = self.rekor.as_ref().map(Rekor::entry).transpose()?;
        let (name, signer) = match self.certificate()? {
            Some(der) => ("x509CertificateChain", json!({"certificates": [{"rawBytes": BASE64.encode(&der)}]})),
            None if entry.is_some() => ("publicKey", json!({"hint": ""})),
            None => return Ok(None),
        };
        Ok(Some(json!({name: signer, "tlogEntries": Vec::from_iter(entry)})))
    }

    /// Reads the certificate, as PEM or as PEM in base64. There is one at most: cosign keeps none of those above.
    fn certificate(&self) -> Result<Option<Vec<u8>>, ForeignError> {
        let Some(text) = self.cert.as_deref().filter(|text| !text.is_empty()) else { return Ok(None) };
        let within = BASE64.decode(text.as_bytes()).unwrap_or_else(|_| text.as_bytes().to_vec());
        match pem_rfc7468::decode_vec(within.trim_ascii()) {
            Ok(("CERTIFICATE", der)) => Ok(Some(der)),
            Ok(("PUBLIC KEY", _)) => Ok(None),
            _ => Err(ForeignError::Certificate),
        }
    }
}

impl Rekor {
    /// Returns the entry as a Sigstore bundle has it.
    fn entry(&self) -> Result<Value, ForeignError> {
        let Promised { body, integrated_time, log_index, log_id } = &self.payload;
        let content = decode("body", body)?;
        let Kind { kind, api_version } = json::parse(&content).map_err(|_| ForeignError::Entry)?;
        let id = HEXLOWER.decode(log_id.as_bytes()).map_err(|_| ForeignError::Entry)?;
        Ok(json!({
            "logIndex": log_index.to_string(),
            "logId": {"keyId": BASE64.encode(&id)},
            "kindVersion": {"kind": kind, "version": api_version},
            "integratedTime": integrated_time.to_string(),
            "inclusionPromise": {"signedEntryTimestamp": BASE64.encode(&decode("SignedEntryTimestamp", &self.promise)?)},
            "canonicalizedBody": BASE64.encode(&content),
        }))
    }
}
