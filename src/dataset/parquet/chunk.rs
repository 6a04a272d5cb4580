//! Row groups, and where the columns of each stand.

use crate::dataset::parquet::codec::Codec;
use crate::dataset::parquet::element::physical;
use crate::dataset::parquet::schema::Leaf;
use crate::dataset::thrift::{Reader, Value};
use crate::weights::FormatError;

/// So many rows, column by column.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) rows: u64,
    pub(super) chunks: Vec<Chunk>,
}

/// The pages of a column in a row group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk {
    pub(super) codec: Codec,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) values: u64,
}

/// What the metadata say of a column.
#[derive(Default)]
struct Stated {
    elsewhere: bool,
    encrypted: bool,
    kind: Option<i64>,
    codec: i64,
    values: Option<u64>,
    length: Option<u64>,
    pages: Option<u64>,
    dictionary: Option<u64>,
}

impl Group {
    /// Reads the metadata of a row group.
    pub(super) fn read(reader: &mut Reader<'_>, leaves: &[Leaf], file: u64) -> Result<Self, FormatError> {
        let (mut rows, mut chunks) = (None, Vec::new());
        reader.fields(|reader, field, value| match (field, value) {
            (1, Value::List(12, count)) => {
                for _ in 0..count {
                    let leaf = leaves.get(chunks.len()).ok_or_else(|| fault("more columns than the schema"))?;
                    chunks.push(stated(reader)?.chunk(leaf, file)?);
                }
                Ok(())
            }
            (3, Value::Number(number)) => {
                rows = u64::try_from(number).ok();
                Ok(())
            }
            (_, value) => reader.skip(value),
        })?;
        if chunks.len() != leaves.len() {
            return Err(fault("fewer columns than the schema"));
        }
        Ok(Self { rows: rows.ok_or_else(|| fault("no number of rows"))?, chunks })
    }
}

fn fault(what: &str) -> FormatError {
    FormatError::malformed(0, format!("a row group has {what}"))
}

fn stated(reader: &mut Reader<'_>) -> Result<Stated, FormatError> {
    let mut stated = Stated::default();
    reader.fields(|reader, field, value| {
        match (field, value) {
            (3, Value::Struct) => return metadata(reader, &mut stated),
            (1, _) => stated.elsewhere = true,
            (8 | 9, _) => stated.encrypted = true,
            _ => {}
        }
        reader.skip(value)
    })?;
    Ok(stated)
}

fn metadata(reader: &mut Reader<'_>, stated: &mut Stated) -> Result<(), FormatError> {
    reader.fields(|reader, field, value| {
        let Value::Number(number) = value else { return reader.skip(value) };
        let place = u64::try_from(number).ok();
        match field {
            1 => stated.kind = Some(number),
            4 => stated.codec = number,
            5 => stated.values = place,
            7 => stated.length = place,
            9 => stated.pages = place,
            // Some writers say 0 for none.
            11 => stated.dictionary = place.filter(|place| *place > 0),
            _ => {}
        }
        Ok(())
    })
}

impl Stated {
    fn chunk(&self, leaf: &Leaf, file: u64) -> Result<Chunk, FormatError> {
        let column = &leaf.path;
        let odd = |what: &str| FormatError::malformed(0, format!("the column `{column}` {what}"));
        if self.encrypted {
            return Err(FormatError::Unsupported(format!(
                "the column `{column}` is encrypted: write the file without encryption to have its rows compared"
            )));
        }
        if self.elsewhere {
            return Err(FormatError::Unsupported(format!(
                "the column `{column}` stands in another file: write one file with all columns"
            )));
        }
        if self.kind.and_then(physical) != Some(leaf.physical) {
            return Err(odd("has another type than in the schema"));
        }
        let codec = Codec::of(self.codec).map_err(|name| {
            FormatError::Unsupported(format!(
                "the column `{column}` is packed with {name}, which is not read: write the file again with zstd, snappy, gzip, \
                 brotli, lz4_raw or without compression"
            ))
        })?;
        let (Some(values), Some(pages), Some(length)) = (self.values, self.pages, self.length) else {
            return Err(odd("does not say where it is"));
        };
        let start = self.dictionary.map_or(pages, |dictionary| dictionary.min(pages));
        let end = start.checked_add(length).filter(|end| *end <= file);
        Ok(Chunk { codec, start, end: end.ok_or_else(|| odd("is longer than the file"))?, values })
    }
}
