//! Base models that come with a release bundle: verified before anything rests on them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Utc};

use crate::bundle::UnverifiedBundle;
use crate::create::CreateError;
use crate::digest::Digest;
use crate::evidence::Evidence;
use crate::inspect::Inspection;
use crate::intoto::ResourceDescriptor;
use crate::intoto::predicate::Provenance;
use crate::inventory::NoProgress;
use crate::name::Name;
use crate::policy::Policy;
use crate::reference::Reference;
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
        let (report, rests_on) = verify_base(path, Artifact::Vouched(sealed), trust, withdrawals, now)?;
        base.verified = Some(passed(&base.name, report, rests_on)?);
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
) -> Result<(Report, Option<RestsOn>), CreateError> {
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
    Ok(verify::consult(request, RestsOn::of)?)
}

/// What the evidence of a base model rests on.
struct RestsOn {
    signers: BTreeSet<Digest>,
    parts: BTreeMap<String, ResourceDescriptor>,
}

impl RestsOn {
    fn of(evidence: &Evidence<'_>) -> Self {
        let origins = evidence.counted().chain(evidence.seals()).map(|line| line.origin());
        let signers = origins.flat_map(|origin| [Some(origin.signer()), origin.identity()]).flatten().collect();
        let own = evidence.provenances().flat_map(Provenance::references);
        let own =
            own.filter(|(part, _)| *part != Reference::Code).map(|(part, found)| (part.to_string(), found.clone()));
        let theirs = evidence.provenances().flat_map(Provenance::inherited);
        let theirs = theirs.map(|(part, found)| (part.to_string(), found.clone()));
        Self { signers, parts: own.chain(theirs).collect() }
    }
}

fn passed(name: &Name, report: Report, rests_on: Option<RestsOn>) -> Result<VerifiedBase, CreateError> {
    match (report.verdict.outcome(), &report.release, report.scope.bundle, rests_on) {
        (Outcome::Passed, Some(release), Some(bundle), Some(RestsOn { signers, parts })) => {
            Ok(VerifiedBase { release: format!("{}@{}", release.name, release.version), bundle, signers, parts })
        }
        _ => Err(CreateError::BaseRejected { name: name.clone(), report: Box::new(report) }),
    }
}
