//! Evidence as others write it: bare DSSE envelopes, Sigstore bundles, the bundles that cosign wrote before.
//!
//! Here alone base64 is read in both forms of RFC 4648, as DSSE demands of whoever verifies (`protocol.md`, "Serialization
//! of payload and signature"). What comes out are [`Candidate`]s: lines of a release bundle, each with one signature
//! over the payload as it came, in standard base64. None has been verified.

use std::borrow::Cow;

use data_encoding::{BASE64, BASE64URL};
use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

use crate::dsse::IN_TOTO;
use crate::fault::{Blame, Fault};
use crate::json::{self, JsonError};
use crate::limits;
use crate::sigstore_bundle::{MEDIA_TYPE, MEDIA_TYPE_BEFORE, MEDIA_TYPE_PROMISED, SigstoreBundle};

mod cosign;

/// The names of the versions before, which have a chain of one where there is one certificate now.
const MEDIA_TYPES_WITH_CHAIN: [&str; 2] = [MEDIA_TYPE_PROMISED, "application/vnd.dev.sigstore.bundle+json;version=0.2"];

/// A line that a release bundle might have: one signature of others with its payload, unverified.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The line of the file on which it stands, from 1.
    pub line: usize,
    /// What it says of the key: unauthenticated.
    pub hints: Vec<String>,
    payload: Vec<u8>,
    signature: Vec<u8>,
    /// What a Sigstore bundle says of its signer besides which key it may be.
    material: Option<Material>,
}

/// What a Sigstore bundle says of its signer, and the version in which it does.
#[derive(Clone, Debug, PartialEq)]
struct Material {
    media_type: &'static str,
    content: Value,
}

impl Candidate {
    /// Writes the line of a key, under the id of the key, without what logs and timestamps say. There is none of a
    /// certificate.
    pub fn of_key(&self, key_id: &str) -> Option<Vec<u8>> {
        if self.material.as_ref().is_some_and(|material| !names_key(&material.content)) {
            return None;
        }
        SigstoreBundle::write(&self.payload, key_id, self.signature.clone()).ok()
    }

    /// Writes the line with everything that its Sigstore bundle says of the signer, if that is more than a key.
    pub fn whole(&self) -> Option<Vec<u8>> {
        let Material { media_type, content } = self.material.as_ref()?;
        let whole = json!({
            "mediaType": media_type,
            "verificationMaterial": content,
            "dsseEnvelope": {
                "payload": BASE64.encode(&self.payload),
                "payloadType": IN_TOTO,
                "signatures": [{"sig": BASE64.encode(&self.signature)}],
            },
        });
        Some(whole.to_string().into_bytes())
    }
}

