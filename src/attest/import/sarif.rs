//! SARIF 2.1.0 (OASIS) of any tool. A level of `error` fails, and so does one that SARIF does not know; `warning` warns.
//! What somebody accepted as suppressed is not forgotten: it warns. A result without a level has that of its rule
//! (3.27.10); where rules differ, the worst counts.

use serde_json::Value;

use super::{ImportError, Report, Scan, list, needed, optional, text, time};

const TOOL: &str = "SARIF";

pub(super) fn read(report: &Value) -> Result<Report, ImportError> {
    if text(report, "/version").as_deref() != Some("2.1.0") {
        return Err(ImportError::Shape { tool: TOOL, fault: "its version is not 2.1.0" });
    }
    let [run] = list(report, "/runs", TOOL)? else {
        return Err(ImportError::Shape { tool: TOOL, fault: "it must have one run" });
    };
    if run.get("externalPropertyFileReferences").is_some_and(|parts| !parts.is_null()) {
        return Err(ImportError::Shape { tool: TOOL, fault: "parts of it are in other files" });
    }
    let name = needed(run, "/tool/driver/name", TOOL)?;
    let version = text(run, "/tool/driver/semanticVersion").or_else(|| text(run, "/tool/driver/version"));
    let mut scan = Scan { tool: format!("pkg:generic/{}", plain(&name)), version, ..Scan::default() };
    for invocation in optional(run, "/invocations", TOOL)? {
        let notes = ["/toolExecutionNotifications", "/toolConfigurationNotifications"];
        for note in notes.map(|pointer| optional(invocation, pointer, TOOL)) {
            if note?.iter().any(|note| text(note, "/level").as_deref() == Some("error")) {
                return Err(ImportError::Unfinished("an invocation tells of an error".to_owned()));
            }
        }
        if invocation.get("executionSuccessful").and_then(Value::as_bool) != Some(true) {
            return Err(ImportError::Unfinished("an invocation was not successful".to_owned()));
        }
        scan.finished_on = scan.finished_on.max(time(invocation, "/endTimeUtc"));
    }
    for result in list(run, "/results", TOOL)? {
        take(run, result, &mut scan)?;
    }
    Ok(Report::Scan(scan))
}

fn take(run: &Value, result: &Value, scan: &mut Scan) -> Result<(), ImportError> {
    let kind = text(result, "/kind").unwrap_or_else(|| "fail".to_owned());
    let message = needed(result, "/message/text", TOOL).or_else(|_| needed(result, "/message/id", TOOL))?;
    let rule = text(result, "/ruleId").or_else(|| text(result, "/rule/id")).unwrap_or_else(|| "unnamed".to_owned());
    let place = text(result, "/locations/0/physicalLocation/artifactLocation/uri").unwrap_or_default();
    let what = format!("{rule}: {place}: {message}");
    let accepted = |one: &Value| text(one, "/status").is_none_or(|status| status == "accepted");
    let suppressions = optional(result, "/suppressions", TOOL)?;
    let suppressed = !suppressions.is_empty() && suppressions.iter().all(accepted);
    let level = text(result, "/level").unwrap_or_else(|| level_of_rule(run, result));
    match (kind.as_str(), level.as_str()) {
        ("pass", _) => scan.passed.push(what),
        ("notApplicable" | "informational", _) | (_, "none" | "note") => {}
        (_, "warning") => scan.warned.push(what),
        _ if suppressed => scan.warned.push(what),
        _ => scan.failed.push(what),
    }
    Ok(())
}

/// Finds the level that a result has from its rule: a warning unless a rule that may be meant says otherwise.
fn level_of_rule(run: &Value, result: &Value) -> String {
    let id = text(result, "/ruleId").or_else(|| text(result, "/rule/id"));
    let index = result.get("ruleIndex").or_else(|| result.pointer("/rule/index")).and_then(Value::as_u64);
    let extensions = run.pointer("/tool/extensions").and_then(Value::as_array).into_iter().flatten();
    let parts = run.pointer("/tool/driver").into_iter().chain(extensions);
    let rules = parts.flat_map(|part| {
        part.get("rules").and_then(Value::as_array).into_iter().flatten().enumerate().filter(|(at, rule)| {
            let named = id.as_deref().zip(rule.get("id").and_then(Value::as_str)).is_some_and(|(id, rule)| {
                id.strip_prefix(rule).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            });
            named || index == u64::try_from(*at).ok()
        })
    });
    let levels: Vec<_> = rules.filter_map(|(_, rule)| text(rule, "/defaultConfiguration/level")).collect();
    // An order from bad to good; what SARIF does not know stands before all.
    let rank = |level: &String| ["error", "warning", "note", "none"].iter().position(|one| one == level);
    levels.into_iter().min_by_key(rank).unwrap_or_else(|| "warning".to_owned())
}

/// Makes a name fit for a package URL.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '-' }).collect()
}
