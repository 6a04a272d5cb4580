//! DSSE envelopes: the input is the value of `dsseEnvelope` in a line that is good otherwise.

use assaymark::dsse::{Envelope, Pae};
use assaymark::sigstore_bundle::{MEDIA_TYPE, SigstoreBundle};

/// What is read is what a strict reader finds in the text, and what is signed holds it unchanged.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    let head = format!(r#"{{"mediaType":"{MEDIA_TYPE}","verificationMaterial":{{"publicKey":{{}}}},"dsseEnvelope":"#);
    let line = [head.as_bytes(), data, b"}"].concat();
    if let Ok(bundle) = SigstoreBundle::parse(&line) {
        assert_eq!(bundle.key_hint, None);
        accepted(&bundle.envelope, &line);
    }
}

pub(super) fn accepted(envelope: &Envelope, line: &[u8]) {
    let text: serde_json::Value = serde_json::from_slice(line).expect("it was read");
    let text = &text["dsseEnvelope"];
    // One payload has one text.
    assert_eq!(text["payload"], data_encoding::BASE64.encode(&envelope.payload));
    assert_eq!(text["signatures"].as_array().map(Vec::len), Some(envelope.signatures.len()));
    for (signature, text) in envelope.signatures.iter().zip(text["signatures"].as_array().into_iter().flatten()) {
        assert_eq!(text["sig"], data_encoding::BASE64.encode(&signature.bytes));
        assert_ne!(signature.key_id.as_deref(), Some(""));
    }
    let signed = Pae::new(&envelope.payload_type, &envelope.payload);
    assert_eq!(signed.payload(), envelope.payload);
    let tail = signed.as_bytes().len() - envelope.payload.len();
    assert!(signed.as_bytes()[..tail].ends_with(format!(" {} ", envelope.payload.len()).as_bytes()));
}