/// Why a line of a file is no evidence that we could import.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ForeignError {
    /// A field is base64 in neither form.
    #[error("`{0}` is not base64")]
    Base64(&'static str),
    /// What a bundle of cosign's old format has for a certificate is none.
    #[error("its `cert` is neither a certificate nor a public key in PEM")]
    Certificate,
    /// What a bundle of cosign's old format has of a log is no entry.
    #[error("its `rekorBundle` is no entry of a transparency log")]
    Entry,
    /// It is JSON, and nothing that we know.
    #[error("it is neither a DSSE envelope nor a bundle of Sigstore or cosign")]
    Form,
    /// The text is not JSON, or a part of it is not what it must be.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The payload is an in-toto layout.
    #[error("it is an in-toto layout, which is a policy and no evidence")]
    Layout,
    /// There is too much of it.
    #[error("it has more than {0}")]
    Limit(&'static str),
    /// The payload is a link of in-toto's own signing format.
    #[error("it is a link of in-toto before attestations, which names no subject")]
    Link,
    /// The bundle has a media type that we don't know.
    #[error("its media type is not that of a Sigstore bundle of version 0.1 to 0.3")]
    MediaType,
    /// A message is signed, and no statement.
    #[error("it signs a message, not a statement")]
    Message,
    /// The payload is no in-toto statement.
    #[error("its payload type is not `{IN_TOTO}`")]
    PayloadType,
    /// A bundle that says who signed has several signatures.
    #[error("it is a bundle with more than one signature")]
    Signatures,
    /// Nobody signed it.
    #[error("it has no signature")]
    Unsigned,
}

impl Fault for ForeignError {
    fn blame(&self) -> Blame {
        Blame::Evidence
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Certificate | Self::Entry | Self::MediaType => "let the tool write a Sigstore bundle v0.3",
            Self::Layout => "say in a `policy.toml` what must hold; it can demand links with `evidence = \"link\"`",
            Self::Link => "sign it as a statement of type `https://in-toto.io/attestation/link/v0.3` about the model",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EnvelopeJson<'a> {
    #[serde(borrow)]
    payload: Cow<'a, str>,
    payload_type: String,
    signatures: Vec<SignatureJson>,
}

#[derive(Deserialize)]
struct SignatureJson {
    sig: String,
    #[serde(default)]
    keyid: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BundleJson<'a> {
    media_type: String,
    verification_material: Value,
    #[serde(borrow)]
    dsse_envelope: Option<EnvelopeJson<'a>>,
}

/// The keys by which we tell forms apart.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Form {
    media_type: Option<serde::de::IgnoredAny>,
    payload: Option<serde::de::IgnoredAny>,
    #[serde(rename = "base64Signature")]
    old: Option<serde::de::IgnoredAny>,
    signed: Option<TypedJson>,
}

#[derive(Deserialize)]
struct TypedJson {
    #[serde(rename = "_type")]
    kind: Option<String>,
}

/// What came of a line of a file.
pub type Read = (usize, Result<Vec<Candidate>, ForeignError>);

/// Reads one document, or several, each on a line of its own.
///
/// The limits are those of release bundles: this many lines and bytes could be imported at most.
pub fn read(text: &[u8]) -> Vec<Read> {
    let mut room = Room { lines: limits::BUNDLE_LINES, bytes: limits::BUNDLE_BYTES };
    let lines: Vec<(usize, &[u8])> = documents(text);
    if lines.len() > limits::BUNDLE_LINES {
        return vec![(limits::BUNDLE_LINES + 1, Err(ForeignError::Limit("1,000 lines")))];
    }
    lines.into_iter().map(|(line, text)| (line, document(line, text, &mut room))).collect()
}

/// Splits a text into documents: it is one, or its lines are. Blank lines are passed over.
fn documents(text: &[u8]) -> Vec<(usize, &[u8])> {
    let lines = || {
        let numbered = text.split(|byte| *byte == b'\n').enumerate();
        numbered.map(|(index, line)| (index + 1, line.trim_ascii())).filter(|(_, line)| !line.is_empty())
    };
    let several = lines().nth(1).is_some() && lines().next().is_some_and(|(_, first)| json::check(first).is_ok());
    if several { lines().collect() } else { vec![(1, text)] }
}

/// How much more may be read: a signature is a line of at most twice the payload, or two of them.
struct Room {
    lines: usize,
    bytes: usize,
}

impl Room {
    fn take(&mut self, bytes: usize) -> Result<(), ForeignError> {
        self.lines = self.lines.checked_sub(2).ok_or(ForeignError::Limit("500 signatures"))?;
        self.bytes =
            self.bytes.checked_sub(bytes.saturating_mul(4)).ok_or(ForeignError::Limit("32 MiB of payloads"))?;
        Ok(())
    }

    /// Counts what is read beside payloads.
    fn take_text(&mut self, text: &[u8]) -> Result<(), ForeignError> {
        self.bytes = self.bytes.checked_sub(text.len().saturating_mul(4)).ok_or(ForeignError::Limit("32 MiB"))?;
        Ok(())
    }
}

fn document(line: usize, text: &[u8], room: &mut Room) -> Result<Vec<Candidate>, ForeignError> {
    let form: Form = json::parse(text)?;
    let kind = form.signed.as_ref().and_then(|signed| signed.kind.as_deref());
    match (form.media_type, form.old, form.payload) {
        (Some(_), None, None) => bundle(line, text, room),
        (None, Some(_), None) => old_bundle(line, text, room),
        (None, None, Some(_)) => envelope(line, &json::parse(text)?, None, room),
        _ => Err(kind.and_then(before_attestations).unwrap_or(ForeignError::Form)),
    }
}

fn bundle(line: usize, text: &[u8], room: &mut Room) -> Result<Vec<Candidate>, ForeignError> {
    let json: BundleJson<'_> = json::parse(text)?;
    let material = match json.media_type.as_str() {
        MEDIA_TYPE | MEDIA_TYPE_BEFORE => Material { media_type: MEDIA_TYPE, content: json.verification_material },
        before if MEDIA_TYPES_WITH_CHAIN.contains(&before) => of_before(json.verification_material, before),
        _ => return Err(ForeignError::MediaType),
    };
    let envelope_json = json.dsse_envelope.ok_or(ForeignError::Message)?;
    if envelope_json.signatures.len() > 1 {
        return Err(ForeignError::Signatures);
    }
    room.take_text(text)?;
    envelope(line, &envelope_json, Some(&material), room)
}

/// Writes as version 0.3 what the versions before say. Of version 0.1 what a log promised and did not prove stays as it is:
/// version 0.3 has no place for it.
fn of_before(content: Value, version: &str) -> Material {
    if version == MEDIA_TYPE_PROMISED && is_promised(&content) {
        return Material { media_type: MEDIA_TYPE_PROMISED, content };
    }
    Material { media_type: MEDIA_TYPE, content: with_one_certificate(content) }
}

/// Says whether there are log entries, and none of them has a proof.
fn is_promised(material: &Value) -> bool {
    let entries = material.get("tlogEntries").and_then(Value::as_array).filter(|entries| !entries.is_empty());
    let proven = |entry: &Value| entry.get("inclusionProof").is_some_and(|proof| !proof.is_null());
    entries.is_some_and(|entries| !entries.iter().any(proven))
}

/// Puts the certificate of a chain of one where version 0.3 has it.
fn with_one_certificate(mut material: Value) -> Value {
    let chain = material.pointer_mut("/x509CertificateChain/certificates").and_then(Value::as_array_mut);
    let alone = chain.filter(|chain| chain.len() == 1).and_then(Vec::pop);
    if let (Some(alone), Some(members)) = (alone, material.as_object_mut()) {
        members.remove("x509CertificateChain");
        members.insert("certificate".to_owned(), alone);
    }
    material
}

/// Writes a bundle of cosign's old format, about a statement or a message, as a Sigstore bundle; nothing if it is none.
pub fn old_bundle_rewritten(text: &[u8]) -> Result<Option<Vec<u8>>, ForeignError> {
    let form = json::parse::<Form>(text).ok().filter(|form| form.media_type.is_none() && form.payload.is_none());
    if form.and_then(|form| form.old).is_none() {
        return Ok(None);
    }
    let json: cosign::OldBundle = json::parse(text)?;
    let (member, content) = json.content()?;
    let material = json.material()?.unwrap_or_else(|| json!({"publicKey": {"hint": ""}}));
    let Material { media_type, content: material } = of_before(material, MEDIA_TYPE_PROMISED);
    let bundle = json!({"mediaType": media_type, "verificationMaterial": material, member: content});
    Ok(Some(bundle.to_string().into_bytes()))
}

fn old_bundle(line: usize, text: &[u8], room: &mut Room) -> Result<Vec<Candidate>, ForeignError> {
    let json: cosign::OldBundle = json::parse(text)?;
    let envelope_text = json.envelope()?;
    let material = json.material()?.map(|content| of_before(content, MEDIA_TYPE_PROMISED));
    room.take_text(text)?;
    let envelope_json: EnvelopeJson<'_> = json::parse(&envelope_text)?;
    if material.is_some() && envelope_json.signatures.len() > 1 {
        return Err(ForeignError::Signatures);
    }
    envelope(line, &envelope_json, material.as_ref(), room)
}

fn envelope(
    line: usize,
    json: &EnvelopeJson<'_>,
    material: Option<&Material>,
    room: &mut Room,
) -> Result<Vec<Candidate>, ForeignError> {
    if json.payload_type != IN_TOTO {
        return Err(ForeignError::PayloadType);
    }
    if json.signatures.is_empty() {
        return Err(ForeignError::Unsigned);
    }
    let payload = decode("payload", &json.payload)?;
    check_type(&payload)?;
    json.signatures.iter().map(|signature| candidate(line, &payload, signature, material, room)).collect()
}

fn candidate(
    line: usize,
    payload: &[u8],
    signature: &SignatureJson,
    material: Option<&Material>,
    room: &mut Room,
) -> Result<Candidate, ForeignError> {
    room.take(payload.len())?;
    let hint = material.and_then(|material| material.content.pointer("/publicKey/hint")).and_then(Value::as_str);
    let hints = hint.into_iter().chain(signature.keyid.as_deref()).filter(|hint| !hint.is_empty());
    Ok(Candidate {
        line,
        hints: hints.map(str::to_owned).collect(),
        payload: payload.to_vec(),
        signature: decode("sig", &signature.sig)?,
        material: material.filter(|material| has_more_than_a_key(&material.content)).cloned(),
    })
}

fn names_key(material: &Value) -> bool {
    material.get("publicKey").is_some_and(|key| !key.is_null())
}

/// Says whether a Sigstore bundle says more of its signer than which key it may be.
fn has_more_than_a_key(material: &Value) -> bool {
    let some = |value: &Value| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    };
    let mut members = material.as_object().into_iter().flatten();
    members.any(|(key, value)| key != "publicKey" && some(value)) || !names_key(material)
}

/// Refuses by name what in-toto signs besides statements. A text that is none of it is left to who verifies.
fn check_type(payload: &[u8]) -> Result<(), ForeignError> {
    let kind = json::parse::<TypedJson>(payload).ok().and_then(|typed| typed.kind);
    kind.as_deref().and_then(before_attestations).map_or(Ok(()), Err)
}

fn before_attestations(kind: &str) -> Option<ForeignError> {
    match kind {
        "layout" => Some(ForeignError::Layout),
        "link" => Some(ForeignError::Link),
        _ => None,
    }
}

/// Decodes either form of base64, padded, in its one canonical text.
fn decode(field: &'static str, text: &str) -> Result<Vec<u8>, ForeignError> {
    if text.trim_end_matches('=').contains('=') {
        return Err(ForeignError::Base64(field));
    }
    let decoded = BASE64.decode(text.as_bytes()).or_else(|_| BASE64URL.decode(text.as_bytes()));
    decoded.map_err(|_| ForeignError::Base64(field))
}

#[cfg(test)]
mod tests;
