//! Policies that no release can meet are refused when they are read, whether what contradicts stands in one place or at two
//! stages; those that leave something are used.

use serde_json::json;

use super::Case;
use super::gate::TEST_RESULT;
use super::policies::{CORPUS, evaluation, policy, rules, sealed};
use super::policy_files::under;
use crate::forge::{Forged, PROVENANCE};

const ENTERED: [&str; 4] = ["--stage", "live", "--release", "vector@1.0.0"];
const BUILDERS: &str = "builders = [\"https://assaymark.dev/local/v1\", \"https://other.example/\"]";

pub fn cases() -> Vec<Case> {
    [metrics(), sets(), datasets(), order(), names()].into_iter().flatten().collect()
}

/// A policy that is refused since nothing is left; `text` goes on behind its name.
fn nothing_left(name: &str, why: &str, text: &str) -> Case {
    let text = format!("[policy]\nname = \"vector\"\n{text}\n");
    under(name, why, &text).trust("gate.toml").refused("both can't hold").threats(&["N107"])
}

/// The rules of every release, and those of a stage.
fn staged(every: &str, live: &str) -> String {
    format!("[rules]\n{every}\n[[stage]]\nname = \"live\"\n[stage.rules]\n{live}")
}

fn metrics() -> Vec<Case> {
    let both = |min: &str, max: &str| {
        format!("metrics = [{{ name = \"accuracy\", {min} }}, {{ name = \"accuracy\", dataset = \"train\", {max} }}]")
    };
    let on = "metrics = [{ name = \"accuracy\", max = 0.9 }, { name = \"accuracy\", min = 0.95, dataset = \"train\" }]";
    vec![
        rules(
            "contradiction-metric-good",
            "a metric must be what is the least and the most",
            &sealed(on_dataset(Forged::good(), "train", 0.95)),
            &both("min = 0.95", "max = 0.95"),
        ),
        nothing_left(
            "contradiction-metric",
            "a metric is at least 0.95 and at most 0.9",
            &format!("[rules]\n{}", both("min = 0.95", "max = 0.9")),
        ),
        nothing_left(
            "contradiction-metric-reversed",
            "a metric is at most 0.9 and at least 0.95",
            &format!("[rules]\n{}", both("max = 0.9", "min = 0.95")),
        ),
        nothing_left(
            "contradiction-metric-on-a-dataset",
            "what a metric is at most, it is on each dataset",
            &format!("[rules]\n{on}"),
        ),
        rules(
            "contradiction-metric-on-datasets-good",
            "what contradicts on one dataset does not on two",
            &sealed(on_dataset(on_dataset(Forged::good(), "train", 0.5), "crawl", 0.99)),
            "metrics = [{ name = \"accuracy\", max = 0.9, dataset = \"train\" }, \
             { name = \"accuracy\", min = 0.95, dataset = \"crawl\" }]",
        ),
        rules(
            "contradiction-metric-others-good",
            "two metrics contradict each other in nothing",
            &others(),
            "metrics = [{ name = \"accuracy\", min = 0.9 }, { name = \"loss\", max = 0.1 }]",
        ),
    ]
}

/// Appends an evaluation on a dataset.
fn on_dataset(bundle: Forged, name: &str, value: f64) -> Forged {
    let provenance = bundle.statement(PROVENANCE);
    let dataset = format!("dataset:{name}");
    let parts = provenance["predicate"]["buildDefinition"]["resolvedDependencies"].as_array().unwrap();
    let part = parts.iter().find(|part| part["name"] == *dataset).unwrap();
    let mut evaluation = evaluation(&json!([{"name": "accuracy", "value": value}]));
    let entry = json!({"name": dataset, "digest": part["digest"]});
    evaluation["configuration"].as_array_mut().unwrap().push(entry);
    bundle.state(TEST_RESULT, "scanner", &evaluation)
}

fn others() -> Forged {
    let metrics = json!([{"name": "accuracy", "value": 0.95}, {"name": "loss", "value": 0.05}]);
    sealed(Forged::good().state(TEST_RESULT, "scanner", &evaluation(&metrics)))
}

