//! Data and models from which the parts of a release were made, as BOMs say: by pedigree, by dependencies, and by what stands in them.

use serde_json::{Value, json};

use super::Case;
use super::data::{data, edge, stating, testing};
use super::licences::{BASES, DATA, NON_COMMERCIAL, component, dataset, depends, entry, licensed};
use super::policies::rules;
use crate::forge::Forged;

const MODEL: &str = "machine-learning-model";

/// Something of which the digest is stated.
fn known(mut one: Value) -> Value {
    one["hashes"] = json!([{"alg": "SHA-256", "content": "0".repeat(64)}]);
    one
}

fn made_from(one: &Value) -> Value {
    json!({"ancestors": [one]})
}

pub fn cases() -> Vec<Case> {
    [of_the_baseline(), licenses(), disjoint(), reached()].into_iter().flatten().collect()
}

fn of_the_baseline() -> Vec<Case> {
    let raw = |bom: &mut Value| {
        for name in ["model", "code", "dataset:train"] {
            let pedigree = component(bom, name).as_object_mut().unwrap().entry("pedigree").or_insert_with(|| json!({}));
            let ancestors = pedigree.as_object_mut().unwrap().entry("ancestors").or_insert_with(|| json!([]));
            ancestors.as_array_mut().unwrap().push(known(data("raw")));
        }
    };
    let library = json!({"type": "library", "name": "l", "purl": "pkg:pypi/l@1"});
    let inside = |bom: &mut Value| component(bom, "model")["components"].as_array_mut().unwrap().push(library);
    let denied: Forged = stating(raw);
    let zeros = "0".repeat(64);
    let deny = |word: &str| format!("datasets = {{ deny = [\"{word}\"] }}");
    vec![
        rules("pedigree-data", "model, code and data were made from data with a digest", &denied, &deny("evil")),
        rules(
            "pedigree-data-denied",
            "a dataset has an ancestor with a denied digest",
            &denied,
            &deny(&format!("sha256:{zeros}")),
        )
        .deny(&["dataset-denied"]),
        rules(
            "pedigree-library",
            "a library that stands in the model is none of its files",
            &stating(inside),
            &deny("evil"),
        ),
    ]
}

fn licenses() -> Vec<Case> {
    let restricted = |kind: &str| entry(kind, "restricted", NON_COMMERCIAL);
    let conflict = |name, why, change: &dyn Fn(&mut Value)| {
        rules(name, why, &licensed(change), "license-flow = true").deny(&["license-conflict"])
    };
    vec![
        conflict("license-flow-behind-release", "the release depends on data that its model does not know", &|bom| {
            depends(bom, "release", restricted("data"));
        }),
        conflict("license-flow-in-release", "data stand in the release", &|bom| {
            bom["metadata"]["component"]["components"] = json!([restricted("data")]);
        }),
        conflict("license-flow-of-pedigree", "the code was made from data", &|bom| {
            component(bom, "code")["pedigree"] = made_from(&restricted("data"));
        }),
        rules(
            "licenses-base-of-data",
            "a dataset was made by a model that may not be used commercially",
            &licensed(|bom| depends(bom, "dataset:crawl", restricted(MODEL))),
            BASES,
        )
        .deny(&["license-denied"]),
        rules("licenses-dataset-letters", "a licence is written in small letters", &dataset("cc0-1.0"), DATA),
        rules(
            "licenses-dataset-letters-denied",
            "a denied licence is written in small letters",
            &dataset("cc-by-nc-4.0"),
            DATA,
        )
        .deny(&["license-denied"]),
    ]
}

const DISJOINT: &str = "test-data-disjoint = true";

fn overlapping(name: &'static str, why: &'static str, change: impl FnOnce(&mut Value)) -> Case {
    rules(name, why, &testing(change), DISJOINT).deny(&["test-data-in-training"])
}

fn disjoint() -> Vec<Case> {
    let part = |bom: &mut Value, of: &str| {
        let mut part = known(data("part"));
        part["bom-ref"] = json!(format!("part of {of}"));
        component(bom, of)["components"] = json!([part]);
    };
    let over = |one: Value| {
        move |bom: &mut Value| {
            depends(bom, "dataset:train", one);
            edge(bom, "more", "dataset:crawl");
        }
    };
    let library = json!({"type": "library", "name": "l", "purl": "pkg:pypi/l@1"});
    vec![
        rules(
            "test-data-synthetic",
            "a model and the code made training data, and the code needs data for tests as well",
            &testing(|bom| {
                depends(bom, "dataset:train", entry(MODEL, "teacher", "MIT"));
                edge(bom, "dataset:train", "code");
                edge(bom, "code", "dataset:crawl");
            }),
            DISJOINT,
        ),
        overlapping("test-data-part", "training data were made from a part of data for tests", |bom| {
            part(bom, "dataset:crawl");
            edge(bom, "dataset:train", "part of dataset:crawl");
        })
        .says("the model learnt from `train`, which was made from the testing data `part`"),
        overlapping("test-data-part-of-both", "data for tests and for training have the same data in them", |bom| {
            part(bom, "dataset:crawl");
            part(bom, "dataset:train");
        }),
        overlapping(
            "test-data-over-model",
            "training data were made by a model that learnt from data for tests",
            over(entry(MODEL, "teacher", "MIT")),
        )
        .says("the model learnt from `train`, which was made from the testing data `crawl`"),
        overlapping(
            "test-data-over-library",
            "training data were made by a library from data for tests",
            over(library),
        ),
    ]
}

/// Data for tests that reach the model beside its datasets.
fn reached() -> Vec<Case> {
    let copied = |bom: &mut Value| {
        let mut copy = data("copy");
        copy["hashes"] = component(bom, "dataset:crawl")["hashes"].clone();
        copy
    };
    let another = "the testing data `copy` reached the model by another name";
    vec![
        overlapping("test-data-of-code", "data for tests stand in the code under another name", |bom| {
            component(bom, "code")["components"] = json!([copied(bom)]);
        })
        .says(another),
        overlapping("test-data-of-model", "the model was made from data for tests under another name", |bom| {
            let copy = copied(bom);
            let ancestors = &mut component(bom, "model")["pedigree"]["ancestors"];
            ancestors.as_array_mut().unwrap().push(copy);
        })
        .says(another),
        overlapping("test-data-of-base", "a base model learnt from data for tests", |bom| {
            component(bom, "base:parent")["pedigree"] = made_from(&copied(bom));
        })
        .says("the testing data `copy` reached the model by a base model"),
    ]
}
