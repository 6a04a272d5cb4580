//! CSV (RFC 4180), with commas, semicolons or tabs.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use csv::{ByteRecord, ErrorKind, ReaderBuilder};

use crate::dataset::{Kind, RowSink, Table, row};
use crate::limits;
use crate::source::{Cursor, ReadAt, fill};
use crate::weights::FormatError;

/// Counts rows and finds the kinds of columns; of a file that is not counted, from its first rows.
pub(super) fn read(
    source: &dyn ReadAt,
    counted: bool,
    mut sink: Option<&mut dyn RowSink>,
) -> Result<Table, FormatError> {
    let allowance = Rc::new(Cell::new(limits::DATASET_ROW_BYTES));
    let bounded = Bounded { cursor: Cursor::new(source), left: Rc::clone(&allowance) };
    let mut reader = ReaderBuilder::new().has_headers(false).delimiter(delimiter(source)?).from_reader(bounded);
    let mut record = ByteRecord::new();
    let mut table = Builder::default();
    let mut rows = 0;
    while reader.read_byte_record(&mut record).map_err(fault)? {
        allowance.set(limits::DATASET_ROW_BYTES);
        let first = std::mem::replace(&mut table.started, true);
        if !first && table.take_header(&record)? {
            continue;
        }
        rows += 1;
        table.note(&record);
        if let Some(sink) = sink.as_mut() {
            let values = table.order.iter().map(|column| record.get(*column).unwrap_or_default());
            sink.take(row::digest(values))?;
        }
        if !counted && rows == limits::DATASET_SAMPLED_ROWS {
            return Ok(table.finish(None));
        }
    }
    Ok(table.finish(Some(rows)))
}

/// A source of which only so many bytes may be read before a row ends.
struct Bounded<'s> {
    cursor: Cursor<'s>,
    left: Rc<Cell<u64>>,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.cursor.read(buffer)?;
        let left = self.left.get().checked_sub(count as u64);
        self.left.set(left.ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?);
        Ok(count)
    }
}

fn fault(error: csv::Error) -> FormatError {
    let place = error.position().map_or(0, csv::Position::byte);
    match error.into_kind() {
        ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            FormatError::Limit { limit: limits::DATASET_ROW_BYTES, noun: "bytes of one row" }
        }
        ErrorKind::Io(error) => error.into(),
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            FormatError::malformed(place, format!("a row has {len} values where the first has {expected_len}"))
        }
        _ => FormatError::malformed(place, "it is no CSV"),
    }
}

/// Finds what stands between values: whichever the first line has most of.
fn delimiter(source: &dyn ReadAt) -> io::Result<u8> {
    let mut buffer = vec![0; limits::FORMAT_BUFFER];
    let head = fill(source, 0, &mut buffer)?;
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |mark: u8| line.split(|byte| *byte == mark).count();
    // The last of equals counts: a comma.
    Ok([b'\t', b';', b','].into_iter().max_by_key(|mark| count(*mark)).unwrap_or(b','))
}

/// A table that is being read.
#[derive(Default)]
struct Builder {
    started: bool,
    columns: Vec<(String, Kind)>,
    /// The columns in the order of their names.
    order: Vec<usize>,
}

impl Builder {
    /// Takes the first record as the names of columns, unless it can be none: with an empty value, a number or one twice.
    fn take_header(&mut self, record: &ByteRecord) -> Result<bool, FormatError> {
        FormatError::bounded(record.len() as u64, limits::DATASET_COLUMNS, "columns")?;
        let name = |(place, value): (usize, &[u8])| {
            let value = if place == 0 { value.strip_prefix(b"\xef\xbb\xbf").unwrap_or(value) } else { value };
            String::from_utf8_lossy(value).into_owned()
        };
        let mut names: Vec<String> = record.iter().enumerate().map(name).collect();
        let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
        let header = distinct.len() == names.len() && names.iter().all(|name| Kind::of_text(name) == Kind::Text);
        self.order = (0..names.len()).collect();
        if header {
            self.order.sort_by(|one, other| names.get(*one).cmp(&names.get(*other)));
        } else {
            names = (1..=names.len()).map(|place| place.to_string()).collect();
        }
        self.columns = names.into_iter().map(|name| (name, Kind::Empty)).collect();
        Ok(header)
    }

    fn note(&mut self, record: &ByteRecord) {
        for ((_, kind), value) in self.columns.iter_mut().zip(record) {
            if *kind != Kind::Text {
                let found = std::str::from_utf8(value).map_or(Kind::Text, Kind::of_text);
                *kind = std::mem::take(kind).joined(found);
            }
        }
    }

    fn finish(self, rows: Option<u64>) -> Table {
        Table { rows, columns: self.columns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::RowDigest;

    fn table(text: &str) -> Table {
        read(&text.as_bytes(), true, None).unwrap()
    }

    fn rows(text: &str) -> Vec<RowDigest> {
        let mut rows = Vec::new();
        read(&text.as_bytes(), true, Some(&mut rows)).unwrap();
        rows
    }

    #[test]
    fn rows_are_counted_and_columns_named() {
        let found = table("text,label,score\n\"a, \"\"b\"\"\nc\",1,0.5\nd,2,\n");
        assert_eq!(found.rows, Some(2));
        let column = |name: &str, kind| (name.to_owned(), kind);
        assert_eq!(
            found.columns,
            [column("text", Kind::Text), column("label", Kind::Integer), column("score", Kind::Number)]
        );
        assert_eq!(table("a;b\r\n1,5;2\r\n").columns[0], column("a", Kind::Text));
        assert_eq!(table("a\tb\n1\t2\n").columns.len(), 2);
        assert_eq!((table("").rows, table("a,b\n").rows), (Some(0), Some(0)));
    }

    #[test]
    fn a_first_row_of_values_is_no_header() {
        for text in ["1,2\n3,4\n", "a,a\nb,c\n", "a,\nb,c\n"] {
            let found = table(text);
            assert_eq!((found.rows, found.columns[0].0.as_str()), (Some(2), "1"), "{text}");
        }
    }

    #[test]
    fn the_order_of_named_columns_does_not_matter() {
        assert_eq!(rows("a,b\n1,2\n"), rows("b,a\n2,1\n"));
        assert_ne!(rows("1,2\n"), rows("2,1\n"));
        assert_eq!(rows("a,b\n1,2\n"), rows("1,2\n"));
    }

    #[test]
    fn ragged_and_endless_rows_are_refused() {
        assert!(read(&b"a,b\n1,2\n3\n".as_slice(), true, None).is_err());
        let endless = format!("a,b\n\"{}", "x,".repeat(5 << 20));
        assert!(matches!(read(&endless.as_bytes(), true, None), Err(FormatError::Limit { .. })));
        let wide = "a,".repeat(20_000);
        assert!(matches!(read(&wide.as_bytes(), true, None), Err(FormatError::Limit { .. })));
    }

    #[test]
    fn a_file_that_is_not_counted_shows_its_columns() {
        let text = format!("a,b\n{}", "1,x\n".repeat(5_000));
        let found = read(&text.as_bytes(), false, None).unwrap();
        assert_eq!((found.rows, found.columns.len()), (None, 2));
    }
}
