//! What test results say, and what of it is read.

use serde_json::{Value, json};

use super::*;

fn read(value: Value) -> serde_json::Result<TestResult> {
    serde_json::from_value(value)
}

fn with(entry: &Value) -> TestResult {
    read(json!({"result": "PASSED", "configuration": [entry]})).unwrap()
}

#[test]
fn only_the_three_results_are_known() {
    assert_eq!(read(json!({"result": "PASSED", "configuration": []})).unwrap().result, Outcome::Passed);
    for broken in [json!({"result": "passed", "configuration": []}), json!({"configuration": []}), json!({})] {
        assert!(read(broken).is_err());
    }
    assert!(read(json!({"result": "PASSED"})).is_err(), "the specification requires `configuration`");
}

#[test]
fn a_result_has_the_shape_of_the_specification() {
    let full = json!({
        "result": "WARNED", "configuration": [{"name": "ci.yml", "digest": {"gitBlob": "00"}}],
        "url": "https://ci.example.com/runs/43", "passedTests": ["a"], "warnedTests": ["b"], "failedTests": ["c"],
    });
    assert_eq!(serde_json::to_value(read(full.clone()).unwrap()).unwrap(), full);
}

#[test]
fn metrics_are_read_or_an_error() {
    let metrics = json!([{"name": "accuracy", "value": 0.93}, {"name": "accuracy", "value": 0.8, "slice": "de"}]);
    let test = with(&json!({"name": METRICS, "annotations": {METRIC_LIST: metrics}}));
    let read = test.metrics().unwrap();
    assert_eq!((read[0].value, read[1].slice.as_deref()), (0.93, Some("de")));
    for broken in [json!("x"), json!([{"name": "x"}]), json!([{"name": "x", "value": "1"}]), json!({})] {
        assert!(with(&json!({"name": METRICS, "annotations": {METRIC_LIST: broken}})).metrics().is_err());
    }
}

#[test]
fn the_purpose_is_in_the_configuration() {
    for (entry, purpose) in [
        (json!({"name": METRICS}), Purpose::Evaluation),
        (json!({"name": "x", "annotations": {METRIC_LIST: []}}), Purpose::Evaluation),
        (json!({"name": SCANNER}), Purpose::Scan),
        (json!({"name": "ci.yml"}), Purpose::Test),
    ] {
        assert_eq!(with(&entry).purpose(), purpose);
    }
}

#[test]
fn times_and_datasets_are_found() {
    let test = with(&json!({"name": "dataset:test", "annotations": {FINISHED_ON: "2026-01-01T00:00:00Z"}}));
    assert_eq!(test.datasets().next().unwrap().0.as_str(), "test");
    assert!(test.finished_on().is_some() && test.rules_updated().is_none());
}

#[test]
fn of_several_times_the_earliest_is_when_it_ended_and_the_latest_is_kept_for_the_future() {
    let of = |year: u16| json!({"name": "x", "annotations": {FINISHED_ON: format!("{year}-01-01T00:00:00Z")}});
    let rules = json!({"name": "scanner", "annotations": {RULES_UPDATED: "2027-01-01T00:00:00Z"}});
    let test = read(json!({"result": "PASSED", "configuration": [of(2026), of(2025), rules]})).unwrap();
    let year = |time: Option<DateTime<Utc>>| time.unwrap().format("%Y").to_string();
    assert_eq!((year(test.finished_on()), year(test.latest())), ("2025".into(), "2027".into()));
}

#[test]
fn a_time_that_is_not_read_is_none() {
    for time in [json!("2025-01-01"), json!("2025-01-01 00:00:00"), json!(1_735_689_600), json!(null)] {
        let good = json!({"name": "x", "annotations": {FINISHED_ON: "2026-01-01T00:00:00Z"}});
        let bad = json!({"name": "x", "annotations": {FINISHED_ON: time, RULES_UPDATED: time}});
        for entries in [json!([bad]), json!([good, bad])] {
            let test = read(json!({"result": "PASSED", "configuration": entries})).unwrap();
            assert!(test.states_end() && test.finished_on().is_none() && test.rules_updated().is_none(), "{time}");
        }
    }
}

#[test]
fn a_warned_test_is_a_warned_result() {
    let of = |result: &str, warned: Value| {
        read(json!({"result": result, "configuration": [], "warnedTests": warned})).unwrap().warned()
    };
    assert!(of("PASSED", json!(["x"])) && of("WARNED", json!([])) && !of("PASSED", json!([])));
}

#[test]
fn a_failed_test_is_a_failed_result() {
    let of = |failed: Value| read(json!({"result": "PASSED", "configuration": [], "failedTests": failed})).unwrap();
    assert!(of(json!(["x"])).failed() && !of(json!([])).failed());
}
