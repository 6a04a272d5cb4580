//! What those hand out who must act: for a denial of the policy, the release as it should have been made.

use std::fs;
use std::path::Path;

use assaymark::digest::Digest;
use serde_json::{Value, json};

use crate::forge::{BOM, FIRST_SEAL, Forged, PROVENANCE, key, sign};
use crate::support::{copy, repository};
use crate::vectors::{CORPUS, edges};

const TEST_RESULT: &str = "https://in-toto.io/attestation/test-result/v0.1";
const VULNERABILITIES: &str = "https://in-toto.io/attestation/vulns/v0.2";

/// Makes the release anew, in a folder where it lies after that.
fn made(folder: &Path, change: impl FnOnce(&Path)) -> Forged {
    let place = tempfile::tempdir().unwrap();
    copy(&repository("testdata/vectors/base"), place.path());
    change(place.path());
    let forged = Forged::create(place.path(), "release", &[]);
    fs::remove_dir_all(folder.join("model")).unwrap();
    copy(&place.path().join("model"), &folder.join("model"));
    forged
}

/// Makes the release anew with other words in its `release.toml`.
fn declared(folder: &Path, from: &str, to: &str) -> Forged {
    made(folder, |place| {
        let text = fs::read_to_string(place.join("release.toml")).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(place.join("release.toml"), text.replace(from, to)).unwrap();
    })
}

fn provenance(bundle: Forged, change: impl FnOnce(&mut Value)) -> Forged {
    bundle.resign(PROVENANCE, "release", |statement| change(&mut statement["predicate"])).reseal("release")
}

fn bom(bundle: Forged, change: impl FnOnce(&mut Vec<Value>)) -> Forged {
    let components = |bom: &mut Value| change(bom["predicate"]["components"].as_array_mut().unwrap());
    bundle.resign(BOM, "release", components).reseal("release")
}

/// The release with a package, and a BOM that says that there is no other.
fn depending(bundle: Forged, package: Value) -> Forged {
    let listed = |bom: &mut Value| {
        bom["predicate"]["components"].as_array_mut().unwrap().push(package);
        bom["predicate"]["compositions"][1]["aggregate"] = json!("complete");
    };
    bundle.resign(BOM, "release", listed).reseal("release")
}

fn tested(configuration: &Value) -> Forged {
    let result = json!({"result": "PASSED", "configuration": configuration});
    Forged::good().state(TEST_RESULT, "scanner", &result).seal_again("release", |_| {})
}

fn package(purl: &str) -> Value {
    json!({"type": "library", "bom-ref": "package", "name": "package", "purl": purl})
}

