//! Every form in which evidence of others comes in, with each of the six faults that a signature can have: `bundle attest
//! --import` says which it is. For model signatures `model.rs` and `model_keyless.rs` have the same.

use std::fs;

use assaymark::certificate;
use assaymark::dsse::{IN_TOTO, Pae};
use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::forge::{BOM, Forged, key};
use crate::reasons;
use crate::suites::cosign::old;
use crate::support::{Ran, Workplace, copy, repository};

const NOTE: &str = "https://example.com/note/v1";
const LINK: &str = "https://in-toto.io/attestation/link/v0.3";
const V0_3: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const TRUST: &str = r#"
[[attester]]
name = "release"
roles = ["builder", "releaser", "scanner"]
identity = { subject = "release@example.com", authority = "pki" }
[[attester.key]]
path = "release.pub"
[[attester]]
name = "laboratory"
roles = ["builder", "scanner"]
[[attester.key]]
path = "scanner.pub"
[[attester]]
name = "workflow"
roles = ["builder"]
[attester.identity]
subject = "https://ci.example.com/models/.github/workflows/release.yml@refs/heads/main"
issuer = "https://accounts.example.com"
[[authority]]
name = "pki"
certificate = "pki/root.pem"
names = ["release@example.com"]
[[authority]]
name = "issuer"
certificate = "pki/issuer.pem"
names = ["release@example.com"]
[sigstore]
trusted-root = "trusted_root.json"
"#;

/// The faults, in the order of the columns below.
const FAULTS: [&str; 6] = ["unsigned", "untrusted signer", "bad signature", "wrong subject", "wrong time", "wrong log"];

/// Imports evidence into the base of the vectors, or into a release of another model.
fn import(evidence: &str, other_model: bool, trust: &str) -> Ran {
    let at = Workplace::new();
    fs::copy(repository("testdata/keyless/trusted_root.json"), at.path("trusted_root.json")).unwrap();
    copy(&repository("testdata/authority"), &at.path("pki"));
    at.write("trust.toml", trust);
    at.write("evidence.json", evidence);
    if other_model {
        at.run("bundle create release.toml --key release.key --output bundle.intoto.jsonl").exits(0);
    } else {
        fs::remove_dir_all(at.path("model")).unwrap();
        copy(&repository("testdata/vectors/base"), at.folder());
    }
    at.run("bundle attest bundle.intoto.jsonl --trust trust.toml --model model --import evidence.json")
}

/// Evidence in one form.
struct Door {
    name: &'static str,
    good: String,
    /// With each fault, if the form can have it.
    faults: [Option<String>; 6],
    /// The trust under which the good evidence is of a wrong time, if that is not a fault of its own.
    ended: Option<String>,
}

fn flip(text: &mut Value) {
    let mut bytes = BASE64.decode(text.as_str().unwrap().as_bytes()).unwrap();
    bytes[20] ^= 1;
    *text = json!(BASE64.encode(&bytes));
}

fn line(name: &str) -> Value {
    let path = repository("testdata/keyless/lines").join(name).with_extension("json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn changed(line: &Value, change: impl FnOnce(&mut Value)) -> Value {
    let mut line = line.clone();
    change(&mut line);
    line
}

/// What a key signs, in a form.
fn by_key(name: &'static str, kind: &str, write: fn(&Value) -> Value, log: Option<Value>) -> Door {
    let base = Forged::of(&fs::read(repository("testdata/vectors/base/bundle.intoto.jsonl")).unwrap());
    let subject = &base.statement(BOM)["subject"][1];
    let predicate = json!({"name": "train", "materials": [{"name": "data", "digest": {"sha256": "0".repeat(64)}}]});
    let statement = json!({"_type": "https://in-toto.io/Statement/v1", "subject": [subject], "predicateType": kind, "predicate": predicate});
    let payload = statement.to_string();
    let envelope = |by: &str| {
        let signature = key(by).sign(Pae::new(IN_TOTO, payload.as_bytes()).as_bytes());
        json!({"payload": BASE64.encode(payload.as_bytes()), "payloadType": IN_TOTO,
            "signatures": [{"sig": BASE64.encode(&signature), "keyid": key(by).public().key_id()}]})
    };
    let good = envelope("scanner");
    let with = |change: fn(&mut Value)| Some(write(&changed(&good, change)).to_string());
    Door {
        name,
        faults: [
            with(|one| one["signatures"] = json!([])),
            Some(write(&envelope("stranger")).to_string()),
            with(|one| flip(&mut one["signatures"][0]["sig"])),
            Some(write(&good).to_string()),
            Some(write(&good).to_string()),
            log.map(|log| log.to_string()),
        ],
        good: write(&good).to_string(),
        ended: Some(
            TRUST.replace("path = \"scanner.pub\"", "path = \"scanner.pub\"\nvalid-until = 2020-01-01T00:00:00Z"),
        ),
    }
}

/// What somebody signs without a lasting key, in a form.
fn keyless(name: &'static str, write: fn(&Value) -> String) -> Door {
    let text = fs::read_to_string(repository("testdata/keyless/good.intoto.jsonl")).unwrap();
    let good: Value = serde_json::from_str(text.lines().nth(BOM).unwrap()).unwrap();
    Door {
        name,
        good: write(&good),
        faults: [
            Some(write(&changed(&good, |one| one["dsseEnvelope"]["signatures"] = json!([])))),
            Some(write(&line("other-issuer"))),
            Some(write(&changed(&good, |one| flip(&mut one["dsseEnvelope"]["signatures"][0]["sig"])))),
            Some(write(&good)),
            Some(write(&line("late-entry"))),
            Some(write(&line("other-log"))),
        ],
        ended: None,
    }
}

/// What a key signs that an own authority vouches for, with a log entry or without.
fn under_authority(name: &'static str, write: fn(&Value, &str) -> Value) -> Door {
    let base = Forged::of(&fs::read(repository("testdata/vectors/base/bundle.intoto.jsonl")).unwrap());
    let good = base.line(BOM);
    let text = |line: &Value, chain: &str| Some(write(line, chain).to_string());
    Door {
        name,
        good: text(&good, "direct").unwrap(),
        faults: [
            text(&changed(&good, |one| one["dsseEnvelope"]["signatures"] = json!([])), "direct"),
            text(&good, "other-name"),
            text(&changed(&good, |one| flip(&mut one["dsseEnvelope"]["signatures"][0]["sig"])), "direct"),
            text(&good, "direct"),
            None,
            text(&changed(&good, |one| one["entry"] = line("key-entry-of-another")), "direct"),
        ],
        ended: None,
    }
}

fn chain(name: &str) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(repository("testdata/authority/chains").join(name).with_extension("pem")).unwrap();
    certificate::chain_from_pem(&text).unwrap()
}

