//! Looking into the files of a dataset while they are hashed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::card::is_card;
use crate::dataset::card::DatasetCard;
use crate::dataset::{Contents, DataFormat, RowDigest, RowSink, Table, row_digest};
use crate::inventory::Visitor;
use crate::limits;
use crate::path::TreePath;
use crate::source::{ReadAt, exactly};
use crate::weights::{FormatError, promise};

/// Files that go with data and are none: their names without a language or a number behind, and without one of these extensions.
const DOCUMENTS: [&str; 3] = ["README", "LICENSE", "LICENCE"];
const EXTENSIONS: [&str; 5] = ["", "html", "md", "rst", "txt"];
/// Others by their whole names.
const BESIDE: [&str; 5] = [".gitattributes", ".gitignore", ".gitkeep", ".gitmodules", "dataset_infos.json"];

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
    /// Whether the first rows of tables name their columns, if somebody said so.
    header: Option<bool>,
    read: Mutex<DatasetRead>,
}

/// What was read of a dataset.
#[derive(Debug, Default)]
pub struct DatasetRead {
    /// What it holds.
    pub contents: Contents,
    /// The digests of its rows, sorted and none twice, if they were asked for.
    pub rows: Vec<RowDigest>,
    /// The columns by which rows were digested, as different tables have them: the first table of each by path.
    pub tables: BTreeMap<Columns, String>,
    /// A file whose rows can't be compared, and why.
    pub uncompared: Option<(String, String)>,
}

/// The columns of a table whose rows were digested.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Columns {
    /// The digest of their names; none of columns without.
    pub names: Option<RowDigest>,
    /// Whether nobody but the first row says that they have names.
    pub assumed: bool,
}

/// Says whether a file has the name of one that goes with the data and is none: a card, a licence, something of git.
pub(super) fn is_beside(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let named = |document: &str| {
        stem.split_at_checked(document.len()).filter(|(start, _)| start.eq_ignore_ascii_case(document))
    };
    let mut rests = DOCUMENTS.iter().filter_map(|document| Some(named(document)?.1));
    let is_document = rests.any(|rest| rest.is_empty() || rest.starts_with(['-', '_', '.']));
    BESIDE.contains(&name) || is_document && EXTENSIONS.contains(&extension)
}

impl<'b> DatasetReader<'b> {
    /// Looks into files, and keeps the digests of rows if there is a budget for them.
    pub fn new(budget: Option<&'b RowBudget>) -> Self {
        Self { budget, ..Self::default() }
    }

    /// Knows whether the first rows of tables name their columns.
    #[must_use]
    pub fn with_header(self, header: Option<bool>) -> Self {
        Self { header, ..self }
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
        if let Some(pointer) = promise::pointer(source) {
            self.note(|read| read.contents.add(path, DataFormat::Other, None));
            return Err(pointer);
        }
        let format = DataFormat::of(path, source)?;
        // Its name alone makes no file of data another.
        let beside = is_beside(path) && matches!(format, DataFormat::Text | DataFormat::Other);
        let format = if beside { DataFormat::Other } else { format };
        let wanted = self.budget.filter(|_| !beside && !source.is_empty());
        if let Some(budget) = wanted.filter(|_| format.has_rows()) {
            let alone = (format == DataFormat::Parquet).then(|| budget.unpacking.lock());
            let mut rows = Rows { budget, digests: Vec::new(), columns: None };
            let table = format.read_as(source, self.header, Some(&mut rows))?;
            drop(alone);
            let columns = rows.taken(&table);
            self.note(|read| {
                read.contents.add(path, format, Some(table));
                // A table without rows has none that could be compared in another order.
                if !rows.digests.is_empty() {
                    let first = read.tables.entry(columns).or_insert_with(|| path.to_owned());
                    if path < first.as_str() {
                        path.clone_into(first);
                    }
                }
                read.rows.append(&mut rows.digests);
            });
            return Ok(());
        }
        let table = format.read_as(source, self.header, None);
        self.note(|read| {
            read.contents.add(path, format, table.as_ref().ok().cloned());
            if wanted.is_some() {
                read.refuse(path, uncompared(format));
            }
        });
        table.map(drop)
    }

