//! Whether anything that a release rests on was withdrawn.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::digest::{ArtifactDigest, Digest};
use crate::evidence::{Evidence, Origin, Withdrawals};
use crate::finding::{Code, Finding, Place, Tree};
use crate::intoto::predicate::withdrawal::Withdrawn;
use crate::intoto::predicate::{Provenance, Withdrawal};
use crate::policy::Demotion;
use crate::reference::Reference;

/// Returns a denial for each withdrawal that strikes the release, its data, its base models or its signers.
pub(super) fn check(evidence: &Evidence<'_>, withdrawals: &Withdrawals<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (origin, withdrawal) in withdrawals.iter() {
        let struck = struck(evidence, &withdrawal.withdrawn);
        findings.extend(struck.into_iter().map(|(place, what)| finding(place, &what, origin, withdrawal)));
    }
    findings
}

fn struck(evidence: &Evidence<'_>, withdrawn: &Withdrawn) -> Vec<(Place, String)> {
    let Some(seal) = evidence.seal() else { return Vec::new() };
    match withdrawn {
        Withdrawn::Model { digest } => {
            let own = (seal.model.digest() == *digest).then(|| (Place::Tree(Tree::Model), "the model".to_owned()));
            let bases = parts(evidence, *digest).into_iter().filter_map(|part| match part {
                Reference::Base(name) => Some((Place::Bundle, format!("the base model `{name}`"))),
                Reference::Code | Reference::Dataset(_) => None,
            });
            own.into_iter().chain(bases).collect()
        }
        Withdrawn::Dataset { digest } => {
            let datasets = parts(evidence, *digest).into_iter().filter_map(|part| match part {
                Reference::Dataset(name) => {
                    Some((Place::Tree(Tree::Dataset(name.clone())), format!("the dataset `{name}`")))
                }
                Reference::Base(_) | Reference::Code => None,
            });
            datasets.collect()
        }
        // Whoever took a key may have used it before it was known: the window and a proven time excuse nothing.
        Withdrawn::Key { fingerprint, .. } => signed_by(evidence, *fingerprint),
        Withdrawn::Release { name, version } => {
            let is = seal.release.name == *name && version.as_ref().is_none_or(|one| seal.release.version == *one);
            is.then(|| (Place::Bundle, format!("the release {}", seal.release))).into_iter().collect()
        }
        // It says nothing against the release, but that a promotion does not count: see `demotions`.
        Withdrawn::Stage { .. } | Withdrawn::Nothing {} => Vec::new(),
    }
}

/// Returns the stages that releases were taken out of.
pub(super) fn demotions(withdrawals: &Withdrawals<'_>) -> Vec<Demotion> {
    let demotion = |(origin, withdrawal): (Origin<'_>, &Withdrawal)| match &withdrawal.withdrawn {
        Withdrawn::Stage { name, version, stage } => Some(Demotion {
            name: name.clone(),
            version: version.clone(),
            stage: stage.clone(),
            at: withdrawal.withdrawn_at,
            by: origin.attester().name.clone(),
            reason: withdrawal.reason.clone(),
        }),
        _ => None,
    };
    withdrawals.iter().filter_map(demotion).collect()
}

fn parts(evidence: &Evidence<'_>, digest: ArtifactDigest) -> BTreeSet<Reference> {
    let references = evidence.provenances().flat_map(Provenance::references);
    let same = references.filter(|(_, dependency)| dependency.artifact_digest() == Some(digest));
    same.map(|(reference, _)| reference).collect()
}

fn signed_by(evidence: &Evidence<'_>, key: Digest) -> Vec<(Place, String)> {
    let lines = evidence.counted().chain(evidence.seals());
    let signed = lines.map(|line| line.origin()).filter(|origin| origin.signer() == key);
    signed.map(|origin| (origin.place(), format!("a key of `{}`", origin.attester().name))).collect()
}

fn finding(place: Place, what: &str, origin: Origin<'_>, withdrawal: &Withdrawal) -> Finding {
    let shown = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let by = &origin.attester().name;
    Finding::deny(Code::Withdrawn, place, format!("{what} was withdrawn: {}", withdrawal.reason))
        .found(format!("withdrawal {} by `{by}`, {}", withdrawal.sequence, shown(withdrawal.withdrawn_at)))
        .help("do not use the release; its publisher must make one that does not rest on what was withdrawn")
}
