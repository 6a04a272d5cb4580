//! pip-audit, `-f json`. It knows no severities, so each vulnerability is of unknown severity.

use super::{Found, ImportError, Report, list, needed, text, vulnerability};

const TOOL: &str = "pip-audit";

pub(super) fn read(report: &serde_json::Value) -> Result<Report, ImportError> {
    let mut result = Vec::new();
    let packages = list(report, "/dependencies", TOOL)?;
    if packages.is_empty() {
        return Err(ImportError::Unfinished("it looked at no package".to_owned()));
    }
    for package in packages {
        let name = needed(package, "/name", TOOL)?;
        if let Some(reason) = text(package, "/skip_reason") {
            return Err(ImportError::Unfinished(format!("`{name}` was skipped: {reason}")));
        }
        let version = needed(package, "/version", TOOL)?;
        for found in list(package, "/vulns", TOOL)? {
            result.push(vulnerability(needed(found, "/id", TOOL)?, &name, &version, Vec::new()));
        }
    }
    Ok(Report::Vulnerabilities(Found {
        tool: "pkg:pypi/pip-audit",
        version: None,
        database: None,
        finished_on: None,
        result,
    }))
}
