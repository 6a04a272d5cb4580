//! The vectors: `testdata/vectors/<case>/`, each a bundle with one fault, and exactly the codes that it
//! must have. The tables in this folder generate them; `ASSAYMARK_BLESS=1` writes them anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use assaymark::finding::Code;
use serde::{Deserialize, Serialize};

use crate::forge::Forged;
use crate::support::{codes, copy, repository, run};

mod case;
mod files;
mod gate;
mod links;
mod policies;
mod seals;
mod signatures;
mod trees;

pub use case::{Case, Edit, case};

/// The shape of `case.toml`.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub struct CaseFile {
    /// What is wrong, or why it must pass.
    pub why: String,
    /// The codes that deny; none for a pass.
    pub expect: Vec<String>,
    /// The codes that warn.
    pub warn: Vec<String>,
    /// The rows of the threat table that it covers.
    pub threats: Vec<String>,
    /// The trust file in `keys/`.
    pub trust: String,
    /// The arguments of `bundle verify` behind the bundle and `--trust`.
    pub arguments: Vec<String>,
    /// What is done to the files of `base/` before.
    #[serde(default)]
    pub edit: Vec<Edit>,
}

fn all() -> Vec<Case> {
    let cases = [
        files::cases(),
        trees::cases(),
        signatures::cases(),
        seals::cases(),
        links::cases(),
        gate::cases(),
        policies::cases(),
    ];
    cases.into_iter().flatten().collect()
}

/// Writes the vectors if asked to, and checks that what stands there is what the tables make.
fn write_or_compare(path: &Path, content: &[u8]) {
    if std::env::var_os("ASSAYMARK_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let found = fs::read(path).unwrap_or_default();
    assert!(found == content, "{} is not what its table makes: run with ASSAYMARK_BLESS=1", path.display());
}

#[test]
fn the_vectors_are_what_their_tables_make() {
    let folder = repository("testdata/vectors");
    let good = Forged::good().bytes();
    write_or_compare(&folder.join("base/bundle.intoto.jsonl"), &good);
    write_or_compare(&folder.join("base/bundle.train.sha256"), files::file_list("data/train").as_bytes());
    let mut names = BTreeSet::new();
    for case in all() {
        assert!(names.insert(case.name), "two cases are called {}", case.name);
        let place = folder.join(case.name);
        write_or_compare(&place.join("case.toml"), toml::to_string(&case.file()).unwrap().as_bytes());
        if let Some(bundle) = &case.bundle {
            write_or_compare(&place.join("bundle.intoto.jsonl"), bundle);
        }
    }
    let known = |name: &str| names.contains(name) || ["base", "keys"].contains(&name);
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known(&name), "no table makes the vector {name}");
    }
}

/// Runs one vector through the binary and returns what is wrong with the answer.
fn judge(place: &Path) -> Option<String> {
    let case: CaseFile = toml::from_str(&fs::read_to_string(place.join("case.toml")).unwrap()).unwrap();
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
    let mut arguments = vec!["bundle", "verify", "bundle.intoto.jsonl", "--format", "json", "--trust"];
    arguments.push(trust.to_str().unwrap());
    arguments.extend(case.arguments.iter().map(String::as_str));
    let ran = run(folder.path(), &arguments);
    let status = i32::from(!case.expect.is_empty());
    if ran.status != status {
        return Some(format!("exit status {} instead of {status}\n{}{}", ran.status, ran.stdout, ran.stderr));
    }
    let report = ran.json();
    let (deny, warn) = (codes(&report, "deny"), codes(&report, "warn"));
    if deny != case.expect || warn != case.warn {
        return Some(format!(
            "denied by {deny:?}, warned of {warn:?}; expected {:?} and {:?}\n{}",
            case.expect, case.warn, ran.stdout
        ));
    }
    None
}

#[test]
fn every_vector_has_exactly_its_codes() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(repository("testdata/vectors")).unwrap() {
        let place = entry.unwrap().path();
        if place.join("case.toml").exists() {
            count += 1;
            let name = place.file_name().unwrap().to_string_lossy().into_owned();
            wrong.extend(judge(&place).map(|fault| format!("{name}: {fault}")));
        }
    }
    assert!(count >= 100, "there are only {count} vectors");
    assert!(wrong.is_empty(), "{} of {count} vectors are judged wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_code_has_a_vector() {
    /// What can't be had from files at rest; a test of its own makes each of them.
    const ELSEWHERE: [Code; 1] = [Code::FileUnstable];
    let mut seen: BTreeSet<String> = ELSEWHERE.iter().map(|code| code.as_str().to_owned()).collect();
    for case in all() {
        seen.extend(case.deny.iter().chain(&case.warn).map(|code| (*code).to_owned()));
    }
    let missing: Vec<_> = Code::ALL.iter().filter(|code| !seen.contains(code.as_str())).collect();
    assert!(missing.is_empty(), "codes without a vector: {missing:?}");
}
