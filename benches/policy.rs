//! How long a policy takes: a bundle of 200 statements, a policy of 50 rules, five of them in Rego.
//!
//! `cargo bench --bench policy` prints the time of a verification without hashing, of its signatures alone, and
//! what is left. `docs/performance.md` has the figures.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing, clippy::disallowed_methods)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use assaymark::bundle::UnverifiedBundle;
use assaymark::create::{self, Job};
use assaymark::digest::{ArtifactDigest, Digest};
use assaymark::dsse::{IN_TOTO, Pae};
use assaymark::evidence;
use assaymark::facts::Invocation;
use assaymark::inventory::NoProgress;
use assaymark::key::{Algorithm, SigningKey};
use assaymark::policy::{Policy, PolicySource};
use assaymark::release::Draft;
use assaymark::sigstore_bundle::SigstoreBundle;
use assaymark::trust::TrustRoot;
use assaymark::verify::{self, Artifact, Outcome, Request, TimeSource};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

const STATEMENTS: usize = 200;
const RULES: usize = 50;
const CONDITIONS: usize = 5;
const RUNS: usize = 100;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let key = SigningKey::generate(Algorithm::Ed25519).unwrap();
    let at = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
    let (bundle, model) = bundle(folder.path(), &key, at);
    fs::write(folder.path().join("policy.toml"), policy()).unwrap();
    let policy = PolicySource::load(&folder.path().join("policy.toml")).unwrap().policy(None).unwrap();
    let trust = TrustRoot::of_key("release", key.public().clone());
    let signatures = fastest(|| {
        let (lines, _) = UnverifiedBundle::split(&bundle);
        assert_eq!(evidence::authenticate(lines, &trust, at).0.len(), STATEMENTS);
    });
    let all = |policy: &Policy| {
        fastest(|| {
            let (lines, findings) = UnverifiedBundle::split(&bundle);
            let report = verify::verify(Request {
                bundle: lines,
                bundle_findings: findings,
                bundle_path: None,
                trust: &trust,
                policy,
                rescan: None,
                package_facts: None,
                model: Artifact::Vouched(model),
                datasets: Vec::new(),
                code: None,
                allow_extra_files: false,
                ignored: Vec::new(),
                release: None,
                min_sequence: None,
                withdrawals: None,
                state: None,
                at,
                time_source: TimeSource::Clock,
                strict: false,
                copy_to: None,
                progress: &NoProgress,
            });
            assert_eq!(report.unwrap().verdict.outcome(), Outcome::Passed);
        })
    };
    let (baseline, all) = (all(Policy::baseline()), all(&policy));
    println!(
        "{STATEMENTS} statements, {RULES} rules of the policy, {CONDITIONS} of them in Rego; time, best of {RUNS}"
    );
    println!("verify without hashing  {:8.2} ms", milliseconds(all));
    println!("signatures alone        {:8.2} ms", milliseconds(signatures));
    println!("the rest                {:8.2} ms", milliseconds(all.saturating_sub(signatures)));
    println!("of it without a policy  {:8.2} ms", milliseconds(baseline.saturating_sub(signatures)));
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Returns the time of the fastest run. It is the time of a clock, since conditions run on threads of their own.
fn fastest(mut run: impl FnMut()) -> Duration {
    let mut timed = || {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..RUNS).map(|_| timed()).min().unwrap()
}

