//! Adding to a bundle: `approve`, `attest`, `seal`.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use assaymark::append::{Beside, Job};
use assaymark::approve::approve;
use assaymark::intoto::predicate::withdrawal::Withdrawn;
use assaymark::inventory::NoProgress;
use assaymark::policy::Policy;
use assaymark::trust::TrustRoot;
use assaymark::verify::Artifact;
use assaymark::withdraw;
use chrono::Utc;
use serde_json::{Value, json};

use crate::forge::key;
use crate::support::{Ran, Workplace, codes, command};

const WITH: &str = "r.intoto.jsonl --trust gate.toml --model model";

/// A workplace with a bundle and a signer for each role.
pub fn workplace() -> Workplace {
    let place = Workplace::new();
    place.create();
    place
}

/// Calls a command on the bundle, by its verb.
pub fn bundle(place: &Workplace, arguments: &str) -> Ran {
    let (verb, rest) = arguments.split_once(' ').unwrap();
    place.run(&format!("bundle {verb} {WITH} {rest}"))
}

fn verify(place: &Workplace, more: &str) -> Value {
    place.run(format!("bundle verify {WITH} --format json {more}").trim_end()).json()
}

/// Returns the statement of the last line.
fn last(place: &Workplace) -> Value {
    let lines = place.read("r.intoto.jsonl").lines().count();
    place.run(&format!("bundle inspect r.intoto.jsonl --payload {lines}")).exits(0).json()
}

#[test]
fn an_approval_binds_the_newest_seal() {
    let place = workplace();
    let seal = place.run("bundle inspect r.intoto.jsonl --payload seal").exits(0).stdout;
    let before = place.read("r.intoto.jsonl");
    bundle(&place, "approve --key second.key --comment looks-good").exits(0);
    assert!(place.read("r.intoto.jsonl").starts_with(&before), "what was there is untouched");
    let approval = last(&place);
    assert_eq!(approval["predicate"]["comment"], "looks-good");
    assert_eq!(approval["predicate"]["seal"], assaymark::digest::Digest::of(seal.as_bytes()).to_string());
    let report = verify(&place, "--strict");
    assert_eq!((&report["verdict"], codes(&report, "warn")), (&json!("passed"), vec![]));
}

