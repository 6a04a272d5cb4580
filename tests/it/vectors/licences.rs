//! Licences in a BOM, wherever they stand and however they are written, under the rules that go by names and classes.

use serde_json::{Value, json};

use super::Case;
use super::policies::rules;
use crate::forge::{BOM, Forged};

/// A component of a BOM, or an ancestor that is none.
pub(super) fn entry(kind: &str, name: &str, license: &str) -> Value {
    json!({"type": kind, "name": name, "licenses": [{"expression": license}]})
}

/// The good bundle with another BOM.
fn stating(change: impl FnOnce(&mut Value)) -> Forged {
    Forged::good().resign(BOM, "release", |one| change(&mut one["predicate"])).reseal("release")
}

pub(super) fn component<'v>(bom: &'v mut Value, name: &str) -> &'v mut Value {
    bom["components"].as_array_mut().unwrap().iter_mut().find(|one| one["bom-ref"] == name).unwrap()
}

/// The good bundle with licences for all, the one given for a dataset.
pub(super) fn dataset(license: &str) -> Forged {
    stating(|bom| component(bom, "dataset:crawl")["licenses"] = json!([{"expression": license}]))
}

fn model(license: &str) -> Forged {
    stating(|bom| component(bom, "model")["licenses"] = json!([{"expression": license}]))
}

/// The good bundle, all of whose data and base models have a licence, with one more thing in its BOM.
pub(super) fn licensed(change: impl FnOnce(&mut Value)) -> Forged {
    stating(|bom| {
        for name in ["dataset:crawl", "base:parent"] {
            component(bom, name)["licenses"] = json!([{"license": {"id": "CC0-1.0"}}]);
        }
        change(bom);
    })
}

/// Lets something depend on a component that is not yet there.
pub(super) fn depends(bom: &mut Value, on: &str, mut more: Value) {
    more["bom-ref"] = json!("more");
    more["hashes"] = json!([{"alg": "SHA-256", "content": "0".repeat(64)}]);
    bom["components"].as_array_mut().unwrap().push(more);
    let edges = bom["dependencies"].as_array_mut().unwrap();
    edges.push(json!({"ref": "more"}));
    let of = edges.iter_mut().find(|one| one["ref"] == on).unwrap();
    let list = of.as_object_mut().unwrap().entry("dependsOn").or_insert_with(|| json!([]));
    list.as_array_mut().unwrap().push(json!("more"));
}

pub(super) const NON_COMMERCIAL: &str = "CC-BY-NC-4.0";
pub(super) const DATA: &str = "dataset-licenses = { deny = [\"non-commercial\"] }";
pub(super) const BASES: &str = "base-licenses = { deny = [\"non-commercial\"] }";
const MODEL: &str = "model-licenses = { allow = [\"MIT\"] }";

pub fn cases() -> Vec<Case> {
    [written(), standing(), around()].into_iter().flatten().collect()
}

fn written() -> Vec<Case> {
    vec![
        rules("licenses-dataset-unasserted", "nobody says which licence a dataset has", &dataset("NOASSERTION"), DATA)
            .deny(&["license-unknown"]),
        rules(
            "licenses-dataset-share-alike",
            "data must be shared as they are shared, in terms of data",
            &dataset("ODbL-1.0"),
            "dataset-licenses = { deny = [\"copyleft\"] }",
        )
        .deny(&["license-denied"]),
        rules(
            "licenses-dataset-government",
            "a licence that is not one of Creative Commons forbids commerce",
            &dataset("NCGL-UK-2.0"),
            DATA,
        )
        .deny(&["license-denied"]),
        rules(
            "licenses-dataset-copyleft",
            "a licence that is little known asks for the same terms",
            &dataset("OPL-1.0"),
            "dataset-licenses = { deny = [\"copyleft\"] }",
        )
        .deny(&["license-denied"]),
        rules(
            "licenses-model-amended",
            "somebody adds terms of their own to a licence that is allowed",
            &model("MIT WITH AdditionRef-nc"),
            MODEL,
        )
        .deny(&["license-unknown"]),
        rules(
            "licenses-model-amended-allowed",
            "a licence is allowed with the terms that somebody added",
            &model("MIT WITH AdditionRef-nc"),
            "model-licenses = { allow = [\"MIT\", \"MIT WITH AdditionRef-nc\"] }",
        ),
    ]
}

