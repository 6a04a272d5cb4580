//! A scan in SARIF 2.1.0 (OASIS), for code hosts and editors.

use serde_json::{Value, json};

use crate::render::scan::place;
use crate::scan::{Conclusion, FileScan, Observation, Rating, Reason, TreeScan, pickle};

/// Writes a scan as one SARIF log with a line feed.
pub fn scan(scan: &TreeScan) -> serde_json::Result<String> {
    let rules: Vec<Value> = Reason::ALL.iter().map(|reason| rule(*reason)).collect();
    let results: Vec<Value> =
        scan.files.iter().flat_map(|file| file.observations.iter().map(|seen| result(file, seen))).collect();
    let complete = matches!(scan.conclusion(), Conclusion::Passed | Conclusion::Rejected);
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_HOMEPAGE"),
                "rules": rules,
                "properties": {"allowListReviewed": pickle::reviewed(), "allowListDigest": pickle::digest()},
            }},
            "invocations": [{"executionSuccessful": complete}],
            "results": results,
        }],
    });
    Ok(serde_json::to_string_pretty(&log)? + "\n")
}

fn rule(reason: Reason) -> Value {
    json!({"id": reason.as_str(), "shortDescription": {"text": reason.meaning()}})
}

fn result(file: &FileScan, seen: &Observation) -> Value {
    let place = place(&seen.position);
    let at = if place.is_empty() { String::new() } else { format!(" ({place})") };
    let artifact = json!({"uri": uri(file.path.raw())});
    // Inside an archive, the byte is not one of the file.
    let location = match seen.position.offset.filter(|_| seen.position.inside.is_empty()) {
        Some(offset) => json!({"artifactLocation": artifact, "region": {"byteOffset": offset, "byteLength": 1}}),
        None => json!({"artifactLocation": artifact}),
    };
    let level = match seen.rating {
        Rating::Inert | Rating::Clean => "note",
        Rating::Unknown => "warning",
        Rating::Suspicious | Rating::Malicious => "error",
    };
    json!({
        "ruleId": seen.reason.as_str(),
        "ruleIndex": Reason::ALL.iter().position(|reason| *reason == seen.reason),
        "level": level,
        "message": {"text": format!("{}{at}", seen.summary.for_terminal())},
        "locations": [{"physicalLocation": location}],
        "properties": {"rating": seen.rating, "format": file.format, "called": seen.called},
    })
}

/// Writes a path as a relative reference (RFC 3986).
fn uri(path: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(byte);
    path.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_references() {
        assert_eq!(uri("a b/ü.pkl"), "a%20b/%C3%BC.pkl");
        assert_eq!(uri("C:x"), "C%3Ax");
    }
}
