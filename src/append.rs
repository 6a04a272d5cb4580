//! Adding lines to a release bundle: verified before, signed, verified again, and written under a lock.
//!
//! `approve`, `attest`, `seal` and `promote` are what is said; this is how.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Utc};

use crate::bundle::{Locked, UnverifiedBundle};
use crate::digest::{ArtifactDigest, Digest};
use crate::evidence::Evidence;
use crate::finding::{Code, Finding, Place, Tree};
use crate::intoto::predicate::seal::Member;
use crate::intoto::predicate::{Provenance, Seal, VerificationSummary};
use crate::intoto::{Predicate, Statement, Subject};
use crate::inventory::{self, Inventory, Options, Progress};
use crate::name::Name;
use crate::policy::{PackageFacts, Policy};
use crate::reference::Reference;
use crate::signer::{SignedLine, Signer, sign_line};
use crate::state::State;
use crate::trust::TrustRoot;
use crate::verify::{self, Artifact, Outcome, Report, Request, TimeSource, WithdrawalList};

pub use error::{JobError, Refused};

mod error;

/// The bundle that is added to, and by whom.
pub struct Job<'a> {
    /// The bundle.
    pub bundle: &'a Path,
    /// Whom to trust, the signer among them.
    pub trust: &'a TrustRoot,
    /// The model.
    pub model: Artifact<'a>,
    /// What must hold before, beside a sound set.
    pub policy: &'a Policy,
    /// What else is looked at.
    pub beside: Beside<'a>,
    /// The release that this must be.
    pub release: Option<(Name, Option<Name>)>,
    /// Who signs, where something is to be signed.
    pub signer: Option<&'a dyn Signer>,
    /// The clock. It is read once the bundle is locked: what others added meanwhile is not of the future then, and the
    /// new lines claim that time.
    pub clock: &'a dyn Fn() -> DateTime<Utc>,
    /// Where to report progress.
    pub progress: &'a dyn Progress,
}

impl<'a> Job<'a> {
    /// Returns who signs, or says that there is nobody.
    pub fn signer(&self) -> Result<&'a dyn Signer, JobError> {
        self.signer.ok_or_else(|| JobError::call("there is no key to sign with"))
    }
}

/// What is looked at beside the bundle and the model.
#[derive(Clone, Default)]
pub struct Beside<'a> {
    /// What is known of packages.
    pub package_facts: Option<&'a PackageFacts>,
    /// Datasets to hash, by name.
    pub datasets: Vec<(Name, Artifact<'a>)>,
    /// The training code to hash.
    pub code: Option<Artifact<'a>>,
    /// What was withdrawn.
    pub withdrawals: Option<WithdrawalList>,
    /// What was seen before.
    pub state: Option<&'a State>,
}

/// What must hold of a bundle before anything is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// It passes.
    Passed,
    /// Nothing speaks against it but the policy.
    Sound,
}

/// What a bundle is before lines are added.
#[derive(Clone, Debug)]
pub struct Base {
    /// The newest seal.
    pub seal: Seal,
    /// The SHA-256 of its payload.
    pub payload: Digest,
    /// What statements about the model are about.
    pub subjects: Vec<Subject>,
    /// What judges the newest seal and is not sealed itself.
    pub judgements: Vec<Member>,
    /// The other lines that a new seal would name: from their roles, about this model.
    pub fresh: Vec<Member>,
    /// The first of them that no seal can name, because of what it says.
    pub unsealable: Option<Finding>,
    /// The datasets of the release, as far as they have a digest.
    pub datasets: BTreeMap<Name, ArtifactDigest>,
    /// The files of the model, as its signature lists them.
    pub files: BTreeSet<String>,
    /// What promoters said of the release, as far as it counts.
    pub summaries: Vec<VerificationSummary>,
}

/// What was added.
#[derive(Debug)]
pub struct Appended {
    /// The lines.
    pub lines: Vec<SignedLine>,
    /// What the bundle was before.
    pub base: Base,
    /// The verification of what it is now.
    pub report: Report,
}

/// The lines that are being added.
pub struct Lines<'a> {
    signer: &'a dyn Signer,
    subjects: &'a [Subject],
    now: DateTime<Utc>,
    signed: Vec<SignedLine>,
}

impl Lines<'_> {
    /// Returns the time that they claim.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Signs a statement about the model, and returns the line as a seal names it.
    pub fn sign(&mut self, predicate: Predicate) -> Result<Member, JobError> {
        let line = sign_line(self.signer, &Statement::new(self.subjects.to_vec(), predicate))?;
        let member = line.member.clone();
        self.signed.push(line);
        Ok(member)
    }
}

