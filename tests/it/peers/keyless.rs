//! What is signed without a lasting key: lines of `testdata/keyless` that we accept and that we reject, under the same
//! trusted root and identity. The vectors `keyless…` hold our own answers to them.

use std::fs;

use serde_json::{Value, json};

use super::cases::{Row, twins};
use crate::support::repository;

const DID: &str = "verifies Sigstore bundles, with certificate, logs and timestamps";

/// Lines that each tool rejects as we do: another identity, authority, log, time authority, or a wrong time.
const REJECTED: [&str; 17] = [
    "capital-subject",
    "early-entry",
    "late-entry",
    "late-timestamp",
    "longer-subject",
    "mail-subject",
    "no-log",
    "no-sct",
    "no-time",
    "one-late-timestamp",
    "other-authority",
    "other-issuer",
    "other-log",
    "other-sct",
    "other-time-authority",
    "retired-time-authority",
    "shorter-subject",
];

fn case(line: &Value) -> Value {
    json!({
        "line": line,
        "root": repository("testdata/keyless/trusted_root.json"),
        "subject": "https://ci.example.com/models/.github/workflows/release.yml@refs/heads/main",
        "issuer": "https://accounts.example.com",
    })
}

fn line(name: &str) -> Value {
    let path = repository("testdata/keyless/lines").join(name).with_extension("json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn good() -> Vec<Value> {
    let text = fs::read_to_string(repository("testdata/keyless/good.intoto.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Lines of a log that promised to have them, as version 0.1 may, and the same at another time.
fn promised() -> [Vec<Value>; 2] {
    let as_promised = |line: &Value| {
        let mut line = line.clone();
        line["mediaType"] = json!("application/vnd.dev.sigstore.bundle+json;version=0.1");
        let material = line["verificationMaterial"].as_object_mut().unwrap();
        let leaf = material.remove("certificate").unwrap();
        material.insert("x509CertificateChain".into(), json!({"certificates": [leaf]}));
        material["tlogEntries"][0].as_object_mut().unwrap().remove("inclusionProof").unwrap();
        line
    };
    let good: Vec<Value> = good().iter().map(as_promised).collect();
    let later = |line: &Value| {
        let mut line = line.clone();
        let time = &mut line["verificationMaterial"]["tlogEntries"][0]["integratedTime"];
        *time = json!((time.as_str().unwrap().parse::<u64>().unwrap() + 1).to_string());
        line
    };
    let changed = good.iter().map(later).collect();
    [good, changed]
}

fn row(with: &'static str, accepted: bool, lines: &[Value]) -> Row {
    Row { did: DID, with, accepted, cases: lines.iter().map(case).collect() }
}

/// The rows of every tool.
fn common() -> Vec<Row> {
    let good = good();
    let changed: Vec<Value> = good.iter().flat_map(twins).collect();
    vec![
        row("lines without a lasting key, in a log of version 1", true, &good),
        row("the same with another payload, signature, payload type", false, &changed),
        row("lines of another identity, authority, log, or at a wrong time", false, &REJECTED.map(line)),
    ]
}

pub(super) fn of_sigstore_python() -> Vec<Row> {
    let own = [
        row("lines in a log of version 2, with a timestamp", true, &[line("log-2")]),
        row("a certificate for servers", false, &[line("server-usage")]),
        row("a line in two logs, which we accept", false, &[line("both-logs")]),
        row("lines with a promise of the log and no proof, which we accept", false, &promised()[0]),
    ];
    [common(), own.to_vec()].concat()
}

pub(super) fn of_sigstore_js() -> Vec<Row> {
    let [good, later] = promised();
    let own = [
        row("lines with a promise of the log and no proof", true, &good),
        row("the same with another time", false, &later),
        row("lines in a log of version 2, which we accept", false, &[line("log-2"), line("both-logs")]),
        row("a certificate for servers, which we reject", true, &[line("server-usage")]),
    ];
    [common(), own.to_vec()].concat()
}
