//! Metrics of evaluations within bounds.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::digest::ArtifactDigest;
use crate::evidence::MatchedStatement;
use crate::finding::{Code, Finding, Place};
use crate::intoto::predicate::test_result::{Metric, Purpose};
use crate::intoto::predicate::{Provenance, TestResult};
use crate::intoto::{Kind, Predicate};
use crate::name::Name;
use crate::policy::{Case, Rule};
use crate::reference::Reference;
use crate::trust::Role;

/// A metric and its bounds; at least one of the two.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Metrics"))]
pub(super) struct Table {
    /// Its name, such as `accuracy`.
    name: String,
    /// The lowest value that it may have.
    min: Option<f64>,
    /// The highest value that it may have.
    max: Option<f64>,
    /// The dataset on which it must be measured, with the digest that the provenance records.
    dataset: Option<Name>,
    /// The part of the data that it is about, such as `language=de`; all of it if not given.
    slice: Option<String>,
}

pub(super) struct Metrics(Vec<Table>);

pub(super) fn build(tables: Vec<Table>) -> Result<Metrics, String> {
    if tables.is_empty() {
        return Err("no metric is named".to_owned());
    }
    for (index, table) in tables.iter().enumerate() {
        table.check()?;
        if tables.iter().take(index).any(|other| other.measures_like(table)) {
            return Err(format!("the metric `{}` stands twice", table.what()));
        }
    }
    Ok(Metrics(tables))
}

impl Table {
    fn check(&self) -> Result<(), String> {
        let name = self.what();
        if self.name.is_empty() || self.slice.as_ref().is_some_and(String::is_empty) {
            return Err("a metric or a slice has an empty name".to_owned());
        }
        match (self.min, self.max) {
            (None, None) => Err(format!("the metric `{name}` has no `min` and no `max`")),
            (Some(min), Some(max)) if min > max => Err(format!("`min` is above `max` for the metric `{name}`")),
            (min, max) if !min.into_iter().chain(max).all(f64::is_finite) => {
                Err(format!("a bound of the metric `{name}` is no finite number"))
            }
            _ => Ok(()),
        }
    }

    fn measures_like(&self, other: &Self) -> bool {
        self.name == other.name && self.dataset == other.dataset && self.slice == other.slice
    }

    /// Names what is measured.
    fn what(&self) -> String {
        let slice = self.slice.as_ref().map(|slice| format!(" of the slice {slice}")).unwrap_or_default();
        let dataset = self.dataset.as_ref().map(|name| format!(" on the dataset {name}")).unwrap_or_default();
        format!("{}{slice}{dataset}", self.name)
    }

    fn bounds(&self) -> String {
        match (self.min, self.max) {
            (Some(min), Some(max)) => format!("from {min} to {max}"),
            (Some(min), None) => format!("at least {min}"),
            (_, max) => format!("at most {}", max.unwrap_or_default()),
        }
    }

    fn holds(&self, value: f64) -> bool {
        // A comparison with what is no number is false, and so denies.
        self.min.is_none_or(|min| value >= min) && self.max.is_none_or(|max| value <= max)
    }

    fn is_meant(&self, metric: &Metric) -> bool {
        metric.name == self.name && metric.slice == self.slice
    }

    /// Says whether an evaluation is of the demanded dataset, and of the very bytes that are recorded.
    fn is_on_dataset(&self, test: &TestResult, recorded: &BTreeMap<Name, ArtifactDigest>) -> bool {
        let Some(name) = &self.dataset else { return true };
        let of_name = test.datasets().filter(|(found, _)| found == name);
        let mut digests = of_name.map(|(_, descriptor)| descriptor.artifact_digest());
        digests.any(|digest| digest.is_some() && digest.as_ref() == recorded.get(name))
    }
}

