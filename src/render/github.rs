//! A report as workflow commands of GitHub Actions: an annotation for each finding.

use crate::finding::{Finding, Severity};
use crate::render::locations::{Location, Locations};
use crate::render::words;
use crate::text::Text;
use crate::verify::{Outcome, Report};

/// Writes a report. Each line is a workflow command; nothing in a report can begin another.
pub fn report(report: &Report, locations: &Locations) -> String {
    let mut page = String::new();
    let of = |severity| report.findings.iter().filter(move |finding| finding.severity == severity);
    // GitHub shows ten annotations of a kind for a step: denials come first.
    for finding in of(Severity::Deny).chain(of(Severity::Warn)).chain(of(Severity::Waived)) {
        page.push_str(&annotation(finding, locations));
    }
    for failure in &report.failures {
        let location = locations.of(&failure.place);
        page.push_str(&command("error", location.as_ref(), "not checked", std::slice::from_ref(&failure.summary)));
    }
    for (code, count) in report.findings.omitted() {
        let message = format!("... and {count} more of {code}");
        page.push_str(&command("notice", None, code.as_str(), &[message.into()]));
    }
    if let Some(words) = words::stages_left_out(&report.scope.policy) {
        page.push_str(&command("notice", None, "policy", &[words.into()]));
    }
    let level = if report.verdict.outcome() == Outcome::Passed { "notice" } else { "error" };
    page.push_str(&command(level, None, "assaymark", &[words::verdict(report).into()]));
    page
}

fn annotation(finding: &Finding, locations: &Locations) -> String {
    let level = match finding.severity {
        Severity::Deny => "error",
        Severity::Warn => "warning",
        Severity::Waived => "notice",
    };
    let location = locations.of(&finding.place);
    command(level, location.as_ref(), finding.code.as_str(), &words::message(finding))
}

/// Writes a command; each text is a line of its message.
fn command(level: &str, location: Option<&Location>, title: &str, lines: &[Text]) -> String {
    let mut properties = vec![format!("title={}", Text::from(title).for_workflow_property())];
    if let Some(location) = location {
        properties.insert(0, format!("file={}", location.path.for_workflow_property()));
        properties.extend(location.line.map(|line| format!("line={line}")));
    }
    let lines: Vec<_> = lines.iter().map(Text::for_workflow_message).collect();
    format!("::{level} {}::{}\n", properties.join(","), lines.join("%0A"))
}