/// Puts a chain in the place of the key, and the log entry of another line beside it.
fn certified(line: &Value, name: &str) -> Value {
    let certificates: Vec<_> = chain(name).iter().map(|der| json!({"rawBytes": BASE64.encode(der)})).collect();
    let entries = line["entry"].pointer("/verificationMaterial/tlogEntries").cloned().unwrap_or(json!([]));
    json!({"mediaType": V0_3, "dsseEnvelope": line["dsseEnvelope"],
        "verificationMaterial": {"x509CertificateChain": {"certificates": certificates}, "tlogEntries": entries}})
}

fn certified_before(line: &Value, name: &str) -> Value {
    let entry = line["entry"].pointer("/verificationMaterial/tlogEntries/0");
    let certificate = json!({"certificate": {"rawBytes": BASE64.encode(&chain(name)[0])}});
    let material = changed(&certificate, |one| one["tlogEntries"] = entry.map_or(json!([]), |entry| json!([entry])));
    old(&json!({"verificationMaterial": material, "dsseEnvelope": line["dsseEnvelope"]}))
}

fn doors() -> Vec<Door> {
    let bundle = |envelope: &Value| json!({"mediaType": V0_3, "verificationMaterial": {"publicKey": {"hint": ""}}, "dsseEnvelope": envelope});
    let before = |envelope: &Value| json!({"base64Signature": BASE64.encode(envelope.to_string().as_bytes())});
    let of_another = line("key-entry-of-another");
    vec![
        by_key("an envelope", NOTE, Value::clone, None),
        by_key("a link", LINK, Value::clone, None),
        by_key("cosign, a key", NOTE, bundle, Some(of_another.clone())),
        by_key("cosign before, a key", NOTE, before, Some(old(&of_another))),
        keyless("cosign, without a lasting key", Value::to_string),
        keyless("cosign before, without a lasting key", |line| old(line).to_string()),
        keyless("gh, a line an attestation", |line| format!("{line}\n{line}\n")),
        under_authority("cosign, an own authority", certified),
        under_authority("cosign before, an own authority", certified_before),
    ]
}

#[test]
fn each_form_says_which_of_six_faults_it_has() {
    let mut wrong = Vec::new();
    for door in doors() {
        let ran = import(&door.good, false, TRUST);
        if ran.status != 0 {
            wrong.push(format!("{}: {}", door.name, ran.stderr));
        }
        for (fault, evidence) in FAULTS.iter().zip(&door.faults) {
            let Some(evidence) = evidence else { continue };
            let trust = door.ended.as_deref().filter(|_| *fault == "wrong time").unwrap_or(TRUST);
            let ran = import(evidence, *fault == "wrong subject", trust);
            // Each refused line begins with its code.
            let told: Vec<_> =
                ran.stderr.lines().filter_map(|line| line.trim().strip_prefix("line ")?.split(": ").nth(1)).collect();
            if ran.status != 1 || told.is_empty() || told.iter().any(|code| reasons::fault(code) != Some(fault)) {
                wrong.push(format!("{}, {fault}: {} {told:?} {}", door.name, ran.status, ran.stderr));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
