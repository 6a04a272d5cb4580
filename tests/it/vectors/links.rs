//! Model signature, BOM, provenance and test results against each other and against the baseline.

use serde_json::{Value, json};

use super::{Case, case};
use crate::forge::{BOM, Forged, MODEL_SIGNATURE, PROVENANCE, key, sign, statement_like};

pub fn cases() -> Vec<Case> {
    [boms(), lineage(), model_signatures(), baseline()].into_iter().flatten().collect()
}

/// Changes one statement, signs it again and seals the set: a trusted key lies.
pub fn resealed(index: usize, change: impl FnOnce(&mut Value)) -> Forged {
    Forged::good().resign(index, "release", change).reseal("release")
}

pub fn bom(name: &str, why: &str, code: &'static str, change: impl FnOnce(&mut Value)) -> Case {
    let forged = resealed(BOM, |statement| change(&mut statement["predicate"]));
    case(name, why).bundle(&forged).deny(&[code]).at(&[2]).like("bom-resigned")
}

pub fn dependency<'v>(provenance: &'v mut Value, name: &str) -> &'v mut Value {
    let dependencies = provenance["predicate"]["buildDefinition"]["resolvedDependencies"].as_array_mut().unwrap();
    dependencies.iter_mut().find(|one| one["name"] == name).unwrap()
}

pub fn component<'v>(bom: &'v mut Value, reference: &str) -> &'v mut Value {
    bom["components"].as_array_mut().unwrap().iter_mut().find(|one| one["bom-ref"] == reference).unwrap()
}

fn boms() -> Vec<Case> {
    let hex = "0".repeat(64);
    let empty = assaymark::digest::Digest::of(b"");
    let files = |bom: &mut Value| component(bom, "model")["components"].as_array_mut().unwrap().clone();
    vec![
        bom("bom-file-hash", "the BOM has another hash for a file", "bom-mismatch", |bom| {
            component(bom, "model")["components"][1]["hashes"][0]["content"] = json!(hex);
        })
        .says(&format!("the BOM has {hex} for `EMPTY`, and {empty} is signed"))
        .threats(&["N117"]),
        bom(
            "bom-file-exempt-hash",
            "the BOM has another hash for a file that the model signature exempts",
            "bom-mismatch",
            |bom| {
                component(bom, "model")["components"][0]["hashes"][0]["content"] = json!(hex);
            },
        )
        .says("the file components of the BOM are not the files of the model")
        .threats(&["N117"]),
        bom("bom-file-omitted", "the BOM leaves out a file", "bom-mismatch", |bom| {
            component(bom, "model")["components"].as_array_mut().unwrap().remove(1);
        })
        .says("the BOM leaves out `EMPTY`")
        .threats(&["N118"]),
        bom("bom-files-omitted", "the BOM leaves out all files", "bom-mismatch", |bom| {
            component(bom, "model").as_object_mut().unwrap().remove("components");
        })
        .threats(&["N118"]),
        bom("bom-file-added", "the BOM lists a file that is not there", "bom-mismatch", |bom| {
            let mut extra = files(bom)[1].clone();
            extra["name"] = json!("zzz");
            extra["bom-ref"] = json!("model/zzz");
            component(bom, "model")["components"].as_array_mut().unwrap().push(extra);
        })
        .says("the BOM lists `zzz`, which is not signed")
        .threats(&["N118"]),
        bom("bom-model-hash", "the BOM has another hash for the model", "bom-mismatch", |bom| {
            component(bom, "model")["hashes"][0]["content"] = json!(hex);
        })
        .threats(&["N117"]),
        bom("bom-model-digest", "the BOM has another digest for the model", "bom-mismatch", |bom| {
            let properties = component(bom, "model")["properties"].as_array_mut().unwrap();
            properties.iter_mut().find(|one| one["name"] == "assaymark:digest").unwrap()["value"] =
                json!(format!("tree:sha256:{hex}"));
        })
        .threats(&["N117"]),
        bom("bom-schema", "the BOM is not valid by the official schema", "bom-invalid", |bom| {
            bom["components"][0]["type"] = json!("modell");
        })
        .threats(&["N119"]),
        bom("bom-version-unknown", "the BOM is of a version that is not checked", "bom-invalid", |bom| {
            bom["specVersion"] = json!("9.9");
        })
        .threats(&["N120"]),
        bom("bom-serial-number", "the serial number of the BOM is malformed", "bom-invalid", |bom| {
            bom["serialNumber"] = json!("urn:uuid:1");
        })
        .threats(&["N120"]),
        bom("bom-reference-twice", "two components of the BOM have one reference", "bom-invalid", |bom| {
            bom["components"][1]["bom-ref"] = json!("model");
        })
        .threats(&["N120"]),
        bom("bom-reference-dangling", "the BOM refers to a component that it does not have", "bom-invalid", |bom| {
            bom["dependencies"][1]["dependsOn"] = json!(["nobody"]);
        })
        .threats(&["N120"]),
    ]
}

