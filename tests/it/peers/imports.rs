//! What others sign, taken over by `bundle attest --import`, sealed and verified; and changed twins of it.

use std::path::Path;

use serde_json::{Value, json};

use super::cases::{Made, flip};
use super::{Measured, ask, find};
use crate::support::copy;

const TRUST: &str = "\
[[attester]]
name = \"release\"
roles = [\"builder\", \"releaser\", \"scanner\"]
[[attester.key]]
path = \"release.pub\"

[[attester]]
name = \"others\"
roles = [\"builder\"]
[[attester.key]]
path = \"scanner.pub\"
[[attester.key]]
path = \"ecdsa.pub\"
[[attester.key]]
path = \"p384.pub\"
";

/// Has securesystemslib sign cases.
fn signed(made: &Made, cases: &[Value], folder: &str) -> Option<Vec<Value>> {
    let folder = made.place.path(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let cases: Vec<&Value> = cases.iter().collect();
    let tool = "securesystemslib";
    let (_, results) = ask(tool, &find(tool, "python3")?, "signing.py", &folder, &cases)?;
    let envelope = |(accepted, said): (bool, String)| {
        assert!(accepted, "{said}");
        serde_json::from_str(&said).unwrap()
    };
    Some(results.into_iter().map(envelope).collect())
}

/// Imports an envelope into a copy of the bundle, seals it, and verifies the whole: says whether all of it went well.
fn import(made: &Made, envelope: &Value, folder: &Path) -> (bool, String) {
    copy(&made.place.path("odd"), &folder.join("odd"));
    for name in ["release.intoto.jsonl", "release.key", "release.pub", "scanner.pub", "ecdsa.pub", "p384.pub"] {
        std::fs::copy(made.place.path(name), folder.join(name)).unwrap();
    }
    std::fs::write(folder.join("trust.toml"), TRUST).unwrap();
    std::fs::write(folder.join("evidence.json"), envelope.to_string()).unwrap();
    let with = "release.intoto.jsonl --trust trust.toml --model odd";
    let calls = ["attest --import evidence.json", "seal --key release.key", "verify --strict"];
    for call in calls {
        let (verb, more) = call.split_once(' ').unwrap();
        let call = format!("bundle {verb} {with} {more}");
        let ran = crate::support::run(folder, &call.split(' ').collect::<Vec<_>>());
        if ran.status != 0 {
            return (false, format!("{verb}, {}: {}{}", ran.status, ran.stdout, ran.stderr));
        }
    }
    (true, String::new())
}

fn subject(made: &Made) -> String {
    let seal = made.place.run("bundle inspect release.intoto.jsonl --payload seal").exits(0).json();
    seal["subject"][1]["digest"]["sha256"].as_str().unwrap().to_owned()
}

fn keys(made: &Made, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| made.place.read(&format!("{name}.key"))).collect()
}

/// Takes down what we did with what another tool signed.
fn add(made: &Made, measured: &mut Measured, did: &str, with: &str, envelopes: &[Value], imported: bool) {
    let place = tempfile::tempdir().unwrap();
    let results: Vec<_> = envelopes
        .iter()
        .enumerate()
        .map(|(number, envelope)| import(made, envelope, &place.path().join(number.to_string())))
        .collect();
    let refused = |said: &str| said.starts_with("attest, 1: ") && said.contains("nothing was imported");
    let count = results.iter().filter(|(accepted, said)| if imported { *accepted } else { refused(said) }).count();
    let word = if imported { "we import" } else { "we refuse" };
    measured.rows.push([did.to_owned(), with.to_owned(), format!("{word} {count} of {}", results.len())]);
    if envelopes.is_empty() || count != results.len() {
        measured.wrong.push(format!("{did}, {with}: {results:?}"));
    }
}

/// The twins of an envelope: another payload, another signature, another payload type.
fn twins(envelope: &Value) -> Vec<Value> {
    const CHANGES: [fn(&mut Value); 3] = [
        |envelope| flip(envelope, "/payload"),
        |envelope| flip(envelope, "/signatures/0/sig"),
        |envelope| envelope["payloadType"] = json!("application/json"),
    ];
    let changed = |change: fn(&mut Value)| {
        let mut twin = envelope.clone();
        change(&mut twin);
        twin
    };
    CHANGES.map(changed).to_vec()
}

/// Envelopes that securesystemslib signs.
pub(super) fn envelopes(made: &Made, measured: &mut Measured) -> Option<()> {
    const DID: &str = "signs a statement as a DSSE envelope";
    let statement = |subject: &str| {
        json!({"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "m", "digest": {"sha256": subject}}],
            "predicateType": "https://example.com/review/v1", "predicate": {"reviewed": true}})
        .to_string()
    };
    let own = subject(made);
    let case = |payload: &str, names: &[&str]| json!({"payload": payload, "keys": keys(made, names)});
    let good: [&[&str]; 4] = [&["scanner"], &["ecdsa"], &["p384"], &["ecdsa", "scanner"]];
    let good = good.map(|names| case(&statement(&own), names));
    let bad = [case(&statement(&own), &["stranger"]), case(&statement(&"0".repeat(64)), &["scanner"])];
    let good = signed(made, &good, "sslib-good")?;
    let bad = signed(made, &bad, "sslib-bad")?;
    let changed = good.iter().take(3).flat_map(twins).chain(bad).collect::<Vec<_>>();
    add(made, measured, DID, "Ed25519, P-256, P-384; two keys", &good, true);
    let with = "the same with another payload, signature, payload type; by a stranger; about another model";
    add(made, measured, DID, with, &changed, false);
    Some(())
}

/// Links that in-toto-attestation writes and securesystemslib signs.
pub(super) fn links(made: &Made, measured: &mut Measured) -> Option<()> {
    const DID: &str = "writes a link, which securesystemslib signs";
    let case = |subject: &str, name: &str| json!({"step": "train", "subject": subject, "keys": keys(made, &[name])});
    let own = subject(made);
    let good = signed(made, &[case(&own, "scanner"), case(&own, "ecdsa")], "links-good")?;
    let bad = signed(made, &[case(&"0".repeat(64), "scanner"), case(&own, "stranger")], "links-bad")?;
    let changed = good.iter().flat_map(twins).chain(bad).collect::<Vec<_>>();
    add(made, measured, DID, "Ed25519, P-256", &good, true);
    let with = "the same with another payload, signature, payload type; about another model; by a stranger";
    add(made, measured, DID, with, &changed, false);
    Some(())
}
