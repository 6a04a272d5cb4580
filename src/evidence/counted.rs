//! The proof itself: what counts, and what may only speak against it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::evidence::chain::{self, seal_of};
use crate::evidence::{MatchedStatement, VerifiedStatement, complete, links};
use crate::file_list::Entry;
use crate::finding::{Finding, Severity};
use crate::intoto::predicate::{Approval, Provenance, Seal, VerificationSummary, Waiver};
use crate::intoto::{Kind, Predicate};
use crate::name::Name;

/// A complete set of evidence: sealed by an unbroken chain, every member present, authenticated, from its
/// role, about the model at hand, and in agreement with the others.
///
/// What counts is a member of the newest seal, or an approval, a waiver or a verification summary that names
/// a seal of the chain after which nothing else came.
#[derive(Debug)]
pub struct Evidence<'t> {
    pub(super) seals: Vec<MatchedStatement<'t>>,
    pub(super) members: Vec<MatchedStatement<'t>>,
    pub(super) judgements: Vec<MatchedStatement<'t>>,
    pub(super) unsealed: Vec<MatchedStatement<'t>>,
}

impl<'t> Evidence<'t> {
    /// Returns the newest seal.
    pub fn seal(&self) -> Option<&Seal> {
        self.seals.last().and_then(|statement| seal_of(statement))
    }

    /// Returns the seals, oldest first.
    pub fn seals(&self) -> &[MatchedStatement<'t>] {
        &self.seals
    }

    /// Returns the members of the newest seal.
    pub fn members(&self) -> &[MatchedStatement<'t>] {
        &self.members
    }

    /// Returns everything that counts, seals excepted: members, and judgements of the newest seal.
    pub fn counted(&self) -> impl Iterator<Item = &MatchedStatement<'t>> {
        self.members.iter().chain(&self.judgements)
    }

    /// Returns the lines from their roles about this model that do not count.
    ///
    /// They never satisfy a demand. What they say against the release may deny it.
    pub fn unsealed(&self) -> &[MatchedStatement<'t>] {
        &self.unsealed
    }

    /// Returns the judgements of the newest seal that it can't name yet.
    pub fn judgements(&self) -> &[MatchedStatement<'t>] {
        &self.judgements
    }

    /// Returns the lines that would count if the next seal named them.
    pub fn sealable(&self) -> impl Iterator<Item = &MatchedStatement<'t>> {
        self.unsealed.iter().filter(|statement| !statement.kind().is_judgement())
    }

    /// Says what would deny if the next seal named every line that it can: where one contradicts those that are sealed,
    /// or another one. A seal of such a line would spoil the bundle.
    pub fn faults_if_sealed(&self, at: DateTime<Utc>) -> Vec<Finding> {
        let (Some(seal), Some(_)) = (self.seal(), self.sealable().next()) else { return Vec::new() };
        let all: Vec<&VerifiedStatement<'_>> = self.members.iter().chain(self.sealable()).map(|one| &**one).collect();
        let mut findings = links::check(&all, seal);
        for line in self.sealable() {
            findings.extend(complete::exempts_others(line));
            findings.extend(complete::is_to_come(line, at));
        }
        findings.iter().filter(|finding| finding.severity == Severity::Deny).cloned().collect()
    }

    /// Returns what counts of one type.
    pub fn of_kind(&self, kind: &Kind) -> impl Iterator<Item = &MatchedStatement<'t>> {
        self.counted().filter(move |statement| statement.kind() == *kind)
    }

    /// Returns who signed what counts of one type. Two keys of one attester are one.
    pub fn attesters_of(&self, kind: &Kind) -> BTreeSet<&'t Name> {
        self.of_kind(kind).map(|statement| &statement.origin().attester().name).collect()
    }

    /// Returns the provenances.
    pub fn provenances(&self) -> impl Iterator<Item = &Provenance> {
        self.members.iter().filter_map(|member| match member.predicate() {
            Predicate::Provenance(provenance) => Some(&**provenance),
            _ => None,
        })
    }

    /// Returns the files of the model, as its signature lists them.
    pub fn model_files(&self) -> impl Iterator<Item = &Entry> {
        let signed = self.members.iter().filter_map(|member| match member.predicate() {
            Predicate::ModelSignature(signature) => Some(&signature.resources),
            _ => None,
        });
        signed.flatten()
    }

    /// Returns the approvals.
    pub fn approvals(&self) -> impl Iterator<Item = (&MatchedStatement<'t>, &Approval)> {
        self.counted().filter_map(|statement| match statement.predicate() {
            Predicate::Approval(approval) => Some((statement, approval)),
            _ => None,
        })
    }

    /// Returns the waivers, expired or not.
    pub fn waivers(&self) -> impl Iterator<Item = (&MatchedStatement<'t>, &Waiver)> {
        self.counted().filter_map(|statement| match statement.predicate() {
            Predicate::Waiver(waiver) => Some((statement, &**waiver)),
            _ => None,
        })
    }

    /// Returns the verification summaries.
    pub fn summaries(&self) -> impl Iterator<Item = (&MatchedStatement<'t>, &VerificationSummary)> {
        self.counted().filter_map(|statement| match statement.predicate() {
            Predicate::VerificationSummary(summary) => Some((statement, &**summary)),
            _ => None,
        })
    }

    /// Returns the newest seal that a judgement names, with its statement.
    pub fn seal_named_by(&self, judgement: &MatchedStatement<'t>) -> Option<(&MatchedStatement<'t>, &Seal)> {
        let named = chain::named_seals(judgement);
        let mut seals = self.seals.iter().rev().filter(|seal| named.contains(&seal.origin().payload()));
        seals.next().and_then(|statement| Some((statement, seal_of(statement)?)))
    }
}
