//! What git knows of a folder: its tracked files, the commit, the remote, whether anything differs.
//!
//! Repositories are read, never written; no program is started and no hook runs.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use git2::{ErrorCode, Repository, StatusOptions};
use thiserror::Error;

use crate::fault::{Blame, Fault};
use crate::finding::{Code, Finding, Findings, Place, Tree};
use crate::limits;
use crate::path::{TreePath, UnsafePath};

/// A folder in a git repository.
#[derive(Debug, Default)]
pub struct Checkout {
    /// The tracked files beneath the folder that are on disk, relative to it.
    pub paths: Vec<TreePath>,
    /// What is tracked and can't be hashed.
    pub findings: Findings,
    /// The commit, in hexadecimal digits; none before the first one.
    pub commit: Option<String>,
    /// The tree of the commit.
    pub tree: Option<String>,
    /// The tags at the commit, sorted.
    pub tags: Vec<String>,
    /// Where the repository came from, without credentials.
    pub remote: Option<String>,
    /// Whether something beneath the folder differs from the commit, untracked files included.
    pub dirty: bool,
    /// What differs, relative to the folder and sorted; of more than a few, the first.
    pub changed: Vec<String>,
    /// How many files differ.
    pub changed_count: usize,
}

/// Why a repository can't be read.
#[derive(Debug, Error)]
#[error("the git repository of `{folder}` can't be read: {}", source.message())]
pub struct GitError {
    folder: String,
    source: git2::Error,
}

impl Fault for GitError {
    fn blame(&self) -> Blame {
        Blame::Machine
    }

    fn hint(&self) -> Option<String> {
        let foreign = self.source.code() == ErrorCode::Owner;
        foreign
            .then(|| "git distrusts repositories of other users; see `safe.directory` in `git help config`".to_owned())
    }
}

impl Checkout {
    /// Reads what git knows of a folder, or nothing if git tracks no file beneath it.
    pub fn read(folder: &Path) -> Result<Option<Self>, GitError> {
        let failed = |source| GitError { folder: folder.display().to_string(), source };
        match Self::look(folder).map_err(failed)? {
            Some(checkout) => Ok(Some(checkout)),
            // libgit2 takes what it can't look at for absent: only a second look without any fault is believed.
            None if is_beneath_repository(folder).map_err(failed)? => Self::look(folder).map_err(failed),
            None => Ok(None),
        }
    }

