//! fickling, `--check-safety --json-output FILE`: one verdict on one pickle.

use serde_json::Value;

use super::{ImportError, Report, Scan, needed, text};

const TOOL: &str = "fickling";
/// The one word that says that nothing was found.
const SAFE: &str = "LIKELY_SAFE";

pub(super) fn read(report: &Value) -> Result<Report, ImportError> {
    let verdict = needed(report, "/severity", TOOL)?;
    let analysis = needed(report, "/analysis", TOOL)?;
    let mut scan = Scan { tool: "pkg:pypi/fickling".to_owned(), version: text(report, "/version"), ..Scan::default() };
    if verdict == SAFE {
        scan.passed.push(verdict);
    } else {
        let first = analysis.lines().next().unwrap_or_default();
        scan.failed.push(format!("{verdict}: {first}"));
    }
    Ok(Report::Scan(scan))
}
