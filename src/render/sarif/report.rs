//! A report as SARIF.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::finding::{Finding, Severity};
use crate::render::locations::Locations;
use crate::render::sarif::{Found, Level, Run};
use crate::render::words;
use crate::verify::Report;

/// Writes a report.
pub fn report(report: &Report, locations: &Locations) -> serde_json::Result<String> {
    let codes: BTreeSet<_> = report.findings.iter().map(|finding| finding.code).collect();
    let omitted = report.findings.omitted().map(|(code, count)| (code.to_string(), json!(count)));
    let run = Run {
        rules: codes.into_iter().map(|code| (code.as_str(), code.description())).collect(),
        results: report.findings.iter().map(|finding| found(finding, locations)).collect(),
        failures: report.failures.iter().map(|failure| failure.summary.clone()).collect(),
        exit_status: report.verdict.exit_status(),
        properties: json!({
            "verdict": report.verdict,
            "release": report.release.as_ref().map(ToString::to_string),
            "policy": report.scope.policy.digest,
            "trust": report.scope.trust.digest,
            "omitted": omitted.collect::<serde_json::Map<_, _>>(),
        }),
    };
    run.write()
}

fn found(finding: &Finding, locations: &Locations) -> Found {
    Found {
        rule: finding.code.as_str(),
        level: match finding.severity {
            Severity::Deny | Severity::Waived => Level::Error,
            Severity::Warn => Level::Warning,
        },
        message: words::message(finding),
        location: locations.of(&finding.place),
        identity: format!("{} {} {}", finding.code, words::place(&finding.place).raw(), finding.summary.raw()),
        accepted: finding.waived.as_ref().map(words::waived),
        properties: Value::Null,
    }
}
