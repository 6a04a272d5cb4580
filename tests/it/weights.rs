//! Facts of weights that real libraries wrote: they are what the same libraries read (`testdata/weights/make.py`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use assaymark::weights::{FileFacts, summary};
use serde_json::{Value, json};

use crate::support::repository;

/// What we read, in the form of `expected.json`.
fn stated(facts: &FileFacts) -> Value {
    json!({
        "format": facts.format, "version": facts.version, "tensors": facts.tensors, "elements": facts.elements,
        "largest": facts.largest, "architecture": facts.architecture, "quantisation": facts.quantisation,
        "context_length": facts.context_length, "producer": facts.producer, "inputs": facts.inputs,
        "outputs": facts.outputs, "external": facts.external.keys().collect::<Vec<_>>(), "metadata": facts.metadata,
        "chat_template": facts.chat_template.map(|digest| digest.to_string()),
    })
}

/// Compares the files of a folder with what the libraries said of them, and returns how many there are.
fn compare(folder: &Path) -> usize {
    let expected = fs::read_to_string(folder.join("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let files = expected["files"].as_object().unwrap();
    for (name, facts) in files {
        let bytes = fs::read(folder.join(name)).unwrap();
        let ours = stated(&summary::read(&bytes).unwrap_or_else(|| panic!("{name} is of no format")).unwrap());
        for (key, value) in facts.as_object().unwrap() {
            assert_eq!(&ours[key], value, "{name}: {key}");
        }
    }
    files.len()
}

#[test]
fn facts_are_what_the_libraries_read() {
    assert!(compare(&repository("testdata/weights")) >= 10);
}

#[test]
fn facts_are_what_the_libraries_at_hand_read() {
    let folders = std::env::var_os("ASSAYMARK_PEERS").map(|paths| std::env::split_paths(&paths).collect::<Vec<_>>());
    let python =
        folders.into_iter().flatten().map(|folder| folder.join("python")).find(|python: &PathBuf| python.exists());
    let folder = tempfile::tempdir().unwrap();
    let made = python.map(|python| {
        Command::new(python).arg(repository("testdata/weights/make.py")).arg(folder.path()).output().unwrap()
    });
    match made {
        Some(made) if made.status.success() => assert!(compare(folder.path()) >= 10),
        made => {
            let reason = made.map(|made| String::from_utf8_lossy(&made.stderr).into_owned()).unwrap_or_default();
            let last = reason.lines().last().unwrap_or("no Python in $ASSAYMARK_PEERS");
            eprintln!("NOTICE: the libraries are not installed, so this was not checked: {last}");
        }
    }
}

#[test]
fn cut_files_have_no_facts_and_cost_nothing() {
    for name in [
        "model-00001-of-00002.safetensors",
        "tiny.gguf",
        "tiny.onnx",
        "tiny.npz",
        "tiny.h5",
        "tiny.joblib",
        "tiny.tflite",
    ] {
        let bytes = fs::read(repository("testdata/weights").join(name)).unwrap();
        for part in 1..16 {
            // Whatever it says, it says it without a panic.
            let _ = summary::read(&&bytes[..bytes.len() * part / 16]);
        }
    }
}

/// A file that is nothing but its header, and claims to be as large as a length can say.
#[test]
fn a_header_that_claims_gibibytes_is_refused_by_its_length() {
    let safetensors = [&(4_u64 << 30).to_le_bytes()[..], b"{}"].concat();
    let gguf = [b"GGUF\x03\0\0\0".as_slice(), &u64::MAX.to_le_bytes(), &u64::MAX.to_le_bytes()].concat();
    let npy = [b"\x93NUMPY\x02\0".as_slice(), &u32::MAX.to_le_bytes()].concat();
    assert!(summary::read(&safetensors).is_none(), "it is no safetensors: no such header is there");
    for bomb in [gguf, npy] {
        assert!(summary::read(&bomb).unwrap().is_err());
    }
}
