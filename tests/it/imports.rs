//! `bundle attest --import`: what others signed comes in as it was signed, and nothing else does.

use std::fs;

use assaymark::dsse::{IN_TOTO, Pae};
use assaymark::key::SigningKey;
use data_encoding::{BASE64, BASE64URL};
use serde_json::{Value, json};

use crate::forge::key;
use crate::support::{Ran, Workplace, codes, copy, repository};

const NOTE: &str = "https://example.com/note/v1";
const LINK: &str = "https://in-toto.io/attestation/link/v0.3";
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// A workplace with a bundle, and what statements of others say of its model.
struct Place {
    at: Workplace,
    /// The digest of the file list, as the one subject.
    list: Value,
    /// Both subjects of ours.
    subjects: Value,
}

impl Place {
    fn new() -> Self {
        let at = Workplace::new();
        at.create();
        let seal = at.run("bundle inspect r.intoto.jsonl --payload seal").exits(0).json();
        let subjects = seal["subject"].clone();
        Self { list: json!([subjects[1]]), subjects, at }
    }

    fn import(&self, content: impl AsRef<[u8]>) -> Ran {
        self.at.write("evidence.json", content);
        self.at.run("bundle attest r.intoto.jsonl --trust gate.toml --model model --import evidence.json")
    }

    fn bundle(&self) -> String {
        self.at.read("r.intoto.jsonl")
    }

    fn seal(&self) -> Value {
        self.at.run("bundle seal r.intoto.jsonl --trust gate.toml --model model --key release.key").exits(0);
        self.at.run("bundle verify r.intoto.jsonl --trust gate.toml --model model --strict --format json").json()
    }
}

fn statement(subject: &Value, kind: &str, predicate: &Value) -> String {
    json!({"_type": "https://in-toto.io/Statement/v0.1", "subject": subject, "predicateType": kind, "predicate": predicate})
        .to_string()
}

fn signature(payload: &str, by: &SigningKey) -> String {
    BASE64.encode(&by.sign(Pae::new(IN_TOTO, payload.as_bytes()).as_bytes()))
}

/// A bare envelope, signed by some keys.
fn envelope(payload: &str, by: &[&str]) -> Value {
    let signatures: Vec<_> =
        by.iter().map(|name| json!({"sig": signature(payload, &key(name)), "keyid": ""})).collect();
    json!({"payload": BASE64.encode(payload.as_bytes()), "payloadType": IN_TOTO, "signatures": signatures})
}

fn sigstore(envelope: &Value, material: &Value) -> Value {
    json!({"mediaType": BUNDLE, "verificationMaterial": material, "dsseEnvelope": envelope})
}

#[test]
fn every_form_comes_in_as_it_was_signed_and_counts_once_sealed() {
    let place = Place::new();
    let note = |number: u64| statement(&place.list, NOTE, &json!({"number": number, "ø": "\u{fbff}\u{fbff}\u{fbff}"}));
    let mut urlsafe = envelope(&note(2), &["scanner"]);
    urlsafe["payload"] = json!(BASE64URL.encode(note(2).as_bytes()));
    let hint = BASE64.encode(key("scanner").public().fingerprint().as_bytes());
    let mut cosign = envelope(&note(4), &["scanner"]);
    cosign["signatures"][0].as_object_mut().unwrap().remove("keyid");
    let logged = json!({"publicKey": {"hint": hint}, "tlogEntries": [{"logIndex": "1"}]});
    let forms = [
        envelope(&note(1), &["scanner"]),
        urlsafe,
        json!({"base64Signature": BASE64.encode(envelope(&note(3), &["scanner"]).to_string().as_bytes())}),
        sigstore(&cosign, &json!({"publicKey": {"hint": hint}})),
        sigstore(&envelope(&note(5), &["scanner"]), &logged),
    ];
    let before = place.bundle();
    let lines: Vec<String> = forms.iter().map(Value::to_string).collect();
    let ran = place.import(lines.join("\n")).exits(0);
    assert!(ran.stderr.contains("5 lines"), "{}", ran.stderr);
    let left_out = ran.stderr.matches("its log entries and timestamps are left out").count();
    assert!(left_out == 1 && ran.stderr.contains("line 5: its log"), "{}", ran.stderr);
    assert!(place.bundle().starts_with(&before), "what was there is untouched");
    let added: Vec<Value> =
        place.bundle()[before.len()..].lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (line, number) in added.iter().zip(1..) {
        let payload = BASE64.decode(line["dsseEnvelope"]["payload"].as_str().unwrap().as_bytes()).unwrap();
        assert_eq!(payload, note(number).as_bytes());
        assert_eq!((&line["dsseEnvelope"]["signatures"][0]["keyid"], &line["mediaType"]), (&json!(""), &json!(BUNDLE)));
    }
    let report = place.seal();
    assert_eq!((&report["verdict"], &report["scope"]["seal"]["members"]), (&json!("passed"), &json!(9)));
}

