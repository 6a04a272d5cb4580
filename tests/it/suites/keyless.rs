//! What the cases of sigstore-conformance are about, each as one fault in a bundle of `testdata/keyless`, through the
//! same script: the code that each is rejected with.

use std::fs;
use std::path::Path;
use std::process::Command;

use assaymark::digest::Digest;
use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::reasons;
use crate::support::{Workplace, repository};

pub(super) const SUBJECT: &str = "https://ci.example.com/models/.github/workflows/release.yml@refs/heads/main";
const ISSUER: &str = "https://accounts.example.com";
const KEYLESS: &str = "testdata/keyless";
const V0_1: &str = "application/vnd.dev.sigstore.bundle+json;version=0.1";

pub(super) type Change = fn(&mut Value);

/// What a bundle is verified with.
#[derive(Clone, Copy)]
pub(super) enum By {
    /// The subject of a certificate and its issuer.
    Identity(&'static str, &'static str),
    /// A public key.
    Key(&'static str),
}

pub(super) const OWN: By = By::Identity(SUBJECT, ISSUER);
const MANAGED: By = By::Key("testdata/keyless/bundles/key.pub");

pub(super) fn bundle(name: &str) -> Value {
    let text = fs::read(repository(KEYLESS).join(name).with_extension("json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// Returns what a bundle is about: its file, or the first subject of its statement.
pub(super) fn artifact(bundle: &Value) -> String {
    let Some(payload) = bundle["dsseEnvelope"]["payload"].as_str() else {
        return repository(KEYLESS).join("bundles/artifact").to_str().unwrap().to_owned();
    };
    let statement: Value = serde_json::from_slice(&BASE64.decode(payload.as_bytes()).unwrap()).unwrap();
    format!("sha256:{}", statement["subject"][0]["digest"]["sha256"].as_str().unwrap())
}

/// Calls the script; returns the exit status and the code.
fn judge(place: &Workplace, bundle: &Value, by: By, artifact: &str) -> (i32, String) {
    judge_under(&repository(KEYLESS).join("trusted_root.json"), place, bundle, by, artifact)
}

/// The same under another trusted root.
pub(super) fn judge_under(root: &Path, place: &Workplace, bundle: &Value, by: By, artifact: &str) -> (i32, String) {
    place.write("bundle.json", bundle.to_string());
    let mut command = Command::new(repository("tests/conformance/sigstore"));
    command.env("ASSAYMARK", env!("CARGO_BIN_EXE_assaymark"));
    command.arg("verify-bundle").arg("--bundle").arg(place.path("bundle.json"));
    match by {
        By::Identity(subject, issuer) => {
            command.args(["--certificate-identity", subject, "--certificate-oidc-issuer", issuer])
        }
        By::Key(key) => command.arg("--key").arg(repository(key)),
    };
    command.arg("--trusted-root").arg(root);
    let output = command.arg(artifact).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), stderr.lines().last().unwrap_or_default().to_owned())
}

/// Judges cases, each a bundle with a change, and shows those that end otherwise than they must.
#[track_caller]
pub(super) fn all(by: By, cases: &[(&str, &str, Change, Result<(), &str>)]) {
    let place = Workplace::new();
    let mut wrong = Vec::new();
    for (why, name, change, expected) in cases {
        let mut bundle = bundle(name);
        let artifact = artifact(&bundle);
        change(&mut bundle);
        let (status, code) = judge(&place, &bundle, by, &artifact);
        let right = match expected {
            Ok(()) => status == 0,
            Err(expected) => status == 1 && code == *expected && reasons::fault(&code).is_some(),
        };
        if !right {
            wrong.push(format!("{why}: {status} {code}, expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn entries(bundle: &mut Value) -> &mut Vec<Value> {
    bundle["verificationMaterial"]["tlogEntries"].as_array_mut().unwrap()
}

fn entry(bundle: &mut Value) -> &mut Value {
    &mut entries(bundle)[0]
}

fn proof(bundle: &mut Value) -> &mut Value {
    &mut entry(bundle)["inclusionProof"]
}

pub(super) fn remove(place: &mut Value, name: &str) {
    place.as_object_mut().unwrap().remove(name).unwrap();
}

fn flip(text: &mut Value) {
    let mut bytes = BASE64.decode(text.as_str().unwrap().as_bytes()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    *text = json!(BASE64.encode(&bytes));
}

/// Changes the note that a log signed: its text, and the line with the signature.
pub(super) fn note(bundle: &mut Value, change: impl FnOnce(&str, &str) -> String) {
    let envelope = &mut proof(bundle)["checkpoint"]["envelope"];
    let text = envelope.as_str().unwrap().to_owned();
    let (body, signature) = text.split_once("\n\n").unwrap();
    *envelope = json!(change(body, signature));
}

/// Gives the signature line of a note another key id.
pub(super) fn with_key_id(signature: &str) -> String {
    let (name, encoded) = signature.trim_end().rsplit_once(' ').unwrap();
    let mut bytes = BASE64.decode(encoded.as_bytes()).unwrap();
    bytes[0] ^= 1;
    format!("{name} {}\n", BASE64.encode(&bytes))
}

/// Puts a chain of version 0.1 in the place of the certificate: it, and as many certificates of the root as are named.
fn chain(bundle: &mut Value, roots: usize) {
    let root: Value =
        serde_json::from_str(&fs::read_to_string(repository(KEYLESS).join("trusted_root.json")).unwrap()).unwrap();
    let root = &root["certificateAuthorities"][0]["certChain"]["certificates"][0];
    let material = bundle["verificationMaterial"].as_object_mut().unwrap();
    let mut certificates = vec![material.remove("certificate").unwrap()];
    certificates.resize(1 + roots, root.clone());
    material.insert("x509CertificateChain".into(), json!({"certificates": certificates}));
    bundle["mediaType"] = json!(V0_1);
}

pub(super) const SAME: Change = |_| {};

#[test]
fn bundles_are_accepted_in_each_form() {
    all(
        OWN,
        &[
            ("a file, in a log of version 1", "bundles/file", SAME, Ok(())),
            ("a file, in a log of version 2", "bundles/file-log-2", SAME, Ok(())),
            ("a statement, in a log of version 1", "lines/other-payload", SAME, Ok(())),
            ("a statement, in a log of version 2", "lines/log-2", SAME, Ok(())),
            ("a statement in two logs", "lines/both-logs", SAME, Ok(())),
            ("version 0.1, with a chain of one", "bundles/file", |bundle| chain(bundle, 0), Ok(())),
            (
                "version 0.2, with a chain of one",
                "bundles/file",
                |bundle| {
                    chain(bundle, 0);
                    bundle["mediaType"] = json!(V0_1.replace("0.1", "0.2"));
                },
                Ok(()),
            ),
            (
                "version 0.3 by its first name",
                "bundles/file",
                |bundle| bundle["mediaType"] = json!(V0_1.replace("0.1", "0.3")),
                Ok(()),
            ),
        ],
    );
    all(
        MANAGED,
        &[
            ("a key, and a log", "bundles/file-key", SAME, Ok(())),
            ("a key, a log and a timestamp", "bundles/file-key-timestamped", SAME, Ok(())),
        ],
    );
}

#[test]
fn what_the_log_says_must_hold() {
    const LOG: Result<(), &str> = Err("wrong-log");
    all(
        OWN,
        &[
            ("no entry", "lines/no-log", SAME, LOG),
            ("a log that is not trusted", "lines/other-log", SAME, LOG),
            ("one of two logs is not trusted", "lines/good-and-other-log", SAME, LOG),
            ("no proof", "bundles/file", |bundle| remove(entry(bundle), "inclusionProof"), LOG),
            ("no proof of a statement", "lines/other-payload", |bundle| remove(entry(bundle), "inclusionProof"), LOG),
            ("no proof in version 2", "bundles/file-log-2", |bundle| remove(entry(bundle), "inclusionProof"), LOG),
            ("a hash of the proof", "bundles/file", |bundle| flip(&mut proof(bundle)["hashes"][1]), LOG),
            (
                "a hash too few",
                "bundles/file",
                |bundle| drop(proof(bundle)["hashes"].as_array_mut().unwrap().pop()),
                LOG,
            ),
            ("no hash", "bundles/file", |bundle| proof(bundle)["hashes"] = json!([]), LOG),
            ("another place", "bundles/file", |bundle| proof(bundle)["logIndex"] = json!("0"), LOG),
            ("a place beyond the tree", "bundles/file", |bundle| proof(bundle)["logIndex"] = json!("4"), LOG),
            ("another size", "bundles/file", |bundle| proof(bundle)["treeSize"] = json!("5"), LOG),
            ("another root", "bundles/file", |bundle| flip(&mut proof(bundle)["rootHash"]), LOG),
            ("no checkpoint", "bundles/file", |bundle| remove(proof(bundle), "checkpoint"), LOG),
            ("no checkpoint in version 2", "bundles/file-log-2", |bundle| remove(proof(bundle), "checkpoint"), LOG),
            (
                "a checkpoint without signature",
                "bundles/file",
                |bundle| note(bundle, |body, _| format!("{body}\n\n")),
                Err("malformed-line"),
            ),
            (
                "a checkpoint by an unknown key",
                "bundles/file",
                |bundle| note(bundle, |body, signature| format!("{body}\n\n{}", with_key_id(signature))),
                LOG,
            ),
            (
                "a checkpoint of another origin",
                "bundles/file",
                |bundle| note(bundle, |body, signature| format!("x{body}\n\n{signature}")),
                LOG,
            ),
            (
                "a checkpoint of another size",
                "bundles/file",
                |bundle| note(bundle, |body, signature| format!("{}\n\n{signature}", body.replace("\n4\n", "\n5\n"))),
                LOG,
            ),
            (
                "the checkpoint of another log",
                "bundles/file",
                |bundle| {
                    let mut other = self::bundle("bundles/file-log-2");
                    proof(bundle)["checkpoint"] = proof(&mut other)["checkpoint"].clone();
                },
                LOG,
            ),
            (
                "the promise is another",
                "bundles/file",
                |bundle| flip(&mut entry(bundle)["inclusionPromise"]["signedEntryTimestamp"]),
                LOG,
            ),
            ("another time", "bundles/file", |bundle| entry(bundle)["integratedTime"] = json!("1"), LOG),
            ("another log id", "bundles/file", |bundle| flip(&mut entry(bundle)["logId"]["keyId"]), LOG),
            ("another body", "bundles/file", |bundle| flip(&mut entry(bundle)["canonicalizedBody"]), LOG),
            (
                "the entry of another file",
                "bundles/file",
                |bundle| *entries(bundle) = vec![entry(&mut self::bundle("bundles/file-other")).clone()],
                LOG,
            ),
            (
                "the entry of another signature of the file",
                "bundles/file",
                |bundle| *entries(bundle) = vec![entry(&mut self::bundle("bundles/file-key")).clone()],
                LOG,
            ),
            (
                "a true entry beside one of another file",
                "bundles/file",
                |bundle| entries(bundle).push(entry(&mut self::bundle("bundles/file-other")).clone()),
                LOG,
            ),
            (
                "the entry of a statement for a file",
                "bundles/file",
                |bundle| *entries(bundle) = vec![entry(&mut self::bundle("lines/other-payload")).clone()],
                LOG,
            ),
            ("the certificate is in no log", "lines/no-sct", SAME, LOG),
            ("the certificate is in another log", "lines/other-sct", SAME, LOG),
        ],
    );
}

#[test]
fn what_is_said_of_the_time_must_hold() {
    const TIME: Result<(), &str> = Err("wrong-time");
    const STAMPS: &str = "timestampVerificationData";
    all(
        OWN,
        &[
            ("nothing proves a time", "bundles/file-no-time", SAME, TIME),
            ("logged after the certificate", "bundles/file-late-entry", SAME, TIME),
            ("logged before the certificate", "lines/early-entry", SAME, TIME),
            ("a statement, logged after the certificate", "lines/late-entry", SAME, TIME),
            ("timestamped after the certificate", "lines/late-timestamp", SAME, TIME),
            ("one of two times", "lines/one-late-timestamp", SAME, TIME),
            ("an authority that is not trusted", "lines/other-time-authority", SAME, TIME),
            ("an authority after its end", "lines/retired-time-authority", SAME, TIME),
            ("no timestamp", "bundles/file-log-2", |bundle| remove(&mut bundle["verificationMaterial"], STAMPS), TIME),
            (
                "a timestamp of another signature",
                "bundles/file-log-2",
                |bundle| {
                    let other = self::bundle("lines/log-2");
                    bundle["verificationMaterial"][STAMPS] = other["verificationMaterial"][STAMPS].clone();
                },
                TIME,
            ),
            (
                "a true timestamp beside one of another signature",
                "bundles/file-log-2",
                |bundle| {
                    let other = self::bundle("lines/log-2");
                    let one = &other["verificationMaterial"][STAMPS]["rfc3161Timestamps"][0];
                    let list = bundle["verificationMaterial"][STAMPS]["rfc3161Timestamps"].as_array_mut().unwrap();
                    list.push(one.clone());
                },
                TIME,
            ),
            (
                "a timestamp that is none",
                "bundles/file-log-2",
                |bundle| {
                    let stamp = &mut bundle["verificationMaterial"][STAMPS]["rfc3161Timestamps"][0];
                    stamp["signedTimestamp"] = json!("AAAA");
                },
                TIME,
            ),
        ],
    );
}

#[test]
fn who_signed_what_must_fit() {
    all(
        OWN,
        &[
            (
                "the signature",
                "bundles/file",
                |bundle| flip(&mut bundle["messageSignature"]["signature"]),
                Err("bad-signature"),
            ),
            (
                "the certificate of another",
                "bundles/file",
                |bundle| {
                    let other = self::bundle("bundles/file-other");
                    bundle["verificationMaterial"]["certificate"] =
                        other["verificationMaterial"]["certificate"].clone();
                },
                Err("bad-signature"),
            ),
            (
                "the digest of another file",
                "bundles/file",
                |bundle| flip(&mut bundle["messageSignature"]["messageDigest"]["digest"]),
                Err("subject-mismatch"),
            ),
            ("another file", "bundles/file-other", SAME, Err("subject-mismatch")),
            ("another subject", "lines/longer-subject", SAME, Err("untrusted-signer")),
            ("another issuer", "lines/other-issuer", SAME, Err("untrusted-signer")),
            ("another authority", "lines/other-authority", SAME, Err("untrusted-signer")),
            ("for servers", "lines/server-usage", SAME, Err("untrusted-signer")),
            ("a key, and no identity", "bundles/file-key", SAME, Err("untrusted-signer")),
            ("a statement of an unknown type", "bundles/statement-unknown-type", SAME, Err("malformed-statement")),
            ("a statement of no type", "bundles/statement-no-type", SAME, Err("malformed-statement")),
        ],
    );
    all(
        MANAGED,
        &[
            ("a certificate, and no key", "bundles/file", SAME, Err("untrusted-signer")),
            ("a key without a log", "bundles/file-key-no-log", SAME, Err("wrong-log")),
            (
                "the signature by a key",
                "bundles/file-key",
                |bundle| flip(&mut bundle["messageSignature"]["signature"]),
                Err("bad-signature"),
            ),
            (
                "a key, and the entry of another",
                "bundles/file-key",
                |bundle| *entries(bundle) = vec![entry(&mut self::bundle("bundles/file")).clone()],
                Err("wrong-log"),
            ),
        ],
    );
    all(By::Key("testdata/oms/keys/p256.pub"), &[("another key", "bundles/file-key", SAME, Err("untrusted-signer"))]);
}

#[test]
fn forms_that_are_none_are_rejected() {
    all(
        OWN,
        &[
            (
                "an unknown version",
                "bundles/file",
                |bundle| bundle["mediaType"] = json!("application/vnd.dev.sigstore.bundle.v9+json"),
                Err("malformed-line"),
            ),
            (
                "a chain in version 0.3",
                "bundles/file",
                |bundle| {
                    chain(bundle, 0);
                    bundle["mediaType"] = json!("application/vnd.dev.sigstore.bundle.v0.3+json");
                },
                Err("malformed-line"),
            ),
            ("a chain with its root", "bundles/file", |bundle| chain(bundle, 1), Err("malformed-line")),
            (
                "an empty chain",
                "bundles/file",
                |bundle| {
                    chain(bundle, 0);
                    bundle["verificationMaterial"]["x509CertificateChain"]["certificates"] = json!([]);
                },
                Err("malformed-line"),
            ),
            (
                "an empty certificate",
                "bundles/file",
                |bundle| bundle["verificationMaterial"]["certificate"]["rawBytes"] = json!(""),
                Err("malformed-line"),
            ),
            ("nothing signed", "bundles/file", |bundle| remove(bundle, "messageSignature"), Err("malformed-line")),
            ("no signature", "lines/log-2", |bundle| bundle["dsseEnvelope"]["signatures"] = json!([]), Err("unsigned")),
            (
                "no signature of a file",
                "bundles/file",
                |bundle| remove(&mut bundle["messageSignature"], "signature"),
                Err("unsigned"),
            ),
            (
                "a signature that is not base64",
                "bundles/file",
                |bundle| bundle["messageSignature"]["signature"] = json!("!not-base64!"),
                Err("malformed-line"),
            ),
            (
                "a place in the log below the first",
                "bundles/file",
                |bundle| entry(bundle)["logIndex"] = json!("-1"),
                Err("malformed-line"),
            ),
            (
                "two signatures",
                "lines/log-2",
                |bundle| {
                    let list = bundle["dsseEnvelope"]["signatures"].as_array_mut().unwrap();
                    list.push(list[0].clone());
                },
                Err("malformed-line"),
            ),
            (
                "33 entries",
                "bundles/file",
                |bundle| {
                    let one = entry(bundle).clone();
                    entries(bundle).resize(33, one);
                },
                Err("limit-exceeded"),
            ),
        ],
    );
}

#[test]
fn a_digest_stands_for_a_file() {
    let place = Workplace::new();
    let digest = Digest::of(&fs::read(repository(KEYLESS).join("bundles/artifact")).unwrap());
    assert_eq!(judge(&place, &bundle("bundles/file"), OWN, &format!("sha256:{digest}")).0, 0);
    let other = (1, "subject-mismatch".to_owned());
    assert_eq!(judge(&place, &bundle("bundles/file"), OWN, &format!("sha256:{}", "0".repeat(64))), other);
}
