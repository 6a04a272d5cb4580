//! More of BOMs: the invalid examples of CycloneDX, and documents that contradict themselves.

use std::fs;

use assaymark::digest::Digest;
use serde_json::{Value, json};

use super::links::{bom, component, dependency, resealed};
use super::{Case, case};
use crate::forge::{BOM, Forged, PROVENANCE, key, sign};
use crate::support::repository;

/// Where the examples are.
const EXAMPLES: &str = "testdata/third-party/cyclonedx-1.6";

pub fn cases() -> Vec<Case> {
    [examples(), shapes(), contradictions(), releases(), second()].into_iter().flatten().collect()
}

/// Returns the documents of a folder of examples, by their names without version.
fn documents(folder: &str) -> Vec<(String, Value)> {
    let entries = fs::read_dir(repository(EXAMPLES).join(folder)).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().trim_end_matches("-1.6").to_owned();
        (name, serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
    };
    paths.iter().map(read).collect()
}

fn examples() -> Vec<Case> {
    let example = |(name, document): (String, Value)| {
        bom(&format!("cyclonedx-{name}"), "an invalid example of CycloneDX in place of the BOM", "bom-invalid", |bom| {
            *bom = document;
        })
        .threats(&["N119"])
    };
    documents("invalid").into_iter().map(example).collect()
}

/// What makes the examples invalid is seen by the schema, not by what else they lack.
#[test]
fn the_schema_tells_the_examples_apart() {
    let faults = |document: &Value| assaymark::cyclonedx::schema::faults(document).unwrap();
    let invalid = documents("invalid");
    assert_eq!(invalid.len(), 25);
    for (name, document) in invalid {
        assert!(!faults(&document).is_empty(), "{name} passes the schema");
    }
    let valid = documents("valid");
    assert_eq!(valid.len(), 45);
    for (name, document) in valid {
        assert_eq!(faults(&document), Vec::<String>::new(), "{name}");
    }
}

fn shapes() -> Vec<Case> {
    let of = |name, why, value: Value| {
        case(name, why)
            .bundle(&resealed(BOM, |one| one["predicate"] = value))
            .deny(&["malformed-statement"])
            .threats(&["N060"])
            .like("bom-resigned")
    };
    let version = |name, why, version: &'static str| {
        bom(name, why, "bom-invalid", |bom| bom["specVersion"] = json!(version)).threats(&["N120"])
    };
    vec![
        of("bom-not-an-object", "a BOM is an array", json!([])),
        of("bom-null", "a BOM is null", json!(null)),
        of(
            "bom-xml",
            "a BOM is XML with an entity",
            json!("<!DOCTYPE b [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><bom>&e;</bom>"),
        )
        .threats(&["N060", "N122"]),
        bom("bom-empty", "a BOM has nothing in it", "bom-invalid", |bom| *bom = json!({})).threats(&["N119"]),
        bom("bom-format-other", "a BOM is of another format", "bom-invalid", |bom| bom["bomFormat"] = json!("SPDX"))
            .threats(&["N119"]),
        bom("bom-unknown-field", "a BOM has a field that CycloneDX does not have", "bom-invalid", |bom| {
            bom["x_unknown"] = json!(1);
        })
        .threats(&["N119"]),
        version("bom-version-older", "a BOM says that it is of version 1.5", "1.5"),
        version("bom-version-newer", "a BOM says that it is of version 1.7", "1.7"),
        bom("bom-version-absent", "a BOM does not say its version", "bom-invalid", |bom| {
            bom.as_object_mut().unwrap().remove("specVersion");
        })
        .threats(&["N120"]),
        bom(
            "bom-reference-twice-deep",
            "a file of the BOM has the reference of another component",
            "bom-invalid",
            |bom| {
                component(bom, "model")["components"][0]["bom-ref"] = json!("code");
            },
        )
        .threats(&["N120"]),
        bom(
            "bom-data-reference-dangling",
            "the model card refers to data that the BOM does not have",
            "bom-invalid",
            |bom| {
                component(bom, "model")["modelCard"]["modelParameters"]["datasets"][0]["ref"] = json!("dataset:nobody");
            },
        )
        .threats(&["N120"]),
        bom("bom-dependency-cycle", "a component depends on itself in the end", "bom-invalid", |bom| {
            let dependencies = bom["dependencies"].as_array_mut().unwrap();
            let code = dependencies.iter_mut().find(|one| one["ref"] == "code").unwrap();
            code["dependsOn"] = json!(["release"]);
        })
        .threats(&["N120"]),
        bom("bom-hash-short", "a hash of the BOM lacks two digits", "bom-invalid", |bom| {
            component(bom, "code")["hashes"][0]["content"] = json!("0".repeat(62));
        })
        .threats(&["N032", "N119"]),
    ]
}

