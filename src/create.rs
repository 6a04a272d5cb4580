//! `bundle create`: from files to a signed, sealed and verified release bundle.
//!
//! Everything is hashed once, described, signed by one signer and verified with its public key before it
//! is handed out. Nothing is written here.

use chrono::{DateTime, Utc};

use crate::bundle::UnverifiedBundle;
use crate::cyclonedx::{SpecVersion, schema, semantics};
use crate::describe::{self, Listing, ScanFacts};
use crate::digest::{ArtifactDigest, Digest};
use crate::facts::{Invocation, Size};
use crate::finding::{Code, Findings};
use crate::intoto::predicate::seal::{Member, SealedModel};
use crate::intoto::predicate::{Seal, TestResult};
use crate::intoto::{Predicate, Statement, Subject};
use crate::inventory::{Inventory, Progress};
use crate::name::Name;
use crate::oms::ModelSignature;
use crate::path::TreePath;
use crate::policy::Policy;
use crate::release::ReleaseSpec;
use crate::scan::{Allowance, TreeScan};
use crate::signer::{CredentialError, Signer};
use crate::trust::TrustRoot;
use crate::verify::{self, Artifact, Outcome, Report, TimeSource};

pub use base::{BaseFault, verify_bases};
pub use bill::{Bill, BillJob, bill};
pub use error::CreateError;
pub use hashing::Hashed;
pub use outputs::check_outputs;

mod base;
mod bill;
mod error;
mod hashing;
mod line;
mod outputs;

/// What to make, and with what.
pub struct Job<'a> {
    /// The release.
    pub spec: &'a ReleaseSpec,
    /// Paths of the model folder that are left out, exactly.
    pub excluded: &'a [TreePath],
    /// Who signs.
    pub signer: &'a dyn Signer,
    /// Which run of which system this is.
    pub invocation: Invocation,
    /// The time that the release claims.
    pub at: DateTime<Utc>,
    /// The time of the clock, at which what was made is verified.
    pub now: DateTime<Utc>,
    /// Where to report progress.
    pub progress: &'a dyn Progress,
    /// Whether training and testing data are compared row by row.
    pub compare_rows: bool,
    /// How to scan the model; without it there is no result of a scan in the bundle.
    pub scan: Option<ScanJob<'a>>,
    /// Whether the digest of each tensor is recorded.
    pub tensors: bool,
}

/// What is hashed, scanned and described.
struct Inputs<'a> {
    spec: &'a ReleaseSpec,
    excluded: &'a [TreePath],
    progress: &'a dyn Progress,
    scan: Option<ScanJob<'a>>,
    tensors: bool,
    compare_rows: bool,
}

impl Job<'_> {
    fn inputs(&self) -> Inputs<'_> {
        let Self { spec, excluded, progress, scan, tensors, compare_rows, .. } = *self;
        Inputs { spec, excluded, progress, scan, tensors, compare_rows }
    }
}

/// How to scan the model.
#[derive(Clone, Copy)]
pub struct ScanJob<'a> {
    /// What is allowed on top of the built-in list.
    pub allowance: &'a Allowance,
    /// Whether a scan that failed is signed and recorded, and does not stop the job.
    pub record_failed: bool,
    /// The SHA-256 of the program that scans, if it is known.
    pub program: Option<Digest>,
}

/// A release bundle that verifies, with what belongs to it.
#[derive(Debug)]
pub struct Created {
    /// The bundle: lines, each with its line feed.
    pub bundle: Vec<u8>,
    /// Its SHA-256.
    pub digest: Digest,
    /// The number of its lines.
    pub lines: usize,
    /// The BOM alone, indented.
    pub bom: Vec<u8>,
    /// The datasets that were hashed and are folders: their file lists go beside the bundle.
    pub lists: Vec<(Name, Inventory)>,
    /// What was hashed.
    pub size: Size,
    /// What the scan says, if there was one.
    pub scan: Option<TreeScan>,
    /// Warnings of hashing.
    pub warnings: Findings,
    /// The verification of the bundle.
    pub report: Report,
}

/// Makes a release bundle.
pub fn create(job: &Job<'_>) -> Result<Created, CreateError> {
    check_times(job)?;
    let inputs = job.inputs();
    let hashed = hashing::hash(&inputs)?;
    let sealed = sealed_model(&hashed.model);
    let facts = hashed.facts(&inputs, job.invocation.clone(), job.at);
    let bom = describe::bom(&facts, &sealed, SpecVersion::V1_6)?;
    let document = serde_json::to_value(&bom)?;
    check_bom(&document, SpecVersion::V1_6)?;
    let name = job.spec.release.name.as_str();
    let about = |listing| describe::subjects(name, &sealed, &hashed.model, listing);
    let signature = ModelSignature::of_tree(hashed.model.entries());
    let root = Subject { name: name.to_owned(), sha256: signature.root };
    let mut statements = vec![
        Statement::new(vec![root], Predicate::ModelSignature(signature)),
        Statement::new(about(Listing::Whole), Predicate::Bom(Box::new(document))),
        Statement::new(about(Listing::Files), Predicate::Provenance(Box::new(describe::provenance(&facts)))),
    ];
    if let Some(result) = scan_result(job, &hashed) {
        statements.push(Statement::new(about(Listing::Whole), Predicate::TestResult(result)));
    }
    if let Some(tensors) = &hashed.tensors {
        statements.push(Statement::new(about(Listing::Whole), Predicate::Tensors(tensors.clone())));
    }
    let mut lines = line::Lines::new(job.signer);
    for statement in statements {
        lines.sign(&statement)?;
    }
    let seal = seal(job, sealed.clone(), lines.members());
    lines.sign(&Statement::new(about(Listing::Whole), Predicate::Seal(Box::new(seal))))?;
    drop(facts);
    finish(job, hashed, lines, serde_json::to_vec_pretty(&bom)?)
}