#[test]
fn a_link_meets_a_demand() {
    let place = Place::new();
    place.at.write("policy.toml", "[policy]\nname = \"p\"\n[[require]]\nevidence = \"link\"\n");
    let verify = || {
        let call = "bundle verify r.intoto.jsonl --trust gate.toml --model model --policy policy.toml --format json";
        place.at.run(call).json()
    };
    assert_eq!(codes(&verify(), "deny"), ["evidence-missing"]);
    let link = json!({"name": "train", "materials": [{"name": "data", "digest": {"sha256": "0".repeat(64)}}]});
    let ran = place.import(envelope(&statement(&place.list, LINK, &link), &["scanner"]).to_string()).exits(1);
    assert!(ran.stderr.contains("wrong-role"), "{}", ran.stderr);
    place.import(envelope(&statement(&place.list, LINK, &link), &["release"]).to_string()).exits(0);
    assert_eq!(codes(&verify(), "deny"), ["evidence-missing"], "nothing counts unsealed");
    place.seal();
    assert_eq!(verify()["verdict"], "passed");
}

#[test]
fn what_no_seal_could_name_is_refused_before_it_is_written() {
    let place = Place::new();
    place.at.write("two.toml", fs::read_to_string(place.at.path("gate.toml")).unwrap().replacen("[[attester]]", "[[attester]]\nname = \"second-builder\"\nroles = [\"builder\", \"scanner\"]\n[[attester.key]]\npath = \"builder.pub\"\n\n[[attester]]", 1));
    let on = "r.intoto.jsonl --trust two.toml --model model";
    let sealed = |kind: &str| place.at.run(&format!("bundle inspect r.intoto.jsonl --payload {kind}")).exits(0).json();
    let bom = |change: &dyn Fn(&mut Value)| {
        let mut bom = sealed("bom");
        change(&mut bom);
        bom
    };
    let dataset = |bom: &mut Value| {
        let components = bom["predicate"]["components"].as_array_mut().unwrap();
        let data = components.iter_mut().find(|one| one["type"] == "data").unwrap();
        let digest = data["hashes"][0]["content"].as_str().unwrap().to_owned();
        let text = data.to_string().replace(&digest, &"0".repeat(64));
        *data = serde_json::from_str(&text).unwrap();
    };
    let before = place.bundle();
    let refusals = [
        ("lineage-mismatch", "disagree on `dataset:", bom(&dataset)),
        (
            "bom-mismatch",
            "the BOM is of other",
            bom(&|bom| bom["predicate"]["metadata"]["component"]["name"] = json!("other")),
        ),
        ("bom-invalid", "not valid CycloneDX", bom(&|bom| bom["predicate"]["version"] = json!(0))),
        ("lineage-mismatch", "of another release", {
            let mut provenance = sealed("provenance");
            provenance["predicate"]["buildDefinition"]["externalParameters"]["release"]["version"] = json!("9");
            provenance
        }),
    ];
    let with_note = |second: &Value| {
        let note = envelope(&statement(&place.list, NOTE, &json!({"n": 1})), &["scanner"]).to_string();
        format!("{note}\n{}", envelope(&second.to_string(), &["builder"]))
    };
    for (code, words, second) in &refusals {
        place.at.write("second.json", envelope(&second.to_string(), &["builder"]).to_string());
        let ran = place.at.run(&format!("bundle attest {on} --import second.json")).exits(1);
        assert!(ran.stderr.contains(code) && ran.stderr.contains(words), "{}", ran.stderr);
        assert_eq!(place.bundle(), before, "{words}");
    }
    // What agrees comes in beside it, and can be sealed.
    place.at.write("both.json", with_note(&refusals[0].2));
    let ran = place.at.run(&format!("bundle attest {on} --import both.json")).exits(0);
    assert!(ran.stderr.contains("line 2: lineage-mismatch") && ran.stderr.contains("1 line to"), "{}", ran.stderr);
    place.at.run(&format!("bundle seal {on} --key release.key")).exits(0);
    // A line that came in otherwise is named by `seal`, with what takes it out.
    let line = sigstore(
        &envelope(&refusals[0].2.to_string(), &["builder"]),
        &json!({"publicKey": {"hint": key("builder").public().key_id()}}),
    );
    let good = place.bundle();
    place.at.write("r.intoto.jsonl", format!("{good}{line}\n"));
    let number = good.lines().count() + 1;
    let ran = place.at.run(&format!("bundle seal {on} --key release.key")).exits(1);
    assert!(
        ran.stderr.contains(&format!("line {number} can't be sealed: BOM and provenance disagree")),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains(&format!("sed -i {number}d")), "{}", ran.stderr);
    // It does not stand in the way of anything else.
    place.at.run(&format!("bundle verify {on}")).exits(0);
    let ran = place.at.run(&format!("bundle approve {on} --key second.key")).exits(2);
    assert!(ran.stderr.contains("lines that no seal names yet"), "{}", ran.stderr);
    place.at.write("r.intoto.jsonl", good);
    place.at.run(&format!("bundle approve {on} --key second.key")).exits(0);
}

