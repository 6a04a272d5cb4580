//! trivy, `-f json`. It does not say how old its database is. What VEX documents and its configuration take away
//! is not forgotten, where it shows that: it counts like the rest.

use serde_json::Value;

use super::{Found, ImportError, Report, needed, optional, severity, text, time, vulnerability};
use crate::intoto::predicate::vulnerabilities::Vulnerability;

const TOOL: &str = "trivy";

pub(super) fn read(report: &Value) -> Result<Report, ImportError> {
    if report.get("SchemaVersion").and_then(Value::as_u64) != Some(2) {
        return Err(ImportError::Shape { tool: TOOL, fault: "its `SchemaVersion` is not 2" });
    }
    let results = optional(report, "/Results", TOOL)?;
    // It leaves out what it did not look for, and what it looked into in vain.
    let of_packages = |one: &Value| matches!(text(one, "/Class").as_deref(), Some("lang-pkgs" | "os-pkgs"));
    if !results.iter().any(of_packages) {
        return Err(ImportError::Unfinished("it looked at no package".to_owned()));
    }
    let mut result = Vec::new();
    for one in results {
        for found in optional(one, "/Vulnerabilities", TOOL)? {
            result.push(take(found)?);
        }
        for changed in optional(one, "/ExperimentalModifiedFindings", TOOL)? {
            if text(changed, "/Type").as_deref() == Some("vulnerability") {
                result.push(take(changed.get("Finding").unwrap_or(&Value::Null))?);
            }
        }
    }
    Ok(Report::Vulnerabilities(Found {
        tool: "pkg:github/aquasecurity/trivy",
        version: text(report, "/Trivy/Version"),
        database: None,
        finished_on: time(report, "/CreatedAt"),
        result,
    }))
}

fn take(found: &Value) -> Result<Vulnerability, ImportError> {
    let mut severities = vec![severity("trivy", needed(found, "/Severity", TOOL)?)];
    for (source, scores) in found.get("CVSS").and_then(Value::as_object).into_iter().flatten() {
        for (key, method) in [("V3Score", "cvss_v3"), ("V40Score", "cvss_v4")] {
            let score = scores.get(key).and_then(Value::as_f64);
            severities.extend(score.map(|score| severity(&format!("{method}:{source}"), score.to_string())));
        }
    }
    let id = needed(found, "/VulnerabilityID", TOOL)?;
    let (name, version) = (needed(found, "/PkgName", TOOL)?, text(found, "/InstalledVersion").unwrap_or_default());
    Ok(vulnerability(id, &name, &version, severities))
}
