//! Apache Parquet: the metadata at the end of the file say how many rows there are, and of what.

use crate::dataset::thrift::{Reader, Value};
use crate::dataset::{Kind, Table};
use crate::limits;
use crate::source::{ReadAt, exactly};
use crate::weights::FormatError;

/// How a file begins and ends.
pub(super) const MAGIC: &[u8; 4] = b"PAR1";

/// The physical types (`parquet.thrift`, "Type").
const TYPES: [&str; 8] =
    ["boolean", "int32", "int64", "int96", "float", "double", "byte_array", "fixed_len_byte_array"];

/// Reads the metadata.
pub(super) fn read(source: &dyn ReadAt) -> Result<Table, FormatError> {
    let metadata = metadata(source)?;
    let mut reader = Reader::new(&metadata);
    let (mut rows, mut elements) = (None, Vec::new());
    reader.fields(|reader, field, value| match (field, value) {
        (2, Value::List(12, count)) => {
            for _ in 0..count {
                elements.push(element(reader)?);
                FormatError::bounded(elements.len() as u64, 2 * limits::DATASET_COLUMNS, "columns")?;
            }
            Ok(())
        }
        (3, Value::Number(number)) => {
            rows = Some(number);
            Ok(())
        }
        (_, value) => reader.skip(value),
    })?;
    let rows = rows.and_then(|rows| u64::try_from(rows).ok());
    let rows = rows.ok_or_else(|| FormatError::malformed(0, "the metadata name no number of rows"))?;
    Ok(Table { rows: Some(rows), columns: columns(&elements)? })
}

fn metadata(source: &dyn ReadAt) -> Result<Vec<u8>, FormatError> {
    let start = source.len().checked_sub(8).filter(|start| *start >= 4);
    let start = start.ok_or_else(|| FormatError::malformed(0, "the file is too short to be Parquet"))?;
    let tail = exactly(source, start, 8)?;
    let (length, magic) = tail.split_at(4);
    if magic != MAGIC {
        return Err(FormatError::malformed(start + 4, "the file does not end as Parquet does"));
    }
    let length = u32::from_le_bytes(length.try_into().unwrap_or_default());
    FormatError::bounded(u64::from(length), limits::PARQUET_METADATA_BYTES, "bytes of metadata")?;
    let place = start.checked_sub(u64::from(length)).filter(|place| *place >= 4);
    let place = place.ok_or_else(|| FormatError::malformed(start, "the metadata are longer than the file"))?;
    Ok(exactly(source, place, length as usize)?)
}

/// A part of the schema; they stand one behind another, each before its children.
struct Element {
    name: String,
    kind: Option<&'static str>,
    children: u64,
}

fn element(reader: &mut Reader<'_>) -> Result<Element, FormatError> {
    let mut element = Element { name: String::new(), kind: None, children: 0 };
    reader.fields(|reader, field, value| {
        match (field, value) {
            (1, Value::Number(number)) => {
                element.kind = usize::try_from(number).ok().and_then(|number| TYPES.get(number)).copied();
            }
            (4, Value::Bytes(name)) => element.name = String::from_utf8_lossy(name).into_owned(),
            (5, Value::Number(count)) => element.children = u64::try_from(count).unwrap_or_default(),
            // A text is said so by its converted or its logical type.
            (6, Value::Number(0)) => element.kind = Some("text"),
            (10, Value::Struct) => {
                return reader.fields(|reader, field, value| {
                    if field == 1 {
                        element.kind = Some("text");
                    }
                    reader.skip(value)
                });
            }
            (_, value) => return reader.skip(value),
        }
        Ok(())
    })?;
    Ok(element)
}

/// Returns the columns at the top: one with children is nested.
fn columns(elements: &[Element]) -> Result<Vec<(String, Kind)>, FormatError> {
    let Some((root, rest)) = elements.split_first() else { return Ok(Vec::new()) };
    let fault = || FormatError::malformed(0, "the schema has other parts than it says");
    let (mut columns, mut rest) = (Vec::new(), rest.iter());
    for _ in 0..root.children {
        let top = rest.next().ok_or_else(fault)?;
        let mut open = top.children;
        while open > 0 {
            let inner = rest.next().ok_or_else(fault)?;
            open = (open - 1).checked_add(inner.children).ok_or_else(fault)?;
        }
        let kind = if top.children > 0 { "nested" } else { top.kind.unwrap_or("unknown") };
        columns.push((top.name.clone(), Kind::Named(kind.to_owned())));
    }
    if rest.next().is_some() { Err(fault()) } else { Ok(columns) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with the columns `text` (a text) and `label` (int64), and seven rows.
    fn file() -> Vec<u8> {
        let mut metadata = vec![0x15, 0x04, 0x19, 0x3c];
        metadata.extend([0x48, 6]);
        metadata.extend(b"schema");
        metadata.extend([0x15, 0x04, 0]);
        metadata.extend([0x15, 0x0c, 0x38, 4]);
        metadata.extend(b"text");
        metadata.extend([0x25, 0x00, 0]);
        metadata.extend([0x15, 0x04, 0x38, 5]);
        metadata.extend(b"label");
        metadata.extend([0, 0x16, 0x0e, 0x19, 0x0c, 0]);
        let mut file = b"PAR1".to_vec();
        file.extend(&metadata);
        file.extend(u32::try_from(metadata.len()).unwrap().to_le_bytes());
        file.extend(b"PAR1");
        file
    }

    #[test]
    fn rows_and_columns_stand_at_the_end() {
        let table = read(&file()).unwrap();
        assert_eq!(table.rows, Some(7));
        let column = |name: &str, kind: &str| (name.to_owned(), Kind::Named(kind.to_owned()));
        assert_eq!(table.columns, [column("text", "text"), column("label", "int64")]);
    }

    #[test]
    fn a_file_of_another_library_is_read() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/datasets/rows.parquet");
        let table = read(&std::fs::read(path).unwrap()).unwrap();
        let column = |name: &str, kind: &str| (name.to_owned(), Kind::Named(kind.to_owned()));
        let columns =
            [column("text", "text"), column("label", "int64"), column("tags", "nested"), column("score", "double")];
        assert_eq!((table.rows, table.columns), (Some(3), columns.to_vec()));
    }

    #[test]
    fn every_truncation_is_an_error() {
        let whole = file();
        for end in 0..whole.len() {
            assert!(read(&whole[..end].to_vec()).is_err(), "{end}");
        }
    }

    #[test]
    fn claims_are_checked() {
        let mut long = file();
        let place = long.len() - 8;
        long[place..place + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(read(&long).is_err());
        let mut children = file();
        let place = children.windows(6).position(|window| window == b"schema").unwrap() + 7;
        children[place] = 0x0e;
        assert!(read(&children).is_err());
    }

    #[test]
    fn noise_is_no_panic() {
        let whole = file();
        for place in 0..whole.len() {
            for byte in [0, 0x1c, 0x7f, 0xff] {
                let mut changed = whole.clone();
                changed[place] = byte;
                let _ = read(&changed);
            }
        }
    }
}
