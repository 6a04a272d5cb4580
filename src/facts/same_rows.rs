//! Where rows that stand on both sides are: files are read again, and only if there are such rows.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::dataset::{DataFormat, RowDigest, RowSink};
use crate::finding::Tree;
use crate::inventory::{self, Options, Visitor};
use crate::limits;
use crate::path::TreePath;
use crate::release::{DatasetSource, DatasetSpec};
use crate::source::ReadAt;
use crate::weights::FormatError;

/// A row: the path of its file, and its number there, from 1. The names of columns are no row.
type Place = (String, u64);

/// Says where the first rows are that two datasets have in common, in words; nothing if their files can't be read again.
pub(super) fn shown(one: &DatasetSpec, other: &DatasetSpec, same: &[RowDigest]) -> Option<String> {
    let here = first(one, same);
    let mut wanted: Vec<RowDigest> = here.values().copied().collect();
    wanted.sort_unstable();
    let there: BTreeMap<RowDigest, Place> =
        first(other, &wanted).into_iter().map(|(place, row)| (row, place)).collect();
    let pair = |((path, number), row): (&Place, &RowDigest)| {
        let (path_there, number_there) = there.get(row)?;
        Some(format!("row {number} of `{path}` is row {number_there} of `{path_there}`"))
    };
    let pairs: Vec<String> = here.iter().filter_map(pair).collect();
    (!pairs.is_empty()).then(|| pairs.join(", "))
}

/// Returns the first place of each of the first rows of a dataset that are among some, by the order of paths and numbers.
fn first(spec: &DatasetSpec, wanted: &[RowDigest]) -> BTreeMap<Place, RowDigest> {
    let DatasetSource::Path(path) = &spec.source else { return BTreeMap::new() };
    let finder = Finder { header: spec.header, wanted, found: Mutex::default(), unpacking: Mutex::default() };
    // What can't be read any more is not found: that there are such rows is known all the same.
    drop(inventory::visit(path, &Options::new(Tree::Dataset(spec.name.clone())), &finder));
    let found = finder.found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.places
}

/// Looks for rows in files.
struct Finder<'w> {
    header: Option<bool>,
    /// Sorted.
    wanted: &'w [RowDigest],
    found: Mutex<Found>,
    /// Files that are unpacked into memory come one after another.
    unpacking: Mutex<()>,
}

/// The first places, and the same by rows.
#[derive(Default)]
struct Found {
    places: BTreeMap<Place, RowDigest>,
    rows: BTreeMap<RowDigest, Place>,
}

impl Found {
    /// Keeps a place if it is among the first. One that goes comes back only if its row stands further ahead.
    fn keep(&mut self, row: RowDigest, place: Place) {
        if let Some(known) = self.rows.get(&row) {
            if *known <= place {
                return;
            }
            self.places.remove(known);
        }
        self.rows.insert(row, place.clone());
        self.places.insert(place, row);
        if self.places.len() > limits::NAMED_ROWS
            && let Some((_, row)) = self.places.pop_last()
        {
            self.rows.remove(&row);
        }
    }
}

impl Visitor for Finder<'_> {
    fn visit(&self, path: &TreePath, source: &dyn ReadAt) {
        let Ok(format) = DataFormat::of(path, source) else { return };
        if !format.has_rows() {
            return;
        }
        let alone = (format == DataFormat::Parquet).then(|| self.unpacking.lock());
        let mut counter = Counter { finder: self, path, number: 0 };
        // Every file was read before, to its last row.
        drop(format.read_as(source, self.header, Some(&mut counter)));
        drop(alone);
    }
}

/// Counts the rows of a file.
struct Counter<'f> {
    finder: &'f Finder<'f>,
    path: &'f TreePath,
    number: u64,
}

impl RowSink for Counter<'_> {
    fn take(&mut self, row: RowDigest) -> Result<(), FormatError> {
        self.number += 1;
        if self.finder.wanted.binary_search(&row).is_ok() {
            let mut found = self.finder.found.lock().unwrap_or_else(PoisonError::into_inner);
            found.keep(row, (self.path.to_string(), self.number));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dataset(name: &str, files: &[(&str, &str)]) -> (tempfile::TempDir, DatasetSpec) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            std::fs::write(folder.path().join(path), text).unwrap();
        }
        let source = DatasetSource::Path(folder.path().to_owned());
        let spec = DatasetSpec::new(name.parse().unwrap(), source);
        (folder, spec)
    }

    fn rows(values: &[&str]) -> Vec<RowDigest> {
        let mut rows: Vec<_> =
            values.iter().map(|value| crate::dataset::row_digest([value.as_bytes()].into_iter())).collect();
        rows.sort_unstable();
        rows
    }

    #[test]
    fn the_first_rows_are_named_by_file_and_number() {
        let (_keep, train) = dataset("train", &[("a.csv", "t\nx\ny\nx\n"), ("b.jsonl", "{\"t\": \"z\"}\n")]);
        let (_keep, test) = dataset("test", &[("c.csv", "t\nq\nz\ny\nz\n")]);
        let words = shown(&test, &train, &rows(&["y", "z"])).unwrap();
        assert_eq!(words, "row 2 of `c.csv` is row 1 of `b.jsonl`, row 3 of `c.csv` is row 2 of `a.csv`");
        assert_eq!(shown(&test, &train, &rows(&["absent"])), None);
    }

    #[test]
    fn few_of_many_are_named() {
        let many: Vec<String> = (0..1_000).map(|number| format!("n{number}")).collect();
        let lines = format!("t\n{}\n", many.join("\n"));
        let (_keep, train) = dataset("train", &[("a.csv", &lines), ("b.csv", &lines)]);
        let (_keep, test) = dataset("test", &[("c.csv", &lines)]);
        let all = rows(&many.iter().map(String::as_str).collect::<Vec<_>>());
        let words = shown(&test, &train, &all).unwrap();
        assert_eq!(words.matches(" is row ").count(), limits::NAMED_ROWS);
        assert!(words.starts_with("row 1 of `c.csv` is row 1 of `a.csv`, row 2 of"), "{words}");
    }
}
