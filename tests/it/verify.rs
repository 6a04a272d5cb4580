//! `bundle verify`: calls, reports, doors and exit statuses. What is judged is in the vectors.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::Stdio;

use crate::support::{Workplace, codes, command, run_with_input};

#[test]
fn neither_model_nor_digest_is_a_call_that_says_nothing() {
    let place = Workplace::new();
    place.create();
    for (arguments, word) in [
        ("bundle verify r.intoto.jsonl --trust release.pub", "--model"),
        ("bundle verify r.intoto.jsonl --model model", "--trust"),
        ("bundle verify r.intoto.jsonl --trust release.pub --without-files", "--model-digest"),
        ("bundle verify r.intoto.jsonl --trust release.pub --model model --model-digest sha256:00", "--model-digest"),
        ("bundle verify r.intoto.jsonl --trust release.pub --model model --min-sequence 0", "--min-sequence"),
        ("bundle verify r.intoto.jsonl --trust release.pub --model model --dataset train", "NAME=PATH"),
        ("bundle verify r.intoto.jsonl --trust release.pub --model model --at yesterday", "2026-01-01"),
        ("bundle verify r.intoto.jsonl --trust release.pub --model model --ignore-path ../x", "inside the folder"),
        ("bundle verify r.intoto.jsonl --trust release.pub --model model --frobnicate", "--frobnicate"),
        ("bundle verify r.intoto.jsonl --trust release.pub --model nowhere", "nowhere"),
        ("bundle verify nowhere --trust release.pub --model model", "nowhere"),
        ("bundle verify model --trust release.pub --model model", "not a regular file"),
        ("bundle verify r.intoto.jsonl --trust nowhere --model model", "nowhere"),
        ("bundle verify r.intoto.jsonl --trust release.toml --model model", "release.toml"),
        (
            "bundle verify r.intoto.jsonl --trust release.key --model model",
            "expected a public key, found a private one",
        ),
        ("bundle verify r.intoto.jsonl --trust release.pub --trust release.pub --model model", "--trust"),
        ("bundle verify r.intoto.jsonl --trust release.pub --model model --dataset a=x --dataset a=y", "given twice"),
        ("bundle verify r.intoto.jsonl --trust release.pub --model model/config.json --allow-extra-files", "of no use"),
        ("bundle verify r.intoto.jsonl --trust release.pub --model model --format json --format human", "two formats"),
        ("bundle verify r.intoto.jsonl --trust release.pub --model model --format yaml", "human"),
        ("bundle verify r.intoto.jsonl --trust release.pub --model model --copy-to model", "already exists"),
        ("bundle verify r.intoto.jsonl --trust release.pub --model model --copy-to model/copy", "would lie inside"),
    ] {
        let ran = place.run(arguments).exits(2);
        assert!(ran.stderr.contains(word) && ran.stdout.is_empty(), "{arguments}: {}", ran.stderr);
    }
}

/// A flag that would change nothing is refused: its giver believes that it does.
#[test]
fn no_flag_is_passed_over() {
    let place = Workplace::new();
    place.create();
    let before = place.read("r.intoto.jsonl");
    let vouched = format!("--without-files --model-digest sha256:{}", "0".repeat(64));
    let digest = format!("--model model --model-digest sha256:{}", "0".repeat(64));
    let with = "r.intoto.jsonl --trust gate.toml";
    let key = "--key release.key";
    place.write("metrics.json", "{\"accuracy\": 0.9}");
    for call in [
        format!("verify {with} {digest}"),
        format!("verify {with} {vouched} --copy-to copy"),
        format!("verify {with} {vouched} --allow-extra-files"),
        format!("verify {with} {vouched} --ignore-path logs"),
        format!("approve {with} {digest} --key second.key"),
        format!("seal {with} {digest} {key}"),
        format!("promote {with} {digest} {key} --to staging --policy policy.toml"),
        format!("attest {with} {digest} {key} --metrics metrics.json"),
        format!("attest {with} --model model {key} --metrics metrics.json --scanner-version 1"),
        format!("attest {with} --model model {key} --metrics metrics.json --predicate metrics.json"),
        format!("attest {with} --model model {key} --metrics metrics.json --owner me"),
        format!("attest {with} --model model {key} --metrics metrics.json --line 1"),
        format!("attest {with} --model model {key} --report trivy=metrics.json --name quality"),
        format!("attest {with} --model model {key} --report trivy=metrics.json --dataset test"),
        format!("attest {with} --model model {key} --report trivy=metrics.json --url https://example.com"),
        format!("withdraw list.jsonl --trust gate.toml {key} --nothing --from 2026-01-01T00:00:00Z"),
        format!("withdraw list.jsonl --trust gate.toml {key} --release a --reason b --until 2026-01-01T00:00:00Z"),
    ] {
        let ran = place.run(&format!("bundle {call}")).exits(2);
        assert!(ran.stderr.contains("cannot be used with") && ran.stdout.is_empty(), "{call}: {}", ran.stderr);
    }
    assert_eq!(place.read("r.intoto.jsonl"), before);
    assert!(!place.path("copy").exists() && !place.path("list.jsonl").exists());
}

