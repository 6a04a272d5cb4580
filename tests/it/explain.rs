//! `bundle verify --explain`: for each denial of the vectors, doing what it says makes the release pass.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use tempfile::TempDir;

use crate::forge::Forged;
use crate::support::{Workplace, codes, copy, repository, run};
use crate::vectors::{CaseFile, made};

mod elsewhere;
mod handed_out;

/// One verification of a vector, which fixes change.
struct Attempt {
    name: String,
    folder: TempDir,
    /// Files and bundle as their publisher has them: those of the twin.
    good: TempDir,
    trust: PathBuf,
    arguments: Vec<String>,
}

impl Attempt {
    fn of(name: &str, place: &Path, case: &CaseFile) -> Self {
        let twin = &case.twin;
        let of_vector = |name: &Option<String>| repository("testdata/vectors").join(name.as_deref().unwrap_or("base"));
        let good = match &twin.vector {
            None => made(&of_vector(&twin.bundle), &twin.edit),
            // What the partner's policy is stands in the partner.
            Some(_) => made(&of_vector(&None), &[]),
        };
        let folder = made(place, &case.edit);
        let trust = repository("testdata/vectors/keys").join(&case.trust);
        Self { name: name.to_owned(), folder, good, trust, arguments: case.arguments.clone() }
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
        let base = self.good.path().to_owned();
        let at = |key: &str| fix[key].as_str().unwrap().to_owned();
        match fix["act"].as_str().unwrap() {
            "restore-file" => {
                let (root, path) = (self.root(fix), at("path"));
                let good = base.join(place_of(&at("tree")));
                let to = if root.is_file() { root } else { root.join(&path) };
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                match self.name.as_str() {
                    // The files of what these bundles are about are not those of the base.
                    "bundle-of-another-release" => fs::write(to, "other").unwrap(),
                    "dataset-declared-changed" => fs::write(to, "").unwrap(),
                    _ => drop(fs::copy(good.join(&path), to).unwrap()),
                }
            }
            "remove-file" => {
                let path = self.root(fix).join(at("path"));
                if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
            }
            "rename-file" => fs::rename(self.root(fix).join(at("path")), self.root(fix).join(at("to"))).unwrap(),
            "get-tree" => {
                let root = self.root(fix);
                if root.is_dir() {
                    fs::remove_dir_all(&root).unwrap()
                } else {
                    fs::remove_file(&root).unwrap()
                }
                match self.name.as_str() {
                    "dataset-other-in-all" => {
                        fs::create_dir(&root).unwrap();
                        fs::write(root.join("other.csv"), "other").unwrap();
                    }
                    _ => copy(&base.join(place_of(&at("tree"))), &root),
                }
            }
            "close-door" => self.without(&at("argument")),
            "correct-argument" => self.correct(&at("argument")),
            "get-bundle" => {
                let bundle = match fix["release"].as_str() {
                    Some(release) => publish(release),
                    None => fs::read(base.join("bundle.intoto.jsonl")).unwrap(),
                };
                self.hand_out(&bundle);
            }
            "get-newest-bundle" if ["state-newer-version", "state-other-spelling"].contains(&self.name.as_str()) => {
                self.hand_out(&publish("vector 1.0.2"))
            }
            "get-newest-bundle" => {
                let bundle =
                    if self.arguments.contains(&"--policy".to_owned()) { "policy-sequence-good" } else { "newer-seal" };
                self.hand_out(
                    &fs::read(repository("testdata/vectors").join(bundle).join("bundle.intoto.jsonl")).unwrap(),
                );
            }
            // Not whoever verifies, but what they get is known: the same lines, and a seal that names them all.
            "seal" => {
                let bundle = Forged::of(&fs::read(self.folder.path().join("bundle.intoto.jsonl")).unwrap());
                self.hand_out(&bundle.seal_again("release", |_| {}).bytes());
            }
            _ => return false,
        }
        true
    }

    fn hand_out(&self, bundle: &[u8]) {
        fs::write(self.folder.path().join("bundle.intoto.jsonl"), bundle).unwrap();
    }