    fn card(&self, path: &str, source: &dyn ReadAt) {
        let card = card(source);
        self.note(|read| match card {
            Ok(card) => read.contents.set_card(path, card),
            Err(fault) => read.contents.refuse(path, fault),
        });
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
        if is_card(path) {
            self.card(path, source);
        }
        if let Err(error) = self.look(path, source) {
            self.note(|read| {
                read.contents.refuse(path, error.to_string());
                if self.budget.is_some() {
                    read.refuse(path, error.to_string());
                }
            });
        }
    }
}

/// Reads the card of a dataset.
fn card(source: &dyn ReadAt) -> Result<Option<DatasetCard>, String> {
    FormatError::bounded(source.len(), limits::DATASET_CARD_BYTES, "bytes of a card")
        .map_err(|fault| fault.to_string())?;
    let length = usize::try_from(source.len()).unwrap_or(usize::MAX);
    let bytes = exactly(source, 0, length).map_err(|error| error.to_string())?;
    DatasetCard::read(str::from_utf8(&bytes).map_err(|_| "it is not UTF-8".to_owned())?)
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
    /// The columns of CSV.
    columns: Option<Columns>,
}

impl Rows<'_> {
    /// Says by which columns the rows of a table were digested.
    fn taken(&mut self, table: &Table) -> Columns {
        self.columns.take().unwrap_or_else(|| {
            let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
            Columns::new(Some(names).filter(|names| !names.is_empty()), false)
        })
    }
}

impl Columns {
    fn new(names: Option<Vec<&str>>, assumed: bool) -> Self {
        let digest = |mut names: Vec<&str>| {
            names.sort_unstable();
            row_digest(names.iter().map(|name| name.as_bytes()))
        };
        Self { assumed: assumed && names.is_some(), names: names.map(digest) }
    }
}

impl RowSink for Rows<'_> {
    fn take(&mut self, row: RowDigest) -> Result<(), FormatError> {
        let taken = self.budget.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        taken.map_err(|_| FormatError::Limit { limit: limits::COMPARED_ROWS as u64, noun: "rows in all datasets" })?;
        self.digests.push(row);
        Ok(())
    }

    fn columns(&mut self, names: Option<&[&str]>, assumed: bool) {
        self.columns = Some(Columns::new(names.map(<[&str]>::to_vec), assumed));
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
    fn a_name_makes_no_data_a_document() {
        for name in [
            "README",
            "readme.md",
            "a/README.md",
            "README_de.md",
            "LICENSE-MIT",
            "LICENCE.txt",
            ".gitkeep",
            "dataset_infos.json",
        ] {
            assert!(is_beside(name), "{name}");
        }
        for name in [
            "README.csv",
            "LICENSES_of_flowers.csv",
            "LICENSES_of_flowers",
            "README.parquet",
            ".git.csv",
            "READMEs.txt",
        ] {
            assert!(!is_beside(name), "{name}");
        }
        assert_eq!(read(&[("README.csv", "a\nx\n")], true).rows.len(), 1);
        assert_eq!(read(&[("README.md", "PAR1")], true).uncompared.unwrap().0, "README.md");
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n";
        assert!(read(&[("a.csv", pointer)], true).uncompared.is_some());
        assert!(read(&[("a.csv", pointer)], false).contents.unread.contains_key("a.csv"));
    }

    #[test]
    fn tables_have_the_columns_by_which_they_are_read() {
        let columns = |text: &str, header| {
            let budget = RowBudget::default();
            let reader = DatasetReader::new(Some(&budget)).with_header(header);
            reader.visit(&TreePath::new("a.csv").unwrap(), &text.as_bytes());
            reader.finish().tables.into_keys().next().unwrap()
        };
        assert_eq!(columns("b,a\nx,y\n", None).names, columns("a,b\ny,x\n", Some(true)).names);
        assert_eq!(columns(",a,b\n0,x,y\n", None).names, columns("a,b\ny,x\n", None).names);
        assert!(columns("b,a\nx,y\n", None).assumed && !columns("b,a\nx,y\n", Some(true)).assumed);
        assert_eq!((columns("a,b\n", Some(false)).names, columns("1,2\n", None).names), (None, None));
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
