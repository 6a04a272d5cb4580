//! The vectors: `testdata/vectors/<case>/`, each a bundle with one fault, and exactly the codes that it
//! must have. The tables in this folder generate them; `ASSAYMARK_BLESS=1` writes them anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use assaymark::finding::Code;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tempfile::TempDir;

use crate::forge::Forged;
use crate::support::{Ran, codes, copy, repository, run};

mod attacks;
mod authority;
mod boms;
mod boundaries;
mod bytes;
mod calls;
mod case;
mod contradictions;
mod data;
mod demands;
pub mod edges;
mod envelopes;
mod files;
mod foreign;
mod gate;
mod json;
mod keyless;
mod licences;
mod links;
mod omissions;
mod overlooked;
mod packages;
mod paths;
mod pedigree;
mod policies;
mod policy_contradictions;
mod policy_files;
mod requirements;
mod scanners;
mod seals;
mod signatures;
mod stages;
mod statements;
mod trees;
mod variants;

pub use case::{Case, Edit, Twin, case};
pub use gate::promotion;
pub use policies::CORPUS;

/// The shape of `case.toml`.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub struct CaseFile {
    /// What is wrong, or why it must pass.
    pub why: String,
    /// The codes that deny; none for a pass.
    pub expect: Vec<String>,
    /// The codes that warn.
    pub warn: Vec<String>,
    /// The lines that findings name, each once and in order; not compared where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<u64>,
    /// Findings that must be there, in their words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub says: Vec<String>,
    /// The rows of the threat table that it covers.
    pub threats: Vec<String>,
    /// The trust file in `keys/`.
    pub trust: String,
    /// The arguments of `bundle verify` behind the bundle and `--trust`.
    pub arguments: Vec<String>,
    /// Words of the answer where the call is at fault: exit status 2, and nothing is verified.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub refusal: String,
    /// What is done to the files of `base/` before.
    #[serde(default)]
    pub edit: Vec<Edit>,
    /// The same without the fault, where it is not the base under the same trust and arguments.
    #[serde(default, skip_serializing_if = "is_default")]
    pub twin: Twin,
}

fn is_default(twin: &Twin) -> bool {
    *twin == Twin::default()
}

pub fn all() -> Vec<Case> {
    let signed = [signatures::cases(), envelopes::cases(), json::cases(), statements::cases(), seals::cases()];
    let linked = [links::cases(), boms::cases(), paths::cases(), keyless::cases(), authority::cases()];
    let found = [files::cases(), foreign::cases(), bytes::cases(), trees::cases(), calls::cases(), edges::cases()];
    let demanded = [
        gate::cases(),
        policies::cases(),
        licences::cases(),
        data::cases(),
        pedigree::cases(),
        packages::cases(),
        policy_files::cases(),
        policy_contradictions::cases(),
        boundaries::cases(),
        stages::cases(),
        demands::cases(),
        omissions::cases(),
        scanners::cases(),
        contradictions::cases(),
        overlooked::cases(),
    ];
    let demanded = with_partners(demanded.into_iter().flatten().collect());
    signed.into_iter().chain(linked).chain(found).flatten().chain(demanded).collect()
}

/// Gives each failing vector the passing one as twin with whose name its own begins as long as may be.
fn with_partners(cases: Vec<Case>) -> Vec<Case> {
    let passing: Vec<String> = cases.iter().filter(|case| !case.fails()).map(|case| case.name.clone()).collect();
    let partner = |name: &str| {
        let common =
            |other: &&String| other.split('-').zip(name.split('-')).take_while(|(one, two)| one == two).count();
        let longest = passing.iter().map(|other| common(&other)).max().filter(|words| *words > 0)?;
        let near = passing.iter().filter(|other| common(other) == longest);
        near.min_by_key(|other| (!other.ends_with("-good"), other.len())).cloned()
    };
    let paired = cases.into_iter().map(|mut case| {
        if case.fails() && case.twin == Twin::default() {
            case.twin.vector = partner(&case.name);
        }
        case
    });
    paired.collect()
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
    edges::write_many(|path, text| write_or_compare(&folder.join("keys").join(path), text.as_bytes()));
    let mut names = BTreeSet::new();
    for case in all() {
        assert!(names.insert(case.name.clone()), "two cases are called {}", case.name);
        let place = folder.join(&case.name);
        write_or_compare(&place.join("case.toml"), toml::to_string(&case.file()).unwrap().as_bytes());
        if let Some(bundle) = &case.bundle {
            write_or_compare(&place.join("bundle.intoto.jsonl"), bundle);
        }
        assert_eq!(case.bundle.is_some(), place.join("bundle.intoto.jsonl").exists(), "{}", case.name);
    }
    let known = |name: &str| names.contains(name) || ["base", "keys"].contains(&name);
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known(&name), "no table makes the vector {name}");
    }
    let stale: Vec<_> = requirements::named().filter(|name| !names.contains(*name)).collect();
    assert!(stale.is_empty(), "there are no vectors {stale:?}");
}

