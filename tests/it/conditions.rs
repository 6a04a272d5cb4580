//! Conditions in Rego that want more than there is: each denies, in bounded memory, and nothing breaks.

use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::forge::{BOM, Forged};
use crate::support::{codes, command, copy, repository};

/// What a verification may have at its peak: what it needs anyhow, what a condition may take, and one step of twice that
/// which begins within it. Such modules would take more than any machine has.
const MEBIBYTES: u64 = 1024;

/// Doubles a value thirty or forty times, so that it is large, or looks large.
fn doubled(start: &str, step: &str, times: usize) -> String {
    let mut text = format!("x0 := {start}\n");
    for number in 1..=times {
        writeln!(text, "x{number} := {}", step.replace('X', &format!("x{}", number - 1))).unwrap();
    }
    text
}

/// Starts a verification of the release of the vectors under one condition.
fn started(bundle: &Forged, rego: &str) -> (tempfile::TempDir, Child) {
    let place = tempfile::tempdir().unwrap();
    copy(&repository("testdata/vectors/base"), place.path());
    copy(&repository("testdata/vectors/keys"), place.path());
    fs::write(place.path().join("r.intoto.jsonl"), bundle.bytes()).unwrap();
    let module = format!("package assaymark\nimport rego.v1\n{rego}\n");
    let condition = format!("[[condition]]\nname = \"c\"\nmessage = \"it holds\"\nrego = '''\n{module}'''\n");
    fs::write(place.path().join("policy.toml"), format!("[policy]\nname = \"p\"\n{condition}")).unwrap();
    let call = "bundle verify r.intoto.jsonl --trust gate.toml --model model --policy policy.toml --format json";
    let child = command(place.path()).args(call.split(' ')).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    (place, child.unwrap())
}

/// Verifies the release of the vectors under one condition; returns the report and the memory at its peak, in MiB.
fn judged(bundle: &Forged, rego: &str) -> (Value, u64) {
    let (_place, mut child) = started(bundle, rego);
    let mut peak = 0;
    let status = loop {
        peak = peak.max(peak_of(child.id()));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let (mut report, mut error) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut report).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap_or_else(|_| panic!("{status}: {report}{error}"));
    assert_eq!(status.code(), Some(i32::from(report["verdict"] != "passed")), "{report}{error}");
    (report, peak)
}

/// Returns the most memory that a process has had, in MiB; 0 where it is gone.
fn peak_of(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() / 1024
}

const TIME: &str = "it takes more than 2 s";
const MEMORY: &str = "it needs more than 256 MiB";
const TEXT: &str = "could make a text of more than 16";