fn finish(job: &Job<'_>, hashed: Hashed, lines: line::Lines<'_>, mut bom: Vec<u8>) -> Result<Created, CreateError> {
    bom.push(b'\n');
    let count = lines.count();
    let bundle = lines.into_bundle();
    let report = verify_own(job, &hashed, &bundle)?;
    let size = hashed.size();
    let scan = hashed.scan;
    let lists = hashed.datasets.into_iter().filter_map(|dataset| match dataset.inventory {
        Some(inventory) if matches!(inventory.digest(), ArtifactDigest::Tree(_)) => {
            Some((dataset.facts.spec.name, inventory))
        }
        _ => None,
    });
    Ok(Created {
        digest: Digest::of(&bundle),
        lines: count,
        bom,
        lists: lists.collect(),
        size,
        scan,
        warnings: hashed.warnings,
        report,
        bundle,
    })
}

/// Describes the scan of the model, if there was one.
fn scan_result(job: &Job<'_>, hashed: &Hashed) -> Option<TestResult> {
    let (how, scan) = (job.scan?, hashed.scan.as_ref()?);
    Some(describe::scan(&ScanFacts {
        scan,
        model: hashed.model.digest(),
        excluded: job.excluded,
        allowance: how.allowance,
        program: how.program,
        at: job.at,
    }))
}

fn sealed_model(model: &Inventory) -> SealedModel {
    match model.digest() {
        ArtifactDigest::File(sha256) => SealedModel::File { sha256 },
        ArtifactDigest::Tree(file_list) => {
            let oms_root = ModelSignature::of_tree(model.entries()).root;
            SealedModel::Tree { file_list, oms_root }
        }
    }
}

/// No verifier takes a time that is still to come.
fn check_times(job: &Job<'_>) -> Result<(), CreateError> {
    let training = &job.spec.training;
    let times = [("the release", Some(job.at)), ("the start of the training", training.started)];
    let times = times.into_iter().chain([("the end of the training", training.finished)]);
    match times.filter_map(|(what, time)| Some((what, time?))).find(|(_, time)| *time > job.now) {
        Some((what, time)) => Err(CreateError::Future { what, time }),
        None => Ok(()),
    }
}

/// Finds what the user wrote that CycloneDX has no room for, such as an address with a space.
fn check_bom(document: &serde_json::Value, version: SpecVersion) -> Result<(), CreateError> {
    let mut faults = schema::faults_as(document, version)?;
    faults.extend(semantics::faults(document));
    match faults.into_iter().next() {
        Some(fault) => Err(CreateError::Bom { fault }),
        None => Ok(()),
    }
}

fn seal(job: &Job<'_>, model: SealedModel, members: Vec<Member>) -> Seal {
    Seal { release: job.spec.release.clone(), sequence: 1, previous: None, sealed_at: job.at, model, members }
}

/// Verifies what was made, as anybody would with the public key, on the files as they were hashed.
fn verify_own(job: &Job<'_>, hashed: &Hashed, bundle: &[u8]) -> Result<Report, CreateError> {
    let trust = match job.signer.certificates() {
        [] => TrustRoot::of_key("signer", job.signer.public().clone()),
        [own, ..] => TrustRoot::of_certificate("signer", own).map_err(CredentialError::from)?,
    };
    let (bundle, bundle_findings) = UnverifiedBundle::split(bundle);
    let measured = hashed
        .datasets
        .iter()
        .filter_map(|dataset| Some((dataset.facts.spec.name.clone(), Artifact::Taken(dataset.inventory.as_ref()?))));
    let report = verify::verify(verify::Request {
        bundle,
        bundle_findings,
        bundle_path: None,
        trust: &trust,
        policy: Policy::baseline(),
        package_facts: None,
        model: Artifact::Taken(&hashed.model),
        datasets: measured.collect(),
        code: Some(Artifact::Taken(&hashed.code_inventory)),
        allow_extra_files: false,
        ignored: Vec::new(),
        release: Some((job.spec.release.name.clone(), Some(job.spec.release.version.clone()))),
        min_sequence: Some(1),
        withdrawals: None,
        state: None,
        at: job.now,
        time_source: TimeSource::Clock,
        strict: true,
        copy_to: None,
        progress: job.progress,
        rescan: None,
    })?;
    match report.verdict.outcome() {
        Outcome::Passed => Ok(report),
        // What the scan found is recorded on purpose, and denies on purpose.
        Outcome::Rejected if records_failure(job, &report) => Ok(report),
        Outcome::Rejected | Outcome::Incomplete => Err(CreateError::OwnVerification(Box::new(report))),
    }
}

/// Says whether the recorded failure of the scan is all that denies.
fn records_failure(job: &Job<'_>, report: &Report) -> bool {
    let recorded = job.scan.is_some_and(|scan| scan.record_failed);
    recorded
        && report.findings.iter().filter(|finding| finding.denies()).all(|finding| finding.code == Code::TestFailed)
}