    fn look(folder: &Path) -> Result<Option<Self>, git2::Error> {
        let repository = match Repository::discover(folder) {
            Ok(repository) => repository,
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(prefix) = prefix(&repository, folder)? else { return Ok(None) };
        let mut checkout = Self::default();
        checkout.read_index(&repository, folder, &prefix)?;
        if checkout.paths.is_empty() && !checkout.findings.deny() {
            return Ok(None);
        }
        if let Some(commit) = commit(&repository)? {
            checkout.commit = Some(commit.id().to_string());
            checkout.tree = Some(commit.tree_id().to_string());
            checkout.tags = tags(&repository, commit.id())?;
        }
        checkout.remote = remote(&repository)?;
        // A file that libgit2 can't look at is a difference to it: two looks must find one.
        let (first, second) = (changed(&repository, &prefix)?, changed(&repository, &prefix)?);
        checkout.dirty = !first.is_empty() && !second.is_empty();
        if checkout.dirty {
            checkout.changed_count = second.len();
            checkout.changed = second.into_iter().take(limits::LISTED_CHANGES).collect();
        }
        Ok(Some(checkout))
    }

    fn read_index(&mut self, repository: &Repository, folder: &Path, prefix: &str) -> Result<(), git2::Error> {
        /// The file type of an index entry (git `index-format`, "mode").
        const TYPE: u32 = 0o170_000;
        const REGULAR: u32 = 0o100_000;
        const LINK: u32 = 0o120_000;
        for entry in repository.index()?.iter() {
            let Some(path) = entry.path.strip_prefix(prefix.as_bytes()) else { continue };
            let checked = str::from_utf8(path).map_err(|_| UnsafePath::Encoding).and_then(TreePath::new);
            match (checked, entry.mode & TYPE) {
                (Ok(path), REGULAR) => {
                    // A tracked file that is not on disk makes the folder dirty; it is not part of it.
                    if is_there(&folder.join(path.as_str()))? {
                        self.paths.push(path);
                    }
                }
                (Ok(path), LINK) => self.refuse(&path, Code::LinkInTree, "is a tracked link; links are never followed"),
                (Ok(path), _) => {
                    self.refuse(&path, Code::SpecialFile, "is a submodule, whose files git does not track here");
                }
                (Err(reason), _) => {
                    let path = String::from_utf8_lossy(path);
                    self.refuse(&path, Code::UnsafePath, &format!("can't be signed: {reason}"));
                }
            }
        }
        // A file in conflict stands in the index up to three times.
        self.paths.sort_unstable();
        self.paths.dedup();
        Ok(())
    }

    fn refuse(&mut self, path: &str, code: Code, reason: &str) {
        let place = Place::file(&Tree::Code, path);
        let help = "name a folder without it with `--code`, or `git archive` one";
        self.findings.push(Finding::deny(code, place, format!("`{path}` {reason}")).help(help));
    }
}

/// Says whether something is at a path; not being able to look is no answer.
fn is_there(path: &Path) -> Result<bool, git2::Error> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
        Err(error) => Err(unreadable(path, &error)),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> git2::Error {
    git2::Error::from_str(&format!("`{}`: {error}", path.display()))
}

fn canonical(path: &Path) -> Result<PathBuf, git2::Error> {
    path.canonicalize().map_err(|error| unreadable(path, &error))
}

/// Says whether a folder or one above it may be a repository, without a fault of the machine. A folder that
/// is not there is in none.
fn is_beneath_repository(folder: &Path) -> Result<bool, git2::Error> {
    let mut found = false;
    if !is_there(folder)? {
        return Ok(false);
    }
    for above in canonical(folder)?.ancestors() {
        for part in ["", "HEAD", "config", "index", "objects", "refs"] {
            found |= is_there(&above.join(".git").join(part))?;
        }
    }
    Ok(found)
}

/// Returns where a folder is in the repository: empty for its root, else with a final `/`.
fn prefix(repository: &Repository, folder: &Path) -> Result<Option<String>, git2::Error> {
    let Some(root) = repository.workdir() else { return Ok(None) };
    let (root, folder) = (canonical(root)?, canonical(folder)?);
    let Ok(inside) = folder.strip_prefix(root) else { return Ok(None) };
    let names = inside.components().map(|component| component.as_os_str().to_str());
    Ok(names.map(|name| name.map(|name| format!("{name}/"))).collect())
}

fn commit(repository: &Repository) -> Result<Option<git2::Commit<'_>>, git2::Error> {
    match repository.head() {
        Ok(head) => Ok(Some(head.peel_to_commit()?)),
        Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the names of the tags that lead to a commit.
fn tags(repository: &Repository, commit: git2::Oid) -> Result<Vec<String>, git2::Error> {
    let mut tags = Vec::new();
    for reference in repository.references_glob("refs/tags/*")? {
        let reference = reference?;
        // A tag may lead to a tree or a blob.
        let leads_here = reference.peel_to_commit().is_ok_and(|tagged| tagged.id() == commit);
        if leads_here && let Ok(name) = reference.shorthand() {
            tags.push(name.to_owned());
        }
    }
    tags.sort_unstable();
    tags.truncate(limits::LISTED_CHANGES);
    Ok(tags)
}

/// Returns the remote `origin`, or else the first one.
fn remote(repository: &Repository) -> Result<Option<String>, git2::Error> {
    let again = Repository::open(repository.path())?;
    // To libgit2 a configuration that it can't look at is an empty one: two looks must find it so.
    for repository in [repository, &again] {
        let names = repository.remotes()?;
        let names: Vec<&str> = names.iter().filter_map(|name| name.ok().flatten()).collect();
        if let Some(name) = names.iter().find(|name| **name == "origin").or(names.first()) {
            return Ok(repository.find_remote(name)?.url().ok().and_then(without_credentials));
        }
    }
    Ok(None)
}

/// Leaves out what may be a secret or a path of this machine.
pub(crate) fn without_credentials(url: &str) -> Option<String> {
    let url = url.split(['?', '#']).next()?;
    match url.split_once("://") {
        Some(("file", _)) => None,
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host.rsplit('@').next()?;
            Some(format!("{scheme}://{host}/{path}"))
        }
        // The short form `user@host:path`; anything else without a scheme is a path of this machine.
        None => {
            let (host, path) = url.split_once(':')?;
            let host = host.rsplit('@').next()?;
            (!host.contains('/')).then(|| format!("ssh://{host}/{}", path.trim_start_matches('/')))
        }
    }
}

/// Returns what differs from the commit beneath the folder; a folder that is new is one entry.
fn changed(repository: &Repository, prefix: &str) -> Result<BTreeSet<String>, git2::Error> {
    let mut options = StatusOptions::new();
    options.include_untracked(true).include_ignored(false).exclude_submodules(true).disable_pathspec_match(true);
    if !prefix.is_empty() {
        options.pathspec(prefix.trim_end_matches('/'));
    }
    let statuses = repository.statuses(Some(&mut options))?;
    let path = |entry: git2::StatusEntry<'_>| {
        let path = String::from_utf8_lossy(entry.path_bytes()).into_owned();
        path.strip_prefix(prefix).map(str::to_owned).unwrap_or(path)
    };
    Ok(statuses.iter().map(path).collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use git2::Signature;

    use super::*;

    fn repository(folder: &Path, files: &[&str]) -> Repository {
        let repository = Repository::init(folder).unwrap();
        let mut index = repository.index().unwrap();
        for file in files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
            index.add_path(Path::new(file)).unwrap();
        }
        index.write().unwrap();
        let tree = index.write_tree().unwrap();
        let author = Signature::now("a", "a@example.com").unwrap();
        let tree = repository.find_tree(tree).unwrap();
        repository.commit(Some("HEAD"), &author, &author, "x", &tree, &[]).unwrap();
        drop(tree);
        repository
    }

