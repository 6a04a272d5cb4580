//! A run of MLflow as its REST interface gives it (`runs/get`): the last value of each metric.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::{Map, Value};

use super::{Evaluation, EvaluationError, metric, number};
use crate::digest::Digest;

pub(super) fn is(object: &Map<String, Value>) -> bool {
    object.get("run").is_some_and(|run| run.pointer("/data").is_some())
}

pub(super) fn read(object: &Map<String, Value>, digest: Digest) -> Result<Evaluation, EvaluationError> {
    let run = object.get("run").unwrap_or(&Value::Null);
    if run.pointer("/info/status").and_then(Value::as_str) != Some("FINISHED") {
        return Err(EvaluationError::Unfinished(run.pointer("/info/status").cloned().unwrap_or_default().to_string()));
    }
    let listed = run.pointer("/data/metrics").and_then(Value::as_array).ok_or(EvaluationError::Empty)?;
    let mut last: BTreeMap<&str, (i64, i64, f64)> = BTreeMap::new();
    for entry in listed {
        let fault = |fault| EvaluationError::Metric { name: "run.data.metrics".to_owned(), fault };
        let name = entry.get("key").and_then(Value::as_str).ok_or_else(|| fault("an entry has no key"))?;
        let value = number(name, entry.get("value").unwrap_or(&Value::Null))?;
        let whole = |key| entry.get(key).and_then(integer).unwrap_or_default();
        let found = (whole("step"), whole("timestamp"), value);
        let kept = last.entry(name).or_insert(found);
        if (found.0, found.1) >= (kept.0, kept.1) {
            *kept = found;
        }
    }
    let ended = run.pointer("/info/end_time").and_then(integer);
    Ok(Evaluation {
        metrics: last.into_iter().map(|(name, (_, _, value))| metric(name.to_owned(), value)).collect(),
        harness: Some(("pkg:pypi/mlflow".to_owned(), "unknown".to_owned())),
        finished_on: ended.and_then(DateTime::from_timestamp_millis),
        digest,
    })
}

/// Reads a whole number; protobuf writes those of 64 bits as text.
fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}
