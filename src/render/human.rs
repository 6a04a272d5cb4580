//! A report for people, in ASCII words beside colours.

use std::fmt::Write as _;

use crate::finding::{Finding, Findings, Severity};
use crate::render::style::{BAD, DOUBTFUL, GOOD, STRONG, styled};
use crate::render::{explanation, words};
use crate::text::{self, Text};
use crate::verify::{Outcome, PolicyScope, Report, Requirement, Scope, Status, TimeSource};

/// How many findings of one code are shown in full; `--format json` has them all.
const SHOWN: usize = 10;

/// Writes a report. The text has colours; whoever prints it leaves them out where they are not wanted.
pub fn report(report: &Report) -> String {
    page(report, "")
}

/// Writes a report with the derivation of its verdict, and what must be done.
pub fn explained(report: &Report) -> String {
    page(report, &explanation::explanation(report))
}

fn page(report: &Report, explanation: &str) -> String {
    let mut page = String::new();
    let title = report.release.as_ref().map_or_else(|| "unknown release".to_owned(), ToString::to_string);
    line(&mut page, &styled(STRONG, &title));
    line(&mut page, "");
    let width = report.requirements.iter().map(|one| one.name.raw().chars().count()).max().unwrap_or_default();
    for requirement in &report.requirements {
        line(&mut page, &requirement_line(requirement, width));
    }
    line(&mut page, "");
    page.push_str(&findings(&report.findings));
    for failure in &report.failures {
        line(&mut page, &format!("{}: {}", styled(BAD, "not checked"), failure.summary.for_terminal()));
        line(&mut page, "");
    }
    page.push_str(&scope(&report.scope));
    page.push_str(explanation);
    line(&mut page, "");
    line(&mut page, &verdict(report));
    page
}

/// Writes findings alone, for a job that made no report.
pub fn findings(findings: &Findings) -> String {
    let mut page = String::new();
    let mut shown: Vec<(&Finding, usize)> = Vec::new();
    for finding in findings.iter() {
        let same =
            |(other, _): &&mut (&Finding, usize)| other.code == finding.code && other.severity == finding.severity;
        match shown.iter_mut().filter(same).count() {
            count if count < SHOWN => shown.push((finding, 0)),
            _ => {
                if let Some((_, more)) = shown.iter_mut().rfind(same) {
                    *more += 1;
                }
            }
        }
    }
    for (finding, more) in shown {
        page.push_str(&block(finding));
        let omitted =
            findings.omitted().find(|(code, _)| *code == finding.code && more > 0).map_or(0, |(_, count)| count);
        if more + omitted > 0 {
            line(&mut page, &format!("... and {} more of {}", more + omitted, finding.code));
            line(&mut page, "");
        }
    }
    page
}

fn line(page: &mut String, text: &str) {
    page.push_str(text);
    page.push('\n');
}

fn requirement_line(requirement: &Requirement, width: usize) -> String {
    let word = match requirement.status {
        Status::Met => styled(GOOD, "ok     "),
        Status::Denied => styled(BAD, "FAIL   "),
        Status::Missing => styled(BAD, "MISSING"),
        Status::Undecided => styled(DOUBTFUL, "?      "),
    };
    let name = requirement.name.for_terminal();
    format!("  {word}  {name:width$}  {}", requirement.detail.for_terminal())
}

fn block(finding: &Finding) -> String {
    let mut block = String::new();
    let head = match finding.severity {
        Severity::Deny => styled(BAD, &format!("error[{}]", finding.code)),
        Severity::Warn => styled(DOUBTFUL, &format!("warning[{}]", finding.code)),
        Severity::Waived => styled(DOUBTFUL, &format!("waived[{}]", finding.code)),
    };
    line(&mut block, &format!("{head}: {}", finding.summary.for_terminal()));
    let place = words::place(&finding.place);
    let waived = finding.waived.as_ref().map(words::waived);
    for (label, value) in [
        ("where", Some(&place)),
        ("expected", finding.expected.as_ref()),
        ("found", finding.found.as_ref()),
        ("help", finding.help.as_ref()),
        ("waived", waived.as_ref()),
    ] {
        if let Some(value) = value {
            // Writing to a `String` can't fail.
            let _ = writeln!(block, "  {label:<8}  {}", value.for_terminal());
        }
    }
    block.push('\n');
    block
}

