//! Input that is too large, too deep or of the wrong kind: a named answer, soon, in little memory.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::forge::{BOM, Forged};
use crate::support::{Workplace, codes, command, repository, run};

/// Runs a verification in at most so much memory, and returns its exit status.
///
/// The limit is on the address space, which is larger than the memory in use.
fn verify_within(place: &Workplace, mebibytes: u64, bundle: &str) -> Option<i32> {
    let script = format!(
        "ulimit -v {}; exec timeout 20 \"$0\" bundle verify {bundle} --trust release.pub --model model",
        mebibytes * 1024
    );
    let mut command = Command::new("sh");
    let command = command.args(["-c", &script, env!("CARGO_BIN_EXE_assaymark")]).current_dir(place.folder());
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().code()
}

#[test]
fn a_bundle_of_a_gibibyte_is_refused_without_reading_it() {
    let place = Workplace::new();
    fs::File::create(place.path("huge")).unwrap().set_len(1 << 30).unwrap();
    assert_eq!(verify_within(&place, 256, "huge"), Some(1));
}

#[test]
fn a_line_over_the_limit_is_refused() {
    let place = Workplace::new();
    fs::File::create(place.path("long")).unwrap().set_len(100 << 20).unwrap();
    assert_eq!(verify_within(&place, 512, "long"), Some(1));
}

#[test]
fn endless_input_is_cut() {
    let place = Workplace::new();
    let mut child = command(place.folder());
    let child = child.args(["bundle", "verify", "-", "--trust", "release.pub", "--model", "model"]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let chunk = vec![b'x'; 1 << 20];
    let mut written = 0u64;
    while input.write_all(&chunk).is_ok() {
        written += 1;
        assert!(written < 1024, "it reads without end");
    }
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn lines_that_are_within_all_limits_are_bounded_together() {
    let place = Workplace::new();
    place.create();
    let many = vec![0; assaymark::limits::PREDICATE_NODES - 5_000];
    let noted = (0..4).fold(Forged::of(place.read("r.intoto.jsonl").as_bytes()), |bundle, number| {
        bundle.state("https://example.com/note/v1", "release", &json!({"number": number, "many": many}))
    });
    place.write("r.intoto.jsonl", noted.bytes());
    let report = place.verify("").exits(0).json();
    assert_eq!(codes(&report, "warn"), ["limit-exceeded", "unsealed-line"]);
    let over = report["findings"].as_array().unwrap().iter().filter(|one| one["code"] == "limit-exceeded").count();
    assert_eq!(over, 2, "two of the lines fit");
}

#[test]
fn a_bom_over_the_limit_is_refused_unread() {
    let place = Workplace::new();
    let base = repository("testdata/vectors/base");
    let large = json!([{"type": "file", "name": "x".repeat(assaymark::limits::PREDICATE_BYTES)}]);
    let forged = Forged::create(&base, "release", &[])
        .resign(BOM, "release", |bom| bom["predicate"]["components"] = large)
        .reseal("release");
    place.write("large.intoto.jsonl", forged.bytes());
    let bundle = place.path("large.intoto.jsonl");
    let trust = repository("testdata/vectors/keys/release.pub");
    let call = ["bundle", "verify", bundle.to_str().unwrap(), "--trust", trust.to_str().unwrap(), "--model", "model"];
    let ran = run(&base, &[&call[..], &["--format", "json"]].concat()).exits(1);
    assert_eq!(codes(&ran.json(), "deny"), ["limit-exceeded"]);
}

#[test]
fn nested_json_is_no_stack_overflow() {
    let place = Workplace::new();
    for (name, open) in [("arrays", "["), ("objects", "{\"a\":")] {
        place.write(name, open.repeat(200_000));
        assert_eq!(verify_within(&place, 256, name), Some(1));
    }
}

#[test]
fn every_prefix_of_a_bundle_is_answered() {
    let place = Workplace::new();
    place.create();
    let bundle = fs::read(place.path("r.intoto.jsonl")).unwrap();
    for end in (0..bundle.len()).step_by(997) {
        let (cut, findings) = assaymark::bundle::UnverifiedBundle::split(&bundle[..end]);
        assert!(!findings.deny());
        let inspection = assaymark::inspect::Inspection::of(cut);
        assert!(inspection.lines.len() <= 5);
    }
}

#[test]
fn trust_and_keys_of_the_wrong_kind_are_named() {
    let place = Workplace::new();
    place.create();
    for path in ["/dev/zero", "/dev/null", "model"] {
        let ran = place.run(&format!("bundle verify r.intoto.jsonl --trust {path} --model model")).exits(2);
        assert!(ran.stderr.contains("not a regular file"), "{}", ran.stderr);
    }
    fs::File::create(place.path("large.pub")).unwrap().set_len(2 << 20).unwrap();
    let ran = place.run("bundle verify r.intoto.jsonl --trust large.pub --model model").exits(2);
    assert!(ran.stderr.contains("larger than 1.0 MiB"), "{}", ran.stderr);
}

#[test]
fn deep_folders_and_long_names_are_findings() {
    let place = Workplace::new();
    place.create();
    let mut path = place.path("model");
    for _ in 0..140 {
        path.push("d");
    }
    fs::create_dir_all(&path).unwrap();
    fs::write(path.join("x"), "x").unwrap();
    let report = place.verify("").exits(1).json();
    assert_eq!(codes(&report, "deny"), ["limit-exceeded"]);
}

#[test]
fn a_long_row_of_parquet_costs_little_memory() {
    let place = Workplace::new();
    let bomb = repository("fuzz/corpus/parquet_rows/long-row-refused");
    fs::copy(bomb, place.path("data/test/bomb.parquet")).unwrap();
    let script = "ulimit -v 524288; exec timeout 20 \"$0\" bundle create release.toml --key release.key --output r.intoto.jsonl --rows";
    let mut command = Command::new("sh");
    let command = command.args(["-c", script, env!("CARGO_BIN_EXE_assaymark")]).current_dir(place.folder());
    assert_eq!(command.stderr(Stdio::null()).status().unwrap().code(), Some(1));
}

#[test]
fn a_sparse_file_of_gibibytes_is_hashed_in_little_memory() {
    let place = Workplace::new();
    fs::File::create(place.path("model/sparse.bin")).unwrap().set_len(2 << 30).unwrap();
    let script = "ulimit -v 524288; exec \"$0\" bundle create release.toml --key release.key --output r.intoto.jsonl --record-failed-scan";
    let mut command = Command::new("sh");
    let status =
        command.args(["-c", script, env!("CARGO_BIN_EXE_assaymark")]).current_dir(place.folder()).status().unwrap();
    assert_eq!(status.code(), Some(0));
}