fn standing() -> Vec<Case> {
    let gpl = || json!([{"expression": "GPL-3.0-only"}]);
    let inside = |name: &'static str, license: &'static str| {
        licensed(move |bom| component(bom, name)["components"] = json!([entry("data", "part", license)]))
    };
    let denied = |name, why, bundle: &Forged, rule| rules(name, why, bundle, rule).deny(&["license-denied"]);
    vec![
        denied(
            "licenses-model-release",
            "the release has another licence than its model",
            &stating(|bom| bom["metadata"]["component"]["licenses"] = gpl()),
            MODEL,
        ),
        denied(
            "licenses-model-evidence",
            "there is evidence of another licence of the model",
            &stating(|bom| component(bom, "model")["evidence"] = json!({"licenses": gpl()})),
            MODEL,
        ),
        denied(
            "licenses-model-file",
            "a file of the model has a licence of its own",
            &stating(|bom| component(bom, "model")["components"][0]["licenses"] = gpl()),
            MODEL,
        ),
        rules(
            "licenses-base",
            "every base model has a licence that is not denied",
            &licensed(|bom| depends(bom, "model", entry("machine-learning-model", "more", "MIT"))),
            BASES,
        ),
        denied(
            "licenses-base-unnamed",
            "a model was made from another one that the release does not name",
            &licensed(|bom| depends(bom, "model", entry("machine-learning-model", "more", NON_COMMERCIAL))),
            BASES,
        ),
        denied(
            "licenses-dataset-behind",
            "a dataset was made from data that may not be used commercially",
            &licensed(|bom| depends(bom, "dataset:crawl", entry("data", "more", NON_COMMERCIAL))),
            DATA,
        ),
        denied(
            "licenses-dataset-ancestor",
            "an ancestor of a dataset may not be used commercially",
            &licensed(|bom| {
                component(bom, "dataset:crawl")["pedigree"] =
                    json!({"ancestors": [entry("data", "old", NON_COMMERCIAL)]});
            }),
            DATA,
        ),
        denied(
            "licenses-dataset-part",
            "a part of a dataset may not be used commercially",
            &inside("dataset:crawl", NON_COMMERCIAL),
            DATA,
        ),
        rules(
            "license-flow-part",
            "a part of a dataset may not be used commercially",
            &inside("dataset:crawl", NON_COMMERCIAL),
            "license-flow = true",
        )
        .deny(&["license-conflict"]),
    ]
}

/// What the release as a whole was made from, and what its code was.
fn around() -> Vec<Case> {
    let teacher = || {
        let mut teacher = entry("machine-learning-model", "teacher", NON_COMMERCIAL);
        teacher["hashes"] = json!([{"alg": "SHA-256", "content": "0".repeat(64)}]);
        teacher
    };
    let of_release = || licensed(|bom| bom["metadata"]["component"]["pedigree"] = json!({"ancestors": [teacher()]}));
    let of_code = || licensed(|bom| depends(bom, "code", teacher()));
    let file = licensed(|bom| {
        bom["metadata"]["component"]["components"] = json!([entry("file", "LICENSE", "GPL-3.0-only")]);
    });
    let conflict =
        |name, why, bundle: &Forged| rules(name, why, bundle, "license-flow = true").deny(&["license-conflict"]);
    vec![
        rules("licenses-model-beside", "a file that stands in the release has a licence of its own", &file, MODEL)
            .deny(&["license-denied"]),
        rules("licenses-base-of-release", "the release has an ancestor that its model has not", &of_release(), BASES)
            .deny(&["license-denied"]),
        rules("licenses-base-of-code", "the training code depends on a model", &of_code(), BASES)
            .deny(&["license-denied"]),
        conflict("license-flow-of-release", "the release has an ancestor that its model has not", &of_release()),
        conflict("license-flow-of-code", "the training code depends on a model", &of_code()),
        conflict("license-flow-beside", "a file that stands in the release has a licence of its own", &file),
    ]
}
