//! SARIF 2.1.0 (OASIS) of any tool. A level of `error` fails, `warning` warns; what is suppressed is not
//! forgotten: it warns.

use serde_json::Value;

use super::{ImportError, Report, Scan, list, needed, text, time};

const TOOL: &str = "SARIF";

pub(super) fn read(report: &Value) -> Result<Report, ImportError> {
    if text(report, "/version").as_deref() != Some("2.1.0") {
        return Err(ImportError::Shape { tool: TOOL, fault: "its version is not 2.1.0" });
    }
    let [run] = list(report, "/runs", TOOL)? else {
        return Err(ImportError::Shape { tool: TOOL, fault: "it must have one run" });
    };
    let name = needed(run, "/tool/driver/name", TOOL)?;
    let version = text(run, "/tool/driver/semanticVersion").or_else(|| text(run, "/tool/driver/version"));
    let mut scan = Scan { tool: format!("pkg:generic/{}", plain(&name)), version, ..Scan::default() };
    for invocation in run.get("invocations").and_then(Value::as_array).into_iter().flatten() {
        if invocation.get("executionSuccessful").and_then(Value::as_bool) != Some(true) {
            return Err(ImportError::Unfinished("an invocation was not successful".to_owned()));
        }
        scan.finished_on = scan.finished_on.max(time(invocation, "/endTimeUtc"));
    }
    for result in list(run, "/results", TOOL)? {
        take(result, &mut scan)?;
    }
    Ok(Report::Scan(scan))
}

fn take(result: &Value, scan: &mut Scan) -> Result<(), ImportError> {
    let kind = text(result, "/kind").unwrap_or_else(|| "fail".to_owned());
    let message = needed(result, "/message/text", TOOL).or_else(|_| needed(result, "/message/id", TOOL))?;
    let rule = text(result, "/ruleId").or_else(|| text(result, "/rule/id")).unwrap_or_else(|| "unnamed".to_owned());
    let place = text(result, "/locations/0/physicalLocation/artifactLocation/uri").unwrap_or_default();
    let what = format!("{rule}: {place}: {message}");
    let suppressed = result.get("suppressions").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    // Without a level of its own, a result has that of its rule, which is a warning unless it says otherwise.
    let level = text(result, "/level").unwrap_or_else(|| "warning".to_owned());
    match (kind.as_str(), level.as_str()) {
        ("pass", _) => scan.passed.push(what),
        ("notApplicable" | "informational", _) | (_, "none" | "note") => {}
        (_, "error") if !suppressed => scan.failed.push(what),
        _ => scan.warned.push(what),
    }
    Ok(())
}

/// Makes a name fit for a package URL.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '-' }).collect()
}
