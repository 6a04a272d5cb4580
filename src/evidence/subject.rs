//! Step 3: which statements are about the model at hand.

use std::ops::Deref;

use crate::digest::{ArtifactDigest, Digest};
use crate::evidence::VerifiedStatement;
use crate::file_list::Entry;
use crate::intoto::Predicate;
use crate::intoto::predicate::seal::SealedModel;
use crate::inventory::Inventory;
use crate::oms::{self, ModelSignature};

/// The model at hand.
#[derive(Clone, Copy, Debug)]
pub enum Model<'i> {
    /// It was hashed by this process.
    Hashed(&'i Inventory),
    /// The caller vouches for its bytes.
    Vouched(ArtifactDigest),
}

impl Model<'_> {
    /// Returns its digest.
    pub fn digest(&self) -> ArtifactDigest {
        match self {
            Self::Hashed(inventory) => inventory.digest(),
            Self::Vouched(digest) => *digest,
        }
    }

    /// Says whether this is the model that a seal names.
    pub(super) fn is(&self, sealed: &SealedModel) -> bool {
        if self.digest() != sealed.digest() {
            return false;
        }
        match (self, sealed) {
            (Self::Hashed(inventory), SealedModel::Tree { oms_root, .. }) => {
                oms::root(signed_entries(inventory.entries())) == *oms_root
            }
            _ => true,
        }
    }
}

/// The model that a seal names, and by what else a statement of others may name it.
#[derive(Clone, Debug)]
pub(super) struct Sealed {
    pub(super) model: SealedModel,
    /// The root of model signing in the order of its reference implementation, if a sealed model signature says it.
    pub(super) other_root: Option<Digest>,
}

impl Sealed {
    /// Says whether a digest names the model, as the only one or as one of several.
    ///
    /// A file list is a file too, which may stand among others of a release: the folder is meant only where it stands alone.
    /// Roots are digests of nothing else, and of a model that is a file every digest is one.
    fn is_named_by(&self, digest: Digest, alone: bool) -> bool {
        match &self.model {
            SealedModel::File { sha256 } => digest == *sha256,
            SealedModel::Tree { file_list, oms_root } => {
                (alone && digest == *file_list) || digest == *oms_root || Some(digest) == self.other_root
            }
        }
    }

    /// Says whether a statement in the form of others names the model.
    fn is_named_in(&self, statement: &VerifiedStatement<'_>) -> bool {
        let subjects = statement.subjects();
        let alone = subjects.len() == 1 && !statement.has_other_subjects();
        subjects.iter().any(|subject| self.is_named_by(subject.sha256, alone))
    }
}

/// A verified statement about the model at hand.
#[derive(Debug)]
pub struct MatchedStatement<'t>(VerifiedStatement<'t>);

impl<'t> Deref for MatchedStatement<'t> {
    type Target = VerifiedStatement<'t>;

    fn deref(&self) -> &VerifiedStatement<'t> {
        &self.0
    }
}

impl<'t> MatchedStatement<'t> {
    /// Matches a statement with the model at hand, which a seal names as `sealed`.
    pub(super) fn new(
        statement: VerifiedStatement<'t>,
        sealed: &Sealed,
        model: Model<'_>,
    ) -> Result<Self, Box<VerifiedStatement<'t>>> {
        let lists_the_files = match (statement.predicate(), model) {
            (Predicate::ModelSignature(signature), Model::Hashed(inventory)) => lists(signature, inventory),
            _ => true,
        };
        if model.is(&sealed.model) && speaks_of(&statement, sealed) && lists_the_files {
            Ok(Self(statement))
        } else {
            Err(statement.into())
        }
    }
}

/// Says whether a statement is about the model that a seal names.
///
/// Of a folder, the first subject must be its root and the second its file list, which alone binds names;
/// of a file, the only subject must be its digest. So the digest of a file never stands for a folder, nor the
/// reverse. What others write too may name the model in their way: by one digest, beside whatever else it is about (in-toto,
/// `validation.md`). A model signature has its own root.
pub(super) fn speaks_of(statement: &VerifiedStatement<'_>, sealed: &Sealed) -> bool {
    let predicate = statement.predicate();
    match (predicate, &sealed.model) {
        (Predicate::ModelSignature(signature), model) => is_of(signature, model),
        (_, SealedModel::Tree { file_list, oms_root }) if statement.is_of_folder() => {
            matches!(statement.subjects(), [root, list, ..] if root.sha256 == *oms_root && list.sha256 == *file_list)
        }
        _ if predicate.is_common() => sealed.is_named_in(statement),
        (_, SealedModel::Tree { .. }) => false,
        (_, SealedModel::File { sha256 }) => matches!(statement.subjects(), [only] if only.sha256 == *sha256),
    }
}

/// Says whether a model signature is of the model that a seal names.
pub(super) fn is_of(signature: &ModelSignature, model: &SealedModel) -> bool {
    match model {
        SealedModel::Tree { oms_root, .. } => signature.canonical_root() == *oms_root,
        SealedModel::File { sha256 } => matches!(signature.resources.as_slice(), [only] if only.digest == *sha256),
    }
}

/// Says whether a model signature lists exactly the files that were hashed.
fn lists(signature: &ModelSignature, inventory: &Inventory) -> bool {
    match inventory.digest() {
        ArtifactDigest::Tree(_) => signature.resources.iter().eq(signed_entries(inventory.entries())),
        // A single file keeps its digest under any name.
        ArtifactDigest::File(digest) => matches!(signature.resources.as_slice(), [only] if only.digest == digest),
    }
}

/// Leaves out what a model signature leaves out.
fn signed_entries(entries: &[Entry]) -> impl Iterator<Item = &Entry> {
    entries.iter().filter(|entry| !oms::IGNORED.contains(&entry.path.top()))
}
