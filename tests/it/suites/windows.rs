//! Windows of logs and authorities in a trusted root, to the second; and a signature that holds beside the one that was
//! logged. The cases of sigstore-conformance that need another root or a second signature.

use std::fs;
use std::process::Command;

use data_encoding::BASE64;
use p256::ecdsa::Signature;
use serde_json::{Value, json};

use super::keyless::{OWN, artifact, bundle, judge_under};
use crate::support::{Workplace, repository};

fn root() -> Value {
    serde_json::from_slice(&fs::read(repository("testdata/keyless/trusted_root.json")).unwrap()).unwrap()
}

fn judge(root: &Value, bundle: &Value) -> (i32, String) {
    let place = Workplace::new();
    place.write("root.json", root.to_string());
    judge_under(&place.path("root.json"), &place, bundle, OWN, &artifact(bundle))
}

fn written(seconds: i64) -> Value {
    json!(chrono::DateTime::from_timestamp(seconds, 0).unwrap().to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}

/// Returns when a bundle was logged.
fn logged(bundle: &Value) -> i64 {
    bundle["verificationMaterial"]["tlogEntries"][0]["integratedTime"].as_str().unwrap().parse().unwrap()
}

/// Returns when a bundle was timestamped: the first `GeneralizedTime` in the token.
fn stamped(bundle: &Value) -> i64 {
    let stamps = &bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"];
    let token = BASE64.decode(stamps[0]["signedTimestamp"].as_str().unwrap().as_bytes()).unwrap();
    let at = token.windows(2).position(|tag| tag == [0x18, 0x0f]).unwrap() + 2;
    let text = std::str::from_utf8(&token[at..at + 15]).unwrap();
    chrono::NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%SZ").unwrap().and_utc().timestamp()
}

/// Judges a bundle under a root whose window ends at a time, and a second before it.
fn at_the_end_of(pointer: &str, bundle: &Value, end: i64) -> [(i32, String); 2] {
    [end, end - 1].map(|end| {
        let mut root = root();
        root.pointer_mut(pointer).unwrap()["end"] = written(end);
        judge(&root, bundle)
    })
}

const GOOD: i32 = 0;

#[test]
fn the_last_second_of_a_log_and_of_an_authority_counts() {
    let file = bundle("bundles/file");
    let [last, after] = at_the_end_of("/tlogs/0/publicKey/validFor", &file, logged(&file));
    assert_eq!((last.0, after), (GOOD, (1, "wrong-log".to_owned())), "a log");
    let stamped_file = bundle("bundles/file-log-2");
    let end = stamped(&stamped_file);
    let [last, after] = at_the_end_of("/timestampAuthorities/0/validFor", &stamped_file, end);
    assert_eq!((last.0, after), (GOOD, (1, "wrong-time".to_owned())), "an authority of times");
    let [last, after] = at_the_end_of("/certificateAuthorities/0/validFor", &file, logged(&file));
    assert_eq!((last.0, after), (GOOD, (1, "wrong-time".to_owned())), "an authority");
}

#[test]
fn what_begins_after_the_signature_does_not_count() {
    let file = bundle("bundles/file");
    let stamped_file = bundle("bundles/file-log-2");
    for (pointer, bundle, start, code) in [
        ("/tlogs/0/publicKey/validFor", &file, logged(&file) + 1, "wrong-log"),
        ("/certificateAuthorities/0/validFor", &file, logged(&file) + 1, "wrong-time"),
        ("/timestampAuthorities/0/validFor", &stamped_file, stamped(&stamped_file) + 1, "wrong-time"),
    ] {
        let mut root = root();
        root.pointer_mut(pointer).unwrap()["start"] = written(start);
        assert_eq!(judge(&root, bundle), (1, code.to_owned()), "{pointer}");
    }
}

#[test]
fn a_log_without_a_beginning_is_no_log() {
    let mut root = root();
    root["tlogs"][0]["publicKey"]["validFor"].as_object_mut().unwrap().remove("start").unwrap();
    let (status, said) = judge(&root, &bundle("bundles/file"));
    assert_ne!(status, GOOD, "{said}");
}

#[test]
fn the_window_of_one_authority_of_times_is_not_that_of_another() {
    let mut root = root();
    // The second has ended; its window must not be that of the first, whose name is the same.
    let first = root["timestampAuthorities"][0].clone();
    root["timestampAuthorities"][1]["subject"] = first["subject"].clone();
    root["timestampAuthorities"][1]["uri"] = first["uri"].clone();
    let line = bundle("lines/retired-time-authority");
    assert_eq!(judge(&root, &line), (1, "wrong-time".to_owned()));
    assert_eq!(judge(&root, &bundle("lines/log-2")).0, GOOD);
}

#[test]
fn an_authority_is_found_by_its_key_and_not_by_its_name() {
    let place = Workplace::new();
    let call = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key -outform DER -out other.der -days 30 \
                -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign -subj";
    let arguments = call.split_whitespace().chain(["/CN=example authority"]);
    let output = Command::new("openssl").args(arguments).current_dir(place.folder()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut root = root();
    let mut other = root["certificateAuthorities"][0].clone();
    other["certChain"]["certificates"][0]["rawBytes"] =
        json!(BASE64.encode(&fs::read(place.path("other.der")).unwrap()));
    root["certificateAuthorities"].as_array_mut().unwrap().insert(0, other.clone());
    assert_eq!(judge(&root, &bundle("bundles/file")).0, GOOD);
    root["certificateAuthorities"] = json!([other]);
    assert_eq!(judge(&root, &bundle("bundles/file")), (1, "untrusted-signer".to_owned()));
}

/// Puts the other signature that ECDSA has for the same content in the place of one.
fn other_signature(text: &mut Value) {
    let der = BASE64.decode(text.as_str().unwrap().as_bytes()).unwrap();
    let (r, s) = Signature::from_der(&der).unwrap().split_scalars();
    let other = Signature::from_scalars(r, -s).unwrap();
    *text = json!(BASE64.encode(other.to_der().as_bytes()));
}

#[test]
fn another_signature_over_the_same_content_is_not_the_one_that_was_logged() {
    let root = root();
    let mut file = bundle("bundles/file");
    assert_eq!(judge(&root, &file).0, GOOD);
    other_signature(&mut file["messageSignature"]["signature"]);
    assert_eq!(judge(&root, &file), (1, "wrong-log".to_owned()));
    let mut line = bundle("lines/other-payload");
    assert_eq!(judge(&root, &line).0, GOOD);
    other_signature(&mut line["dsseEnvelope"]["signatures"][0]["sig"]);
    assert_eq!(judge(&root, &line), (1, "wrong-log".to_owned()));
}

/// The folder `times` has a Sigstore of its own; of each file it says when it was timestamped, and by whom.
#[test]
fn the_certificate_of_an_authority_of_times_must_be_valid_at_its_time() {
    let root = repository("testdata/keyless/times/trusted_root.json");
    let place = Workplace::new();
    for (name, code) in [
        ("certificate-ended-since", None),
        ("no-certificate", None),
        ("certificate-ended", Some("wrong-time")),
        ("no-certificate-of-another", Some("wrong-time")),
    ] {
        let bundle = bundle(&format!("times/{name}"));
        let (status, said) = judge_under(&root, &place, &bundle, OWN, &artifact(&bundle));
        assert_eq!((status, code.map(|_| said.as_str())), (i32::from(code.is_some()), code), "{name}: {said}");
    }
}
