//! Base models that come with a release bundle: verified before anything rests on them.

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::bundle::UnverifiedBundle;
use crate::create::CreateError;
use crate::inspect::Inspection;
use crate::inventory::NoProgress;
use crate::name::Name;
use crate::policy::Policy;
use crate::release::{ReleaseSpec, VerifiedBase};
use crate::trust::TrustRoot;
use crate::verify::{self, Artifact, Outcome, Report, Request, TimeSource, WithdrawalList};

/// Verifies the bundles of base models under a trust of their own, and takes the digests from them.
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
        let trust = trust.ok_or_else(|| fault("its bundle is not verified without `--base-trust`"))?;
        let (bundle, _) = UnverifiedBundle::read(path)?;
        let sealed = Inspection::of(bundle).seal().map(|seal| seal.model.digest());
        let sealed = sealed.ok_or_else(|| fault("its bundle has no seal"))?;
        if base.digest.is_some_and(|digest| digest != sealed) {
            return Err(fault("its bundle is of another model than `digest` says"));
        }
        let report = verify_base(path, Artifact::Vouched(sealed), trust, withdrawals, now)?;
        base.verified = Some(passed(&base.name, report)?);
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
) -> Result<Report, CreateError> {
    let (bundle, bundle_findings) = UnverifiedBundle::read(path)?;
    Ok(verify::verify(Request {
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
    })?)
}

fn passed(name: &Name, report: Report) -> Result<VerifiedBase, CreateError> {
    match (report.verdict.outcome(), &report.release, report.scope.bundle) {
        (Outcome::Passed, Some(release), Some(bundle)) => {
            Ok(VerifiedBase { release: format!("{}@{}", release.name, release.version), bundle })
        }
        _ => Err(CreateError::BaseRejected { name: name.clone(), report: Box::new(report) }),
    }
}
