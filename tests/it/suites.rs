//! Vector suites of others, through our own doors. `testdata/third-party/SOURCES.md` says where they are from, and
//! `DECISIONS.md` what we answer where they leave it open.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use assaymark::finding::Tree;
use assaymark::inventory::{Options, take};
use assaymark::key::VerifyingKey;
use data_encoding::{BASE64, HEXLOWER};
use serde_json::Value;

use crate::support::repository;

mod attestations;
mod checkpoints;
pub mod cosign;
mod json;
mod keyless;
mod signatures;
mod sigstore;
mod statements;
mod windows;

fn suite(path: &str) -> PathBuf {
    repository("testdata/third-party").join(path)
}

fn read(path: &str) -> Value {
    serde_json::from_slice(&fs::read(suite(path)).unwrap()).unwrap()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

/// Returns the files and folders in a folder of a suite, sorted.
fn entries(path: &str) -> Vec<PathBuf> {
    let mut entries: Vec<_> = fs::read_dir(suite(path)).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

fn hex(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

/// Writes a public key as a file of it would be.
fn pem(spki: &[u8]) -> String {
    let text = BASE64.encode(spki);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

/// Loads an Ed25519 key from its 32 bytes, as a file of it would be loaded; weak keys are none.
fn ed25519(key: &[u8]) -> Option<VerifyingKey> {
    let prefix = HEXLOWER.decode(b"302a300506032b6570032100").unwrap();
    VerifyingKey::from_pem(&pem(&[prefix, key.to_vec()].concat())).ok()
}

/// Returns the cells of the rows of a table whose first cell is code, without the marks of code.
fn rows(page: &str) -> Vec<Vec<String>> {
    let page = fs::read_to_string(suite(page)).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    rows.map(|row| row.split(" | ").map(|cell| cell.replace('`', "")).collect()).collect()
}

#[test]
fn every_folder_is_the_recorded_one() {
    let recorded: BTreeSet<_> = rows("SOURCES.md").into_iter().map(|row| (row[0].clone(), row[3].clone())).collect();
    let mut found = BTreeSet::new();
    for path in entries("").into_iter().filter(|path| path.is_dir()) {
        let inventory = take(&path, &Options::new(Tree::Code)).unwrap().inventory.unwrap();
        let licensed = inventory.entries().iter().any(|entry| entry.path.starts_with("LICENSE"));
        assert!(licensed, "{} has no licence", path.display());
        found.insert((format!("{}/", name(&path)), inventory.digest().to_string()));
    }
    assert_eq!(found, recorded, "testdata/third-party/SOURCES.md says otherwise (right)");
}
