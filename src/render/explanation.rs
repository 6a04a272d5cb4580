//! Why a verdict is as it is, for people: demands, statements, keys, time, and what must be done.

use chrono::{DateTime, Utc};

use crate::render::style::{BAD, DOUBTFUL, GOOD, STRONG, styled};
use crate::render::words;
use crate::text::for_terminal;
use crate::verify::{Counts, Report, Status, Step, TimeSource, Trace, TrustedSigner};

/// How many of a list are shown; `--format json` has them all.
const SHOWN: usize = 50;

/// Writes the derivation of a verdict and the fixes.
pub(super) fn explanation(report: &Report) -> String {
    let mut page = format!("\n{}\n", styled(STRONG, "why"));
    let width = report.derivation.steps.iter().map(|step| step.name.raw().chars().count()).max().unwrap_or_default();
    for step in &report.derivation.steps {
        page += &demand(step, width);
    }
    page.extend([format!("\n{}\n", styled(STRONG, "statements"))]);
    page += &listed(&report.derivation.statements, |_, trace| statement(trace));
    page.extend([format!("\n{}\n", styled(STRONG, "keys"))]);
    page += &listed(&report.scope.trust.signers, |_, signer| key(signer));
    page += &time(report);
    let fixes = report.fixes();
    if fixes.is_empty() {
        return page;
    }
    page.extend([format!("\n{}\n", styled(STRONG, "what must be done"))]);
    let findings: Vec<_> = report.findings.iter().collect();
    page + &listed(&fixes, |number, fix| {
        let mut codes: Vec<_> = fix.findings.iter().filter_map(|index| findings.get(*index)).collect();
        codes.dedup_by_key(|finding| finding.code);
        let codes: Vec<_> = codes.iter().map(|finding| finding.code.as_str()).collect();
        let (act, who) = (fix.act.text().for_terminal(), fix.who.text().for_terminal());
        let mut commands = String::new();
        for command in fix.commands(report) {
            commands.extend(["      $    ", &for_terminal(&command), "\n"]);
        }
        format!("  {number:>2}  {act}\n      who  {who}\n      for  {}\n{commands}", codes.join(", "))
    })
}

/// Writes the first entries of a list, numbered from 1, and says how many there are more.
fn listed<T>(all: &[T], write: impl Fn(usize, &T) -> String) -> String {
    let mut page: String = all.iter().take(SHOWN).enumerate().map(|(index, one)| write(index + 1, one)).collect();
    if all.is_empty() {
        page += "  none\n";
    } else if all.len() > SHOWN {
        page.extend([format!("  ... and {} more\n", all.len() - SHOWN)]);
    }
    page
}

fn demand(step: &Step, width: usize) -> String {
    let word = format!("{:<7}", words::status(step.status));
    let word = match step.status {
        Status::Met => styled(GOOD, &word),
        Status::Denied | Status::Missing => styled(BAD, &word),
        Status::Undecided => styled(DOUBTFUL, &word),
    };
    let name = step.name.for_terminal();
    let origin = step.origin.as_ref().map(|origin| format!(" ({origin})")).unwrap_or_default();
    let lines: Vec<_> = step.lines.iter().map(ToString::to_string).collect();
    let lines = if lines.is_empty() { String::new() } else { format!(", by lines {}", ranges(&step.lines)) };
    format!("  {word}  {name:width$}  {}{origin}{lines}\n", step.demand.for_terminal())
}

/// Writes numbers that rise, with ranges: `1-3, 5`.
fn ranges(numbers: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => runs.push((*number, *number)),
        }
    }
    let shown =
        runs.iter().map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") });
    shown.collect::<Vec<_>>().join(", ")
}

fn statement(trace: &Trace) -> String {
    let counts = match trace.counts {
        Counts::Judgement => "counts, judges the newest seal",
        Counts::Member => "counts, named by the newest seal",
        Counts::Nothing => "does not count",
        Counts::Seal => "a seal of the chain",
    };
    let kind = for_terminal(trace.kind.name());
    let claimed = trace.claimed.map_or_else(|| "claims no time".to_owned(), |at| format!("claims {}", words::time(at)));
    let (line, attester) = (trace.line, &trace.attester);
    format!(
        "  line {line:>3}  {kind:<20}  {counts}\n            by `{attester}`, {claimed}\n            key {}\n            payload sha256:{}\n",
        trace.key, trace.payload
    )
}

fn key(signer: &TrustedSigner) -> String {
    let roles: Vec<_> = signer.roles.iter().map(ToString::to_string).collect();
    let at = |time: Option<DateTime<Utc>>| time.map(words::time);
    let window = match (at(signer.valid_from), at(signer.valid_until)) {
        (None, None) => "at all times".to_owned(),
        (Some(from), None) => format!("from {from}"),
        (None, Some(until)) => format!("until {until}"),
        (Some(from), Some(until)) => format!("from {from} until {until}"),
    };
    let (attester, algorithm) = (&signer.attester, signer.algorithm);
    format!("  `{attester}` {algorithm}, {}, counts {window}\n      key {}\n", roles.join(", "), signer.fingerprint)
}

fn time(report: &Report) -> String {
    let source = match report.scope.time_source {
        TimeSource::Clock => "by the clock of this machine",
        TimeSource::Given => "given by the caller",
    };
    let at = words::time(report.scope.at);
    let trust = report.scope.trust.source.for_terminal();
    format!(
        "  from {trust} sha256:{}\n\n{}\n  {at}, {source}; no line proves another time, so keys had to count then\n",
        report.scope.trust.digest,
        styled(STRONG, "time")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_ranges() {
        assert_eq!(ranges(&[1, 2, 3, 5, 7, 8]), "1-3, 5, 7-8");
        assert_eq!(ranges(&[]), "");
    }
}
