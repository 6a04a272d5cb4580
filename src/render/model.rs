//! What came of verifying a model signature, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use crate::finding::Severity;
use crate::model::ModelReport;
use crate::render::json::{FailureJson, FindingJson, OmittedJson, failure, finding, omitted, word};
use crate::render::style::{BAD, GOOD, STRONG, styled};
use crate::render::{human, words};
use crate::text::{self, Text};
use crate::verify::Outcome;

/// The version of the form for programs.
const SCHEMA: &str = "https://assaymark.dev/schemas/model-report/v1";

/// Writes a report for people.
pub fn human(report: &ModelReport) -> String {
    let mut page = human::findings(&report.findings);
    for failure in &report.failures {
        // Writing to a `String` can't fail.
        let _ = writeln!(page, "{}: {}\n", styled(BAD, "not checked"), failure.summary.for_terminal());
    }
    let scope = &report.scope;
    let _ = writeln!(page, "{}", styled(STRONG, "scope"));
    let mut entry = |name: &str, value: &str| {
        let _ = writeln!(page, "  {name:<10}  {value}");
    };
    let path = Text::from(scope.signature.to_string_lossy().into_owned());
    entry("signature", &format!("{} sha256:{}", path.for_terminal(), scope.signature_digest));
    entry("signer", &report.signer.as_ref().map_or_else(|| "nobody who is trusted".to_owned(), Text::for_terminal));
    if let Some(time) = report.proven {
        entry("signed", &format!("at {} at the latest, as is proven", words::time(time)));
    }
    entry("hashed", &scope.hashed.as_ref().map_or_else(|| "nothing".to_owned(), Text::for_terminal));
    let not_hashed: Vec<_> = scope.not_hashed.iter().map(Text::for_terminal).collect();
    entry("not hashed", &if not_hashed.is_empty() { "nothing".to_owned() } else { not_hashed.join(", ") });
    entry("trust", &scope.trust.for_terminal());
    entry("time", &words::time(scope.at));
    entry("doors", &if scope.doors.is_empty() { "none".to_owned() } else { scope.doors.join(", ") });
    let _ = write!(page, "\n{}\n", verdict(report));
    page
}

fn verdict(report: &ModelReport) -> String {
    let errors = text::count(report.findings.count(Severity::Deny), "error");
    let warnings = text::count(report.findings.count(Severity::Warn), "warning");
    let model = Text::from(report.scope.model.to_string_lossy().into_owned()).for_terminal();
    match report.outcome() {
        Outcome::Passed => {
            let files = text::count(report.compared(), "file");
            let unsigned = match report.unsigned() {
                0 => String::new(),
                count => format!(", {} that nobody signed", text::count(count, "file")),
            };
            format!("{}  {model}: {files} as they were signed{unsigned}, {errors}, {warnings}", styled(GOOD, "PASS"))
        }
        Outcome::Rejected if !report.findings.deny() && report.findings.count(Severity::Warn) > 0 => {
            format!("{}  {errors}, {warnings}, and --strict rejects warnings", styled(BAD, "FAIL"))
        }
        Outcome::Rejected => format!("{}  {errors}, {warnings}", styled(BAD, "FAIL")),
        Outcome::Incomplete => {
            let failures = text::count(report.failures.len(), "part");
            format!("{}  {failures} could not be checked, so nothing is decided", styled(BAD, "INCOMPLETE"))
        }
    }
}

/// What came of verifying a model signature.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ModelReportJson {
    /// The version of this format.
    schema: &'static str,
    /// `passed`, `rejected` or `incomplete`.
    verdict: String,
    /// The exit status that goes with the verdict.
    exit_status: u8,
    /// Who signed, if somebody did who is trusted.
    signer: Option<String>,
    /// When it was signed at the latest, if a log or a timestamp authority vouches for that.
    proven_time: Option<String>,
    /// What was checked, under what, and what was not.
    scope: ModelScopeJson,
    /// How many files were compared with what was signed.
    compared: usize,
    /// How many files are there that nobody signed: none of those that were compared.
    unsigned: usize,
    /// What is at fault.
    findings: Vec<FindingJson>,
    /// Of which codes there are more findings than are listed.
    omitted: Vec<OmittedJson>,
    /// What could not be checked.
    failures: Vec<FailureJson>,
}

/// What a verdict speaks of.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ModelScopeJson {
    signature: String,
    /// The SHA-256 of the signature.
    signature_digest: String,
    model: String,
    hashed: Option<String>,
    not_hashed: Vec<String>,
    trust: String,
    /// The time of the check.
    at: String,
    /// The flags that open unsafe doors.
    doors: Vec<String>,
}

/// Writes a report for programs.
pub fn json(report: &ModelReport) -> serde_json::Result<String> {
    let scope = &report.scope;
    let raw = |texts: &[Text]| texts.iter().map(|text| text.raw().to_owned()).collect();
    let json = ModelReportJson {
        schema: SCHEMA,
        verdict: word(&report.outcome())?,
        exit_status: report.outcome().exit_status(),
        signer: report.signer.as_ref().map(|signer| signer.raw().to_owned()),
        proven_time: report.proven.map(words::time),
        scope: ModelScopeJson {
            signature: scope.signature.to_string_lossy().into_owned(),
            signature_digest: scope.signature_digest.to_string(),
            model: scope.model.to_string_lossy().into_owned(),
            hashed: scope.hashed.as_ref().map(|hashed| hashed.raw().to_owned()),
            not_hashed: raw(&scope.not_hashed),
            trust: scope.trust.raw().to_owned(),
            at: words::time(scope.at),
            doors: scope.doors.iter().map(ToString::to_string).collect(),
        },
        compared: report.compared(),
        unsigned: report.unsigned(),
        findings: report.findings.iter().map(finding).collect::<Result<_, _>>()?,
        omitted: omitted(&report.findings),
        failures: report.failures.iter().map(failure).collect(),
    };
    Ok(serde_json::to_string_pretty(&json)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_that_of_these_types() {
        crate::test_support::assert_schema::<ModelReportJson>("schemas/model-report.schema.json");
    }
}
