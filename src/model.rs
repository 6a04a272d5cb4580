//! OpenSSF Model Signing alone, outside of a release bundle: what `model sign` and `model verify` do.
//!
//! `docs/model-signing.md` says where this is stricter than the reference.

use std::path::Path;

use crate::finding::Tree;
use crate::inventory::{Options, Progress};
use crate::oms::{self, Manifest, ManifestError};
use crate::path::TreePath;
use crate::sigstore_bundle::SigstoreBundle;

pub use report::{ModelReport, ModelScope};
pub use sign::{SignModelError, SignRequest, sign};
pub use verify::{ModelRequest, TrustedSigner, verify};

mod authenticate;
mod compare;
mod keyless;
mod measure;
mod report;
mod sign;
mod verify;

/// Says whether a text claims to be a model signature, by whomever and of whatever. Nothing is verified.
pub fn is_signature(text: &[u8]) -> bool {
    let Ok(bundle) = SigstoreBundle::parse_of_client(text) else { return false };
    // What is wrong with a model signature makes it no other thing.
    !matches!(Manifest::parse(&bundle.envelope.payload), Err(ManifestError::Json(_) | ManifestError::Type { .. }))
}

/// Returns the names that model signatures leave out unless one asks for them.
fn git_names() -> impl Iterator<Item = TreePath> {
    oms::IGNORED.into_iter().filter_map(|name| TreePath::new(name).ok())
}

/// Returns how a model is hashed: but for some paths, and never through a link.
fn options<'a>(skip: &'a [TreePath], progress: &'a dyn Progress) -> Options<'a> {
    Options { progress, ..Options::new(Tree::Model) }.skipping(skip)
}

/// Returns the name of a model: that of its file or folder.
fn name(model: &Path) -> String {
    let resolved = model.canonicalize().unwrap_or_else(|_| model.to_owned());
    let name = resolved.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "model".to_owned())
}
