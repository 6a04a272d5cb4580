//! What is on disk: the files of a tree, each opened once beneath its root and hashed.
//!
//! Links are never followed, special files never opened, names are checked before anything else. What
//! stands in an [`Inventory`] was read by this process, in one pass, from the file that was listed.

use std::fs::File;
use std::path::Path;

use crate::digest::ArtifactDigest;
use crate::failure::Failure;
use crate::fault::{Blame, Fault};
use crate::file_list::{self, Entry};
use crate::files::{self, ReadError};
use crate::finding::{Code, Finding, Findings, Place, Severity, Tree};
use crate::path::TreePath;
use crate::text;

pub use beneath::Root;
pub use compare::{Difference, compare};
pub use copy::{CopyError, StagedCopy};
pub use follow::{Follower, Following};
pub use partial::Partial;
pub use progress::{NoProgress, Progress};
pub use visit::{Unvisited, Visitor, visit};

mod beneath;
mod checks;
mod compare;
mod copy;
mod follow;
mod hash;
mod partial;
mod progress;
mod visit;
mod walk;

/// The files of a tree with their digests, or one file with its own.
#[derive(Clone, Debug)]
pub struct Inventory {
    entries: Vec<Entry>,
    /// How many bytes were hashed, unless some of the files were left out afterwards.
    bytes: Option<u64>,
    digest: ArtifactDigest,
}

impl Inventory {
    /// Returns the files, sorted by path. A single file stands under its own name.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the number of bytes of the files, unless some were left out after hashing.
    pub fn bytes(&self) -> Option<u64> {
        self.bytes
    }

    /// Returns the digest of the whole: of the file, or of the file list.
    pub fn digest(&self) -> ArtifactDigest {
        self.digest
    }

    /// Says in words what was hashed.
    pub fn summary(&self) -> String {
        let files = text::count(self.entries.len(), "file");
        self.bytes.map_or(files.clone(), |bytes| format!("{files}, {}", text::bytes(bytes)))
    }

    /// Leaves out the files that `extra` picks, and digests the rest anew.
    #[must_use]
    pub fn without(&self, extra: impl Fn(&Entry) -> bool) -> Self {
        let entries: Vec<Entry> = self.entries.iter().filter(|entry| !extra(entry)).cloned().collect();
        let digest = match self.digest {
            ArtifactDigest::Tree(_) => ArtifactDigest::Tree(file_list::digest(&entries)),
            file @ ArtifactDigest::File(_) => file,
        };
        Self { entries, bytes: None, digest }
    }
}

/// How to take an inventory.
pub struct Options<'a> {
    /// What the tree is, for findings.
    pub tree: Tree,
    /// Paths that are passed over, with all beneath them.
    pub skip: &'a [TreePath],
    /// Where to report progress.
    pub progress: &'a dyn Progress,
    /// Where to copy what is read.
    pub copy: Option<&'a StagedCopy>,
    /// Who else looks into each file while it is open.
    pub visitor: Option<&'a dyn Visitor>,
    /// Who hears the bytes of each file while they are hashed.
    pub follower: Option<&'a dyn Follower>,
}

impl<'a> Options<'a> {
    /// Takes everything and reports nothing.
    pub fn new(tree: Tree) -> Self {
        Self { tree, skip: &[], progress: &NoProgress, copy: None, visitor: None, follower: None }
    }

    /// Passes over some paths.
    #[must_use]
    pub fn skipping(self, skip: &'a [TreePath]) -> Self {
        Self { skip, ..self }
    }

    /// Says what two names mean that are equal where case is ignored: a model must not have them.
    fn collisions(&self) -> Severity {
        if self.tree == Tree::Model { Severity::Deny } else { Severity::Warn }
    }
}

/// What came of taking an inventory.
#[derive(Debug, Default)]
pub struct Taken {
    /// The inventory, if nothing was refused and nothing failed.
    pub inventory: Option<Inventory>,
    /// What was hashed of a tree, if nothing was refused and something failed.
    pub partial: Option<Partial>,
    /// What is wrong with the tree.
    pub findings: Findings,
    /// What could not be read.
    pub failures: Vec<Failure>,
}

/// Takes the inventory of a file or a folder. What the machine keeps from being read is a failure of the
/// inventory; a path that leads nowhere is the caller's error.
pub fn take(path: &Path, options: &Options<'_>) -> Result<Taken, ReadError> {
    take_path(path, options).or_else(|error| match error.blame() {
        Blame::Machine => {
            let failure = Failure::new(Place::Tree(options.tree.clone()), error.to_string());
            Ok(Taken { failures: vec![failure], ..Taken::default() })
        }
        Blame::Call | Blame::Evidence => Err(error),
    })
}

