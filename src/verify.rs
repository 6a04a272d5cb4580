//! The verdict on a release bundle: everything that is demanded, checked, and reported.
//!
//! [`verify`] runs the steps of [`crate::evidence`], compares the files, applies the policy and judges. It
//! opens no socket, starts no process, and takes trust from its arguments alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::bundle::UnverifiedBundle;
use crate::digest::ArtifactDigest;
use crate::evidence::{self, Assembly, Demands, VerifiedStatement};
use crate::finding::{Code, Finding, Findings, Place, Tree};
use crate::inventory::{Inventory, Progress};
use crate::name::Name;
use crate::path::TreePath;
use crate::policy::Policy;
use crate::reference::Reference;
use crate::scan::Allowance;
use crate::trust::TrustRoot;

pub use error::VerifyError;
pub use report::{Door, Report, Requirement, Scope, SealScope, Status, TimeSource, TrustScope, TrustedSigner};
pub use verdict::{Outcome, Verdict};

mod code;
mod dataset;
mod differences;
mod error;
mod model;
mod recorded;
mod report;
mod requirements;
mod rescan;
mod verdict;

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
pub fn verify(mut request: Request<'_>) -> Result<Report, VerifyError> {
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
    let assembly = evidence::assemble(statements, faults, hashed.on_hand(&request.model), &demands);
    let mut examined = Examined { lines, signed, bundle_digest, findings, signers, ..Examined::default() };
    examined.examine(&request, hashed, assembly)
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
}

impl Examined {
    fn examine(
        &mut self,
        request: &Request<'_>,
        mut model: model::Hashed,
        assembly: Assembly<'_>,
    ) -> Result<Report, VerifyError> {
        self.findings.append(assembly.findings);
        self.failures.append(&mut model.failures);
        self.findings.append(std::mem::take(&mut model.findings));
        let statements = statements(assembly.evidence.as_ref(), &assembly.rest);
        if let Some(seal) = &assembly.seal {
            self.findings.append(model::explain(&model, &request.model, seal, &statements));
            let recorded = recorded::Recorded::new(&statements, seal);
            self.parts = recorded.parts();
            if let Some(inventory) = &model.inventory {
                self.hashed.insert(Tree::Model, inventory.summary());
            }
            self.examine_trees(request, &recorded)?;
        }
        let policy = Policy::baseline();
        let mut rules = Vec::new();
        if let Some(evidence) = &assembly.evidence {
            for rule in policy.rules() {
                let found = rule.check(evidence);
                rules.push((rule.name(), found.is_empty()));
                self.findings.extend(found);
            }
        }
        let copy = model.copy.take();
        let inventory = model.inventory.take();
        let report = report::build(self, request, assembly.evidence.as_ref(), assembly.seal.as_ref(), &policy, &rules);
        if let (Some(copy), Some(inventory), Outcome::Passed) = (copy, &inventory, report.verdict.outcome()) {
            copy.commit(inventory)?;
        }
        Ok(report)
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
    evidence: Option<&'s evidence::Evidence<'t>>,
    rest: &'s [VerifiedStatement<'t>],
) -> Vec<&'s VerifiedStatement<'t>> {
    let counted = evidence.into_iter().flat_map(|evidence| evidence.members().iter().chain(evidence.seals()));
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
