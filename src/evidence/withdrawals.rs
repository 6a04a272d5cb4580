//! Withdrawals: a list of its own, which is whole or worth nothing.

use chrono::{DateTime, Duration, SecondsFormat, Utc};

use crate::bundle::UnverifiedBundle;
use crate::digest::Digest;
use crate::evidence::{Origin, VerifiedStatement, authenticate, read};
use crate::finding::{Code, Finding, Findings, Place};
use crate::intoto::Predicate;
use crate::intoto::predicate::Withdrawal;
use crate::trust::TrustRoot;

/// A list of withdrawals, each signed by a trusted withdrawer and continuing the one before; never empty.
#[derive(Debug)]
pub struct Withdrawals<'t> {
    statements: Vec<VerifiedStatement<'t>>,
    digest: Option<Digest>,
}

impl<'t> Withdrawals<'t> {
    /// Returns the withdrawals, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (&Origin<'t>, &Withdrawal)> {
        self.statements.iter().filter_map(|statement| Some((statement.origin(), withdrawal_of(statement)?)))
    }

    /// Returns the newest.
    pub fn newest(&self) -> Option<(&Origin<'t>, &Withdrawal)> {
        self.statements.last().and_then(|statement| Some((statement.origin(), withdrawal_of(statement)?)))
    }

    /// Returns the SHA-256 of the file.
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }
}

fn withdrawal_of<'s>(statement: &'s VerifiedStatement<'_>) -> Option<&'s Withdrawal> {
    match statement.predicate() {
        Predicate::Withdrawal(withdrawal) => Some(withdrawal),
        _ => None,
    }
}

/// Reads a list of withdrawals. Whatever is wrong with it denies: nobody can say what it leaves out.
pub fn withdrawals(
    list: UnverifiedBundle,
    trust: &TrustRoot,
    at: DateTime<Utc>,
    max_age: Option<Duration>,
) -> (Option<Withdrawals<'_>>, Findings) {
    let mut findings = Findings::default();
    let digest = list.digest();
    let (authenticated, refused) = authenticate(list, trust, at);
    findings.extend(refused.iter().map(|finding| broken(finding.summary.raw())));
    let (mut statements, faults) = read(authenticated);
    findings.extend(faults.iter().map(|fault| broken(fault.finding.summary.raw())));
    statements.sort_by_key(|statement| withdrawal_of(statement).map(|withdrawal| withdrawal.sequence));
    let mut before = (0, None);
    for statement in &statements {
        match check(statement, before, at) {
            Ok(withdrawal) => before = (withdrawal.sequence, Some(statement.origin().payload())),
            Err(summary) => findings.push(broken(summary)),
        }
    }
    if statements.is_empty() && !findings.deny() {
        findings.push(broken("the list of withdrawals has no line"));
    }
    findings.extend(statements.last().and_then(withdrawal_of).and_then(|newest| stale(newest, at, max_age)));
    let whole = (!findings.deny()).then_some(Withdrawals { statements, digest });
    (whole, findings)
}

/// Each withdrawal is from its role, about what it withdraws, and continues the one before.
fn check<'s>(
    statement: &'s VerifiedStatement<'_>,
    (sequence, previous): (u64, Option<Digest>),
    at: DateTime<Utc>,
) -> Result<&'s Withdrawal, String> {
    let line = statement.origin().line();
    let Some(withdrawal) = withdrawal_of(statement) else {
        return Err(format!("line {line} of the list is a {}", statement.kind().name()));
    };
    if !statement.has_role() {
        return Err(format!("`{}` may not withdraw anything", statement.origin().attester().name));
    }
    let subject = withdrawal.withdrawn.subject();
    if !matches!(statement.subjects(), [only] if only.sha256 == subject.sha256) {
        return Err(format!("line {line} of the list is about something else than it withdraws"));
    }
    if sequence.checked_add(1) != Some(withdrawal.sequence) || withdrawal.previous != previous {
        return Err(format!("withdrawal {} does not continue withdrawal {sequence}", withdrawal.sequence));
    }
    if withdrawal.withdrawn_at > at {
        return Err(format!("withdrawal {} claims a time that is still to come", withdrawal.sequence));
    }
    Ok(withdrawal)
}

fn stale(newest: &Withdrawal, at: DateTime<Utc>, max_age: Option<Duration>) -> Option<Finding> {
    let since = newest.withdrawn_at;
    let limit = since.checked_add_signed(max_age?)?;
    let shown = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    (at > limit).then(|| {
        Finding::deny(Code::WithdrawalsStale, Place::Bundle, "the list of withdrawals is too old to rely on")
            .expected(format!("a line from after {}", shown(at - (limit - since))))
            .found(format!("the newest is from {}", shown(since)))
            .help(
                "get the newest list; if it is this one, its keeper adds a line: `assaymark bundle withdraw --nothing`",
            )
    })
}

fn broken(summary: impl Into<String>) -> Finding {
    let summary = format!("the list of withdrawals is not whole: {}", summary.into());
    Finding::deny(Code::WithdrawalsBroken, Place::Bundle, summary)
        .help("get the list again from its keeper; without it nobody can say what is withdrawn")
}