fn lineage() -> Vec<Case> {
    let hex = "0".repeat(64);
    let lie = |name: &'static str, why: &'static str, change: &dyn Fn(&mut Value)| {
        let forged = resealed(PROVENANCE, change);
        case(name, why).bundle(&forged).deny(&["lineage-mismatch"]).at(&[3]).like("provenance-resigned")
    };
    let second = Forged::good().payload(BOM);
    let mut second: Value = serde_json::from_slice(&second).unwrap();
    let data = component(&mut second["predicate"], "dataset:crawl");
    data["hashes"][0]["content"] = json!(hex);
    let data = data["properties"].as_array_mut().unwrap();
    data.iter_mut().find(|one| one["name"] == "assaymark:digest").unwrap()["value"] = json!(format!("sha256:{hex}"));
    let two_boms = Forged::good().push(sign(second.to_string().as_bytes(), &key("release"))).reseal("release");
    vec![
        case("bom-resigned", "the form of a BOM means nothing").bundle(&resealed(BOM, |_| {})),
        case("provenance-resigned", "the form of a provenance means nothing").bundle(&resealed(PROVENANCE, |_| {})),
        lie("lineage-dataset", "BOM and provenance have two digests for one dataset", &|one| {
            dependency(one, "dataset:train")["digest"]["dirHash"] = json!(hex);
        })
        .threats(&["N072"]),
        lie("lineage-dataset-kind", "a dataset is a folder in the BOM and a file in the provenance", &|one| {
            let digest = dependency(one, "dataset:train")["digest"]["dirHash"].clone();
            dependency(one, "dataset:train")["digest"] = json!({"sha256": digest});
        }),
        lie("lineage-dataset-absent", "the provenance leaves out a dataset of the BOM", &|one| {
            dependency(one, "dataset:crawl")["name"] = json!("other");
        })
        .threats(&["N072"]),
        lie("lineage-dataset-twice", "the provenance names a dataset twice", &|one| {
            *dependency(one, "dataset:crawl") = dependency(one, "dataset:train").clone();
        }),
        lie("lineage-code", "BOM and provenance have two digests for the code", &|one| {
            dependency(one, "code")["digest"]["dirHash"] = json!(hex);
        }),
        lie("lineage-base", "BOM and provenance have two digests for a base model", &|one| {
            dependency(one, "base:parent")["digest"]["dirHash"] = json!(hex);
        }),
        lie("lineage-files", "the provenance lists other files than the model has", &|one| {
            one["subject"][3]["digest"]["sha256"] = json!(hex);
        })
        .threats(&["N073"]),
        case("second-bom-differs", "every BOM is judged, not only the first")
            .bundle(&two_boms)
            .deny(&["lineage-mismatch"])
            .threats(&["N110"]),
    ]
}

/// A fault of the model signature, signed and sealed by the trusted key.
pub fn of(name: &str, why: &str, code: &'static str, change: &dyn Fn(&mut Value)) -> Case {
    let forged = resealed(MODEL_SIGNATURE, change);
    case(name, why).bundle(&forged).deny(&[code]).at(&[1]).like("model-signature-resigned")
}

pub fn resources(statement: &mut Value) -> Vec<Value> {
    statement["predicate"]["resources"].as_array_mut().unwrap().clone()
}

/// Puts resources into a model signature, with the root that belongs to them.
pub fn rooted(statement: &mut Value, resources: Vec<Value>) {
    let mut root = assaymark::digest::Hasher::new();
    for resource in &resources {
        let digest: assaymark::digest::Digest = resource["digest"].as_str().unwrap().parse().unwrap();
        root.update(digest.as_bytes());
    }
    statement["subject"][0]["digest"]["sha256"] = json!(root.finish().to_string());
    statement["predicate"]["resources"] = Value::Array(resources);
}

