//! Data that a BOM alone names: what datasets were made from, and what they have in them.

use serde_json::{Value, json};

use super::Case;
use super::licences::{component, depends, entry};
use super::policies::{CORPUS, rules};
use crate::forge::{BOM, Forged, PROVENANCE};

const DENY: &str = "datasets = { deny = [\"evil\"] }";

/// The good bundle, whose base model is known, with another BOM.
pub(super) fn stating(change: impl FnOnce(&mut Value)) -> Forged {
    let good = Forged::good().with_known_base(CORPUS, "training");
    good.resign(BOM, "release", |one| change(&mut one["predicate"])).reseal("release")
}

/// The same, with a dataset for tests.
pub(super) fn testing(change: impl FnOnce(&mut Value)) -> Forged {
    stating(change)
        .resign(PROVENANCE, "release", |provenance| {
            let parts = &mut provenance["predicate"]["buildDefinition"]["resolvedDependencies"];
            let part = parts.as_array_mut().unwrap().iter_mut().find(|one| one["name"] == "dataset:crawl").unwrap();
            part["annotations"]["assaymark_role"] = json!("testing");
        })
        .reseal("release")
}

pub(super) fn data(name: &str) -> Value {
    entry("data", name, "CC0-1.0")
}

/// Lets one part of a BOM depend on another.
pub(super) fn edge(bom: &mut Value, of: &str, on: &str) {
    let edges = bom["dependencies"].as_array_mut().unwrap();
    let edge = edges.iter_mut().find(|one| one["ref"] == of).unwrap();
    let list = edge.as_object_mut().unwrap().entry("dependsOn").or_insert_with(|| json!([]));
    list.as_array_mut().unwrap().push(json!(on));
}

pub fn cases() -> Vec<Case> {
    [listed(), disjoint()].into_iter().flatten().collect()
}

fn listed() -> Vec<Case> {
    let made_from = |name: &'static str| stating(move |bom| depends(bom, "dataset:train", data(name)));
    let zeros = "0".repeat(64);
    let by_digest = format!("datasets = {{ deny = [\"tree:sha256:{zeros}\"] }}");
    let allow = |more: &str| format!("datasets = {{ allow = [\"train\", \"crawl\", \"tree:sha256:{CORPUS}\"{more}] }}");
    let denied = |name, why, bundle: &Forged, rule: &str| rules(name, why, bundle, rule).deny(&["dataset-denied"]);
    let ancestors = json!({"ancestors": [data("evil")]});
    vec![
        rules("data-behind", "a dataset was made from data that are not denied", &made_from("other"), DENY),
        denied("data-behind-denied", "a dataset was made from data with a denied name", &made_from("evil"), DENY),
        denied(
            "data-behind-denied-ancestor",
            "a dataset has an ancestor with a denied name",
            &stating(|bom| component(bom, "dataset:train")["pedigree"] = ancestors),
            DENY,
        ),
        denied(
            "data-behind-denied-part",
            "a dataset has data with a denied name in it",
            &stating(|bom| component(bom, "dataset:train")["components"] = json!([data("evil")])),
            DENY,
        ),
        denied(
            "data-behind-digest",
            "a dataset was made from data with a denied digest",
            &made_from("other"),
            &by_digest,
        ),
        rules(
            "data-behind-allowed",
            "a dataset was made from data whose digest is allowed",
            &made_from("other"),
            &allow(&format!(", \"sha256:{zeros}\"")),
        ),
        denied(
            "data-behind-allowed-by-name",
            "the name of an allowed dataset is given to data that another one was made from",
            &made_from("train"),
            &allow(""),
        ),
    ]
}

fn disjoint() -> Vec<Case> {
    let disjoint = "test-data-disjoint = true";
    vec![
        rules(
            "test-data-made-from-one",
            "data for tests and for training were made from the same",
            &testing(|bom| {
                depends(bom, "dataset:train", data("whole"));
                edge(bom, "dataset:crawl", "more");
            }),
            disjoint,
        ),
        rules(
            "test-data-made-from",
            "data for tests were made from training data",
            &testing(|bom| {
                depends(bom, "dataset:crawl", data("extract"));
                edge(bom, "more", "dataset:train");
            }),
            disjoint,
        )
        .deny(&["test-data-in-training"])
        .says("the testing data `crawl` were made from `train`, and the model learnt from that"),
        rules(
            "test-data-made-into",
            "training data were made from data for tests",
            &testing(|bom| edge(bom, "dataset:train", "dataset:crawl")),
            disjoint,
        )
        .deny(&["test-data-in-training"])
        .says("the model learnt from `train`, which was made from the testing data `crawl`"),
        rules(
            "test-data-role-other",
            "the BOM says that the model learnt from data that the provenance calls testing data",
            &testing(|bom| {
                let role = json!({"name": "assaymark:role", "value": "training"});
                component(bom, "dataset:crawl")["properties"].as_array_mut().unwrap().push(role);
            }),
            disjoint,
        )
        .deny(&["test-data-in-training"])
        .says("BOM and provenance give different roles to the dataset `crawl`"),
    ]
}
