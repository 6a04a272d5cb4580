//! Words that several formats share. They hold foreign texts: each format escapes them for its place.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::finding::{Finding, Place, Severity, Tree, WaivedBy};
use crate::text::{self, Text};
use crate::verify::{Outcome, PolicyScope, Report, Status};

/// Says in one line how a verification ended.
pub(super) fn verdict(report: &Report) -> String {
    let release = report.release.as_ref().map_or_else(|| "unknown release".to_owned(), ToString::to_string);
    let policy = &report.scope.policy.name;
    let errors = text::count(report.findings.count(Severity::Deny), "error");
    let warnings = text::count(report.findings.count(Severity::Warn), "warning");
    match report.verdict.outcome() {
        Outcome::Passed => {
            format!("PASS: {release} passes {policy} under {}, {warnings}", report.scope.trust.source.raw())
        }
        Outcome::Rejected => format!("FAIL: {release} is rejected by {policy}, {errors}, {warnings}"),
        Outcome::Incomplete => format!("INCOMPLETE: {release} could not be checked, so nothing is decided"),
    }
}

/// Says that a policy has stages and none was asked for.
pub fn stages_left_out(policy: &PolicyScope) -> Option<String> {
    let names: Vec<_> = policy.stages_left_out.iter().map(|stage| format!("`{stage}`")).collect();
    let (noun, them) = match names.as_slice() {
        [] => return None,
        [_] => ("the stage", "it"),
        _ => ("the stages", "one of them"),
    };
    let names = names.join(", ");
    Some(format!("what is demanded at {noun} {names} was not checked: ask for {them} with `--stage NAME`"))
}

/// Returns what a finding says, a line each.
pub(super) fn message(finding: &Finding) -> Vec<Text> {
    let mut lines = vec![finding.summary.clone(), format!("where: {}", place(&finding.place).raw()).into()];
    lines.extend(details(finding).into_iter().map(|(label, value)| format!("{label}: {}", value.raw()).into()));
    lines
}

/// Returns what a finding says beside its summary and its place.
pub(super) fn details(finding: &Finding) -> Vec<(&'static str, Text)> {
    let waived = finding.waived.as_ref().map(waived);
    let all = [
        ("expected", finding.expected.clone()),
        ("found", finding.found.clone()),
        ("help", finding.help.clone()),
        ("waived", waived),
    ];
    all.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}

/// Says by whom and for how long a denial was taken away.
pub(super) fn waived(by: &WaivedBy) -> Text {
    let (owner, reason) = (by.owner.raw(), by.reason.raw());
    format!("until {} by `{}`, {owner} answers for it: {reason}", time(by.until), by.attester).into()
}

/// Names a place.
pub(super) fn place(place: &Place) -> Text {
    let tree = |tree: &Tree| match tree {
        Tree::Dataset(name) => format!("dataset `{name}`"),
        other => other.to_string(),
    };
    match place {
        Place::Bundle => "the release bundle".into(),
        Place::Line(number) => format!("line {number} of the release bundle").into(),
        Place::Signature => "the signature".into(),
        Place::Tree(of) => tree(of).into(),
        Place::File { tree: of, path } => format!("{}, `{}`", tree(of), path.raw()).into(),
    }
}

/// Names a status in capitals where it does not pass.
pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::Met => "ok",
        Status::Denied => "FAIL",
        Status::Missing => "MISSING",
        Status::Undecided => "?",
    }
}

/// Writes a time in UTC, to the second.
pub(super) fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
