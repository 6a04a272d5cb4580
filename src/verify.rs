//! The verdict on a release bundle: everything that is demanded, checked, and reported.
//!
//! [`verify`] runs the steps of [`crate::evidence`], compares the files, applies the policy and judges. It
//! opens no socket, starts no process, and takes trust from its arguments alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Duration, Utc};

use crate::bundle::UnverifiedBundle;
use crate::digest::ArtifactDigest;
use crate::evidence::{self, Assembly, Demands, Evidence, VerifiedStatement};
use crate::finding::{Cause, Code, Finding, Findings, Place, Tree};
use crate::inventory::{Inventory, Progress};
use crate::name::Name;
use crate::path::TreePath;
use crate::policy::{Case, Demotion, Item, PackageFacts, Policy, Shared};
use crate::reference::Reference;
use crate::scan::Allowance;
use crate::state::{SeenWithdrawals, State};
use crate::trust::TrustRoot;
use crate::verify::waivers::Waivers;

pub use derivation::{Counts, Derivation, Step, Trace};
pub(crate) use differences::{Recorder, finding as difference_finding};
pub use door::Door;
pub use error::VerifyError;
pub use fix::{Act, Fix, Party};
pub use report::{
    ListScope, PolicyScope, Remembered, Report, Requirement, Scope, SealScope, Seen, Status, TimeSource, TrustScope,
    TrustedIdentity, TrustedSigner, WithdrawalScope,
};
pub use verdict::{Outcome, Verdict};

mod absence;
mod code;
mod command;
mod dataset;
mod derivation;
mod differences;
mod door;
mod error;
mod fix;
mod model;
mod recorded;
mod report;
mod requirements;
mod rescan;
mod rollback;
mod verdict;
mod waivers;
mod withdrawn;

/// What to verify, and against what.
pub struct Request<'a> {
    /// The bundle.
    pub bundle: UnverifiedBundle,
    /// What was wrong with it as a file.
    pub bundle_findings: Findings,
    /// Where it is, if file lists may lie beside it.
    pub bundle_path: Option<&'a Path>,
    /// Whom to trust.
    pub trust: &'a TrustRoot,
    /// What must hold.
    pub policy: &'a Policy,
    /// What is known of packages beside the evidence.
    pub package_facts: Option<&'a PackageFacts>,
    /// The model.
    pub model: Artifact<'a>,
    /// Datasets to check, by name.
    pub datasets: Vec<(Name, Artifact<'a>)>,
    /// The training code to check.
    pub code: Option<Artifact<'a>>,
    /// Accept files in the model that nobody signed.
    pub allow_extra_files: bool,
    /// Paths of the model that are passed over.
    pub ignored: Vec<TreePath>,
    /// The release that is demanded, and its version if that matters.
    pub release: Option<(Name, Option<Name>)>,
    /// The lowest sequence that the newest seal may have.
    pub min_sequence: Option<u64>,
    /// What was withdrawn, if the caller has a list.
    pub withdrawals: Option<WithdrawalList>,
    /// What was seen before, if the caller remembers.
    pub state: Option<&'a State>,
    /// The time of the check.
    pub at: DateTime<Utc>,
    /// Where that time comes from.
    pub time_source: TimeSource,
    /// Whether a warning rejects.
    pub strict: bool,
    /// Where to put the files that were verified.
    pub copy_to: Option<PathBuf>,
    /// Where to report progress.
    pub progress: &'a dyn Progress,
    /// Scan the model again, with what is allowed on top of the built-in list.
    pub rescan: Option<&'a Allowance>,
}

impl Request<'_> {
    /// Refuses what the policy does not let the caller ask.
    fn check(&self) -> Result<(), VerifyError> {
        self.policy.check_expiry(self.at)?;
        let Some(stage) = self.policy.stage() else { return Ok(()) };
        if self.release.is_none() {
            return Err(VerifyError::ReleaseNeeded(stage.clone()));
        }
        let refused = Door::open(self).into_iter().find(|door| !self.policy.permits(door.kind()));
        refused.map_or(Ok(()), |door| Err(VerifyError::Door { door: door.kind(), stage: stage.clone() }))
    }
}

/// A list of withdrawals, not verified yet.
#[derive(Clone, Debug)]
pub struct WithdrawalList {
    /// Where it was read from.
    pub source: PathBuf,
    /// Its lines.
    pub lines: UnverifiedBundle,
    /// What was wrong with it as a file.
    pub findings: Findings,
    /// How old its newest line may be.
    pub max_age: Option<Duration>,
}

/// A file or folder of the release, as the caller has it.
#[derive(Clone, Debug)]
pub enum Artifact<'a> {
    /// It is there, and is to be hashed.
    Path(PathBuf),
    /// It was hashed already, by this process.
    Taken(&'a Inventory),
    /// It is not there; the caller vouches for its bytes.
    Vouched(ArtifactDigest),
}

