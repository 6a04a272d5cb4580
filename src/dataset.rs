//! Formats of datasets: one file a format, each from a source to how many rows it has, and of what.
//!
//! The bytes decide what a file is; its extension is a hint where they can't. A reader keeps one row at a time and counts; what
//! a file may cost is bounded by [`limits`], whatever it claims.

use std::collections::BTreeMap;

use crate::limits;
use crate::source::{ReadAt, fill};
use crate::weights::FormatError;

pub use contents::Contents;
pub use row::{RowDigest, digest as row_digest};

mod arrow;
pub mod card;
mod contents;
mod csv;
mod json_lines;
mod lines;
mod parquet;
mod row;
mod text;
mod thrift;

/// What a file of a dataset is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DataFormat {
    /// Arrow IPC, as a file or a stream.
    Arrow,
    /// Values between commas, semicolons, tabs or pipes.
    Csv,
    /// A picture.
    Image,
    /// A JSON value a line.
    JsonLines,
    /// Apache Parquet.
    Parquet,
    /// Plain text, a line a row.
    Text,
    /// Anything else.
    Other,
}

/// A kind of value, from the narrowest that all values of a column have.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// There is no value.
    #[default]
    Empty,
    /// True or false.
    Boolean,
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number,
    /// Texts, or values of several kinds.
    Text,
    /// Objects or arrays.
    Nested,
    /// What the format itself calls it.
    Named(String),
}

/// What one file says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// How many rows it has, if that was counted or stands in the file.
    pub rows: Option<u64>,
    /// Its columns with their kinds.
    pub columns: Vec<(String, Kind)>,
}

/// Who wants the digest of each row.
pub trait RowSink {
    /// Takes a row; refuses it where there are too many.
    fn take(&mut self, row: RowDigest) -> Result<(), FormatError>;

    /// Hears of CSV how the columns of its rows are named, if they are, and whether nobody but the first row says so.
    fn columns(&mut self, _names: Option<&[&str]>, _assumed: bool) {}
}

#[cfg(test)]
impl RowSink for Vec<RowDigest> {
    fn take(&mut self, row: RowDigest) -> Result<(), FormatError> {
        self.push(row);
        Ok(())
    }
}

impl DataFormat {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Arrow => "arrow",
            Self::Csv => "csv",
            Self::Image => "image",
            Self::JsonLines => "jsonl",
            Self::Parquet => "parquet",
            Self::Text => "text",
            Self::Other => "other",
        }
    }

    /// Says whether its rows can be compared.
    pub fn has_rows(self) -> bool {
        matches!(self, Self::Csv | Self::JsonLines | Self::Parquet)
    }

    /// Finds out what a file is.
    pub fn of(name: &str, source: &dyn ReadAt) -> std::io::Result<Self> {
        let mut buffer = [0; 16];
        let head = fill(source, 0, &mut buffer)?;
        let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
        Ok(if head.starts_with(parquet::MAGIC) {
            Self::Parquet
        } else if arrow::is(head) {
            Self::Arrow
        } else if is_image(head) {
            Self::Image
        } else {
            match extension.as_str() {
                "csv" | "tsv" => Self::Csv,
                "jsonl" | "ndjson" => Self::JsonLines,
                "txt" => Self::Text,
                _ => Self::Other,
            }
        })
    }

    /// Reads a file of this format. With a sink, all rows are read; without, those of a large file are not counted.
    pub fn read(self, source: &dyn ReadAt, sink: Option<&mut dyn RowSink>) -> Result<Table, FormatError> {
        self.read_as(source, None, sink)
    }

    /// Reads a file of which somebody may have said whether its first row names the columns; only CSV asks.
    pub fn read_as(
        self,
        source: &dyn ReadAt,
        header: Option<bool>,
        sink: Option<&mut dyn RowSink>,
    ) -> Result<Table, FormatError> {
        let counted = sink.is_some() || source.len() <= limits::DATASET_COUNTED_BYTES;
        match self {
            Self::Arrow => arrow::read(source),
            Self::Csv => csv::read(source, header, counted, sink),
            Self::JsonLines => json_lines::read(source, counted, sink),
            Self::Parquet => parquet::read(source, sink),
            Self::Text => text::read(source, counted),
            Self::Image | Self::Other => Ok(Table::default()),
        }
    }
}

