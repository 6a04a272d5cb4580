//! What is read of each form, and what is refused by name.

use super::*;

const STATEMENT: &str = r#"{"_type":"https://in-toto.io/Statement/v1"}"#;

fn envelope_json(payload: &str) -> Value {
    json!({"payload": BASE64.encode(payload.as_bytes()), "payloadType": IN_TOTO, "signatures": [{"sig": "AQI=", "keyid": "k"}]})
}

fn one(document: &Value) -> Result<Vec<Candidate>, ForeignError> {
    let mut read = read(document.to_string().as_bytes());
    assert_eq!(read.len(), 1);
    read.remove(0).1
}

fn bundle_json(material: &Value) -> Value {
    json!({"mediaType": MEDIA_TYPE, "verificationMaterial": material, "dsseEnvelope": envelope_json(STATEMENT)})
}

#[test]
fn every_form_gives_the_payload_as_it_was_signed() {
    let bare = envelope_json(STATEMENT);
    let old = json!({"base64Signature": BASE64.encode(bare.to_string().as_bytes())});
    let mut before = bundle_json(&json!({"publicKey": {"hint": "h"}}));
    before["mediaType"] = json!(MEDIA_TYPE_BEFORE);
    for document in [bare, old, before, bundle_json(&json!({"publicKey": {"hint": "h"}, "tlogEntries": []}))] {
        let read = one(&document).unwrap();
        let line = SigstoreBundle::parse(&read[0].of_key("id").unwrap()).unwrap();
        assert_eq!(line.envelope.payload, STATEMENT.as_bytes(), "{document}");
        assert_eq!(line.envelope.signatures[0].bytes, [1, 2]);
        assert_eq!((read[0].hints.last().map(String::as_str), read[0].whole()), (Some("k"), None));
    }
}

#[test]
fn both_forms_of_base64_are_read_and_one_is_written() {
    let statement = format!("{STATEMENT}{}", "\u{fbff}\u{fbff}".repeat(3));
    let mut json = envelope_json(&statement);
    json["payload"] = BASE64URL.encode(statement.as_bytes()).into();
    assert!(json["payload"].as_str().unwrap().contains(['-', '_']), "{json}");
    let read = one(&json).unwrap();
    assert_eq!(SigstoreBundle::parse(&read[0].of_key("").unwrap()).unwrap().envelope.payload, statement.as_bytes());
    for text in ["YWI", "YW I=", "YWI=YWI=", "+_8=", "YWJ="] {
        json["payload"] = json!(text);
        assert_eq!(one(&json), Err(ForeignError::Base64("payload")), "{text}");
    }
}

#[test]
fn each_signature_is_a_line() {
    let mut json = envelope_json(STATEMENT);
    json["signatures"] = json!([{"sig": "AQ=="}, {"sig": "Ag==", "keyid": null}]);
    assert_eq!(one(&json).unwrap().len(), 2);
    json["signatures"] = json!([]);
    assert_eq!(one(&json), Err(ForeignError::Unsigned));
}

#[test]
fn what_a_log_says_stays_with_its_line() {
    let read = one(&bundle_json(&json!({"publicKey": {}, "tlogEntries": [{"logIndex": "1"}]}))).unwrap();
    let line: Value = serde_json::from_slice(&read[0].whole().unwrap()).unwrap();
    assert_eq!(line["verificationMaterial"]["tlogEntries"][0]["logIndex"], "1");
    assert!(SigstoreBundle::parse(&read[0].of_key("id").unwrap()).is_ok());
    let read = one(&bundle_json(&json!({"certificate": {"rawBytes": "AA=="}}))).unwrap();
    assert!(read[0].of_key("id").is_none() && read[0].whole().is_some());
}