/// Verifies a release bundle. Whatever is wrong with it is in the report; an error is the caller's or the
/// machine's.
pub fn verify(request: Request<'_>) -> Result<Report, VerifyError> {
    consult(request, |_| ()).map(|(report, _)| report)
}

/// Verifies a release bundle, and lets a job look at the evidence if it is sound: if nothing speaks against
/// the release but the policy.
pub fn consult<T>(
    mut request: Request<'_>,
    look: impl FnOnce(&Evidence<'_>) -> T,
) -> Result<(Report, Option<T>), VerifyError> {
    request.check()?;
    let bundle_digest = request.bundle.digest();
    let lines = request.bundle.lines().len();
    let mut findings = std::mem::take(&mut request.bundle_findings);
    let bundle = std::mem::take(&mut request.bundle);
    let (authenticated, refused) = evidence::authenticate(bundle, request.trust, request.at);
    findings.append(refused);
    let signed = authenticated.len();
    let signers = authenticated.iter().map(|line| line.origin().attester().name.clone()).collect();
    let (statements, faults) = evidence::read(authenticated);
    if signed == 0 && !findings.deny() {
        findings.push(no_evidence(lines));
    }
    let hashed = if signed == 0 { model::Hashed::default() } else { model::hash(&request, &statements)? };
    let demands = Demands { release: request.release.clone(), min_sequence: request.min_sequence, at: request.at };
    let mut assembly = evidence::assemble(statements, faults, hashed.on_hand(&request.model), &demands);
    let mut examined = Examined { lines, signed, bundle_digest, findings, signers, ..Examined::default() };
    let report = examined.examine(&request, hashed, &mut assembly)?;
    let seen = if examined.sound { assembly.evidence.as_ref().map(look) } else { None };
    Ok((report, seen))
}

/// What was found out in the course of a verification.
#[derive(Default)]
struct Examined {
    lines: usize,
    signed: usize,
    bundle_digest: Option<crate::digest::Digest>,
    findings: Findings,
    failures: Vec<crate::failure::Failure>,
    /// Who signed the lines that are signed.
    signers: BTreeSet<Name>,
    /// What the release is made of, says its provenance.
    parts: BTreeSet<Reference>,
    /// What was hashed, with its size in words.
    hashed: BTreeMap<Tree, String>,
    /// What is as it was recorded.
    agrees: BTreeSet<Tree>,
    /// What was read, and how it counts.
    statements: Vec<Trace>,
    /// There is evidence, and nothing speaks against the release but the policy.
    sound: bool,
    /// The list of withdrawals, if it is whole.
    withdrawals: Option<WithdrawalScope>,
    seen_withdrawals: Option<SeenWithdrawals>,
    /// Which stages releases were taken out of, as it says.
    demotions: Vec<Demotion>,
}

impl Examined {
    fn examine(
        &mut self,
        request: &Request<'_>,
        mut model: model::Hashed,
        assembly: &mut Assembly<'_>,
    ) -> Result<Report, VerifyError> {
        self.findings.append(std::mem::take(&mut assembly.findings));
        absence::explain(&mut self.findings);
        self.failures.append(&mut model.failures);
        self.findings.append(std::mem::take(&mut model.findings));
        self.statements = derivation::statements(assembly.evidence.as_ref(), &assembly.rest);
        let statements = statements(assembly.evidence.as_ref(), &assembly.rest);
        if let Some(seal) = &assembly.seal {
            self.findings.append(model::explain(&model, request, seal, &statements));
            let recorded = recorded::Recorded::new(&statements, seal);
            self.parts = recorded.parts();
            if let Some(inventory) = &model.inventory {
                self.hashed.insert(Tree::Model, inventory.summary());
            }
            self.examine_trees(request, &recorded)?;
        }
        self.examine_memory(request, assembly.evidence.as_ref());
        self.sound = assembly.evidence.is_some() && !self.findings.deny() && self.failures.is_empty();
        let rules = assembly.evidence.as_ref().map(|evidence| self.apply(request, evidence));
        let copy = model.copy.take();
        let inventory = model.inventory.take();
        let report = report::build(self, request, assembly.evidence.as_ref(), assembly.seal.as_ref(), rules.as_deref());
        if let (Some(copy), Some(inventory), Outcome::Passed) = (copy, &inventory, report.verdict.outcome()) {
            copy.commit(inventory)?;
        }
        Ok(report)
    }

    /// Applies the policy, and returns for each of its rules what was at fault.
    fn apply(&mut self, request: &Request<'_>, evidence: &Evidence<'_>) -> Vec<Vec<Finding>> {
        let model = self.hashed.contains_key(&Tree::Model).then_some(Tree::Model);
        let agreeing = self.agrees.iter().filter(|tree| self.hashed.contains_key(*tree)).cloned();
        let hashed = agreeing.chain(model).collect();
        let shared = Shared::default();
        let package_facts = request.package_facts;
        let demotions = self.demotions.as_slice();
        let case = Case { evidence, at: request.at, hashed: &hashed, package_facts, demotions, shared: &shared };
        let (waivers, refused) = Waivers::of(evidence, request.policy, request.at);
        self.findings.extend(refused);
        let found = |item: &Item| {
            item.check(&case).into_iter().map(|finding| waivers.apply(item.rule.name(), finding)).collect()
        };
        let rules: Vec<Vec<Finding>> = request.policy.items().iter().map(found).collect();
        let names = request.policy.items().iter().map(|item| item.rule.name());
        let of_rules = names.zip(&rules).flat_map(|(name, findings)| findings.iter().map(move |one| (name, one)));
        self.findings.extend(waivers.unseeing(&of_rules.collect::<Vec<_>>()));
        self.findings.extend(distinct(&rules).cloned());
        rules
    }

    /// Looks at what was withdrawn and at what was seen before.
    fn examine_memory(&mut self, request: &Request<'_>, evidence: Option<&Evidence<'_>>) {
        if let Some(list) = &request.withdrawals {
            self.findings.append(list.findings.clone());
            let (withdrawals, findings) =
                evidence::withdrawals(list.lines.clone(), request.trust, request.at, list.max_age);
            self.findings.append(findings);
            if let Some(withdrawals) = withdrawals {
                self.findings
                    .extend(evidence.into_iter().flat_map(|evidence| withdrawn::check(evidence, &withdrawals)));
                self.findings.extend(request.state.and_then(|state| rollback::check_withdrawals(&withdrawals, state)));
                self.demotions = withdrawn::demotions(&withdrawals);
                self.withdrawals = WithdrawalScope::of(list, &withdrawals);
                self.seen_withdrawals = rollback::seen_withdrawals(&withdrawals);
            }
        }
        self.findings.extend(request.state.and_then(|state| rollback::check_policy(request.policy, state)));
        let (Some(evidence), Some(state)) = (evidence, request.state) else { return };
        self.findings.extend(rollback::check(evidence, state));
    }

    fn examine_trees(&mut self, request: &Request<'_>, recorded: &recorded::Recorded<'_>) -> Result<(), VerifyError> {
        for (name, artifact) in &request.datasets {
            let checked = dataset::check(name, artifact, request, recorded)?;
            self.take(Tree::Dataset(name.clone()), checked);
        }
        if let Some(artifact) = &request.code {
            let checked = code::check(artifact, request, recorded)?;
            self.take(Tree::Code, checked);
        }
        Ok(())
    }

    fn take(&mut self, tree: Tree, checked: Checked) {
        if let Some(summary) = checked.summary {
            self.hashed.insert(tree.clone(), summary);
        }
        if checked.agrees {
            self.agrees.insert(tree);
        }
        self.findings.append(checked.findings);
        self.failures.extend(checked.failures);
    }
}

/// Returns the findings of rules, and only once that they lack the same evidence; where that is waived for some of the rules
/// alone, it is said of the others as well.
fn distinct(rules: &[Vec<Finding>]) -> impl Iterator<Item = &Finding> {
    let mut lacking: Vec<&Finding> = Vec::new();
    rules.iter().flatten().filter(move |finding| {
        let again = lacking.contains(finding);
        if matches!(finding.cause, Some(Cause::Absent(_))) {
            lacking.push(finding);
        }
        !again
    })
}

/// What came of checking a dataset or the code.
#[derive(Default)]
struct Checked {
    /// What was hashed, in words.
    summary: Option<String>,
    /// It is what was recorded.
    agrees: bool,
    findings: Findings,
    failures: Vec<crate::failure::Failure>,
}

/// Returns every statement that was verified, counted or not.
fn statements<'s, 't>(
    evidence: Option<&'s Evidence<'t>>,
    rest: &'s [VerifiedStatement<'t>],
) -> Vec<&'s VerifiedStatement<'t>> {
    let counted =
        evidence.into_iter().flat_map(|evidence| evidence.counted().chain(evidence.seals()).chain(evidence.unsealed()));
    counted.map(|statement| &**statement).chain(rest).collect()
}

fn no_evidence(lines: usize) -> Finding {
    let summary = match lines {
        0 => "nothing was verified: the bundle has no line".to_owned(),
        _ => "nothing was verified: no line of the bundle is signed by a key that is trusted".to_owned(),
    };
    Finding::deny(Code::NoEvidence, Place::Bundle, summary)
        .help("check that this is the bundle of the release, and that `--trust` names the key of its publisher")
}
