//! The corpus of `scan`: files that hide code, files that are broken, and files that are neither.
//!
//! Everything is written byte by byte and nothing is ever loaded. What a file would run, were it loaded, is `true`, a
//! print, a path below `/nonexistent` or a host below `.invalid`.

mod archives;
mod benign;
mod beside;
mod builtins;
mod direct;
mod evasions;
mod gadgets;
mod gguf;
pub mod keras;
pub mod make;
pub mod malformed;
mod obfuscations;
mod onnx;
mod repository;
mod safetensors;
mod saved_model;
mod streams;
mod technique;
mod templates;
mod torch;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

pub use technique::{TECHNIQUES, Technique};

/// What must come of a file.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Expected {
    /// Clean or inert.
    Benign,
    /// Neither clean nor inert: it hides code.
    Hostile,
    /// Neither clean nor inert: no reader can be sure of it.
    Malformed,
}

impl Expected {
    pub fn word(self) -> &'static str {
        match self {
            Self::Benign => "benign",
            Self::Hostile => "hostile",
            Self::Malformed => "malformed",
        }
    }
}

/// One case: a file, or a folder of files.
#[derive(Clone)]
pub struct Entry {
    pub expected: Expected,
    pub group: &'static str,
    pub name: String,
    /// What it tries, where it tries something.
    pub technique: Option<Technique>,
    /// Paths and bytes. A single file lies in its group, several in a folder of the name.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Entry {
    /// A hostile file.
    pub fn hostile(group: &'static str, technique: Technique, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self::one(Expected::Hostile, group, Some(technique), name, bytes.into())
    }

    /// A hostile folder.
    pub fn hostile_folder(group: &'static str, technique: Technique, name: &str, files: &[(&str, &[u8])]) -> Self {
        Self::folder(Expected::Hostile, group, Some(technique), name, files)
    }

    /// A broken file.
    pub fn malformed(group: &'static str, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self::one(Expected::Malformed, group, None, name, bytes.into())
    }

    /// A file that hides nothing.
    pub fn benign(group: &'static str, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self::one(Expected::Benign, group, None, name, bytes.into())
    }

    /// A folder that hides nothing.
    pub fn benign_folder(group: &'static str, name: &str, files: &[(&str, &[u8])]) -> Self {
        Self::folder(Expected::Benign, group, None, name, files)
    }

    fn one(expected: Expected, group: &'static str, technique: Option<Technique>, name: &str, bytes: Vec<u8>) -> Self {
        Self { expected, group, name: name.to_owned(), technique, files: vec![(String::new(), bytes)] }
    }

    fn folder(
        expected: Expected,
        group: &'static str,
        technique: Option<Technique>,
        name: &str,
        files: &[(&str, &[u8])],
    ) -> Self {
        let files = files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect();
        Self { expected, group, name: name.to_owned(), technique, files }
    }

    /// Where it lies in the folder of the corpus.
    pub fn path(&self) -> PathBuf {
        Path::new(self.expected.word()).join(self.group).join(&self.name)
    }
}

/// Returns all cases, in a fixed order.
pub fn corpus() -> Vec<Entry> {
    let groups = [
        direct::entries(),
        builtins::entries(),
        gadgets::entries(),
        obfuscations::entries(),
        streams::entries(),
        torch::entries(),
        archives::entries(),
        keras::entries(),
        saved_model::entries(),
        templates::entries(),
        onnx::entries(),
        safetensors::entries(),
        gguf::entries(),
        repository::entries(),
        evasions::entries(),
        beside::entries(),
        malformed::entries(),
        benign::entries(),
    ];
    groups.into_iter().flatten().collect()
}

/// Writes cases below a folder, and a table of them.
pub fn write(entries: &[Entry], folder: &Path) {
    let mut table = String::new();
    for entry in entries {
        let path = entry.path();
        for (inner, bytes) in &entry.files {
            let file = if inner.is_empty() { folder.join(&path) } else { folder.join(&path).join(inner) };
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
        }
        let technique = entry.technique.map_or_else(String::new, |technique| format!("{technique:?}"));
        let word = entry.expected.word();
        table.push_str(&format!("{word}\t{}\t{}\t{technique}\n", entry.group, path.display()));
    }
    fs::write(folder.join("corpus.tsv"), table).unwrap();
}

#[test]
fn it_is_as_large_as_it_says() {
    let entries = corpus();
    let mut counts = BTreeMap::new();
    for entry in &entries {
        *counts.entry(entry.expected).or_insert(0) += 1;
    }
    let expected = [(Expected::Benign, 98), (Expected::Hostile, 1_040), (Expected::Malformed, 107)];
    assert_eq!(counts, BTreeMap::from(expected));
    let paths: BTreeSet<_> = entries.iter().map(Entry::path).collect();
    assert_eq!(paths.len(), entries.len(), "two cases have one path");
}

#[test]
fn every_published_technique_is_in_it() {
    let tried: BTreeSet<_> = corpus().iter().filter_map(|entry| entry.technique).collect();
    for (technique, _) in TECHNIQUES {
        assert!(tried.contains(technique), "no case tries {technique:?}");
    }
}

/// Writes the corpus for other tools: `ASSAYMARK_CORPUS=FOLDER cargo test --test it -- --ignored corpus::is_written`.
#[test]
#[ignore = "writes a folder for other tools"]
fn is_written() {
    let folder = std::env::var_os("ASSAYMARK_CORPUS").expect("ASSAYMARK_CORPUS names no folder");
    write(&corpus(), Path::new(&folder));
}
