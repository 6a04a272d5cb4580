//! SARIF 2.1.0 (OASIS): the form of findings that code-scanning services read.
//!
//! The types here hold what we write of it; whoever has findings fills a [`Run`].

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use crate::digest::Digest;
use crate::render::locations::Location;
use crate::text::Text;

pub use report::report;

mod report;

/// The schema that the output follows.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// One run of a command.
pub struct Run {
    /// What kinds of findings there are: id and description.
    pub rules: Vec<(&'static str, &'static str)>,
    /// What was found.
    pub results: Vec<Found>,
    /// What could not be done.
    pub failures: Vec<Text>,
    /// The exit status.
    pub exit_status: u8,
    /// What else is said of the run.
    pub properties: Value,
}

/// Something that was found.
pub struct Found {
    /// The id of its rule.
    pub rule: &'static str,
    /// How much it matters.
    pub level: Level,
    /// What is wrong, a line each.
    pub message: Vec<Text>,
    /// Where it is.
    pub location: Option<Location>,
    /// What tells it from others of its rule, run after run.
    pub identity: String,
    /// Why it was accepted, if somebody answers for it.
    pub accepted: Option<Text>,
    /// What else is said of it, or null.
    pub properties: Value,
}

/// How much a result matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It denies.
    Error,
    /// It is noted.
    Note,
    /// It warns.
    Warning,
}

impl Run {
    /// Writes the log with this run.
    pub fn write(&self) -> serde_json::Result<String> {
        let rules = self.rules.iter().map(|(id, text)| json!({"id": id, "shortDescription": {"text": text}}));
        let notifications =
            self.failures.iter().map(|text| json!({"level": "error", "message": {"text": shown(text)}}));
        let log = json!({
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {
                    "name": env!("CARGO_PKG_NAME"),
                    "version": env!("CARGO_PKG_VERSION"),
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules.collect::<Vec<_>>(),
                }},
                "columnKind": "unicodeCodePoints",
                "invocations": [{
                    "executionSuccessful": self.failures.is_empty(),
                    "exitCode": self.exit_status,
                    "toolExecutionNotifications": notifications.collect::<Vec<_>>(),
                }],
                "results": self.results.iter().map(|found| self.result(found)).collect::<Vec<_>>(),
                "properties": self.properties,
            }],
        });
        Ok(serde_json::to_string_pretty(&log)? + "\n")
    }

    fn result(&self, found: &Found) -> Value {
        let lines: Vec<_> = found.message.iter().map(shown).collect();
        let mut result = json!({
            "ruleId": found.rule,
            "level": found.level,
            "message": {"text": lines.join("\n")},
            "partialFingerprints": {"assaymark/v1": Digest::of(found.identity.as_bytes()).to_string()},
        });
        let Some(members) = result.as_object_mut() else { return result };
        if let Some(index) = self.rules.iter().position(|(id, _)| *id == found.rule) {
            members.insert("ruleIndex".to_owned(), json!(index));
        }
        if let Some(location) = &found.location {
            let mut physical = json!({"artifactLocation": {"uri": uri(location.path.raw())}});
            let byte = location.byte.map(|byte| json!({"byteOffset": byte, "byteLength": 1}));
            let region = location.line.map(|line| json!({"startLine": line})).or(byte);
            if let (Some(region), Some(physical)) = (region, physical.as_object_mut()) {
                physical.insert("region".to_owned(), region);
            }
            members.insert("locations".to_owned(), json!([{"physicalLocation": physical}]));
        }
        if let Some(why) = &found.accepted {
            let suppression = json!({"kind": "external", "status": "accepted", "justification": shown(why)});
            members.insert("suppressions".to_owned(), json!([suppression]));
        }
        if !found.properties.is_null() {
            members.insert("properties".to_owned(), found.properties.clone());
        }
        result
    }
}

/// Escapes a text for a message, where `[text](target)` would be a link (section 3.11.6).
fn shown(text: &Text) -> String {
    text.for_terminal().replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

/// Writes a path as a URI reference (RFC 3986): relative as it is, absolute with the scheme `file`.
fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.trim_start_matches("./").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            // Writing to a `String` can't fail.
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uri_references() {
        assert_eq!(uri("./model/a b:c%.bin"), "model/a%20b%3Ac%25.bin");
        assert_eq!(uri("/srv/naïve"), "file:///srv/na%C3%AFve");
        assert_eq!(uri("a\n[b](javascript:1)"), "a%0A%5Bb%5D%28javascript%3A1%29");
    }

    #[test]
    fn messages_have_no_links() {
        assert_eq!(shown(&Text::from("see [here](1)\u{1b}")), "see \\[here\\](1)\\\\u{1b}");
    }
}
