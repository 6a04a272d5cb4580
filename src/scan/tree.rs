//! Scanning the files of a tree, on all cores.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::files::ReadError;
use crate::finding::{Place, Tree};
use crate::inventory::{self, Options, Unvisited, Visitor};
use crate::path::TreePath;
use crate::scan::{self, Allowance, Context, FileScan, Format, Observation, Rating, Reason, Sheet};
use crate::source::ReadAt;
use crate::text::Text;

/// What a scan says about the files of a tree, sorted by path.
#[derive(Clone, Debug, Serialize)]
pub struct TreeScan {
    /// The files.
    pub files: Vec<FileScan>,
}

/// What a scan comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conclusion {
    /// There are files, and all of them are inert or clean.
    Passed,
    /// Some file does not pass.
    Rejected,
    /// No file was rejected, and some could not be read.
    Incomplete,
    /// There is no file.
    Nothing,
}

impl Conclusion {
    /// Returns the exit status that goes with it.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Rejected => 1,
            Self::Nothing => 2,
            Self::Incomplete => 3,
        }
    }
}

impl TreeScan {
    /// Says what it comes to: a file that is rejected weighs more than one that could not be read.
    pub fn conclusion(&self) -> Conclusion {
        if self.files.iter().any(|file| !file.rating.passes() && !file.failed) {
            Conclusion::Rejected
        } else if self.files.iter().any(|file| file.failed) {
            Conclusion::Incomplete
        } else if self.files.is_empty() {
            Conclusion::Nothing
        } else {
            Conclusion::Passed
        }
    }

    /// Counts the files by what they get.
    pub fn counts(&self) -> impl Iterator<Item = (Rating, usize)> {
        let count = |rating| self.files.iter().filter(|file| file.rating == rating).count();
        Rating::ALL.into_iter().map(move |rating| (rating, count(rating))).filter(|(_, count)| *count > 0)
    }

    /// Returns the worst rating; without a file there is none.
    pub fn rating(&self) -> Option<Rating> {
        self.files.iter().map(|file| file.rating).max()
    }

    /// Says whether there are files, and all of them pass.
    pub fn passes(&self) -> bool {
        self.rating().is_some_and(Rating::passes)
    }
}

/// Scans the files that an inventory shows it.
pub struct Scanner<'a> {
    allowance: &'a Allowance,
    scans: Mutex<Vec<FileScan>>,
}

impl<'a> Scanner<'a> {
    /// Scans with what the user allows on top of the built-in list.
    pub fn new(allowance: &'a Allowance) -> Self {
        Self { allowance, scans: Mutex::default() }
    }

    /// Ends: files that others name as their raw data are inert, if they are nothing else.
    pub fn finish(self) -> TreeScan {
        let mut files = self.scans.into_inner().unwrap_or_else(PoisonError::into_inner);
        files.sort_by(|one, other| one.path.cmp(&other.path));
        let raw: BTreeSet<Text> = files.iter().flat_map(|file| &file.raw).map(|path| path.as_str().into()).collect();
        for file in &mut files {
            let nothing_else = file.observations.iter().all(|seen| seen.reason == Reason::UnknownFormat);
            let only_data = file.format == Format::Unknown && nothing_else && file.omitted == 0 && !file.opens_itself;
            if only_data && raw.contains(&file.path) {
                file.observations.clear();
                file.rating = Rating::Inert;
            }
        }
        TreeScan { files }
    }
}

impl Visitor for Scanner<'_> {
    fn visit(&self, path: &TreePath, source: &dyn ReadAt) {
        let unpacked = Cell::new(0);
        let scanned = scan::file(source, path, &Context::new(self.allowance, &unpacked));
        self.scans.lock().unwrap_or_else(PoisonError::into_inner).push(scanned);
    }
}

/// Scans a file or a folder. What can't be looked into is there too, as unknown.
pub fn tree(path: &Path, allowance: &Allowance) -> Result<TreeScan, ReadError> {
    let scanner = Scanner::new(allowance);
    let unvisited = inventory::visit(path, &Options::new(Tree::Model), &scanner)?;
    let mut scan = scanner.finish();
    add_unvisited(&mut scan.files, &unvisited);
    Ok(scan)
}

