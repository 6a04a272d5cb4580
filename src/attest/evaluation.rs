//! Evaluations: metrics from a file, as a test result.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::append::{Base, JobError};
use crate::digest::{ArtifactDigest, Digest};
use crate::fault::{Blame, Fault};
use crate::intoto::predicate::TestResult;
use crate::intoto::predicate::test_result::{FINISHED_ON, HARNESS, METRIC_LIST, METRICS, Metric, Outcome, VERSION};
use crate::intoto::{Predicate, ResourceDescriptor};
use crate::json::{self, JsonError};
use crate::name::Name;
use crate::reference::Reference;

mod flat;
mod lm_eval;
mod mlflow;

/// What a file with metrics says.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The metrics; never empty.
    pub metrics: Vec<Metric>,
    /// The program that measured them, and its version.
    pub harness: Option<(String, String)>,
    /// When it ended.
    pub finished_on: Option<DateTime<Utc>>,
    /// The SHA-256 of the file.
    pub digest: Digest,
}

/// How an evaluation is to be recorded.
#[derive(Clone, Debug)]
pub struct Recording {
    /// What was measured.
    pub evaluation: Evaluation,
    /// What the evaluation is called.
    pub name: Name,
    /// The datasets of the release that it was run on.
    pub datasets: Vec<Name>,
    /// Where the run can be looked at.
    pub url: Option<String>,
}

/// Why a file has no metrics that we can read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// There are none.
    #[error("the file has no metrics")]
    Empty,
    /// It is not JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Something in it is no metric.
    #[error("`{name}` is no metric: {fault}")]
    Metric {
        /// Where.
        name: String,
        /// What is wrong.
        fault: &'static str,
    },
    /// The run that measured did not end well, by its own word.
    #[error("the run has the status {0}, not \"FINISHED\"")]
    Unfinished(String),
}

impl Fault for EvaluationError {
    fn blame(&self) -> Blame {
        Blame::Call
    }

    fn hint(&self) -> Option<String> {
        if matches!(self, Self::Unfinished(_)) {
            return Some("measure again; half an evaluation proves nothing".to_owned());
        }
        Some(
            "metrics are an object of names and numbers, a run of MLflow, or results of lm-evaluation-harness"
                .to_owned(),
        )
    }
}

impl Evaluation {
    /// Reads a file with metrics: flat JSON, a run of MLflow, or results of lm-evaluation-harness.
    pub fn parse(text: &[u8]) -> Result<Self, EvaluationError> {
        let object: Map<String, Value> = json::parse(text)?;
        let digest = Digest::of(text);
        let evaluation = if lm_eval::is(&object) {
            lm_eval::read(&object, digest)?
        } else if mlflow::is(&object) {
            mlflow::read(&object, digest)?
        } else {
            let metrics = flat::read(&object)?;
            Self { metrics, harness: None, finished_on: None, digest }
        };
        if evaluation.metrics.is_empty() { Err(EvaluationError::Empty) } else { Ok(evaluation) }
    }
}

impl Recording {
    /// Makes the statement about the model of a bundle, whose provenance knows the datasets.
    pub(super) fn predicate(self, base: &Base, now: DateTime<Utc>) -> Result<Predicate, JobError> {
        let finished = self.evaluation.finished_on.unwrap_or(now);
        let file = ResourceDescriptor::new(METRICS, ArtifactDigest::File(self.evaluation.digest))
            .annotated("assaymark_evaluation", self.name.to_string())
            .annotated(FINISHED_ON, json!(finished))
            .annotated(METRIC_LIST, json!(self.evaluation.metrics));
        let mut configuration = vec![file];
        if let Some((uri, version)) = self.evaluation.harness {
            let harness = ResourceDescriptor { name: HARNESS.to_owned(), uri: Some(uri), ..Default::default() };
            configuration.push(harness.annotated(VERSION, version));
        }
        for name in self.datasets {
            let Some(digest) = base.datasets.get(&name) else {
                let known: Vec<_> = base.datasets.keys().map(Name::to_string).collect();
                let hint = format!("the release has these with a digest: {}", known.join(", "));
                return Err(JobError::call_with_hint(format!("the release has no dataset `{name}`"), hint));
            };
            configuration.push(ResourceDescriptor::new(Reference::Dataset(name).to_string(), *digest));
        }
        let metrics = self.evaluation.metrics.iter().filter(|metric| metric.slice.is_none());
        Ok(Predicate::TestResult(TestResult {
            result: Outcome::Passed,
            configuration,
            url: self.url,
            passed_tests: metrics.map(|metric| metric.name.clone()).collect(),
            warned_tests: Vec::new(),
            failed_tests: Vec::new(),
        }))
    }
}

