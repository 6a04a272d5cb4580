//! Looking into the files of a dataset while they are hashed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::dataset::card::DatasetCard;
use crate::dataset::{Contents, DataFormat, RowDigest, RowSink};
use crate::inventory::Visitor;
use crate::limits;
use crate::path::TreePath;
use crate::source::{ReadAt, exactly};
use crate::weights::FormatError;

/// The file that has the card of a dataset.
const CARD: &str = "README.md";
/// Files that go with data and are none: how their names begin.
const BESIDE: [&str; 5] = ["README", "LICENSE", "LICENCE", ".git", "dataset_infos.json"];

/// How many rows may still be kept, over all datasets of a release.
pub struct RowBudget {
    left: AtomicUsize,
    /// Files whose pages are unpacked into memory come one after another, so that the bound of one is that of all.
    unpacking: Mutex<()>,
}

impl Default for RowBudget {
    fn default() -> Self {
        Self { left: AtomicUsize::new(limits::COMPARED_ROWS), unpacking: Mutex::default() }
    }
}

/// Looks into files as they are hashed.
#[derive(Default)]
pub struct DatasetReader<'b> {
    /// Where rows are to be compared, how many.
    budget: Option<&'b RowBudget>,
    read: Mutex<DatasetRead>,
}

/// What was read of a dataset.
#[derive(Debug, Default)]
pub struct DatasetRead {
    /// What it holds.
    pub contents: Contents,
    /// The digests of its rows, sorted and none twice, if they were asked for.
    pub rows: Vec<RowDigest>,
    /// A file whose rows can't be compared, and why.
    pub uncompared: Option<(String, String)>,
}

/// Says whether a file goes with the data and is none: a card, a licence, something of git, or nothing at all.
pub(super) fn is_beside(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    BESIDE.iter().any(|start| name.starts_with(start))
}

impl<'b> DatasetReader<'b> {
    /// Looks into files, and keeps the digests of rows if there is a budget for them.
    pub fn new(budget: Option<&'b RowBudget>) -> Self {
        Self { budget, ..Self::default() }
    }

    /// Returns what was read.
    pub fn finish(self) -> DatasetRead {
        let mut read = self.read.into_inner().unwrap_or_else(PoisonError::into_inner);
        read.rows.sort_unstable();
        read.rows.dedup();
        read
    }

    fn note(&self, with: impl FnOnce(&mut DatasetRead)) {
        with(&mut self.read.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn look(&self, path: &str, source: &dyn ReadAt) -> Result<(), FormatError> {
        let format = if is_beside(path) { DataFormat::Other } else { DataFormat::of(path, source)? };
        let wanted = self.budget.filter(|_| !is_beside(path) && !source.is_empty());
        if let Some(budget) = wanted.filter(|_| format.has_rows()) {
            let alone = (format == DataFormat::Parquet).then(|| budget.unpacking.lock());
            let mut rows = Rows { budget, digests: Vec::new() };
            let table = format.read(source, Some(&mut rows))?;
            drop(alone);
            self.note(|read| {
                read.contents.add(path, format, Some(table));
                read.rows.append(&mut rows.digests);
            });
            return Ok(());
        }
        let table = format.read(source, None);
        self.note(|read| {
            read.contents.add(path, format, table.as_ref().ok().cloned());
            if wanted.is_some() {
                read.refuse(path, uncompared(format));
            }
        });
        table.map(drop)
    }

    fn card(&self, source: &dyn ReadAt) {
        let length = usize::try_from(source.len().min(limits::DATASET_CARD_BYTES)).unwrap_or_default();
        let text = exactly(source, 0, length).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        match text.map(|text| DatasetCard::read(&text)) {
            Some(Ok(card)) => self.note(|read| read.contents.card = card),
            Some(Err(fault)) => self.note(|read| read.contents.refuse(CARD, fault)),
            None => self.note(|read| read.contents.refuse(CARD, "it is not UTF-8".to_owned())),
        }
    }
}

impl DatasetRead {
    /// Keeps the first file, by path, whose rows can't be compared.
    fn refuse(&mut self, path: &str, why: String) {
        if self.uncompared.as_ref().is_none_or(|(known, _)| path < known.as_str()) {
            self.uncompared = Some((path.to_owned(), why));
        }
    }
}

impl Visitor for DatasetReader<'_> {
    fn visit(&self, path: &TreePath, source: &dyn ReadAt) {
        if &**path == CARD {
            self.card(source);
        }
        if let Err(error) = self.look(path, source) {
            self.note(|read| {
                read.contents.refuse(path, error.to_string());
                if self.budget.is_some() && !is_beside(path) {
                    read.refuse(path, error.to_string());
                }
            });
        }
    }
}

/// Says why rows of a format are not compared, and what to do about it.
fn uncompared(format: DataFormat) -> String {
    let reason = format!("rows of the format `{}` can't be compared", format.as_str());
    match format {
        DataFormat::Arrow => {
            format!(
                "{reason}, since only the metadata of such files are read: write its splits as Parquet, CSV or JSON Lines"
            )
        }
        _ => reason,
    }
}

struct Rows<'b> {
    budget: &'b RowBudget,
    digests: Vec<RowDigest>,
}

impl RowSink for Rows<'_> {
    fn take(&mut self, row: RowDigest) -> Result<(), FormatError> {
        let taken = self.budget.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        taken.map_err(|_| FormatError::Limit { limit: limits::COMPARED_ROWS as u64, noun: "rows in all datasets" })?;
        self.digests.push(row);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)], rows: bool) -> DatasetRead {
        let budget = RowBudget::default();
        let reader = DatasetReader::new(rows.then_some(&budget));
        for (path, text) in files {
            reader.visit(&TreePath::new(path).unwrap(), &text.as_bytes());
        }
        reader.finish()
    }

    #[test]
    fn the_order_of_files_does_not_matter() {
        let files = [("b.csv", "y,x\n1,2\n"), ("a.csv", "x,y\n2,1\n3,4\n"), ("README.md", "---\nlicense: mit\n---\n")];
        let mut other = files;
        other.reverse();
        let (one, other) = (read(&files, true), read(&other, true));
        assert_eq!((&one.contents, &one.rows), (&other.contents, &other.rows));
        assert_eq!((one.contents.rows, one.rows.len()), (Some(3), 2));
        assert_eq!(one.contents.columns[0].0, "x");
        assert_eq!(one.contents.card.unwrap().licenses, ["mit"]);
        assert!(one.uncompared.is_none());
    }

    #[test]
    fn what_can_not_be_compared_is_named() {
        assert_eq!(read(&[("a.csv", "a\n1\n"), ("b.bin", "x")], true).uncompared.unwrap().0, "b.bin");
        assert_eq!(read(&[("a.csv", "a,b\n1\n")], true).uncompared.unwrap().0, "a.csv");
        let arrow = include_bytes!("../../testdata/datasets/rows.arrow");
        let budget = RowBudget::default();
        let reader = DatasetReader::new(Some(&budget));
        reader.visit(&TreePath::new("a.arrow").unwrap(), &arrow.as_slice());
        assert!(reader.finish().uncompared.unwrap().1.contains("Parquet, CSV or JSON Lines"));
        assert!(read(&[("a.bin", "")], true).uncompared.is_none());
        let unread = read(&[("a.csv", "a,b\n1\n")], false);
        assert!(unread.uncompared.is_none() && unread.contents.unread.contains_key("a.csv"));
    }
}
