//! The same rows in every way of writing them.

use std::collections::BTreeSet;
use std::fs;

use crate::dataset::{DataFormat, RowDigest};

/// The files that have all rows; their script, `make.py`, is beside them.
const FILES: [&str; 11] =
    ["none", "snappy", "gzip", "brotli", "zstd", "lz4", "groups", "pages", "plain", "renamed-lists", "encodings"];

fn bytes(name: &str) -> Vec<u8> {
    fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/datasets/parquet/").to_owned() + name).unwrap()
}

fn rows(format: DataFormat, name: &str) -> Vec<RowDigest> {
    let mut rows = Vec::new();
    let table = format.read(&bytes(name), Some(&mut rows)).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(table.rows, Some(rows.len() as u64), "{name}");
    rows
}

#[test]
fn rows_are_the_same_however_they_are_written() {
    let expected = rows(DataFormat::JsonLines, "rows.jsonl");
    assert_eq!(expected.len(), 24);
    assert_eq!(expected.iter().collect::<BTreeSet<_>>().len(), 24, "rows of the test are the same");
    for name in FILES {
        let found = rows(DataFormat::Parquet, &format!("{name}.parquet"));
        let other = (0..24).find(|row| found.get(*row) != expected.get(*row));
        assert_eq!((found.len(), other), (24, None), "{name}");
    }
    assert_eq!(rows(DataFormat::Parquet, "one.parquet"), expected[11..12]);
}

#[test]
fn the_files_of_the_test_differ() {
    let distinct: BTreeSet<_> = FILES.iter().map(|name| bytes(&format!("{name}.parquet"))).collect();
    assert_eq!(distinct.len(), FILES.len());
}

#[test]
fn a_row_of_another_library_is_one_of_json() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/datasets/rows.parquet");
    let (mut found, mut expected) = (Vec::new(), Vec::new());
    DataFormat::Parquet.read(&fs::read(path).unwrap(), Some(&mut found)).unwrap();
    assert_eq!(found.len(), 3);
    let lines = include_bytes!("../../../../testdata/datasets/rows.jsonl");
    DataFormat::JsonLines.read(&lines.as_slice(), Some(&mut expected)).unwrap();
    assert_eq!(found, expected);
}
