//! A validation for people and for programs. `schemas/validation.schema.json` is made from these types; fields are
//! only added.

use serde::Serialize;
use serde_json::{Value, json};

use crate::completeness::Completeness;
use crate::render::locations::Location;
use crate::render::sarif::{self, Found, Run};
use crate::render::style::{BAD, DOUBTFUL, GOOD, STRONG, styled};
use crate::text::{self, Text};
use crate::validate::{Check, Level, Objection, Validation};

/// The version of this format.
const SCHEMA: &str = "https://assaymark.dev/schemas/validation/v1";

/// Writes a validation. The text has colours; whoever prints it leaves them out where they are not wanted.
pub fn human(validation: &Validation, document: &Text) -> String {
    let mut lines: Vec<String> = validation.objections.iter().flat_map(objection_lines).collect();
    let failed = |failure: &Text| format!("  {}  {}", styled(BAD, "failed "), failure.for_terminal());
    lines.extend(validation.failures.iter().map(failed));
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(conclusion(validation, document));
    if let Some(Completeness { profile, score, present, counted, .. }) = &validation.completeness {
        lines.push(format!("      {profile}: {score:.1} of 100, {present} of {counted} elements"));
    }
    lines.push("      nothing here is signed or verified: this is what the document says of itself\n".to_owned());
    lines.join("\n")
}

fn objection_lines(objection: &Objection) -> Vec<String> {
    let (style, word) = match objection.level {
        Level::Error => (BAD, "error"),
        Level::Warning => (DOUBTFUL, "warning"),
        Level::Note => (STRONG, "note"),
    };
    let word = styled(style, &format!("{word:7}"));
    let mut lines = vec![format!("  {word}  {}: {}", objection.check.as_str(), objection.message.for_terminal())];
    if !objection.pointer.raw().is_empty() {
        let line = objection.line.map_or_else(String::new, |line| format!(", line {line}"));
        lines.push(format!("           at {}{line}", objection.pointer.for_terminal()));
    }
    lines
}

fn conclusion(validation: &Validation, document: &Text) -> String {
    let word = match verdict(validation) {
        "passed" => styled(GOOD, "PASS"),
        "rejected" => styled(BAD, "FAIL"),
        _ => styled(BAD, "NOT DECIDED"),
    };
    let version = validation.version.as_ref();
    let version = version.map_or_else(String::new, |version| format!(" (CycloneDX {})", version.for_terminal()));
    let errors = text::count(validation.count(Level::Error), "error");
    let warnings = text::count(validation.count(Level::Warning), "warning");
    format!("{word}  {}{version}: {errors}, {warnings}", styled(STRONG, &document.for_terminal()))
}

/// What came of a validation.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ValidationJson<'v> {
    /// The version of this format.
    schema: &'static str,
    /// `passed`, `rejected` or `incomplete`.
    verdict: &'static str,
    /// The exit status that goes with the verdict.
    exit_status: u8,
    /// The file, or `-`.
    document: &'v str,
    /// The version of CycloneDX that it names.
    spec_version: Option<&'v str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completeness: Option<CompletenessJson<'v>>,
    objections: Vec<ObjectionJson<'v>>,
    /// What the machine kept us from checking.
    failures: Vec<&'v str>,
}

/// How complete the document is.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CompletenessJson<'v> {
    /// By which list.
    profile: &'static str,
    /// From 0 to 100, with one decimal.
    score: f64,
    /// How many elements count.
    counted: usize,
    /// How many of them are there.
    present: usize,
    missing: Vec<MissingJson<'v>>,
}

/// An element that is missing.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct MissingJson<'v> {
    element: &'static str,
    /// The part of the list in which it stands.
    group: &'static str,
    /// Where it would go.
    place: &'static str,
    /// Whether it lowers the score.
    counted: bool,
    /// The components that lack it, by their JSON Pointers, unless it is one of the whole document.
    of: &'v [String],
}

/// Something that is to be said.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ObjectionJson<'v> {
    /// A row of the table in `docs/bom.md`.
    check: &'static str,
    level: Level,
    /// The JSON Pointer of the value; empty for the document.
    pointer: &'v str,
    /// The line at which the value starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    message: &'v str,
}

/// Writes a validation as one JSON object with a line feed.
pub fn json(validation: &Validation, document: &Text) -> serde_json::Result<String> {
    let json = ValidationJson {
        schema: SCHEMA,
        verdict: verdict(validation),
        exit_status: validation.exit_status(),
        document: document.raw(),
        spec_version: validation.version.as_ref().map(Text::raw),
        completeness: validation.completeness.as_ref().map(completeness),
        objections: validation.objections.iter().map(objection).collect(),
        failures: validation.failures.iter().map(Text::raw).collect(),
    };
    Ok(serde_json::to_string_pretty(&json)? + "\n")
}

fn verdict(validation: &Validation) -> &'static str {
    match validation.exit_status() {
        0 => "passed",
        1 => "rejected",
        _ => "incomplete",
    }
}

fn completeness(complete: &Completeness) -> CompletenessJson<'_> {
    let missing = complete.missing.iter().map(|missing| MissingJson {
        element: missing.element,
        group: missing.group,
        place: missing.place,
        counted: missing.counted,
        of: &missing.of,
    });
    CompletenessJson {
        profile: complete.profile.as_str(),
        score: complete.score,
        counted: complete.counted,
        present: complete.present,
        missing: missing.collect(),
    }
}

fn objection(objection: &Objection) -> ObjectionJson<'_> {
    ObjectionJson {
        check: objection.check.as_str(),
        level: objection.level,
        pointer: objection.pointer.raw(),
        line: objection.line,
        message: objection.message.raw(),
    }
}

/// Writes a validation as one SARIF log with a line feed.
pub fn sarif(validation: &Validation, document: &Text) -> serde_json::Result<String> {
    let run = Run {
        rules: Check::ALL.iter().map(|check| (check.as_str(), check.description())).collect(),
        results: validation.objections.iter().map(|objection| found(objection, document)).collect(),
        failures: validation.failures.clone(),
        exit_status: validation.exit_status(),
        properties: json!({
            "specVersion": validation.version.as_ref().map(Text::raw),
            "completeness": validation.completeness.as_ref().map(completeness),
        }),
    };
    run.write()
}

/// Names the document; hosts of code show nothing of a result without a file, so that a pipe has a name too.
fn located(document: &Text) -> Text {
    if document.raw() == "-" { "stdin".into() } else { document.clone() }
}

fn found(objection: &Objection, document: &Text) -> Found {
    let mut message = vec![objection.message.clone()];
    if !objection.pointer.raw().is_empty() {
        message.push(format!("at {}", objection.pointer.raw()).into());
    }
    Found {
        rule: objection.check.as_str(),
        level: match objection.level {
            Level::Error => sarif::Level::Error,
            Level::Warning => sarif::Level::Warning,
            Level::Note => sarif::Level::Note,
        },
        message,
        location: Some(Location { path: located(document), line: objection.line, byte: None }),
        identity: format!("{} {} {}", objection.check.as_str(), objection.pointer.raw(), objection.message.raw()),
        accepted: None,
        properties: Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_that_of_these_types() {
        crate::test_support::assert_schema::<ValidationJson<'_>>("schemas/validation.schema.json");
    }
}