/// Makes the bundle of a small release, and fills it up with evaluations.
fn bundle(folder: &Path, key: &SigningKey, at: DateTime<Utc>) -> (Vec<u8>, ArtifactDigest) {
    for (name, text) in
        [("model/m.safetensors", "\u{2}\0\0\0\0\0\0\0{}"), ("code/train.py", "train()"), ("data/1.csv", "1,2")]
    {
        fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        fs::write(folder.join(name), text).unwrap();
    }
    let text = "[release]\nname = 'bench'\nversion = '1'\nlicense = 'MIT'\n[model]\npath = 'model'\n[[dataset]]\n\
                name = 'train'\npath = 'data'\nrole = 'training'\nlicense = 'CC0-1.0'\n[code]\npath = 'code'\n";
    let spec = Draft::parse("release.toml", text, folder).unwrap().finish().unwrap();
    let made = create::create(&Job {
        compare_rows: false,
        scan: None,
        tensors: false,
        spec: &spec,
        excluded: &[],
        signer: key,
        invocation: Invocation::default(),
        at,
        now: at,
        progress: &NoProgress,
    });
    let mut lines: Vec<Vec<u8>> = made.unwrap().bundle.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    lines.retain(|line| !line.is_empty());
    let mut seal: Value = payload(&lines[3]);
    for number in lines.len()..STATEMENTS - 1 {
        lines.push(sign(&evaluation(&seal, number), key));
    }
    let members: Vec<Value> =
        lines.iter().enumerate().filter(|(index, _)| *index != 3).map(|(_, line)| member(line, key)).collect();
    seal["predicate"]["sequence"] = json!(2);
    seal["predicate"]["previous"] = json!(Digest::of(&bytes(&lines[3])).to_string());
    seal["predicate"]["members"] = Value::Array(members);
    lines.push(sign(&seal, key));
    let digest = format!("tree:sha256:{}", seal["predicate"]["model"]["fileList"].as_str().unwrap());
    (lines.join(&b'\n'), digest.parse().unwrap())
}

fn evaluation(seal: &Value, number: usize) -> Value {
    let metrics: Vec<_> = (0..20).map(|metric| json!({"name": format!("metric-{metric}"), "value": 0.95})).collect();
    json!({
        "_type": seal["_type"], "subject": seal["subject"],
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "predicate": {
            "result": "PASSED", "url": format!("https://example.com/runs/{number}"),
            "configuration": [{"name": "metrics", "annotations": {"assaymark_metrics": metrics}}],
        },
    })
}

fn bytes(line: &[u8]) -> Vec<u8> {
    SigstoreBundle::parse(line).unwrap().envelope.payload
}

fn payload(line: &[u8]) -> Value {
    serde_json::from_slice(&bytes(line)).unwrap()
}

fn member(line: &[u8], key: &SigningKey) -> Value {
    let kind = payload(line)["predicateType"].clone();
    let signer = key.public().fingerprint().to_string();
    json!({"payload": Digest::of(&bytes(line)).to_string(), "predicateType": kind, "signer": signer})
}

fn sign(statement: &Value, key: &SigningKey) -> Vec<u8> {
    let payload = statement.to_string().into_bytes();
    let signature = key.sign(Pae::new(IN_TOTO, &payload).as_bytes());
    SigstoreBundle::write(&payload, &key.public().key_id(), signature).unwrap()
}

fn policy() -> String {
    let mut text = String::from("[policy]\nname = 'bench'\n");
    let of_rules = 6;
    for number in 0..RULES - CONDITIONS - of_rules {
        writeln!(text, "[[require]]\nname = 'evaluation-{number}'\nevidence = 'evaluation'\nrole = 'evaluator'")
            .unwrap();
    }
    text += "[rules]\nmin-sequence = 2\nmodel-formats = ['safetensors']\nmodel-licenses = { allow = ['MIT'] }\n\
             dataset-licenses = { deny = ['non-commercial'] }\ndatasets = { allow = ['train'] }\nmetrics = [";
    for metric in 0..20 {
        write!(text, "{{ name = 'metric-{metric}', min = 0.9 }},").unwrap();
    }
    text += "]\n";
    for number in 0..CONDITIONS {
        let rego = "package assaymark\nimport rego.v1\n\
                    deny contains line.line if { some line in input.statements; line.attester != \"release\" }\n\
                    allow if { count(input.statements) > 0 }";
        writeln!(text, "[[condition]]\nname = 'c{number}'\nmessage = 'm'\nrego = '''\n{rego}\n'''").unwrap();
    }
    text
}
