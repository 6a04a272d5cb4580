//! BOMs of the largest size, valid and not: an answer soon, in bounded memory.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::forge::{BOM, Forged};
use crate::support::{Workplace, repository};

/// The memory that a verification of the largest BOM may have at its peak.
const MEBIBYTES: u64 = 384;

/// How long it may take in a build for tests on a machine that does other things as well.
const SECONDS: f64 = 10.0;

/// Values that fill a predicate to its limit in bytes or in values, whichever is met first.
fn filled(one: impl Fn(usize) -> Value) -> Vec<Value> {
    let mut bytes = assaymark::limits::PREDICATE_BYTES - (16 << 10);
    let mut values = assaymark::limits::PREDICATE_NODES - 1_000;
    let mut all = Vec::new();
    for number in 0.. {
        let one = one(number);
        let (size, nodes) = (one.to_string().len() + 1, count(&one));
        if size > bytes || nodes > values {
            break;
        }
        bytes -= size;
        values -= nodes;
        all.push(one);
    }
    all
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// Signs the good bundle with a changed BOM, judges it and returns the exit status.
///
/// `ASSAYMARK_MEASURE` names another binary to measure.
fn judged(name: &str, change: impl FnOnce(&mut Value)) -> i32 {
    let place = Workplace::new();
    let forged = Forged::good().resign(BOM, "release", |one| change(&mut one["predicate"])).reseal("release");
    place.write("large.intoto.jsonl", forged.bytes());
    let other = std::env::var_os("ASSAYMARK_MEASURE");
    let own = || env!("CARGO_BIN_EXE_assaymark").into();
    let mut command = Command::new(other.clone().unwrap_or_else(own));
    let command = command.args(["bundle", "verify"]).arg(place.path("large.intoto.jsonl"));
    let command = command.arg("--trust").arg(repository("testdata/vectors/keys/release.pub"));
    let command = command.args(["--model", "model"]).current_dir(repository("testdata/vectors/base"));
    let started = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut peak = 0;
    let status = loop {
        peak = peak.max(peak_of(child.id()));
        if let Some(status) = child.try_wait().unwrap() {
            break status.code().unwrap();
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let seconds = started.elapsed().as_secs_f64();
    eprintln!("| {name} | {status} | {seconds:.2} s | {peak} MiB |");
    assert!(other.is_some() || peak < MEBIBYTES && seconds < SECONDS, "{name}: {seconds} s, {peak} MiB");
    status
}

/// Returns the most memory that a process has had, in MiB; 0 where it is gone.
fn peak_of(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() / 1024
}

#[test]
fn the_largest_boms_are_judged_soon_in_bounded_memory() {
    let append = |bom: &mut Value, more: Vec<Value>| bom["components"].as_array_mut().unwrap().extend(more);
    let part = |kind: &'static str| {
        move |number: usize| {
            let name = format!("part {number}");
            json!({"type": kind, "name": name, "hashes": [{"alg": "SHA-256", "content": "0".repeat(64)}]})
        }
    };
    let short = |number: usize| json!({"type": "file", "name": number.to_string()});
    assert_eq!(judged("valid, with hashes", |bom| append(bom, filled(part("file")))), 0);
    assert_eq!(judged("valid, short components", |bom| append(bom, filled(short))), 0);
    assert_eq!(judged("a fault in each component", |bom| append(bom, filled(part("modell")))), 1);
    assert_eq!(
        judged("a fault in the last component", |bom| append(bom, [filled(short), vec![json!({})]].concat())),
        1
    );
    assert_eq!(judged("licences of no kind", |bom| bom["components"][0]["licenses"] = filled(|_| json!(1)).into()), 1);
    assert_eq!(
        judged("components, the last not unique", |bom| {
            let mut all = filled(short);
            all.push(all[0].clone());
            append(bom, all);
        }),
        1
    );
    assert_eq!(
        judged("dependencies that dangle", |bom| {
            bom["dependencies"][1]["dependsOn"] = filled(|number| json!(number.to_string())).into();
        }),
        1
    );
    assert_eq!(judged("one long name", |bom| bom["components"][0]["name"] = json!("x".repeat(8_000_000))), 0);
    assert_eq!(
        judged("one long media type", |bom| {
            let long = format!("{}!", "a/".repeat(4_000_000));
            bom["components"][0]["mime-type"] = json!(long);
        }),
        1
    );
}

/// Objects of which no two are equal, and which a digest that does not see the brackets takes for one.
fn alike(number: usize) -> Value {
    let leaf = |key: usize| if number >> key & 1 == 1 { json!(["x"]) } else { json!("x") };
    (0..15).map(|key| (format!("k{key:02}"), leaf(key))).collect::<serde_json::Map<_, _>>().into()
}

#[test]
fn items_that_look_alike_take_no_longer() {
    let alike = |bom: &mut Value| bom["dependencies"][1]["dependsOn"] = filled(alike).into();
    assert_eq!(judged("dependencies that look alike", alike), 1);
}

#[test]
fn values_beyond_the_limit_are_not_read() {
    let more = vec![json!({}); assaymark::limits::PREDICATE_NODES];
    assert_eq!(judged("too many values", |bom| bom["components"] = more.into()), 1);
}
