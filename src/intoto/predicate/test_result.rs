//! Test results (in-toto/attestation `spec/predicates/test-result.md`, v0.1): scans and evaluations.
//!
//! What the type has no field for stands in annotations of its `configuration`, which is where the
//! specification wants to know how a test was run (`docs/format.md`, "Scans and evaluations").

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::intoto::ResourceDescriptor;
use crate::limits;
use crate::name::Name;
use crate::reference::Reference;

/// The predicate type.
pub const TYPE: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// The entry of `configuration` that is the file with the metrics of an evaluation.
pub const METRICS: &str = "metrics";
/// The entry of `configuration` that is the program that scanned.
pub const SCANNER: &str = "scanner";
/// The entry of `configuration` that is the model which was scanned, as a whole.
pub const FILES: &str = "files";
/// The entry of `configuration` that is the program that evaluated.
pub const HARNESS: &str = "harness";
/// The annotation with a list of [`Metric`].
pub const METRIC_LIST: &str = "assaymark_metrics";
/// The annotation with the version of a program.
pub const VERSION: &str = "assaymark_version";
/// The annotation with the time when the rules of a scanner were brought up to date.
pub const RULES_UPDATED: &str = "assaymark_rulesUpdated";
/// The annotation with the time when a test ended.
pub const FINISHED_ON: &str = "assaymark_finishedOn";
/// The annotation with the paths that a scanner read.
pub const COVERED: &str = "assaymark_covered";
/// The annotation with the paths that a scanner did not read.
pub const NOT_COVERED: &str = "assaymark_notCovered";

/// The result of a scan or a test.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestResult {
    /// The result.
    pub result: Outcome,
    /// How it was run, and with what.
    pub configuration: Vec<ResourceDescriptor>,
    /// Where the run can be looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The tests that passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_tests: Vec<String>,
    /// The tests that passed with warnings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warned_tests: Vec<String>,
    /// The tests that failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed_tests: Vec<String>,
}

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Outcome {
    /// It failed.
    Failed,
    /// It passed.
    Passed,
    /// It passed with warnings.
    Warned,
}

/// What a test result is for, which decides on the role that may sign it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It has metrics.
    Evaluation,
    /// It is of a scanner.
    Scan,
    /// Anything else.
    Test,
}

/// A measured value.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metric {
    /// What was measured, such as `accuracy`.
    pub name: String,
    /// The value; JSON has no infinity and no NaN.
    pub value: f64,
    /// The part of the data that it is about, such as `language=de`; none is all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice: Option<String>,
    /// The standard error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
    /// How many samples it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<u64>,
}

impl TestResult {
    /// Returns the entry of `configuration` of a name.
    pub fn entry(&self, name: &str) -> Option<&ResourceDescriptor> {
        self.configuration.iter().find(|entry| entry.name == name)
    }

    /// Says what it is for.
    pub fn purpose(&self) -> Purpose {
        let annotated = |key| self.configuration.iter().any(|entry| entry.annotations.contains_key(key));
        if annotated(METRIC_LIST) || self.entry(METRICS).is_some() {
            Purpose::Evaluation
        } else if self.entry(SCANNER).is_some() {
            Purpose::Scan
        } else {
            Purpose::Test
        }
    }

    /// Returns the metrics; an error if one of them can't be read.
    pub fn metrics(&self) -> serde_json::Result<Vec<Metric>> {
        let lists = self.configuration.iter().filter_map(|entry| entry.annotations.get(METRIC_LIST));
        let lists: Vec<Vec<Metric>> = lists.map(Vec::deserialize).collect::<Result<_, _>>()?;
        Ok(lists.into_iter().flatten().collect())
    }

    /// Returns the datasets that it was run on.
    pub fn datasets(&self) -> impl Iterator<Item = (Name, &ResourceDescriptor)> {
        self.configuration.iter().filter_map(|entry| match entry.name.parse().ok()? {
            Reference::Dataset(name) => Some((name, entry)),
            Reference::Base(_) | Reference::Code => None,
        })
    }

    /// Returns the time when it ended, as the signer says; the earliest, if several are stated; none if one of them
    /// can't be read.
    pub fn finished_on(&self) -> Option<DateTime<Utc>> {
        self.earliest(FINISHED_ON)
    }

    /// Returns the time when the rules of the scanner were brought up to date, as the signer says; the earliest,
    /// if several are stated; none if one of them can't be read.
    pub fn rules_updated(&self) -> Option<DateTime<Utc>> {
        self.earliest(RULES_UPDATED)
    }

    /// Says whether it states when it ended, readable or not.
    pub fn states_end(&self) -> bool {
        self.stated(FINISHED_ON).next().is_some()
    }

