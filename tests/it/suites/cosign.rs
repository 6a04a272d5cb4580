//! Bundles of cosign's old format with a certificate or a log entry: lines of `testdata/keyless` and an attestation that GitHub
//! made, written as cosign did, each imported as it was signed or refused for its one fault.

use std::fs;

use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};

use super::keyless::{SUBJECT, bundle};
use super::suite;
use crate::forge::BOM;
use crate::reasons;
use crate::support::{Workplace, copy, repository};

const ISSUER: &str = "https://accounts.example.com";

/// The BOM line that a certificate signed and a log of version 1 has.
fn signed() -> Value {
    let text = fs::read_to_string(repository("testdata/keyless/good.intoto.jsonl")).unwrap();
    serde_json::from_str(text.lines().nth(BOM).unwrap()).unwrap()
}

fn pem(der: &Value) -> String {
    let text = der.as_str().unwrap().as_bytes();
    let lines: Vec<_> = text.chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// Writes what a Sigstore bundle says as cosign did before there were any.
pub fn old(bundle: &Value) -> Value {
    let material = &bundle["verificationMaterial"];
    let mut old = json!({"base64Signature": BASE64.encode(bundle["dsseEnvelope"].to_string().as_bytes())});
    if let Some(entry) = material.pointer("/tlogEntries/0") {
        let number = |name: &str| entry[name].as_str().unwrap().parse::<i64>().unwrap();
        let id = BASE64.decode(entry["logId"]["keyId"].as_str().unwrap().as_bytes()).unwrap();
        old["rekorBundle"] = json!({
            "SignedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
            "Payload": {
                "body": entry["canonicalizedBody"],
                "integratedTime": number("integratedTime"),
                "logIndex": number("logIndex"),
                "logID": HEXLOWER.encode(&id),
            },
        });
    }
    if let Some(der) = material.pointer("/certificate/rawBytes") {
        old["cert"] = json!(BASE64.encode(pem(der).as_bytes()));
    }
    old
}

/// The base of the vectors, whose BOM the lines of `testdata/keyless` sign without a lasting key.
struct Place(Workplace);

impl Place {
    fn new() -> Self {
        Self::trusting(SUBJECT, ISSUER)
    }

    fn trusting(subject: &str, issuer: &str) -> Self {
        let at = Workplace::new();
        fs::remove_dir_all(at.path("model")).unwrap();
        copy(&repository("testdata/vectors/base"), at.folder());
        fs::copy(repository("testdata/keyless/trusted_root.json"), at.path("trusted_root.json")).unwrap();
        let trust = format!(
            "[[attester]]\nname = \"release\"\nroles = [\"builder\", \"releaser\"]\n[[attester.key]]\npath = \
             \"release.pub\"\n[[attester]]\nname = \"workflow\"\nroles = [\"builder\"]\nidentity = {{ subject = \"{subject}\", \
             issuer = \"{issuer}\" }}\n[sigstore]\ntrusted-root = \"trusted_root.json\"\n"
        );
        at.write("trust.toml", trust);
        Self(at)
    }

    fn call(&self, verb: &str, more: &str) -> crate::support::Ran {
        self.0.run(&format!("bundle {verb} bundle.intoto.jsonl --trust trust.toml --model model{more}"))
    }

    fn import(&self, evidence: &Value) -> crate::support::Ran {
        self.0.write("evidence.json", evidence.to_string());
        self.call("attest", " --import evidence.json")
    }

    fn last_line(&self) -> Value {
        serde_json::from_str(self.0.read("bundle.intoto.jsonl").lines().last().unwrap()).unwrap()
    }
}

/// Returns the lines with a BOM of which no log proves that it has them.
fn unproven(place: &Place) -> Vec<Value> {
    place.0.write("policy.toml", "[policy]\nname = \"p\"\n[[require]]\nevidence = \"bom\"\nlogged = true\n");
    let report = place.call("verify", " --policy policy.toml --format json").exits(1).json();
    let findings = report["findings"].as_array().unwrap().iter().filter(|one| one["code"] == "proof-missing");
    findings.map(|one| one["place"]["line"].clone()).collect()
}

#[test]
fn a_bundle_with_a_certificate_is_imported_without_loss_sealed_and_verified() {
    let good = signed();
    let place = Place::new();
    place.import(&old(&good)).exits(0);
    let line = place.last_line();
    assert_eq!(line["mediaType"], "application/vnd.dev.sigstore.bundle+json;version=0.1");
    assert_eq!(line["dsseEnvelope"]["payload"], good["dsseEnvelope"]["payload"]);
    assert_eq!(line["dsseEnvelope"]["signatures"][0]["sig"], good["dsseEnvelope"]["signatures"][0]["sig"]);
    let material = &line["verificationMaterial"];
    assert_eq!(material["x509CertificateChain"]["certificates"], json!([good["verificationMaterial"]["certificate"]]));
    let mut entry = good["verificationMaterial"]["tlogEntries"][0].clone();
    entry.as_object_mut().unwrap().remove("inclusionProof").unwrap();
    assert_eq!(material["tlogEntries"], json!([entry]), "all but the proof, which cosign did not keep");
    place.call("seal", " --key release.key").exits(0);
    let report = place.call("verify", " --format json").exits(0).json();
    assert_eq!(report["scope"]["seal"]["members"], 4);
    // What the log promised is a time, and no proof that it kept the promise.
    assert!(unproven(&place).contains(&json!(5)));
    let proven = Place::new();
    proven.import(&good).exits(0);
    proven.call("seal", " --key release.key").exits(0);
    assert_eq!(unproven(&proven), [json!(2)], "what the key signed was not logged");
    let again = place.import(&old(&good)).exits(0);
    assert!(again.stderr.contains("has all of it already"), "{}", again.stderr);
}

#[test]
fn each_fault_of_a_bundle_with_a_certificate_is_told_by_name() {
    let of = |name: &str| old(&bundle(name));
    let good = || old(&signed());
    let with = |change: fn(&mut Value)| {
        let mut one = good();
        change(&mut one);
        one
    };
    let rekor = |name: &str| of(name)["rekorBundle"].clone();
    let file = {
        // Of a file: an entry `hashedrekord`, which is of no statement.
        let entry = bundle("bundles/file");
        let entry = &entry["verificationMaterial"]["tlogEntries"][0];
        let mut one = good();
        one["rekorBundle"]["SignedEntryTimestamp"] = entry["inclusionPromise"]["signedEntryTimestamp"].clone();
        one["rekorBundle"]["Payload"]["body"] = entry["canonicalizedBody"].clone();
        one
    };
    let replaced = |name: &str, value: Value| {
        let mut one = good();
        one[name] = value;
        one
    };
    let flipped = |pointer: &str| {
        let mut one = good();
        let text = one.pointer_mut(pointer).unwrap();
        let mut bytes = BASE64.decode(text.as_str().unwrap().as_bytes()).unwrap();
        bytes[20] ^= 1;
        *text = json!(BASE64.encode(&bytes));
        one
    };
    let cases = [
        ("another certificate", "bad-signature", replaced("cert", of("lines/other-payload")["cert"].clone())),
        ("another promise", "wrong-log", flipped("/rekorBundle/SignedEntryTimestamp")),
        ("the promise for another body", "wrong-log", {
            let mut one = good();
            let other = rekor("lines/other-payload");
            one["rekorBundle"]["SignedEntryTimestamp"] = other["SignedEntryTimestamp"].clone();
            one
        }),
        ("the entry of another signature", "wrong-log", replaced("rekorBundle", rekor("lines/other-payload"))),
        ("the entry of a file", "wrong-log", file),
        ("another log", "wrong-log", of("lines/other-log")),
        ("another log named", "wrong-log", with(|one| one["rekorBundle"]["Payload"]["logID"] = json!("00".repeat(32)))),
        (
            "another time",
            "wrong-log",
            with(|one| one["rekorBundle"]["Payload"]["integratedTime"] = json!(1_795_559_497)),
        ),
        ("another place", "wrong-log", with(|one| one["rekorBundle"]["Payload"]["logIndex"] = json!(7))),
        ("no entry", "wrong-log", with(|one| drop(one.as_object_mut().unwrap().remove("rekorBundle")))),
        ("an entry that is null", "wrong-log", with(|one| one["rekorBundle"] = Value::Null)),
        ("logged after the certificate", "wrong-time", of("lines/late-entry")),
        ("logged before the certificate", "wrong-time", of("lines/early-entry")),
        ("no SCT", "wrong-log", of("lines/no-sct")),
        ("an SCT of another log", "wrong-log", of("lines/other-sct")),
        ("another authority", "untrusted-signer", of("lines/other-authority")),
        ("another subject", "untrusted-signer", of("lines/longer-subject")),
        ("another issuer", "untrusted-signer", of("lines/other-issuer")),
        ("a certificate for servers", "untrusted-signer", of("lines/server-usage")),
        ("another payload", "bad-signature", {
            let mut changed = signed();
            changed["dsseEnvelope"]["payload"] = bundle("lines/other-payload")["dsseEnvelope"]["payload"].clone();
            old(&changed)
        }),
        ("no signature", "unsigned", {
            let mut changed = signed();
            changed["dsseEnvelope"]["signatures"] = json!([]);
            old(&changed)
        }),
        ("an entry of a kind that says too little", "unsupported-line", {
            let body = json!({"apiVersion": "0.0.1", "kind": "intoto", "spec": {}}).to_string();
            let mut one = good();
            one["rekorBundle"]["Payload"]["body"] = json!(BASE64.encode(body.as_bytes()));
            one
        }),
    ];
    for (why, code, evidence) in cases {
        let place = Place::new();
        let ran = place.import(&evidence);
        assert!(ran.status == 1 && ran.stderr.contains(&format!("{code}: ")), "{why}: {} {}", ran.status, ran.stderr);
        assert!(reasons::fault(code).is_some(), "{code}");
    }
    let place = Place::trusting(&format!("{SUBJECT}-other"), ISSUER);
    let ran = place.import(&good()).exits(1);
    assert!(ran.stderr.contains("untrusted-signer"), "{}", ran.stderr);
}

#[test]
fn what_can_not_be_read_is_refused_in_words() {
    let good = old(&signed());
    let with = |pointer: &str, value: Value| {
        let mut one = good.clone();
        *one.pointer_mut(pointer).unwrap() = value;
        one
    };
    let two = {
        let mut changed = signed();
        let signatures = changed["dsseEnvelope"]["signatures"].as_array_mut().unwrap();
        signatures.push(signatures[0].clone());
        old(&changed)
    };
    for (evidence, words) in [
        (with("/cert", json!("LS0=")), "neither a certificate nor a public key"),
        (
            with("/cert", json!(BASE64.encode(b"-----BEGIN CERTIFICATE-----\nAA"))),
            "neither a certificate nor a public key",
        ),
        (with("/base64Signature", json!("MEUCIQ==")), "signs a message"),
        (with("/base64Signature", json!("?")), "`base64Signature` is not base64"),
        (with("/rekorBundle/Payload/body", json!("AAAA")), "no entry of a transparency log"),
        (with("/rekorBundle/Payload/logID", json!("AB")), "no entry of a transparency log"),
        (with("/rekorBundle/SignedEntryTimestamp", json!("?")), "`SignedEntryTimestamp` is not base64"),
        (with("/rekorBundle/Payload/integratedTime", json!("soon")), "expected i64"),
        (two, "more than one signature"),
    ] {
        let ran = Place::new().import(&evidence).exits(1);
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
}

/// A key needs no log; what a log says of it is kept where it can be checked, and must hold then.
#[test]
fn what_a_log_says_of_a_key_is_kept_where_it_can_be_checked() {
    let key_logged = old(&bundle("lines/key-logged"));
    let trust = |more: &str| {
        let place = Place::new();
        // The same statement by another attester, so that it is not there already.
        let text = "[[attester]]\nname = \"release\"\nroles = [\"builder\", \"releaser\"]\n[[attester.key]]\npath = \"release.pub\"\n";
        place.0.write("trust.toml", format!("{text}{more}"));
        place
    };
    let root = "[sigstore]\ntrusted-root = \"trusted_root.json\"\n";
    let other = old(&bundle("lines/key-entry-of-another"));
    let ran = trust(root).import(&other).exits(1);
    assert!(ran.stderr.contains("wrong-log"), "{}", ran.stderr);
    for (more, evidence) in [("", &other), ("", &key_logged), (root, &key_logged)] {
        // It is there already: payload and signer are those of a line.
        let ran = trust(more).import(evidence).exits(0);
        assert!(ran.stderr.contains("has all of it already"), "{}", ran.stderr);
    }
}

#[test]
fn an_attestation_of_github_is_imported_in_the_old_form() {
    let text = fs::read(suite("github-attestation/custom-issuer.sigstore.json")).unwrap();
    let attestation: Value = serde_json::from_slice(&text).unwrap();
    let at = Workplace::new();
    fs::copy(suite("github-attestation/custom-issuer-artifact"), at.path("artifact.txt")).unwrap();
    let root = repository("testdata/third-party/sigstore-conformance/trusted_root.json");
    fs::copy(root, at.path("trusted_root.json")).unwrap();
    at.run("bundle create release.toml --model artifact.txt --key release.key --output r.intoto.jsonl").exits(0);
    at.write(
        "trust.toml",
        "[[attester]]\nname = \"release\"\nroles = [\"builder\", \"releaser\", \"scanner\"]\n[[attester.key]]\npath = \"release.pub\"\n\
         [[attester]]\nname = \"workflow\"\nroles = [\"builder\"]\nidentity = { subject = \
         \"https://github.com/too-legit/attest/.github/workflows/integration.yml@refs/heads/main\", issuer = \
         \"https://token.actions.githubusercontent.com/hammer-time\" }\n[sigstore]\ntrusted-root = \"trusted_root.json\"\n",
    );
    let with = "r.intoto.jsonl --trust trust.toml --model artifact.txt";
    let mut late = old(&attestation);
    let time = late["rekorBundle"]["Payload"]["integratedTime"].as_i64().unwrap();
    late["rekorBundle"]["Payload"]["integratedTime"] = json!(time + 1);
    at.write("old.json", late.to_string());
    let ran = at.run(&format!("bundle attest {with} --import old.json")).exits(1);
    assert!(ran.stderr.contains("wrong-log"), "{}", ran.stderr);
    at.write("old.json", old(&attestation).to_string());
    at.run(&format!("bundle attest {with} --import old.json")).exits(0);
    at.run(&format!("bundle seal {with} --key release.key")).exits(0);
    at.run(&format!("bundle verify {with} --strict")).exits(0);
}
