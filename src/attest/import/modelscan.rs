//! modelscan, `-r json`.

use serde_json::Value;

use super::{ImportError, Report, Scan, list, needed, text, time};

const TOOL: &str = "modelscan";

pub(super) fn read(report: &Value) -> Result<Report, ImportError> {
    if let Some(error) = list(report, "/errors", TOOL)?.first() {
        let message = text(error, "/description").or_else(|| text(error, "/message"));
        return Err(ImportError::Unfinished(message.unwrap_or_else(|| error.to_string())));
    }
    let version = Some(needed(report, "/summary/modelscan_version", TOOL)?);
    let scanned = list(report, "/summary/scanned/scanned_files", TOOL)?;
    let mut scan = Scan {
        tool: "pkg:pypi/modelscan".to_owned(),
        version,
        finished_on: time(report, "/summary/timestamp"),
        covered: Some(scanned.iter().filter_map(|path| path.as_str().map(str::to_owned)).collect()),
        ..Scan::default()
    };
    let skipped = report.pointer("/summary/skipped/skipped_files").and_then(Value::as_array);
    scan.not_covered = skipped.into_iter().flatten().filter_map(|one| text(one, "/source")).collect();
    for issue in list(report, "/issues", TOOL)? {
        let what = format!("{}: {}", needed(issue, "/source", TOOL)?, needed(issue, "/description", TOOL)?);
        match needed(issue, "/severity", TOOL)?.as_str() {
            "LOW" => scan.warned.push(what),
            _ => scan.failed.push(what),
        }
    }
    Ok(Report::Scan(scan))
}
