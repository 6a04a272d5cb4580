//! Metrics of evaluations within bounds.

use std::collections::BTreeMap;

use serde_json::json;

use crate::digest::ArtifactDigest;
use crate::evidence::MatchedStatement;
use crate::finding::{Cause, Code, Finding, Place};
use crate::intoto::predicate::test_result::{Metric, Purpose};
use crate::intoto::predicate::{Provenance, TestResult};
use crate::intoto::{Kind, Predicate};
use crate::name::Name;
use crate::policy::refusal::Refusal;
use crate::policy::rules::datasets;
use crate::policy::{Bound, Case, Rule, Values};
use crate::reference::Reference;
use crate::trust::Role;

use scope::Scope;

pub(super) use table::Table;

mod scope;
mod table;

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
        let mut words: Vec<_> = self.0.iter().map(|table| format!("{} is {}", table.what(), table.bounds())).collect();
        words.sort_unstable();
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
    let mut counted = false;
    let mut outside = Vec::new();
    for (line, test, metrics) in measured {
        let scope = table.scope(test, recorded);
        if scope == Scope::Other {
            continue;
        }
        for metric in metrics.iter().filter(|metric| table.is_meant(metric)) {
            counted |= scope == Scope::This;
            if !table.holds(metric.value) {
                outside.push(table.out_of_bounds(line.origin().place(), metric.value));
            }
        }
    }
    if outside.is_empty() && !counted {
        outside.push(table.missing(table.why_none(measured, recorded)));
    }
    outside
}

impl Table {
    fn scope(&self, test: &TestResult, recorded: &BTreeMap<Name, ArtifactDigest>) -> Scope {
        Scope::of(test, self.dataset.as_ref(), recorded)
    }

    /// Says why nothing that evaluations state of the metric counts, if any of them states it.
    fn why_none(&self, measured: &[Measured<'_>], recorded: &BTreeMap<Name, ArtifactDigest>) -> Option<&'static str> {
        let stated = |(_, _, metrics): &&Measured<'_>| metrics.iter().any(|metric| self.is_named(metric));
        let scopes: Vec<Scope> =
            measured.iter().filter(stated).map(|(_, test, _)| self.scope(test, recorded)).collect();
        if scopes.contains(&Scope::This) {
            Some("it is stated over 0 samples, which measures nothing")
        } else if scopes.contains(&Scope::Mixed) {
            Some("it is stated over other data as well, or over other bytes than are recorded")
        } else {
            scopes.contains(&Scope::Other).then_some("it is stated over other data, or over none that is named")
        }
    }

    fn missing(&self, why: Option<&str>) -> Finding {
        let summary = format!("no sealed evaluation states {}", self.what());
        let finding = Finding::deny(Code::MetricMissing, Place::Bundle, summary)
            .expected(format!("{} is {}", self.what(), self.bounds()))
            .help(self.whoever_measures());
        let finding = if let Some(why) = why { finding.found(why) } else { finding };
        match &self.dataset {
            Some(dataset) => finding.because(Cause::MeasuredOn(dataset.clone())),
            None => finding,
        }
    }

    fn whoever_measures(&self) -> String {
        let help = "an evaluator must measure it and sign the result, and a releaser seal it";
        match &self.slice {
            Some(slice) => {
                format!("{help}; a file of metrics has it as {}", json!({"slices": {slice: {&self.name: 0.5}}}))
            }
            None => help.to_owned(),
        }
    }

    fn out_of_bounds(&self, place: Place, value: f64) -> Finding {
        let summary = format!("{} is {value}, and must be {}", self.what(), self.bounds());
        Finding::deny(Code::MetricOutOfBounds, place, summary)
            .expected(format!("{} is {}", self.what(), self.bounds()))
            .found(value.to_string())
            .help("the builder must make a better model, and a new release of it")
    }
}
