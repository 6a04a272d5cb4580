//! modelaudit, `scan --format json`.

use chrono::DateTime;
use serde_json::Value;

use super::{ImportError, Report, Scan, list, needed, text};

const TOOL: &str = "modelaudit";

pub(super) fn read(report: &Value) -> Result<Report, ImportError> {
    let shape = ImportError::Shape { tool: TOOL, fault: "`has_errors` or `success` is missing" };
    let errors = report.get("has_errors").and_then(Value::as_bool).ok_or(shape.clone())?;
    let success = report.get("success").and_then(Value::as_bool).ok_or(shape)?;
    if errors || !success {
        return Err(ImportError::Unfinished("modelaudit reports errors of its own".to_owned()));
    }
    let assets = list(report, "/assets", TOOL)?;
    if assets.is_empty() || report.get("files_scanned").and_then(Value::as_u64) == Some(0) {
        return Err(ImportError::Unfinished("it scanned no file".to_owned()));
    }
    let started = report.get("start_time").and_then(Value::as_f64);
    let started = started.and_then(|seconds| seconds.trunc().to_string().parse().ok());
    let mut scan = Scan {
        tool: "pkg:pypi/modelaudit".to_owned(),
        finished_on: started.and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
        covered: Some(assets.iter().filter_map(|asset| text(asset, "/path")).collect()),
        ..Scan::default()
    };
    for issue in list(report, "/issues", TOOL)? {
        let what = format!("{}: {}", text(issue, "/location").unwrap_or_default(), needed(issue, "/message", TOOL)?);
        match needed(issue, "/severity", TOOL)?.as_str() {
            "info" | "debug" => {}
            "warning" => scan.warned.push(what),
            _ => scan.failed.push(what),
        }
    }
    Ok(Report::Scan(scan))
}