/// Returns the release that answers the denial of a vector, if no other vector is it.
pub fn for_vector(name: &str, folder: &Path) -> Option<Forged> {
    let good = Forged::good();
    let metrics = |metrics: Value| json!({"name": "metrics", "annotations": {"assaymark_metrics": metrics}});
    let accuracy = |value: f64, slice: Option<&str>| json!({"name": "accuracy", "value": value, "slice": slice});
    Some(match name {
        "approval-of-the-future" => good.approve("second", FIRST_SEAL),
        // Somebody signs in the role from which the approver must differ.
        "approvals-separate-nobody" | "approvals-separate-unknown" => {
            tested(&json!([metrics(json!([accuracy(0.95, None)]))])).approve("second", FIRST_SEAL + 2)
        }
        // The base model was made of data with another name.
        "base-data-denied-by-name" => provenance(good.with_known_base(CORPUS, "training"), |predicate| {
            let parts = predicate["buildDefinition"]["resolvedDependencies"].as_array_mut().unwrap();
            let part = parts.iter_mut().find(|one| one["name"] == "base:parent/dataset:corpus").unwrap();
            part["name"] = json!("base:parent/dataset:other");
        }),
        "builder-other" => provenance(good, |predicate| {
            predicate["runDetails"]["builder"]["id"] = json!("https://assaymark.dev/local/v11");
        }),
        "code-ref" => {
            let bundle = fs::read(repository("testdata/vectors/code-ref/bundle.intoto.jsonl")).unwrap();
            provenance(Forged::of(&bundle), |predicate| {
                let parameters = &mut predicate["buildDefinition"]["externalParameters"];
                parameters["workflow"]["ref"] = json!("refs/heads/release");
            })
        }
        "datasets-denied" | "withdrawn-dataset" => {
            made(folder, |place| fs::write(place.join("data/train/1.csv"), "others").unwrap())
                .with_known_base(CORPUS, "training")
        }
        "datasets-not-allowed" => made(folder, |place| {
            let text = fs::read_to_string(place.join("release.toml")).unwrap();
            let (before, rest) = text.split_once("[[dataset]]\nname = \"crawl\"").unwrap();
            let (_, after) = rest.split_once("\n\n").unwrap();
            fs::write(place.join("release.toml"), format!("{before}{after}")).unwrap();
        })
        .with_known_base(CORPUS, "training"),
        "folder-of-1000" => edges::folder_of(1000).0,
        "absent-for-formats" | "absent-for-formats-bom" | "format-other" | "format-unknown" => made(folder, |place| {
            fs::remove_dir_all(place.join("model")).unwrap();
            fs::create_dir(place.join("model")).unwrap();
            // A file of safetensors without a tensor, and one whose name may stand for anything.
            let (name, bytes) = match name {
                "format-unknown" => ("model.pt", b"converted".as_slice()),
                _ => ("model.safetensors", b"\x02\0\0\0\0\0\0\0{}".as_slice()),
            };
            fs::write(place.join("model").join(name), bytes).unwrap();
        }),
        "stage-after" => good.seal_again("release", |_| {}).promote_twice("vector/1.0.0"),
        "bom-incomplete" => {
            let named = |statement: &mut Value| {
                let bom = &mut statement["predicate"];
                bom["metadata"]["authors"] = json!([{"name": "somebody"}]);
                bom["metadata"]["component"]["supplier"] = json!({"name": "somebody"});
                bom["metadata"]["component"]["purl"] = json!("pkg:generic/vector@1.0.0");
                for component in bom["components"].as_array_mut().unwrap() {
                    component["version"] = json!("1.0.0");
                    component["supplier"] = json!({"name": "somebody"});
                }
            };
            good.resign(BOM, "release", named).reseal("release")
        }
        "licenses-base-absent" => bom(good, |components| {
            let base = components.iter_mut().find(|one| one["bom-ref"] == "base:parent").unwrap();
            base["licenses"] = json!([{"license": {"id": "MIT"}}]);
        }),
        "licenses-model-denied" => declared(folder, "license = \"MIT\"", "license = \"CC-BY-4.0\""),
        "metric-dataset" => {
            let parts = &good.statement(PROVENANCE)["predicate"]["buildDefinition"]["resolvedDependencies"];
            let train = parts.as_array().unwrap().iter().find(|one| one["name"] == "dataset:train").unwrap();
            tested(
                &json!([metrics(json!([accuracy(0.95, None)])), {"name": "dataset:train", "digest": train["digest"]}]),
            )
        }
        "metric-slice" => tested(&json!([metrics(json!([accuracy(0.99, None), accuracy(0.9, Some("de"))]))])),
        "packages-none" => depending(good, package("pkg:pypi/numpy@2.1.0")),
        "boundary-package-young" | "boundary-package-kept-by-one" => depending(good, package("pkg:pypi/numpy@2.0.0")),
        "packages-young" => {
            let uploaded = json!([{"name": "assaymark:uploaded", "value": "2025-01-01T00:00:00Z"}]);
            let mut package = package("pkg:pypi/numpy@2.0.0");
            package["properties"] = uploaded;
            depending(good, package)
        }
        "parameter-other" => declared(folder, "seed = 42", "seed = 4"),
        "require-stale" => provenance(good, |predicate| {
            predicate["runDetails"]["metadata"]["finishedOn"] = json!("2026-01-02T00:00:00Z");
        }),
        "scans-old-rules" => tested(&json!([{"name": "scanner", "uri": "pkg:pypi/modelscan@0.8.5", "annotations": {
            "assaymark_covered": ["a.bin"], "assaymark_rulesUpdated": "2026-01-01T12:00:00Z",
        }}])),
        "vulnerabilities-old" => {
            let scanner =
                json!({"uri": "pkg:pypi/pip-audit@2", "db": {"lastUpdate": "2026-01-31T00:00:00Z"}, "result": []});
            let times = json!({"scanStartedOn": "2026-01-31T00:00:00Z", "scanFinishedOn": "2026-01-31T00:00:00Z"});
            let predicate = json!({"scanner": scanner, "metadata": times});
            good.state(VULNERABILITIES, "scanner", &predicate).seal_again("release", |_| {})
        }
        "waiver-of-another-rule" => {
            let bundle = fs::read(repository("testdata/vectors/waiver-of-another-rule/bundle.intoto.jsonl")).unwrap();
            Forged::of(&bundle).approve("second", FIRST_SEAL)
        }
        // All versions were withdrawn; a successor has a name of its own.
        "withdrawn" => declared(folder, "name = \"vector\"", "name = \"successor\""),
        "withdrawn-spelled" | "withdrawn-version" => declared(folder, "version = \"1.0.0\"", "version = \"1.0.1\""),
        "withdrawn-by-file" | "withdrawn-by-root" | "withdrawn-by-root-as-tree" | "withdrawn-model" => {
            made(folder, |place| fs::write(place.join("model/a.bin"), "trained anew").unwrap())
        }
        "withdrawn-base" => {
            let other = "0".repeat(64);
            declared(folder, "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03", &other)
        }
        "withdrawn-key-of-two" => Forged::create(&repository("testdata/vectors/base"), "builder", &[]),
        _ => return None,
    })
}

/// Lets the officer say that there is nothing new: a list of withdrawals goes on, half a day later.
pub fn newer_list(folder: &Path) {
    let path = folder.join("withdrawals.jsonl");
    let list = Forged::of(&fs::read(&path).unwrap());
    let mut statement = list.statement(0);
    statement["subject"] = json!([{"name": "nothing", "digest": {"sha256": Digest::of(b"nothing").to_string()}}]);
    let predicate = &mut statement["predicate"];
    predicate["sequence"] = json!(2);
    predicate["previous"] = json!(Digest::of(&list.payload(0)).to_string());
    predicate["withdrawn"] = json!({"kind": "nothing"});
    predicate["withdrawnAt"] = json!("2026-01-01T12:00:00Z");
    fs::write(path, list.push(sign(statement.to_string().as_bytes(), &key("officer"))).bytes()).unwrap();
}
