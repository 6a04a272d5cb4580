//! Good release bundles with their files, verified within this process.

use std::fs;
use std::path::{Path, PathBuf};

use assaymark::bundle::UnverifiedBundle;
use assaymark::code_tree;
use assaymark::digest::Digest;
use assaymark::finding::Tree;
use assaymark::inventory::{self, Inventory, NoProgress, Options};
use assaymark::name::Name;
use assaymark::policy::Policy;
use assaymark::render;
use assaymark::trust::TrustRoot;
use assaymark::verify::{Artifact, Outcome, Report, Request, TimeSource, verify};
use chrono::DateTime;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::forge::{Forged, SEAL, key, sign};
use crate::support::{copy, repository};

/// A good bundle, with everything that it can be verified with.
pub struct Good {
    pub name: &'static str,
    pub forged: Forged,
    /// The lines whose payloads are like those of no bundle before it.
    pub own: &'static [&'static str],
    signer: &'static str,
    trust: TrustRoot,
    place: TempDir,
    model: PathBuf,
    datasets: Vec<(Name, PathBuf)>,
    hashed: Hashed,
}

/// The files, hashed once.
struct Hashed {
    model: Inventory,
    datasets: Vec<(Name, Inventory)>,
    code: Inventory,
}

/// What the files are verified from.
pub enum Files {
    /// As they were hashed when the bundle was made.
    Hashed,
    /// As they are on disk now.
    OnDisk,
}

impl Good {
    /// Makes the bundle of a folder of the repository; `model` and `datasets` are where its release file says.
    fn new(
        name: &'static str,
        folder: &str,
        signer: &'static str,
        edit: impl FnOnce(&Path),
        model: &str,
        datasets: &[(&str, &str)],
    ) -> Self {
        let place = tempfile::tempdir().unwrap();
        copy(&repository(folder), place.path());
        edit(place.path());
        let forged = Forged::create(place.path(), signer, &[]);
        let datasets: Vec<(Name, PathBuf)> =
            datasets.iter().map(|(name, path)| (name.parse().unwrap(), place.path().join(path))).collect();
        let take = |path: &Path, tree| inventory::take(path, &Options::new(tree)).unwrap().inventory.unwrap();
        let model = place.path().join(model);
        let hashed = Hashed {
            model: take(&model, Tree::Model),
            datasets: datasets
                .iter()
                .map(|(name, path)| (name.clone(), take(path, Tree::Dataset(name.clone()))))
                .collect(),
            code: code_tree::take(&place.path().join("code"), &NoProgress).unwrap().taken.inventory.unwrap(),
        };
        let trust = TrustRoot::of_key(signer, key(signer).public().clone());
        Self { name, forged, own: &[], signer, trust, place, model, datasets, hashed }
    }

    /// The base of the vectors, signed with Ed25519.
    pub fn base() -> Self {
        let datasets = [("train", "data/train"), ("crawl", "crawl.txt")];
        let crawl = |place: &Path| fs::write(place.join("crawl.txt"), "").unwrap();
        Self::new("base", "testdata/vectors/base", "release", crawl, "model", &datasets)
    }

    /// The demo, signed with ECDSA.
    pub fn demo() -> Self {
        let datasets = [("train", "data/train"), ("test", "data/test")];
        Self::new("demo", "testdata/demo", "ecdsa", |_| {}, "model", &datasets)
    }

    /// A model of one file.
    pub fn one_file() -> Self {
        let release = |place: &Path| {
            let text = fs::read_to_string(place.join("release.toml")).unwrap();
            fs::write(place.join("release.toml"), text.replace("path = \"model\"", "path = \"model/a.bin\"")).unwrap();
        };
        let datasets = [("train", "data/train")];
        Self::new("one file", "testdata/vectors/base", "release", release, "model/a.bin", &datasets)
    }

    /// A chain of two seals, the second over a test result as well.
    pub fn two_seals() -> Self {
        let mut good = Self::base();
        good.name = "two seals";
        let bom = good.forged.statement(crate::forge::BOM);
        let test = json!({"result": "PASSED", "configuration": [{"name": "scanner"}], "passedTests": ["a"]});
        let kind = "https://in-toto.io/attestation/test-result/v0.1";
        let statement = crate::forge::statement_like(&bom, kind, &test);
        let line = sign(statement.to_string().as_bytes(), &key("release"));
        good.forged = good.forged.push(line).seal_again("release", |_| {});
        good
    }