fn take_path(path: &Path, options: &Options<'_>) -> Result<Taken, ReadError> {
    let metadata = std::fs::metadata(path).map_err(|source| ReadError::Io { path: path.to_owned(), source })?;
    if metadata.is_dir() {
        let root = Root::open(path)?;
        let walked = walk::walk(&root, options);
        return Ok(hash_tree(&root, walked, options));
    }
    Ok(take_file(path, &files::open(path)?, options))
}

/// Takes the inventory of those files of a folder that a list names, such as the ones that git tracks.
pub fn take_listed(path: &Path, paths: Vec<TreePath>, options: &Options<'_>) -> Result<Taken, ReadError> {
    let root = Root::open(path)?;
    let mut walked = walk::Walked { paths, ..Default::default() };
    walked.paths.sort_unstable();
    Ok(hash_tree(&root, walked, options))
}

fn hash_tree(root: &Root, walked: walk::Walked, options: &Options<'_>) -> Taken {
    let mut taken = Taken { findings: walked.findings, failures: walked.failures, ..Taken::default() };
    // What could not be listed is not known to be empty.
    if taken.failures.is_empty() || !walked.paths.is_empty() {
        checks::check(&walked.paths, options, &mut taken.findings);
    }
    if taken.findings.deny() {
        // Whatever the bytes are, this tree can't be signed or verified: don't spend hours on them.
        return taken;
    }
    let total = options.progress.wants_total().then(|| walked.paths.iter().map(|path| root.size(path)).sum());
    options.progress.start(&options.tree.to_string(), total);
    let hashed = hash::hash_all(root, walked.paths, options);
    taken.findings.append(hashed.findings);
    taken.failures.extend(hashed.failures);
    if taken.findings.deny() {
        return taken;
    }
    if taken.failures.is_empty() {
        let digest = ArtifactDigest::Tree(file_list::digest(&hashed.entries));
        taken.inventory = Some(Inventory { entries: hashed.entries, bytes: Some(hashed.bytes), digest });
    } else {
        taken.partial = Some(Partial::new(hashed.entries, &taken.failures));
    }
    taken
}

fn take_file(path: &Path, file: &File, options: &Options<'_>) -> Taken {
    let mut taken = Taken::default();
    let name = match name_of(path, &options.tree) {
        Ok(name) => name,
        Err(finding) => {
            taken.findings.push(*finding);
            return taken;
        }
    };
    options.progress.start(&options.tree.to_string(), file.metadata().ok().map(|metadata| metadata.len()));
    match hash::hash_one(file, &name, options) {
        Ok((digest, bytes)) => {
            let entries = vec![Entry { path: name, digest }];
            taken.inventory = Some(Inventory { entries, bytes: Some(bytes), digest: ArtifactDigest::File(digest) });
        }
        Err(fault) => fault.report(&options.tree, &name, &mut taken.findings, &mut taken.failures),
    }
    taken
}

/// Returns the name of a single file.
fn name_of(path: &Path, tree: &Tree) -> Result<TreePath, Box<Finding>> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    TreePath::new(name).map_err(|reason| Box::new(walk::unsafe_path(tree, &path.to_string_lossy(), reason)))
}

/// Why one file has no digest.
#[derive(Debug)]
enum FileFault {
    /// The tree is at fault.
    Refused { code: Code, summary: &'static str, help: Option<&'static str> },
    /// The machine is at fault.
    Failed(std::io::Error),
    /// The copy could not be written.
    Copy(CopyError),
}

impl FileFault {
    fn report(self, tree: &Tree, path: &str, findings: &mut Findings, failures: &mut Vec<Failure>) {
        let place = Place::file(tree, path);
        match self {
            Self::Refused { code, summary, help } => {
                let finding = Finding::deny(code, place, format!("`{path}` {summary}"));
                findings.push(match help {
                    Some(help) => finding.help(help),
                    None => finding,
                });
            }
            Self::Failed(error) => failures.push(Failure::new(place, format!("`{path}` can't be read: {error}"))),
            Self::Copy(error) => {
                let hint = error.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
                failures.push(Failure::new(place, format!("{error}{hint}")));
            }
        }
    }

    const LINK: Self = Self::Refused {
        code: Code::LinkInTree,
        summary: "is a link; links are never followed",
        help: Some("put the file itself there, for instance with `cp -rL`"),
    };
    const SPECIAL: Self = Self::Refused {
        code: Code::SpecialFile,
        summary: "is neither a file nor a folder",
        help: Some("remove it: a pipe, socket or device can't be signed"),
    };
    const UNSTABLE: Self = Self::Refused {
        code: Code::FileUnstable,
        summary: "changed while it was read",
        help: Some("wait until nothing writes there, and try again"),
    };
    const VANISHED: Self = Self::Refused {
        code: Code::FileUnstable,
        summary: "was there, and is gone",
        help: Some("wait until nothing writes there, and try again"),
    };
}
