//! Rows of Parquet.

use assaymark::dataset::{DataFormat, RowDigest, RowSink, Table};
use assaymark::source::ReadAt;
use assaymark::weights::FormatError;

/// More rows than a small file needs: what claims more is not followed for long.
const MOST: u64 = 64;

/// Takes rows up to a limit.
#[derive(Default)]
struct Rows(Vec<RowDigest>);

impl RowSink for Rows {
    fn take(&mut self, row: RowDigest) -> Result<(), FormatError> {
        self.0.push(row);
        FormatError::bounded(self.0.len() as u64, MOST, "rows")
    }
}

fn read(source: &dyn ReadAt) -> Result<(Table, Vec<RowDigest>), FormatError> {
    let mut rows = Rows::default();
    let table = DataFormat::Parquet.read(source, Some(&mut rows))?;
    Ok((table, rows.0))
}

/// A file has as many rows as it says, the same in small pieces; what is said without reading them is the same.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    super::same_in_pieces(data, read);
    if let Ok((table, rows)) = read(&data) {
        assert_eq!(table.rows, Some(rows.len() as u64), "other rows than it says");
        let said = DataFormat::Parquet.read(&data, None).expect("metadata that were read");
        assert_eq!(said, table, "the rows change what the metadata say");
    }
}
