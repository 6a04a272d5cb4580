//! The training code: the files that git tracks, or every file of a plain folder.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::fault::{Blame, Fault};
use crate::files::ReadError;
use crate::finding::Tree;
use crate::git::{Checkout, GitError};
use crate::inventory::{self, Options, Progress, Taken, Visitor};

/// The code with what git says of it.
pub struct CodeTree {
    /// Its files.
    pub taken: Taken,
    /// What git says, if it tracks any of them.
    pub checkout: Option<Checkout>,
}

/// Why the code can't be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CodeError {
    /// The path leads to a file.
    #[error("the code `{}` is a file, and the code must be a folder", path.display())]
    File {
        /// The path.
        path: PathBuf,
    },
    /// The repository can't be read.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The folder can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl Fault for CodeError {
    fn blame(&self) -> Blame {
        match self {
            Self::File { .. } => Blame::Call,
            Self::Git(error) => error.blame(),
            Self::Read(error) => error.blame(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::File { .. } => Some("name the folder that the file is in".to_owned()),
            Self::Git(error) => error.hint(),
            Self::Read(error) => error.hint(),
        }
    }
}

/// Takes the inventory of the code in a folder.
pub fn take(folder: &Path, progress: &dyn Progress) -> Result<CodeTree, CodeError> {
    take_shown(folder, progress, None)
}

/// Takes the inventory of the code in a folder, and shows each file to a visitor.
pub fn take_shown(
    folder: &Path,
    progress: &dyn Progress,
    visitor: Option<&dyn Visitor>,
) -> Result<CodeTree, CodeError> {
    if folder.is_file() {
        return Err(CodeError::File { path: folder.to_owned() });
    }
    let options = Options { progress, visitor, ..Options::new(Tree::Code) };
    let Some(mut checkout) = Checkout::read(folder)? else {
        return Ok(CodeTree { taken: inventory::take(folder, &options)?, checkout: None });
    };
    let paths = std::mem::take(&mut checkout.paths);
    let mut taken = inventory::take_listed(folder, paths, &options)?;
    let refused = std::mem::take(&mut checkout.findings);
    if refused.deny() {
        taken.inventory = None;
    }
    taken.findings.append(refused);
    Ok(CodeTree { taken, checkout: Some(checkout) })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::digest::ArtifactDigest;
    use crate::file_list::{self, Entry};
    use crate::inventory::NoProgress;
    use crate::path::TreePath;

    #[test]
    fn a_plain_folder_is_taken_whole() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("train.py"), "x").unwrap();
        let code = take(folder.path(), &NoProgress).unwrap();
        let entry = Entry { path: TreePath::new("train.py").unwrap(), digest: crate::digest::Digest::of(b"x") };
        let expected = ArtifactDigest::Tree(file_list::digest(&[entry]));
        assert_eq!(code.taken.inventory.unwrap().digest(), expected);
        assert!(code.checkout.is_none());
    }

    #[test]
    fn untracked_files_are_no_part_of_the_code() {
        let folder = tempfile::tempdir().unwrap();
        let repository = git2::Repository::init(folder.path()).unwrap();
        for name in ["tracked", "untracked"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let mut index = repository.index().unwrap();
        index.add_path(Path::new("tracked")).unwrap();
        index.write().unwrap();
        let code = take(folder.path(), &NoProgress).unwrap();
        let inventory = code.taken.inventory.unwrap();
        assert_eq!(inventory.entries().iter().map(|entry| &*entry.path).collect::<Vec<_>>(), ["tracked"]);
        assert!(code.checkout.unwrap().dirty);
    }
}