#[test]
fn of_several_signatures_those_come_in_that_are_trusted() {
    let place = Place::new();
    let mut several =
        envelope(&statement(&place.list, NOTE, &json!({})), &["scanner", "stranger", "release", "scanner"]);
    several["signatures"].as_array_mut().unwrap().push(json!({"sig": ""}));
    let ran = place.import(several.to_string()).exits(0);
    assert!(ran.stderr.contains("untrusted-signer") && ran.stderr.contains("2 lines"), "{}", ran.stderr);
    let before = place.bundle();
    let ran = place.import(envelope(&statement(&place.list, NOTE, &json!({})), &["scanner"]).to_string()).exits(0);
    assert!(ran.stderr.contains("all of it already"), "{}", ran.stderr);
    assert_eq!(place.bundle(), before);
    assert_eq!(place.seal()["scope"]["seal"]["members"], 6);
    place.import(envelope(&statement(&place.list, NOTE, &json!({})), &["scanner"]).to_string()).exits(0);
}

/// What must not come in, and what is said of it.
fn refusals(place: &Place) -> Vec<(&'static str, String, &'static str)> {
    let note = statement(&place.list, NOTE, &json!({}));
    let of = |subject: &Value, kind: &str, predicate: &Value, by: &str| {
        envelope(&statement(subject, kind, predicate), &[by]).to_string()
    };
    let own = |kind: &str, predicate: &Value, by: &str| {
        let kind = format!("https://assaymark.dev/{kind}/v1");
        let payload = statement(&place.subjects, &kind, predicate).replace("Statement/v0.1", "Statement/v1");
        envelope(&payload, &[by]).to_string()
    };
    let statement_of = |name: &str| {
        let payload = place.at.run(&format!("bundle inspect r.intoto.jsonl --payload {name}")).exits(0).stdout;
        serde_json::from_str::<Value>(&payload).unwrap()
    };
    let seal = statement_of("seal");
    let payload = place.at.run("bundle inspect r.intoto.jsonl --payload seal").exits(0).stdout;
    let sealed = assaymark::digest::Digest::of(payload.as_bytes()).to_string();
    let mut next = seal["predicate"].clone();
    next["sequence"] = json!(2);
    next["previous"] = json!(sealed);
    let approval = json!({"seal": sealed, "approvedAt": "2026-01-01T00:00:00Z"});
    let waiver = json!({"seal": sealed, "code": "test-failed", "owner": "o", "reason": "r",
        "waivedAt": "2026-01-01T00:00:00Z", "expiresAt": "2126-01-01T00:00:00Z"});
    let withdrawal = json!({"sequence": 1, "previous": null, "withdrawn": {"kind": "nothing"}, "reason": "r",
        "withdrawnAt": "2026-01-01T00:00:00Z"});
    let summary = crate::vectors::promotion(&sealed, "digits/1.0.0", "production").to_string();
    let summary: Value = serde_json::from_str(&summary).unwrap();
    let vsa = "https://slsa.dev/verification_summary/v1";
    let promoted = statement(&place.subjects, vsa, &summary).replace("Statement/v0.1", "Statement/v1");
    let test = json!({"result": "PASSED", "configuration": []});
    let test_result = "https://in-toto.io/attestation/test-result/v0.1";
    let mut flipped = envelope(&note, &["scanner"]);
    flipped["payload"] = json!(BASE64.encode(note.replace("example", "exemple").as_bytes()));
    let changed = flipped.clone();
    flipped["signatures"][0]["keyid"] = json!(key("scanner").public().key_id());
    let mut unsigned = envelope(&note, &[]);
    unsigned["signatures"] = json!([]);
    let mut other_type = envelope(&note, &["scanner"]);
    other_type["payloadType"] = json!("application/vnd.in-toto.note+json");
    let file = json!([{"name": "model", "digest": {"sha256": "0".repeat(64)}}]);
    let twice = json!([place.list[0], place.list[0]]);
    let certificate = sigstore(&envelope(&note, &["scanner"]), &json!({"certificate": {"rawBytes": "AAAA"}}));
    let layout = |kind: &str| envelope(&json!({"_type": kind}).to_string(), &["release"]).to_string();
    vec![
        ("nobody signed it", unsigned.to_string(), "unsigned"),
        ("a stranger signed it", of(&place.list, NOTE, &json!({}), "stranger"), "untrusted-signer"),
        ("it was changed", flipped.to_string(), "bad-signature"),
        ("it was changed, and names no key", changed.to_string(), "or it was changed since"),
        ("it is of another model", of(&file, NOTE, &json!({}), "scanner"), "subject-mismatch"),
        ("it has two subjects", of(&twice, NOTE, &json!({}), "scanner"), "subject-mismatch"),
        ("it is from no role for it", of(&place.list, test_result, &test, "second"), "wrong-role"),
        ("it says nothing", of(&place.list, test_result, &json!({}), "scanner"), "malformed-statement"),
        ("it is an approval", own("approval", &approval, "second"), "bundle approve"),
        ("it is a seal", own("seal", &next, "release"), "bundle seal"),
        ("it is a waiver", own("waiver", &waiver, "officer"), "--waive"),
        ("it is a withdrawal", own("withdrawal", &withdrawal, "officer"), "bundle withdraw"),
        ("it is a receipt", own("receipt", &json!({}), "release"), "no evidence"),
        ("it is a promotion", envelope(&promoted, &["promoter"]).to_string(), "bundle promote"),
        ("it is a layout", layout("layout"), "policy.toml"),
        ("it is an old link", layout("link"), "attestation/link/v0.3"),
        ("its payload type is another", other_type.to_string(), "payload type"),
        ("a certificate stands for the key", certificate.to_string(), "certificate"),
        ("it is noise", "noise".to_owned(), "not JSON"),
        ("it is empty", String::new(), "not JSON"),
        ("it is something else", "{}".to_owned(), "neither"),
        (
            "a key stands twice",
            of(&place.list, NOTE, &json!({}), "scanner").replacen('{', "{\"payload\":\"\",", 1),
            "twice",
        ),
    ]
}