/// Reads a number that can be compared.
fn number(name: &str, value: &Value) -> Result<f64, EvaluationError> {
    let fault = |fault| EvaluationError::Metric { name: name.to_owned(), fault };
    let number = value.as_f64().ok_or_else(|| fault("it is no number"))?;
    if number.is_finite() { Ok(number) } else { Err(fault("it is not finite")) }
}

fn metric(name: String, value: f64) -> Metric {
    Metric { name, value, slice: None, error: None, samples: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Evaluation, EvaluationError> {
        Evaluation::parse(text.as_bytes())
    }

    #[test]
    fn flat_metrics_may_have_slices() {
        let text = r#"{"accuracy": 0.93, "f1": 1, "slices": {"language=de": {"accuracy": 0.8}}}"#;
        let metrics = read(text).unwrap().metrics;
        let shown: Vec<_> =
            metrics.iter().map(|metric| (metric.name.as_str(), metric.value, metric.slice.as_deref())).collect();
        assert_eq!(shown, [("accuracy", 0.93, None), ("f1", 1.0, None), ("accuracy", 0.8, Some("language=de"))]);
    }

    #[test]
    fn what_is_no_metric_is_an_error() {
        for text in [
            "{}",
            "[]",
            "x",
            r#"{"accuracy": "0.9"}"#,
            r#"{"accuracy": null}"#,
            r#"{"accuracy": {"mean": 1}}"#,
            r#"{"accuracy": 1, "accuracy": 2}"#,
            r#"{"accuracy": NaN}"#,
            r#"{"slices": {"a": {"x": []}}}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_run_of_mlflow_is_read() {
        let text = r#"{"run": {"info": {"run_id": "x", "status": "FINISHED", "end_time": 1767225600000},
            "data": {"metrics": [{"key": "accuracy", "value": 0.8, "step": 1, "timestamp": 1},
                                 {"key": "accuracy", "value": 0.9, "step": 2, "timestamp": 2}]}}}"#;
        let evaluation = read(text).unwrap();
        assert_eq!(evaluation.metrics, [metric("accuracy".into(), 0.9)]);
        assert_eq!(evaluation.finished_on.unwrap().to_rfc3339(), "2026-01-01T00:00:00+00:00");
    }

    #[test]
    fn a_run_that_did_not_finish_proves_nothing() {
        for info in
            [r#""status": "FAILED""#, r#""status": "KILLED""#, r#""status": "RUNNING""#, r#""status": 3"#, r#""x": 1"#]
        {
            let text = format!(
                r#"{{"run": {{"info": {{{info}}}, "data": {{"metrics": [{{"key": "accuracy", "value": 0.9}}]}}}}}}"#
            );
            assert!(matches!(read(&text), Err(EvaluationError::Unfinished(_))), "{text}");
        }
    }

    fn file(name: &str) -> Evaluation {
        let path = format!("{}/testdata/reports/{name}", env!("CARGO_MANIFEST_DIR"));
        Evaluation::parse(&std::fs::read(path).unwrap()).unwrap()
    }

    #[test]
    fn files_of_the_writers_themselves_are_read() {
        let run = file("mlflow.json");
        assert_eq!(run.metrics, [metric("accuracy".into(), 0.91), metric("loss".into(), 0.3)]);
        assert!(run.finished_on.is_some());
        let harness = file("lm-eval.json");
        let names: Vec<_> = harness.metrics.iter().map(|one| (one.name.as_str(), one.samples)).collect();
        assert_eq!(names, [("group/acc", Some(2)), ("one/acc", Some(2))]);
        assert_eq!(harness.harness.unwrap().1, "0.4.13");
    }

    #[test]
    fn results_of_the_harness_are_read() {
        let text = r#"{"results": {"gsm8k": {"alias": "gsm8k", "exact_match,strict-match": 0.5,
              "exact_match_stderr,strict-match": 0.01},
            "hellaswag": {"alias": " - hellaswag", "acc,none": 0.4, "acc_stderr,none": "N/A"}},
            "n-samples": {"gsm8k": {"original": 1319, "effective": 100}},
            "config": {"model": "hf"}, "date": 1767225600.5, "lm_eval_version": "0.4.9"}"#;
        let evaluation = read(text).unwrap();
        let gsm8k = &evaluation.metrics[0];
        assert_eq!(
            (gsm8k.name.as_str(), gsm8k.error, gsm8k.samples),
            ("gsm8k/exact_match,strict-match", Some(0.01), Some(100))
        );
        assert_eq!(evaluation.metrics[1], metric("hellaswag/acc".into(), 0.4));
        assert_eq!(evaluation.harness.unwrap().0, "pkg:pypi/lm-eval@0.4.9");
    }
}
