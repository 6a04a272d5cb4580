//! Test results (in-toto/attestation `spec/predicates/test-result.md`, v0.1): scans and evaluations.
//!
//! What the type has no field for stands in annotations of its `configuration`, which is where the
//! specification wants to know how a test was run (`docs/format.md`, "Scans and evaluations").

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::intoto::ResourceDescriptor;
use crate::name::Name;
use crate::reference::Reference;

pub use coverage::Coverage;

mod coverage;

/// The predicate type.
pub const TYPE: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// The entry of `configuration` that is the file with the metrics of an evaluation.
pub const METRICS: &str = "metrics";
/// The entry of `configuration` that is the program that scanned.
pub const SCANNER: &str = "scanner";
/// The entry of `configuration` that is the model which was scanned, as a whole.
pub const FILES: &str = "files";
/// The entry of `configuration` that is the model which was scanned, as scanners of others name it.
pub const MODEL: &str = "model";
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

    /// Returns whatever it says to be a dataset on which it was run, with its name if it is one of the release itself.
    pub fn evaluated_on(&self) -> impl Iterator<Item = (Option<Name>, &ResourceDescriptor)> {
        self.configuration.iter().filter_map(|entry| match entry.name.strip_prefix("dataset:") {
            Some(name) => Some((name.parse().ok(), entry)),
            None => entry.name.contains("/dataset:").then_some((None, entry)),
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

#[cfg(test)]
mod tests;
