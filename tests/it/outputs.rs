//! Where results are written to: never over what a call reads, and never into a file named like standard output.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Ran, Workplace, copy, run};

const POLICY: &str = "[policy]\nname = 'p'\n[[stage]]\nname = 'staging'\n[[condition]]\nname = 'c'\nmessage = 'm'\nfile = 'night.rego'\ndigest = 'sha256:DIGEST'\n";
const REGO: &str = "package assaymark\nimport rego.v1\ndeny contains \"x\" if false\nallow := true\n";

/// What the calls below are about, and nothing else.
fn workplace() -> Workplace {
    let place = Workplace::new();
    place.create();
    let kept = ["release", "scanner", "second", "officer", "promoter", "stranger", "ecdsa"];
    for name in place.names(".") {
        let stem = name.split('.').next().unwrap();
        let is_key = [".key", ".pub", ".toml"].iter().any(|suffix| name.ends_with(suffix));
        if is_key && !kept.contains(&stem) && !["gate.toml", "release.toml"].contains(&name.as_str()) {
            fs::remove_file(place.path(&name)).unwrap();
        }
    }
    for folder in ["pickle", "tampered"] {
        fs::remove_dir_all(place.path(folder)).unwrap();
    }
    place.write("night.rego", REGO);
    let digest = assaymark::digest::Digest::of(REGO.as_bytes()).to_string();
    place.write("policy.toml", POLICY.replace("DIGEST", &digest));
    place.write("allow.toml", "[[allow]]\nname = 'ours.model.Model'\nreason = 'our class'\n");
    place.run("policy sign policy.toml --key stranger.key").exits(0);
    place.run("bundle withdraw w.jsonl --trust gate.toml --key officer.key --nothing").exits(0);
    let derived = place.read("release.toml").replace("\"digits\"\nversion", "\"derived\"\nversion");
    let base = "[model]\nbase = [{ name = \"digits\", bundle = \"r.intoto.jsonl\" }]\n";
    place.write("derived.toml", derived.replace("[model]\n", base));
    place.run("bom create release.toml --output bom.json").exits(0);
    place.run("model sign key model --private-key ecdsa.key --signature model.sig").exits(0);
    place
}

const VERIFY: &str = "bundle verify r.intoto.jsonl --trust gate.toml --model model --dataset train=data/train --code code \
     --policy policy.toml --policy-trust stranger.pub --withdrawals w.jsonl --release digits@1.0.0 --rescan --allow allow.toml";
const CREATE: &str = "bundle create derived.toml --key release.key --base-trust gate.toml --base-withdrawals w.jsonl --allow allow.toml --force";
const PROMOTE: &str = "bundle promote r.intoto.jsonl --trust gate.toml --model model --key promoter.key --to staging \
     --policy policy.toml --policy-trust stranger.pub --withdrawals w.jsonl --release digits@1.0.0";

/// Every output of every subcommand that writes, as `OUT`.
fn calls() -> Vec<String> {
    vec![
        format!("{VERIFY} --format json=OUT"),
        format!("{VERIFY} --receipt OUT --receipt-key promoter.key"),
        format!("{VERIFY} --state OUT"),
        format!("{CREATE} --output OUT"),
        format!("{CREATE} --output new.intoto.jsonl --bom OUT"),
        format!("{CREATE} --output new.intoto.jsonl --format json=OUT"),
        "bundle inspect r.intoto.jsonl --format json=OUT".into(),
        "bundle inspect r.intoto.jsonl --line 1 --output OUT --force".into(),
        "bundle diff r.intoto.jsonl r.intoto.jsonl --trust gate.toml --format json=OUT".into(),
        format!("{PROMOTE} --state OUT"),
        "bundle withdraw OUT --trust gate.toml --key officer.key --nothing".into(),
        "bom create derived.toml --base-trust gate.toml --base-withdrawals w.jsonl --output OUT --force".into(),
        "bom validate bom.json --against model --remake release.toml --format json=OUT".into(),
        "scan model code --allow allow.toml --format json=OUT".into(),
        "model sign key model --private-key ecdsa.key --signature OUT".into(),
        "model verify key model --signature model.sig --public-key ecdsa.pub --format json=OUT".into(),
        "key generate --no-password --output OUT".into(),
    ]
}

