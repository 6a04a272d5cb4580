//! The corpora of the fuzz targets, replayed through the very functions that they call (`fuzz/src/`).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::repository;

#[path = "../../fuzz/src/lib.rs"]
mod targets;

/// The longest that one input may take, in a build for tests.
const LONGEST: Duration = Duration::from_secs(2);

/// The largest corpus, in bytes.
const LARGEST: u64 = 64 << 10;

fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(repository(folder)).unwrap();
    let stem = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    entries.map(|entry| stem(&entry.unwrap().path())).collect()
}

#[test]
fn every_target_has_its_files() {
    let targets: BTreeSet<_> = targets::TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(targets.len(), targets::TARGETS.len());
    assert_eq!(names("fuzz/fuzz_targets"), targets);
    assert_eq!(names("fuzz/corpus"), targets);
    let sources: BTreeSet<_> = names("fuzz/src").into_iter().filter(|name| name != "lib").collect();
    assert_eq!(sources, targets);
    let manifest: toml::Table = fs::read_to_string(repository("fuzz/Cargo.toml")).unwrap().parse().unwrap();
    let binaries = manifest["bin"].as_array().unwrap().iter();
    assert_eq!(binaries.map(|binary| binary["name"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>(), targets);
    for name in targets {
        let target = fs::read_to_string(repository("fuzz/fuzz_targets").join(format!("{name}.rs"))).unwrap();
        assert!(target.contains(&format!("assaymark_fuzz::{name}::run(data)")), "{name} calls something else");
    }
}

#[test]
fn every_input_of_the_corpora_is_answered_soon() {
    // The first document compiles the schema.
    targets::bom::run(b"{}");
    for (name, target) in targets::TARGETS {
        let (mut inputs, mut bytes) = (0, 0);
        for entry in fs::read_dir(repository("fuzz/corpus").join(name)).unwrap() {
            let path = entry.unwrap().path();
            let data = fs::read(&path).unwrap();
            let started = Instant::now();
            let answered = std::panic::catch_unwind(|| target(&data));
            assert!(answered.is_ok(), "{} breaks an invariant", path.display());
            assert!(started.elapsed() < LONGEST, "{} takes {:?}", path.display(), started.elapsed());
            inputs += 1;
            bytes += data.len() as u64;
        }
        assert!(inputs >= 8, "{name} has only {inputs} inputs");
        assert!(bytes <= LARGEST, "the corpus of {name} has {bytes} bytes");
    }
}
