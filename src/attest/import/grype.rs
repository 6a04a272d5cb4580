//! grype, `-o json`.

use serde_json::Value;

use super::{Found, ImportError, Report, list, needed, severity, text, time, vulnerability};

const TOOL: &str = "grype";

pub(super) fn read(report: &Value) -> Result<Report, ImportError> {
    let mut result = Vec::new();
    for found in list(report, "/matches", TOOL)? {
        let mut severities = vec![severity("grype", needed(found, "/vulnerability/severity", TOOL)?)];
        for score in found.pointer("/vulnerability/cvss").and_then(Value::as_array).into_iter().flatten() {
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
