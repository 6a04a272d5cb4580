//! trivy, `-f json`. It does not say how old its database is.

use serde_json::Value;

use super::{Found, ImportError, Report, needed, severity, text, time, vulnerability};

const TOOL: &str = "trivy";

pub(super) fn read(report: &Value) -> Result<Report, ImportError> {
    if report.get("SchemaVersion").and_then(Value::as_u64) != Some(2) {
        return Err(ImportError::Shape { tool: TOOL, fault: "its `SchemaVersion` is not 2" });
    }
    let mut result = Vec::new();
    let results = report.get("Results").and_then(Value::as_array).into_iter().flatten();
    for found in results.flat_map(|one| one.get("Vulnerabilities").and_then(Value::as_array).into_iter().flatten()) {
        let mut severities = vec![severity("trivy", needed(found, "/Severity", TOOL)?)];
        for (source, scores) in found.get("CVSS").and_then(Value::as_object).into_iter().flatten() {
            let score = scores.get("V3Score").and_then(Value::as_f64);
            severities.extend(score.map(|score| severity(&format!("cvss_v3:{source}"), score.to_string())));
        }
        let id = needed(found, "/VulnerabilityID", TOOL)?;
        let (name, version) = (needed(found, "/PkgName", TOOL)?, text(found, "/InstalledVersion").unwrap_or_default());
        result.push(vulnerability(id, &name, &version, severities));
    }
    Ok(Report::Vulnerabilities(Found {
        tool: "pkg:github/aquasecurity/trivy",
        version: text(report, "/Trivy/Version"),
        database: None,
        finished_on: time(report, "/CreatedAt"),
        result,
    }))
}
