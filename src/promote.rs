//! `bundle promote`: a gate lets a release into a stage, and says so in a signed summary.

use std::collections::BTreeMap;

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

/// Verifies a bundle against the policy of its job, which is that of a stage and demands the stage before,
/// and adds a summary of it and a seal.
///
/// What no seal names is neither judged nor sealed, but for approvals and waivers of the newest seal.
pub fn promote(job: &Job<'_>, stage: &Name, version: &str) -> Result<Appended, JobError> {
    let verifier = verifier(job, version)?;
    append(job, Demand::Passed, |base, _, lines| {
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
