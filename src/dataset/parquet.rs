//! Apache Parquet: the metadata at the end of the file say how many rows there are, of what, and where.
//!
//! Rows are put together one at a time, from one page and one dictionary of each column. Each size that the file claims is
//! held against its own bytes, and against what all of it may cost ([`meter`]), before memory is spent.

use crate::dataset::thrift::{Reader, Value};
use crate::dataset::{Kind, RowSink, Table};
use crate::limits;
use crate::source::{ReadAt, exactly};
use crate::weights::FormatError;

use chunk::Group;
use element::Element;
use meter::Meter;
use schema::Schema;

mod assembly;
mod chunk;
mod codec;
mod column;
mod delta;
mod element;
mod hybrid;
mod meaning;
mod meter;
mod page;
mod schema;
#[cfg(test)]
mod tests;
mod values;

/// How a file begins and ends.
pub(super) const MAGIC: &[u8; 4] = b"PAR1";

/// What the metadata say.
struct Footer {
    rows: u64,
    elements: Vec<Element>,
    /// Where in the metadata the row groups stand, and how many there are.
    groups: Option<(usize, u64)>,
}

/// Reads the metadata, and the rows if somebody wants them.
pub(super) fn read(source: &dyn ReadAt, sink: Option<&mut dyn RowSink>) -> Result<Table, FormatError> {
    let metadata = metadata(source)?;
    let footer = Footer::read(&metadata)?;
    if let Some(sink) = sink {
        footer.read_rows(source, &metadata, sink)?;
    }
    Ok(Table { rows: Some(footer.rows), columns: columns(&footer.elements)? })
}

impl Footer {
    fn read(metadata: &[u8]) -> Result<Self, FormatError> {
        let (mut rows, mut elements, mut groups) = (None, Vec::new(), None);
        Reader::new(metadata).fields(|reader, field, value| match (field, value) {
            (2, Value::List(12, count)) => {
                for _ in 0..count {
                    elements.push(Element::read(reader)?);
                    FormatError::bounded(elements.len() as u64, 2 * limits::DATASET_COLUMNS, "columns")?;
                }
                Ok(())
            }
            (3, Value::Number(number)) => {
                rows = Some(number);
                Ok(())
            }
            (4, Value::List(12, count)) => {
                groups = Some((reader.offset(), count));
                reader.skip(value)
            }
            (_, value) => reader.skip(value),
        })?;
        let rows = rows.and_then(|rows| u64::try_from(rows).ok());
        let rows = rows.ok_or_else(|| FormatError::malformed(0, "the metadata name no number of rows"))?;
        Ok(Self { rows, elements, groups })
    }

    /// Reads all rows, of which there must be as many as the metadata say.
    fn read_rows(&self, source: &dyn ReadAt, metadata: &[u8], sink: &mut dyn RowSink) -> Result<(), FormatError> {
        let (schema, meter) = (Schema::of(&self.elements)?, Meter::default());
        let (offset, count) = self.groups.unwrap_or_default();
        let mut groups = Reader::at(metadata, offset);
        let mut left = Some(self.rows);
        for _ in 0..count {
            let group = Group::read(&mut groups, &schema.leaves, source.len())?;
            left = left.and_then(|left| left.checked_sub(group.rows));
            if left.is_some() {
                assembly::rows(source, &schema, &group, &meter, sink)?;
            }
        }
        if left == Some(0) {
            return Ok(());
        }
        Err(FormatError::malformed(0, "the row groups have other rows than the metadata say"))
    }
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
        let kind = if top.children > 0 { Kind::Named("nested".to_owned()) } else { top.kind() };
        columns.push((top.name.clone(), kind));
    }
    if rest.next().is_some() { Err(fault()) } else { Ok(columns) }
}