    /// Lets others do what they must. Returns what is wrong with it.
    fn by_others(&mut self, fix: &Value, all: &Vectors) -> Option<String> {
        if let Some((who, what)) = elsewhere::of(&self.name) {
            let said = (elsewhere::who(fix), fix["text"].as_str().unwrap().to_owned());
            return (said != (who.clone(), what.clone())).then(|| format!("it is {who} who must {what}"));
        }
        match fix["act"].as_str().unwrap() {
            "get-withdrawals" if self.name == "withdrawals-stale" => handed_out::newer_list(self.folder.path()),
            "get-withdrawals" => self.edit_like("withdrawals", all),
            "settle" if self.name.starts_with("policy-") => self.edit_like("policy-seen", all),
            "settle" if fix["who"]["party"] == "policy-keeper" => self.edit_like("condition", all),
            // What is signed again, with the right time, is as fresh as at the time of the vectors.
            "settle" if self.name.starts_with("demand-") && !self.arguments.contains(&"--at".to_owned()) => {
                self.arguments.extend(["--at".to_owned(), "2026-01-02T00:00:00Z".to_owned()]);
                return self.try_bundles(fix, all);
            }
            "make-release" | "sign" | "promote" | "settle" => return self.try_bundles(fix, all),
            _ => return Some("it is not known who acts".to_owned()),
        }
        let report = self.verify();
        (report["verdict"] != "passed").then(|| format!("after that it has {:?}", codes(&report, "deny")))
    }

    /// Puts the files of another vector in place of those at hand.
    fn edit_like(&self, vector: &str, all: &Vectors) {
        for edit in &all[vector].1.edit {
            edit.apply(self.folder.path());
        }
    }

    /// Tries what these attesters hand out: the release made for this, or bundles that stand under the same trust.
    fn try_bundles(&self, fix: &Value, all: &Vectors) -> Option<String> {
        if self.name == "withdrawn-key-of-two" && elsewhere::who(fix) != "other" {
            return Some("the key of another maker was not withdrawn".to_owned());
        }
        if let Some(made) = handed_out::for_vector(&self.name, self.folder.path()) {
            self.hand_out(&made.bytes());
            let report = self.verify();
            let open = report["explanation"]["fixes"].as_array().unwrap();
            // What the caller then must give is a second fix, and `packages-none` alone needs it.
            let more = self.name == "packages-none" && open.iter().all(|fix| fix["argument"] == "--package-facts FILE");
            let passes = report["verdict"] == "passed" || more;
            return (!passes).then(|| format!("what is made for it has {:?}", codes(&report, "deny")));
        }
        let trusted = all.values().filter(|(place, case)| {
            case.expect.is_empty() && self.trust.ends_with(&case.trust) && place.join("bundle.intoto.jsonl").exists()
        });
        let mut handed_out: Vec<_> = trusted.map(|(place, _)| place.clone()).collect();
        let common = |place: &PathBuf| {
            let other = place.file_name().unwrap().to_string_lossy().into_owned();
            self.name.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count()
        };
        handed_out.sort_by_key(|place| std::cmp::Reverse(common(place)));
        handed_out.insert(0, repository("testdata/vectors/base"));
        let passes = |place: &PathBuf| {
            self.hand_out(&fs::read(place.join("bundle.intoto.jsonl")).unwrap());
            self.verify()["verdict"] == "passed"
        };
        (!handed_out.iter().any(passes)).then(|| "no bundle passes".to_owned())
    }

