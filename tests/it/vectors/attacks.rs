//! The table "Attacks, one by one" of `docs/rules.md` against the vectors: each row names the codes and the
//! vectors of its attack, or says why there are none. `ASSAYMARK_BLESS=1` writes the column of vectors.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use assaymark::finding::Code;

use super::all;
use crate::support::repository;

/// A row of the table.
struct Row {
    numbers: Vec<String>,
    attack: String,
    answer: String,
    vectors: String,
}

fn rows(rules: &str) -> Vec<Row> {
    let cells = |line: &str| {
        let cells: Vec<String> = line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
        let [numbers, attack, answer, vectors] = <[String; 4]>::try_from(cells).unwrap();
        Row { numbers: numbers.split(", ").flat_map(range).collect(), attack, answer, vectors }
    };
    rules.lines().filter(|line| line.starts_with("| N")).map(cells).collect()
}

fn range(text: &str) -> Vec<String> {
    let number = |text: &str| text.trim_start_matches('N').parse::<u32>().unwrap();
    let (first, last) = text.split_once('–').unwrap_or((text, text));
    (number(first)..=number(last)).map(|number| format!("N{number:03}")).collect()
}

/// Returns what stands between backquotes.
fn quoted(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Returns the vectors of each number, with their codes.
fn by_number() -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let mut numbers: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for case in all() {
        let codes: BTreeSet<String> = case.deny.iter().chain(&case.warn).map(|code| (*code).to_owned()).collect();
        for threat in &case.threats {
            numbers.entry((*threat).to_owned()).or_default().insert(case.name.clone(), codes.clone());
        }
    }
    numbers
}

/// Writes the column of vectors anew.
fn bless(rules: &str, numbers: &BTreeMap<String, BTreeMap<String, BTreeSet<String>>>) -> String {
    let line = |line: &str| {
        if !line.starts_with("| N") {
            return line.to_owned();
        }
        let row = &rows(line)[0];
        let vectors: BTreeSet<_> =
            row.numbers.iter().filter_map(|one| numbers.get(one)).flat_map(BTreeMap::keys).collect();
        let vectors: Vec<_> = vectors.into_iter().map(|name| format!("`{name}`")).collect();
        let first = line.trim_start_matches("| ").split(" | ").next().unwrap();
        let cell = if vectors.is_empty() { "—".to_owned() } else { vectors.join(" ") };
        format!("| {first} | {} | {} | {cell} |", row.attack, row.answer)
    };
    rules.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn the_attack_table_names_the_vectors_and_codes_of_each_attack() {
    let place = repository("docs/rules.md");
    let numbers = by_number();
    if std::env::var_os("ASSAYMARK_BLESS").is_some() {
        let rules = fs::read_to_string(&place).unwrap();
        fs::write(&place, bless(&rules, &numbers)).unwrap();
    }
    let rules = fs::read_to_string(place).unwrap();
    let known: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for row in rows(&rules) {
        let title = row.numbers.join(", ");
        let vectors: BTreeMap<_, _> = row
            .numbers
            .iter()
            .filter_map(|one| numbers.get(one))
            .flatten()
            .map(|(name, codes)| (name.clone(), codes))
            .collect();
        let expected: BTreeSet<String> = vectors.keys().cloned().collect();
        if quoted(&row.vectors) != expected {
            faults.push(format!("{title}: the vectors are {expected:?}"));
        }
        let codes: BTreeSet<String> = vectors.values().flat_map(|codes| (*codes).clone()).collect();
        let named: BTreeSet<String> =
            quoted(&row.answer).into_iter().filter(|word| known.contains(word.as_str())).collect();
        // A code that no vector of the row has is that of a test that the row names.
        let tested = quoted(&row.answer).iter().any(|word| word.contains("::"));
        let fits = if tested { named.is_superset(&codes) } else { named == codes };
        if !vectors.is_empty() && !fits {
            faults.push(format!("{title}: the codes of its vectors are {codes:?}, the row names {named:?}"));
        }
        let without: Vec<_> = row.numbers.iter().filter(|one| !numbers.contains_key(*one)).collect();
        if !vectors.is_empty() && !without.is_empty() {
            faults.push(format!("{title}: no vector covers {without:?}; give them a row of their own"));
        }
        for test in quoted(&row.answer).iter().filter(|word| word.contains("::")) {
            faults.extend((!exists(test)).then(|| format!("{title}: there is no test {test}")));
        }
        if vectors.is_empty() && row.answer.len() < 10 {
            faults.push(format!("{title}: no vector and no reason"));
        }
        faults.extend(
            row.numbers.iter().filter(|one| !seen.insert((*one).clone())).map(|one| format!("{one} stands twice")),
        );
    }
    faults.extend(numbers.keys().filter(|one| !seen.contains(*one)).map(|one| format!("no row has {one}")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Says whether a test `area::name` stands in `tests/it/area.rs`.
pub(super) fn exists(test: &str) -> bool {
    let (area, name) = test.rsplit_once("::").unwrap();
    let file = repository("tests/it").join(area.replace("::", "/")).with_extension("rs");
    fs::read_to_string(file).is_ok_and(|text| text.contains(&format!("fn {name}(")))
}