impl Base {
    fn of(evidence: &Evidence<'_>, at: DateTime<Utc>) -> Option<Self> {
        let statement = evidence.seals().last()?;
        let seal = evidence.seal()?.clone();
        let judgements = evidence.judgements().iter().map(|line| line.as_member()).collect();
        let fresh = evidence.sealable().map(|line| line.as_member()).collect();
        let references = evidence.provenances().flat_map(Provenance::references);
        let datasets = references.filter_map(|(reference, dependency)| match reference {
            Reference::Dataset(name) => Some((name, dependency.artifact_digest()?)),
            Reference::Base(_) | Reference::Code => None,
        });
        Some(Self {
            payload: statement.origin().payload(),
            subjects: statement.subjects().to_vec(),
            datasets: datasets.collect(),
            judgements,
            fresh,
            files: evidence.model_files().map(|entry| entry.path.to_string()).collect(),
            summaries: evidence.summaries().map(|(_, summary)| summary.clone()).collect(),
            unsealable: evidence.faults_if_sealed(at).into_iter().next(),
            seal,
        })
    }

    /// What no seal names is not judged, and a judgement lapses when it is sealed later: so it is sealed first.
    pub fn check_sealed(&self) -> Result<(), JobError> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        let hint = "the releaser seals them first: `assaymark bundle seal`";
        Err(JobError::call_with_hint("the bundle has lines that no seal names yet", hint))
    }

    /// Makes the seal that continues the chain with more members.
    pub fn next_seal(&self, more: impl IntoIterator<Item = Member>, now: DateTime<Utc>) -> Predicate {
        let members = self.seal.members.iter().cloned().chain(more).collect();
        let (sequence, previous) = (self.seal.sequence.saturating_add(1), Some(self.payload));
        Predicate::Seal(Box::new(Seal { sequence, previous, sealed_at: now, members, ..self.seal.clone() }))
    }
}

/// Adds what `say` signs, if it signs anything. Large models are hashed before the lock is taken, which is short therefore.
pub fn append(
    job: &Job<'_>,
    demand: Demand,
    say: impl FnOnce(&Ground<'_>, &mut Lines<'_>) -> Result<(), JobError>,
) -> Result<Appended, JobError> {
    let signer = job.signer()?;
    let ground = Ground::take(job, demand)?;
    let mut lines = Lines { signer, subjects: &ground.base.subjects, now: ground.now, signed: Vec::new() };
    say(&ground, &mut lines)?;
    let lines = lines.signed;
    if lines.is_empty() {
        return Ok(ground.unchanged());
    }
    let report = ground.check(&lines)?;
    ground.write(lines, report)
}

/// Adds lines that others signed, as far as they count and are not there yet; of each of the rest, by its place among
/// them, says why not.
pub fn append_signed(
    job: &Job<'_>,
    lines: Vec<(usize, SignedLine)>,
) -> Result<(Appended, Vec<(usize, Finding)>), JobError> {
    let ground = Ground::take(job, Demand::Sound)?;
    let new: Vec<_> = lines.into_iter().filter(|(_, line)| !ground.has(&line.member)).collect();
    if new.is_empty() {
        return Ok((ground.unchanged(), Vec::new()));
    }
    let (places, lines): (Vec<_>, Vec<_>) = new.into_iter().unzip();
    let verified = ground.verify(&lines)?;
    let Some(standing) = verified.standing else { return Err(JobError::WouldNotCount(Box::new(verified.report))) };
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    for (((place, line), stands), number) in places.into_iter().zip(lines).zip(standing).zip(verified.numbers) {
        let of_line = |finding: &&Finding| finding.place == Place::Line(number);
        let fault = verified.faults.iter().find(of_line);
        match (stands, fault.or_else(|| verified.report.findings.iter().find(of_line))) {
            (true, _) if fault.is_none() => kept.push(line),
            (_, Some(finding)) => refused.push((place, finding.clone())),
            (_, None) => return Err(JobError::WouldNotCount(Box::new(verified.report))),
        }
    }
    if kept.is_empty() {
        return Ok((ground.unchanged(), refused));
    }
    let report = if refused.is_empty() { verified.report } else { ground.check(&kept)? };
    Ok((ground.write(kept, report)?, refused))
}

/// A bundle that was verified and is locked.
pub struct Ground<'j> {
    job: &'j Job<'j>,
    inventory: Option<Inventory>,
    locked: Locked,
    now: DateTime<Utc>,
    report: Report,
    /// What the bundle is.
    pub base: Base,
}

/// What a verification says of lines that are to be added.
struct Verified {
    report: Report,
    /// Of each line, whether it is from its role and about the model; nothing if the bundle would not be sound.
    standing: Option<Vec<bool>>,
    /// Of each line, its number in the bundle.
    numbers: Vec<usize>,
    /// What would deny if a seal named them.
    faults: Vec<Finding>,
}

impl Verified {
    /// Says why the lines do not count: what is found of one of them, or else the whole report.
    fn refusal(self) -> JobError {
        let theirs = |finding: &&Finding| {
            matches!(finding.place, Place::Line(number) if self.numbers.contains(&number))
                && finding.code != Code::UnsealedLine
        };
        let fault = self.report.findings.iter().find(theirs).cloned();
        match fault {
            Some(fault) => JobError::NotCounted(Box::new(fault)),
            None => JobError::WouldNotCount(Box::new(self.report)),
        }
    }
}