/// Makes the folder of a vector: a copy of the base, changed, with its bundle if it has one.
pub fn made(vector: &Path, edits: &[Edit]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&repository("testdata/vectors/base"), folder.path());
    let own = vector.join("bundle.intoto.jsonl");
    if own.exists() {
        fs::copy(own, folder.path().join("bundle.intoto.jsonl")).unwrap();
    }
    for edit in edits {
        edit.apply(folder.path());
    }
    folder
}

/// Calls the binary in a copy of the base, changed, with the bundle of a vector if it has one.
fn verify(vector: &Path, edits: &[Edit], trust: &str, arguments: &[String]) -> (TempDir, Ran) {
    let folder = made(vector, edits);
    let trust = repository("testdata/vectors/keys").join(trust);
    let mut called = vec!["bundle", "verify", "bundle.intoto.jsonl", "--format", "json", "--trust"];
    called.push(trust.to_str().unwrap());
    called.extend(arguments.iter().map(String::as_str));
    let ran = run(folder.path(), &called);
    (folder, ran)
}

/// Runs one vector through the binary and returns what is wrong with the answer.
fn judge(place: &Path, case: &CaseFile) -> Option<String> {
    let (_folder, ran) = verify(place, &case.edit, &case.trust, &case.arguments);
    let refused = !case.refusal.is_empty();
    let strict = case.arguments.iter().any(|argument| argument == "--strict");
    let status = if refused { 2 } else { i32::from(!case.expect.is_empty() || strict && !case.warn.is_empty()) };
    if ran.status != status {
        return Some(format!("exit status {} instead of {status}\n{}{}", ran.status, ran.stdout, ran.stderr));
    }
    if refused {
        let silent = ran.stdout.is_empty() && ran.stderr.contains(&case.refusal);
        return (!silent).then(|| format!("says not only {:?}:\n{}{}", case.refusal, ran.stdout, ran.stderr));
    }
    let report = ran.json();
    let (deny, warn) = (codes(&report, "deny"), codes(&report, "warn"));
    if deny != case.expect || warn != case.warn {
        return Some(format!(
            "denied by {deny:?}, warned of {warn:?}; expected {:?} and {:?}\n{}",
            case.expect, case.warn, ran.stdout
        ));
    }
    let fault = misplaced(&report, &case.lines).or_else(|| unsaid(&report, &case.says));
    let fault = fault.or_else(|| requirements::fault(&place.file_name().unwrap().to_string_lossy(), &report));
    fault.map(|fault| format!("{fault}\n{}", ran.stdout))
}

fn misplaced(report: &Value, expected: &[u64]) -> Option<String> {
    let findings = report["findings"].as_array().unwrap();
    let lines: BTreeSet<_> = findings.iter().filter_map(|finding| finding["place"]["line"].as_u64()).collect();
    let differs = !expected.is_empty() && !lines.iter().eq(expected);
    differs.then(|| format!("findings name the lines {lines:?} instead of {expected:?}"))
}

fn unsaid(report: &Value, expected: &[String]) -> Option<String> {
    let findings = report["findings"].as_array().unwrap();
    let said = |words: &String| findings.iter().any(|finding| finding["summary"] == **words);
    expected.iter().find(|words| !said(words)).map(|words| format!("no finding says {words:?}"))
}

/// Runs the twin of a vector and returns what is wrong with the answer.
fn judge_twin(twin: &Twin, trust: &str, arguments: &[String]) -> Option<String> {
    if let Some(vector) = &twin.vector {
        // It is run as a vector, and passes if it has to.
        let text = fs::read_to_string(repository("testdata/vectors").join(vector).join("case.toml"));
        let passes = text.ok().and_then(|text| toml::from_str::<CaseFile>(&text).ok());
        let passes = passes.is_some_and(|case| case.expect.is_empty() && case.refusal.is_empty());
        return (!passes).then(|| format!("{vector} is no vector that passes"));
    }
    let place = repository("testdata/vectors").join(twin.bundle.as_deref().unwrap_or("base"));
    if !place.exists() {
        return Some(format!("there is no vector {:?}", twin.bundle));
    }
    let (_folder, ran) = verify(&place, &twin.edit, trust, arguments);
    (ran.status != 0).then(|| format!("exit status {}\n{}{}", ran.status, ran.stdout, ran.stderr))
}

