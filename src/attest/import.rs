//! Reports of other tools, imported as evidence: one file a tool.
//!
//! What a report does not say is not made up: a version or a date that is missing must be given. A report
//! of a scan that did not finish is refused, for it proves nothing.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use thiserror::Error;

use crate::digest::{ArtifactDigest, Digest};
use crate::fault::{Blame, Fault};
use crate::intoto::predicate::test_result::{
    COVERED, FINISHED_ON, NOT_COVERED, Outcome, RULES_UPDATED, SCANNER, VERSION,
};
use crate::intoto::predicate::vulnerabilities::{Database, Metadata, Scanner, Severity, Vulnerability};
use crate::intoto::predicate::{TestResult, Vulnerabilities};
use crate::intoto::{Predicate, ResourceDescriptor};
use crate::json::{self, JsonError};

mod fickling;
mod grype;
mod modelaudit;
mod modelscan;
mod osv_scanner;
mod picklescan;
mod pip_audit;
mod sarif;
mod trivy;

/// The tools whose reports are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// fickling, `--json-output`.
    Fickling,
    /// grype, `-o json`.
    Grype,
    /// modelaudit, `--format json`.
    Modelaudit,
    /// modelscan, `-r json`.
    Modelscan,
    /// osv-scanner, `--format json`.
    OsvScanner,
    /// picklescan, what it prints.
    Picklescan,
    /// pip-audit, `-f json`.
    PipAudit,
    /// SARIF 2.1.0 of any tool.
    Sarif,
    /// trivy, `-f json`.
    Trivy,
}

/// What the caller knows of a report that the report may not say.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The version of the tool.
    pub version: Option<String>,
    /// When its rules or its database were brought up to date.
    pub rules_updated: Option<DateTime<Utc>>,
}

/// Why a report is not imported.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// It is not JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// It does not say what must be said, and neither does the caller.
    #[error("the report does not say {0}")]
    Missing(&'static str),
    /// It is not a report of the tool.
    #[error("this is no report of {tool}: {fault}")]
    Shape {
        /// The tool.
        tool: &'static str,
        /// What is wrong.
        fault: &'static str,
    },
    /// The tool did not do its work.
    #[error("the scan did not finish: {0}")]
    Unfinished(String),
}

impl Fault for ImportError {
    fn blame(&self) -> Blame {
        Blame::Call
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Json(_) | Self::Shape { .. } => None,
            Self::Missing(_) => Some("give `--scanner-version` and `--rules-date`".to_owned()),
            Self::Unfinished(_) => Some("scan again; half a scan proves nothing".to_owned()),
        }
    }
}

/// What a report says.
enum Report {
    Scan(Scan),
    Vulnerabilities(Found),
}

/// A scan of model files.
#[derive(Default)]
struct Scan {
    /// The package URL of the tool, without a version.
    tool: String,
    version: Option<String>,
    finished_on: Option<DateTime<Utc>>,
    passed: Vec<String>,
    warned: Vec<String>,
    failed: Vec<String>,
    /// The paths that were read, where the report names them.
    covered: Option<Vec<String>>,
    not_covered: Vec<String>,
}

/// The vulnerabilities of packages.
struct Found {
    tool: &'static str,
    version: Option<String>,
    database: Option<DateTime<Utc>>,
    finished_on: Option<DateTime<Utc>>,
    result: Vec<Vulnerability>,
}

/// Reads a report and makes the predicate of it.
pub fn import(tool: Tool, text: &[u8], given: &Given, now: DateTime<Utc>) -> Result<Predicate, ImportError> {
    if tool == Tool::Picklescan {
        return scan(picklescan::read(text)?, text, given, now);
    }
    let report: Value = json::parse(text)?;
    let read = match tool {
        Tool::Fickling => fickling::read,
        Tool::Grype => grype::read,
        Tool::Modelaudit => modelaudit::read,
        Tool::Modelscan => modelscan::read,
        Tool::OsvScanner => osv_scanner::read,
        Tool::PipAudit => pip_audit::read,
        Tool::Sarif | Tool::Picklescan => sarif::read,
        Tool::Trivy => trivy::read,
    };
    match read(&report)? {
        Report::Scan(found) => scan(found, text, given, now),
        Report::Vulnerabilities(found) => vulnerabilities(found, given, now),
    }
}