/// Returns the digests of the datasets, as every provenance records them.
fn recorded(case: &Case<'_>) -> BTreeMap<Name, ArtifactDigest> {
    let references = case.evidence.provenances().flat_map(Provenance::references);
    let datasets = references.filter_map(|(reference, dependency)| match reference {
        Reference::Dataset(name) => Some((name, dependency.artifact_digest()?)),
        Reference::Base(_) | Reference::Code => None,
    });
    datasets.collect()
}

type Measured<'c> = (&'c MatchedStatement<'c>, &'c TestResult, Vec<Metric>);

impl Rule for Metrics {
    fn name(&self) -> &'static str {
        "metrics"
    }

    fn demand(&self) -> String {
        let words: Vec<_> = self.0.iter().map(|table| format!("{} is {}", table.what(), table.bounds())).collect();
        format!("sealed evaluations state, and none of them contradicts: {}", words.join("; "))
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::TestResult]
    }

    fn roles(&self) -> Vec<Role> {
        vec![Role::Evaluator]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut measured: Vec<Measured<'_>> = Vec::new();
        for line in case.evidence.members() {
            let Predicate::TestResult(test) = line.predicate() else { continue };
            match test.metrics() {
                Ok(metrics) if test.purpose() == Purpose::Evaluation => measured.push((line, test, metrics)),
                Ok(_) => {}
                Err(error) => {
                    let summary = format!("the metrics of an evaluation can't be read: {error}");
                    findings.push(Finding::deny(Code::MetricMissing, line.origin().place(), summary));
                }
            }
        }
        let recorded = recorded(case);
        findings.extend(self.0.iter().flat_map(|table| judge(table, &measured, &recorded)));
        findings
    }
}

fn judge(table: &Table, measured: &[Measured<'_>], recorded: &BTreeMap<Name, ArtifactDigest>) -> Vec<Finding> {
    let of_dataset = measured.iter().filter(|(_, test, _)| table.is_on_dataset(test, recorded));
    let values: Vec<(Place, f64)> = of_dataset
        .flat_map(|(line, _, metrics)| metrics.iter().map(|metric| (line.origin().place(), metric)))
        .filter(|(_, metric)| table.is_meant(metric))
        .map(|(place, metric)| (place, metric.value))
        .collect();
    let expected = format!("{} is {}", table.what(), table.bounds());
    if values.is_empty() {
        let summary = format!("no sealed evaluation states {}", table.what());
        let finding = Finding::deny(Code::MetricMissing, Place::Bundle, summary).expected(expected);
        return vec![finding.help("an evaluator must measure it and sign the result, and a releaser seal it")];
    }
    let outside = values.into_iter().filter(|(_, value)| !table.holds(*value));
    outside
        .map(|(place, value)| {
            let summary = format!("{} is {value}, and must be {}", table.what(), table.bounds());
            Finding::deny(Code::MetricOutOfBounds, place, summary)
                .expected(expected.clone())
                .found(value.to_string())
                .help("the builder must make a better model, and a new release of it")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(min: Option<f64>, max: Option<f64>) -> Table {
        Table { name: "accuracy".into(), min, max, dataset: None, slice: None }
    }

    #[test]
    fn bounds_include_themselves() {
        let table = table(Some(0.5), Some(0.9));
        for (value, holds) in [(0.5, true), (0.9, true), (0.49, false), (0.91, false), (f64::NAN, false)] {
            assert_eq!(table.holds(value), holds, "{value}");
        }
    }

    #[test]
    fn bounds_that_make_no_sense_are_refused() {
        for tables in [
            vec![],
            vec![table(None, None)],
            vec![table(Some(0.9), Some(0.5))],
            vec![table(Some(f64::NAN), None)],
            vec![table(None, Some(f64::INFINITY))],
            vec![table(Some(0.9), None), table(None, Some(1.0))],
            vec![Table { slice: Some(String::new()), ..table(Some(0.9), None) }],
        ] {
            assert!(build(tables).is_err());
        }
    }
}