fn contradictions() -> Vec<Case> {
    let hex = "0".repeat(64);
    let second = || json!({"alg": "SHA-512", "content": "0".repeat(128)});
    vec![
        bom("bom-dataset-hash", "the BOM has two digests for a dataset", "bom-mismatch", |bom| {
            component(bom, "dataset:train")["hashes"][0]["content"] = json!(hex);
        })
        .threats(&["N117"]),
        bom("bom-code-hash", "the BOM has two digests for the code", "bom-mismatch", |bom| {
            component(bom, "code")["hashes"][0]["content"] = json!(hex);
        })
        .threats(&["N117"]),
        bom("bom-root-property", "the BOM has two root digests for the model", "bom-mismatch", |bom| {
            let properties = component(bom, "model")["properties"].as_array_mut().unwrap();
            properties.iter_mut().find(|one| one["name"] == "assaymark:omsRoot").unwrap()["value"] = json!(hex);
        })
        .threats(&["N117"]),
        bom("bom-ancestor-hash", "an ancestor of the model has two digests", "bom-mismatch", |bom| {
            component(bom, "model")["pedigree"]["ancestors"][0]["hashes"][0]["content"] = json!(hex);
        })
        .threats(&["N117"]),
        bom("bom-ancestor-unknown", "an ancestor of the model is none of the base models", "bom-mismatch", |bom| {
            let ancestor = &mut component(bom, "model")["pedigree"]["ancestors"][0];
            ancestor["hashes"] = json!([]);
            ancestor["properties"][0]["value"] = json!(format!("tree:sha256:{hex}"));
        })
        .threats(&["N117"]),
        bom(
            "bom-model-second-hash",
            "the BOM has a second hash for the model that nobody checks",
            "bom-mismatch",
            |bom| {
                component(bom, "model")["hashes"].as_array_mut().unwrap().push(second());
            },
        )
        .threats(&["N030"]),
        bom("bom-file-second-hash", "the BOM has a second hash for a file that nobody checks", "bom-mismatch", |bom| {
            component(bom, "model")["components"][0]["hashes"].as_array_mut().unwrap().push(second());
        })
        .threats(&["N030"]),
        bom("bom-file-weak-hash", "the BOM has a SHA-1 alone for a file", "bom-mismatch", |bom| {
            component(bom, "model")["components"][0]["hashes"] = json!([{"alg": "SHA-1", "content": "0".repeat(40)}]);
        })
        .threats(&["N031"]),
        bom("bom-card-leaves-out", "the model card leaves out a dataset of the BOM", "bom-mismatch", |bom| {
            component(bom, "model")["modelCard"]["modelParameters"]["datasets"].as_array_mut().unwrap().remove(0);
        }),
        bom("bom-card-makes-up", "the model card names data that is no component", "bom-mismatch", |bom| {
            let datasets = &mut component(bom, "model")["modelCard"]["modelParameters"]["datasets"];
            datasets.as_array_mut().unwrap().push(json!({"type": "dataset", "name": "other"}));
        }),
        bom("bom-graph-leaves-out", "the dependency graph leaves out a dataset of the BOM", "bom-mismatch", |bom| {
            let dependencies = bom["dependencies"].as_array_mut().unwrap();
            let model = dependencies.iter_mut().find(|one| one["ref"] == "model").unwrap();
            model["dependsOn"].as_array_mut().unwrap().retain(|one| one != "dataset:train");
        }),
        case("dataset-other-in-all", "BOM and provenance agree on another dataset than is at hand")
            .bundle(&other_dataset(&Digest::of(other_list().as_bytes()).to_string()))
            .with(&["--dataset", "train=data/train"])
            .deny(&["dataset-mismatch"])
            .threats(&["N072"]),
    ]
}

