//! `JSONTestSuite` through the strict reader.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use assaymark::json::{self, JsonError};

use super::{entries, name, rows};

fn answer(path: &Path) -> &'static str {
    if json::check(&fs::read(path).unwrap()).is_ok() { "accepted" } else { "refused" }
}

/// Returns the answers of `DECISIONS.md` to the files whose names start in a certain way.
fn decided(starts: &[&str]) -> BTreeMap<String, String> {
    let rows = rows("DECISIONS.md").into_iter().filter(|row| starts.iter().any(|start| row[0].starts_with(start)));
    rows.map(|row| {
        assert!(row.len() == 3 && row[2].len() > 10, "no reason: {row:?}");
        (row[0].clone(), row[1].clone())
    })
    .collect()
}

#[test]
fn valid_json_is_read_and_invalid_json_refused() {
    let mut counts = BTreeMap::new();
    let otherwise = decided(&["y_", "n_"]);
    for path in entries("jsontestsuite/test_parsing") {
        let name = name(&path);
        let expected = match name.as_bytes()[0] {
            b'y' => "accepted",
            b'n' => "refused",
            _ => continue,
        };
        *counts.entry(expected).or_insert(0) += 1;
        let expected = otherwise.get(&name).map_or(expected, String::as_str);
        assert_eq!(answer(&path), expected, "{name}");
    }
    assert_eq!(counts, BTreeMap::from([("accepted", 95), ("refused", 188)]));
    assert_eq!(otherwise.len(), 2, "{otherwise:?}");
}

#[test]
fn each_open_case_is_answered_as_it_was_decided() {
    for (folder, start, count) in [("test_parsing", "i_", 35), ("test_transform", "", 22)] {
        let of_folder = |path: &Path| name(path).starts_with(start);
        let paths = entries(&format!("jsontestsuite/{folder}")).into_iter().filter(|path| of_folder(path));
        let found: BTreeMap<_, _> = paths.map(|path| (name(&path), answer(&path).to_owned())).collect();
        assert_eq!(found.len(), count);
        let starts: &[&str] = if start.is_empty() { &["number_", "object_", "string_"] } else { &["i_"] };
        assert_eq!(found, decided(starts), "testdata/third-party/DECISIONS.md says otherwise (right)");
    }
}

#[test]
fn a_key_that_stands_twice_is_refused_as_such() {
    let mut count = 0;
    for folder in ["test_parsing", "test_transform"] {
        for path in entries(&format!("jsontestsuite/{folder}")) {
            if ["y_object_duplicated_key", "object_same_key"].iter().any(|start| name(&path).starts_with(start)) {
                count += 1;
                let result = json::check(&fs::read(&path).unwrap());
                assert_eq!(result, Err(JsonError::Duplicate("a".to_owned())), "{}", path.display());
            }
        }
    }
    assert_eq!(count, 5);
}