    fn names(checkout: &Checkout) -> Vec<&str> {
        checkout.paths.iter().map(TreePath::as_str).collect()
    }

    #[test]
    fn tracked_files_beneath_the_folder_are_found() {
        let folder = tempfile::tempdir().unwrap();
        repository(folder.path(), &["a", "x/b", "x/c d", "xy"]);
        let whole = Checkout::read(folder.path()).unwrap().unwrap();
        assert_eq!(names(&whole), ["a", "x/b", "x/c d", "xy"]);
        assert!(!whole.dirty && whole.commit.is_some() && whole.remote.is_none());
        let part = Checkout::read(&folder.path().join("x")).unwrap().unwrap();
        assert_eq!(names(&part), ["b", "c d"]);
    }

    #[test]
    fn what_differs_beneath_the_folder_makes_it_dirty() {
        let folder = tempfile::tempdir().unwrap();
        repository(folder.path(), &["a", "x/b"]);
        fs::write(folder.path().join("a"), "changed").unwrap();
        assert!(Checkout::read(folder.path()).unwrap().unwrap().dirty);
        assert!(!Checkout::read(&folder.path().join("x")).unwrap().unwrap().dirty);
        fs::write(folder.path().join("x/new"), "untracked").unwrap();
        assert!(Checkout::read(&folder.path().join("x")).unwrap().unwrap().dirty);
        fs::remove_file(folder.path().join("a")).unwrap();
        assert_eq!(names(&Checkout::read(folder.path()).unwrap().unwrap()), ["x/b"]);
    }

    #[test]
    fn links_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("a", folder.path().join("link")).unwrap();
        let repository = repository(folder.path(), &["a"]);
        let mut index = repository.index().unwrap();
        index.add_path(Path::new("link")).unwrap();
        index.write().unwrap();
        let checkout = Checkout::read(folder.path()).unwrap().unwrap();
        assert_eq!(checkout.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::LinkInTree]);
    }

    #[test]
    fn a_folder_without_tracked_files_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Checkout::read(folder.path()).unwrap().is_none());
        repository(folder.path(), &["a"]);
        fs::create_dir(folder.path().join("plain")).unwrap();
        assert!(Checkout::read(&folder.path().join("plain")).unwrap().is_none());
    }

    #[test]
    fn not_being_able_to_look_is_no_answer() {
        let folder = tempfile::tempdir().unwrap();
        let long = "x".repeat(300);
        assert_eq!(is_there(folder.path()), Ok(true));
        assert_eq!(is_there(&folder.path().join("absent")), Ok(false));
        assert!(is_there(&folder.path().join(long)).is_err());
        assert!(!is_beneath_repository(folder.path()).unwrap());
        fs::create_dir(folder.path().join(".git")).unwrap();
        assert!(is_beneath_repository(folder.path()).unwrap());
        assert!(Checkout::read(folder.path()).unwrap().is_none());
    }

    #[test]
    fn the_first_remote_stands_in_for_origin() {
        let folder = tempfile::tempdir().unwrap();
        let repository = repository(folder.path(), &["a"]);
        for (name, expected) in [("b", "https://example.com/b"), ("origin", "https://example.com/origin")] {
            repository.remote(name, &format!("https://example.com/{name}")).unwrap();
            assert_eq!(Checkout::read(folder.path()).unwrap().unwrap().remote.as_deref(), Some(expected));
        }
    }

    #[test]
    fn remotes_lose_credentials_and_local_paths() {
        for (url, kept) in [
            ("https://user:secret@git.example.com/x/y.git?token=z", Some("https://git.example.com/x/y.git")),
            ("git@git.example.com:x/y.git", Some("ssh://git.example.com/x/y.git")),
            ("ssh://git@git.example.com:22/x", Some("ssh://git.example.com:22/x")),
            ("/home/me/x", None),
            ("file:///home/me/x", None),
            ("../x", None),
        ] {
            assert_eq!(without_credentials(url).as_deref(), kept, "{url}");
        }
    }
}
