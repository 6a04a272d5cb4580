//! What other tools are given: our output, and twins of it that are changed in one place.

use assaymark::key::{Algorithm, SigningKey};
use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::iris;
use crate::support::Workplace;

/// A row of the table: cases that must all be accepted, or all be rejected.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) did: &'static str,
    pub(super) with: &'static str,
    pub(super) accepted: bool,
    pub(super) cases: Vec<Value>,
}

/// Release bundles by keys of each kind.
pub(super) struct Made {
    pub(super) place: Workplace,
}

impl Made {
    pub(super) fn new() -> Self {
        let place = Workplace::new();
        for name in ["tokenizer.json", "tokenizer/vocab.txt", "naïve file.txt", "EMPTY", ".gitattributes"] {
            let text = match name {
                "EMPTY" => "",
                "tokenizer.json" => "{}",
                name => name,
            };
            place.write(&format!("odd/{name}"), text);
        }
        let key = SigningKey::generate(Algorithm::EcdsaP384).unwrap();
        place.write("p384.key", key.to_pem(None).unwrap().as_bytes());
        place.write("p384.pub", key.public().to_pem());
        for key in ["release", "ecdsa", "p384"] {
            place
                .run(&format!(
                    "bundle create release.toml --model odd --key {key}.key --output {key}.intoto.jsonl --force"
                ))
                .exits(0);
        }
        place
            .run("bundle create release.toml --model odd/tokenizer.json --key release.key --output file.intoto.jsonl")
            .exits(0);
        Self { place }
    }

