//! `bundle verify --explain`: for each denial of the vectors, doing what it says makes the release pass.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Workplace, codes, copy, repository, run};
use crate::vectors::CaseFile;

/// One verification of a vector, which fixes change.
struct Attempt {
    folder: TempDir,
    trust: PathBuf,
    arguments: Vec<String>,
}

impl Attempt {
    fn of(place: &Path, case: &CaseFile) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&repository("testdata/vectors/base"), folder.path());
        let own = place.join("bundle.intoto.jsonl");
        if own.exists() {
            fs::copy(own, folder.path().join("bundle.intoto.jsonl")).unwrap();
        }
        for edit in &case.edit {
            edit.apply(folder.path());
        }
        let trust = repository("testdata/vectors/keys").join(&case.trust);
        Self { folder, trust, arguments: case.arguments.clone() }
    }

    fn verify(&self) -> Value {
        let mut called = vec!["bundle", "verify", "bundle.intoto.jsonl", "--format", "json", "--explain", "--trust"];
        called.push(self.trust.to_str().unwrap());
        called.extend(self.arguments.iter().map(String::as_str));
        let ran = run(self.folder.path(), &called);
        let report = ran.json();
        assert_eq!(report["exitStatus"], ran.status);
        report
    }

    fn root(&self, fix: &Value) -> PathBuf {
        self.folder.path().join(place_of(fix["tree"].as_str().unwrap()))
    }

    /// Takes an argument away, with its value.
    fn without(&mut self, flag: &str) {
        let words: Vec<_> = flag.split(' ').map(str::to_owned).collect();
        let length = if words.len() > 1 || flag_has_value(&words[0]) { 2 } else { 1 };
        if let Some(at) = self.arguments.windows(words.len()).position(|window| window == words) {
            self.arguments.drain(at..at + length);
        }
    }

    /// Does what whoever verifies can do. Returns whether it was that.
    fn apply(&mut self, fix: &Value) -> bool {
        let base = repository("testdata/vectors/base");
        let at = |key: &str| fix[key].as_str().unwrap().to_owned();
        match fix["act"].as_str().unwrap() {
            "restore-file" => {
                let (root, path) = (self.root(fix), at("path"));
                let good = base.join(place_of(&at("tree")));
                let (from, to) =
                    if good.is_dir() { (good.join(&path), root.join(&path)) } else { (good, root) };
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(from, to).unwrap();
            }
            "remove-file" => {
                let path = self.root(fix).join(at("path"));
                if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
            }
            "rename-file" => fs::rename(self.root(fix).join(at("path")), self.root(fix).join(at("to"))).unwrap(),
            "get-tree" => {
                let root = self.root(fix);
                if root.is_dir() { fs::remove_dir_all(&root).unwrap() } else { fs::remove_file(&root).unwrap() }
                copy(&base.join(place_of(&at("tree"))), &root);
            }
            "close-door" => self.without(&at("argument")),
            "correct-argument" => self.correct(&at("argument")),
            "get-bundle" => {
                let bundle = match fix["release"].as_str() {
                    Some(release) => publish(release),
                    None => fs::read(base.join("bundle.intoto.jsonl")).unwrap(),
                };
                fs::write(self.folder.path().join("bundle.intoto.jsonl"), bundle).unwrap();
            }
            _ => return false,
        }
        true
    }

    fn correct(&mut self, argument: &str) {
        let (flag, _) = argument.split_once(' ').unwrap();
        let value = match flag {
            "--model" => "model".to_owned(),
            "--code" => "code".to_owned(),
            "--model-digest" => "tree:sha256:7649bb72a5f1e2935e894b55941da6e09fbc5135e4265cbe23c82cc9d8aa4dc3".to_owned(),
            _ => "train=data/train".to_owned(),
        };
        self.without(flag);
        if flag == "--model" {
            self.without("--without-files");
            self.without("--model-digest");
        }
        self.arguments.extend([flag.to_owned(), value]);
    }
}

fn flag_has_value(flag: &str) -> bool {
    ["--at", "--model", "--code", "--dataset", "--model-digest"].contains(&flag)
}

fn place_of(tree: &str) -> &str {
    match tree {
        "dataset:train" => "data/train",
        "dataset:crawl" => "crawl.txt",
        other => other,
    }
}

