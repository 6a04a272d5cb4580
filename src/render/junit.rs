//! A report as `JUnit` XML: each demand is a test case.
//!
//! The last case is the verdict itself, so that no reader sees green where a release does not pass.

use crate::finding::Finding;
use crate::render::words;
use crate::text::Text;
use crate::verify::{Outcome, Report, Requirement, Status};

/// What came of a case: the element, its message and its text.
struct Fault {
    element: &'static str,
    message: Text,
    lines: Vec<Text>,
}

/// Writes a report.
pub fn report(report: &Report) -> String {
    let mut cases: Vec<(Text, Option<Fault>)> =
        report.requirements.iter().map(|one| (one.name.clone(), fault(report, one))).collect();
    cases.push(("verdict".into(), verdict(report)));
    let count = |element: &str| cases.iter().flat_map(|(_, fault)| fault).filter(|one| one.element == element).count();
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        cases.len(),
        count("failure"),
        count("error"),
        count("skipped")
    );
    let release = report.release.as_ref().map_or_else(|| "unknown release".to_owned(), ToString::to_string);
    let time = words::time(report.scope.at);
    let mut page = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let totals = counts.rsplit_once(" skipped").map_or(counts.as_str(), |(totals, _)| totals);
    page.extend([format!("<testsuites name=\"assaymark\" {totals}>\n")]);
    let name = Text::from(format!("assaymark bundle verify: {release}")).for_xml();
    let time = time.trim_end_matches('Z');
    page.extend([format!("  <testsuite name=\"{name}\" {counts} time=\"0\" timestamp=\"{time}\">\n")]);
    for (name, fault) in &cases {
        page += &case(name, fault.as_ref());
    }
    page + "  </testsuite>\n</testsuites>\n"
}

fn case(name: &Text, fault: Option<&Fault>) -> String {
    let head = format!("    <testcase classname=\"assaymark.verify\" name=\"{}\" time=\"0\"", name.for_xml());
    let Some(fault) = fault else { return head + "/>\n" };
    let (element, message) = (fault.element, fault.message.for_xml());
    if element == "skipped" {
        return format!("{head}>\n      <skipped message=\"{message}\"/>\n    </testcase>\n");
    }
    let lines: Vec<_> = fault.lines.iter().map(Text::for_xml).collect();
    let lines = lines.join("\n");
    format!("{head}>\n      <{element} message=\"{message}\" type=\"{element}\">{lines}</{element}>\n    </testcase>\n")
}

fn fault(report: &Report, requirement: &Requirement) -> Option<Fault> {
    let element = match requirement.status {
        Status::Met => return None,
        Status::Denied | Status::Missing => "failure",
        Status::Undecided => "skipped",
    };
    let against = report.findings.iter().enumerate().filter(|(index, _)| requirement.against.contains(index));
    let lines = against.flat_map(|(_, finding)| block(finding)).collect();
    Some(Fault { element, message: requirement.detail.clone(), lines })
}

fn block(finding: &Finding) -> Vec<Text> {
    let mut lines = words::message(finding);
    if let Some(first) = lines.first_mut() {
        *first = format!("[{}] {}", finding.code, first.raw()).into();
    }
    lines
}

fn verdict(report: &Report) -> Option<Fault> {
    let message = words::verdict(report).into();
    match report.verdict.outcome() {
        Outcome::Passed => None,
        Outcome::Rejected => {
            Some(Fault { element: "failure", message, lines: report.findings.iter().flat_map(block).collect() })
        }
        Outcome::Incomplete => {
            let lines = report.failures.iter().map(|failure| failure.summary.clone()).collect();
            Some(Fault { element: "error", message, lines })
        }
    }
}