#[test]
fn nothing_else_comes_in() {
    let place = Place::new();
    let before = place.bundle();
    for (why, content, says) in refusals(&place) {
        let ran = place.import(content);
        assert_eq!(ran.status, 1, "{why}: {}", ran.stderr);
        assert!(ran.stderr.contains(says) && ran.stderr.contains("nothing was imported"), "{why}: {}", ran.stderr);
        assert_eq!(place.bundle(), before, "{why}");
    }
}

#[test]
fn good_lines_come_in_beside_bad_ones() {
    let place = Place::new();
    let good = envelope(&statement(&place.list, NOTE, &json!({})), &["scanner"]).to_string();
    let bad: String = refusals(&place).into_iter().take(16).map(|(_, line, _)| line + "\n").collect();
    let ran = place.import(format!("{good}\n{bad}")).exits(0);
    assert!(ran.stderr.contains("1 line to") && ran.stderr.contains("line 17: "), "{}", ran.stderr);
    assert_eq!(place.seal()["scope"]["seal"]["members"], 5);
}

#[test]
fn a_model_signature_of_another_tool_comes_in() {
    let place = Place::new();
    place.at.run("model sign key model --private-key ecdsa.key --signature model.sig").exits(0);
    let signature = place.at.read("model.sig");
    let ran = place.import(&signature).exits(1);
    assert!(ran.stderr.contains("untrusted-signer"), "{}", ran.stderr);
    let gate = place.at.read("gate.toml");
    let more = "\n[[attester]]\nname = \"registry\"\nroles = [\"releaser\"]\n[[attester.key]]\npath = \"ecdsa.pub\"\n";
    place.at.write("gate.toml", gate + more);
    place.import(&signature).exits(0);
    assert_eq!(place.seal()["verdict"], "passed");
}