/// Makes the bundle of another release, as its publisher would.
fn publish(release: &str) -> Vec<u8> {
    let (name, version) = release.split_once(' ').unwrap_or((release, "1.0.0"));
    let place = tempfile::tempdir().unwrap();
    copy(&repository("testdata/vectors/base"), place.path());
    let text = fs::read_to_string(place.path().join("release.toml")).unwrap();
    let text = text.replace("\"vector\"", &format!("\"{name}\"")).replace("\"1.0.0\"", &format!("\"{version}\""));
    fs::write(place.path().join("release.toml"), text).unwrap();
    let key = repository("testdata/vectors/keys/release.key");
    let arguments = ["bundle", "create", "release.toml", "--output", "new.intoto.jsonl", "--key"];
    run(place.path(), &[arguments.as_slice(), &[key.to_str().unwrap()]].concat()).exits(0);
    fs::read(place.path().join("new.intoto.jsonl")).unwrap()
}

/// The words that no fix may have: each would take something away from what is checked.
const NEVER: [&str; 12] = [
    "--trust", "trust.toml", "add ", "waive", "waiver", "loosen", "allow", "permit", "--allow-extra-files", "--at ",
    "lower", "disable",
];

fn assert_honest(name: &str, report: &Value) -> Vec<Value> {
    let fixes = report["explanation"]["fixes"].as_array().unwrap().clone();
    let denied = report["findings"].as_array().unwrap().iter().enumerate();
    for (index, finding) in denied.filter(|(_, finding)| finding["severity"] == "deny") {
        let mends = |fix: &&Value| fix["findings"].as_array().unwrap().iter().any(|one| one == index);
        assert_eq!(fixes.iter().filter(mends).count(), 1, "{name}: {finding} has not one fix: {fixes:?}");
    }
    for fix in &fixes {
        let text = fix["text"].as_str().unwrap();
        let bad = NEVER.iter().find(|word| text.contains(*word));
        assert!(bad.is_none() || fix["act"] == "close-door", "{name}: a fix says {bad:?}: {text}");
        let doors = ["--without-files", "--allow-extra-files", "--ignore-path", "--at"];
        let opens = doors.iter().any(|door| text.contains(door)) && !text.starts_with("verify again without `--");
        assert!(!opens, "{name}: a fix opens a door: {text}");
        let who = &fix["who"];
        let named = who["party"] != "attesters" || who.get("roles").is_some() || who.get("attesters").is_some();
        assert!(named && !who["party"].as_str().unwrap().is_empty(), "{name}: nobody is to act: {fix}");
    }
    fixes
}

/// Returns the committed vectors.
fn vectors() -> BTreeMap<String, (PathBuf, CaseFile)> {
    let entries = fs::read_dir(repository("testdata/vectors")).unwrap().map(|entry| entry.unwrap().path());
    let cases = entries.filter(|place| place.join("case.toml").exists()).map(|place| {
        let case = toml::from_str(&fs::read_to_string(place.join("case.toml")).unwrap()).unwrap();
        (place.file_name().unwrap().to_string_lossy().into_owned(), (place, case))
    });
    cases.collect()
}

#[test]
fn what_a_fix_says_makes_the_release_pass() {
    let all = vectors();
    let mut acts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (name, (place, case)) in &all {
        if case.expect.is_empty() {
            continue;
        }
        let mut attempt = Attempt::of(place, case);
        let first = attempt.verify();
        let mut fixes = assert_honest(name, &first);
        let mut open = Vec::new();
        // A fault can hide another: a bundle that is whole at last may have more to say.
        for _ in 0..3 {
            open = fixes.iter().filter(|fix| !attempt.apply(fix)).cloned().collect();
            for fix in &fixes {
                acts.entry(fix["act"].as_str().unwrap().to_owned()).or_default().push(name.clone());
            }
            if !open.is_empty() {
                break;
            }
            let report = attempt.verify();
            fixes = assert_honest(name, &report);
            if fixes.is_empty() {
                if report["verdict"] != "passed" {
                    wrong.push(format!("{name}: without a fix: {:?}", codes(&report, "deny")));
                }
                break;
            }
        }
        if open.is_empty() && !fixes.is_empty() {
            wrong.push(format!("{name}: still {:?}: {fixes:?}", codes(&attempt.verify(), "deny")));
        }
        for fix in open {
            if let Some(fault) = by_others(&attempt, &fix) {
                wrong.push(format!("{name}: {fault}: {fix}"));
            }
        }
    }
    let counts: Vec<_> = acts.iter().map(|(act, names)| format!("{act}: {} {names:?}", names.len())).collect();
    assert!(wrong.is_empty(), "{} are wrong:\n{}\n\n{}", wrong.len(), wrong.join("\n"), counts.join("\n"));
    eprintln!("{}", counts.join("\n"));
}

/// Returns what is wrong with a fix by others.
fn by_others(_attempt: &Attempt, fix: &Value) -> Option<String> {
    Some(format!("{} is not tried", fix["act"]))
}
