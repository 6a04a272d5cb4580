//! `--receipt`: what a gate said, whatever became of the call.

use std::fs;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::by_hand::{has_jq, shell};
use crate::forge::Forged;
use crate::support::{Ran, Workplace, command, repository};

const RECEIPT: &str = "--receipt receipt.json --receipt-key promoter.key";

fn workplace() -> Workplace {
    let place = Workplace::new();
    place.create();
    place
}

fn call(more: &str) -> String {
    format!("bundle verify r.intoto.jsonl --trust gate.toml --model model --format json {more}").trim_end().to_owned()
}

fn verify(place: &Workplace, more: &str) -> Ran {
    place.run(&call(more))
}

/// Returns the predicate of the receipt, and takes it away.
fn receipt(place: &Workplace) -> Value {
    let statement = Forged::of(place.read("receipt.json").as_bytes()).statement(0);
    fs::remove_file(place.path("receipt.json")).unwrap();
    assert_eq!(statement["predicateType"], "https://assaymark.dev/receipt/v1");
    let digest = assaymark::digest::Digest::of(place.read("r.intoto.jsonl").as_bytes()).to_string();
    assert_eq!(statement["subject"][0]["digest"]["sha256"], digest);
    statement["predicate"].clone()
}

#[test]
fn a_pass_and_a_denial_leave_a_receipt() {
    let place = workplace();
    verify(&place, RECEIPT).exits(0);
    let pass = receipt(&place);
    assert_eq!((&pass["verdict"], &pass["findingCount"], &pass["failures"]), (&json!("passed"), &json!(0), &json!([])));
    assert_eq!(pass["policy"]["name"], "baseline/v1");
    assert_eq!(pass["verifier"]["program"], format!("assaymark {}", env!("CARGO_PKG_VERSION")));
    let trust = assaymark::digest::Digest::of(place.read("gate.toml").as_bytes()).to_string();
    assert_eq!((&pass["trust"], &pass["seal"]["sequence"]), (&json!(trust), &json!(1)));
    place.write("model/extra.bin", "x");
    verify(&place, RECEIPT).exits(1);
    let denial = receipt(&place);
    assert_eq!(denial["verdict"], "rejected");
    assert_eq!(denial["findings"][0]["code"], "file-extra");
    assert_eq!(denial["release"], "digits@1.0.0");
    verify(&place, "--receipt receipt.json").exits(2);
    verify(&place, "--receipt model/receipt.json --receipt-key promoter.key").exits(2);
    verify(&place, "--receipt receipt.json --receipt-key missing.key").exits(2);
    assert!(!place.path("receipt.json").exists());
}