    fn bundle(&self, name: &str) -> Vec<Value> {
        let text = self.place.read(&format!("{name}.intoto.jsonl"));
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn payloads(&self, name: &str) -> Vec<String> {
        let lines = self.bundle(name);
        let payload = |line: &Value| BASE64.decode(line["dsseEnvelope"]["payload"].as_str().unwrap().as_bytes());
        lines.iter().map(|line| String::from_utf8(payload(line).unwrap()).unwrap()).collect()
    }

    fn key(&self, name: &str) -> String {
        self.place.read(&format!("{name}.pub"))
    }
}

/// A change of one place in a JSON document.
type Change = fn(&mut Value);

fn changed(text: &str, change: Change) -> String {
    let mut value: Value = serde_json::from_str(text).unwrap();
    change(&mut value);
    value.to_string()
}

/// Statements, and what is no statement.
pub(super) fn statements(made: &Made) -> Vec<Row> {
    const DID: &str = "parses and validates statements";
    const CHANGES: [Change; 5] = [
        |statement| statement["_type"] = json!("https://in-toto.io/Statement/v0"),
        |statement| statement["predicateType"] = json!(""),
        |statement| statement["subject"] = json!([]),
        |statement| statement["subject"][0]["digest"] = json!({}),
        |statement| statement["more"] = json!(1),
    ];
    let ours: Vec<String> = ["release", "file"].iter().flat_map(|name| made.payloads(name)).collect();
    let twins = ours.iter().flat_map(|one| CHANGES.map(|change| json!({"statement": changed(one, change)})));
    let twins = twins.collect();
    let ours = ours.iter().map(|one| json!({"statement": one})).collect();
    vec![
        Row {
            did: DID,
            with: "all lines of two bundles: a model of files, a model that is a file",
            accepted: true,
            cases: ours,
        },
        Row {
            did: DID,
            with: "the same with another type, no predicate type, subject or digest, a field more",
            accepted: false,
            cases: twins,
        },
    ]
}

/// BOMs, and what is none.
pub(super) fn boms(made: &Made) -> Vec<Row> {
    const DID: &str = "validates strictly by its version of CycloneDX, and reads";
    const CHANGES: [Change; 4] = [
        |bom| bom["components"][0]["type"] = json!("model"),
        |bom| bom["components"][0]["hashes"][0]["content"] = json!("0123"),
        |bom| bom["more"] = json!(1),
        |bom| bom["metadata"]["timestamp"] = json!("yesterday"),
    ];
    let bom = |name: &str| {
        let ran = made.place.run(&format!("bundle inspect {name}.intoto.jsonl --predicate bom"));
        ran.exits(0).stdout
    };
    let ours = ["release", "file"].map(bom);
    let twins = ours.iter().flat_map(|one| CHANGES.map(|change| json!({"bom": changed(one, change)}))).collect();
    let ours = ours.iter().map(|one| json!({"bom": one})).collect();
    let alone = ["1.6", "1.7"].map(|version| {
        let call = format!("bom create release.toml --output - --spec-version {version}");
        json!({"bom": made.place.run(&call).exits(0).stdout})
    });
    let place = iris::iris();
    let rich = ["1.6", "1.7"].map(|version| json!({"bom": iris::bom(place.path(), version)}));
    vec![
        Row { did: DID, with: "what `bom create` makes, 1.6 and 1.7", accepted: true, cases: alone.to_vec() },
        Row { did: DID, with: "what it makes of `testdata/iris`, 1.6 and 1.7", accepted: true, cases: rich.to_vec() },
        Row { did: DID, with: "the BOMs of the same two bundles", accepted: true, cases: ours },
        Row { did: DID, with: "the same with another type, digest, time, a field more", accepted: false, cases: twins },
    ]
}

const NAMES: [(&str, &str); 3] =
    [("release", "lines by Ed25519"), ("ecdsa", "lines by ECDSA P-256"), ("p384", "lines by ECDSA P-384")];

/// Flips one bit in the middle of what is in base64.
pub(super) fn flip(line: &mut Value, pointer: &str) {
    let place = line.pointer_mut(pointer).unwrap();
    let mut bytes = BASE64.decode(place.as_str().unwrap().as_bytes()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    *place = BASE64.encode(&bytes).into();
}

/// The twins of a line: another payload, another signature, another payload type.
pub(super) fn twins(line: &Value) -> Vec<Value> {
    const CHANGES: [Change; 3] = [
        |line| flip(line, "/dsseEnvelope/payload"),
        |line| flip(line, "/dsseEnvelope/signatures/0/sig"),
        |line| line["dsseEnvelope"]["payloadType"] = json!("application/vnd.in-toto+JSON"),
    ];
    let change = |change: Change| {
        let mut twin = line.clone();
        change(&mut twin);
        twin
    };
    CHANGES.map(change).to_vec()
}

/// Returns the lines by a key and their twins, and the lines with the key of somebody else, as `case` gives them away.
fn with_twins(made: &Made, name: &str, case: impl Fn(&Value, &str) -> Value) -> (Vec<Value>, Vec<Value>) {
    let (key, lines) = (made.key(name), made.bundle(name));
    let other = if name == "release" { "stranger" } else { "release" };
    let strange = lines.iter().map(|line| case(line, &made.key(other)));
    let twins = lines.iter().flat_map(twins).map(|line| case(&line, &key)).chain(strange).collect();
    (lines.iter().map(|line| case(line, &key)).collect(), twins)
}

/// Envelopes, and changed ones.
pub(super) fn envelopes(made: &Made) -> Vec<Row> {
    const DID: &str = "verifies DSSE envelopes, the key named by the empty `keyid`";
    let case = |line: &Value, key: &str| {
        let envelope = &line["dsseEnvelope"];
        json!({"envelope": envelope, "keyid": envelope["signatures"][0]["keyid"], "key": key})
    };
    let mut changed = Vec::new();
    let mut rows = Vec::new();
    for (name, with) in NAMES {
        let (ours, twins) = with_twins(made, name, case);
        rows.push(Row { did: DID, with, accepted: true, cases: ours });
        changed.extend(twins);
    }
    rows.push(Row { did: DID, with: CHANGED, accepted: false, cases: changed });
    rows
}

const CHANGED: &str = "the same with another payload, signature, payload type, key";

/// Lines, and changed ones. With P-384 it computes SHA-256, which is not what OpenSSF Model Signing asks for.
pub(super) fn lines(made: &Made) -> Vec<Row> {
    const DID: &str = "verifies Sigstore bundles, without log and timestamp";
    let case = |line: &Value, key: &str| json!({"line": line, "key": key});
    let mut changed = Vec::new();
    let mut rows = Vec::new();
    for (name, with) in NAMES {
        let (ours, twins) = with_twins(made, name, case);
        rows.push(Row { did: DID, with, accepted: name != "p384", cases: ours });
        if name != "p384" {
            changed.extend(twins);
        }
    }
    rows.push(Row { did: DID, with: CHANGED, accepted: false, cases: changed });
    rows
}
