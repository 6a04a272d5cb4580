//! `bundle promote`: a gate lets a release into a stage, and says so in a signed summary.

use std::collections::{BTreeMap, BTreeSet};

use crate::append::{Appended, Base, Demand, Job, JobError, append};
use crate::digest::{ArtifactDigest, Digest};
use crate::intoto::predicate::VerificationSummary;
use crate::intoto::predicate::seal::Member;
use crate::intoto::predicate::verification_summary::{self, SLSA_VERSION, VerificationResult, Verifier};
use crate::intoto::{Kind, OWN_URI, Predicate, ResourceDescriptor};
use crate::name::Name;
use crate::policy::Policy;

/// The name of this program among the parts of a verifier.
const PROGRAM: &str = "assaymark";

/// Where a release is to be let in.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// The stage.
    pub stage: &'a Name,
    /// What must hold of what is in it: the policy by which `bundle verify` judges at that stage. Without one, a release
    /// is let in anew each time.
    pub within: Option<&'a Policy>,
    /// The version of this program.
    pub version: &'a str,
}

/// Verifies a bundle against the policy of its job, which is that of a stage and demands the stage before,
/// and adds a summary of it and a seal.
///
/// What no seal names is neither judged nor sealed, but for approvals and waivers of the newest seal. Where the same
/// verifier said the same of the same evidence under the same policy, and it holds, nothing is added.
pub fn promote(job: &Job<'_>, entry: Entry<'_>) -> Result<Appended, JobError> {
    let Entry { stage, within, version } = entry;
    let verifier = verifier(job, version)?;
    append(job, Demand::Passed, |ground, lines| {
        let base = &ground.base;
        let said = base.summaries.iter().any(|one| says_it_all(one, base, (stage, job.policy, &verifier.id)));
        if let Some(within) = within.filter(|_| said)
            && ground.passes_under(within)?
        {
            return Ok(());
        }
        let summary = VerificationSummary {
            verifier,
            time_verified: Some(lines.now()),
            resource_uri: verification_summary::resource_uri(&base.seal.release, stage),
            policy: policy(job.policy),
            input_attestations: inputs(base),
            verification_result: VerificationResult::Passed,
            verified_levels: vec![verification_summary::level(stage)],
            slsa_version: Some(SLSA_VERSION.to_owned()),
        };
        let summary = lines.sign(Predicate::VerificationSummary(Box::new(summary)))?;
        let more = base.judgements.iter().cloned().chain([summary]);
        let seal = base.next_seal(more, lines.now());
        lines.sign(seal).map(drop)
    })
}

/// Says whether a summary is what would be said now: by this verifier, under this policy, of this evidence. Promotions to
/// other stages are no news.
fn says_it_all(summary: &VerificationSummary, base: &Base, (stage, policy, verifier): (&Name, &Policy, &str)) -> bool {
    let seen: BTreeSet<_> = summary.inputs().collect();
    let news = |member: &&Member| {
        Kind::from(member.predicate_type.as_str()) != Kind::VerificationSummary && !seen.contains(&member.payload)
    };
    summary.passes(&base.seal.release, stage)
        && summary.verifier.id == verifier
        && summary.policy.artifact_digest() == Some(ArtifactDigest::File(policy.digest()))
        && !base.seal.members.iter().chain(&base.judgements).any(|member| news(&member))
}

/// Finds the URI under which the signer verifies.
fn verifier(job: &Job<'_>, version: &str) -> Result<Verifier, JobError> {
    let fingerprint = job.signer()?.public().fingerprint();
    let signer = job.trust.keys().find(|(_, trusted)| trusted.key.fingerprint() == fingerprint);
    let Some(id) = signer.and_then(|(attester, _)| attester.verifier_id.clone()) else {
        let hint = "its keeper adds an attester with `roles = [\"promoter\"]` and a `verifier-id`";
        return Err(JobError::call_with_hint("the trust file names no promoter with this key", hint));
    };
    Ok(Verifier { id, version: BTreeMap::from([(PROGRAM.to_owned(), version.to_owned())]) })
}

fn policy(policy: &Policy) -> ResourceDescriptor {
    let descriptor = ResourceDescriptor::new(policy.name(), ArtifactDigest::File(policy.digest()));
    let uri = Some(format!("{OWN_URI}/policy/{}", policy.name()));
    let descriptor = ResourceDescriptor { uri, ..descriptor };
    match policy.version() {
        Some(version) => descriptor.annotated("assaymark_version", version),
        None => descriptor,
    }
}

/// Names everything that the verification rests on: the seal, its members, and what judges it.
fn inputs(base: &Base) -> Vec<ResourceDescriptor> {
    let input = |kind: &str, payload: Digest| ResourceDescriptor::new(kind, ArtifactDigest::File(payload));
    let members = base.seal.members.iter().chain(&base.judgements);
    let members = members
        .map(|Member { payload, predicate_type, .. }| input(Kind::from(predicate_type.as_str()).name(), *payload));
    std::iter::once(input("seal", base.payload)).chain(members).collect()
}
