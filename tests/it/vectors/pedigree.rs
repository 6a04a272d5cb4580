//! Data and models from which the parts of a release were made, as BOMs say: by pedigree, by dependencies, and by what stands in them.

use serde_json::{Value, json};

use super::Case;
use super::data::{data, stating};
use super::licences::component;
use super::policies::rules;
use crate::forge::Forged;

/// Something of which the digest is stated.
fn known(mut one: Value) -> Value {
    one["hashes"] = json!([{"alg": "SHA-256", "content": "0".repeat(64)}]);
    one
}

fn made_from(one: Value) -> Value {
    json!({"ancestors": [one]})
}

pub fn cases() -> Vec<Case> {
    of_the_baseline()
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