/// What the seal says of the release, BOM and provenance say as well.
fn releases() -> Vec<Case> {
    let of_provenance = |name, why, change: &dyn Fn(&mut Value)| {
        let forged = resealed(PROVENANCE, |one| change(&mut one["predicate"]["buildDefinition"]));
        case(name, why).bundle(&forged)
    };
    let without = |object: &mut Value, key| object.as_object_mut().unwrap().remove(key).unwrap();
    vec![
        bom("bom-release-name", "the BOM is of a release of another name", "bom-mismatch", |bom| {
            bom["metadata"]["component"]["name"] = json!("other");
        }),
        bom("bom-release-version", "the BOM is of another version", "bom-mismatch", |bom| {
            bom["metadata"]["component"]["version"] = json!("1.0.1");
        })
        .like("bom-release-version-absent"),
        case("bom-release-version-absent", "a BOM need not say the version")
            .bundle(&resealed(BOM, |one| drop(without(&mut one["predicate"]["metadata"]["component"], "version")))),
        of_provenance("provenance-release", "the provenance is of another version", &|definition| {
            definition["externalParameters"]["release"]["version"] = json!("1.0.1");
        })
        .deny(&["lineage-mismatch"])
        .at(&[3])
        .like("provenance-resigned"),
        of_provenance(
            "provenance-release-absent",
            "the provenance does not say of which release it is",
            &|definition| {
                without(&mut definition["externalParameters"], "release");
            },
        )
        .deny(&["lineage-mismatch"])
        .at(&[3])
        .like("provenance-of-another-build"),
        of_provenance(
            "provenance-of-another-build",
            "parameters of another build type mean what it says",
            &|definition| {
                definition["buildType"] = json!("https://example.com/build/v1");
                without(&mut definition["externalParameters"], "release");
            },
        ),
    ]
}

/// The file list of a dataset of one file, `other.csv`, which holds `other`.
pub fn other_list() -> String {
    format!("{}  other.csv\n", Digest::of(b"other"))
}

fn other_dataset(hex: &str) -> Forged {
    let digest = format!("tree:sha256:{hex}");
    Forged::good()
        .resign(PROVENANCE, "release", |one| dependency(one, "dataset:train")["digest"]["dirHash"] = json!(hex))
        .resign(BOM, "release", |one| {
            let data = component(&mut one["predicate"], "dataset:train");
            data["hashes"][0]["content"] = json!(hex);
            data["properties"]
                .as_array_mut()
                .unwrap()
                .iter_mut()
                .find(|one| one["name"] == "assaymark:digest")
                .unwrap()["value"] = json!(digest);
        })
        .reseal("release")
}

/// Of two BOMs the other one is wrong: both orders.
fn second() -> Vec<Case> {
    let again = |change: &dyn Fn(&mut Value)| {
        let mut statement = Forged::good().statement(BOM);
        statement["predicate"]["version"] = json!(2);
        change(&mut statement["predicate"]);
        sign(statement.to_string().as_bytes(), &key("release"))
    };
    let hex = "0".repeat(64);
    let lie = |bom: &mut Value| component(bom, "model")["components"][0]["hashes"][0]["content"] = json!(hex);
    let first = |line: Vec<u8>| Forged { lines: [vec![line], Forged::good().lines].concat() };
    let reseal = |forged: Forged| {
        let members = forged.members();
        let seal = forged.lines.len() - 1;
        forged.resign(seal, "release", |one| one["predicate"]["members"] = members)
    };
    let last = |line: Vec<u8>| {
        let mut lines = Forged::good().lines;
        lines.insert(2, line);
        Forged { lines }
    };
    vec![
        case("two-boms", "two BOMs that agree").bundle(&reseal(last(again(&|_| {})))),
        case("second-bom-wrong-first", "of two BOMs the first is wrong")
            .bundle(&reseal(first(again(&lie))))
            .deny(&["bom-mismatch"])
            .threats(&["N110"])
            .like("two-boms"),
        case("second-bom-wrong-last", "of two BOMs the last is wrong")
            .bundle(&reseal(last(again(&lie))))
            .deny(&["bom-mismatch"])
            .threats(&["N110"])
            .like("two-boms"),
    ]
}
