//! Taking the inventories of model, datasets and code.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::card::is_card;
use crate::code_tree;
use crate::create::{CreateError, Inputs};
use crate::dataset::Contents;
use crate::facts::{
    self, Both, CodeFacts, CodeReader, Collector, Compared, DatasetFacts, DatasetRead, DatasetReader, Emissions, Facts,
    GitFacts, Invocation, ModelFacts, RowBudget, Size,
};
use crate::failure::Failure;
use crate::file_list::Entry;
use crate::finding::{Code, Finding, Findings, Place, Severity, Tree};
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
    pub(super) weights: ModelFacts,
    pub(super) datasets: Vec<HashedDataset>,
    pub(super) code: CodeFacts,
    pub(super) code_inventory: Inventory,
    pub(super) emissions: Option<Emissions>,
    pub(super) warnings: Findings,
    pub(super) scan: Option<TreeScan>,
    pub(super) tensors: Option<Tensors>,
}

/// A dataset with its inventory, if it was at hand.
#[derive(Debug)]
pub(super) struct HashedDataset {
    pub(super) facts: DatasetFacts,
    pub(super) inventory: Option<Inventory>,
    /// What was read of it, until it was compared with the others.
    read: Option<DatasetRead>,
}

impl Hashed {
    /// Returns what is known of the release.
    pub(super) fn facts<'a>(&'a self, inputs: &Inputs<'a>, invocation: Invocation, at: DateTime<Utc>) -> Facts<'a> {
        Facts {
            spec: inputs.spec,
            model: &self.model,
            weights: &self.weights,
            datasets: self.datasets.iter().map(|dataset| dataset.facts.clone()).collect(),
            code: self.code.clone(),
            emissions: self.emissions.as_ref(),
            invocation,
            excluded: inputs.excluded,
            at,
        }
    }