/// A report takes the place of an older report, and never of anything that was read.
#[test]
fn no_output_replaces_an_input() {
    let place = Workplace::new();
    place.create();
    place.run("bundle verify r.intoto.jsonl --trust release.pub --model model --state state.json").exits(0);
    std::os::unix::fs::symlink("release.pub", place.path("trust.pub")).unwrap();
    fs::hard_link(place.path("release.key"), place.path("hard.key")).unwrap();
    place.write("single.bin", "x");
    let verify = "verify r.intoto.jsonl --trust trust.pub --model model";
    let create = "create release.toml --key release.key";
    for (call, input) in [
        (format!("{verify} --format json=r.intoto.jsonl"), "r.intoto.jsonl"),
        (format!("{verify} --format json=./r.intoto.jsonl"), "r.intoto.jsonl"),
        (format!("{verify} --format json=release.pub"), "release.pub"),
        (format!("{verify} --policy release.toml --format json=release.toml"), "release.toml"),
        (format!("{verify} --policy release.toml --policy-trust second.pub --format json=second.pub"), "second.pub"),
        (format!("{verify} --state state.json --format json=state.json"), "state.json"),
        (format!("{verify} --dataset train=single.bin --format json=single.bin"), "single.bin"),
        (format!("{verify} --dataset train=data/train --format json=r.train.sha256"), "r.train.sha256"),
        (format!("{verify} --receipt new --receipt-key release.key --format json=hard.key"), "release.key"),
        (format!("{verify} --receipt r.intoto.jsonl --receipt-key release.key"), "r.intoto.jsonl"),
        ("verify r.intoto.jsonl --trust release.pub --model single.bin --format json=single.bin".into(), "single.bin"),
        (format!("{create} --output release.key --force"), "release.key"),
        (format!("{create} --output new --bom release.toml --force"), "release.toml"),
        (format!("{create} --output new --format json=hard.key"), "release.key"),
        (format!("{create} --output new --format json=code/../release.toml"), "release.toml"),
        (format!("{create} --dataset train=single.bin --output single.bin --force"), "single.bin"),
        ("inspect r.intoto.jsonl --format json=r.intoto.jsonl".into(), "r.intoto.jsonl"),
        ("inspect r.intoto.jsonl --line 1 --output r.intoto.jsonl --force".into(), "r.intoto.jsonl"),
        ("withdraw release.key --nothing --trust gate.toml --key release.key".into(), "release.key"),
    ] {
        let before = place.read(input);
        let ran = place.run(&format!("bundle {call}")).exits(2);
        let words = ["would replace the input", "is named for two outputs", "would lie inside"];
        assert!(words.iter().any(|words| ran.stderr.contains(words)), "{call}: {}", ran.stderr);
        assert!(ran.stdout.is_empty() && place.read(input) == before, "{call}");
        assert!(!place.path("new").exists(), "{call}");
    }
    for _ in 0..2 {
        place.run(&format!("bundle {verify} --format json=report.json")).exits(0);
        place.run("bundle inspect r.intoto.jsonl --format json=page.json").exits(0);
    }
    let twice = place.run(&format!("bundle {verify} --format json=x --format human=./x")).exits(2);
    assert!(twice.stderr.contains("two outputs"), "{}", twice.stderr);
}

