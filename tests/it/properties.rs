//! Properties: whatever is done to a bundle or to files, a pass never says more than before.
//!
//! Seeds are fixed, so that a run is the same everywhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use assaymark::create::{self, CreateError, Created, Job};
use assaymark::facts::Invocation;
use assaymark::inventory::NoProgress;
use assaymark::release::Draft;
use chrono::DateTime;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};
use serde_json::Value;

use crate::forge::key;
use crate::mutants::changes;
use crate::mutants::good::{Files, Good, meaning, passed};
use crate::mutants::node::Node;

/// Runs a property so many times, each time the same way.
fn check<S: Strategy>(cases: u32, strategy: S, property: impl Fn(S::Value) -> TestCaseResult) {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, seed).run(&strategy, property).unwrap_or_else(|fault| panic!("{fault}"));
}

/// A verification passes only with what the untouched bundle said, and nothing else.
fn never_more(good: &Good, before: &Value, bundle: &[u8], files: &Files) -> TestCaseResult {
    // A call that can't be answered, such as a model that is gone, is no pass.
    let Ok(report) = good.verify(bundle, files) else { return Ok(()) };
    if passed(&report) {
        prop_assert_eq!(&meaning(&report), before);
    }
    Ok(())
}

fn untouched(good: &Good, files: &Files) -> Value {
    let report = good.verify(&good.forged.bytes(), files).unwrap();
    assert!(passed(&report));
    meaning(&report)
}

/// What can be done to the bytes of a bundle. Numbers are taken modulo what is there.
#[derive(Clone, Debug)]
enum Damage {
    Flip { at: usize, bit: u8 },
    Drop { at: usize, length: usize },
    Insert { at: usize, bytes: Vec<u8> },
    Repeat { at: usize, length: usize, to: usize },
    DropLine(usize),
    RepeatLine(usize),
    SwapLines(usize, usize),
    MoveLine(usize, usize),
    SwapFields(usize, usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let number = any::<prop::sample::Index>().prop_map(|index| index.index(1 << 30));
    let at = number.clone();
    prop_oneof![
        4 => (at.clone(), 0..8u8).prop_map(|(at, bit)| Damage::Flip { at, bit }),
        2 => (at.clone(), 1..40usize).prop_map(|(at, length)| Damage::Drop { at, length }),
        2 => (at.clone(), vec(any::<u8>(), 1..12)).prop_map(|(at, bytes)| Damage::Insert { at, bytes }),
        2 => (at.clone(), 1..200usize, at.clone()).prop_map(|(at, length, to)| Damage::Repeat { at, length, to }),
        1 => at.clone().prop_map(Damage::DropLine),
        1 => at.clone().prop_map(Damage::RepeatLine),
        1 => (at.clone(), at.clone()).prop_map(|(one, other)| Damage::SwapLines(one, other)),
        1 => (at.clone(), at.clone()).prop_map(|(from, to)| Damage::MoveLine(from, to)),
        2 => (at.clone(), at, number).prop_map(|(one, other, field)| Damage::SwapFields(one, other, field)),
    ]
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let length = bytes.len();
        match self {
            Self::Flip { at, bit } => bytes[at % length] ^= 1 << bit,
            Self::Drop { at, length: count } => {
                let start = at % length;
                drop(bytes.drain(start..(start + count).min(length)));
            }
            Self::Insert { at, bytes: new } => drop(bytes.splice(at % length..at % length, new.clone())),
            Self::Repeat { at, length: count, to } => {
                let start = at % length;
                let piece = bytes[start..(start + count).min(length)].to_vec();
                drop(bytes.splice(to % length..to % length, piece));
            }
            Self::DropLine(_)
            | Self::RepeatLine(_)
            | Self::SwapLines(..)
            | Self::MoveLine(..)
            | Self::SwapFields(..) => {
                self.apply_to_lines(bytes);
            }
        }
    }

    fn apply_to_lines(&self, bytes: &mut Vec<u8>) {
        let mut lines: Vec<Vec<u8>> = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        let count = lines.len();
        match self {
            Self::DropLine(one) => drop(lines.remove(one % count)),
            Self::RepeatLine(one) => lines.push(lines[one % count].clone()),
            Self::SwapLines(one, other) => lines.swap(one % count, other % count),
            Self::MoveLine(from, to) => {
                let line = lines.remove(from % count);
                lines.insert(to % count, line);
            }
            Self::SwapFields(one, other, field) => {
                let pointer =
                    ["/dsseEnvelope/payload", "/dsseEnvelope/signatures", "/verificationMaterial", "/dsseEnvelope"]
                        [field % 4];
                let read = |index: usize| serde_json::from_slice::<Value>(&lines[index % count]).ok();
                if let (Some(mut first), Some(second)) = (read(*one), read(*other))
                    && let (Some(to), Some(from)) = (first.pointer_mut(pointer), second.pointer(pointer))
                {
                    *to = from.clone();
                    lines[one % count] = first.to_string().into_bytes();
                }
            }
            _ => {}
        }
        *bytes = lines.join(&b'\n');
    }
}