fn sets() -> Vec<Case> {
    let good = Forged::good();
    let entered = good.enter("vector/1.0.0", "live").by_promoter();
    let of = |name, why, bundle: &Forged, live: &str| policy(name, why, bundle, &staged(BUILDERS, live)).with(&ENTERED);
    let other = "builders = [\"https://third.example/\"]";
    vec![
        of(
            "contradiction-builders-good",
            "a builder is left that is allowed at the stage as well",
            &entered,
            "builders = [\"https://assaymark.dev/local/v1\"]",
        ),
        of("contradiction-builders", "no builder is allowed at the stage that is allowed everywhere", &entered, other)
            .refused("both can't hold")
            .threats(&["N107"]),
        of(
            "contradiction-nothing-good",
            "what is demanded at the stage is about something else",
            &entered,
            "parameters = [{ name = \"seed\", equals = \"42\" }]",
        ),
    ]
}

fn datasets() -> Vec<Case> {
    let good = Forged::good().with_known_base(CORPUS, "training");
    let hashed = ["--dataset", "train=data/train"];
    let of = |name, why, rule: &str| {
        policy(name, why, &good, &format!("files = [\"dataset:train\"]\n[rules]\n{rule}")).with(&hashed)
    };
    let refused = |case: Case| case.refused("both can't hold").threats(&["N107"]);
    vec![
        of(
            "contradiction-datasets-good",
            "the dataset that is hashed is among those allowed",
            &format!("datasets = {{ allow = [\"train\", \"crawl\", \"tree:sha256:{CORPUS}\"] }}"),
        ),
        refused(of(
            "contradiction-datasets-allowed",
            "the dataset that is hashed is not among those allowed",
            "datasets = { allow = [\"crawl\"] }",
        )),
        of("contradiction-datasets-other-good", "another dataset is denied", "datasets = { deny = [\"evil\"] }"),
        refused(of(
            "contradiction-datasets-denied",
            "the dataset that must be hashed is denied",
            "datasets = { deny = [\"train\"] }",
        )),
    ]
}

fn order() -> Vec<Case> {
    let entered = Forged::good().enter("vector/1.0.0", "live").by_promoter();
    let of = |name, why, stages: &str, words| {
        let text = format!("files = [\"model\"]\n{stages}");
        policy(name, why, &entered, &text).with(&ENTERED).refused(words).beside("contradiction-nothing-good")
    };
    vec![
        of(
            "stages-twice",
            "two stages have one name",
            "[[stage]]\nname = \"live\"\n[[stage]]\nname = \"live\"",
            "two stages `live`",
        ),
        of(
            "stages-in-a-circle",
            "a stage comes after itself",
            "[[stage]]\nname = \"live\"\nafter = \"beta\"\n[[stage]]\nname = \"beta\"\nafter = \"live\"",
            "comes after itself",
        ),
        of(
            "stages-with-a-gap",
            "a stage comes after one that is not there",
            "[[stage]]\nname = \"live\"\nafter = \"beta\"\n[[stage]]\nname = \"beta\"\nafter = \"alpha\"",
            "line 9: stage `beta` comes after `alpha`, which is no stage",
        ),
    ]
}

fn names() -> Vec<Case> {
    let require = |name: &str| format!("[[require]]\nevidence = \"approval\"\nname = \"{name}\"\n");
    let of = |name, why, text: &str, words| {
        let text = format!("[policy]\nname = \"vector\"\n{text}");
        under(name, why, &text).trust("gate.toml").refused(words).beside("contradiction-nothing-good")
    };
    vec![
        of(
            "names-twice",
            "two demands have one name",
            &(require("people") + &require("people")),
            "two demands `people`",
        ),
        of("names-of-a-rule", "a demand has the name of a rule", &require("metrics"), "the name of a rule"),
        of("names-of-a-step", "a demand has the name of the demand for promotions", &require("promoted"), "of a rule"),
        of("names-of-a-code", "a demand has the name of a code", &require("test-failed"), "of a code of findings"),
        of(
            "duties-of-nobody",
            "an approver must not be one who withdraws, which nobody does within a bundle",
            "[[require]]\nevidence = \"approval\"\nnot-by = \"withdrawer\"\n",
            "nobody signs as `withdrawer`",
        ),
        of("names-of-a-condition", "a demand is called as conditions are", &require("condition-x"), "of conditions"),
    ]
}
