//! CSV (RFC 4180), with commas, semicolons, tabs or pipes.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::rc::Rc;

use csv::{ByteRecord, ErrorKind, ReaderBuilder};

use crate::dataset::{Kind, RowSink, Table, row};
use crate::limits;
use crate::source::{Cursor, ReadAt, fill};
use crate::weights::FormatError;

/// What is put behind a file: a row that no file can have. It comes back alone unless a quote is still open.
const END: &[u8] = b"\n\0\n";
/// How packed files begin: gzip, zip, bzip2, Zstandard, xz.
const PACKED: [&[u8]; 5] = [b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ"];

/// Counts rows and finds the kinds of columns; of a file that is not counted, from its first rows.
///
/// Whether the first row names the columns is as `header` says. If nobody says so, it does unless one of its values is a
/// number or a truth value; `0,1,2,…`, as pandas counts columns that have no names, does so as well.
pub(super) fn read(
    source: &dyn ReadAt,
    header: Option<bool>,
    counted: bool,
    mut sink: Option<&mut dyn RowSink>,
) -> Result<Table, FormatError> {
    let allowance = Rc::new(Cell::new(limits::DATASET_ROW_BYTES));
    let bounded = Bounded { cursor: Cursor::new(source), left: Rc::clone(&allowance), end: END };
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter(source)?).from_reader(bounded);
    let mut record = ByteRecord::new();
    let mut table: Option<Builder> = None;
    let (mut rows, mut place) = (0, 0);
    while reader.read_byte_record(&mut record).map_err(fault)? {
        allowance.set(limits::DATASET_ROW_BYTES);
        if record.iter().eq([b"\0"]) {
            return Ok(table.unwrap_or_default().finish(Some(rows)));
        }
        place = record.position().map_or(0, csv::Position::byte);
        if record.as_slice().contains(&0) {
            break;
        }
        if sink.is_some() && std::str::from_utf8(record.as_slice()).is_err() {
            return Err(FormatError::malformed(place, "it is not UTF-8, so that its rows can't be compared"));
        }
        let table = match &mut table {
            Some(table) => table,
            none => {
                let started = none.insert(Builder::new(&record, header)?);
                if let Some(sink) = sink.as_mut() {
                    let names = started.named.then(|| started.names());
                    sink.columns(names.as_deref(), header.is_none());
                }
                if started.named {
                    continue;
                }
                started
            }
        };
        rows += 1;
        table.note(&record, place)?;
        if let Some(sink) = sink.as_mut() {
            let values = table.order.iter().map(|column| record.get(*column).unwrap_or_default());
            sink.take(row::digest(values))?;
        }
        if !counted && rows == limits::DATASET_SAMPLED_ROWS {
            return Ok(std::mem::take(table).finish(None));
        }
    }
    Err(FormatError::malformed(place, "a quote is opened in this row and not closed"))
}

/// A source of which only so many bytes may be read before a row ends, and the end behind it.
struct Bounded<'s> {
    cursor: Cursor<'s>,
    left: Rc<Cell<u64>>,
    end: &'static [u8],
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.cursor.read(buffer)?;
        if count == 0 {
            return self.end.read(buffer);
        }
        if buffer.iter().take(count).any(|byte| *byte == 0) {
            return Err(io::ErrorKind::InvalidData.into());
        }
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
        ErrorKind::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            FormatError::malformed(place, "it has a zero byte, which no CSV has: write it as UTF-8, unpacked")
        }
        ErrorKind::Io(error) => error.into(),
        _ => FormatError::malformed(place, "it is no CSV"),
    }
}

/// Finds what stands between values: whichever the first line has most of. Refuses what is packed, and UTF-16.
fn delimiter(source: &dyn ReadAt) -> Result<u8, FormatError> {
    let mut buffer = vec![0; limits::FORMAT_BUFFER];
    let head = fill(source, 0, &mut buffer)?;
    if PACKED.iter().any(|start| head.starts_with(start)) {
        return Err(FormatError::malformed(0, "it is packed: unpack it"));
    }
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Err(FormatError::malformed(0, "it is UTF-16 or UTF-32: write it as UTF-8"));
    }
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |mark: u8| line.split(|byte| *byte == mark).count();
    // The last of equals counts: a comma.
    Ok([b'|', b'\t', b';', b','].into_iter().max_by_key(|mark| count(*mark)).unwrap_or(b','))
}