fn model_signatures() -> Vec<Case> {
    vec![
        case("model-signature-resigned", "the form of a model signature means nothing")
            .bundle(&resealed(MODEL_SIGNATURE, |_| {})),
        of("oms-exemption", "the signer exempted a folder", "oms-ignored-paths", &|one| {
            one["predicate"]["serialization"]["ignore_paths"].as_array_mut().unwrap().push(json!("logs"));
        })
        .threats(&["N009"]),
        of("oms-no-exemption", "the signer does not say what it left out", "oms-ignored-paths", &|one| {
            one["predicate"]["serialization"]["ignore_paths"] = json!([]);
        }),
        of("oms-duplicate", "a file is listed twice", "malformed-statement", &|one| {
            let mut list = resources(one);
            list.push(list[0].clone());
            rooted(one, list);
        })
        .threats(&["N024"]),
        of("oms-empty", "no file is listed", "malformed-statement", &|one| rooted(one, vec![])).threats(&["N025"]),
        of("oms-path-climbs", "a listed path climbs out of the model", "malformed-statement", &|one| {
            let mut list = resources(one);
            list[0]["name"] = json!("../outside.txt");
            rooted(one, list);
        })
        .threats(&["N022"]),
        of("oms-path-absolute", "a listed path is absolute", "malformed-statement", &|one| {
            let mut list = resources(one);
            list[0]["name"] = json!("/etc/hostname");
            rooted(one, list);
        })
        .threats(&["N023"]),
        of("oms-digest-uppercase", "a listed digest is in capitals", "malformed-statement", &|one| {
            let mut list = resources(one);
            rooted(one, list.clone());
            list[0]["digest"] = json!(list[0]["digest"].as_str().unwrap().to_uppercase());
            one["predicate"]["resources"] = json!(list);
        })
        .threats(&["N032"]),
        of("oms-shards", "the model was hashed in shards", "malformed-statement", &|one| {
            one["predicate"]["serialization"]["method"] = json!("shards");
        })
        .threats(&["N033"]),
        of("oms-root-wrong", "the root is not that of the listed files", "malformed-statement", &|one| {
            one["subject"][0]["digest"]["sha256"] = json!("0".repeat(64));
        }),
        of("oms-file-renamed", "a listed file has another name at the same place", "subject-mismatch", &|one| {
            let mut list = resources(one);
            let first = list.iter_mut().find(|resource| resource["name"] == "a.bin").unwrap();
            first["name"] = json!("aa.bin");
            rooted(one, list);
        })
        .threats(&["N004"]),
        of("oms-file-absent", "a file is not listed", "subject-mismatch", &|one| {
            let mut list = resources(one);
            list.remove(0);
            rooted(one, list);
        })
        .threats(&["N118"]),
        case("oms-other-order", "the files may be listed in any order").bundle(&resealed(MODEL_SIGNATURE, |one| {
            let mut list = resources(one);
            list.reverse();
            rooted(one, list);
        })),
    ]
}

fn baseline() -> Vec<Case> {
    let both = |change: &dyn Fn(&mut Value), other: &dyn Fn(&mut Value)| {
        Forged::good()
            .resign(PROVENANCE, "release", change)
            .resign(BOM, "release", |statement| other(&mut statement["predicate"]))
            .reseal("release")
    };
    let without_property = |component: &mut Value| {
        component["properties"].as_array_mut().unwrap().retain(|one| one["name"] != "assaymark:digest");
    };
    let test = |result: &str| {
        let like = Forged::good().statement(BOM);
        let kind = "https://in-toto.io/attestation/test-result/v0.1";
        let statement = statement_like(&like, kind, &json!({"result": result, "configuration": []}));
        Forged::good().push(sign(statement.to_string().as_bytes(), &key("release"))).reseal("release")
    };
    vec![
        case("no-model-signature", "a sealed set without a model signature")
            .bundle(&sealed_without(MODEL_SIGNATURE))
            .deny(&["evidence-missing"])
            .threats(&["N061"]),
        case("no-bom", "a sealed set without a BOM")
            .bundle(&sealed_without(BOM))
            .deny(&["evidence-missing"])
            .threats(&["N061"]),
        case("no-provenance", "a sealed set without provenance")
            .bundle(&sealed_without(PROVENANCE))
            .deny(&["evidence-missing"])
            .threats(&["N061"]),
        case("dataset-without-digest", "a dataset is named without a digest")
            .bundle(&both(&|one| dependency(one, "dataset:crawl")["digest"] = json!({}), &|bom| {
                without_property(component(bom, "dataset:crawl"));
            }))
            .deny(&["dataset-without-digest"]),
        case("code-without-digest", "the code is named by a git commit alone")
            .bundle(&both(&|one| dependency(one, "code")["digest"] = json!({"gitCommit": "0".repeat(40)}), &|bom| {
                without_property(component(bom, "code"))
            }))
            .deny(&["code-not-recorded"])
            .threats(&["N074"]),
        case("test-passed", "a sealed test result that passed").bundle(&test("PASSED")),
        case("test-failed", "a sealed test result that failed")
            .bundle(&test("FAILED"))
            .deny(&["test-failed"])
            .like("test-passed"),
        case("test-result-unknown", "a sealed test result of another word")
            .bundle(&test("OK"))
            .deny(&["malformed-statement"])
            .threats(&["N060"])
            .like("test-passed"),
    ]
}

/// Takes a line away and seals what is left.
pub(super) fn sealed_without(index: usize) -> Forged {
    let gone = Forged::good().statement(index)["predicateType"].clone();
    Forged::good()
        .reseal_with("release", |seal| {
            seal["predicate"]["members"].as_array_mut().unwrap().retain(|one| one["predicateType"] != gone);
        })
        .remove(index)
}