fn scan(found: Scan, text: &[u8], given: &Given, now: DateTime<Utc>) -> Result<Predicate, ImportError> {
    let version = found.version.or_else(|| given.version.clone());
    let version = version.ok_or(ImportError::Missing("the version of the scanner"))?;
    let uri = Some(format!("{}@{version}", found.tool));
    let mut scanner = ResourceDescriptor { name: SCANNER.to_owned(), uri, ..Default::default() }
        .annotated(VERSION, version)
        .annotated(FINISHED_ON, json!(found.finished_on.unwrap_or(now)))
        .annotated(NOT_COVERED, found.not_covered);
    if let Some(updated) = given.rules_updated {
        scanner = scanner.annotated(RULES_UPDATED, json!(updated));
    }
    if let Some(covered) = found.covered {
        scanner = scanner.annotated(COVERED, covered);
    }
    let report = ResourceDescriptor::new("report", ArtifactDigest::File(Digest::of(text)));
    let result = if !found.failed.is_empty() {
        Outcome::Failed
    } else if !found.warned.is_empty() {
        Outcome::Warned
    } else {
        Outcome::Passed
    };
    Ok(Predicate::TestResult(TestResult {
        result,
        configuration: vec![scanner, report],
        url: None,
        passed_tests: found.passed,
        warned_tests: found.warned,
        failed_tests: found.failed,
    }))
}

fn vulnerabilities(found: Found, given: &Given, now: DateTime<Utc>) -> Result<Predicate, ImportError> {
    let version = found.version.or_else(|| given.version.clone());
    let version = version.ok_or(ImportError::Missing("the version of the scanner"))?;
    let last_update = found.database.or(given.rules_updated);
    let last_update =
        last_update.ok_or(ImportError::Missing("when the database of the scanner was brought up to date"))?;
    let finished = found.finished_on.unwrap_or(now);
    Ok(Predicate::Vulnerabilities(Box::new(Vulnerabilities {
        scanner: Scanner {
            uri: format!("{}@{version}", found.tool),
            version: Some(version),
            db: Database { uri: None, version: None, last_update },
            result: found.result,
        },
        metadata: Metadata { scan_started_on: finished, scan_finished_on: finished },
    })))
}

/// Returns the list at a pointer, or says that this is no report of the tool.
fn list<'v>(value: &'v Value, pointer: &str, tool: &'static str) -> Result<&'v [Value], ImportError> {
    let list = value.pointer(pointer).and_then(Value::as_array);
    list.map(Vec::as_slice).ok_or(ImportError::Shape { tool, fault: "a list is missing" })
}

/// Returns the list at a pointer, empty where nothing is; what is no list is no report of the tool.
fn optional<'v>(value: &'v Value, pointer: &str, tool: &'static str) -> Result<&'v [Value], ImportError> {
    match value.pointer(pointer) {
        None | Some(Value::Null) => Ok(&[]),
        Some(_) => list(value, pointer, tool),
    }
}

/// Returns the text at a pointer.
fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().map(str::to_owned)
}

/// Returns the text at a pointer, or says that this is no report of the tool.
fn needed(value: &Value, pointer: &str, tool: &'static str) -> Result<String, ImportError> {
    text(value, pointer).ok_or(ImportError::Shape { tool, fault: "a text is missing" })
}

/// Returns the time at a pointer; one without a zone is read as UTC.
fn time(value: &Value, pointer: &str) -> Option<DateTime<Utc>> {
    time_east_of(value, pointer, TimeDelta::zero())
}

/// Returns the local time at a pointer, whose zone nobody knows: the earliest that it can be, fourteen hours east of
/// Greenwich. So a scan is never taken for younger than it is, and never for one that is still to come.
fn local_time(value: &Value, pointer: &str) -> Option<DateTime<Utc>> {
    time_east_of(value, pointer, TimeDelta::hours(14))
}

/// Returns the time at a pointer; one without a zone is that of a place so far east of Greenwich.
fn time_east_of(value: &Value, pointer: &str, east: TimeDelta) -> Option<DateTime<Utc>> {
    let text = value.pointer(pointer)?.as_str()?;
    let local = || Some(text.parse::<NaiveDateTime>().ok()?.and_utc() - east);
    text.parse().ok().or_else(local)
}

/// Makes a vulnerability of a package.
fn vulnerability(id: String, package: &str, version: &str, severity: Vec<Severity>) -> Vulnerability {
    let annotation = [("package".to_owned(), json!(package)), ("version".to_owned(), json!(version))];
    Vulnerability { id, severity, annotations: vec![annotation.into()] }
}

fn severity(method: &str, score: impl Into<String>) -> Severity {
    Severity { method: method.to_owned(), score: score.into() }
}

#[cfg(test)]
mod tests;