/// A table that is being read.
#[derive(Default)]
struct Builder {
    /// Whether its columns have names.
    named: bool,
    columns: Vec<(String, Kind)>,
    /// The columns that make a row, in the order of their names.
    order: Vec<usize>,
}

impl Builder {
    /// Starts with the first record: names of columns, or values.
    fn new(record: &ByteRecord, header: Option<bool>) -> Result<Self, FormatError> {
        FormatError::bounded(record.len() as u64, limits::DATASET_COLUMNS, "columns")?;
        let value = |(place, value): (usize, &[u8])| {
            let value = if place == 0 { value.strip_prefix(b"\xef\xbb\xbf").unwrap_or(value) } else { value };
            String::from_utf8_lossy(value).into_owned()
        };
        let values: Vec<String> = record.iter().enumerate().map(value).collect();
        let named = header.unwrap_or_else(|| are_names(&values));
        let mut order: Vec<usize> = (0..values.len()).collect();
        // A first column without a name numbers the rows: pandas and R write it so, and it is none of their data.
        let numbered = named && values.len() > 1 && values.first().is_some_and(String::is_empty);
        let titles = if named { distinct(values) } else { (1..=values.len()).map(|place| place.to_string()).collect() };
        if named {
            order.retain(|column| *column > 0 || !numbered);
            order.sort_by(|one, other| titles.get(*one).cmp(&titles.get(*other)));
        }
        Ok(Self { named, columns: titles.into_iter().map(|name| (name, Kind::Empty)).collect(), order })
    }

    /// Returns the names of the columns that make a row.
    fn names(&self) -> Vec<&str> {
        self.order.iter().filter_map(|column| self.columns.get(*column)).map(|(name, _)| name.as_str()).collect()
    }

    fn note(&mut self, record: &ByteRecord, place: u64) -> Result<(), FormatError> {
        let (expected, found) = (self.columns.len(), record.len());
        if expected != found {
            return Err(FormatError::malformed(
                place,
                format!("a row has {found} values where the first has {expected}"),
            ));
        }
        for ((_, kind), value) in self.columns.iter_mut().zip(record) {
            if *kind != Kind::Text {
                let found = std::str::from_utf8(value).map_or(Kind::Text, Kind::of_text);
                *kind = std::mem::take(kind).joined(found);
            }
        }
        Ok(())
    }

    fn finish(self, rows: Option<u64>) -> Table {
        Table { rows, columns: self.columns }
    }
}

/// Says whether a first row can be names, where nobody says so.
fn are_names(values: &[String]) -> bool {
    let mut kinds = values.iter().map(|value| Kind::of_text(value));
    if kinds.all(|kind| matches!(kind, Kind::Text | Kind::Empty)) {
        return values.iter().any(|value| !value.is_empty());
    }
    // Two numbers may well be a row.
    let index = values.first().is_some_and(String::is_empty);
    let counted = values.get(usize::from(index)..).unwrap_or_default();
    let least = if index { 2 } else { 3 };
    counted.len() >= least && counted.iter().enumerate().all(|(place, value)| *value == place.to_string())
}

