//! modelscan, `-r json`. It writes local time, and not where that is.

use serde_json::Value;

use super::{ImportError, Report, Scan, list, local_time, needed, optional, text};

const TOOL: &str = "modelscan";

/// Says whether a list is as long as a count says.
fn fits(count: Option<u64>, listed: &[Value]) -> bool {
    count == u64::try_from(listed.len()).ok()
}

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
    let skipped = optional(report, "/summary/skipped/skipped_files", TOOL)?;
    let severities = report.pointer("/summary/total_issues_by_severity").and_then(Value::as_object);
    let add = |sum: u64, count: &Value| sum.checked_add(count.as_u64()?);
    let by_severity = severities.is_none_or(|counts| fits(counts.values().try_fold(0, add), issues));
    let count = |pointer| report.pointer(pointer).map(Value::as_u64);
    let fits_if_there = |pointer, listed| count(pointer).is_none_or(|count| fits(count, listed));
    for (fits, fault) in [
        (fits(count("/summary/total_issues").flatten(), issues), "it does not list as many issues as it counts"),
        (by_severity, "it does not list as many issues as it counts by severity"),
        (fits_if_there("/summary/scanned/total_scanned", scanned), "it does not list as many files as it counts"),
        (
            fits_if_there("/summary/skipped/total_skipped", skipped),
            "it does not list as many skipped files as it counts",
        ),
    ] {
        if !fits {
            return Err(ImportError::Shape { tool: TOOL, fault });
        }
    }
    let mut scan = Scan {
        tool: "pkg:pypi/modelscan".to_owned(),
        version,
        finished_on: local_time(report, "/summary/timestamp"),
        covered: Some(scanned.iter().filter_map(|path| path.as_str().map(str::to_owned)).collect()),
        ..Scan::default()
    };
    scan.not_covered = skipped.iter().filter_map(|one| text(one, "/source")).collect();
    for issue in issues {
        let what = format!("{}: {}", needed(issue, "/source", TOOL)?, needed(issue, "/description", TOOL)?);
        match needed(issue, "/severity", TOOL)?.as_str() {
            "LOW" => scan.warned.push(what),
            _ => scan.failed.push(what),
        }
    }
    Ok(Report::Scan(scan))
}
