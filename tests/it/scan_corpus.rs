//! `scan` over the corpus: nothing hostile passes, nothing broken passes or takes long, nothing harmless is refused.

use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use assaymark::path::TreePath;
use assaymark::scan::{Allowance, Context, FileScan, TreeScan, file, tree};

use crate::corpus::{Entry, Expected, corpus, write};
use crate::support::repository;

/// How long a file may take, in a build without optimisation.
const LONGEST: Duration = Duration::from_secs(2);

/// Harmless cases of the corpus that are refused.
const REFUSED_CASES: &[&str] = &[
    // Tar is not read.
    "benign/text/text.tar",
];

/// Harmless files that libraries wrote and that are refused.
const REFUSED: &[&str] = &[
    // A tensor under plain `pickle` is a file of PyTorch in a byte string, which loads without any restriction.
    "files/torch-new-tensor.pkl",
    "files/torch-old-tensor.pkl",
];

/// Cases of the corpus with what came of them.
fn scanned(expected: Expected) -> Vec<(Entry, TreeScan, Duration)> {
    let folder = tempfile::tempdir().unwrap();
    let entries: Vec<_> = corpus().into_iter().filter(|entry| entry.expected == expected).collect();
    write(&entries, folder.path());
    let of = |entry: Entry| {
        let start = Instant::now();
        let scan = scan(&folder.path().join(entry.path()));
        (entry, scan, start.elapsed())
    };
    entries.into_iter().map(of).collect()
}

fn scan(path: &Path) -> TreeScan {
    tree(path, &Allowance::default()).unwrap()
}

/// What the scan objects to, in a line.
fn objections(scan: &TreeScan) -> String {
    let seen = scan.files.iter().flat_map(|file| &file.observations);
    let lines: Vec<_> = seen.map(|seen| format!("{}: {}", seen.reason, seen.summary.for_terminal())).collect();
    lines.join("; ")
}

/// Fails with a table of the cases that pass.
fn none_passes(expected: Expected) {
    let mut through = Vec::new();
    for (entry, scan, took) in scanned(expected) {
        assert!(took < LONGEST, "{} took {took:?}", entry.path().display());
        if scan.passes() || scan.files.is_empty() {
            let formats: Vec<_> = scan.files.iter().map(|file| file.format.as_str()).collect();
            through.push(format!("{}\t{:?}\t{}", entry.path().display(), entry.technique, formats.join(" ")));
        }
    }
    assert!(through.is_empty(), "{} pass:\n{}", through.len(), through.join("\n"));
}

#[test]
fn nothing_hostile_passes() {
    none_passes(Expected::Hostile);
}

#[test]
fn nothing_malformed_passes_or_takes_long() {
    none_passes(Expected::Malformed);
}

#[test]
fn what_is_benign_is_refused_only_where_it_is_named() {
    let (mut refused, mut reasons) = (Vec::new(), Vec::new());
    for (entry, scan, took) in scanned(Expected::Benign) {
        assert!(took < LONGEST, "{} took {took:?}", entry.path().display());
        if !scan.passes() {
            refused.push(entry.path().display().to_string());
            reasons.push(format!("{}\t{}", entry.path().display(), objections(&scan)));
        }
    }
    assert_eq!(refused, REFUSED_CASES, "\n{}", reasons.join("\n"));
}

/// Scans bytes under a name.
fn scan_bytes(bytes: &[u8], name: &TreePath) -> FileScan {
    file(&bytes, name, &Context::new(&Allowance::default(), &Cell::new(0)))
}

/// The single files of the corpus that are small, under their own names.
fn small_files(longest: usize) -> Vec<(TreePath, Vec<u8>)> {
    let files =
        corpus().into_iter().flat_map(|entry| entry.files.into_iter().map(move |file| (entry.name.clone(), file)));
    let named = files.map(|(entry, (inner, bytes))| {
        let name = if inner.is_empty() { entry } else { inner };
        (TreePath::new(&name).unwrap(), bytes)
    });
    named.filter(|(_, bytes)| bytes.len() <= longest).collect()
}

#[test]
fn a_pickle_that_is_cut_does_not_pass() {
    let entries =
        corpus().into_iter().filter(|entry| ["direct", "builtins", "gadgets", "pickle"].contains(&entry.group));
    for entry in entries {
        let (name, bytes) = (TreePath::new(&entry.name).unwrap(), &entry.files[0].1);
        if bytes[0] != 0x80 {
            continue;
        }
        for end in 1..bytes.len() {
            assert!(!scan_bytes(&bytes[..end], &name).rating.passes(), "{} of {end} bytes", entry.name);
        }
    }
}

#[test]
fn files_that_are_cut_or_changed_are_answered() {
    for (name, bytes) in small_files(1024) {
        let step = bytes.len() / 12 + 1;
        for at in (0..bytes.len()).step_by(step) {
            scan_bytes(&bytes[..at], &name);
            for value in [0, 0xff, bytes[at] ^ 1] {
                let mut changed = bytes.clone();
                changed[at] = value;
                scan_bytes(&changed, &name);
            }
        }
    }
}

/// Files and folders that libraries wrote, by their names in `testdata/scan/benign`.
fn of_libraries() -> Vec<String> {
    let names = |folder: &str| {
        let entries = fs::read_dir(repository("testdata/scan/benign").join(folder)).unwrap();
        entries.map(|entry| format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap())).collect::<Vec<_>>()
    };
    let mut names = [names("files"), names("layouts")].concat();
    names.sort();
    names
}

#[test]
fn what_libraries_wrote_is_refused_only_where_it_is_named() {
    let (mut refused, mut reasons) = (Vec::new(), Vec::new());
    let names = of_libraries();
    for name in &names {
        let scan = scan(&repository("testdata/scan/benign").join(name));
        if !scan.passes() {
            refused.push(name.as_str());
            reasons.push(format!("{name}\t{}", objections(&scan)));
        }
    }
    assert_eq!(refused, REFUSED, "\n{}", reasons.join("\n"));
    assert!(names.len() >= 190, "{} files and folders", names.len());
    assert!(refused.len() * 50 <= names.len(), "more than one in fifty");
}

#[test]
fn layouts_of_hubs_and_tools_are_clean() {
    let layouts = of_libraries().into_iter().filter(|name| name.starts_with("layouts/")).count();
    assert!(layouts >= 10, "{layouts} layouts");
    assert!(REFUSED.iter().all(|name| !name.starts_with("layouts/")));
}
