//! Whether something newer was seen before.

use crate::evidence::{Evidence, Withdrawals};
use crate::finding::{Code, Finding, Place};
use crate::intoto::Predicate;
use crate::intoto::predicate::seal::Release;
use crate::policy::Policy;
use crate::state::{SeenPolicy, SeenRelease, SeenWithdrawals, State};

/// What there is to remember of a release.
pub(super) fn seen(evidence: &Evidence<'_>) -> Option<(Release, SeenRelease)> {
    let first = evidence.seals().first()?;
    let Predicate::Seal(oldest) = first.predicate() else { return None };
    let newest = evidence.seal()?;
    let seal = evidence.seals().last()?.origin().payload();
    let version = newest.release.version.clone();
    let seen = SeenRelease { version, sequence: newest.sequence, seal, released_at: oldest.sealed_at };
    Some((newest.release.clone(), seen))
}

/// Compares a release with what is remembered of its name.
pub(super) fn check(evidence: &Evidence<'_>, state: &State) -> Option<Finding> {
    let (release, found) = seen(evidence)?;
    let kept = state.releases.get(&release.name)?;
    let newest = format!("{} {}, seal {}", release.name, kept.version, kept.sequence);
    if kept.is_newer_than(&found) {
        let finding = Finding::deny(Code::Rollback, Place::Bundle, "a newer release was seen before");
        let finding =
            finding.expected(format!("{newest} or newer")).found(format!("{release}, seal {}", found.sequence));
        return Some(finding.help("get the newest bundle; this one is out of date, or was cut"));
    }
    if kept.is_spelled_differently(&found) {
        let summary = "a release with the same version, spelled differently, was seen before";
        let finding = Finding::deny(Code::Rollback, Place::Bundle, summary).expected(newest).found(release.to_string());
        return Some(finding.help("get the bundle of the release that was seen; one version has one spelling"));
    }
    let continues = || evidence.seals().iter().any(|seal| seal.origin().payload() == kept.seal);
    if kept.version == found.version && !continues() {
        let summary = "the seals of this release do not continue the one that was seen before";
        let finding = Finding::deny(Code::SealForked, Place::Bundle, summary);
        let finding = finding.expected(format!("a chain with the seal {}", kept.seal)).found(found.seal.to_string());
        return Some(finding.help("the releaser must say which of the two chains holds"));
    }
    None
}

/// What there is to remember of a policy: its version, if it states one.
pub(super) fn seen_policy(policy: &Policy) -> Option<(String, SeenPolicy)> {
    let seen = SeenPolicy { version: policy.version()?, digest: policy.digest() };
    Some((policy.name().to_owned(), seen))
}

/// Compares a policy with what is remembered of its name: no older version, and none without a version.
pub(super) fn check_policy(policy: &Policy, state: &State) -> Option<Finding> {
    let kept = state.policies.get(policy.name())?;
    let shown = |version: Option<u64>| version.map_or_else(|| "no version".to_owned(), |one| format!("version {one}"));
    let found = policy.version();
    if found > Some(kept.version) || found == Some(kept.version) && policy.digest() == kept.digest {
        return None;
    }
    let summary = match found {
        Some(version) if version == kept.version => "the policy was changed and its version was not",
        _ => "a newer version of this policy was applied before",
    };
    Some(
        Finding::deny(Code::PolicyRollback, Place::Bundle, summary)
            .expected(format!("{} with the SHA-256 {}, or newer", shown(Some(kept.version)), kept.digest))
            .found(format!("{} with the SHA-256 {}", shown(found), policy.digest()))
            .help("get the newest policy; whoever changes it gives it a higher version"),
    )
}

/// What there is to remember of a list of withdrawals.
pub(super) fn seen_withdrawals(withdrawals: &Withdrawals<'_>) -> Option<SeenWithdrawals> {
    let (origin, newest) = withdrawals.newest()?;
    Some(SeenWithdrawals { sequence: newest.sequence, payload: origin.payload() })
}

/// A list of withdrawals must continue the one that is remembered.
pub(super) fn check_withdrawals(withdrawals: &Withdrawals<'_>, state: &State) -> Option<Finding> {
    let kept = state.withdrawals.as_ref()?;
    let known = withdrawals.iter().any(|(origin, _)| origin.payload() == kept.payload);
    (!known).then(|| {
        let summary = "a longer list of withdrawals was seen before";
        Finding::deny(Code::WithdrawalsBroken, Place::Bundle, summary)
            .expected(format!("withdrawal {} with the payload {}", kept.sequence, kept.payload))
            .help("get the newest list from its keeper")
    })
}
