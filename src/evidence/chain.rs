//! The chain of seals (`docs/format.md`, "The seal").

use std::collections::BTreeSet;

use crate::digest::Digest;
use crate::evidence::VerifiedStatement;
use crate::finding::{Code, Finding, Findings};
use crate::intoto::predicate::Seal;
use crate::intoto::predicate::seal::{self, Member};
use crate::intoto::{Kind, Predicate};
use crate::trust::Role;

/// Returns the seal that a statement is.
pub(super) fn seal_of<'s>(statement: &'s VerifiedStatement<'_>) -> Option<&'s Seal> {
    match statement.predicate() {
        Predicate::Seal(seal) => Some(seal),
        _ => None,
    }
}

/// Says whether a member of a seal is this statement.
pub(super) fn names(member: &Member, statement: &VerifiedStatement<'_>) -> bool {
    member.payload == statement.origin().payload()
        && member.signer == statement.origin().signer()
        && Kind::from(member.predicate_type.as_str()) == statement.kind()
}

/// Returns the payloads that a judgement names, among them the seal that it judges.
pub(super) fn named_seals(judgement: &VerifiedStatement<'_>) -> BTreeSet<Digest> {
    match judgement.predicate() {
        Predicate::Approval(approval) => [approval.seal].into(),
        Predicate::Waiver(waiver) => [waiver.seal].into(),
        Predicate::VerificationSummary(summary) => summary.inputs().collect(),
        _ => BTreeSet::new(),
    }
}

/// Says why a judgement does not count, unless it names a seal of a chain after which, until it was sealed itself, nothing
/// but judgements came. So it never speaks for evidence that its signer could not have seen.
pub(super) fn lapse(judgement: &VerifiedStatement<'_>, seals: &[VerifiedStatement<'_>]) -> Option<String> {
    let named = named_seals(judgement);
    let judged = seals.iter().rev().find(|statement| named.contains(&statement.origin().payload())).and_then(seal_of);
    let mut sealing = seals.iter().filter_map(seal_of);
    let sealing = sealing.find(|seal| seal.members.iter().any(|member| names(member, judgement)));
    let (Some(judged), Some(sealing)) = (judged, sealing.or_else(|| seals.last().and_then(seal_of))) else {
        return Some("no seal of this bundle is the one that it names".to_owned());
    };
    let seen: BTreeSet<_> = judged.members.iter().collect();
    let came = sealing.members.iter().filter(|member| !seen.contains(member));
    let mut kinds = came.map(|member| Kind::from(member.predicate_type.as_str()));
    let unseen = kinds.find(|kind| !kind.is_judgement())?;
    let (named, later) = (judged.sequence, sealing.sequence);
    Some(format!("it names seal {named}, and seal {later} names a {} that its signer could not see", unseen.name()))
}

/// A statement with the seal that it is.
type Link<'s, 't> = (&'s VerifiedStatement<'t>, &'s Seal);

/// Checks a chain, sorted by sequence.
pub(super) fn check(seals: &[VerifiedStatement<'_>]) -> Findings {
    let mut findings = Findings::default();
    let links: Vec<Link<'_, '_>> =
        seals.iter().filter_map(|statement| Some((statement, seal_of(statement)?))).collect();
    if let Some((first, seal)) = links.first()
        && (seal.sequence != 1 || seal.previous.is_some())
    {
        let summary = format!("the oldest seal is number {}; the chain must start with 1", seal.sequence);
        findings.push(broken(first, summary).help("get the whole bundle again from the publisher"));
    }
    findings.extend(links.first().and_then(|first| check_sealer(None, *first)));
    for (one, next) in links.iter().zip(links.iter().skip(1)) {
        findings.extend(check_step(*one, *next));
        findings.extend(check_sealer(Some(one.1), *next));
    }
    for (statement, seal) in links {
        if seal.members.iter().any(|member| member.predicate_type == seal::TYPE) {
            findings.push(broken(statement, "the seal names a seal as member".to_owned()));
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = seal.members.iter().find(|member| !seen.insert(*member)) {
            findings.push(broken(statement, format!("the seal names the payload {} twice", twice.payload)));
        }
    }
    findings
}

/// Whoever is no releaser starts no chain, and seals judgements alone: what the release is made of is for a releaser
/// to say.
fn check_sealer(before: Option<&Seal>, (statement, seal): Link<'_, '_>) -> Option<Finding> {
    let attester = statement.origin().attester();
    if attester.roles.contains(&Role::Releaser) {
        return None;
    }
    let fault = |what: String| {
        let summary = format!("`{}` may not {what}", attester.name);
        let roles: Vec<_> = attester.roles.iter().map(Role::to_string).collect();
        let finding = Finding::deny(Code::WrongRole, statement.origin().place(), summary);
        finding.expected(format!("role {}", Role::Releaser)).found(roles.join(", "))
    };
    let Some(before) = before else { return Some(fault("make the first seal of a release".to_owned())) };
    let known: BTreeSet<_> = before.members.iter().collect();
    let new = seal.members.iter().filter(|member| !known.contains(member));
    let mut kinds = new.map(|member| Kind::from(member.predicate_type.as_str()));
    let evidence = kinds.find(|kind| !kind.is_judgement())?;
    Some(fault(format!("seal a {} that no releaser sealed", evidence.name())))
}

fn check_step((older, one): Link<'_, '_>, (newer, next): Link<'_, '_>) -> Option<Finding> {
    if one.sequence == next.sequence {
        let summary =
            format!("lines {} and {} are both seal {}", older.origin().line(), newer.origin().line(), one.sequence);
        return Some(
            Finding::deny(Code::SealForked, newer.origin().place(), summary)
                .help("the releaser must say which seal holds and publish a bundle with that one alone"),
        );
    }
    if one.sequence.checked_add(1) != Some(next.sequence) {
        let summary = format!("seal {} follows seal {}: seals are missing between them", next.sequence, one.sequence);
        return Some(broken(newer, summary).help("get the whole bundle again from the publisher"));
    }
    if next.previous != Some(older.origin().payload()) {
        let summary = format!("seal {} does not continue seal {}", next.sequence, one.sequence);
        let previous = next.previous.map_or_else(|| "none".to_owned(), |digest| digest.to_string());
        return Some(broken(newer, summary).expected(older.origin().payload().to_string()).found(previous));
    }
    if one.release != next.release || one.model != next.model {
        let summary =
            format!("seal {} is of {}, seal {} of {}", one.sequence, one.release, next.sequence, next.release);
        return Some(broken(newer, format!("release and model never change in a chain: {summary}")));
    }
    let kept: BTreeSet<_> = next.members.iter().collect();
    let dropped = one.members.iter().find(|member| !kept.contains(member))?;
    let summary = format!("seal {} leaves out a member of seal {}", next.sequence, one.sequence);
    let finding = Finding::deny(Code::MemberDropped, newer.origin().place(), summary);
    Some(finding.expected(format!("{} with payload {}", dropped.predicate_type, dropped.payload)))
}

fn broken(statement: &VerifiedStatement<'_>, summary: String) -> Finding {
    Finding::deny(Code::SealBroken, statement.origin().place(), summary)
}
