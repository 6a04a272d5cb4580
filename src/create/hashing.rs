//! Taking the inventories of model, datasets and code.

use crate::code_tree;
use crate::create::{CreateError, Job};
use crate::facts::{CodeFacts, CodeReader, DatasetFacts, GitFacts, Size};
use crate::failure::Failure;
use crate::file_list::Entry;
use crate::finding::{Code, Finding, Findings, Place, Tree};
use crate::git::Checkout;
use crate::intoto::predicate::Tensors;
use crate::inventory::{self, Follower, Inventory, Options, Taken, Visitor};
use crate::limits;
use crate::oms;
use crate::release::{DatasetSource, DatasetSpec};
use crate::scan::{Scanner, TreeScan};
use crate::tensors::{TensorHasher, Unread};

/// Everything that was hashed.
#[derive(Debug)]
pub struct Hashed {
    pub(super) model: Inventory,
    pub(super) datasets: Vec<HashedDataset>,
    pub(super) code: CodeFacts,
    pub(super) code_inventory: Inventory,
    pub(super) warnings: Findings,
    pub(super) scan: Option<TreeScan>,
    pub(super) tensors: Option<Tensors>,
}

/// A dataset with its inventory, if it was at hand.
#[derive(Debug)]
pub(super) struct HashedDataset {
    pub(super) facts: DatasetFacts,
    pub(super) inventory: Option<Inventory>,
}

impl Hashed {
    pub(super) fn dataset_facts(&self) -> Vec<DatasetFacts> {
        self.datasets.iter().map(|dataset| dataset.facts.clone()).collect()
    }

    /// Returns how much was hashed in all.
    pub(super) fn size(&self) -> Size {
        let datasets = self.datasets.iter().filter_map(|dataset| dataset.facts.measured);
        let parts = datasets.chain([Size::from(&self.model), self.code.size]);
        parts.fold(Size { files: 0, bytes: 0 }, |sum, part| Size {
            files: sum.files + part.files,
            bytes: sum.bytes + part.bytes,
        })
    }
}

/// What is wrong so far, over all trees.
#[derive(Default)]
struct Troubles {
    findings: Findings,
    failures: Vec<Failure>,
}

impl Troubles {
    fn take(&mut self, taken: Taken) -> Option<Inventory> {
        self.findings.append(taken.findings);
        self.failures.extend(taken.failures);
        taken.inventory
    }

    /// Nothing is signed unless everything was read and nothing refused.
    fn into_warnings(self) -> Result<Findings, CreateError> {
        if self.findings.deny() {
            return Err(CreateError::Refused(self.findings));
        }
        if self.failures.is_empty() { Ok(self.findings) } else { Err(CreateError::Failed(self.failures)) }
    }
}

/// Hashes model, datasets and code, and reports all that is wrong with them at once.
pub(super) fn hash(job: &Job<'_>) -> Result<Hashed, CreateError> {
    let mut troubles = Troubles::default();
    let scanner = job.scan.map(|how| Scanner::new(how.allowance));
    let visitor = scanner.as_ref().map(|scanner| scanner as &dyn Visitor);
    let tensors = job.tensors.then(TensorHasher::default);
    let follower = tensors.as_ref().map(|hasher| hasher as &dyn Follower);
    let options = Options { progress: job.progress, visitor, follower, ..Options::new(Tree::Model) };
    let model = inventory::take(&job.spec.model.path, &options.skipping(job.excluded))?;
    let model = troubles.take(model);
    troubles.findings.extend(model.as_ref().and_then(nothing_to_sign));
    let mut datasets = Vec::new();
    for spec in &job.spec.datasets {
        datasets.extend(dataset(spec, job, &mut troubles)?);
    }
    let reader = CodeReader::new(&job.spec.environment);
    let code = code_tree::take_shown(&job.spec.code, job.progress, Some(&reader))?;
    let code_inventory = troubles.take(code.taken);
    let warnings = troubles.into_warnings()?;
    let (Some(model), Some(code_inventory)) = (model, code_inventory) else {
        return Err(CreateError::Refused(warnings));
    };
    let scan = scanner.map(Scanner::finish);
    check_scan(job, scan.as_ref())?;
    let tensors = tensors.map(recorded).transpose()?;
    let code = CodeFacts {
        digest: code_inventory.digest().without_kind(),
        size: Size::from(&code_inventory),
        git: code.checkout.map(git_facts),
        environment: reader.finish(&job.spec.environment)?,
    };
    Ok(Hashed { model, datasets, code, code_inventory, warnings, scan, tensors })
}

/// Returns the tensors to be recorded, if all of them are known and there are not too many.
fn recorded(hasher: TensorHasher) -> Result<Tensors, CreateError> {
    let (tensors, unread) = hasher.finish();
    if let Some(Unread { path, reason }) = unread.into_iter().next() {
        return Err(CreateError::TensorsUnread { path, reason });
    }
    match tensors.count() {
        0 => Err(CreateError::NoTensors),
        count if count > limits::RECORDED_TENSORS => Err(CreateError::TooManyTensors { count }),
        _ if serde_json::to_vec(&tensors)?.len() > limits::PREDICATE_BYTES => Err(CreateError::TensorNames),
        _ => Ok(tensors),
    }
}

fn git_facts(git: Checkout) -> GitFacts {
    GitFacts {
        commit: git.commit,
        tree: git.tree,
        tags: git.tags,
        remote: git.remote,
        dirty: git.dirty,
        changed: git.changed,
        changed_count: git.changed_count,
    }
}

/// Nothing is signed of a model that does not pass, unless that is to be recorded.
fn check_scan(job: &Job<'_>, scan: Option<&TreeScan>) -> Result<(), CreateError> {
    match scan {
        Some(scan) if !scan.passes() && !job.scan.is_some_and(|how| how.record_failed) => {
            Err(CreateError::Scan(Box::new(scan.clone())))
        }
        _ => Ok(()),
    }
}

/// A model signature lists at least one file, and some names it leaves out.
fn nothing_to_sign(model: &Inventory) -> Option<Finding> {
    let left_out = |entry: &Entry| oms::IGNORED.contains(&entry.path.top());
    model.entries().iter().all(left_out).then(|| {
        let summary = "the model has no file but those that model signatures leave out";
        let finding = Finding::deny(Code::TreeEmpty, Place::Tree(Tree::Model), summary);
        finding.help(format!("a model needs a file beside {}", oms::IGNORED.join(", ")))
    })
}

fn dataset(spec: &DatasetSpec, job: &Job<'_>, troubles: &mut Troubles) -> Result<Option<HashedDataset>, CreateError> {
    let path = match &spec.source {
        DatasetSource::Declared(digest) => {
            let facts = DatasetFacts { spec: spec.clone(), digest: *digest, measured: None };
            return Ok(Some(HashedDataset { facts, inventory: None }));
        }
        DatasetSource::Path(path) => path,
    };
    let options = Options { progress: job.progress, ..Options::new(Tree::Dataset(spec.name.clone())) };
    let taken = inventory::take(path, &options)?;
    Ok(troubles.take(taken).map(|inventory| {
        let measured = Some(Size::from(&inventory));
        let facts = DatasetFacts { spec: spec.clone(), digest: inventory.digest(), measured };
        HashedDataset { facts, inventory: Some(inventory) }
    }))
}