/// Knows a picture by its first bytes: PNG, JPEG, GIF, WebP, BMP, TIFF.
fn is_image(head: &[u8]) -> bool {
    let starts: [&[u8]; 7] = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*"];
    starts.iter().any(|start| head.starts_with(start)) || head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP")
}

impl Kind {
    /// Returns the word for it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Empty => "empty",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Text => "text",
            Self::Nested => "nested",
            Self::Named(name) => name,
        }
    }

    /// Finds the narrowest kind of a text.
    fn of_text(text: &str) -> Self {
        match text {
            "" => Self::Empty,
            "true" | "false" | "True" | "False" => Self::Boolean,
            _ if text.parse::<i64>().is_ok() => Self::Integer,
            _ if text.parse::<f64>().is_ok() => Self::Number,
            _ => Self::Text,
        }
    }

    /// Finds the narrowest kind that two have in common.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::Empty, kind) | (kind, Self::Empty) => kind,
            (Self::Integer, Self::Number) | (Self::Number, Self::Integer) => Self::Number,
            _ => Self::Text,
        }
    }
}

/// The columns of rows that name their values, in the order in which they came.
#[derive(Default)]
struct Columns {
    order: Vec<String>,
    kinds: BTreeMap<String, Kind>,
}

impl Columns {
    fn note(&mut self, name: &str, kind: Kind) -> Result<(), FormatError> {
        if let Some(known) = self.kinds.get_mut(name) {
            *known = std::mem::take(known).joined(kind);
            return Ok(());
        }
        FormatError::bounded(self.order.len() as u64 + 1, limits::DATASET_COLUMNS, "columns")?;
        self.order.push(name.to_owned());
        self.kinds.insert(name.to_owned(), kind);
        Ok(())
    }

    fn finish(mut self) -> Vec<(String, Kind)> {
        let kinds = &mut self.kinds;
        self.order
            .into_iter()
            .map(|name| (kinds.remove(&name).unwrap_or_default(), name))
            .map(|(kind, name)| (name, kind))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_decide_before_the_extension() {
        for (name, bytes, format) in [
            ("a.csv", b"a,b\n1,2\n".as_slice(), DataFormat::Csv),
            ("a.csv", b"PAR1....", DataFormat::Parquet),
            ("a.TSV", b"a\tb", DataFormat::Csv),
            ("a.jsonl", b"{}", DataFormat::JsonLines),
            ("a.png", b"\x89PNG\r\n\x1a\n", DataFormat::Image),
            ("a", b"RIFF\0\0\0\0WEBP", DataFormat::Image),
            ("a.arrow", b"ARROW1\0\0", DataFormat::Arrow),
            ("a.arrow", b"\xff\xff\xff\xff\0\0\0\x01", DataFormat::Arrow),
            ("a.txt", b"", DataFormat::Text),
            ("a.bin", b"", DataFormat::Other),
            ("csv", b"", DataFormat::Other),
        ] {
            assert_eq!(DataFormat::of(name, &bytes).unwrap(), format, "{name}");
        }
    }

    #[test]
    fn kinds_widen() {
        assert_eq!(Kind::of_text("1").joined(Kind::of_text("2.5")), Kind::Number);
        assert_eq!(Kind::of_text("").joined(Kind::of_text("true")), Kind::Boolean);
        assert_eq!(Kind::of_text("1").joined(Kind::of_text("x")), Kind::Text);
        assert_eq!(Kind::Nested.joined(Kind::Text), Kind::Text);
    }

    #[test]
    fn hostile_files_cost_little() {
        let noise: Vec<u8> = (0..4_096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let deep = "[".repeat(1 << 20);
        let quote = format!("a,b\n\"{}", "x".repeat(9 << 20));
        for bytes in [b"".as_slice(), b"\0", &noise, deep.as_bytes(), quote.as_bytes(), b"PAR1\xff\xff\xff\xffPAR1"] {
            for format in
                [DataFormat::Arrow, DataFormat::Csv, DataFormat::JsonLines, DataFormat::Parquet, DataFormat::Text]
            {
                // No panic, no hang; what is left is counted or refused.
                let _ = format.read(&bytes, None);
            }
        }
        assert!(DataFormat::Csv.read(&quote.as_bytes(), None).is_err());
        assert!(DataFormat::JsonLines.read(&deep.as_bytes(), None).is_err());
    }
}
