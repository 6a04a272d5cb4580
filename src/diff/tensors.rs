//! Weights, tensor by tensor: from what the bundles record, or from the models themselves.

use std::path::{Path, PathBuf};

use crate::diff::{DiffError, Side};
use crate::finding::Tree;
use crate::intoto::Predicate;
use crate::intoto::predicate::Tensors;
use crate::inventory::{self, Difference, Inventory, Options, Progress};
use crate::tensors::{TensorHasher, Unread};
use crate::text::Text;

pub use comparison::{Counts, Group, TensorChange, TensorComparison, Verdict};

mod comparison;
mod names;

/// Files that differ which are named when a model is not the one of its bundle.
const SHOWN: usize = 10;

/// The tensors of one of two models.
#[derive(Debug)]
pub struct Weights {
    tensors: Tensors,
    unread: Vec<Unread>,
    /// The model that was hashed, if it is not what the bundle records.
    measured: Option<PathBuf>,
}

impl Weights {
    /// Takes the tensors that a bundle records.
    pub fn recorded(side: &Side) -> Option<Self> {
        let tensors = side.claims().find_map(|(_, claim)| match &claim.statement.predicate {
            Predicate::Tensors(tensors) => Some(tensors.clone()),
            _ => None,
        });
        Some(Self { tensors: tensors?, unread: Vec::new(), measured: None })
    }

    /// Hashes a model, which must be the one of the bundle.
    pub fn measured(side: &Side, path: &Path, progress: &dyn Progress) -> Result<Self, DiffError> {
        let hasher = TensorHasher::default();
        let options = Options { progress, follower: Some(&hasher), ..Options::new(Tree::Model) };
        let taken = inventory::take(path, &options)?;
        if let Some(failure) = taken.failures.into_iter().next() {
            return Err(DiffError::Failed { path: path.to_owned(), failure: failure.summary });
        }
        let Some(inventory) = taken.inventory else {
            return Err(DiffError::Refused { path: path.to_owned(), findings: taken.findings });
        };
        check(side, path, &inventory)?;
        let (tensors, unread) = hasher.finish();
        Ok(Self { tensors, unread, measured: Some(path.to_owned()) })
    }

    /// Says where the tensors are known from.
    fn source(&self) -> Text {
        match &self.measured {
            Some(path) => format!("measured in `{}`", path.display()).into(),
            None => "as the bundle records them".into(),
        }
    }
}

/// Refuses a model that is another than the sealed one.
fn check(side: &Side, path: &Path, inventory: &Inventory) -> Result<(), DiffError> {
    let sealed = side.inspection.seal().map(|seal| seal.model.digest());
    if sealed == Some(inventory.digest()) {
        return Ok(());
    }
    let mut differences = Vec::new();
    inventory::compare(crate::diff::files::listed(side), inventory.entries(), |difference| {
        differences.push(match difference {
            Difference::Changed { path, .. } => format!("changed: {path}"),
            Difference::Extra(entry) => format!("extra: {}", entry.path),
            Difference::Missing(entry) => format!("missing: {}", entry.path),
            Difference::Renamed { signed, found, .. } => format!("renamed: {signed} to {found}"),
        });
    });
    differences.sort();
    let more = differences.len().saturating_sub(SHOWN);
    differences.truncate(SHOWN);
    if more > 0 {
        differences.push(format!("and {more} more"));
    }
    let sealed = sealed.map_or_else(|| "no digest".to_owned(), |digest| digest.to_string());
    differences.insert(0, format!("the bundle names {sealed}"));
    differences.insert(1, format!("found {}", inventory.digest()));
    Err(DiffError::OtherModel { model: path.to_owned(), bundle: side.path().to_owned(), differences })
}
