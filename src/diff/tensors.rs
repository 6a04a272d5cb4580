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
        Some(Self { tensors: recorded(side)?.clone(), unread: Vec::new(), measured: None })
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

/// Says that tensors were not compared, of two models that may have some and are not the same.
pub(super) fn uncompared(old: &Side, new: &Side) -> Option<Text> {
    let model = |side: &Side| side.inspection.seal().map(|seal| seal.model.digest());
    let has_tensors = |side: &Side| {
        let files = crate::diff::files::listed(side);
        let by_name = |path: &str| {
            let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
            extension.is_some_and(|extension| ["gguf", "safetensors"].contains(&extension.as_str()))
        };
        files.iter().any(|entry| by_name(&entry.path)) || recorded(side).is_some()
    };
    let sides = [("--old-model", old), ("--new-model", new)];
    if model(old) == model(new) || !sides.iter().any(|(_, side)| has_tensors(side)) {
        return None;
    }
    let silent = sides.iter().filter(|(_, side)| recorded(side).is_none());
    let (flags, paths): (Vec<_>, Vec<_>) =
        silent.map(|(flag, side)| (format!("`{flag}`"), format!("`{}`", side.path().display()))).unzip();
    let (record, what) = if paths.len() == 1 { ("records", "the model") } else { ("record", "the models") };
    let message = format!(
        "tensors were not compared, for {} {record} none: give {what} by {}",
        paths.join(" and "),
        flags.join(" and ")
    );
    Some(message.into())
}

/// Returns the tensors that a bundle records.
fn recorded(side: &Side) -> Option<&Tensors> {
    side.claims().find_map(|(_, claim)| match &claim.statement.predicate {
        Predicate::Tensors(tensors) => Some(tensors),
        _ => None,
    })
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
