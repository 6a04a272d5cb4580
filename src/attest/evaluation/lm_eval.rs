//! Results of lm-evaluation-harness: `results` has the tasks, each with `metric,filter` and its error.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{Evaluation, EvaluationError, metric, number};
use crate::digest::Digest;
use crate::intoto::predicate::test_result::Metric;

/// What the harness writes beside the metrics of a task.
const WORDS: [&str; 4] = ["alias", "name", "sample_count", SAMPLES];
/// How many samples a task had; newer versions write it beside the metrics, older ones in `n-samples`.
const SAMPLES: &str = "sample_len";

/// Nobody else has an object there: a metric is a number.
pub(super) fn is(object: &Map<String, Value>) -> bool {
    object.get("results").is_some_and(Value::is_object)
}

pub(super) fn read(object: &Map<String, Value>, digest: Digest) -> Result<Evaluation, EvaluationError> {
    let mut metrics = Vec::new();
    let tasks = object.get("results").and_then(Value::as_object).ok_or(EvaluationError::NoResults)?;
    for (task, values) in tasks {
        let fault = || EvaluationError::Metric { name: task.clone(), fault: "the task is no object" };
        let values = values.as_object().ok_or_else(fault)?;
        let listed = object.get("n-samples").and_then(|samples| samples.get(task)?.get("effective")?.as_u64());
        let samples = listed.or_else(|| values.get(SAMPLES)?.as_u64());
        for (key, value) in values.iter().filter(|(key, _)| is_metric(key)) {
            metrics.push(Metric { samples, ..one(task, key, value, values)? });
        }
    }
    if metrics.is_empty() {
        return Err(EvaluationError::NoResults);
    }
    let version = object.get("lm_eval_version").and_then(Value::as_str).unwrap_or("unknown");
    Ok(Evaluation {
        metrics,
        harness: Some((format!("pkg:pypi/lm-eval@{version}"), version.to_owned())),
        finished_on: object.get("date").and_then(seconds),
        digest,
    })
}

fn is_metric(key: &str) -> bool {
    let name = key.split(',').next().unwrap_or(key);
    !WORDS.contains(&name) && !name.ends_with("_stderr")
}

fn one(task: &str, key: &str, value: &Value, values: &Map<String, Value>) -> Result<Metric, EvaluationError> {
    let (name, filter) = key.split_once(',').unwrap_or((key, "none"));
    let error = values.get(&format!("{name}_stderr,{filter}")).and_then(Value::as_f64);
    let name = if filter == "none" { format!("{task}/{name}") } else { format!("{task}/{name},{filter}") };
    let value = number(&name, value)?;
    Ok(Metric { error, ..metric(name, value) })
}

/// Reads seconds since 1970, as far as they are whole.
fn seconds(value: &Value) -> Option<DateTime<Utc>> {
    let seconds = value.as_i64().or_else(|| value.as_f64()?.trunc().to_string().parse().ok())?;
    DateTime::from_timestamp(seconds, 0)
}
