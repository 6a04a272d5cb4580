//! Base models that come with a release bundle: verified before anything rests on them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::Value;
use thiserror::Error;

use crate::bundle::UnverifiedBundle;
use crate::create::CreateError;
use crate::cyclonedx::{License, MODEL_REF};
use crate::digest::Digest;
use crate::evidence::Evidence;
use crate::inspect::Inspection;
use crate::intoto::predicate::Provenance;
use crate::intoto::{Predicate, ResourceDescriptor};
use crate::inventory::NoProgress;
use crate::name::Name;
use crate::policy::Policy;
use crate::reference::Reference;
use crate::release::{LicenseExpression, ReleaseSpec, VerifiedBase};
use crate::trust::TrustRoot;
use crate::verify::{self, Artifact, Outcome, Report, Request, TimeSource, WithdrawalList};

/// Why a base model can't be verified as the call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BaseFault {
    /// The release file gives it another licence than its bundle.
    #[error("its bundle states another licence than `license` says")]
    OtherLicence,
    /// The release file gives it another digest than its bundle.
    #[error("its bundle is of another model than `digest` says")]
    OtherModel,
    /// Nothing is sealed in its bundle.
    #[error("its bundle has no seal")]
    Unsealed,
    /// Nobody is trusted for it.
    #[error("its bundle is not verified without `--base-trust`")]
    Untrusted,
}

impl BaseFault {
    /// Says what to do about it.
    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::OtherLicence => {
                "leave out `license`: the bundle states it; if that is wrong, its publisher must release it again"
            }
            Self::OtherModel => "leave out `digest`, which the bundle states, or name the bundle of that model",
            Self::Unsealed => "get the whole bundle from its publisher: this one is no release, or lost its last lines",
            Self::Untrusted => "give the trust file of its publisher: `--base-trust FILE`",
        }
    }
}

/// Verifies the bundles of base models under a trust of their own, and takes digests, versions and licences from them.
///
/// The files of a base model need not be here: its digest is what its trusted releaser sealed. A base model
/// that was withdrawn is refused.
pub fn verify_bases(
    spec: &mut ReleaseSpec,
    trust: Option<&TrustRoot>,
    withdrawals: Option<&WithdrawalList>,
    now: DateTime<Utc>,
) -> Result<(), CreateError> {
    for base in &mut spec.model.base {
        let Some(path) = &base.bundle else { continue };
        let fault = |fault| CreateError::Base { name: base.name.clone(), fault };
        let trust = trust.ok_or_else(|| fault(BaseFault::Untrusted))?;
        let (bundle, _) = UnverifiedBundle::read(path)?;
        let sealed = Inspection::of(bundle).seal().map(|seal| seal.model.digest());
        let sealed = sealed.ok_or_else(|| fault(BaseFault::Unsealed))?;
        if base.digest.is_some_and(|digest| digest != sealed) {
            return Err(fault(BaseFault::OtherModel));
        }
        let (report, told) = verify_base(path, Artifact::Vouched(sealed), trust, withdrawals, now)?;
        let verified = passed(&base.name, report, told)?;
        let declared = base.license.as_ref().map(LicenseExpression::to_cyclonedx);
        if declared.is_some_and(|declared| !verified.licenses.is_empty() && verified.licenses != [declared]) {
            return Err(fault(BaseFault::OtherLicence));
        }
        base.verified = Some(verified);
        base.digest = Some(sealed);
    }
    Ok(())
}

/// Verifies a bundle whose seal names the digest that is vouched for. So the seal that was looked at unverified
/// is the verified one, or nothing passes.
fn verify_base(
    path: &Path,
    model: Artifact<'_>,
    trust: &TrustRoot,
    withdrawals: Option<&WithdrawalList>,
    now: DateTime<Utc>,
) -> Result<(Report, Option<Told>), CreateError> {
    let (bundle, bundle_findings) = UnverifiedBundle::read(path)?;
    let request = Request {
        bundle,
        bundle_findings,
        bundle_path: None,
        trust,
        policy: Policy::baseline(),
        rescan: None,
        package_facts: None,
        model,
        datasets: Vec::new(),
        code: None,
        allow_extra_files: false,
        ignored: Vec::new(),
        release: None,
        min_sequence: None,
        withdrawals: withdrawals.cloned(),
        state: None,
        at: now,
        time_source: TimeSource::Clock,
        strict: false,
        copy_to: None,
        progress: &NoProgress,
    };
    Ok(verify::consult(request, |evidence| Told { rests_on: RestsOn::of(evidence), licenses: licenses(evidence) })?)
}

/// What the evidence of a base model tells.
struct Told {
    rests_on: RestsOn,
    licenses: Vec<License>,
}

/// What the evidence of a base model rests on.
struct RestsOn {
    oms_root: Option<Digest>,
    signers: BTreeSet<Digest>,
    parts: BTreeMap<String, ResourceDescriptor>,
}

impl RestsOn {
    fn of(evidence: &Evidence<'_>) -> Self {
        let origins = evidence.counted().chain(evidence.seals()).map(|line| line.origin());
        let signers =
            origins.flat_map(|origin| [origin.signer()].into_iter().chain(origin.identities().iter().copied()));
        let signers = signers.collect();
        let own = evidence.provenances().flat_map(Provenance::references);
        let own =
            own.filter(|(part, _)| *part != Reference::Code).map(|(part, found)| (part.to_string(), found.clone()));
        let theirs = evidence.provenances().flat_map(Provenance::inherited);
        let theirs = theirs.map(|(part, found)| (part.to_string(), found.clone()));
        let oms_root = evidence.seal().and_then(|seal| seal.model.oms_root());
        Self { oms_root, signers, parts: own.chain(theirs).collect() }
    }
}

/// Returns the licences of the release, or else of its model, as the BOMs of the set state them.
fn licenses(evidence: &Evidence<'_>) -> Vec<License> {
    let mut found = Vec::new();
    for member in evidence.members() {
        let Predicate::Bom(document) = member.predicate() else { continue };
        let stated = |component: &Value| -> Vec<License> {
            let entries = component.get("licenses").and_then(Value::as_array).into_iter().flatten();
            entries.filter_map(License::imported).collect()
        };
        let release = document.pointer("/metadata/component").map(stated).unwrap_or_default();
        let components = document.get("components").and_then(Value::as_array).into_iter().flatten();
        let mut model = components.filter(|one| one.get("bom-ref").and_then(Value::as_str) == Some(MODEL_REF));
        let stated = if release.is_empty() { model.next().map(stated).unwrap_or_default() } else { release };
        found.extend(stated.into_iter().filter(|one| !found.contains(one)).collect::<Vec<_>>());
    }
    found
}

fn passed(name: &Name, report: Report, told: Option<Told>) -> Result<VerifiedBase, CreateError> {
    match (report.verdict.outcome(), &report.release, report.scope.bundle, told) {
        (Outcome::Passed, Some(release), Some(bundle), Some(told)) => Ok(VerifiedBase {
            release: format!("{}@{}", release.name, release.version),
            version: release.version.to_string(),
            bundle,
            oms_root: told.rests_on.oms_root,
            signers: told.rests_on.signers,
            parts: told.rests_on.parts,
            licenses: told.licenses,
        }),
        _ => Err(CreateError::BaseRejected { name: name.clone(), report: Box::new(report) }),
    }
}
