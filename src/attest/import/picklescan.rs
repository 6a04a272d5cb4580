//! picklescan: it has no report but what it prints.

use super::{ImportError, Scan};

const TOOL: &str = "picklescan";
/// What stands once, before its counts.
const SUMMARY: &str = "SCAN SUMMARY";

pub(super) fn read(text: &[u8]) -> Result<Scan, ImportError> {
    let shape = |fault| ImportError::Shape { tool: TOOL, fault };
    let text = str::from_utf8(text).map_err(|_| shape("it is no text"))?;
    let (found, summary) = text.split_once(SUMMARY).ok_or_else(|| shape("it has no summary"))?;
    // It prints names of files as they are, and a name may hold lines that look like its own.
    if summary.contains(SUMMARY) {
        return Err(shape("it has more than one summary"));
    }
    let count = |label: &str| -> Result<Option<usize>, ImportError> {
        let mut counts = summary.lines().filter_map(|line| line.strip_prefix(label));
        match (counts.next().map(|count| count.trim().parse()), counts.next()) {
            (None, _) => Ok(None),
            (Some(Ok(count)), None) => Ok(Some(count)),
            _ => Err(shape("a count stands twice, or is no number")),
        }
    };
    let scanned = count("Scanned files:")?.ok_or_else(|| shape("it does not say how many files were scanned"))?;
    let infected = count("Infected files:")?.ok_or_else(|| shape("it does not say how many files are infected"))?;
    let dangerous = count("Dangerous globals:")?.unwrap_or_default();
    let suspicious = count("Suspicious globals:")?.unwrap_or_default();
    if scanned == 0 || text.contains("ERROR:") || text.contains("Traceback") {
        return Err(ImportError::Unfinished("no file was scanned, or an error was printed".to_owned()));
    }
    // It counts a file that it could not parse as scanned and not infected, and its status is 0.
    if let Some(warning) = text.lines().find(|line| line.starts_with("WARNING:")) {
        return Err(ImportError::Unfinished(warning.to_owned()));
    }
    let mut scan = Scan { tool: "pkg:pypi/picklescan".to_owned(), ..Scan::default() };
    scan.failed = found.lines().filter(|line| line.ends_with("FOUND")).map(str::to_owned).collect();
    if infected + dangerous > 0 && scan.failed.is_empty() {
        scan.failed.push(format!("infected files: {infected}, dangerous globals: {dangerous}"));
    }
    if suspicious > 0 {
        scan.warned.push(format!("suspicious globals: {suspicious}"));
    }
    Ok(scan)
}