fn add_unvisited(files: &mut Vec<FileScan>, unvisited: &Unvisited) {
    let refused = unvisited.findings.iter().map(|finding| (&finding.place, &finding.summary, false));
    let failed = unvisited.failures.iter().map(|failure| (&failure.place, &failure.summary, true));
    for (place, summary, failed) in refused.chain(failed) {
        let path = match place {
            Place::File { path, .. } => path.raw(),
            _ => ".",
        };
        // A file that changed while it was scanned was scanned in vain.
        files.retain(|file| file.path.raw() != path);
        let mut sheet = Sheet::default();
        sheet.report(Observation::new(Reason::Unreadable, Rating::Unknown, summary.clone()));
        files.push(FileScan { failed, ..sheet.finish(path, 0) });
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
}

#[cfg(test)]
mod tests {
    use std::fs::write;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_tree_is_as_good_as_its_worst_file() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path().join("a.txt"), "text").unwrap();
        let scan = || tree(folder.path(), &Allowance::default()).unwrap();
        assert!(scan().passes());
        write(folder.path().join("b.bin"), [0; 9]).unwrap();
        assert_eq!(scan().rating(), Some(Rating::Unknown));
    }

    #[test]
    fn nothing_scanned_does_not_pass() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!tree(folder.path(), &Allowance::default()).unwrap().passes());
    }

    #[test]
    fn a_link_is_unknown_and_stops_no_other() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path().join("a.txt"), "text").unwrap();
        symlink("a.txt", folder.path().join("link")).unwrap();
        let scan = tree(folder.path(), &Allowance::default()).unwrap();
        let ratings: Vec<_> = scan.files.iter().map(|file| (file.path.raw(), file.rating)).collect();
        assert_eq!(ratings, [("a.txt", Rating::Inert), ("link", Rating::Unknown)]);
    }

    #[test]
    fn a_file_that_a_loader_opens_is_not_made_raw_by_another() {
        let allowance = Allowance::default();
        let scanner = Scanner::new(&allowance);
        let mut sheet = Sheet::default();
        sheet.format = Format::Text;
        let mut user_block = vec![0xff; 512];
        user_block.extend(b"\x89HDF\r\n\x1a\n");
        let mut prefixed = vec![0xff; 100];
        prefixed.extend(b"PK\x05\x06");
        prefixed.extend([0; 18]);
        for (name, bytes) in [
            ("pytorch_model.bin", vec![0xff; 9]),
            ("model.h5", user_block.clone()),
            ("weights-1", user_block),
            ("weights-2", prefixed),
            ("weights-3", b"\x5d\0\x10\0\0\xff\xff\xff\xff\xff\xff\xff\xff\0".to_vec()),
            ("weights-4", b"RDX1\n\0".to_vec()),
            ("weights-5", [&b"\xff%PDF-1.4\n"[..], &[0; 9]].concat()),
            ("hparams.yaml", b"\xff\xfea\0".to_vec()),
        ] {
            let name = TreePath::new(name).unwrap();
            scanner.visit(&name, &bytes.as_slice());
            sheet.raw_data(name);
        }
        scanner.scans.lock().unwrap().push(sheet.finish("model", 1));
        let through: Vec<_> = scanner.finish().files.into_iter().filter(|file| file.rating.passes()).collect();
        assert_eq!(through.iter().map(|file| file.path.raw()).collect::<Vec<_>>(), ["model"]);
    }

    #[test]
    fn raw_data_of_another_file_is_inert_if_it_is_nothing_else() {
        let allowance = Allowance::default();
        let scanner = Scanner::new(&allowance);
        let path = |text| TreePath::new(text).unwrap();
        for name in ["data", "other"] {
            scanner.visit(&path(name), &[0_u8; 9].as_slice());
        }
        let mut sheet = Sheet::default();
        sheet.format = Format::Text;
        sheet.raw_data(path("data"));
        scanner.scans.lock().unwrap().push(sheet.finish("model", 1));
        let ratings: Vec<_> = scanner.finish().files.iter().map(|file| file.rating).collect();
        assert_eq!(ratings, [Rating::Inert, Rating::Inert, Rating::Unknown]);
    }
}
