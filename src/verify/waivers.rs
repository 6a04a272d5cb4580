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
            } else if let Some((_, seen)) = evidence.seal_named_by(statement) {
                holding.push(Holding { statement, waiver, seen });
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

    /// A waiver covers what its signer could see: lines that the seal named, and what is in no line.
    fn covers(&self, holding: &Holding<'_, '_>, rule: &str, finding: &Finding) -> bool {
        let of_rule = holding.waiver.rule.as_deref().is_none_or(|one| one == rule);
        if holding.waiver.code != finding.code.as_str() || !of_rule {
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
