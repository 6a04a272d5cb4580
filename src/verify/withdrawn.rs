//! Whether anything that a release rests on was withdrawn.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use crate::digest::{ArtifactDigest, Digest};
use crate::evidence::{Evidence, Origin, Withdrawals};
use crate::finding::{Code, Finding, Place, Tree};
use crate::intoto::ResourceDescriptor;
use crate::intoto::predicate::provenance::{OMS_ROOT, RELEASE, SIGNERS};
use crate::intoto::predicate::seal::SealedModel;
use crate::intoto::predicate::withdrawal::Withdrawn;
use crate::intoto::predicate::{Provenance, Withdrawal};
use crate::name::Name;
use crate::policy::Demotion;
use crate::reference::{Inherited, Reference};
use crate::sigstore::Identity;
use crate::state::is_same;

/// Returns a denial for each withdrawal that strikes the release, its data, its base models and theirs, or its signers.
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
            let own = own_model(evidence, &seal.model, *digest);
            let is = |part: &Reference, found: &ResourceDescriptor| {
                matches!(part, Reference::Base(_))
                    && (found.artifact_digest() == Some(*digest) || has_root(found, *digest))
            };
            own.into_iter().chain(parts(evidence, is)).collect()
        }
        Withdrawn::Dataset { digest } => parts(evidence, |part, found| {
            matches!(part, Reference::Dataset(_)) && found.artifact_digest() == Some(*digest)
        }),
        // Whoever took a key may have used it before it was known: the window and a proven time excuse nothing.
        Withdrawn::Key { fingerprint, .. } => signed_by(evidence, *fingerprint, "a key"),
        Withdrawn::Identity { subject, issuer, .. } => {
            signed_by(evidence, Identity::fingerprint(subject, issuer), "an identity")
        }
        Withdrawn::Release { name, version } => {
            let is = seal.release.name == *name
                && version.as_ref().is_none_or(|one| is_same(one.as_str(), seal.release.version.as_str()));
            let own = is.then(|| (Place::Bundle, format!("the release {}", seal.release)));
            let of_base = |part: &Reference, found: &ResourceDescriptor| {
                matches!(part, Reference::Base(_)) && is_release(found, name, version.as_ref())
            };
            own.into_iter().chain(parts(evidence, of_base)).collect()
        }
        // It says nothing against the release, but that a promotion does not count: see `demotions`.
        Withdrawn::Stage { .. } | Withdrawn::Nothing {} => Vec::new(),
    }
}

/// Says whether the evidence of a base model names this root of model signing.
fn has_root(base: &ResourceDescriptor, root: ArtifactDigest) -> bool {
    base.annotations.get(OMS_ROOT).and_then(Value::as_str) == Some(root.without_kind().to_string().as_str())
}

/// Returns the stages that releases were taken out of.
pub(super) fn demotions(withdrawals: &Withdrawals<'_>) -> Vec<Demotion> {
    let demotion = |(origin, withdrawal): (&Origin<'_>, &Withdrawal)| match &withdrawal.withdrawn {
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

/// Finds the datasets and base models that are such, and those of the base models that came with evidence of their own.
fn parts(evidence: &Evidence<'_>, is: impl Fn(&Reference, &ResourceDescriptor) -> bool) -> Vec<(Place, String)> {
    let own = evidence.provenances().flat_map(Provenance::references).filter(|(part, found)| is(part, found));
    let own = own.map(|(part, _)| match part {
        Reference::Dataset(name) => (Place::Tree(Tree::Dataset(name.clone())), format!("the dataset `{name}`")),
        Reference::Base(name) => (Place::Bundle, format!("the base model `{name}`")),
        Reference::Code => (Place::Tree(Tree::Code), "the training code".to_owned()),
    });
    let theirs = evidence.provenances().flat_map(Provenance::inherited).filter(|(one, found)| is(&one.part, found));
    let theirs = theirs.map(|(one, _)| (Place::Bundle, inherited(&one)));
    // Several provenances name the same.
    let mut found: Vec<(Place, String)> = Vec::new();
    for part in own.chain(theirs) {
        if !found.contains(&part) {
            found.push(part);
        }
    }
    found
}

fn inherited(one: &Inherited) -> String {
    let part = match &one.part {
        Reference::Dataset(name) => format!("the dataset `{name}`"),
        Reference::Base(name) => format!("the base model `{name}`"),
        Reference::Code => "the training code".to_owned(),
    };
    one.bases.iter().rev().fold(part, |part, base| format!("{part} of the base model `{base}`"))
}

/// Says whether the evidence of a base model names a release.
fn is_release(base: &ResourceDescriptor, name: &Name, version: Option<&Name>) -> bool {
    let release = base.annotations.get(RELEASE).and_then(Value::as_str).and_then(|text| text.split_once('@'));
    release.is_some_and(|(one, of)| one == name.as_str() && version.is_none_or(|version| is_same(version.as_str(), of)))
}

/// Finds the model at hand, by the digest of its files in either form, or one of its files by their digest.
fn own_model(evidence: &Evidence<'_>, model: &SealedModel, digest: ArtifactDigest) -> Option<(Place, String)> {
    if model.digest() == digest || model.oms_root() == Some(digest.without_kind()) {
        return Some((Place::Tree(Tree::Model), "the model".to_owned()));
    }
    let ArtifactDigest::File(of_file) = digest else { return None };
    let file = evidence.model_files().find(|entry| entry.digest == of_file)?;
    Some((Place::file(&Tree::Model, file.path.as_str()), format!("the file `{}` of the model", file.path)))
}

/// Finds the lines that a key or an identity signed, and the base models whose evidence it signed.
fn signed_by(evidence: &Evidence<'_>, signer: Digest, what: &str) -> Vec<(Place, String)> {
    let lines = evidence.counted().chain(evidence.seals()).map(|line| line.origin());
    let lines = lines.filter(|origin| origin.signer() == signer || origin.identities().contains(&signer));
    let own = lines.map(|origin| (origin.place(), format!("{what} of `{}`", origin.attester().name)));
    let hex = signer.to_string();
    let bases = parts(evidence, |part, found| {
        let signers = found.annotations.get(SIGNERS).and_then(Value::as_array);
        let named = signers.is_some_and(|signers| signers.iter().any(|one| one.as_str() == Some(&hex)));
        matches!(part, Reference::Base(_)) && named
    });
    own.chain(bases.into_iter().map(|(place, base)| (place, format!("{what} that signed {base}")))).collect()
}

fn finding(place: Place, what: &str, origin: &Origin<'_>, withdrawal: &Withdrawal) -> Finding {
    let shown = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let by = &origin.attester().name;
    Finding::deny(Code::Withdrawn, place, format!("{what} was withdrawn: {}", withdrawal.reason))
        .found(format!("withdrawal {} by `{by}`, {}", withdrawal.sequence, shown(withdrawal.withdrawn_at)))
        .help("do not use the release; its publisher must make one that does not rest on what was withdrawn")
}