/// Returns every file beneath a folder, relative to it.
fn files(folder: &Path, prefix: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder.join(prefix)).unwrap() {
        let path = prefix.join(entry.unwrap().file_name());
        if folder.join(&path).is_dir() { found.extend(files(folder, &path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Runs a call in a copy of a folder that was changed, and returns what came of it.
fn attempt(pristine: &Path, call: &str, change: impl FnOnce(&Path)) -> (tempfile::TempDir, Ran) {
    let folder = tempfile::tempdir().unwrap();
    copy(pristine, folder.path());
    change(folder.path());
    let ran = run(folder.path(), &call.split_whitespace().collect::<Vec<_>>());
    (folder, ran)
}

/// A file is an input if the call ends in another way without it: whoever names it, and wherever it lies.
#[test]
fn no_output_takes_the_place_of_an_input() {
    let place = workplace();
    let all = files(place.folder(), Path::new(""));
    let calls = calls();
    let judged = |call: &String| {
        let new = call.replace("OUT", "out.new");
        let whole = attempt(place.folder(), &new, |_| {}).1;
        assert!(whole.status < 2, "{call}: {}", whole.stderr);
        let mut inputs = 0;
        for file in &all {
            let name = file.to_str().unwrap();
            let (_, without) = attempt(place.folder(), &new, |folder| fs::remove_file(folder.join(file)).unwrap());
            if (without.status, &without.stderr) == (whole.status, &whole.stderr) {
                continue;
            }
            inputs += 1;
            let before = fs::read(place.folder().join(file)).unwrap();
            let (folder, ran) = attempt(place.folder(), &call.replace("OUT", name), |_| {});
            // The list of withdrawals is added to, and is no other input of that call.
            assert!(ran.status != 0 && ran.status != 3, "{call}: `{name}` was taken: {}", ran.stderr);
            assert_eq!(fs::read(folder.path().join(file)).unwrap(), before, "{call}: `{name}` was replaced");
        }
        (call.clone(), inputs)
    };
    let (first, second) = calls.split_at(calls.len() / 2);
    let counts = std::thread::scope(|scope| {
        let other = scope.spawn(|| second.iter().map(judged).collect::<Vec<_>>());
        let mut counts: Vec<_> = first.iter().map(judged).collect();
        counts.extend(other.join().unwrap());
        counts
    });
    // Each call reads something, and those with trust and policy much that only these name.
    for (call, inputs) in counts {
        let least = if call.starts_with("key generate") {
            0
        } else if call.starts_with("bundle verify") {
            12
        } else {
            1
        };
        assert!(inputs >= least, "{call}: {inputs} inputs were found");
    }
}

/// Each with what is written to standard output there, if anything is.
fn named_like_standard_output() -> Vec<(String, bool)> {
    let verify = "bundle verify r.intoto.jsonl --trust gate.toml --model model";
    let create = "bundle create release.toml --key release.key";
    let model = "--signature model.sig --public-key ecdsa.pub";
    vec![
        (format!("{verify} --format json=-"), true),
        (format!("{verify} --receipt - --receipt-key promoter.key"), false),
        (format!("{verify} --state -"), false),
        (format!("{verify} --copy-to -"), false),
        (format!("{create} --output -"), true),
        (format!("{create} --output new --bom -"), false),
        (format!("{create} --output new --format json=-"), true),
        ("bundle inspect r.intoto.jsonl --format json=-".into(), true),
        ("bundle inspect r.intoto.jsonl --line 1 --output -".into(), true),
        ("bundle diff r.intoto.jsonl r.intoto.jsonl --format json=-".into(), true),
        ("bundle approve - --trust gate.toml --model model --key second.key".into(), false),
        ("bundle attest - --trust gate.toml --model model --key scanner.key --predicate bom.json --type https://example.com/x/v1".into(), false),
        ("bundle seal - --trust gate.toml --model model --key release.key".into(), false),
        (PROMOTE.replace("r.intoto.jsonl", "-"), false),
        (format!("{PROMOTE} --state -"), false),
        ("bundle withdraw - --trust gate.toml --key officer.key --nothing".into(), false),
        ("bom create release.toml --output -".into(), true),
        ("bom validate bom.json --format json=-".into(), true),
        ("bom validate bom.json --osv-db code --vulnerabilities -".into(), false),
        ("scan model --format json=-".into(), true),
        ("model sign key model --private-key ecdsa.key --signature -".into(), false),
        (
            "model sign certificate model --private-key ecdsa.key --signing-certificate release.pub --certificate-chain \
             release.pub --signature -"
                .into(),
            false,
        ),
        (format!("model verify key model {model} --format json=-"), true),
        ("key generate --no-password --output -".into(), false),
        ("policy sign - --key stranger.key".into(), false),
    ]
}

#[test]
fn nothing_is_written_to_a_file_named_like_standard_output() {
    let place = workplace();
    let before = files(place.folder(), Path::new(""));
    for (call, prints) in named_like_standard_output() {
        let (folder, ran) = attempt(place.folder(), &call, |_| {});
        let made: Vec<_> =
            files(folder.path(), Path::new("")).into_iter().filter(|one| !before.contains(one)).collect();
        assert!(made.iter().all(|path| path.to_string_lossy().starts_with("new")), "{call}: {made:?}");
        if prints {
            assert!(ran.status < 2 && !ran.stdout.is_empty(), "{call}: {}", ran.stderr);
        } else {
            assert!(ran.status == 2 && ran.stdout.is_empty(), "{call}: {} {}", ran.status, ran.stderr);
            assert!(ran.stderr.contains("standard "), "{call}: {}", ran.stderr);
            assert!(made.is_empty(), "{call}: {made:?}");
        }
    }
}

/// Flags that name a file which is written; all others that name one are read.
const OUTPUTS: [&str; 8] = ["bom", "copy-to", "format", "output", "receipt", "signature", "state", "vulnerabilities"];
const INPUTS: [&str; 36] = [
    "against",
    "allow",
    "base-trust",
    "base-withdrawals",
    "certificate-chain",
    "code",
    "dataset",
    "fixtures",
    "import",
    "key",
    "lock-file",
    "metrics",
    "model",
    "new-model",
    "old-model",
    "osv-db",
    "package-facts",
    "password-file",
    "policy",
    "policy-trust",
    "predicate",
    "private-key",
    "public-key",
    "receipt-key",
    "receipt-password-file",
    "release-file",
    "remake",
    "revocation-list",
    "sbom",
    "signing-certificate",
    "trust",
    "trusted-root",
    "withdrawals",
    "withdrawn-key",
    "report",
    "trust-config",
];

/// How values are called that name files.
const NAMES: [&str; 6] = ["DIR", "FILE", "FORMAT[=FILE]", "NAME=PATH", "PATH", "TOOL=FILE"];

/// A new output has to be in the tables above.
#[test]
fn every_output_of_every_subcommand_is_tried() {
    let tried: Vec<_> = named_like_standard_output().into_iter().map(|(call, _)| call).collect();
    let mut unknown = BTreeSet::new();
    visit(&assaymark::cli::command(), "", &mut |path, argument| {
        let Some(flag) = argument.get_long() else { return };
        let takes = argument.get_action().takes_values()
            && argument.get_value_names().unwrap_or_default().iter().any(|name| NAMES.contains(&name.as_str()));
        if !takes || path.starts_with("verify-bundle") || INPUTS.contains(&flag) {
            return;
        }
        let is_read =
            flag == "signature" && path.starts_with("model verify") || flag == "ignore-paths" || flag == "exclude";
        if is_read || flag == "ignore-path" {
            return;
        }
        // Reports of models are written in one place, whoever is trusted.
        let like = if path.starts_with("model verify") { "model verify" } else { path };
        let there = |call: &&String| call.starts_with(like) && call.contains(&format!("--{flag}"));
        if !OUTPUTS.contains(&flag) || !tried.iter().any(|call| there(&call)) {
            unknown.insert(format!("{path} --{flag}"));
        }
    });
    assert!(unknown.is_empty(), "say of each whether it is read or written, and try it: {unknown:?}");
}

fn visit(command: &clap::Command, path: &str, look: &mut dyn FnMut(&str, &clap::Arg)) {
    for argument in command.get_arguments() {
        look(path, argument);
    }
    for sub in command.get_subcommands() {
        visit(sub, format!("{path} {}", sub.get_name()).trim_start(), look);
    }
}

/// A gate may read the report of an earlier call: where a call makes none, there is none.
#[test]
fn a_call_that_makes_no_report_leaves_none_of_an_earlier_call() {
    let place = workplace();
    let model = "model verify key model --signature model.sig";
    let calls = [
        ("bundle verify r.intoto.jsonl --model model --trust gate.toml", "gate.toml"),
        ("bundle diff r.intoto.jsonl r.intoto.jsonl --trust gate.toml", "gate.toml"),
        (&format!("{model} --public-key ecdsa.pub"), "ecdsa.pub"),
        ("scan model --allow allow.toml", "allow.toml"),
        ("bom validate bom.json", "bom.json"),
    ];
    for (call, needed) in calls {
        let outputs = if call.contains("bundle verify") {
            " --format json=r.json --format sarif=r.sarif --format junit=r.xml --format human=r.txt"
        } else {
            " --format json=r.json --format human=r.txt"
        };
        let call = format!("{call}{outputs}");
        let run = || run(place.folder(), &call.split_whitespace().collect::<Vec<_>>());
        let there = || {
            place.names(".").into_iter().filter(|name| ["r.json", "r.sarif", "r.txt", "r.xml"].contains(&name.as_str()))
        };
        let before = run();
        assert!(before.status < 2, "{call}: {}", before.stderr);
        let made: Vec<_> = there().collect();
        assert!(made.contains(&"r.json".to_owned()), "{call}: {made:?}");
        fs::rename(place.path(needed), place.path("away")).unwrap();
        let failed = run();
        assert_eq!(failed.status, 2, "{call}: {}", failed.stderr);
        let kept: Vec<_> = there().collect();
        assert_eq!(kept, ["r.txt"], "{call}: {}", failed.stderr);
        assert!(failed.stderr.contains("Removed") && failed.stderr.contains("`r.json`"), "{call}: {}", failed.stderr);
        assert!(failed.stderr.contains("`r.txt` is not of this call"), "{call}: {}", failed.stderr);
        fs::rename(place.path("away"), place.path(needed)).unwrap();
        fs::remove_file(place.path("r.txt")).unwrap();
    }
    place.write("r.json", "{}");
    let failed = place.run("bundle create release.toml --key missing.key --output new --format json=r.json").exits(2);
    assert!(failed.stderr.contains("`r.json` is not of this call"), "{}", failed.stderr);
    // Only what says that it is a report: a path may be wrong.
    for kept in ["{\"a\": 1}", "{\"schema\": \"https://assaymark.dev/schemas/state/v1\"}", "weights"] {
        place.write("r.json", kept);
        let failed = place.run(&format!("{model} --public-key missing.pub --format json=r.json")).exits(2);
        assert!(failed.stderr.contains("`r.json` is not of this call"), "{}", failed.stderr);
        assert_eq!(place.read("r.json"), kept);
    }
}