    pub fn all() -> Vec<Self> {
        const ALL: &[&str] = &["model-signature", "bom", "provenance", "seal"];
        vec![
            Self { own: ALL, ..Self::base() },
            Self { own: &[], ..Self::demo() },
            Self { own: ALL, ..Self::one_file() },
            Self { own: &["test-result", "seal"], ..Self::two_seals() },
        ]
    }

    /// Returns the folder with the files.
    pub fn folder(&self) -> &Path {
        self.place.path()
    }

    /// Verifies a bundle under the key that signed the good one, with every file that there is.
    pub fn verify(&self, bundle: &[u8], files: &Files) -> Result<Report, String> {
        let (bundle, bundle_findings) = UnverifiedBundle::split(bundle);
        let code = self.folder().join("code");
        let (model, datasets, code) = match files {
            Files::Hashed => (
                Artifact::Taken(&self.hashed.model),
                self.hashed.datasets.iter().map(|(name, taken)| (name.clone(), Artifact::Taken(taken))).collect(),
                Artifact::Taken(&self.hashed.code),
            ),
            Files::OnDisk => (
                Artifact::Path(self.model.clone()),
                self.datasets.iter().map(|(name, path)| (name.clone(), Artifact::Path(path.clone()))).collect(),
                Artifact::Path(code),
            ),
        };
        let report = verify(Request {
            bundle,
            bundle_findings,
            bundle_path: None,
            trust: &self.trust,
            model,
            datasets,
            code: Some(code),
            allow_extra_files: false,
            ignored: vec![],
            release: None,
            min_sequence: Some(self.sequence()),
            at: DateTime::from_timestamp(1_780_000_000, 0).unwrap(),
            time_source: TimeSource::Given,
            strict: false,
            copy_to: None,
            progress: &NoProgress,
            policy: Policy::baseline(),
            rescan: None,
            package_facts: None,
            withdrawals: None,
            state: None,
        });
        report.map_err(|error| error.to_string())
    }

    /// Returns the number of the newest seal, which a gate would remember.
    fn sequence(&self) -> u64 {
        let last = self.forged.statement(self.forged.lines.len() - 1);
        last["predicate"]["sequence"].as_u64().unwrap()
    }

    /// Puts another payload in place of that of a line, and mends every seal behind it, so that the signer
    /// says all of it.
    pub fn resign(&self, index: usize, payload: &[u8]) -> Vec<u8> {
        let mut changed = vec![(Digest::of(&self.forged.payload(index)).to_string(), Digest::of(payload).to_string())];
        let mut forged = self.forged.clone();
        forged.lines[index] = sign(payload, &key(self.signer));
        for seal in index + 1..forged.lines.len() {
            if self.forged.statement(seal)["predicateType"] != SEAL {
                continue;
            }
            let before = String::from_utf8(self.forged.payload(seal)).unwrap();
            let after = changed.iter().fold(before.clone(), |text, (old, new)| text.replace(old, new));
            changed.push((Digest::of(before.as_bytes()).to_string(), Digest::of(after.as_bytes()).to_string()));
            forged.lines[seal] = sign(after.as_bytes(), &key(self.signer));
        }
        forged.bytes()
    }
}

/// Returns what a report says was verified: everything but the digest of the bundle and what was found.
pub fn meaning(report: &Report) -> Value {
    let mut json: Value = serde_json::from_str(&render::json::report(report, false).unwrap()).unwrap();
    for volatile in ["findings", "omitted"] {
        json.as_object_mut().unwrap().remove(volatile);
    }
    json["scope"].as_object_mut().unwrap().remove("bundle");
    // Lines that count for nothing may be there: "6 of 7 lines".
    let signed = json["requirements"][0]["detail"].as_str().unwrap().split(" lines").next().unwrap();
    json["requirements"][0]["detail"] = Value::from(signed.split(' ').next().unwrap());
    json
}

pub fn passed(report: &Report) -> bool {
    report.verdict.outcome() == Outcome::Passed
}