#[test]
fn standard_input_is_one_input() {
    let place = Workplace::new();
    place.create();
    let key = place.read("release.pub");
    for call in [
        "verify - --trust - --model model",
        "verify r.intoto.jsonl --trust - --model model --policy -",
        "verify r.intoto.jsonl --trust - --model model --withdrawals -",
        "attest r.intoto.jsonl --trust - --model model --key release.key --metrics -",
        "approve r.intoto.jsonl --trust - --model model --key -",
    ] {
        let arguments: Vec<_> = format!("bundle {call}").split(' ').map(str::to_owned).collect();
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let ran = run_with_input(place.folder(), &arguments, key.as_bytes()).exits(2);
        assert!(ran.stderr.contains("standard input can't be two inputs"), "{call}: {}", ran.stderr);
    }
    let once = ["bundle", "verify", "r.intoto.jsonl", "--trust", "-", "--model", "model"];
    run_with_input(place.folder(), &once, key.as_bytes()).exits(0);
}

#[test]
fn trust_is_never_taken_from_the_environment_or_the_folder() {
    let place = Workplace::new();
    place.create();
    place.write(
        "trust.toml",
        "[[attester]]\nname = 'x'\nroles = ['builder', 'releaser']\n[[attester.key]]\npath = 'release.pub'\n",
    );
    let mut command = command(place.folder());
    command.env("ASSAYMARK_TRUST", "release.pub").env("HOME", place.folder());
    let ran = command.args(["bundle", "verify", "r.intoto.jsonl", "--model", "model"]).output().unwrap();
    assert_eq!(ran.status.code(), Some(2));
}

#[test]
fn a_bundle_may_come_from_standard_input() {
    let place = Workplace::new();
    place.create();
    let bundle = fs::read(place.path("r.intoto.jsonl")).unwrap();
    let arguments = ["bundle", "verify", "-", "--trust", "release.pub", "--model", "model"];
    run_with_input(place.folder(), &arguments, &bundle).exits(0);
    run_with_input(place.folder(), &arguments, b"").exits(1);
}

#[test]
fn reports_go_to_files_whole_and_without_colours() {
    let place = Workplace::new();
    place.create();
    let ran = place
        .run("bundle verify r.intoto.jsonl --trust release.pub --model tampered --format human=report.txt --format json=report.json")
        .exits(1);
    assert!(ran.stdout.is_empty());
    let text = place.read("report.txt");
    assert!(text.contains("error[file-changed]") && !text.contains('\u{1b}'), "{text}");
    let report: serde_json::Value = serde_json::from_str(&place.read("report.json")).unwrap();
    assert_eq!(report["exitStatus"], 1);
}

#[test]
fn colours_come_only_where_they_are_wanted() {
    let place = Workplace::new();
    place.create();
    let verify = |variables: &[(&str, &str)]| {
        let mut command = command(place.folder());
        command.envs(variables.iter().copied());
        let output = command.args(["bundle", "verify", "r.intoto.jsonl", "--trust", "release.pub", "--model", "model"]);
        String::from_utf8(output.output().unwrap().stdout).unwrap()
    };
    assert!(!verify(&[]).contains('\u{1b}'));
    assert!(verify(&[("CLICOLOR_FORCE", "1")]).contains('\u{1b}'));
    assert!(!verify(&[("NO_COLOR", "1")]).contains('\u{1b}'));
}

#[test]
fn the_json_report_fits_its_schema() {
    let place = Workplace::new();
    place.create();
    let schema = fs::read_to_string(crate::support::repository("schemas/report.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for more in [
        "--model model",
        "--model tampered --dataset train=data/test",
        "--without-files --model-digest sha256:0000000000000000000000000000000000000000000000000000000000000000",
    ] {
        let report =
            place.run(&format!("bundle verify r.intoto.jsonl --trust release.pub --format json {more}")).json();
        let faults: Vec<_> = schema.iter_errors(&report).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?}");
    }
}

