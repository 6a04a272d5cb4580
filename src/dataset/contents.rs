//! What a dataset holds, over all its files.

use std::collections::{BTreeMap, BTreeSet};

use crate::card::comes_before;
use crate::dataset::card::DatasetCard;
use crate::dataset::{DataFormat, Kind, Table};
use crate::limits;

/// What was read of a dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// How many files there are of each format.
    pub formats: BTreeMap<DataFormat, usize>,
    /// How many rows all files of rows have together; none if that is not known of each.
    pub rows: Option<u64>,
    /// The columns that the files have, in the order of the first; none if they have different ones.
    pub columns: Vec<(String, Kind)>,
    /// The folders that hold pictures, which are the classes of a folder of pictures, and how many each holds.
    pub classes: BTreeMap<String, usize>,
    /// The files that could not be read as what they are, with what is wrong.
    pub unread: BTreeMap<String, String>,
    /// Its card.
    pub card: Option<DatasetCard>,
    /// The file that has the card.
    pub card_file: Option<String>,
    /// The first of the tables, by path.
    first: Option<String>,
    uncounted: bool,
    unlike: bool,
}

impl Contents {
    /// Adds a file.
    pub fn add(&mut self, path: &str, format: DataFormat, table: Option<Table>) {
        *self.formats.entry(format).or_default() += 1;
        if format == DataFormat::Image
            && let Some((folder, _)) = path.rsplit_once('/')
        {
            *self.classes.entry(folder.to_owned()).or_default() += 1;
        }
        if matches!(format, DataFormat::Image | DataFormat::Other) {
            return;
        }
        let rows = table.as_ref().and_then(|table| table.rows);
        self.uncounted |= rows.is_none();
        self.rows = rows.and_then(|rows| self.rows.unwrap_or_default().checked_add(rows)).filter(|_| !self.uncounted);
        if format != DataFormat::Text {
            self.add_columns(path, table.map(|table| table.columns).unwrap_or_default());
        }
    }

    /// Takes a card. Of several, whose names differ by their case, one counts.
    pub fn set_card(&mut self, path: &str, card: Option<DatasetCard>) {
        if self.card_file.as_deref().is_none_or(|known| comes_before(path, known)) {
            self.card = card;
            self.card_file = Some(path.to_owned());
        }
    }

    /// Keeps a file that can't be read as what it is; of many, the first by path.
    pub fn refuse(&mut self, path: &str, why: String) {
        self.unread.insert(path.to_owned(), why);
        if self.unread.len() > limits::LISTED_CHANGES {
            self.unread.pop_last();
        }
    }

    /// Files come in any order: the first by path says in which order columns are.
    fn add_columns(&mut self, path: &str, mut columns: Vec<(String, Kind)>) {
        let first = self.first.as_deref().is_none_or(|first| path < first);
        if first && self.first.replace(path.to_owned()).is_some() {
            std::mem::swap(&mut self.columns, &mut columns);
        } else if first {
            self.columns = columns;
            return;
        }
        let names = |columns: &[(String, Kind)]| columns.iter().map(|(name, _)| name.clone()).collect::<BTreeSet<_>>();
        self.unlike |= names(&self.columns) != names(&columns);
        let kinds: BTreeMap<String, Kind> = columns.into_iter().collect();
        for (name, kind) in &mut self.columns {
            if let Some(other) = kinds.get(name) {
                *kind = std::mem::take(kind).joined(other.clone());
            }
        }
        if self.unlike {
            self.columns.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: u64, columns: &[&str]) -> Table {
        Table { rows: Some(rows), columns: columns.iter().map(|name| ((*name).to_owned(), Kind::Integer)).collect() }
    }

    #[test]
    fn rows_add_up_if_all_are_known() {
        let mut contents = Contents::default();
        contents.add("a.csv", DataFormat::Csv, Some(table(2, &["a", "b"])));
        contents.add("b.csv", DataFormat::Csv, Some(table(3, &["b", "a"])));
        assert_eq!((contents.rows, contents.columns.len()), (Some(5), 2));
        contents.add("c.csv", DataFormat::Csv, None);
        contents.add("d.csv", DataFormat::Csv, Some(table(3, &["b", "a"])));
        assert_eq!((contents.rows, contents.columns.len()), (None, 0));
        contents.add("e.csv", DataFormat::Csv, Some(table(3, &["a", "b"])));
        assert_eq!((contents.rows, contents.formats[&DataFormat::Csv]), (None, 5));
        assert!(contents.columns.is_empty());
    }

    #[test]
    fn folders_of_pictures_are_classes() {
        let mut contents = Contents::default();
        for path in ["cat/1.png", "cat/2.png", "dog/1.png", "top.png"] {
            contents.add(path, DataFormat::Image, None);
        }
        assert_eq!(contents.classes, BTreeMap::from([("cat".to_owned(), 2), ("dog".to_owned(), 1)]));
        assert_eq!(contents.rows, None);
    }
}
