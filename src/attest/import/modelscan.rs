//! modelscan, `-r json`. It writes local time, and not where that is.

use serde_json::Value;

use super::{ImportError, Report, Scan, list, local_time, needed, text};

const TOOL: &str = "modelscan";

pub(super) fn read(report: &Value) -> Result<Report, ImportError> {
    if let Some(error) = list(report, "/errors", TOOL)?.first() {
        let message = text(error, "/description").or_else(|| text(error, "/message"));
        return Err(ImportError::Unfinished(message.unwrap_or_else(|| error.to_string())));
    }
    let version = Some(needed(report, "/summary/modelscan_version", TOOL)?);
    if report.pointer("/summary/scanned/total_scanned").and_then(Value::as_u64) == Some(0) {
        return Err(ImportError::Unfinished("it scanned no file".to_owned()));
    }
    let scanned = list(report, "/summary/scanned/scanned_files", TOOL)?;
    if scanned.is_empty() {
        return Err(ImportError::Unfinished("it scanned no file".to_owned()));
    }
    let issues = list(report, "/issues", TOOL)?;
    if report.pointer("/summary/total_issues").and_then(Value::as_u64) != u64::try_from(issues.len()).ok() {
        return Err(ImportError::Shape { tool: TOOL, fault: "it does not list as many issues as it counts" });
    }
    let mut scan = Scan {
        tool: "pkg:pypi/modelscan".to_owned(),
        version,
        finished_on: local_time(report, "/summary/timestamp"),
        covered: Some(scanned.iter().filter_map(|path| path.as_str().map(str::to_owned)).collect()),
        ..Scan::default()
    };
    let skipped = report.pointer("/summary/skipped/skipped_files").and_then(Value::as_array);
    scan.not_covered = skipped.into_iter().flatten().filter_map(|one| text(one, "/source")).collect();
    for issue in issues {
        let what = format!("{}: {}", needed(issue, "/source", TOOL)?, needed(issue, "/description", TOOL)?);
        match needed(issue, "/severity", TOOL)?.as_str() {
            "LOW" => scan.warned.push(what),
            _ => scan.failed.push(what),
        }
    }
    Ok(Report::Scan(scan))
}