    /// Returns the latest time that it states and that can be read.
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.stated(FINISHED_ON).chain(self.stated(RULES_UPDATED)).flatten().max()
    }

    /// Says whether it failed: by its result, or by a test that it lists as failed.
    pub fn failed(&self) -> bool {
        self.result == Outcome::Failed || !self.failed_tests.is_empty()
    }

    /// Says whether it passed with warnings: by its result, or by a test that it lists as one of them.
    pub fn warned(&self) -> bool {
        self.result == Outcome::Warned || !self.warned_tests.is_empty()
    }

    /// Says whether it names files that a scanner read or left out, and none of these is among them: it is of something
    /// else. A scanner may put folders before a path, and behind it, with a colon, what is in an archive.
    pub fn is_of_none(&self, files: &BTreeSet<String>) -> bool {
        let listed = |key: &'static str| {
            let lists = self.configuration.iter().filter_map(move |entry| entry.annotations.get(key)?.as_array());
            lists.flatten().filter_map(Value::as_str)
        };
        let read = listed(COVERED).next().is_some();
        // What was left out tells whose files they are only where nothing was read.
        let mut named = listed(if read { COVERED } else { NOT_COVERED }).peekable();
        named.peek().is_some() && !named.any(|named| outermost(named).any(|path| is_beneath(path, files)))
    }

    fn earliest(&self, annotation: &str) -> Option<DateTime<Utc>> {
        let times: Option<Vec<_>> = self.stated(annotation).collect();
        times?.into_iter().min()
    }

    /// Returns the times in an annotation, whichever entry has it; nothing for each that can't be read.
    fn stated(&self, annotation: &str) -> impl Iterator<Item = Option<DateTime<Utc>>> {
        let found = self.configuration.iter().filter_map(move |entry| entry.annotations.get(annotation));
        found.map(|value| value.as_str()?.parse().ok())
    }
}

/// Returns what a scanner may mean by the outermost file that it names: a path may have colons itself.
fn outermost(named: &str) -> impl Iterator<Item = &str> {
    let ends = named.match_indices(':').map(|(at, _)| at).take(limits::SCAN_NAME_COLONS);
    ends.chain([named.len()]).filter_map(|end| named.get(..end))
}

/// Says whether a path is that of one of some files, with folders before it or not.
fn is_beneath(path: &str, files: &BTreeSet<String>) -> bool {
    let starts = path.rmatch_indices('/').map(|(at, slash)| at + slash.len()).take(limits::TREE_DEPTH + 1);
    // A file has no longer path.
    let mut ends = starts.chain([0]).filter_map(|start| path.get(start..));
    ends.any(|end| end.len() <= limits::PATH_BYTES && files.contains(end))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
    fn a_scan_of_other_files_is_of_none() {
        let files = BTreeSet::from(["model.safetensors", "deep/config.json"].map(str::to_owned));
        let of = |covered: Value, left: Value| {
            with(&json!({"name": "scanner", "annotations": {COVERED: covered, NOT_COVERED: left}})).is_of_none(&files)
        };
        for (covered, left) in [
            (json!([]), json!([])),
            (json!(["model.safetensors", "good.pkl"]), json!([])),
            (json!(["/data/m/model.safetensors"]), json!([])),
            (json!(["m/deep/config.json:data.pkl"]), json!([])),
            (json!([]), json!(["deep/config.json"])),
        ] {
            assert!(!of(covered.clone(), left), "{covered}");
        }
        for covered in
            [json!(["good.pkl"]), json!(["config.json"]), json!(["a-model.safetensors"]), json!(["x:y", "z"])]
        {
            assert!(of(covered.clone(), json!([])), "{covered}");
            assert!(of(covered.clone(), json!(["model.safetensors"])), "{covered}, and the model left out");
        }
    }

    #[test]
    fn names_without_end_are_looked_at_in_bounded_time() {
        let files: BTreeSet<String> = (0..10_000).map(|number| format!("f{number}")).collect();
        let covered: Vec<String> =
            (0..100).map(|number| format!("{}{}g{number}", "a/".repeat(300), "b:".repeat(300))).collect();
        let of = |covered: &[String]| {
            with(&json!({"name": "scanner", "annotations": {COVERED: covered}})).is_of_none(&files)
        };
        assert!(of(&covered));
        assert!(!of(&[format!("{}f7:{}", "a/".repeat(300), "b:".repeat(300))]));
    }

    #[test]
    fn a_failed_test_is_a_failed_result() {
        let of = |failed: Value| read(json!({"result": "PASSED", "configuration": [], "failedTests": failed})).unwrap();
        assert!(of(json!(["x"])).failed() && !of(json!([])).failed());
    }
}