    /// Keeps some tags of the code, and returns the others.
    pub(super) fn keep_tags(&mut self, told: &[&str]) -> Vec<String> {
        let Some(git) = &mut self.code.git else { return Vec::new() };
        let (kept, untold) = std::mem::take(&mut git.tags).into_iter().partition(|tag| told.contains(&tag.as_str()));
        git.tags = kept;
        untold
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
pub(super) fn hash(job: &Inputs<'_>) -> Result<Hashed, CreateError> {
    let mut troubles = Troubles::default();
    let scanner = job.scan.map(|how| Scanner::new(how.allowance));
    let collector = Collector::default();
    let both = scanner.as_ref().map(|scanner| Both(scanner, &collector));
    let visitor: &dyn Visitor = both.as_ref().map_or(&collector, |both| both);
    let tensors = job.tensors.then(TensorHasher::default);
    let follower = tensors.as_ref().map(|hasher| hasher as &dyn Follower);
    let options = Options { progress: job.progress, visitor: Some(visitor), follower, ..Options::new(Tree::Model) };
    let model = inventory::take(&job.spec.model.path, &options.skipping(job.excluded))?;
    let model = troubles.take(model);
    troubles.findings.extend(model.as_ref().and_then(nothing_to_sign));
    let (mut datasets, budget) = (Vec::new(), RowBudget::default());
    for spec in &job.spec.datasets {
        datasets.extend(dataset(spec, job, &budget, &mut troubles)?);
    }
    compare_datasets(&mut datasets, job.compare_rows, &mut troubles.findings);
    let reader = CodeReader::new(&job.spec.environment);
    let code = code_tree::take_shown(&job.spec.code, job.progress, Some(&reader))?;
    let code_inventory = troubles.take(code.taken);
    let warnings = troubles.into_warnings()?;
    let (Some(model), Some(code_inventory)) = (model, code_inventory) else {
        return Err(CreateError::Refused(warnings));
    };
    let scan = scanner.map(Scanner::finish);
    check_scan(job, scan.as_ref())?;
    let weights = collector.finish();
    let warnings = described(&weights.findings(job.spec), warnings, job)?;
    let tensors = tensors.map(recorded).transpose()?;
    let code = CodeFacts {
        digest: code_inventory.digest().without_kind(),
        size: Size::from(&code_inventory),
        git: code.checkout.map(git_facts),
        environment: reader.finish(&job.spec.environment)?,
    };
    let emissions = job.spec.training.energy.emissions.as_deref().map(Emissions::load).transpose()?;
    Ok(Hashed { model, weights, datasets, code, code_inventory, emissions, warnings, scan, tensors })
}

/// Nothing is signed that contradicts itself. A file that can't be read is the scan's to record.
fn described(found: &Findings, mut warnings: Findings, job: &Inputs<'_>) -> Result<Findings, CreateError> {
    let recorded = job.scan.is_some_and(|how| how.record_failed);
    warnings.extend(found.iter().cloned().map(|finding| match finding.code {
        Code::WeightsMalformed if recorded => Finding { severity: Severity::Warn, ..finding },
        _ => finding,
    }));
    if warnings.deny() { Err(CreateError::Refused(warnings)) } else { Ok(warnings) }
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
fn check_scan(job: &Inputs<'_>, scan: Option<&TreeScan>) -> Result<(), CreateError> {
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

/// Says with which others each dataset has nothing in common, or finds what stands on both sides.
fn compare_datasets(datasets: &mut [HashedDataset], rows: bool, findings: &mut Findings) {
    let compared: Vec<_> = datasets
        .iter()
        .map(|dataset| Compared {
            spec: &dataset.facts.spec,
            digest: dataset.facts.digest,
            inventory: dataset.inventory.as_ref(),
            read: dataset.read.as_ref(),
        })
        .collect();
    let (found, mut disjoint) = facts::compare(&compared, rows);
    findings.append(found);
    for dataset in datasets {
        dataset.facts.disjoint = disjoint.remove(&dataset.facts.spec.name).unwrap_or_default();
        // The digests of rows are of no use any more.
        dataset.facts.contents = dataset.read.take().map(|read| read.contents);
    }
}

/// A file that is not what its name says is signed as it is; nothing is known of its rows. A card that can't be read is not:
/// nobody would know its licence.
fn unread(spec: &DatasetSpec, contents: &Contents) -> impl Iterator<Item = Finding> {
    let tree = Tree::Dataset(spec.name.clone());
    contents.unread.iter().map(move |(path, why)| {
        let summary = format!("`{path}` can't be read as what it seems to be: {why}");
        let place = Place::file(&tree, path);
        if is_card(path) {
            return Finding::deny(Code::DatasetUnread, place, summary)
                .help("mend the card, or leave it out: then the BOM takes nothing from it");
        }
        Finding::warn(Code::DatasetUnread, place, summary)
            .help("mend the file if it should be read; the BOM says nothing of its rows")
    })
}

fn dataset(
    spec: &DatasetSpec,
    job: &Inputs<'_>,
    budget: &RowBudget,
    troubles: &mut Troubles,
) -> Result<Option<HashedDataset>, CreateError> {
    let path = match &spec.source {
        DatasetSource::Declared(digest) => {
            let facts = DatasetFacts {
                spec: spec.clone(),
                digest: *digest,
                measured: None,
                contents: None,
                disjoint: BTreeMap::new(),
            };
            return Ok(Some(HashedDataset { facts, inventory: None, read: None }));
        }
        DatasetSource::Path(path) => path,
    };
    // Data of no role are compared with nothing.
    let reader = DatasetReader::new(Some(budget).filter(|_| job.compare_rows && spec.role.is_some()));
    let reader = reader.with_header(spec.header);
    let visitor = Some(&reader as &dyn Visitor);
    let options = Options { progress: job.progress, visitor, ..Options::new(Tree::Dataset(spec.name.clone())) };
    let taken = inventory::take(path, &options)?;
    let read = reader.finish();
    troubles.findings.extend(unread(spec, &read.contents));
    troubles.findings.extend(facts::other_licence(spec, &read.contents));
    Ok(troubles.take(taken).map(|inventory| {
        let measured = Some(Size::from(&inventory));
        let facts = DatasetFacts {
            spec: spec.clone(),
            digest: inventory.digest(),
            measured,
            contents: None,
            disjoint: BTreeMap::new(),
        };
        HashedDataset { facts, inventory: Some(inventory), read: Some(read) }
    }))
}
