//! A scan as SARIF, for code hosts and editors.

use serde_json::json;

use crate::render::locations::Location;
use crate::render::sarif::{Found, Level, Run};
use crate::render::scan::place;
use crate::scan::{Conclusion, FileScan, Observation, Rating, Reason, TreeScan, pickle};
use crate::text::Text;

/// Writes a scan as one SARIF log with a line feed.
pub fn scan(scan: &TreeScan) -> serde_json::Result<String> {
    let failed = scan.files.iter().filter(|file| file.failed);
    let mut failures: Vec<Text> = failed.map(|file| file.path.clone()).collect();
    if scan.conclusion() == Conclusion::Nothing {
        failures.push("nothing was scanned".into());
    }
    let found = |file| move |seen| found(file, seen);
    let run = Run {
        rules: Reason::ALL.iter().map(|reason| (reason.as_str(), reason.meaning())).collect(),
        results: scan.files.iter().flat_map(|file| file.observations.iter().map(found(file))).collect(),
        failures,
        exit_status: scan.conclusion().exit_status(),
        properties: json!({"allowListReviewed": pickle::reviewed(), "allowListDigest": pickle::digest()}),
    };
    run.write()
}

fn found(file: &FileScan, seen: &Observation) -> Found {
    let (position, place) = (&seen.position, place(&seen.position));
    let at = if place.is_empty() { String::new() } else { format!(" ({place})") };
    // Inside an archive, the byte is not one of the file.
    let byte = position.offset.filter(|_| position.inside.is_empty());
    Found {
        rule: seen.reason.as_str(),
        level: match seen.rating {
            Rating::Inert | Rating::Clean => Level::Note,
            Rating::Unknown => Level::Warning,
            Rating::Suspicious | Rating::Malicious => Level::Error,
        },
        message: vec![format!("{}{at}", seen.summary.raw()).into()],
        location: Some(Location { path: file.path.clone(), line: None, byte }),
        identity: format!("{} {} {place} {}", seen.reason, file.path.raw(), seen.summary.raw()),
        accepted: None,
        properties: json!({"rating": seen.rating, "format": file.format, "called": seen.called}),
    }
}
