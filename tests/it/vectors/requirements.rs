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
        let page: String = said.iter().map(|(vector, said)| format!("{vector}: {said}\n")).collect();
        fs::write(repository(PAGE), page).unwrap();
    }
}

#[test]
fn each_demand_says_what_it_rests_on() {
    let place = repository("testdata/vectors/withdrawals");
    let case: CaseFile = toml::from_str(&fs::read_to_string(place.join("case.toml")).unwrap()).unwrap();
    let folder = made(&place, &case.edit);
    let policy = "[policy]\nname = \"own\"\n[rules]\ncode = { refs = [\"refs/heads/main\"] }\nparameters = [{ name = \"seed\", equals = \"42\" }]\n";
    fs::write(folder.path().join("policy.toml"), policy).unwrap();
    let trust = repository("testdata/vectors/keys/gate.toml");
    let fixed = ["bundle", "verify", "bundle.intoto.jsonl", "--format", "json", "--trust", trust.to_str().unwrap()];
    let more = ["--policy", "policy.toml", "--code", "code", "--dataset", "train=data/train"];
    let given = case.arguments.iter().map(String::as_str);
    let called: Vec<&str> = fixed.into_iter().chain(given).chain(more).collect();
    let report = run(folder.path(), &called).exits(1).json();
    let demands = report["requirements"].as_array().unwrap().iter();
    let said: Vec<_> = demands
        .map(|one| {
            format!(
                "{} {}: {}",
                one["name"].as_str().unwrap(),
                one["status"].as_str().unwrap(),
                one["detail"].as_str().unwrap()
            )
        })
        .collect();
    let expected: [&str; 10] = ["", "", "", "", "", "", "", "", "", ""];
    assert_eq!(said, expected);
    assert_eq!(report["scope"]["notHashed"], json!(["base:parent", "dataset:crawl"]));
}
