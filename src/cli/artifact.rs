//! The model of a release: hashed here, or vouched for by its digest.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};

use crate::cli::error::CliError;
use crate::digest::ArtifactDigest;
use crate::verify::Artifact;

#[derive(Args)]
#[command(group = ArgGroup::new("model or digest").required(true).args(["model", "without_files"]))]
pub(super) struct ArtifactArguments {
    /// The model to hash: a file or a folder.
    #[arg(long, value_name = "PATH", help_heading = "Files")]
    model: Option<PathBuf>,
    /// UNSAFE: do not hash the model; vouch for it with `--model-digest`.
    #[arg(long, help_heading = "Unsafe doors", requires = "model_digest")]
    without_files: bool,
    /// The digest of the model: `sha256:…` of a file, `tree:sha256:…` of a folder.
    #[arg(
        long,
        value_name = "DIGEST",
        help_heading = "Unsafe doors",
        requires = "without_files",
        conflicts_with = "model"
    )]
    model_digest: Option<ArtifactDigest>,
}

impl ArtifactArguments {
    /// Returns where the model is, if it is to be hashed.
    pub(super) fn path(&self) -> Option<&Path> {
        self.model.as_deref()
    }

    /// Returns the model: the one to hash, or the one that the caller vouches for.
    pub(super) fn artifact(&self) -> Result<Artifact<'static>, CliError> {
        match (&self.model, self.model_digest) {
            (Some(path), None) => Ok(Artifact::Path(path.clone())),
            (None, Some(digest)) => Ok(Artifact::Vouched(digest)),
            (None, None) => Err(CliError::usage("neither `--model` nor `--model-digest` is given")),
            (Some(_), Some(_)) => Err(CliError::usage("`--model` is hashed, and needs no `--model-digest`")),
        }
    }
}
