//! Who must act: whoever has the role for it in the trust file, which no fix changes.

use std::collections::BTreeSet;

use crate::digest::Digest;
use crate::finding::{Cause, Code, Finding, Place};
use crate::sigstore::Identity;
use crate::trust::Role;
use crate::verify::derivation::Step;
use crate::verify::fix::{Act, PROVE, Party};
use crate::verify::{Report, TrustedIdentity};

impl Report {
    /// Finds who must do what mends a finding.
    pub(super) fn party(&self, finding: &Finding, act: &Act, step: Option<&Step>) -> Party {
        match act {
            Act::CloseDoor(_)
            | Act::Correct(_)
            | Act::RemoveFile(..)
            | Act::RenameFile(..)
            | Act::GetTree(_)
            | Act::RestoreFile(..)
            | Act::GetNewestBundle
            | Act::GetBundle(_) => Party::Caller,
            Act::GetWithdrawals => Party::WithdrawalsKeeper,
            // One key signs all that `bundle create` makes, and it scans.
            Act::MakeRelease if finding.cause == Some(Cause::NoScanner) => {
                let all = [Role::Builder, Role::Releaser, Role::Scanner];
                self.attesters_who(&[], &all, |of| all.iter().all(|role| of.contains(role)))
            }
            // One key signs what `bundle create` makes, and seals it.
            Act::MakeRelease if finding.code == Code::Unsealed && self.is_sealed_without_role() => {
                let all = [Role::Builder, Role::Releaser];
                self.attesters_who(&[], &all, |of| all.iter().all(|role| of.contains(role)))
            }
            Act::MakeRelease => self.makers(finding.code),
            Act::Promote(_) => self.attesters(&[Role::Promoter]),
            Act::Seal(_) => self.attesters(&[Role::Releaser]),
            Act::Sign { .. } => self.signers(finding.code, step),
            Act::SignApart { role, .. } => self.attesters(&[*role]),
            Act::Settle(PROVE) => Party::PolicyKeeper,
            Act::Settle(_) => match finding.code {
                Code::ConditionFailed | Code::PolicyRollback => Party::PolicyKeeper,
                Code::SealForked => self.attesters(&[Role::Releaser]),
                Code::TimeInFuture => self.signer(&finding.place),
                _ => Party::Publisher,
            },
        }
    }

    /// Finds who can make a release: of those whose keys were withdrawn, whoever has another key.
    fn makers(&self, code: Code) -> Party {
        let struck = self.findings.iter().filter(|one| one.code == Code::Withdrawn && code == Code::Withdrawn);
        let struck: Vec<_> = struck.map(|one| &one.place).collect();
        let traces = &self.derivation.statements;
        let keys = traces.iter().filter(|trace| struck.contains(&&Place::Line(trace.line))).map(|trace| trace.key);
        let keys: Vec<_> = keys.collect();
        self.attesters_without(&keys, &[Role::Builder, Role::Releaser])
    }

    fn attesters(&self, roles: &[Role]) -> Party {
        self.attesters_without(&[], roles)
    }

    /// Finds who has one of these roles, and a key that is none of these.
    fn attesters_without(&self, keys: &[Digest], roles: &[Role]) -> Party {
        self.attesters_who(keys, roles, |of| roles.iter().any(|role| of.contains(role)))
    }

    /// Finds those whose roles fit, and who have a key that is none of these; whoever signs with certificates gets others.
    fn attesters_who(&self, keys: &[Digest], roles: &[Role], fit: impl Fn(&BTreeSet<Role>) -> bool) -> Party {
        let trust = &self.scope.trust;
        let signers = trust.signers.iter().filter(|signer| !keys.contains(&signer.fingerprint));
        let signers = signers.map(|signer| (&signer.attester, &signer.roles));
        let withdrawn =
            |one: &&TrustedIdentity| keys.contains(&Identity::fingerprint(one.subject.raw(), one.issuer.raw()));
        let identities = trust.identities.iter().filter(|one| !withdrawn(one));
        let able = signers.chain(identities.map(|one| (&one.attester, &one.roles)));
        let mut names: Vec<String> = Vec::new();
        for (name, _) in able.filter(|(_, of)| fit(of)) {
            // An attester may have keys and identities.
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        Party::Attesters(roles.to_vec(), names)
    }

    /// Finds who can sign what a rule demands. Where others are demanded, whoever signed already can't.
    fn signers(&self, code: Code, step: Option<&Step>) -> Party {
        let Some(step) = step else { return Party::Publisher };
        let others = step.distinct && matches!(code, Code::TooFewAttesters | Code::DutiesNotSeparated);
        let signed = self.derivation.statements.iter().filter(|trace| step.lines.contains(&trace.line));
        let signed: Vec<_> = signed.map(|trace| trace.attester.to_string()).collect();
        match self.attesters(&step.roles) {
            Party::Attesters(roles, mut names) => {
                names.retain(|name| !(others && signed.contains(name)));
                Party::Attesters(roles, names)
            }
            party => party,
        }
    }

    fn signer(&self, place: &Place) -> Party {
        let of = |line: usize| self.derivation.statements.iter().find(|trace| trace.line == line);
        let trace = if let Place::Line(line) = place { of(*line) } else { None };
        trace.map_or(Party::Publisher, |trace| Party::Attesters(Vec::new(), vec![trace.attester.to_string()]))
    }
}