#[test]
fn a_line_with_a_certificate_comes_in_with_all_that_logs_say() {
    let folder = tempfile::tempdir().unwrap();
    copy(&repository("testdata/vectors/base"), folder.path());
    let trust = repository("testdata/vectors/keys/keyless.toml");
    fs::copy(repository("testdata/keyless/good.intoto.jsonl"), folder.path().join("bundle.intoto.jsonl")).unwrap();
    let import = |line: &str| {
        let file = repository("testdata/keyless/lines").join(line);
        let call = ["bundle", "attest", "bundle.intoto.jsonl", "--model", "model", "--trust", trust.to_str().unwrap()];
        let ran = crate::support::run(folder.path(), &[&call[..], &["--import", file.to_str().unwrap()]].concat());
        (ran.status, ran.stderr)
    };
    let (status, said) = import("both-logs.json");
    assert!(status == 0 && said.contains("all of it already"), "{said}");
    for (line, code) in [("other-issuer.json", "untrusted-signer"), ("no-log.json", "wrong-log")] {
        let (status, said) = import(line);
        assert!(status == 1 && said.contains(code), "{line}: {said}");
    }
    // As version 0.2 had it: a chain of one.
    let mut before: Value =
        serde_json::from_slice(&fs::read(repository("testdata/keyless/lines/other-payload.json")).unwrap()).unwrap();
    let one = before["verificationMaterial"].as_object_mut().unwrap().remove("certificate").unwrap();
    before["verificationMaterial"]["x509CertificateChain"] = json!({"certificates": [one]});
    before["mediaType"] = json!("application/vnd.dev.sigstore.bundle+json;version=0.2");
    let path = folder.path().join("before.json");
    fs::write(&path, before.to_string()).unwrap();
    let (status, said) = import(path.to_str().unwrap());
    assert_eq!(status, 0, "{said}");
    let (status, said) = import("other-payload.json");
    assert!(status == 0 && said.contains("all of it already"), "{said}");
    let text = fs::read_to_string(folder.path().join("bundle.intoto.jsonl")).unwrap();
    let line: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert!(line["verificationMaterial"]["tlogEntries"][0]["inclusionProof"].is_object(), "{line}");
}

#[test]
fn an_import_is_one_claim_and_needs_no_key() {
    let place = Place::new();
    let with = "bundle attest r.intoto.jsonl --trust gate.toml --model model";
    place.at.write("evidence.json", "{}");
    for more in [
        "--import evidence.json --metrics evidence.json --key scanner.key",
        "--import evidence.json --waive test-failed",
        "--import evidence.json --password-file evidence.json",
        "--import r.intoto.jsonl",
        "--metrics evidence.json",
    ] {
        let status = if more == "--import r.intoto.jsonl" { 1 } else { 2 };
        place.at.run(&format!("{with} {more}")).exits(status);
    }
}