/// Makes names distinct, as pandas does: `a`, `a.1`. A column without a name gets its place.
fn distinct(values: Vec<String>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let name = |(place, value): (usize, String)| {
        let value = if value.is_empty() { format!("column {}", place + 1) } else { value };
        let mut name = value.clone();
        if taken.contains(&name) {
            name = format!("{value}.{place}");
        }
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        name
    };
    values.into_iter().enumerate().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::RowDigest;

    fn table(text: &str) -> Table {
        read(&text.as_bytes(), None, true, None).unwrap()
    }

    fn rows(text: &str) -> Vec<RowDigest> {
        let mut rows = Vec::new();
        read(&text.as_bytes(), None, true, Some(&mut rows)).unwrap();
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
    fn a_first_row_names_columns_unless_it_has_numbers() {
        for (text, first, rows) in [
            ("1,2\n3,4\n", "1", 2),
            ("great,1\nbad,0\n", "1", 2),
            ("0,1\n5,6\n", "1", 2),
            ("true\nx\n", "1", 2),
            ("0,1,2\n5,6,7\n", "0", 1),
            (",0,1\n0,5,6\n", "column 1", 1),
            (",text,label\n0,x,1\n", "column 1", 1),
            ("\"\",\"a\"\n\"1\",2\n", "column 1", 1),
            ("a,a\nb,c\n", "a", 1),
            ("a,\nb,c\n", "a", 1),
        ] {
            let found = table(text);
            assert_eq!((found.rows, found.columns[0].0.as_str()), (Some(rows), first), "{text}");
        }
        let names = |text: &str| table(text).columns.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names("a,a,,a.1\nb,c,d,e\n"), ["a", "a.1", "column 3", "a.1.3"]);
    }

    #[test]
    fn whoever_knows_says_whether_there_is_a_header() {
        let rows = |header| read(&b"country,2019,2020\nDE,1,2\n".as_slice(), Some(header), true, None).unwrap();
        assert_eq!((rows(true).rows, rows(true).columns[1].0.as_str()), (Some(1), "2019"));
        assert_eq!((rows(false).rows, rows(false).columns[1].0.as_str()), (Some(2), "2"));
    }

    #[test]
    fn a_column_that_numbers_rows_is_no_part_of_them() {
        assert_eq!(rows(",text,label\n7,x,1\n"), rows("text,label\nx,1\n"));
        assert_eq!(rows("text|label\nx|1\n"), rows("text,label\nx,1\n"));
        assert_eq!(rows("a\n\"x\r\ny\"\n"), rows("a\n\"x\ny\"\n"));
    }

    #[test]
    fn what_is_no_text_and_what_has_no_end_is_refused() {
        let wide: Vec<u8> = "a,b\nx,y\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let quote = b"a,b\nx,y\n\"z,w\nq,r\n".as_slice();
        for bytes in [quote, &wide, b"\xff\xfea\0", b"\x1f\x8b\x08rest", b"a\nx\0\n", b"a\n\"\n\0\n"] {
            assert!(read(&bytes, None, true, None).is_err(), "{bytes:?}");
        }
        assert!(read(&quote, None, true, None).unwrap_err().to_string().contains("quote"));
        // Other encodings are counted; their rows would differ from the same in UTF-8.
        let latin = b"a\n\xfc\n".as_slice();
        assert_eq!(read(&latin, None, true, None).unwrap().rows, Some(1));
        assert!(read(&latin, None, true, Some(&mut Vec::new())).is_err());
    }

    #[test]
    fn the_order_of_named_columns_does_not_matter() {
        assert_eq!(rows("a,b\n1,2\n"), rows("b,a\n2,1\n"));
        assert_ne!(rows("1,2\n"), rows("2,1\n"));
        assert_eq!(rows("a,b\n1,2\n"), rows("1,2\n"));
    }

    #[test]
    fn ragged_and_endless_rows_are_refused() {
        assert!(read(&b"a,b\n1,2\n3\n".as_slice(), None, true, None).is_err());
        let endless = format!("a,b\n\"{}", "x,".repeat(5 << 20));
        assert!(matches!(read(&endless.as_bytes(), None, true, None), Err(FormatError::Limit { .. })));
        let wide = "a,".repeat(20_000);
        assert!(matches!(read(&wide.as_bytes(), None, true, None), Err(FormatError::Limit { .. })));
    }

    #[test]
    fn a_file_that_is_not_counted_shows_its_columns() {
        let text = format!("a,b\n{}", "1,x\n".repeat(5_000));
        let found = read(&text.as_bytes(), None, false, None).unwrap();
        assert_eq!((found.rows, found.columns.len()), (None, 2));
    }
}
