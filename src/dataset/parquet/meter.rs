//! What reading the rows of one file may cost, whatever the file claims.

use std::cell::Cell;

use crate::limits;
use crate::weights::FormatError;

/// What one value costs besides its bytes: a null of a long list has none, and takes its time.
const VALUE: u64 = 8;

/// Counts what is held in memory, what was unpacked in all, and what the current row has.
#[derive(Default)]
pub(super) struct Meter {
    open: Cell<u64>,
    unpacked: Cell<u64>,
    row_bytes: Cell<u64>,
    row_values: Cell<u64>,
}

impl Meter {
    /// Takes memory for a page or a dictionary, before it is there.
    pub(super) fn open(&self, bytes: u64) -> Result<(), FormatError> {
        let noun = "bytes of pages and dictionaries at one time: write the file with smaller pages or fewer columns";
        add(&self.open, bytes, limits::PARQUET_OPEN_BYTES, noun)?;
        self.unpack(bytes)
    }

    /// Gives memory back.
    pub(super) fn close(&self, bytes: u64) {
        self.open.set(self.open.get().saturating_sub(bytes));
    }

    /// Begins a row.
    pub(super) fn begin_row(&self) {
        self.row_bytes.set(0);
        self.row_values.set(0);
    }

    /// Takes a value of so many bytes into the row, before it is copied.
    pub(super) fn value(&self, bytes: usize) -> Result<(), FormatError> {
        add(&self.row_values, 1, limits::DATASET_ROW_NODES as u64, "values in one row")?;
        add(&self.row_bytes, bytes as u64, limits::DATASET_ROW_BYTES, "bytes of one row")?;
        self.unpack((bytes as u64).saturating_add(VALUE))
    }

    fn unpack(&self, bytes: u64) -> Result<(), FormatError> {
        add(&self.unpacked, bytes, limits::PARQUET_UNPACKED_BYTES, "bytes when unpacked")
    }
}

fn add(counter: &Cell<u64>, count: u64, limit: u64, noun: &'static str) -> Result<(), FormatError> {
    let sum = counter.get().saturating_add(count);
    FormatError::bounded(sum, limit, noun)?;
    counter.set(sum);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_is_one() {
        let meter = Meter::default();
        assert!(meter.open(limits::PARQUET_OPEN_BYTES).is_ok() && meter.open(1).is_err());
        meter.close(1);
        assert!(meter.open(1).is_ok());
        assert!(meter.value(usize::MAX).is_err());
        let row = usize::try_from(limits::DATASET_ROW_BYTES).unwrap();
        meter.begin_row();
        assert!(meter.value(row).is_ok() && meter.value(1).is_err());
        meter.begin_row();
        assert!((0..limits::DATASET_ROW_NODES).all(|_| meter.value(0).is_ok()) && meter.value(0).is_err());
        let all = (0..1 << 20).take_while(|_| {
            meter.begin_row();
            meter.value(row).is_ok()
        });
        assert!(all.count() as u64 <= limits::PARQUET_UNPACKED_BYTES / limits::DATASET_ROW_BYTES);
    }
}
