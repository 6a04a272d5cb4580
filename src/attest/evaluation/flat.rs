//! Metrics as an object of names and numbers; `slices` has such an object for each part of the data.

use serde_json::{Map, Value};

use super::{EvaluationError, metric, number};
use crate::intoto::predicate::test_result::Metric;

const SLICES: &str = "slices";

pub(super) fn read(object: &Map<String, Value>) -> Result<Vec<Metric>, EvaluationError> {
    let whole = object.iter().filter(|(name, _)| *name != SLICES);
    let mut metrics = whole.map(|(name, value)| one(name, value, None)).collect::<Result<Vec<_>, _>>()?;
    let Some(slices) = object.get(SLICES) else { return Ok(metrics) };
    for (slice, of_slice) in members(SLICES, slices)? {
        for (name, value) in members(slice, of_slice)? {
            metrics.push(one(name, value, Some(slice))?);
        }
    }
    Ok(metrics)
}

fn one(name: &str, value: &Value, slice: Option<&str>) -> Result<Metric, EvaluationError> {
    Ok(Metric { slice: slice.map(str::to_owned), ..metric(name.to_owned(), number(name, value)?) })
}

fn members<'v>(name: &str, value: &'v Value) -> Result<&'v Map<String, Value>, EvaluationError> {
    value.as_object().ok_or_else(|| EvaluationError::Metric { name: name.to_owned(), fault: "it is no object" })
}
