//! What our statements are about.

use crate::digest::ArtifactDigest;
use crate::intoto::Subject;
use crate::intoto::predicate::seal::SealedModel;
use crate::inventory::Inventory;
use crate::limits;

/// Whether the files of a folder follow as subjects of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// Each file is a subject, up to [`limits::LISTED_FILES`].
    Files,
    /// The folder alone.
    Whole,
}

/// Returns the subjects of a statement about a model (`docs/format.md`, "Subjects").
///
/// Of a file, its digest. Of a folder, first the root by which model signatures name it, then the digest
/// of its file list, which is the one that binds names.
pub fn subjects(name: &str, model: &SealedModel, inventory: &Inventory, listing: Listing) -> Vec<Subject> {
    let subject = |name: String, sha256| Subject { name, sha256 };
    let mut subjects = match model {
        SealedModel::File { sha256 } => vec![subject(name.to_owned(), *sha256)],
        SealedModel::Tree { file_list, oms_root } => {
            vec![subject(name.to_owned(), *oms_root), subject(format!("{name}.sha256"), *file_list)]
        }
    };
    let files = inventory.entries();
    let listed = matches!(inventory.digest(), ArtifactDigest::Tree(_)) && listing == Listing::Files;
    if listed && files.len() <= limits::LISTED_FILES {
        subjects.extend(files.iter().map(|entry| subject(entry.path.to_string(), entry.digest)));
    }
    subjects
}