/// A promise has no place in version 0.3.
#[test]
fn what_a_log_only_promised_stays_in_version_0_1() {
    let chain = json!({"certificates": [{"rawBytes": "AA=="}]});
    let version = |number: &str| format!("application/vnd.dev.sigstore.bundle+json;version={number}");
    let promised = json!({"logIndex": "1", "inclusionPromise": {}});
    let proven = json!({"logIndex": "1", "inclusionPromise": {}, "inclusionProof": {}});
    for (number, entries, written, member) in [
        ("0.1", json!([promised]), version("0.1"), "x509CertificateChain"),
        ("0.1", json!([proven]), MEDIA_TYPE.to_owned(), "certificate"),
        ("0.1", json!([promised, proven]), MEDIA_TYPE.to_owned(), "certificate"),
        ("0.1", json!([]), MEDIA_TYPE.to_owned(), "certificate"),
        ("0.2", json!([promised]), MEDIA_TYPE.to_owned(), "certificate"),
    ] {
        let mut bundle = bundle_json(&json!({"x509CertificateChain": chain, "tlogEntries": entries}));
        bundle["mediaType"] = version(number).into();
        let line: Value = serde_json::from_slice(&one(&bundle).unwrap()[0].whole().unwrap()).unwrap();
        assert_eq!(line["mediaType"], written.as_str(), "{number} {entries}");
        assert!(line["verificationMaterial"].get(member).is_some(), "{number} {entries}: {line}");
        assert_eq!(line["verificationMaterial"]["tlogEntries"], entries);
    }
}

#[test]
fn lines_are_read_one_by_one() {
    let good = envelope_json(STATEMENT).to_string();
    let text = format!("{good}\n\n{{}}\r\nnoise\n{good}\n");
    let read = read(text.as_bytes());
    let seen: Vec<_> = read.iter().map(|(line, result)| (*line, result.is_ok())).collect();
    assert_eq!(seen, [(1, true), (3, false), (4, false), (5, true)]);
    let pretty = serde_json::to_string_pretty(&envelope_json(STATEMENT)).unwrap();
    assert_eq!(super::read(pretty.as_bytes()).len(), 1);
    assert!(super::read(pretty.as_bytes())[0].1.is_ok());
}

#[test]
fn what_is_no_evidence_is_refused_by_name() {
    let payload = |kind: &str| envelope_json(&json!({"_type": kind}).to_string());
    assert_eq!(one(&payload("layout")), Err(ForeignError::Layout));
    assert_eq!(one(&payload("link")), Err(ForeignError::Link));
    assert_eq!(one(&json!({"signed": {"_type": "layout"}, "signatures": []})), Err(ForeignError::Layout));
    assert_eq!(one(&json!({})), Err(ForeignError::Form));
    assert_eq!(one(&json!({"payload": "", "mediaType": ""})), Err(ForeignError::Form));
    let mut other = envelope_json(STATEMENT);
    other["payloadType"] = json!("text/plain");
    assert_eq!(one(&other), Err(ForeignError::PayloadType));
    let mut bundle = bundle_json(&json!({}));
    bundle["mediaType"] = json!("application/vnd.dev.sigstore.bundle.v0.3.1+json");
    assert_eq!(one(&bundle), Err(ForeignError::MediaType));
    let mut twice = bundle_json(&json!({"publicKey": {}}));
    twice["dsseEnvelope"]["signatures"] = json!([{"sig": "AQ=="}, {"sig": "Ag=="}]);
    assert_eq!(one(&twice), Err(ForeignError::Signatures));
    let message = json!({"mediaType": MEDIA_TYPE, "verificationMaterial": {}, "messageSignature": {}});
    assert_eq!(one(&message), Err(ForeignError::Message));
    for cert in ["-----BEGIN CERTIFICATE-----", "AAAA"] {
        let old = json!({"base64Signature": BASE64.encode(b"{}"), "cert": BASE64.encode(cert.as_bytes())});
        assert_eq!(one(&old), Err(ForeignError::Certificate), "{cert}");
    }
    assert_eq!(one(&json!({"base64Signature": "AAAA"})), Err(ForeignError::Message));
}

#[test]
fn room_is_bounded() {
    let mut json = envelope_json(STATEMENT);
    json["signatures"] = json!(vec![json!({"sig": "AQ=="}); limits::BUNDLE_LINES / 2 + 1]);
    assert!(matches!(one(&json), Err(ForeignError::Limit(_))));
    let lines = "{}\n".repeat(limits::BUNDLE_LINES + 1);
    assert!(matches!(read(lines.as_bytes())[0].1, Err(ForeignError::Limit(_))));
}
