//! Signing a model.

use std::path::Path;

use thiserror::Error;

use crate::digest::ArtifactDigest;
use crate::dsse::{IN_TOTO, Pae};
use crate::failure::Failure;
use crate::fault::{Blame, Fault};
use crate::files::ReadError;
use crate::finding::{Code, Finding, Findings, Place, Tree};
use crate::inventory::{self, Inventory, Progress};
use crate::key::Algorithm;
use crate::limits;
use crate::model::{git_names, name, options};
use crate::oms::{self, ModelSignature};
use crate::path::TreePath;
use crate::signer::{SignError, Signer, bundle_of};
use crate::text;

/// What is signed, and how.
pub struct SignRequest<'a> {
    /// The model: a file or a folder.
    pub model: &'a Path,
    /// What is left out.
    pub ignored: &'a [TreePath],
    /// Whether the git names at the top are left out.
    pub ignore_git_names: bool,
    /// Whether a model that is a single file is named `.`, as the reference demands.
    pub dot: bool,
    /// Who signs.
    pub signer: &'a dyn Signer,
    /// Where to report progress.
    pub progress: &'a dyn Progress,
}

/// Why a model was not signed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SignModelError {
    /// OpenSSF Model Signing knows ECDSA alone.
    #[error("OpenSSF Model Signing has no {}", .0.as_str())]
    Algorithm(Algorithm),
    /// The machine kept files from being read.
    #[error("the model could not be read whole")]
    Failed(Vec<Failure>),
    /// A value can't be written as JSON: a bug.
    #[error("a value can't be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The model can't be read at all.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The model can't be signed as it is.
    #[error("the model can't be signed as it is")]
    Refused(Box<Findings>),
    /// The signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The signature would be longer than any verifier reads.
    #[error("the signature would be larger than {}", text::bytes(limits::LINE_BYTES as u64))]
    TooLong,
}

impl Fault for SignModelError {
    fn blame(&self) -> Blame {
        match self {
            Self::Algorithm(_) => Blame::Call,
            Self::Failed(_) | Self::Json(_) => Blame::Machine,
            Self::Read(error) => error.blame(),
            Self::Refused(_) | Self::TooLong => Blame::Evidence,
            Self::Sign(error) => error.blame(),
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::Failed(failures) => failures.iter().map(|failure| failure.summary.for_terminal()).collect(),
            _ => Vec::new(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Algorithm(_) => Some(
                "make a key for it with `assaymark key generate --algorithm ecdsa-p256`; release bundles take both"
                    .to_owned(),
            ),
            Self::Sign(error) => error.hint(),
            _ => None,
        }
    }
}

/// Signs a model, and returns the signature as a Sigstore bundle with the inventory of what it covers.
pub fn sign(request: &SignRequest<'_>) -> Result<(Vec<u8>, Inventory), SignModelError> {
    let signer = request.signer;
    if signer.public().algorithm() == Algorithm::Ed25519 {
        return Err(SignModelError::Algorithm(Algorithm::Ed25519));
    }
    let inventory = take(request)?;
    let payload = payload(request, &inventory)?;
    let signature = signer.sign(Pae::new(IN_TOTO, &payload).as_bytes())?;
    let bundle = bundle_of(signer, &payload, signature)?;
    if bundle.len() > limits::LINE_BYTES {
        return Err(SignModelError::TooLong);
    }
    Ok((bundle, inventory))
}

fn ignored(request: &SignRequest<'_>) -> Vec<TreePath> {
    let git = git_names().filter(|_| request.ignore_git_names);
    git.chain(request.ignored.iter().cloned()).collect()
}

fn take(request: &SignRequest<'_>) -> Result<Inventory, SignModelError> {
    let skip = ignored(request);
    let taken = inventory::take(request.model, &options(&skip, request.progress))?;
    match taken.inventory {
        Some(inventory) => Ok(inventory),
        None if taken.findings.deny() => Err(SignModelError::Refused(Box::new(taken.findings))),
        None => Err(SignModelError::Failed(taken.failures)),
    }
}

fn payload(request: &SignRequest<'_>, inventory: &Inventory) -> Result<Vec<u8>, SignModelError> {
    let name = name(request.model);
    let single = matches!(inventory.digest(), ArtifactDigest::File(_));
    if let (true, true, [file]) = (single, request.dot, inventory.entries()) {
        return Ok(oms::payload_of_dot(&name, file)?);
    }
    let ignored = if single { Vec::new() } else { ignored(request) };
    if let Some(path) = ignored.iter().find(|path| path.contains(['*', '?', '['])) {
        let summary = format!("`{path}` can't be left out: no verifier reads such a name among those left out");
        let mut findings = Findings::default();
        findings.push(Finding::deny(Code::UnsafePath, Place::file(&Tree::Model, path.as_str()), summary));
        return Err(SignModelError::Refused(Box::new(findings)));
    }
    let resources = inventory.entries().to_vec();
    let root = oms::root(&resources);
    let ignored = ignored.iter().map(ToString::to_string).collect();
    Ok(oms::payload(&name, &ModelSignature { resources, root, ignored })?)
}
