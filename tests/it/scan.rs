//! `scan`, and the scan in `bundle create` and `bundle verify`: what they print and how they exit.

use serde_json::Value;

use crate::support::{Workplace, codes, repository};

const CALL: &[u8] = b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.";
const OURS: &[u8] = b"\x80\x02cours.model\nModel\n)\x81}b.";

fn result(place: &Workplace) -> Value {
    place.run("bundle inspect r.intoto.jsonl --predicate test-result").exits(0).json()
}

#[test]
fn the_exit_status_says_what_was_found() {
    let place = Workplace::new();
    place.run("scan model").exits(0);
    place.run("scan model/config.json model/README.md").exits(0);
    place.write("bad.pkl", CALL);
    let ran = place.run("scan model bad.pkl").exits(1);
    assert!(ran.stdout.contains("it imports `os.system`") && ran.stdout.contains("byte 2"), "{}", ran.stdout);
    place.write("other.bin", [0; 64]);
    place.run("scan other.bin").exits(1);
    std::fs::create_dir(place.path("empty")).unwrap();
    place.run("scan empty").exits(2);
    place.run("scan missing").exits(2);
    place.run("scan").exits(2);
}

/// The demo's model as a pickle holds numbers and texts alone, and is no longer clean with a call in it.
#[test]
fn the_pickle_of_the_demo_is_clean_as_long_as_it_is_data() {
    let place = Workplace::new();
    let twin = std::fs::read(repository("testdata/demo/pickle/model.pkl")).unwrap();
    place.write("model.pkl", &twin);
    let json = place.run("scan model.pkl --format json").exits(0).json();
    assert_eq!((&json["files"][0]["format"], &json["files"][0]["rating"]), (&"pickle".into(), &"clean".into()));
    let call = CALL.strip_suffix(b".").and_then(|call| call.strip_prefix(b"\x80\x02")).unwrap();
    let end = twin.len() - 1;
    for hostile in [[CALL, &twin].concat(), [&twin, CALL].concat(), [&twin[..end], b"0", call, b"."].concat()] {
        place.write("model.pkl", hostile);
        let json = place.run("scan model.pkl --format json").exits(1).json();
        assert_eq!(json["files"][0]["rating"], "malicious");
    }
    place.write("model.pkl", &twin[..end]);
    assert_eq!(place.run("scan model.pkl --format json").exits(1).json()["files"][0]["rating"], "unknown");
}

#[test]
fn what_the_user_allows_is_shown_with_its_reason() {
    let place = Workplace::new();
    place.write("ours.pkl", OURS);
    place.run("scan ours.pkl").exits(1);
    place.write("allow.toml", "[[allow]]\nname = 'ours.model.Model'\nreason = 'our class'\n");
    let ran = place.run("scan ours.pkl --allow allow.toml").exits(0);
    assert!(ran.stdout.contains("allowed by you: `ours.model.Model`, because: our class"), "{}", ran.stdout);
    place.write("allow.toml", "[[allow]]\nname = 'ours.*'\nreason = 'all'\n");
    place.run("scan ours.pkl --allow allow.toml").exits(2);
}

#[test]
fn what_is_named_twice_is_one_file_and_a_dash_is_none() {
    let place = Workplace::new();
    place.write("own.pkl", b"\x80\x02cours\nModel\n.");
    let twice = place.run("scan own.pkl own.pkl").exits(1);
    assert!(twice.stdout.contains("FAIL  1 file: 1 suspicious"), "{}", twice.stdout);
    assert!(twice.stdout.contains("hint: review what is imported; `--allow FILE`"), "{}", twice.stdout);
    let dash = place.run("scan -").exits(2);
    assert!(dash.stderr.contains("standard input is not scanned by the name `-`"), "{}", dash.stderr);
}

#[test]
fn reports_are_json_and_sarif() {
    let place = Workplace::new();
    place.write("a b/bad.pkl", CALL);
    std::fs::rename(place.path("a b"), place.path("a-b")).unwrap();
    let json = place.run("scan a-b --format json").exits(1).json();
    assert_eq!((json["verdict"].as_str(), json["exitStatus"].as_i64()), (Some("rejected"), Some(1)));
    assert_eq!(json["files"][0]["observations"][0]["called"], "os.system");
    let sarif = place.run("scan a-b --format sarif").exits(1).json();
    let run = &sarif["runs"][0];
    assert_eq!((sarif["version"].as_str(), sarif["runs"].as_array().map(Vec::len)), (Some("2.1.0"), Some(1)));
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
        assert!(result["message"]["text"].is_string());
        assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a-b/bad.pkl");
    }
    place.run("scan model a-b --format sarif=s.sarif --format human").exits(1);
    assert!(place.read("s.sarif").contains("os.system"));
    place.run("scan model --format html").exits(2);
}

#[test]
fn a_bundle_has_the_result_of_the_scan() {
    let place = Workplace::new();
    place.create().verify("--strict").exits(0);
    let result = result(&place);
    assert_eq!(result["result"], "PASSED");
    let names: Vec<_> = result["configuration"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["scanner", "allow-list", "files"]);
    let covered = &result["configuration"][2]["annotations"]["assaymark_covered"];
    assert_eq!(covered, &serde_json::json!(["README.md", "config.json", "model.safetensors"]));
    place.verify("--rescan").exits(0);
}

#[test]
fn a_scan_ended_at_the_time_of_the_release() {
    let place = Workplace::new();
    place.create();
    let scanner = &result(&place)["configuration"][0]["annotations"];
    assert_eq!(scanner["assaymark_finishedOn"], "2026-01-01T00:00:00Z");
    let policy = |age: &str| format!("[policy]\nname = 'young'\n[[require]]\nevidence = 'scan'\nmax-age = '{age}'\n");
    place.write("policy.toml", policy("10000d"));
    place.verify("--policy policy.toml").exits(0);
    // The list of the scanner is younger than the release, and does not make the scan younger.
    place.write("policy.toml", policy("1d"));
    assert_eq!(codes(&place.verify("--policy policy.toml").exits(1).json(), "deny"), ["evidence-stale"]);
}

#[test]
fn a_model_that_fails_is_not_signed_unless_that_is_recorded_and_then_denied() {
    let place = Workplace::new();
    place.write("model/bad.pkl", CALL);
    let create = "bundle create release.toml --key release.key --output r.intoto.jsonl";
    let ran = place.run(create).exits(1);
    assert!(ran.stderr.contains("it imports `os.system`"), "{}", ran.stderr);
    assert!(!place.path("r.intoto.jsonl").exists());
    place.run(&format!("{create} --record-failed-scan")).exits(0);
    assert_eq!(result(&place)["result"], "FAILED");
    assert_eq!(result(&place)["failedTests"], serde_json::json!(["scan:bad.pkl"]));
    assert_eq!(codes(&place.verify("").exits(1).json(), "deny"), ["test-failed"]);
}

#[test]
fn verify_scans_again_on_request() {
    let place = Workplace::new();
    place.write("model/ours.pkl", OURS);
    place.write("allow.toml", "[[allow]]\nname = 'ours.model.Model'\nreason = 'our class'\n");
    place.run("bundle create release.toml --key release.key --output r.intoto.jsonl --allow allow.toml").exits(0);
    place.verify("").exits(0);
    place.verify("--rescan --allow allow.toml").exits(0);
    let report = place.verify("--rescan").exits(1).json();
    assert_eq!(codes(&report, "deny"), ["test-failed"]);
    place.verify("--allow allow.toml").exits(2);
}
