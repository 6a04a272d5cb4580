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
use crate::text;

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
    /// Results of lm-evaluation-harness without a value.
    #[error("the results of lm-evaluation-harness have no value of any task")]
    NoResults,
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
        evaluation.metrics.iter().try_for_each(check)?;
        if evaluation.metrics.is_empty() { Err(EvaluationError::Empty) } else { Ok(evaluation) }
    }
}

/// Refuses what no policy can ask for by a name that somebody reads, and what measures nothing.
fn check(metric: &Metric) -> Result<(), EvaluationError> {
    let fault = |fault| Err(EvaluationError::Metric { name: metric.name.clone(), fault });
    for name in std::iter::once(&metric.name).chain(&metric.slice) {
        if name.trim().is_empty() {
            return fault("its name, or that of its slice, is empty");
        }
        if text::for_terminal(name) != *name {
            return fault("its name, or that of its slice, has characters that nobody sees");
        }
    }
    if metric.samples == Some(0) { fault("it is over 0 samples, which measures nothing") } else { Ok(()) }
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
mod tests;
