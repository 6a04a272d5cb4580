//! What a report of a vector says of each demand: `testdata/requirements.txt`, a line for each vector whose call is not refused,
//! which `ASSAYMARK_BLESS=1` writes anew.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};
use std::{env, fs};

use serde_json::{Value, json};

use super::{CaseFile, made};
use crate::support::{repository, run};

const PAGE: &str = "testdata/requirements.txt";

/// What stands in the page, by vector.
static KNOWN: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let page = fs::read_to_string(repository(PAGE)).unwrap_or_default();
    page.lines().filter_map(|line| line.split_once(": ")).map(|(name, said)| (name.into(), said.into())).collect()
});

/// What the reports of this run say, by vector.
static SAID: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

/// Says what is wrong with the demands in the report of a vector: they contradict the verdict, or are not what the page has.
pub fn fault(vector: &str, report: &Value) -> Option<String> {
    let demands = report["requirements"].as_array().unwrap();
    let met = !demands.is_empty() && demands.iter().all(|demand| demand["status"] == "met");
    let denied = report["findings"].as_array().unwrap().iter().any(|finding| finding["severity"] == "deny");
    if met == denied {
        return Some(format!("all demands are met: {met}, something is denied: {denied}"));
    }
    let shown = |demand: &Value| format!("{} {}", demand["name"].as_str().unwrap(), demand["status"].as_str().unwrap());
    let said = demands.iter().map(shown).collect::<Vec<_>>().join(", ");
    let wrong = KNOWN.get(vector) != Some(&said) && env::var_os("ASSAYMARK_BLESS").is_none();
    let fault = wrong.then(|| format!("{PAGE} has {:?} of it, and the report says {said:?}", KNOWN.get(vector)));
    SAID.lock().unwrap().insert(vector.to_owned(), said);
    fault
}

/// Returns the vectors that the page names.
pub fn named() -> impl Iterator<Item = &'static str> {
    KNOWN.keys().map(String::as_str)
}

/// Writes the page anew if asked to, once all vectors have run.
pub fn write() {
    if env::var_os("ASSAYMARK_BLESS").is_some() {
        let said = SAID.lock().unwrap();
        let lines: Vec<_> = said.iter().map(|(vector, said)| format!("{vector}: {said}\n")).collect();
        fs::write(repository(PAGE), lines.concat()).unwrap();
    }
}

/// What a report says of each demand, word by word, of the good bundle under one more rule.
fn details(rule: &str) -> Vec<String> {
    let place = repository("testdata/vectors/withdrawals");
    let case: CaseFile = toml::from_str(&fs::read_to_string(place.join("case.toml")).unwrap()).unwrap();
    let folder = made(&place, &case.edit);
    fs::write(folder.path().join("policy.toml"), format!("[policy]\nname = \"own\"\n[rules]\n{rule}\n")).unwrap();
    let trust = repository("testdata/vectors/keys/gate.toml");
    let fixed = ["bundle", "verify", "bundle.intoto.jsonl", "--format", "json", "--trust", trust.to_str().unwrap()];
    let more = ["--policy", "policy.toml", "--code", "code", "--dataset", "train=data/train"];
    let given = case.arguments.iter().map(String::as_str);
    let called: Vec<&str> = fixed.into_iter().chain(given).chain(more).collect();
    let report = run(folder.path(), &called).json();
    assert_eq!(report["scope"]["notHashed"], json!(["base:parent", "dataset:crawl"]));
    let word = |demand: &Value, key: &str| demand[key].as_str().unwrap().to_owned();
    let said = |one: &Value| format!("{} {}: {}", word(one, "name"), word(one, "status"), word(one, "detail"));
    report["requirements"].as_array().unwrap().iter().map(said).collect()
}

#[test]
fn each_demand_says_what_it_rests_on() {
    let sound = [
        "signatures met: 4 of 4 lines signed by `release`",
        "seal met: seal 1, the newest here, names 3 lines, all of them here",
        "model met: hashed and equal: 7 files, 42 B",
        "links met: model <- 2 datasets, training code, 1 base model",
        "dataset:train met: hashed and equal: 2 files, 8 B",
        "code met: hashed and equal: 1 file, 15 B",
        "withdrawals met: 1 line, the newest from 2026-01-01T00:00:00Z, none of them strikes this release",
    ];
    let met = ["policy met: own, 5 of 5 rules", "parameters met: of the parameters of every training, `seed` is `42`"];
    let parameters = details("parameters = [{ name = \"seed\", equals = \"42\" }]");
    assert_eq!(parameters, [&sound[..], &met].concat());
    let denied = [
        "policy denied: the training code is from a ref that is not allowed",
        "code denied: the training code is from a ref that is not allowed",
    ];
    let code = details("code = { refs = [\"refs/heads/main\"] }");
    assert_eq!(code, [&sound[..], &denied].concat());
}