impl<'j> Ground<'j> {
    fn take(job: &'j Job<'j>, demand: Demand) -> Result<Self, JobError> {
        let inventory = hash(job)?;
        let model = inventory.as_ref().map_or_else(|| job.model.clone(), Artifact::Taken);
        let locked = Locked::open(job.bundle)?;
        let now = (job.clock)();
        let request = request(job, job.policy, locked.content(), &model, now);
        let (report, base) = verify::consult(request, |evidence| Base::of(evidence, now))?;
        let fit = demand == Demand::Sound || report.verdict.outcome() == Outcome::Passed;
        let Some(base) = base.flatten().filter(|_| fit) else { return Err(JobError::Rejected(Box::new(report))) };
        Ok(Self { job, inventory, locked, now, report, base })
    }

    /// Says whether the bundle, as it is, passes under another policy than that of the job.
    pub fn passes_under(&self, policy: &Policy) -> Result<bool, JobError> {
        let model = self.model();
        let report = verify::verify(request(self.job, policy, self.locked.content(), &model, self.now))?;
        Ok(report.verdict.outcome() == Outcome::Passed)
    }

    fn model(&self) -> Artifact<'_> {
        self.inventory.as_ref().map_or_else(|| self.job.model.clone(), Artifact::Taken)
    }

    /// Says whether a line is there already, and counts or would count if it were sealed.
    fn has(&self, member: &Member) -> bool {
        let known = self.base.seal.members.iter().chain(&self.base.judgements).chain(&self.base.fresh);
        known.into_iter().any(|known| known == member)
    }

    /// Verifies the bundle with lines behind it.
    fn verify(&self, lines: &[SignedLine]) -> Result<Verified, JobError> {
        let model = self.model();
        let (content, numbers) = self.locked.with(lines.iter().map(|line| line.bytes.as_slice()));
        let stand = |evidence: &Evidence<'_>| {
            let known = evidence.counted().chain(evidence.sealable()).chain(evidence.seals());
            let known: Vec<_> = known.map(|line| line.as_member()).collect();
            let standing = lines.iter().map(|line| known.contains(&line.member)).collect();
            (standing, faults_if_sealed(evidence, self.now, &numbers))
        };
        let (report, stood) = verify::consult(request(self.job, self.job.policy, &content, &model, self.now), stand)?;
        let (standing, faults) = stood.map_or((None, Vec::new()), |(standing, faults)| (Some(standing), faults));
        Ok(Verified { report, standing, numbers, faults })
    }

    /// Checks that each of the new lines is from its role, about the model, and in agreement with what is sealed;
    /// returns what a verification says of the bundle with them.
    fn check(&self, lines: &[SignedLine]) -> Result<Report, JobError> {
        let verified = self.verify(lines)?;
        if let Some(fault) = verified.faults.first() {
            return Err(JobError::Unsealable(Box::new(fault.clone())));
        }
        let stands = verified.standing.as_ref().is_some_and(|standing| standing.iter().all(|stands| *stands));
        if stands { Ok(verified.report) } else { Err(verified.refusal()) }
    }

    fn write(self, lines: Vec<SignedLine>, report: Report) -> Result<Appended, JobError> {
        let bytes: Vec<_> = lines.iter().map(|line| line.bytes.clone()).collect();
        self.locked.append(&bytes)?;
        Ok(Appended { lines, base: self.base, report })
    }

    fn unchanged(self) -> Appended {
        Appended { lines: Vec::new(), base: self.base, report: self.report }
    }
}

/// Says what would deny if a seal named the lines with these numbers.
fn faults_if_sealed(evidence: &Evidence<'_>, at: DateTime<Utc>, numbers: &[usize]) -> Vec<Finding> {
    let theirs = |finding: &Finding| matches!(finding.place, Place::Line(number) if numbers.contains(&number));
    evidence.faults_if_sealed(at).into_iter().filter(theirs).collect()
}

/// Hashes the model, if it is to be hashed. One that can't be is left to the verification to explain.
fn hash(job: &Job<'_>) -> Result<Option<Inventory>, JobError> {
    let Artifact::Path(path) = &job.model else { return Ok(None) };
    let options = Options { progress: job.progress, ..Options::new(Tree::Model) };
    Ok(inventory::take(path, &options)?.inventory)
}

fn request<'r>(
    job: &'r Job<'_>,
    policy: &'r Policy,
    content: &[u8],
    model: &Artifact<'r>,
    now: DateTime<Utc>,
) -> Request<'r> {
    let (bundle, bundle_findings) = UnverifiedBundle::split(content);
    Request {
        bundle,
        bundle_findings,
        bundle_path: None,
        trust: job.trust,
        model: model.clone(),
        datasets: job.beside.datasets.clone(),
        code: job.beside.code.clone(),
        allow_extra_files: false,
        ignored: Vec::new(),
        release: job.release.clone(),
        policy,
        rescan: None,
        package_facts: job.beside.package_facts,
        min_sequence: None,
        withdrawals: job.beside.withdrawals.clone(),
        state: job.beside.state,
        at: now,
        time_source: TimeSource::Clock,
        strict: false,
        copy_to: None,
        progress: job.progress,
    }
}