#[test]
fn the_scope_says_what_was_not_checked() {
    let place = Workplace::new();
    place.create();
    let report =
        place.verify("--dataset train=data/train --at 2027-02-01T00:00:00Z --ignore-path logs").exits(0).json();
    let scope = &report["scope"];
    assert_eq!(scope["notHashed"], serde_json::json!(["code", "dataset:test"]));
    assert_eq!(scope["doors"], serde_json::json!(["--ignore-path logs", "--at"]));
    assert_eq!(scope["timeSource"], "given");
    assert_eq!(scope["seal"]["sequence"], 1);
    let statuses: Vec<_> =
        report["requirements"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert!(statuses.iter().all(|status| *status == "met"), "{statuses:?}");
}

#[test]
fn a_warning_rejects_under_strict_alone() {
    let place = Workplace::new();
    place.create();
    let noise = place.read("r.intoto.jsonl") + "noise\n";
    place.write("r.intoto.jsonl", noise);
    place.verify("").exits(0);
    let report = place.verify("--strict").exits(1).json();
    assert_eq!(report["verdict"], "rejected");
}

#[test]
fn a_copy_has_the_verified_bytes_and_nothing_else() {
    let place = Workplace::new();
    place.create();
    place.write("model/extra/evil.py", "x");
    place.verify("--copy-to copy").exits(1);
    assert!(!place.path("copy").exists(), "what was rejected is not copied");
    place.verify("--allow-extra-files --copy-to copy").exits(0);
    assert_eq!(place.names("copy"), ["README.md", "config.json", "model.safetensors"]);
    for name in place.names("copy") {
        assert_eq!(
            fs::read(place.path(&format!("copy/{name}"))).unwrap(),
            fs::read(place.path(&format!("model/{name}"))).unwrap()
        );
    }
    let left: Vec<_> = place.names(".").into_iter().filter(|name| name.starts_with(".assaymark")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_closed_pipe_keeps_the_verdict_and_a_full_one_does_not_pass() {
    let place = Workplace::new();
    place.create();
    for (model, expected) in [("model", 0), ("tampered", 1)] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let arguments = ["bundle", "verify", "r.intoto.jsonl", "--trust", "release.pub", "--model", model];
        let status = command(place.folder()).args(arguments).stdout(writer).stderr(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(expected), "closed, {model}");
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let status = command(place.folder()).args(arguments).stdout(full).stderr(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(if expected == 0 { 3 } else { expected }), "full, {model}");
    }
}

#[test]
fn hostile_names_are_shown_harmless() {
    let place = Workplace::new();
    place.create();
    place.write("model/ok\u{1b}[2K  PASS", "x");
    let ran = place.run("bundle verify r.intoto.jsonl --trust release.pub --model model").exits(1);
    assert!(ran.stdout.contains("ok\\u{1b}[2K  PASS") && !ran.stdout.contains('\u{1b}'), "{}", ran.stdout);
}

#[test]
fn a_mismatch_says_who_recorded_the_file_and_when() {
    let place = Workplace::new();
    place.create();
    place.write("data/train/part-0.csv", "poison");
    let ran =
        place.run("bundle verify r.intoto.jsonl --trust release.pub --model model --dataset train=data/train").exits(1);
    assert!(ran.stdout.contains("dataset `train`, `part-0.csv`"), "{}", ran.stdout);
    assert!(ran.stdout.contains("recorded by `release`, 2026-01-01T00:00:00Z"), "{}", ran.stdout);
}

#[test]
fn many_differences_are_counted_and_not_all_shown() {
    let place = Workplace::new();
    place.create();
    for number in 0..1_100 {
        place.write(&format!("model/extra/{number}"), "x");
    }
    let report = place.verify("").exits(1).json();
    assert_eq!(report["findings"].as_array().unwrap().len(), 1_000);
    assert_eq!(report["omitted"], serde_json::json!([{"code": "file-extra", "count": 100}]));
    let ran = place.run("bundle verify r.intoto.jsonl --trust release.pub --model model").exits(1);
    assert!(ran.stdout.contains("... and 1090 more of file-extra"), "{}", ran.stdout);
}

#[test]
fn a_file_that_grows_while_it_is_read_is_a_finding() {
    let place = Workplace::new();
    fs::write(place.path("model/big.bin"), vec![0; 256 << 20]).unwrap();
    let path = place.path("model/big.bin");
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let writer = std::thread::spawn({
        let stop = stop.clone();
        move || {
            use std::io::Write;
            let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                file.write_all(b"x").unwrap();
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        }
    });
    let ran = place.run("bundle create release.toml --key release.key --output r.intoto.jsonl");
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    writer.join().unwrap();
    assert!(ran.exits(1).stderr.contains("error[file-unstable]"));
}

/// What is there and does not count is not got again: it is the signer who must act.
#[test]
fn what_does_not_count_is_told_from_what_is_not_there() {
    let place = Workplace::new();
    place.create();
    place.write("metrics.json", r#"{"accuracy": 1}"#);
    let with = "r.intoto.jsonl --trust gate.toml --model model";
    place.run(&format!("bundle attest {with} --key scanner.key --metrics metrics.json")).exits(0);
    place.run(&format!("bundle seal {with} --key release.key")).exits(0);
    let gate = place.read("gate.toml");
    let ended = |key: &str| {
        gate.replace(&format!("path = \"{key}\""), &format!("path = \"{key}\"\nvalid-until = 2026-01-01T00:00:00Z"))
    };
    for (why, trust, code, words, act, who) in [
        (
            "the key of the publisher",
            ended("release.pub"),
            "unsealed",
            "key that has expired",
            "make-release",
            "\"release\"",
        ),
        (
            "the key of one line",
            ended("scanner.pub"),
            "member-missing",
            "key that has expired",
            "make-release",
            "\"release\"",
        ),
        (
            "nobody may seal",
            gate.replacen("\"builder\", \"releaser\"", "\"builder\"", 1),
            "unsealed",
            "without the role",
            "make-release",
            "[\"builder\",\"releaser\"]",
        ),
    ] {
        place.write("other.toml", trust);
        let verify = "bundle verify r.intoto.jsonl --trust other.toml --model model --explain --format json";
        let report = place.run(verify).exits(1).json();
        assert_eq!(codes(&report, "deny"), [code], "{why}");
        let denial = report["findings"].as_array().unwrap().iter().find(|one| one["code"] == code).unwrap().clone();
        let help = denial["help"].as_str().unwrap();
        assert!(help.contains(words) && !help.contains("again from the publisher"), "{why}: {help}");
        let fix = &report["explanation"]["fixes"][0];
        assert_eq!(fix["act"], act, "{why}: {fix}");
        assert!(fix["who"].to_string().contains(who), "{why}: {fix}");
    }
    let page = place.run(&format!("bundle verify {with}")).exits(0).stdout;
    assert!(page.contains("seal 2, the newest here, names") && !page.contains("of unknown"), "{page}");
}

/// No file has such a name, so it is the call that is at fault, and not the machine.
#[test]
fn a_path_that_no_file_can_have_is_the_callers() {
    let place = Workplace::new();
    place.create();
    std::os::unix::fs::symlink("circle", place.path("circle")).unwrap();
    let long = "x".repeat(300);
    let odd = std::ffi::OsStr::from_bytes(b"\xff\xfe.pub");
    let verify = ["bundle", "verify", "r.intoto.jsonl", "--model", "model", "--trust"];
    for trust in [odd, long.as_ref(), "circle".as_ref(), "release.pub/x".as_ref(), "".as_ref()] {
        let output = command(place.folder()).args(verify).arg(trust).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{trust:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    for path in ["a\\u0000b.pub", &long, "circle"] {
        place.write(
            "trust.toml",
            format!("[[attester]]\nname = 'a'\nroles = ['builder']\n[[attester.key]]\npath = \"{path}\"\n"),
        );
        let ran = place.run("bundle verify r.intoto.jsonl --model model --trust trust.toml").exits(2);
        assert!(ran.stderr.contains("can't be read"), "{path}: {}", ran.stderr);
    }
    let key = ["bundle", "seal", "r.intoto.jsonl", "--model", "model", "--trust", "release.pub", "--key"];
    let output = command(place.folder()).args(key).arg(odd).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}
