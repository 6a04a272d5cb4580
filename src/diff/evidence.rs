//! What else is said of the release: tests, scans, vulnerabilities, approvals, waivers, and lines that can't be read.

use crate::diff::{Side, Values};
use crate::digest::Digest;
use crate::inspect::Line;
use crate::intoto::Predicate;
use crate::intoto::predicate::test_result::{self, Purpose, TestResult};

/// Reads every line.
pub(super) fn values(side: &Side) -> Values {
    let mut found: Vec<(String, String)> = side.inspection.lines.iter().map(|line| line_value(side, line)).collect();
    // The order of lines means nothing.
    found.sort();
    let mut values = Values::default();
    for (name, value) in found {
        values.add(name, value);
    }
    values
}

fn line_value(side: &Side, line: &Line) -> (String, String) {
    let Ok(claim) = &line.claim else {
        return ("lines that can't be read".to_owned(), Digest::of(&line.bytes).to_string());
    };
    match &claim.statement.predicate {
        Predicate::TestResult(test) => (named(test), result(test)),
        Predicate::Vulnerabilities(found) => {
            let mut ids: Vec<_> = found.scanner.result.iter().map(|one| one.id.as_str()).collect();
            ids.sort_unstable();
            let ids = if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
            (format!("vulnerabilities by {}", found.scanner.uri), ids)
        }
        Predicate::Approval(approval) => {
            let comment = approval.comment.as_deref().map(|comment| format!(": {comment}")).unwrap_or_default();
            (format!("approval by {}", side.signer(line)), format!("at {}{comment}", approval.approved_at.to_rfc3339()))
        }
        Predicate::Waiver(waiver) => {
            let until = waiver.expires_at.to_rfc3339();
            (
                format!("waiver of {}", waiver.code),
                format!("until {until}, by {}: {}", side.signer(line), waiver.reason),
            )
        }
        Predicate::VerificationSummary(summary) => {
            let result = serde_json::to_value(summary.verification_result).unwrap_or_default();
            (format!("verification of {}", summary.resource_uri), super::values::plain(&result))
        }
        Predicate::Other(uri, content) => (uri.clone(), Digest::of(content.to_string().as_bytes()).to_string()),
        other => (other.kind().name().to_owned(), "1 line".to_owned()),
    }
}

/// Names a test: what it is for, by which program, under which name.
fn named(test: &TestResult) -> String {
    let (purpose, program) = match test.purpose() {
        Purpose::Evaluation => ("evaluation", test.entry(test_result::HARNESS)),
        Purpose::Scan => ("scan", test.entry(test_result::SCANNER)),
        Purpose::Test => ("test", None),
    };
    let metrics = test.entry(test_result::METRICS);
    let own =
        metrics.and_then(|metrics| metrics.annotations.get("assaymark_evaluation")).and_then(|name| name.as_str());
    let own = own.map(|name| format!(" {name}")).unwrap_or_default();
    // A new version of the program is a change of what it says, not another test.
    let by = program
        .and_then(|program| program.uri.as_deref())
        .map(|uri| uri.rsplit_once('@').map_or(uri, |(name, _)| name));
    let by = by.map(|uri| format!(" by {uri}")).unwrap_or_default();
    format!("{purpose}{own}{by}")
}

fn result(test: &TestResult) -> String {
    let outcome = super::values::plain(&serde_json::to_value(test.result).unwrap_or_default());
    let mut words = vec![outcome];
    for (what, tests) in [("warned", &test.warned_tests), ("failed", &test.failed_tests)] {
        if !tests.is_empty() {
            words.push(format!("{what}: {}", tests.join(", ")));
        }
    }
    let program = [test_result::HARNESS, test_result::SCANNER].into_iter().find_map(|name| test.entry(name));
    words.extend(program.and_then(|program| program.uri.clone()).map(|uri| format!("by {uri}")));
    words.join(", ")
}
