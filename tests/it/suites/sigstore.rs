//! Sixteen cases of sigstore-conformance, by its own protocol: each has the right answer for the right reason.

use std::fs;
use std::path::Path;
use std::process::Command;

use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};

use super::{read, suite};
use crate::support::repository;

const SUBJECT: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// The folders, and the code of those that must be rejected; without one where the call itself is refused.
const CASES: [(&str, Result<(), &str>); 16] = [
    ("bundle-with-root-cert_fail", Err("malformed-line")),
    ("cve-2022-36056-swapped-tlog-entry_fail", Err("wrong-log")),
    ("dsse-invalid-sig_fail", Err("bad-signature")),
    ("dsse-mismatch-envelope_fail", Err("wrong-log")),
    ("dsse-mismatch-sig_fail", Err("wrong-log")),
    ("dsse-statement-missing-type_fail", Err("malformed-statement")),
    ("dsse-statement-unknown-type_fail", Err("malformed-statement")),
    ("happy-path-intoto-in-dsse-v3", Ok(())),
    ("intoto-canonical-log-entry", Ok(())),
    ("intoto-with-custom-trust-root", Ok(())),
    ("managed-key-and-trusted-root", Ok(())),
    ("managed-key-happy-path", Ok(())),
    ("managed-key-no-key_fail", Err("untrusted-signer")),
    ("managed-key-wrong-key_fail", Err("")),
    ("rekor2-dsse-happy-path", Ok(())),
    ("rekor2-dsse-invalid-sig_fail", Err("bad-signature")),
];

/// Returns what a bundle is about.
fn digest(case: &str) -> String {
    let bundle = read(&format!("sigstore-conformance/{case}/bundle.sigstore.json"));
    let hex = if let Some(payload) = bundle["dsseEnvelope"]["payload"].as_str() {
        let statement: Value = serde_json::from_slice(&BASE64.decode(payload.as_bytes()).unwrap()).unwrap();
        statement["subject"][0]["digest"]["sha256"].as_str().unwrap().to_owned()
    } else if let Some(body) = bundle.pointer("/rekorBundle/Payload/body") {
        let entry: Value = serde_json::from_slice(&BASE64.decode(body.as_str().unwrap().as_bytes()).unwrap()).unwrap();
        entry["spec"]["data"]["hash"]["value"].as_str().unwrap().to_owned()
    } else {
        let digest = bundle["messageSignature"]["messageDigest"]["digest"].as_str().unwrap();
        HEXLOWER.encode(&BASE64.decode(digest.as_bytes()).unwrap())
    };
    format!("sha256:{hex}")
}

/// Calls the script; returns the exit status and the last line on standard error.
fn call(case: &str, subject: &str, artifact: &str) -> (i32, String) {
    call_in(&suite("sigstore-conformance").join(case), (subject, ISSUER), artifact)
}

fn call_in(place: &Path, (subject, issuer): (&str, &str), artifact: &str) -> (i32, String) {
    let mut command = Command::new(repository("tests/conformance/sigstore"));
    command.env("ASSAYMARK", env!("CARGO_BIN_EXE_assaymark"));
    command.arg("verify-bundle").arg("--bundle").arg(place.join("bundle.sigstore.json"));
    let key = place.join("key.pub");
    if key.exists() {
        command.arg("--key").arg(key);
    } else {
        command.args(["--certificate-identity", subject, "--certificate-oidc-issuer", issuer]);
    }
    let root = place.join("trusted_root.json");
    if root.exists() {
        command.arg("--trusted-root").arg(root);
    }
    let output = command.arg(artifact).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), stderr.lines().last().unwrap_or_default().to_owned())
}

#[test]
fn the_cases_of_sigstore_conformance_are_judged_right() {
    let mut wrong = Vec::new();
    for (case, expected) in CASES {
        let (status, said) = call(case, SUBJECT, &digest(case));
        let right = match expected {
            Ok(()) => status == 0,
            Err("") => status == 2,
            Err(code) => status == 1 && said == code,
        };
        if !right {
            wrong.push(format!("{case}: {status} {said}, expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn another_artifact_and_another_identity_are_rejected_by_name() {
    let zeros = format!("sha256:{}", "0".repeat(64));
    for (case, subject, artifact, code) in [
        ("happy-path-intoto-in-dsse-v3", SUBJECT, zeros.clone(), "subject-mismatch"),
        ("managed-key-and-trusted-root", SUBJECT, zeros, "subject-mismatch"),
        (
            "rekor2-dsse-happy-path",
            "https://github.com/sigstore-conformance/",
            digest("rekor2-dsse-happy-path"),
            "untrusted-signer",
        ),
    ] {
        assert_eq!(call(case, subject, &artifact), (1, code.to_owned()), "{case}");
    }
}

/// The case of the swapped entry has the signature and the certificate that were logged, in the entry: put where they belong
/// they make the bundle of cosign's old format that the entry was for, by the authority and the log of the public instance.
#[test]
fn a_bundle_of_the_old_format_from_the_public_instance_is_accepted() {
    const CASE: &str = "cve-2022-36056-swapped-tlog-entry_fail";
    const SIGNER: (&str, &str) = ("w.vollprecht@gmail.com", "https://github.com/login/oauth");
    let mut bundle = read(&format!("sigstore-conformance/{CASE}/bundle.sigstore.json"));
    let body = bundle["rekorBundle"]["Payload"]["body"].as_str().unwrap().as_bytes();
    let entry: Value = serde_json::from_slice(&BASE64.decode(body).unwrap()).unwrap();
    bundle["base64Signature"] = entry["spec"]["signature"]["content"].clone();
    bundle["cert"] = entry["spec"]["signature"]["publicKey"]["content"].clone();
    let place = tempfile::tempdir().unwrap();
    let judge = |bundle: &Value, signer| {
        fs::write(place.path().join("bundle.sigstore.json"), bundle.to_string()).unwrap();
        call_in(place.path(), signer, &digest(CASE))
    };
    assert_eq!(judge(&bundle, SIGNER).0, 0, "{}", judge(&bundle, SIGNER).1);
    assert_eq!(judge(&bundle, (SUBJECT, ISSUER)), (1, "untrusted-signer".to_owned()));
    bundle["rekorBundle"]["Payload"]["integratedTime"] = json!(1_768_341_833);
    assert_eq!(judge(&bundle, SIGNER), (1, "wrong-log".to_owned()));
    bundle.as_object_mut().unwrap().remove("rekorBundle").unwrap();
    assert_eq!(judge(&bundle, SIGNER), (1, "wrong-log".to_owned()));
}