#[test]
fn whatever_is_done_to_the_bytes_of_a_bundle_a_pass_says_what_it_said() {
    let good = Good::two_seals();
    let before = untouched(&good, &Files::Hashed);
    let bytes = good.forged.bytes();
    check(1_000, vec(damage(), 1..4), |all| {
        let mut changed = bytes.clone();
        for one in &all {
            one.apply(&mut changed);
        }
        never_more(&good, &before, &changed, &Files::Hashed)
    });
}

#[test]
fn whatever_is_done_to_the_values_of_a_line_a_pass_says_what_it_said() {
    let good = Good::two_seals();
    let before = untouched(&good, &Files::Hashed);
    let index = || any::<prop::sample::Index>();
    let change = (index(), index());
    check(1_000, (index(), vec(change, 1..5)), |(line, all)| {
        let line = line.index(good.forged.lines.len());
        let mut node = Node::parse(&good.forged.lines[line]);
        for (spot, change) in all {
            let spots = node.spots();
            let spot = &spots[spot.index(spots.len())];
            node = changes::apply(&node, spot, changes::numbered(change.index(1 << 20))).unwrap_or(node);
        }
        let mut forged = good.forged.clone();
        forged.lines[line] = node.to_string().replace('\n', " ").into_bytes();
        never_more(&good, &before, &forged.bytes(), &Files::Hashed)
    });
}

/// What can be done to files.
#[derive(Clone, Debug)]
enum Deed {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Append(Vec<u8>),
    Empty,
    Remove,
    Copy(String),
    Rename(String),
    Swap(prop::sample::Index),
    Add(String, Vec<u8>),
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,3}",
        "[a-c]/[a-c]",
        "\\.[a-z]{1,4}",
        "[A-Z]\\.bin",
        Just(".gitattributes".to_owned()),
        Just(".github/x".into())
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    let index = || any::<prop::sample::Index>();
    prop_oneof![
        3 => (index(), 0..8u8).prop_map(|(at, bit)| Deed::Flip(at, bit)),
        1 => index().prop_map(Deed::Cut),
        1 => vec(any::<u8>(), 1..4).prop_map(Deed::Append),
        1 => Just(Deed::Empty),
        1 => Just(Deed::Remove),
        1 => name().prop_map(Deed::Copy),
        2 => name().prop_map(Deed::Rename),
        2 => index().prop_map(Deed::Swap),
        1 => (name(), vec(any::<u8>(), 0..4)).prop_map(|(name, bytes)| Deed::Add(name, bytes)),
    ]
}

impl Deed {
    /// Does it to a tree of files, as a map. Names that can't be had are passed over.
    fn apply(&self, files: &mut BTreeMap<String, Vec<u8>>, tree: &str, which: prop::sample::Index) {
        let names: Vec<String> = files.keys().filter(|name| name.starts_with(tree)).cloned().collect();
        let Some(one) = names.get(which.index(names.len().max(1))).cloned() else { return };
        let content = files[&one].clone();
        let put = |files: &mut BTreeMap<String, Vec<u8>>, name: &str, bytes: Vec<u8>| {
            let name = format!("{tree}{name}");
            let blocked =
                |other: &String| other.starts_with(&format!("{name}/")) || name.starts_with(&format!("{other}/"));
            if !files.keys().any(blocked) {
                files.insert(name, bytes);
            }
        };
        match self {
            Self::Flip(at, bit) if !content.is_empty() => {
                let at = at.index(content.len());
                files.get_mut(&one).unwrap()[at] ^= 1 << bit;
            }
            Self::Cut(at) if !content.is_empty() => files.get_mut(&one).unwrap().truncate(at.index(content.len())),
            Self::Flip(..) | Self::Cut(_) => {}
            Self::Append(bytes) => files.get_mut(&one).unwrap().extend(bytes),
            Self::Empty => files.get_mut(&one).unwrap().clear(),
            Self::Remove => drop(files.remove(&one)),
            Self::Copy(name) => put(files, name, content),
            Self::Rename(name) => {
                files.remove(&one);
                put(files, name, content);
            }
            Self::Swap(other) => {
                let other = names[other.index(names.len())].clone();
                files.insert(one, files[&other].clone());
                files.insert(other, content);
            }
            Self::Add(name, bytes) => put(files, name, bytes.clone()),
        }
    }
}

