//! Metrics of evaluations, side by side.

use crate::diff::{Side, Values};
use crate::intoto::Predicate;
use crate::intoto::predicate::test_result::{METRICS, TestResult};

/// Reads the metrics of every test.
pub(super) fn values(side: &Side) -> Values {
    let mut found: Vec<(String, String)> = Vec::new();
    for (_, claim) in side.claims() {
        if let Predicate::TestResult(test) = &claim.statement.predicate {
            found.extend(metrics(test));
        }
    }
    found.sort();
    let mut values = Values::default();
    for (name, value) in found {
        values.add(name, value);
    }
    values
}

fn metrics(test: &TestResult) -> Vec<(String, String)> {
    let datasets: Vec<_> = test.datasets().map(|(name, _)| name.to_string()).collect();
    let on = if datasets.is_empty() { String::new() } else { format!(" on {}", datasets.join(", ")) };
    let own = test.entry(METRICS).and_then(|metrics| metrics.annotations.get("assaymark_evaluation"));
    let own = own.and_then(|name| name.as_str()).map(|name| format!("{name}: ")).unwrap_or_default();
    let Ok(metrics) = test.metrics() else {
        return vec![(format!("{own}metrics{on}"), "can't be read".to_owned())];
    };
    let value = |metric: crate::intoto::predicate::test_result::Metric| {
        let slice = metric.slice.map(|slice| format!(" [{slice}]")).unwrap_or_default();
        let error = metric.error.map(|error| format!(" ± {error}")).unwrap_or_default();
        let samples = metric.samples.map(|samples| format!(" over {samples} samples")).unwrap_or_default();
        (format!("{own}{}{slice}{on}", metric.name), format!("{}{error}{samples}", metric.value))
    };
    metrics.into_iter().map(value).collect()
}
