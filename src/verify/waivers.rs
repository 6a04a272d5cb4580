//! Waivers: the one place where a denial is taken away.
//!
//! Only findings of the policy come here, and of these only the codes of [`Code::is_waivable`]. A waived
//! finding stays in the report with its owner, reason and end.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::digest::Digest;
use crate::evidence::{Evidence, MatchedStatement};
use crate::finding::{Code, Finding, Place, WaivedBy};
use crate::intoto::predicate::{Seal, Waiver};
use crate::policy::{Policy, Voidness};

/// What mends a waiver of a line that its signer could not see.
const AGAIN: &str = "once a seal names the line, whoever answers for it waives it again";

/// The waivers that hold at the time of a check.
pub(super) struct Waivers<'e, 't> {
    holding: Vec<Holding<'e, 't>>,
    evidence: &'e Evidence<'t>,
}

/// A waiver with the seal that its signer saw.
struct Holding<'e, 't> {
    statement: &'e MatchedStatement<'t>,
    waiver: &'e Waiver,
    seen: &'e Seal,
}

impl<'e, 't> Waivers<'e, 't> {
    /// Finds the waivers that hold, and says of the others why they don't.
    pub(super) fn of(evidence: &'e Evidence<'t>, policy: &Policy, at: DateTime<Utc>) -> (Self, Vec<Finding>) {
        let mut holding = Vec::new();
        let mut findings = Vec::new();
        for (statement, waiver) in evidence.waivers() {
            if let Some(voidness) = policy.waivable().voidness(waiver) {
                findings.push(void(statement, &voidness));
            } else if at >= waiver.expires_at {
                findings.push(expired(statement, waiver, at));
            } else {
                match seen(evidence, statement, waiver) {
                    Ok(seen) => holding.push(Holding { statement, waiver, seen }),
                    Err(voidness) => findings.push(void(statement, &voidness)),
                }
            }
        }
        (Self { holding, evidence }, findings)
    }

    /// Takes the denial of a finding of a rule away, if a waiver covers it.
    pub(super) fn apply(&self, rule: &str, finding: Finding) -> Finding {
        if !finding.denies() || !finding.code.is_waivable() {
            return finding;
        }
        let Some(holding) = self.holding.iter().find(|holding| self.covers(holding, rule, &finding)) else {
            return finding;
        };
        finding.waive(WaivedBy {
            attester: holding.statement.origin().attester().name.clone(),
            owner: holding.waiver.owner.as_str().into(),
            reason: holding.waiver.reason.as_str().into(),
            until: holding.waiver.expires_at,
        })
    }

    /// Says which waivers cover nothing of what the rules found, because their signers could not see the line that is
    /// denied.
    pub(super) fn unseeing(&self, found: &[(&str, &Finding)]) -> Vec<Finding> {
        let blind = |holding: &Holding<'_, '_>| {
            if found.iter().any(|(rule, finding)| self.covers(holding, rule, finding)) {
                return None;
            }
            let meant = |(rule, finding): &&(&str, &Finding)| finding.denies() && holding.means(rule, finding);
            let line = found.iter().filter(meant).find_map(|(_, finding)| match finding.place {
                Place::Line(number) if holding.waiver.about.is_none() => Some(number),
                _ => None,
            })?;
            let (code, sequence) = (&holding.waiver.code, holding.seen.sequence);
            let reason = format!(
                "the waiver of `{code}` names seal {sequence}, which does not list line {line}, so it waives nothing there"
            );
            Some(void(holding.statement, &Voidness { reason, hint: AGAIN.to_owned() }))
        };
        self.holding.iter().filter_map(blind).collect()
    }

    /// A waiver covers what its signer could see: lines that the seal named, and what is in no line.
    fn covers(&self, holding: &Holding<'_, '_>, rule: &str, finding: &Finding) -> bool {
        if !holding.means(rule, finding) {
            return false;
        }
        let line = match &finding.place {
            Place::Line(number) => Some(self.payload(*number)),
            Place::Bundle | Place::File { .. } | Place::Signature | Place::Tree(_) => None,
        };
        let seen = |payload: Digest| holding.seen.members.iter().any(|member| member.payload == payload);
        match (line, holding.waiver.about) {
            (Some(payload), Some(about)) => payload == Some(about) && seen(about),
            (Some(payload), None) => payload.is_some_and(seen),
            (None, Some(_)) => false,
            (None, None) => true,
        }
    }

    fn payload(&self, line: usize) -> Option<Digest> {
        let mut lines = self.evidence.counted().chain(self.evidence.unsealed());
        lines.find(|statement| statement.origin().line() == line).map(|statement| statement.origin().payload())
    }
}

impl Holding<'_, '_> {
    /// Says whether a finding of a rule is of the code and the rule that are waived, wherever it is.
    fn means(&self, rule: &str, finding: &Finding) -> bool {
        let of_rule = self.waiver.rule.as_deref().is_none_or(|one| one == rule);
        self.waiver.code == finding.code.as_str() && of_rule
    }
}

/// Returns the seal that the signer of a waiver saw, or says why the waiver is of nothing in it.
fn seen<'e, 't>(
    evidence: &'e Evidence<'t>,
    statement: &MatchedStatement<'t>,
    waiver: &Waiver,
) -> Result<&'e Seal, Voidness> {
    let void = |reason: String| Voidness { reason, hint: AGAIN.to_owned() };
    let named = evidence.seal_named_by(statement).map(|(_, seal)| seal);
    let seal = named.ok_or_else(|| void("no seal of this bundle is the one that the waiver names".to_owned()))?;
    let lists = |about: &Digest| seal.members.iter().any(|member| member.payload == *about);
    match waiver.about.filter(|about| !lists(about)) {
        Some(about) => {
            let of = format!("the waiver is of a line with the payload {about}");
            Err(void(format!("{of}, which seal {} that it names does not list, so it waives nothing", seal.sequence)))
        }
        None => Ok(seal),
    }
}

fn expired(statement: &MatchedStatement<'_>, waiver: &Waiver, at: DateTime<Utc>) -> Finding {
    let shown = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let summary = format!("the waiver of `{}` by `{}` has expired", waiver.code, waiver.owner);
    Finding::warn(Code::WaiverExpired, statement.origin().place(), summary)
        .expected(format!("before {}", shown(waiver.expires_at)))
        .found(shown(at))
        .help("the fault must be mended now, or its owner must answer for it anew")
}

fn void(statement: &MatchedStatement<'_>, voidness: &Voidness) -> Finding {
    Finding::warn(Code::WaiverVoid, statement.origin().place(), voidness.reason.as_str()).help(voidness.hint.as_str())
}
