//! What is known of a release when it is made: the specification, and what was measured.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::dataset::Contents;
use crate::digest::{ArtifactDigest, Digest};
use crate::inventory::Inventory;
use crate::name::Name;
use crate::path::TreePath;
use crate::release::{DatasetSpec, ReleaseSpec};

pub use ci::Invocation;
pub use contents::{DatasetRead, DatasetReader, RowBudget};
pub use emissions::{Emissions, EmissionsError};
pub use environment::{CodeReader, EnvironmentError, EnvironmentFacts, KnownPackage, ReadFile};
pub use licences::other_licence;
pub use model::{Both, Collector, ModelFacts, Totals, model_facts};
pub use overlap::{Compared, Comparison, Disjoint, compare};

mod ci;
mod contents;
mod contradictions;
mod emissions;
mod environment;
mod licences;
mod model;
mod overlap;
mod same_rows;

/// Everything that BOM and provenance are made from.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// What the user said.
    pub spec: &'a ReleaseSpec,
    /// The files of the model.
    pub model: &'a Inventory,
    /// What they state about it.
    pub weights: &'a ModelFacts,
    /// The datasets, sorted by name.
    pub datasets: Vec<DatasetFacts>,
    /// The training code.
    pub code: CodeFacts,
    /// What the training cost in energy.
    pub emissions: Option<&'a Emissions>,
    /// Which run of which system this is.
    pub invocation: Invocation,
    /// The paths of the model folder that were left out.
    pub excluded: &'a [TreePath],
    /// The time of the release.
    pub at: DateTime<Utc>,
}

/// A dataset with its digest.
#[derive(Clone, Debug)]
pub struct DatasetFacts {
    /// What the user said.
    pub spec: DatasetSpec,
    /// Its digest.
    pub digest: ArtifactDigest,
    /// Its files and bytes, if it was hashed; otherwise the digest is as declared.
    pub measured: Option<Size>,
    /// What it holds, if it was hashed.
    pub contents: Option<Contents>,
    /// The datasets with which it was compared and has nothing in common.
    pub disjoint: BTreeMap<Name, Comparison>,
}

/// How large something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// The number of files.
    pub files: usize,
    /// The number of bytes.
    pub bytes: u64,
}

/// The training code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeFacts {
    /// The SHA-256 of its file list.
    pub digest: Digest,
    /// How large it is.
    pub size: Size,
    /// What git says of it, if it is in a repository.
    pub git: Option<GitFacts>,
    /// What it runs in.
    pub environment: EnvironmentFacts,
}

/// What git says of the training code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitFacts {
    /// The commit.
    pub commit: Option<String>,
    /// The tree of the commit.
    pub tree: Option<String>,
    /// The tags at the commit.
    pub tags: Vec<String>,
    /// Where the repository came from.
    pub remote: Option<String>,
    /// Whether something differs from the commit.
    pub dirty: bool,
    /// What differs, or the first of it.
    pub changed: Vec<String>,
    /// How many files differ.
    pub changed_count: usize,
}

impl From<&Inventory> for Size {
    fn from(inventory: &Inventory) -> Self {
        Self { files: inventory.entries().len(), bytes: inventory.bytes().unwrap_or_default() }
    }
}