fn scope(scope: &Scope) -> String {
    let joined = |parts: &[Text]| {
        let shown: Vec<_> = parts.iter().map(Text::for_terminal).collect();
        if shown.is_empty() { "nothing".to_owned() } else { shown.join(", ") }
    };
    let mut page = format!("{}\n", styled(STRONG, "scope"));
    let mut entry = |name: &str, value: String| line(&mut page, &format!("  {name:<10}  {value}"));
    entry("bundle", scope.bundle.map_or_else(|| "not read".to_owned(), |digest| format!("sha256:{digest}")));
    entry("hashed", joined(&scope.hashed));
    entry("not hashed", joined(&scope.not_hashed));
    let source = scope.trust.source.for_terminal();
    entry("trust", format!("{source} sha256:{}", scope.trust.digest));
    for signer in &scope.trust.signers {
        entry("", format!("`{}` {} {}", signer.attester, signer.algorithm, signer.key_id));
    }
    for identity in &scope.trust.identities {
        let (subject, issuer) = (identity.subject.for_terminal(), identity.issuer.for_terminal());
        entry("", format!("`{}` {subject} of {issuer}", identity.attester));
    }
    entry("policy", policy(&scope.policy));
    if let Some(words) = words::stages_left_out(&scope.policy) {
        entry("", words);
    }
    let clock = match scope.time_source {
        TimeSource::Clock => "by the clock of this machine",
        TimeSource::Given => "given by the caller",
    };
    entry("time", format!("{}, {clock}", words::time(scope.at)));
    if let Some(seal) = scope.seal {
        let at = words::time(seal.sealed_at);
        let newer = "whether there is a newer one elsewhere is unknown";
        entry("seal", format!("{}, made {at} as its signer says; {newer}", seal.sequence));
    }
    let list = scope.withdrawals.as_ref().map(|list| {
        let digest = list.digest.map(|digest| digest.to_string()).unwrap_or_default();
        format!("{} sha256:{digest}, the newest from {}", list.source.for_terminal(), words::time(list.newest))
    });
    entry("withdrawn", list.unwrap_or_else(|| "not looked at".to_owned()));
    if let Some(remembered) = &scope.remembered {
        entry("remembered", remembered.text().for_terminal());
    }
    let doors: Vec<Text> = scope.doors.iter().map(crate::verify::Door::flag).collect();
    entry("doors open", if doors.is_empty() { "none".to_owned() } else { joined(&doors) });
    entry("not bound", "file modes, empty folders; unsealed lines can be removed unseen".to_owned());
    page
}

fn policy(policy: &PolicyScope) -> String {
    let version = policy.version.map(|version| format!(" version {version}")).unwrap_or_default();
    let stage = policy.stage.as_ref().map(|stage| format!(" at stage {stage}")).unwrap_or_default();
    let signer = policy.signer.as_ref().map(|signer| format!(", signed by `{signer}`")).unwrap_or_default();
    let facts = policy.package_facts.map(|digest| format!(", package facts sha256:{digest}")).unwrap_or_default();
    format!("{}{version}{stage} sha256:{}{signer}{facts}", policy.name, policy.digest)
}

fn verdict(report: &Report) -> String {
    let errors = report.findings.count(Severity::Deny);
    let warnings = report.findings.count(Severity::Warn);
    let waived = match report.findings.count(Severity::Waived) {
        0 => String::new(),
        waived => format!(", {waived} waived"),
    };
    let counted = format!("{}, {}{waived}", text::count(errors, "error"), text::count(warnings, "warning"));
    match report.verdict.outcome() {
        Outcome::Passed => {
            let release = report.release.as_ref().map(ToString::to_string).unwrap_or_default();
            let source = report.scope.trust.source.for_terminal();
            format!("{}  {release} passes {} under {source}, {counted}", styled(GOOD, "PASS"), report.scope.policy.name)
        }
        Outcome::Rejected if errors == 0 => {
            format!("{}  {counted}, and --strict rejects warnings", styled(BAD, "FAIL"))
        }
        Outcome::Rejected => format!("{}  {counted}", styled(BAD, "FAIL")),
        Outcome::Incomplete => {
            let failures = text::count(report.failures.len(), "part");
            format!("{}  {failures} could not be checked, so nothing is decided", styled(BAD, "INCOMPLETE"))
        }
    }
}
