//! Listing a tree: names and kinds, no content.

use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, Dir, FileType, statat};
use rustix::io::Errno;

use crate::failure::Failure;
use crate::finding::{Code, Finding, Findings, Place, Tree};
use crate::inventory::{FileFault, Options, Root};
use crate::limits;
use crate::path::{TreePath, UnsafePath};

/// What a walk found.
#[derive(Default)]
pub(super) struct Walked {
    /// The files, sorted.
    pub(super) paths: Vec<TreePath>,
    /// What is refused.
    pub(super) findings: Findings,
    /// What could not be listed.
    pub(super) failures: Vec<Failure>,
}

/// Lists the files of a tree, and refuses what can't be signed.
pub(super) fn walk(root: &Root, options: &Options<'_>) -> Walked {
    let mut walk = Walk { options, walked: Walked::default() };
    walk.folder(root.folder(), "", 0);
    walk.walked.paths.sort_unstable();
    walk.walked
}

/// Refuses a name.
pub(super) fn unsafe_path(tree: &Tree, path: &str, reason: UnsafePath) -> Finding {
    Finding::deny(Code::UnsafePath, Place::file(tree, path), format!("`{path}` can't be signed: {reason}"))
        .help("rename the file")
}

struct Walk<'o> {
    options: &'o Options<'o>,
    walked: Walked,
}

impl Walk<'_> {
    /// Lists one folder and what is beneath it. `prefix` is empty or ends with `/`.
    fn folder(&mut self, folder: &OwnedFd, prefix: &str, depth: usize) {
        let entries = match Dir::read_from(folder) {
            Ok(entries) => entries,
            Err(errno) => return self.fail(prefix, errno),
        };
        let mut folders = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => self.entry(folder, prefix, &entry, &mut folders),
                Err(errno) => return self.fail(prefix, errno),
            }
        }
        for path in folders {
            if depth == limits::TREE_DEPTH {
                return self.limit(&path, format!("folders are nested deeper than {}", limits::TREE_DEPTH));
            }
            match Root::enter(folder, path.rsplit('/').next().unwrap_or(&path)) {
                Ok(inner) => self.folder(&inner, &format!("{path}/"), depth + 1),
                Err(Errno::LOOP | Errno::NOTDIR) => self.refuse(&path, FileFault::LINK),
                Err(errno) => self.fail(&path, errno),
            }
        }
    }

    fn entry(&mut self, folder: &OwnedFd, prefix: &str, entry: &rustix::fs::DirEntry, folders: &mut Vec<TreePath>) {
        let name = entry.file_name().to_bytes();
        if matches!(name, b"." | b"..") {
            return;
        }
        let checked = str::from_utf8(name).map_err(|_| UnsafePath::Encoding);
        let path = match checked.and_then(|name| TreePath::new(&format!("{prefix}{name}"))) {
            Ok(path) => path,
            Err(reason) => {
                let shown = format!("{prefix}{}", String::from_utf8_lossy(name));
                return self.walked.findings.push(unsafe_path(&self.options.tree, &shown, reason));
            }
        };
        if self.options.skip.contains(&path) {
            return;
        }
        let kind = match entry.file_type() {
            FileType::Unknown => statat(folder, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW)
                .map_or(FileType::Unknown, |stat| FileType::from_raw_mode(stat.st_mode)),
            kind => kind,
        };
        match kind {
            FileType::RegularFile => self.file(path),
            FileType::Directory if &*path == ".git" && self.options.tree == Tree::Model => self.refuse_git(),
            FileType::Directory => folders.push(path),
            FileType::Symlink => self.refuse(&path, FileFault::LINK),
            _ => self.refuse(&path, FileFault::SPECIAL),
        }
    }

    fn file(&mut self, path: TreePath) {
        if self.walked.paths.len() < limits::TREE_FILES {
            self.walked.paths.push(path);
        } else {
            self.limit(&path, format!("there are more than {} files", limits::TREE_FILES));
        }
    }

    fn refuse(&mut self, path: &str, fault: FileFault) {
        fault.report(&self.options.tree, path, &mut self.walked.findings, &mut self.walked.failures);
    }

    fn refuse_git(&mut self) {
        let finding = Finding::deny(
            Code::GitDirectory,
            Place::file(&self.options.tree, ".git"),
            "the model holds a git repository, which is not part of it",
        );
        self.walked
            .findings
            .push(finding.help("remove `.git`, or export the files: `git archive HEAD | tar -x -C FOLDER`"));
    }

    fn limit(&mut self, path: &str, summary: String) {
        self.walked.findings.push(Finding::deny(Code::LimitExceeded, Place::file(&self.options.tree, path), summary));
    }

    fn fail(&mut self, path: &str, errno: Errno) {
        let path = if path.is_empty() { "." } else { path.trim_end_matches('/') };
        let place = Place::file(&self.options.tree, path);
        self.walked.failures.push(Failure::new(place, format!("the folder `{path}` can't be listed: {errno}")));
    }
}