#[test]
fn a_receipt_says_what_was_looked_at() {
    let place = workplace();
    verify(&place, RECEIPT).exits(0);
    let without = receipt(&place);
    assert_eq!((&without["withdrawals"], &without["state"]), (&Value::Null, &Value::Null));
    place.run("bundle withdraw w.jsonl --trust gate.toml --key officer.key --nothing").exits(0);
    let with = format!("{RECEIPT} --withdrawals w.jsonl --state s.json");
    verify(&place, &with).exits(0);
    let first = receipt(&place);
    let list = assaymark::digest::Digest::of(place.read("w.jsonl").as_bytes()).to_string();
    assert_eq!((&first["withdrawals"]["sha256"], &first["withdrawals"]["sequence"]), (&json!(list), &json!(1)));
    assert!(first["withdrawals"]["newest"].is_string());
    assert_eq!(first["state"], json!({"release": null}));
    verify(&place, &with).exits(0);
    let again = receipt(&place);
    assert_eq!(again["state"]["release"]["sequence"], 1);
    assert_eq!(again["state"]["release"]["seal"], again["seal"]["payload"]);
    place.write("w.jsonl", "noise");
    verify(&place, &with).exits(1);
    let broken = receipt(&place);
    let list = assaymark::digest::Digest::of(b"noise").to_string();
    assert_eq!(broken["withdrawals"], json!({"sha256": list, "sequence": null, "newest": null}));
    place.write("facts.json", r#"{"schema": "https://assaymark.dev/schemas/package-facts/v1", "packages": {}}"#);
    place.write("policy.toml", "[policy]\nname = 'p'\nversion = 2\n[[require]]\nevidence = 'bom'\n");
    verify(&place, &format!("{RECEIPT} --policy policy.toml")).exits(0);
    let policy = assaymark::digest::Digest::of(place.read("policy.toml").as_bytes()).to_string();
    assert_eq!(receipt(&place)["policy"], json!({"name": "p", "version": 2, "sha256": policy}));
}

/// Whoever called has got no pass then, so the receipt says none.
#[test]
fn a_receipt_tells_of_results_that_were_lost() {
    let place = workplace();
    let lost = |more: &str| -> (i32, String) {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let words = call(more);
        let output =
            command(place.folder()).args(words.split(' ')).stdout(full).stderr(Stdio::piped()).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (status, said) = lost(&format!("{RECEIPT} --state s.json"));
    assert_eq!((status, said.matches("standard output can't be written").count()), (3, 1), "{said}");
    let passed = receipt(&place);
    assert_eq!(passed["verdict"], "incomplete");
    assert_eq!(passed["failures"], json!(["standard output can't be written"]));
    assert!(!place.path("s.json").exists(), "nobody was told of a pass, so none is remembered");
    // What could be written is there.
    let (status, _) = lost(&format!("{RECEIPT} --format junit=report.xml"));
    assert_eq!((status, receipt(&place)["verdict"].as_str().unwrap().to_owned()), (3, "incomplete".to_owned()));
    assert!(place.read("report.xml").contains("<testsuites"));
    verify(&place, &format!("{RECEIPT} --state nowhere/s.json")).exits(2);
    let unremembered = receipt(&place);
    assert_eq!(unremembered["verdict"], "incomplete");
    assert!(unremembered["failures"][0].as_str().unwrap().contains("nowhere"));
    // A denial stays one.
    place.write("model/extra.bin", "x");
    assert_eq!(lost(RECEIPT).0, 1);
    let denied = receipt(&place);
    assert_eq!(
        (&denied["verdict"], &denied["failures"][0]),
        (&json!("rejected"), &json!("standard output can't be written"))
    );
    let ran = verify(&place, "--receipt nowhere/receipt.json --receipt-key promoter.key");
    assert_eq!(ran.status, 2, "{}", ran.stderr);
}

#[test]
fn whoever_makes_what_is_verified_signs_no_receipt() {
    let place = workplace();
    for (key, name) in [("release", "release"), ("scanner", "laboratory")] {
        let ran = verify(&place, &format!("--receipt receipt.json --receipt-key {key}.key")).exits(2);
        assert!(
            ran.stderr.contains(&format!("signed by `{name}`")) && ran.stderr.contains("`promoter`"),
            "{}",
            ran.stderr
        );
        assert!(ran.stdout.is_empty() && !place.path("receipt.json").exists());
    }
    for key in ["promoter", "second", "officer", "stranger"] {
        verify(&place, &format!("--receipt receipt.json --receipt-key {key}.key")).exits(0);
        receipt(&place);
    }
    let gate = place.read("gate.toml").replacen("[\"builder\", ", "[\"promoter\", \"builder\", ", 1);
    place.write(
        "gate.toml",
        gate.replacen("name = \"release\"\n", "name = \"release\"\nverifier-id = \"https://g\"\n", 1),
    );
    verify(&place, "--receipt receipt.json --receipt-key release.key").exits(0);
    place
        .run("bundle verify r.intoto.jsonl --trust release.pub --model model --receipt x --receipt-key release.key")
        .exits(2);
}

/// A key that the trust file knows by its certificate alone shows by the lines that it signed.
#[test]
fn a_key_under_a_certificate_is_known_by_its_lines() {
    let place = Workplace::new();
    crate::support::copy(&repository("testdata/authority"), &place.path("pki"));
    place.write(
        "trust.toml",
        "[[attester]]\nname = 'release'\nroles = ['builder', 'releaser', 'scanner']\n\
         identity = { subject = 'release@example.com', authority = 'pki' }\n\
         [[authority]]\nname = 'pki'\ncertificate = 'pki/root.pem'\nnames = ['release@example.com']\n",
    );
    place
        .run("bundle create release.toml --key release.key --output r.intoto.jsonl --signing-certificate pki/chains/good.pem")
        .exits(0);
    let with = |key: &str| {
        place.run(&format!(
            "bundle verify r.intoto.jsonl --trust trust.toml --model model --receipt receipt.json --receipt-key {key}.key"
        ))
    };
    let ran = with("release").exits(2);
    assert!(ran.stderr.contains("who makes what is verified"), "{}", ran.stderr);
    assert!(!place.path("receipt.json").exists());
    with("promoter").exits(0);
}

/// `docs/ci.md`, "Receipts".
#[test]
fn a_receipt_is_checked_by_hand() {
    if !has_jq() {
        return;
    }
    let place = workplace();
    verify(&place, RECEIPT).exits(0);
    let page = fs::read_to_string(repository("docs/ci.md")).unwrap();
    let script = page.split("```sh\n").find(|block| block.contains("pkeyutl")).unwrap().split("```").next().unwrap();
    let script = script
        .replace("RECEIPT", "receipt.json")
        .replace("GATE.pub", "promoter.pub")
        .replace("BUNDLE", "r.intoto.jsonl");
    let shown = shell(&place, ".", &script);
    assert!(shown.contains("Signature Verified Successfully") && shown.contains("\"passed\""), "{shown}");
    let fails = |script: &str| {
        let ran = std::process::Command::new("sh").args(["-c", script]).current_dir(place.folder()).output().unwrap();
        assert!(!ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
    };
    fails(&script.replace("promoter.pub", "release.pub"));
    fails(&script.replace("r.intoto.jsonl", "release.toml"));
    fails(&script.replace("receipt.json", "r.intoto.jsonl"));
    // What `inspect` shows of it is not verified, and says so.
    let page = place.run("bundle inspect receipt.json --show statements").exits(0).stdout;
    assert!(page.starts_with("UNVERIFIED") && page.contains("https://assaymark.dev/receipt/v1"), "{page}");
}
