//! A scan for people and for programs. `schemas/scan.schema.json` is made from these types; fields are only added.

use std::fmt::Write as _;

use serde::Serialize;

use crate::render::style::{BAD, DOUBTFUL, GOOD, STRONG, styled};
use crate::scan::{Conclusion, FileScan, Observation, Position, Rating, Reason, TreeScan, pickle};
use crate::text;

/// The version of this format.
const SCHEMA: &str = "https://assaymark.dev/schemas/scan/v1";

/// What can be done about a name that no list has; a dangerous one can't be allowed.
const ALLOW: &str = "review what is imported; `--allow FILE` takes names that you have reviewed, each with a reason";

/// Writes a scan. The text has colours; whoever prints it leaves them out where they are not wanted.
pub fn human(scan: &TreeScan) -> String {
    let mut page = String::new();
    for file in &scan.files {
        let style = match file.rating {
            Rating::Inert | Rating::Clean => GOOD,
            Rating::Unknown => DOUBTFUL,
            Rating::Suspicious | Rating::Malicious => BAD,
        };
        let rating = styled(style, &format!("{:10}", file.rating));
        line(&mut page, &format!("  {rating}  {}  ({})", file.path.for_terminal(), file.format));
        for seen in &file.observations {
            observation(&mut page, seen);
        }
        if file.omitted > 0 {
            line(&mut page, &format!("              ... and {} more", file.omitted));
        }
        for allowed in &file.allowed {
            let (name, reason) = (allowed.name.for_terminal(), allowed.reason.for_terminal());
            line(&mut page, &format!("              allowed by you: `{name}`, because: {reason}"));
        }
    }
    line(&mut page, "");
    let counts: Vec<String> = scan.counts().map(|(rating, count)| format!("{count} {rating}")).collect();
    let word = match scan.conclusion() {
        Conclusion::Passed => styled(GOOD, "PASS"),
        Conclusion::Rejected => styled(BAD, "FAIL"),
        Conclusion::Incomplete | Conclusion::Nothing => styled(BAD, "NOT DECIDED"),
    };
    let files = styled(STRONG, &text::count(scan.files.len(), "file"));
    line(&mut page, &format!("{word}  {files}: {}; allow-list of {}", counts.join(", "), pickle::reviewed()));
    if scan.files.iter().flat_map(|file| &file.observations).any(|seen| seen.reason == Reason::ImportNotAllowed) {
        line(&mut page, &format!("\nhint: {ALLOW}"));
    }
    page
}

fn line(page: &mut String, text: &str) {
    page.push_str(text);
    page.push('\n');
}

fn observation(page: &mut String, seen: &Observation) {
    line(page, &format!("              {}: {}", seen.reason, seen.summary.for_terminal()));
    let place = place(&seen.position);
    if !place.is_empty() {
        let at = if seen.position.offset.is_some() || seen.position.instruction.is_some() { "at " } else { "" };
        line(page, &format!("                {at}{place}"));
    }
}

/// Says where something is, escaped for a terminal.
pub(super) fn place(position: &Position) -> String {
    let mut place = String::new();
    // Writing to a `String` can't fail.
    if let Some(offset) = position.offset {
        let _ = write!(place, "byte {offset}");
    }
    if let Some(instruction) = position.instruction {
        let _ = write!(place, ", instruction {instruction}");
    }
    if !position.inside.is_empty() {
        let inside: Vec<String> = position.inside.iter().map(text::Text::for_terminal).collect();
        let _ = write!(place, "{}in `{}`", if place.is_empty() { "" } else { " " }, inside.join("` in `"));
    }
    place
}

/// What came of a scan.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ScanJson {
    /// The version of this format.
    schema: &'static str,
    /// `passed`, `rejected`, `incomplete` or `nothing`.
    verdict: String,
    /// The exit status that goes with the verdict.
    exit_status: u8,
    scanner: ScannerJson,
    files: Vec<FileJson>,
}

/// What scanned, and by which list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ScannerJson {
    name: &'static str,
    version: &'static str,
    /// The day on which the allow-list was reviewed last.
    allow_list_reviewed: &'static str,
    /// The SHA-256 of the allow-list.
    allow_list_digest: String,
}

/// A file.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FileJson {
    path: String,
    size: u64,
    format: &'static str,
    /// `inert`, `clean`, `unknown`, `suspicious` or `malicious`.
    rating: &'static str,
    observations: Vec<ObservationJson>,
    /// How many more observations there are.
    omitted: usize,
    /// What the user allowed and the file names.
    allowed: Vec<AllowedJson>,
}

/// Something that a scan objects to.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ObservationJson {
    /// A heading of `docs/scan.md`.
    reason: &'static str,
    rating: &'static str,
    summary: String,
    /// What is imported or called.
    #[serde(skip_serializing_if = "Option::is_none")]
    called: Option<String>,
    /// The members of archives that lead there, the outermost first.
    inside: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instruction: Option<u64>,
}

/// A name that the user allowed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct AllowedJson {
    name: String,
    reason: String,
}

/// Writes a scan as one JSON object with a line feed.
pub fn json(scan: &TreeScan) -> serde_json::Result<String> {
    let conclusion = scan.conclusion();
    let json = ScanJson {
        schema: SCHEMA,
        verdict: serde_json::to_value(conclusion)?.as_str().unwrap_or_default().to_owned(),
        exit_status: conclusion.exit_status(),
        scanner: ScannerJson {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            allow_list_reviewed: pickle::reviewed(),
            allow_list_digest: pickle::digest().to_string(),
        },
        files: scan.files.iter().map(file).collect(),
    };
    Ok(serde_json::to_string_pretty(&json)? + "\n")
}

fn file(file: &FileScan) -> FileJson {
    let raw = |text: &text::Text| text.raw().to_owned();
    FileJson {
        path: raw(&file.path),
        size: file.size,
        format: file.format.as_str(),
        rating: file.rating.as_str(),
        observations: file
            .observations
            .iter()
            .map(|seen| ObservationJson {
                reason: seen.reason.as_str(),
                rating: seen.rating.as_str(),
                summary: raw(&seen.summary),
                called: seen.called.as_ref().map(raw),
                inside: seen.position.inside.iter().map(raw).collect(),
                offset: seen.position.offset,
                instruction: seen.position.instruction,
            })
            .collect(),
        omitted: file.omitted,
        allowed: file
            .allowed
            .iter()
            .map(|one| AllowedJson { name: raw(&one.name), reason: raw(&one.reason) })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_that_of_these_types() {
        crate::test_support::assert_schema::<ScanJson>("schemas/scan.schema.json");
    }
}