    fn correct(&mut self, argument: &str) {
        let (flag, _) = argument.split_once(' ').unwrap();
        let value = match flag {
            "--model" => "model".to_owned(),
            "--code" => "code".to_owned(),
            "--model-digest" => {
                "tree:sha256:7649bb72a5f1e2935e894b55941da6e09fbc5135e4265cbe23c82cc9d8aa4dc3".to_owned()
            }
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

type Vectors = BTreeMap<String, (PathBuf, CaseFile)>;

/// The words that no fix may have: each would take something away from what is checked.
const NEVER: [&str; 12] = [
    "--trust",
    "trust.toml",
    "add ",
    "waive",
    "waiver",
    "loosen",
    "allow",
    "permit",
    "--allow-extra-files",
    "--at ",
    "lower",
    "disable",
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
fn vectors() -> Vectors {
    let entries = fs::read_dir(repository("testdata/vectors")).unwrap().map(|entry| entry.unwrap().path());
    let cases = entries.filter(|place| place.join("case.toml").exists()).map(|place| {
        let case = toml::from_str(&fs::read_to_string(place.join("case.toml")).unwrap()).unwrap();
        (place.file_name().unwrap().to_string_lossy().into_owned(), (place, case))
    });
    cases.collect()
}

/// Does what the fixes of a vector say, and returns what is wrong with them.
fn mend(
    name: &str,
    place: &Path,
    case: &CaseFile,
    all: &Vectors,
    acts: &Mutex<BTreeMap<String, usize>>,
) -> Vec<String> {
    let mut attempt = Attempt::of(name, place, case);
    let mut fixes = assert_honest(name, &attempt.verify());
    // A fault can hide another: a bundle that is whole at last may have more to say.
    for _ in 0..3 {
        for fix in &fixes {
            *acts.lock().unwrap().entry(fix["act"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        let by_others: Vec<_> = fixes.iter().filter(|fix| !attempt.apply(fix)).collect();
        if !by_others.is_empty() {
            let tried = by_others.into_iter().filter_map(|fix| Some((attempt.by_others(fix, all)?, fix)));
            return tried.map(|(fault, fix)| format!("{name}: {fault}: {fix}")).collect();
        }
        let report = attempt.verify();
        if report["verdict"] == "passed" {
            return Vec::new();
        }
        fixes = assert_honest(name, &report);
    }
    vec![format!("{name}: it still does not pass: {fixes:?}")]
}

#[test]
fn what_a_fix_says_makes_the_release_pass() {
    let all = vectors();
    let denied: Vec<_> =
        all.iter().filter(|(_, (_, case))| !case.expect.is_empty() && case.refusal.is_empty()).collect();
    let (acts, next) = (Mutex::new(BTreeMap::new()), AtomicUsize::new(0));
    let work = || {
        let mut wrong = Vec::new();
        while let Some((name, (place, case))) = denied.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mended =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| mend(name, place, case, &all, &acts)));
            wrong.extend(mended.unwrap_or_else(|_| vec![format!("{name}: the fix can't be done")]));
        }
        wrong
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let wrong: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let acts = acts.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}\n{acts:?}", wrong.len(), denied.len(), wrong.join("\n"));
    eprintln!("{} denials, mended by {acts:?}", denied.len());
    assert!(denied.len() >= 200 && acts.len() >= 12, "{} {acts:?}", denied.len());
}

/// Types what `--explain` prints, and fills in what only those know who must act.
fn type_commands(place: &Workplace, fix: &Value) {
    let who = &fix["who"]["attesters"][0];
    let key = match who.as_str().unwrap() {
        "release" => "release.key",
        "laboratory" => "scanner.key",
        "alice" => "second.key",
        "gate" => "promoter.key",
        other => panic!("nobody is called {other}"),
    };
    for command in fix["commands"].as_array().unwrap() {
        let command = command.as_str().unwrap().strip_prefix("assaymark ").unwrap();
        // What follows upon it in the same fix is for others to do.
        let key = match command.split(' ').nth(1) {
            Some("approve") => "second.key",
            Some("seal") => "release.key",
            _ => key,
        };
        let (report, file) = match fix["evidence"][0].as_str() {
            Some("vulnerabilities") => {
                ("pip-audit=audit.json --scanner-version 2.9.0 --rules-date 2026-01-01T00:00:00Z", "")
            }
            Some("openvex") => ("", "vex.json"),
            Some("https://example.com/note/v1") => ("", "note.json"),
            Some("test-result") if command.contains("--metrics") => ("", "metrics.json"),
            _ => ("modelscan=scan.json", ""),
        };
        let filled =
            command.replace("BUNDLE", "r.intoto.jsonl").replace("TRUST", "gate.toml").replace("MODEL", "model");
        let filled = filled.replace("TOOL=FILE", report).replace(" FILE", &format!(" {file}"));
        let filled =
            filled.replace("POLICY", "policy.toml").replace("KEY", key).replace("TIME", "2026-01-01T00:00:00Z");
        place.run(&filled).exits(0);
    }
}

#[test]
fn what_explain_prints_can_be_typed_until_it_passes() {
    let place = Workplace::new();
    place.create();
    place.write("audit.json", r#"{"dependencies": [{"name": "numpy", "version": "2.1.0", "vulns": []}], "fixes": []}"#);
    place.write("metrics.json", r#"{"accuracy": 0.95}"#);
    place.write(
        "scan.json",
        r#"{"summary": {"modelscan_version": "0.8.8", "timestamp": "2026-01-01T00:00:00", "total_issues": 0,
            "scanned": {"total_scanned": 1, "scanned_files": ["model.safetensors"]}}, "issues": [], "errors": []}"#,
    );
    place.write("note.json", r#"{"note": 1}"#);
    place.write(
        "vex.json",
        r#"{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/1", "author": "lab", "version": 1,
            "timestamp": "2026-01-01T00:00:00Z", "statements": [{"vulnerability": {"name": "CVE-1"}, "status": "fixed"}]}"#,
    );
    place.write(
        "policy.toml",
        "[policy]\nname = 'p'\n[[require]]\nevidence = 'evaluation'\n[[require]]\nevidence = 'openvex'\n\
         [[require]]\nevidence = 'https://example.com/note/v1'\nrole = 'evaluator'\n[[require]]\nevidence = 'approval'\n\
         not-by = 'builder'\nsealed = true\n[rules]\nmetrics = [{ name = 'accuracy', min = 0.9, dataset = 'test' }]\n\
         scans = { scanners = 2, rules-max-age = '9000d' }\n\
         vulnerabilities = { max-severity = 'low' }\n[[stage]]\nname = 'live'\n",
    );
    let verify = "bundle verify r.intoto.jsonl --trust gate.toml --model model --policy policy.toml --stage live \
                  --release digits@1.0.0 --format json --explain";
    let mut typed = Vec::new();
    for _ in 0..12 {
        let report = place.run(verify).json();
        if report["verdict"] == "passed" {
            break;
        }
        let fix = report["explanation"]["fixes"][0].clone();
        assert!(!fix["commands"].as_array().unwrap().is_empty(), "{fix}");
        type_commands(&place, &fix);
        typed.push(format!("{} {}", fix["act"].as_str().unwrap(), fix["evidence"][0].as_str().unwrap_or_default()));
    }
    place.run(verify).exits(0);
    typed.sort_unstable();
    let expected = [
        "promote ",
        "sign approval",
        "sign https://example.com/note/v1",
        "sign openvex",
        "sign test-result",
        "sign test-result",
        "sign vulnerabilities",
    ];
    assert_eq!(typed, expected);
}

/// One fix alone would end in the next denial: whoever approves before somebody evaluates must do it again.
#[test]
fn what_must_be_signed_first_is_said_at_once() {
    let verify =
        "bundle verify r.intoto.jsonl --trust gate.toml --model model --policy policy.toml --format json --explain";
    let attest =
        "bundle attest r.intoto.jsonl --trust gate.toml --model model --key scanner.key --metrics metrics.json";
    let approve = "bundle approve r.intoto.jsonl --trust gate.toml --model model --key second.key";
    for (before, texts) in [
        (None, ["sign as `evaluator` (test-result), since others", "sign what is demanded (approval)"].as_slice()),
        (
            Some(attest),
            ["seal what is there and not sealed yet (test-result)", "sign what is demanded (approval)"].as_slice(),
        ),
        (Some(approve), ["have what judged it before signed again (approval)"].as_slice()),
    ] {
        let place = Workplace::new();
        place.create();
        place.write("metrics.json", r#"{"accuracy": 0.95}"#);
        place.write("policy.toml", "[policy]\nname = 'p'\n[[require]]\nevidence = 'approval'\nnot-by = 'evaluator'\n");
        if let Some(command) = before {
            place.run(command).exits(0);
        }
        let report = place.run(verify).exits(1).json();
        let fixes = report["explanation"]["fixes"].as_array().unwrap();
        let said = |(fix, text): (&Value, &&str)| fix["text"].as_str().unwrap().contains(*text);
        assert!(fixes.len() == texts.len() && fixes.iter().zip(texts).all(said), "{fixes:?}");
        fixes.iter().for_each(|fix| type_commands(&place, fix));
        place.run(verify).exits(0);
    }
}

#[test]
fn what_no_key_can_prove_is_for_the_policy_to_say() {
    let place = Workplace::new();
    place.create();
    for proof in ["timestamped", "logged"] {
        place.write(
            "policy.toml",
            format!("[policy]\nname = 'p'\n[[require]]\nevidence = 'approval'\n{proof} = true\n"),
        );
        let verify =
            "bundle verify r.intoto.jsonl --trust gate.toml --model model --policy policy.toml --format json --explain";
        let report = place.run(verify).exits(1).json();
        assert_eq!(codes(&report, "deny"), ["evidence-missing"]);
        let fix = &report["explanation"]["fixes"][0];
        assert_eq!((&fix["act"], &fix["who"]["party"]), (&"settle".into(), &"policy-keeper".into()), "{fix}");
        assert!(fix.get("commands").is_none(), "{fix}");
    }
}