/// How many wrong answers are enough: a test that fails need not go on.
const ENOUGH: usize = 20;

/// Judges all committed vectors on every processor, and fails with what is wrong, up to some twenty.
fn judge_all(judge: impl Fn(&Path, &CaseFile) -> Option<String> + Sync) -> usize {
    let entries = fs::read_dir(repository("testdata/vectors")).unwrap();
    let places: Vec<_> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.join("case.toml").exists()).collect();
    let judge_one = |place: &Path| {
        let case: CaseFile = toml::from_str(&fs::read_to_string(place.join("case.toml")).unwrap()).unwrap();
        judge(place, &case).map(|fault| format!("{}: {fault}", place.file_name().unwrap().to_string_lossy()))
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let chunks = places.chunks(places.len().div_ceil(threads));
    let faults = AtomicUsize::new(0);
    let judge_one = |place: &Path| {
        let fault = (faults.load(Ordering::Relaxed) < ENOUGH).then(|| judge_one(place)).flatten()?;
        faults.fetch_add(1, Ordering::Relaxed);
        Some(fault)
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let judge_one = &judge_one;
        let running: Vec<_> = chunks
            .map(|chunk| scope.spawn(move || chunk.iter().filter_map(|place| judge_one(place)).collect::<Vec<_>>()))
            .collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let more = if wrong.len() < ENOUGH { "" } else { " and more" };
    assert!(wrong.is_empty(), "{}{more} of {} are judged wrong:\n{}", wrong.len(), places.len(), wrong.join("\n"));
    places.len()
}

#[test]
fn every_vector_has_exactly_its_codes() {
    let count = judge_all(judge);
    requirements::write();
    assert!(count >= 250, "there are only {count} vectors");
}

#[test]
fn the_twin_of_every_vector_passes() {
    // Many vectors have one twin, which need not run again and again.
    let passed = Mutex::new(BTreeSet::new());
    judge_all(|_, case| {
        if case.expect.is_empty() && case.refusal.is_empty() {
            return None;
        }
        let twin = &case.twin;
        let trust = twin.trust.as_ref().unwrap_or(&case.trust);
        let arguments = twin.arguments.as_ref().unwrap_or(&case.arguments);
        let call = format!("{:?} {:?} {trust} {arguments:?} {:?}", twin.vector, twin.bundle, twin.edit);
        if passed.lock().unwrap().contains(&call) {
            return None;
        }
        let fault = judge_twin(twin, trust, arguments);
        if fault.is_none() {
            passed.lock().unwrap().insert(call);
        }
        fault
    });
}

#[test]
fn every_code_has_a_vector() {
    /// What can't be had from files at rest, or what `bundle create` or `model verify` alone says; a test of its own
    /// makes each of them.
    const ELSEWHERE: [Code; 7] = [
        Code::DatasetUnread,
        Code::DeclaredContradicted,
        Code::FileUnstable,
        Code::RowsNotCompared,
        Code::ShardMismatch,
        Code::TrainTestOverlap,
        Code::WeightsMalformed,
    ];
    let mut seen: BTreeSet<String> = ELSEWHERE.iter().map(|code| code.as_str().to_owned()).collect();
    let cases = all();
    for case in &cases {
        seen.extend(case.deny.iter().chain(&case.warn).map(|code| (*code).to_owned()));
    }
    let missing: Vec<_> = Code::ALL.iter().filter(|code| !seen.contains(code.as_str())).collect();
    assert!(missing.is_empty(), "codes without a vector: {missing:?}");
    let failing = cases.iter().filter(|case| case.fails()).count();
    let passing = cases.len() - failing;
    eprintln!("{} vectors: {failing} fail and have a twin, {passing} pass", cases.len());
    let page = fs::read_to_string(repository("docs/reliability.md")).unwrap();
    let figures = [format!("{} bundles and calls", cases.len()), format!("{failing} fail"), format!("{passing} pass")];
    let missing: Vec<_> = figures.iter().filter(|figure| !page.contains(*figure)).collect();
    assert!(missing.is_empty(), "docs/reliability.md does not say: {missing:?}");
}
