//! `scan` over the corpus: nothing hostile passes, nothing broken passes or takes long, nothing harmless is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use assaymark::scan::{Allowance, TreeScan, tree};

use crate::corpus::{Entry, Expected, corpus, write};
use crate::support::repository;

/// How long a file may take, in a build without optimisation.
const LONGEST: Duration = Duration::from_secs(2);

/// Harmless files that are refused, by path, each with the reason.
const REFUSED: &[&str] = &[];

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
    let lines: Vec<_> = seen.map(|seen| format!("{}: {}", seen.reason, seen.summary.plain())).collect();
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
fn nothing_benign_is_refused() {
    let mut refused = Vec::new();
    let mut reasons = Vec::new();
    for (entry, scan, took) in scanned(Expected::Benign) {
        assert!(took < LONGEST, "{} took {took:?}", entry.path().display());
        if !scan.passes() {
            refused.push(entry.path().display().to_string());
            reasons.push(format!("{}\t{}", entry.path().display(), objections(&scan)));
        }
    }
    assert_eq!(refused, REFUSED, "\n{}", reasons.join("\n"));
}

/// Files and folders that libraries wrote; each folder with a README of its own counts as one.
fn of_libraries() -> Vec<PathBuf> {
    let folders = ["files", "layouts"].map(|name| repository("testdata/scan/benign").join(name));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn nothing_that_libraries_wrote_is_refused() {
    let mut refused = Vec::new();
    let paths = of_libraries();
    assert!(paths.len() >= 40, "{} files and folders", paths.len());
    for path in paths {
        let scan = scan(&path);
        if !scan.passes() {
            refused.push(format!("{}\t{}", path.display(), objections(&scan)));
        }
    }
    assert!(refused.is_empty(), "{} are refused:\n{}", refused.len(), refused.join("\n"));
}