/// Returns the time in so many days.
fn in_days(days: i64) -> String {
    let time = Utc::now() + chrono::TimeDelta::days(days);
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[test]
fn a_waiver_is_signed_only_if_it_can_hold() {
    let place = workplace();
    let policy = |keys: &str| {
        let demands =
            "[[require]]\nevidence = 'evaluation'\n[[stage]]\nname = 'live'\n[[stage.require]]\nevidence = 'approval'";
        place.write(
            "policy.toml",
            format!("[policy]\nname = 'p'\nwaivable = ['evidence-missing']\n{keys}\n{demands}\n"),
        );
    };
    let waive = |code: &str, days: i64, more: &str| {
        let until = in_days(days);
        let owner = "--owner o --reason r";
        bundle(&place, &format!("attest --key officer.key --waive {code} {owner} --expires {until} {more}"))
    };
    policy("");
    let before = place.read("r.intoto.jsonl");
    let aimed = "--policy policy.toml --rule";
    for (ran, words) in [
        (
            waive("evidence-missing", 10, "--rule require-evaluation"),
            ["has no rule `require-evaluation`", "`--policy FILE`"],
        ),
        (waive("test-failed", 91, "--line 1"), ["for at most 90 days", "`longest-waiver`"]),
        (
            waive("evidence-missing", 10, "--rule required-evidence"),
            ["can't be waived under baseline/v1", "`--policy FILE`"],
        ),
        (
            waive("evidence-missing", 91, &format!("{aimed} require-evaluation")),
            ["for at most 90 days", "and again then"],
        ),
        (
            waive("evidence-missing", 10, &format!("{aimed} require-evaluatoin")),
            ["p has no rule", "did you mean `require-evaluation`"],
        ),
        (
            waive("evidence-stale", 10, &format!("{aimed} require-evaluation")),
            ["can't be waived under p", "if it says so"],
        ),
        (
            waive("evidence-missing", 10, &format!("{aimed} tests-passed")),
            ["never denies by", "the code `test-failed`"],
        ),
    ] {
        let ran = ran.exits(2);
        assert!(words.iter().all(|word| ran.stderr.contains(word)), "{words:?}: {}", ran.stderr);
        assert_eq!(place.read("r.intoto.jsonl"), before);
    }
    let under = || verify(&place, "--policy policy.toml");
    assert_eq!(codes(&under(), "deny"), ["evidence-missing"]);
    policy("longest-waiver = '365d'");
    waive("evidence-missing", 300, &format!("{aimed} require-evaluation")).exits(0);
    assert_eq!(under()["verdict"], "passed");
    // A policy that lets waivers hold for less takes it for none, and so does one without the rule.
    policy("longest-waiver = '12w'");
    assert_eq!(
        (codes(&under(), "deny"), codes(&under(), "warn")),
        (vec!["evidence-missing".into()], vec!["waiver-void".into()])
    );
    let report = verify(&place, "");
    assert_eq!(codes(&report, "warn"), ["waiver-void"]);
    let void = report["findings"].as_array().unwrap().iter().find(|one| one["code"] == "waiver-void").unwrap();
    assert_eq!(void["summary"], "baseline/v1 has no rule `require-evaluation`, so a waiver of it waives nothing");
}

#[test]
fn a_waiver_for_another_stage_is_not_void() {
    let place = workplace();
    let policy = "[policy]\nname = 'p'\nwaivable = ['evidence-missing']\n[[require]]\nevidence = 'bom'\n\
                  [[stage]]\nname = 'live'\n[[stage.require]]\nevidence = 'approval'\n";
    place.write("policy.toml", policy);
    let until = in_days(10);
    let aimed = "--policy policy.toml --rule require-approval";
    let waive = "attest --key officer.key --waive evidence-missing --owner o --reason r";
    bundle(&place, &format!("{waive} --expires {until} {aimed}")).exits(0);
    let report = verify(&place, "--policy policy.toml");
    assert_eq!((&report["verdict"], codes(&report, "warn")), (&json!("passed"), vec![]));
}

#[test]
fn only_who_may_say_it_adds_it() {
    let place = workplace();
    place.write("metrics.json", r#"{"accuracy": 0.9}"#);
    let before = place.read("r.intoto.jsonl");
    let until = in_days(30);
    for (call, status) in [
        ("approve --key scanner.key".to_owned(), 2),
        ("approve --key stranger.key".to_owned(), 2),
        ("attest --key second.key --metrics metrics.json".to_owned(), 2),
        (format!("attest --key release.key --waive test-failed --owner o --reason r --expires {until}"), 2),
        (format!("attest --key officer.key --waive file-changed --owner o --reason r --expires {until}"), 2),
        (format!("attest --key officer.key --waive no-such --owner o --reason r --expires {until}"), 2),
        (
            "attest --key officer.key --waive test-failed --owner o --reason r --expires 2026-01-01T00:00:00Z"
                .to_owned(),
            2,
        ),
        ("attest --key officer.key --waive test-failed --owner o --reason r".to_owned(), 2),
        (format!("attest --key officer.key --waive test-failed --owner o --reason r --expires {}", in_days(91)), 2),
        (format!("attest --key officer.key --waive test-failed --owner o --reason r --expires {until} --rule none"), 2),
        (
            format!(
                "attest --key officer.key --waive test-failed --owner o --reason r --expires {until} --rule code-recorded"
            ),
            2,
        ),
        ("attest --key scanner.key --type seal --predicate metrics.json".to_owned(), 2),
        ("attest --key scanner.key --type provenance --predicate metrics.json".to_owned(), 2),
        ("attest --key scanner.key --metrics metrics.json --dataset none".to_owned(), 2),
        ("attest --key scanner.key".to_owned(), 2),
        ("seal --key release.key".to_owned(), 2),
        ("seal --key second.key".to_owned(), 2),
    ] {
        let ran = bundle(&place, &call);
        assert_eq!(ran.status, status, "{call}: {}", ran.stderr);
        assert!(ran.stderr.contains("error"), "{call}: {}", ran.stderr);
        assert_eq!(place.read("r.intoto.jsonl"), before, "{call}");
    }
}

#[test]
fn a_bundle_that_does_not_verify_is_not_added_to() {
    let place = workplace();
    place.write("model/extra.bin", "x");
    let before = place.read("r.intoto.jsonl");
    let ran = bundle(&place, "approve --key second.key").exits(1);
    assert!(ran.stderr.contains("file-extra") && ran.stderr.contains("nothing was added"), "{}", ran.stderr);
    assert_eq!(place.read("r.intoto.jsonl"), before);
}

#[test]
fn evidence_counts_once_it_is_sealed() {
    let place = workplace();
    place.write("metrics.json", r#"{"accuracy": 0.9, "slices": {"digit=7": {"accuracy": 0.8}}}"#);
    bundle(&place, "attest --key scanner.key --metrics metrics.json --name quality --dataset test").exits(0);
    let evaluation = last(&place);
    assert_eq!(evaluation["predicate"]["result"], "PASSED");
    let names: Vec<_> =
        evaluation["predicate"]["configuration"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["metrics", "dataset:test"]);
    assert_eq!(codes(&verify(&place, ""), "warn"), ["unsealed-line"]);
    let refused = bundle(&place, "approve --key second.key").exits(2);
    assert!(refused.stderr.contains("assaymark bundle seal"), "{}", refused.stderr);
    bundle(&place, "seal --key release.key").exits(0);
    let report = verify(&place, "--strict --min-sequence 2");
    assert_eq!(report["verdict"], "passed");
    assert_eq!(report["scope"]["seal"]["members"], 5);
    bundle(&place, "approve --key second.key").exits(0);
    bundle(&place, "seal --key release.key").exits(0);
    assert_eq!(verify(&place, "--strict --min-sequence 3")["scope"]["seal"]["members"], 6);
}

/// A report names what was scanned: one of another folder says nothing of this model.
#[test]
fn a_scan_of_other_files_is_not_signed() {
    let place = workplace();
    let report = |files: &[&str]| {
        let summary = json!({
            "total_issues": 0, "modelscan_version": "0.8.8", "timestamp": "2026-11-01T00:00:00",
            "scanned": {"total_scanned": files.len(), "scanned_files": files},
        });
        place.write("report.json", json!({"summary": summary, "issues": [], "errors": []}).to_string());
        bundle(&place, "attest --key scanner.key --report modelscan=report.json")
    };
    let before = place.read("r.intoto.jsonl");
    let ran = report(&["good.pkl", "other/weights.bin"]).exits(2);
    assert!(ran.stderr.contains("the scan is of other files than those of this model"), "{}", ran.stderr);
    assert!(ran.stderr.contains("`config.json`"), "{}", ran.stderr);
    assert_eq!(place.read("r.intoto.jsonl"), before);
    report(&["model/config.json", "good.pkl"]).exits(0);
}

#[test]
fn a_seal_over_new_evidence_outdates_an_approval() {
    let place = workplace();
    place.write("metrics.json", r#"{"accuracy": 0.9}"#);
    bundle(&place, "approve --key second.key").exits(0);
    bundle(&place, "attest --key scanner.key --metrics metrics.json").exits(0);
    let sealed = bundle(&place, "seal --key release.key").exits(0);
    assert!(sealed.stderr.contains("do not count any more"), "{}", sealed.stderr);
    let report = verify(&place, "");
    assert_eq!((&report["verdict"], codes(&report, "warn")), (&json!("passed"), vec!["judgement-outdated".to_owned()]));
}

#[test]
fn a_failed_test_is_sealed_and_waived_until_it_expires() {
    let place = workplace();
    place.write("result.json", r#"{"result": "FAILED", "configuration": [], "failedTests": ["bias"]}"#);
    bundle(&place, "attest --key scanner.key --type test-result --predicate result.json").exits(0);
    assert_eq!(verify(&place, "")["verdict"], "rejected");
    let waive = format!(
        "attest --key officer.key --waive test-failed --owner risk-board --reason ticket-12 --expires {} --line 6",
        in_days(30)
    );
    bundle(&place, &waive).exits(2);
    bundle(&place, "seal --key release.key").exits(0);
    assert_eq!(verify(&place, "")["verdict"], "rejected");
    bundle(&place, &waive).exits(0);
    let report = verify(&place, "--strict");
    assert_eq!(report["verdict"], "passed");
    let waived = report["findings"].as_array().unwrap().iter().find(|one| one["severity"] == "waived").unwrap();
    assert_eq!((&waived["code"], &waived["waived"]["owner"]), (&json!("test-failed"), &json!("risk-board")));
    let shown = place.run(&format!("bundle verify {WITH}")).exits(0).stdout;
    assert!(shown.contains("waived[test-failed]") && shown.contains("risk-board answers for it: ticket-12"), "{shown}");
    let later = verify(&place, "--at 2126-01-01T00:00:00Z");
    assert_eq!(codes(&later, "deny"), ["test-failed"]);
    assert_eq!(codes(&later, "warn"), ["waiver-expired"]);
    // A second failure is not what was waived.
    place.write("result.json", r#"{"result": "FAILED", "configuration": [], "failedTests": ["robustness"]}"#);
    bundle(&place, "attest --key scanner.key --type test-result --predicate result.json").exits(0);
    assert_eq!(codes(&verify(&place, ""), "deny"), ["test-failed"]);
}

#[test]
fn many_writers_lose_nothing() {
    const WRITERS: usize = 12;
    let place = workplace();
    let before = place.read("r.intoto.jsonl").lines().count();
    let mut children = Vec::new();
    for writer in 0..WRITERS {
        place.write(&format!("predicate-{writer}.json"), json!({"writer": writer}).to_string());
        let arguments = format!(
            "bundle attest {WITH} --key scanner.key --type https://example.com/note/v1 --predicate predicate-{writer}.json"
        );
        children.push(command(place.folder()).args(arguments.split(' ')).spawn().unwrap());
    }
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let text = place.read("r.intoto.jsonl");
    assert_eq!(text.lines().count(), before + WRITERS);
    bundle(&place, "seal --key release.key").exits(0);
    let report = verify(&place, "--strict");
    assert_eq!((&report["verdict"], &report["scope"]["seal"]["members"]), (&json!("passed"), &json!(4 + WRITERS)));
    assert!(!place.names(".").iter().any(|name| name.contains("lock")), "{:?}", place.names("."));
}

#[test]
fn a_lock_ends_with_the_process_that_held_it() {
    let place = workplace();
    let folder = fs::File::open(place.folder()).unwrap();
    folder.lock().unwrap();
    let arguments = format!("bundle approve {WITH} --key second.key");
    let mut child = command(place.folder()).args(arguments.split(' ')).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "it waits while another holds the lock");
    drop(folder);
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_clock_is_read_under_the_lock() {
    let place = workplace();
    let trust = TrustRoot::load(&place.path("gate.toml")).unwrap();
    let signer = key("second");
    let reads = Cell::new(0);
    let clock = || {
        let folder = fs::File::open(place.folder()).unwrap();
        assert!(matches!(folder.try_lock(), Err(fs::TryLockError::WouldBlock)), "somebody could add something later");
        reads.set(reads.get() + 1);
        Utc::now()
    };
    let bundle = place.path("r.intoto.jsonl");
    let job = Job {
        bundle: &bundle,
        trust: &trust,
        model: Artifact::Path(place.path("model")),
        policy: Policy::baseline(),
        beside: Beside::default(),
        release: None,
        signer: Some(&signer),
        clock: &clock,
        progress: &NoProgress,
    };
    approve(&job, None).unwrap();
    assert_eq!(reads.get(), 1);
    let officer = key("officer");
    let list = place.path("w.jsonl");
    let withdrawn = Withdrawn::Nothing {};
    let job =
        withdraw::Job { list: &list, trust: &trust, withdrawn, reason: "x".into(), signer: &officer, clock: &clock };
    withdraw::withdraw(&job).unwrap();
    assert_eq!(reads.get(), 2);
}

#[test]
fn who_could_not_read_a_bundle_can_not_read_it_with_more_lines() {
    let place = workplace();
    let path = place.path("r.intoto.jsonl");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    bundle(&place, "approve --key second.key").exits(0);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_report_of_a_scanner_is_evidence() {
    let place = workplace();
    let reports = crate::support::repository("testdata/reports");
    for name in ["modelscan.json", "fickling-good.json"] {
        fs::copy(reports.join(name), place.path(name)).unwrap();
    }
    // The tool looked into another folder.
    bundle(&place, "attest --key scanner.key --report modelscan=modelscan.json").exits(2);
    let of_model =
        place.read("modelscan.json").replace("good.pkl", "config.json").replace("bad.pkl", "model.safetensors");
    place.write("modelscan.json", of_model);
    bundle(&place, "attest --key scanner.key --report fickling=fickling-good.json").exits(2);
    bundle(&place, "attest --key scanner.key --report nothing=fickling-good.json").exits(2);
    bundle(&place, "attest --key scanner.key --report grype=fickling-good.json").exits(2);
    bundle(&place, "attest --key second.key --report modelscan=modelscan.json").exits(2);
    bundle(
        &place,
        "attest --key scanner.key --report fickling=fickling-good.json --scanner-version 0.1.12 \
         --rules-date 2026-01-01T00:00:00Z",
    )
    .exits(0);
    assert_eq!(verify(&place, "")["verdict"], "passed");
    let scanner = &last(&place)["predicate"]["configuration"][0];
    assert_eq!(scanner["annotations"]["assaymark_rulesUpdated"], "2026-01-01T00:00:00Z");
    bundle(&place, "attest --key scanner.key --report modelscan=modelscan.json").exits(0);
    assert_eq!(codes(&verify(&place, ""), "deny"), ["test-failed"]);
}
