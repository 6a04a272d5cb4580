//! osv-scanner, `--format json`, versions 1 and 2. It asks a service that is up to date when it is asked.
//!
//! A scan that failed has a report as well, of the packages without what is known of them, and says so by its exit status
//! alone. One without packages is refused: so does a scan look that could read nothing.

use serde_json::Value;

use super::{Found, ImportError, Report, list, needed, optional, severity, text, vulnerability};

const TOOL: &str = "osv-scanner";

pub(super) fn read(report: &Value) -> Result<Report, ImportError> {
    let mut result = Vec::new();
    let mut looked_at = 0;
    for source in list(report, "/results", TOOL)? {
        for package in list(source, "/packages", TOOL)? {
            looked_at += 1;
            let name = needed(package, "/package/name", TOOL)?;
            let version = text(package, "/package/version").unwrap_or_default();
            for found in optional(package, "/vulnerabilities", TOOL)? {
                let id = needed(found, "/id", TOOL)?;
                let word = text(found, "/database_specific/severity").map(|word| severity("osv", word));
                let score = group_score(package, &id).map(|score| severity("cvss", score));
                result.push(vulnerability(id, &name, &version, word.into_iter().chain(score).collect()));
            }
        }
    }
    if looked_at == 0 {
        let fault = "it names no package that was looked at, which `osv-scanner --all-packages` does";
        return Err(ImportError::Unfinished(fault.to_owned()));
    }
    Ok(Report::Vulnerabilities(Found {
        tool: "pkg:github/google/osv-scanner",
        version: None,
        database: None,
        finished_on: None,
        result,
    }))
}

/// Finds the score of the group of aliases that an identifier is in.
fn group_score(package: &Value, id: &str) -> Option<String> {
    let groups = package.get("groups")?.as_array()?;
    let group = groups.iter().find(|group| {
        let ids = group.get("ids").and_then(Value::as_array);
        ids.is_some_and(|ids| ids.iter().any(|one| one.as_str() == Some(id)))
    })?;
    text(group, "/max_severity").filter(|score| !score.is_empty())
}
