//! What a report of a vector says of each demand: `testdata/requirements.txt`, a line for each vector whose call is not refused,
//! which `ASSAYMARK_BLESS=1` writes anew.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};
use std::{env, fs};

use serde_json::Value;

use crate::support::repository;

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
