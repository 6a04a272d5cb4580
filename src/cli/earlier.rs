//! Reports of earlier calls, at the paths where this call was to write its own: whoever reads one after a call that failed
//! must not take it for the report of that call.
//!
//! Only a file that says itself that it is a report of ours is removed: a path may be wrong.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;

use crate::cli::ui::Ui;
use crate::files;
use crate::json;
use crate::limits;

/// How the addresses of our forms begin, and that of a file which is no report.
const SCHEMAS: &str = "https://assaymark.dev/schemas/";
const STATE: &str = "https://assaymark.dev/schemas/state/";
/// What a report for `JUnit` holds near its start.
const SUITES: &str = "<testsuites name=\"assaymark\"";

/// A file that is there, by its path, device and inode.
type There = (PathBuf, (u64, u64));

static EARLIER: Mutex<Vec<There>> = Mutex::new(Vec::new());

/// Notes what is there where reports are to be written.
pub(super) fn note<'p>(reports: impl IntoIterator<Item = &'p Path>) {
    let there = reports.into_iter().filter_map(|path| Some((path.to_owned(), identity(path)?)));
    EARLIER.lock().unwrap_or_else(PoisonError::into_inner).extend(there);
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    let metadata = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some((metadata.dev(), metadata.ino()))
}

/// The end of a call, however it comes, a panic included: then what was noted and not replaced goes.
pub(super) struct AtEnd<'u>(pub(super) &'u Ui);

impl Drop for AtEnd<'_> {
    fn drop(&mut self) {
        let noted = std::mem::take(&mut *EARLIER.lock().unwrap_or_else(PoisonError::into_inner));
        for (path, _) in noted.into_iter().filter(|(path, before)| identity(path) == Some(*before)) {
            let shown = path.display();
            if !is_report(&path) {
                self.0.warning(&format!("`{shown}` is not of this call, which wrote no report"));
            } else if let Err(error) = fs::remove_file(&path) {
                self.0.warning(&format!("`{shown}` is the report of an earlier call, and can't be removed: {error}"));
            } else {
                self.0.status("Removed", &format!("`{shown}`, the report of an earlier call: this one wrote none"));
            }
        }
    }
}

/// Says whether a file says that it is a report of ours, for programs.
fn is_report(path: &Path) -> bool {
    let Ok(bytes) = files::read_own(path, limits::REPORT_BYTES) else { return false };
    if let Ok(report) = json::parse::<ReportJson>(&bytes) {
        return report.is_ours();
    }
    let start = bytes.get(..bytes.len().min(256)).unwrap_or_default();
    start.starts_with(b"<?xml") && String::from_utf8_lossy(start).contains(SUITES)
}

/// What tells reports in JSON and SARIF apart from others.
#[derive(Deserialize)]
struct ReportJson {
    schema: Option<String>,
    #[serde(default)]
    runs: Vec<RunJson>,
}

#[derive(Deserialize)]
struct RunJson {
    tool: ToolJson,
}

#[derive(Deserialize)]
struct ToolJson {
    driver: DriverJson,
}

#[derive(Deserialize)]
struct DriverJson {
    name: String,
}

impl ReportJson {
    fn is_ours(&self) -> bool {
        let schema = self.schema.as_deref().unwrap_or_default();
        let ours = |run: &RunJson| run.tool.driver.name == env!("CARGO_PKG_NAME");
        (schema.starts_with(SCHEMAS) && !schema.starts_with(STATE)) || self.runs.first().is_some_and(ours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_known_by_what_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let report = |text: &str| {
            fs::write(&path, text).unwrap();
            is_report(&path)
        };
        for ours in [
            r#"{"schema": "https://assaymark.dev/schemas/report/v1"}"#,
            r#"{"runs": [{"tool": {"driver": {"name": "assaymark"}}}]}"#,
            "<?xml version=\"1.0\"?>\n<testsuites name=\"assaymark\">",
        ] {
            assert!(report(ours), "{ours}");
        }
        for other in [
            "",
            "{}",
            r#"{"schema": "https://assaymark.dev/schemas/state/v1"}"#,
            r#"{"schema": "https://example.com/schemas/report/v1"}"#,
            r#"{"runs": [{"tool": {"driver": {"name": "other"}}}]}"#,
            "<?xml version=\"1.0\"?>\n<testsuites name=\"other\">",
            "<testsuites name=\"assaymark\">",
        ] {
            assert!(!report(other), "{other}");
        }
    }
}