/// Modules that want more than there is, and what is said of them: one of these.
fn hostile() -> Vec<(&'static str, String, &'static [&'static str])> {
    let shared = |more: &str| format!("{}{more}", doubled("[\"a\"]", "[X, X]", 40));
    let again = doubled("[\"a\"]", "[X, X]", 40).replace('x', "y");
    let mut deep = "f0(x) := [[[[[[[[x]]]]]]]]\n".to_owned();
    for number in 1..=8 {
        let before = number - 1;
        writeln!(deep, "f{number}(x) := f{before}(f{before}(f{before}(f{before}(f{before}(f{before}(x))))))").unwrap();
    }
    let long = doubled("\"abcdefgh\"", "concat(\"\", [X, X])", 20);
    let numbers = (0..99).map(|one| one.to_string()).collect::<Vec<_>>().join(", ");
    let squared = format!(
        "n := [{numbers}]\nx0 := {{sprintf(\"%d-%d\", [a, b]) | some a in n; some b in n}}\n\
         x1 := {{concat(\"\", [a, b]) | some a in x0; some b in x0}}"
    );
    vec![
        ("a text doubles", doubled("\"abcdefgh\"", "concat(\"\", [X, X])", 40), &[TEXT]),
        ("a text doubles by replacement", doubled("\"ab\"", "replace(X, \"a\", \"aa\")", 60), &[TEXT]),
        ("a list doubles", doubled("[1, 2, 3, 4]", "array.concat(X, X)", 40), &[MEMORY, TIME]),
        (
            "a list of lists doubles",
            doubled("[[1]]", "[[one, one] | some one in array.concat(X, X)]", 40),
            &[MEMORY, TIME],
        ),
        ("a set of texts is squared", squared, &[MEMORY, TIME]),
        ("a number is squared", doubled("99999999999999999999", "X * X", 40), &[MEMORY, TIME]),
        ("a number is shifted", "x := bits.lsh(1, 4294967295)".to_owned(), &[TEXT]),
        ("a number is printed wide", "x := sprintf(\"%999999999d\", [1])".to_owned(), &[TEXT]),
        ("what is shared is written", shared("x := json.marshal(x40)"), &[TEXT]),
        ("what is shared is formatted", shared("x := sprintf(\"%v\", [x40])"), &[TEXT]),
        ("what is shared is compared", shared(&format!("{again}x if x40 == y40")), &[TIME]),
        ("what is shared is told in an error", shared("x := startswith(x40, \"a\")"), &[MEMORY, TIME]),
        ("a value is nothing but depth", format!("{deep}x := f8(1)"), &[MEMORY, TIME]),
        ("depths are compared", format!("{deep}y := f7(1)\nz := f7(1)\nx if y == z"), &[MEMORY, TIME]),
        ("a function calls itself", "f(n) := f(n + 1)\nx := f(0)".to_owned(), &[MEMORY, TIME, "recursion"]),
        (
            "a text is split",
            format!("{long}x := [split(x20, \"\") | some n in [1, 2, 3, 4, 5, 6, 7, 8, 9]]"),
            &[MEMORY, TIME],
        ),
    ]
}

#[test]
fn what_wants_too_much_denies_within_its_bounds() {
    for (name, rego, words) in hostile() {
        let last = rego.lines().last().unwrap().split([' ', '(']).next().unwrap().to_owned();
        let rego = format!("{rego}\ndeny contains \"x\" if {last} == 0\nallow := true\n");
        let (report, peak) = judged(&Forged::good(), &rego);
        let findings = report["findings"].as_array().unwrap();
        let found =
            findings.iter().find(|one| one["code"] == "condition-failed").map(|one| one["found"].as_str().unwrap());
        let said = found.and_then(|found| found.lines().last()).unwrap_or("-");
        eprintln!("| {name} | {said} | {peak} MiB |");
        let found = found.unwrap_or_else(|| panic!("{name}: {report}"));
        assert_eq!(codes(&report, "deny"), ["condition-failed"], "{name}");
        assert!(words.iter().any(|word| found.contains(word)), "{name}: {found}");
        assert!(peak < MEBIBYTES, "{name}: {peak} MiB");
    }
}

#[test]
fn a_large_bundle_leaves_a_condition_enough() {
    let bundle = Forged::good()
        .resign(BOM, "release", |bom| {
            let components = bom["predicate"]["components"].as_array_mut().unwrap();
            components.extend((0..50_000).map(|number| {
                let name = format!("package-{number:06}");
                json!({"type": "library", "bom-ref": name, "name": name, "version": "1.0.0", "purl": format!("pkg:pypi/{name}@1.0.0")})
            }));
        })
        .reseal("release");
    let rego = "by_name[name] := line if {\n  some line in input.statements\n  some part in line.predicate.components\n  \
                name := part.name\n}\ndeny contains \"few\" if count(by_name) < 50000\n\
                deny contains sprintf(\"%s\", [name]) if {\n  some name, _ in by_name\n  name == \"evil\"\n}\nallow := true";
    let (report, peak) = judged(&bundle, rego);
    eprintln!("| 50,000 packages | {} | {peak} MiB |", report["verdict"]);
    assert_eq!(report["verdict"], "passed", "{report}");
    assert!(peak < MEBIBYTES, "{peak} MiB");
}

#[test]
fn what_can_not_be_read_within_its_bounds_is_refused() {
    for (name, expression) in [
        ("brackets", format!("{}1{}", "[".repeat(31), "]".repeat(31))),
        ("more brackets", format!("{}1{}", "[".repeat(2_000), "]".repeat(2_000)).replace("[[[[[[[[", "[[[[[[[[\n")),
        ("braces", format!("{}1{}", "{".repeat(31), "}".repeat(31))),
        ("a sign before a sign", format!("{}1", "-\n".repeat(20_000))),
        ("a sum", format!("1{}", "\n+ 1".repeat(12_000))),
    ] {
        let rego = format!("x := {expression}\ndeny contains \"x\" if x == 0\nallow := true");
        let (_place, child) = started(&Forged::good(), &rego);
        let ran = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        let judged: Value = serde_json::from_slice(&ran.stdout).unwrap_or_default();
        eprintln!("| {name} | {:?} | {} |", ran.status.code(), said.lines().last().unwrap_or_default());
        match ran.status.code() {
            Some(0) => assert_eq!(judged["verdict"], "passed", "{name}"),
            Some(1) => assert_eq!(codes(&judged, "deny"), ["condition-failed"], "{name}: {judged}"),
            code => assert!(code == Some(2) && said.contains("condition `c`"), "{name}: {:?} {said}", ran.status),
        }
    }
}
