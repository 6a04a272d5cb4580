//! What commands say where they refuse, and where something reaches less far than one may think.

use serde_json::json;

use crate::additions::{bundle, workplace};
use crate::support::Ran;

/// Returns what a call says behind its warning that a key of these tests is open to others.
fn said_of(ran: &Ran) -> &str {
    let behind = ran.stderr.find("chmod 600").map(|at| &ran.stderr[at..]).unwrap();
    behind.split_once('\n').unwrap().1
}

#[test]
fn a_key_of_the_wrong_role_is_told_its_roles_and_no_more() {
    let place = workplace();
    place.write("metrics.json", r#"{"accuracy": 0.9}"#);
    place.write("link.json", r#"{"name": "train", "materials": []}"#);
    let before = place.read("r.intoto.jsonl");
    for (call, needed, has) in [
        ("approve --key scanner.key", "approver", "evaluator, scanner"),
        ("attest --key second.key --metrics metrics.json", "evaluator", "approver"),
        ("attest --key second.key --type link --predicate link.json", "builder", "approver"),
    ] {
        let ran = bundle(&place, call).exits(2);
        let expected = format!(
            "error: this key has not the role {needed}, it has: {has}, so nothing was added\n  \
             help: sign with a key to which the trust file gives the role {needed}\n"
        );
        assert_eq!((said_of(&ran), ran.stdout.as_str()), (expected.as_str(), ""), "{call}");
    }
    let ran = bundle(&place, "approve --key stranger.key").exits(2);
    assert!(said_of(&ran).starts_with("error: what this key would sign does not count: "), "{}", ran.stderr);
    assert!(!ran.stderr.contains("PASS"), "{}", ran.stderr);
    assert_eq!(place.read("r.intoto.jsonl"), before);
}

#[test]
fn an_unknown_type_of_ours_is_not_signed() {
    let place = workplace();
    place.write("note.json", r#"{"note": 1}"#);
    let of = |kind: &str| bundle(&place, &format!("attest --key scanner.key --type {kind} --predicate note.json"));
    let ran = of("https://assaymark.dev/other/v9").exits(2);
    assert!(ran.stderr.contains("`https://assaymark.dev/other/v9` is no type of evidence"), "{}", ran.stderr);
    of("https://example.com/other/v9").exits(0);
}

#[test]
fn a_failed_test_is_named() {
    let place = workplace();
    let failed: Vec<_> = (1..=5).map(|number| format!("case {number}")).collect();
    let tool = json!({"name": "scanner", "uri": "pkg:pypi/modelscan@0.8.5"});
    let scan = json!({"result": "FAILED", "configuration": [tool], "failedTests": failed});
    place.write("scan.json", scan.to_string());
    bundle(&place, "attest --key scanner.key --type test-result --predicate scan.json").exits(0);
    let told = "failed: `case 1`, `case 2`, `case 3`, and 2 more";
    let ran = bundle(&place, "verify --format human").exits(1);
    assert!(ran.stdout.contains(told), "{}", ran.stdout);
    let report = bundle(&place, "verify --format json").exits(1).json();
    let findings = report["findings"].as_array().unwrap();
    let finding = findings.iter().find(|one| one["code"] == "test-failed").unwrap();
    assert_eq!(finding["found"], told);
}

#[test]
fn metrics_without_samples_or_names_are_not_signed() {
    let place = workplace();
    for (text, told) in [
        (r#"{"results": {"t": {"alias": "t"}}}"#, "lm-evaluation-harness have no value"),
        (r#"{"results": {"t": {"acc,none": 1}}, "n-samples": {"t": {"effective": 0}}}"#, "over 0 samples"),
        (r#"{"\u202eaccuracy": 1}"#, "characters that nobody sees"),
    ] {
        place.write("metrics.json", text);
        let ran = bundle(&place, "attest --key scanner.key --metrics metrics.json").exits(2);
        assert!(ran.stderr.contains(told) && ran.stderr.contains("metrics.json"), "{}", ran.stderr);
    }
}

#[test]
fn whoever_withdraws_a_file_is_told_what_it_does_not_reach() {
    let place = workplace();
    let withdraw = |what: &str| {
        place.run(&format!("bundle withdraw w.jsonl --trust gate.toml --key officer.key --reason x {what}")).exits(0)
    };
    let hex = "1".repeat(64);
    assert!(withdraw(&format!("--dataset-digest sha256:{hex}")).stderr.contains("files of folders are not recorded"));
    assert!(withdraw(&format!("--model-digest sha256:{hex}")).stderr.contains("none that is based on them"));
    for what in ["--dataset-digest", "--model-digest"] {
        let ran = withdraw(&format!("{what} tree:sha256:{hex}"));
        assert!(!said_of(&ran).contains("hint"), "{}", ran.stderr);
    }
}
