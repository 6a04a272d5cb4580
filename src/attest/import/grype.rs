//! grype, `-o json`. What its configuration ignores is not forgotten: it counts like the rest.

use serde_json::Value;

use super::{Found, ImportError, Report, list, needed, optional, severity, text, time, vulnerability};

const TOOL: &str = "grype";

pub(super) fn read(report: &Value) -> Result<Report, ImportError> {
    if report.pointer("/descriptor/db/status/valid").and_then(Value::as_bool) == Some(false) {
        return Err(ImportError::Unfinished("its database is not valid".to_owned()));
    }
    let mut result = Vec::new();
    let ignored = optional(report, "/ignoredMatches", TOOL)?;
    for found in list(report, "/matches", TOOL)?.iter().chain(ignored) {
        let word = text(found, "/vulnerability/severity").map(|word| severity("grype", word));
        let mut severities: Vec<_> = word.into_iter().collect();
        for score in optional(found, "/vulnerability/cvss", TOOL)? {
            let base = score.pointer("/metrics/baseScore").and_then(Value::as_f64);
            severities.extend(base.map(|base| severity(&method(score), base.to_string())));
        }
        let id = needed(found, "/vulnerability/id", TOOL)?;
        let (name, version) = (needed(found, "/artifact/name", TOOL)?, needed(found, "/artifact/version", TOOL)?);
        result.push(vulnerability(id, &name, &version, severities));
    }
    let built = time(report, "/descriptor/db/status/built").or_else(|| time(report, "/descriptor/db/built"));
    Ok(Report::Vulnerabilities(Found {
        tool: "pkg:github/anchore/grype",
        version: text(report, "/descriptor/version"),
        database: built,
        finished_on: time(report, "/descriptor/timestamp"),
        result,
    }))
}

fn method(score: &Value) -> String {
    text(score, "/version").map_or_else(|| "cvss".to_owned(), |version| format!("cvss_v{version}"))
}
