//! What is released: `release.toml`, or flags, or both.
//!
//! A [`Draft`] holds what was said so far; a [`ReleaseSpec`] is complete and consistent. Paths are joined,
//! never opened.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::cyclonedx::License;
use crate::digest::{ArtifactDigest, Digest};
use crate::intoto::ResourceDescriptor;
use crate::intoto::predicate::seal::Release;
use crate::name::Name;

pub use declared::{AibomSpec, Approach, CodeNotice, DatasetNotice, EnergySource, ModelIdentity, ReleaseIdentity};
pub use draft::{DatasetDraft, Draft, DraftError};
pub use environment::{ContainerImage, EnvironmentSpec};
pub use license::LicenseExpression;

mod declared;
mod draft;
mod environment;
mod file;
mod license;

/// A release to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseSpec {
    /// Its name and version.
    pub release: Release,
    /// Its licence.
    pub license: Option<LicenseExpression>,
    /// Who supplies it.
    pub supplier: Option<String>,
    /// Who is behind it, and how it is named elsewhere.
    pub identity: ReleaseIdentity,
    /// What OWASP's AIBOM asks for, if the BOM is to say it under its names.
    pub aibom: Option<AibomSpec>,
    /// The model.
    pub model: ModelSpec,
    /// The datasets, sorted by name.
    pub datasets: Vec<DatasetSpec>,
    /// The training code: a folder.
    pub code: PathBuf,
    /// What is said of the code.
    pub code_notice: CodeNotice,
    /// The environment in which it was trained.
    pub environment: EnvironmentSpec,
    /// How it was trained.
    pub training: TrainingSpec,
}

/// The model of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelSpec {
    /// A file or a folder.
    pub path: PathBuf,
    /// What it is for.
    pub task: Option<String>,
    /// The models that it was made from, sorted by name.
    pub base: Vec<BaseSpec>,
    /// How it is named elsewhere, and what else is said of it.
    pub identity: ModelIdentity,
}

/// A model that another was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseSpec {
    /// Its name.
    pub name: Name,
    /// Where it is, or its package URL.
    pub uri: Option<String>,
    /// Its licence, as declared.
    pub license: Option<LicenseExpression>,
    /// Its digest: as declared, or as its bundle has it once that was verified.
    pub digest: Option<ArtifactDigest>,
    /// Its release bundle, to be verified.
    pub bundle: Option<PathBuf>,
    /// What its bundle was, once it was verified.
    pub verified: Option<VerifiedBase>,
}

/// A release bundle of a base model that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedBase {
    /// The release, as `NAME@VERSION`.
    pub release: String,
    /// Its version.
    pub version: String,
    /// The SHA-256 of the bundle.
    pub bundle: Digest,
    /// The root of model signing of its model, if that is a folder.
    pub oms_root: Option<Digest>,
    /// Who signed what counts in it: fingerprints of keys, and what stands for identities.
    pub signers: BTreeSet<Digest>,
    /// Its own datasets and base models, and theirs, by the names that its evidence gives to them.
    pub parts: BTreeMap<String, ResourceDescriptor>,
    /// The licences of the release, as the BOM of the bundle states them.
    pub licenses: Vec<License>,
}

/// A dataset of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetSpec {
    /// Its name.
    pub name: Name,
    /// Where its digest comes from.
    pub source: DatasetSource,
    /// Where it is kept.
    pub uri: Option<String>,
    /// What it was used for.
    pub role: Option<DatasetRole>,
    /// Its licence.
    pub license: Option<LicenseExpression>,
    /// How confidential it is.
    pub classification: Option<String>,
    /// Whether the first rows of its CSV files name their columns, if that is said.
    pub header: Option<bool>,
    /// What else is said of it.
    pub notice: DatasetNotice,
}

impl DatasetSpec {
    /// Names a dataset of which nothing more is said.
    pub fn new(name: Name, source: DatasetSource) -> Self {
        let notice = DatasetNotice::default();
        Self { name, source, uri: None, role: None, license: None, classification: None, header: None, notice }
    }
}

/// Where the digest of a dataset comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatasetSource {
    /// The user states it; recorded as declared.
    Declared(ArtifactDigest),
    /// It is computed from a file or folder; recorded as measured.
    Path(PathBuf),
}

/// What a dataset was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum DatasetRole {
    /// To calibrate, for instance a quantisation.
    Calibration,
    /// To measure the finished model.
    Testing,
    /// To train.
    Training,
    /// To choose between trainings.
    Validation,
}

impl DatasetRole {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Calibration => "calibration",
            Self::Testing => "testing",
            Self::Training => "training",
            Self::Validation => "validation",
        }
    }
}

/// How a model was trained.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrainingSpec {
    /// The parameters that were chosen.
    pub parameters: BTreeMap<String, String>,
    /// When it started.
    pub started: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished: Option<DateTime<Utc>>,
    /// The machines that it ran on.
    pub hardware: Vec<String>,
    /// What it cost in energy.
    pub energy: EnergySpec,
}

/// What a training cost in energy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnergySpec {
    /// The file in which CodeCarbon wrote it down.
    pub emissions: Option<PathBuf>,
    /// Who provided the energy.
    pub provider: Option<String>,
    /// Where it came from.
    pub source: EnergySource,
}
