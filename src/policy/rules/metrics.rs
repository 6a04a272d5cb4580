//! Metrics of evaluations within bounds.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::digest::ArtifactDigest;
use crate::evidence::MatchedStatement;
use crate::finding::{Cause, Code, Finding, Place};
use crate::intoto::predicate::test_result::{Metric, Purpose};
use crate::intoto::predicate::{Provenance, TestResult};
use crate::intoto::{Kind, Predicate, ResourceDescriptor};
use crate::name::Name;
use crate::policy::refusal::Refusal;
use crate::policy::rules::datasets;
use crate::policy::{Bound, Case, Rule, Values};
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

pub(super) fn build(tables: Vec<Table>) -> Result<Metrics, Refusal> {
    if tables.is_empty() {
        return Err("no metric is named".into());
    }
    for (index, table) in tables.iter().enumerate() {
        table.check()?;
        if tables.iter().take(index).any(|other| other.measures_like(table)) {
            return Err(format!("the metric `{}` stands twice", table.what()).into());
        }
    }
    Ok(Metrics(tables))
}

impl Table {
    fn check(&self) -> Result<(), Refusal> {
        let name = self.what();
        if self.name.is_empty() || self.slice.as_ref().is_some_and(String::is_empty) {
            return Err("a metric or a slice has an empty name".into());
        }
        match (self.min, self.max) {
            (None, None) => Err(format!("the metric `{name}` has no `min` and no `max`").into()),
            (Some(min), Some(max)) if min > max => Err(format!("`min` is above `max` for the metric `{name}`").into()),
            (min, max) if !min.into_iter().chain(max).all(f64::is_finite) => {
                Err(format!("a bound of the metric `{name}` is no finite number").into())
            }
            (Some(0.0), _) => {
                let message =
                    format!("`min = 0` demands nothing of the metric `{name}`, as most metrics are never below it");
                let hint = "write the least value that you take; of a metric that may be negative as well, one beside 0, such \
                            as 0.0001";
                Err(Refusal::from(message).hint(hint))
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

    /// Says whether a metric is the one that is meant; of no sample nothing is measured.
    fn is_meant(&self, metric: &Metric) -> bool {
        metric.name == self.name && metric.slice == self.slice && metric.samples != Some(0)
    }

    /// Says whether an evaluation is of the demanded dataset and no other, and of the very bytes that are recorded.
    fn is_on_dataset(&self, test: &TestResult, recorded: &BTreeMap<Name, ArtifactDigest>) -> bool {
        let Some(name) = &self.dataset else { return true };
        let is = |(found, descriptor): (Name, &ResourceDescriptor)| {
            let digest = descriptor.artifact_digest();
            found == *name && digest.is_some() && digest.as_ref() == recorded.get(name)
        };
        test.datasets().next().is_some() && test.datasets().all(is)
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

    fn codes(&self) -> Vec<Code> {
        vec![Code::MetricMissing, Code::MetricOutOfBounds]
    }

    /// What holds without a dataset holds of each evaluation, on whatever dataset.
    fn bounds(&self) -> Vec<Bound> {
        let of = |table: &Table| Bound {
            of: format!("metric {}{:?}", table.name, table.slice),
            part: table.dataset.as_ref().map(Name::to_string),
            values: Values::Between(table.min, table.max),
            words: format!("`{}` is {}", table.what(), table.bounds()),
        };
        let on = |table: &Table| {
            let words = format!("`{}` is measured", table.what());
            table.dataset.as_ref().map(|name| datasets::needed(name, words))
        };
        self.0.iter().flat_map(|table| on(table).into_iter().chain([of(table)])).collect()
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
        let finding = match &table.dataset {
            Some(dataset) => finding.because(Cause::MeasuredOn(dataset.clone())),
            None => finding,
        };
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

    fn on_train(min: Option<f64>, max: Option<f64>) -> Table {
        Table { dataset: Some("train".parse().unwrap()), ..table(min, max) }
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
            vec![table(Some(0.0), None)],
            vec![table(Some(-0.0), Some(1.0))],
            vec![Table { slice: Some(String::new()), ..table(Some(0.9), None) }],
        ] {
            assert!(build(tables).is_err());
        }
    }

    #[test]
    fn a_count_may_be_none_and_a_value_negative() {
        for tables in [
            vec![table(None, Some(0.0))],
            vec![table(Some(-1.5), Some(0.0))],
            vec![table(Some(0.0001), None)],
            vec![table(Some(0.9), None), on_train(None, Some(0.9))],
            vec![Table { slice: Some("de".into()), ..table(Some(0.9), None) }, table(None, Some(0.5))],
        ] {
            assert!(build(tables).is_ok());
        }
    }
}