fn read_files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(place) = open.pop() {
        for entry in fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn write_files(folder: &Path, files: &BTreeMap<String, Vec<u8>>) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[test]
fn whatever_is_done_to_files_only_the_same_files_pass() {
    let good = Good::base();
    let before = untouched(&good, &Files::OnDisk);
    let bundle = good.forged.bytes();
    let original = read_files(good.folder());
    let tree = prop::sample::select(vec!["model/", "data/train/", "code/"]);
    check(400, vec((tree, any::<prop::sample::Index>(), deed()), 1..3), |deeds| {
        let mut files = original.clone();
        for (tree, which, deed) in &deeds {
            deed.apply(&mut files, tree, *which);
        }
        for tree in ["model", "data", "code"] {
            fs::remove_dir_all(good.folder().join(tree)).unwrap();
            fs::create_dir(good.folder().join(tree)).unwrap();
        }
        fs::create_dir_all(good.folder().join("data/train")).unwrap();
        write_files(good.folder(), &files);
        let report = good.verify(&bundle, &Files::OnDisk);
        let passes = report.as_ref().is_ok_and(passed);
        prop_assert_eq!(passes, files == original, "{:?}", report);
        never_more(&good, &before, &bundle, &Files::OnDisk)
    });
}

/// Makes a release of a tree of files.
fn create(model: &BTreeMap<String, Vec<u8>>) -> Result<Created, CreateError> {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir_all(place.path().join("code")).unwrap();
    fs::write(place.path().join("code/train.py"), "x").unwrap();
    fs::create_dir_all(place.path().join("model")).unwrap();
    write_files(&place.path().join("model"), model);
    write_files(&place.path().join("data"), model);
    let text = "[release]\nname = 'r'\nversion = '1'\n[model]\npath = 'model'\n[code]\npath = 'code'\n\
                [[dataset]]\nname = 'd'\npath = 'data'\n";
    let spec = Draft::parse("release.toml", text, place.path()).unwrap().finish().unwrap();
    let time = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
    // `create` verifies what it made with the public key, strictly, and fails where that does not pass.
    create::create(&Job {
        compare_rows: false,
        scan: None,
        tensors: false,
        spec: &spec,
        excluded: &[],
        signer: &key("release"),
        invocation: Invocation::default(),
        at: time,
        now: time,
        progress: &NoProgress,
    })
}

/// A component of a path: plain, odd or hostile.
fn component() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-zA-Z0-9._-]{1,8}",
        3 => "[ -.0-~]{1,6}",
        2 => "\\PC{1,4}".prop_map(|text| text.replace('/', "_")),
        1 => prop::sample::select(vec!["-", "a\\b", "é", "e\u{301}", "\u{202e}", "a\nb", ".git", ".gitignore", "CON", "a:b", " "])
            .prop_map(str::to_owned),
    ]
}

/// A tree that a file system can have: no file is a folder of another.
fn tree() -> impl Strategy<Value = BTreeMap<String, Vec<u8>>> {
    let path = vec(component(), 1..4).prop_map(|parts| parts.join("/"));
    btree_map(path, vec(any::<u8>(), 0..16), 1..8).prop_map(|files| {
        let hidden = |name: &String| name.split('/').any(|part| matches!(part, "." | ".."));
        let names: Vec<String> = files.keys().cloned().collect();
        let above = |name: &String| names.iter().any(|other| other.starts_with(&format!("{name}/")));
        files.into_iter().filter(|(name, _)| !hidden(name) && !above(name)).collect()
    })
}

#[test]
fn whatever_create_accepts_verifies_and_is_the_same_again() {
    let counts = std::cell::Cell::new((0, 0));
    check(200, tree(), |files| {
        let (made, refused) = counts.get();
        match create(&files) {
            Ok(created) => {
                counts.set((made + 1, refused));
                prop_assert!(passed(&created.report));
                let again = create(&files).map(|created| created.bundle);
                prop_assert_eq!(again.ok(), Some(created.bundle), "the same input gives the same bytes");
            }
            // What can't be signed is refused with its reason, before anything is signed.
            Err(CreateError::Refused(findings)) => {
                counts.set((made, refused + 1));
                prop_assert!(findings.deny());
            }
            Err(error) => return Err(TestCaseError::fail(format!("{error}: {error:?}"))),
        }
        Ok(())
    });
    let (made, refused) = counts.get();
    eprintln!("{made} trees made and verified, {refused} refused");
    assert!(made >= 50 && refused >= 10, "the trees are all of one kind: {made} made, {refused} refused");
}
