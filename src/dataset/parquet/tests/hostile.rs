//! Files that claim what they have not: an answer soon, in little memory.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::forge::{Fields, Forged, levels, run};
use crate::dataset::{DataFormat, RowDigest, RowSink};
use crate::weights::FormatError;

/// Counts rows, up to what a release may have.
#[derive(Default)]
struct Counted(usize);

impl RowSink for Counted {
    fn take(&mut self, _: RowDigest) -> Result<(), FormatError> {
        self.0 += 1;
        FormatError::bounded(self.0 as u64, 1 << 16, "rows in the test")
    }
}

fn read(file: &[u8]) -> Result<usize, String> {
    let mut rows = Counted::default();
    let read = DataFormat::Parquet.read(&file, Some(&mut rows));
    read.map(|_| rows.0).map_err(|error| error.to_string())
}

fn refused(forged: Forged, words: &str) {
    let error = read(&forged.file()).unwrap_err();
    assert!(error.contains(words) && !error.contains('\u{1b}'), "{error}");
}

/// A page of values that all stand at the first place of the dictionary.
fn same(values: u64) -> Vec<u8> {
    [vec![1], run(values, 0)].concat()
}

#[test]
fn a_forged_file_is_read() {
    let plain = [4_u32.to_le_bytes().as_slice(), b"text"].concat();
    assert_eq!(read(&Forged::default().page(1, 0, &plain).file()), Ok(1));
    let forged = Forged { values: 3, rows: 3, ..Forged::default() };
    assert_eq!(read(&forged.dictionary(b"text").page(3, 8, &same(3)).file()), Ok(3));
    let list = [levels(&[run(1, 0), run(2, 1)]), levels(&[run(3, 1)]), same(3)].concat();
    let forged = Forged { repeated: true, values: 3, ..Forged::default() };
    assert_eq!(read(&forged.dictionary(b"text").page(3, 8, &list).file()), Ok(1));
}

#[test]
fn claims_of_rows_and_values_cost_nothing() {
    let many = 1 << 60;
    refused(Forged { rows: many, values: many, ..Forged::default() }.page(1, 0, &[0; 4]), "fewer values than it says");
    refused(Forged { rows: many, values: 1, ..Forged::default() }.page(1, 0, &[0; 4]), "rows that other columns have");
    refused(Forged { values: 2, ..Forged::default() }.page(2, 0, &[0; 8]), "rows that other columns have");
    refused(Forged { values: 1, ..Forged::default() }.page(2, 0, &[0; 8]), "more values in its pages");
    refused(Forged { rows: -1, ..Forged::default() }.page(1, 0, &[0; 4]), "no number of rows");
    // As many rows as a run can say: the one who takes them has enough at some time.
    let endless = Forged { rows: 1 << 30, values: 1 << 30, ..Forged::default() };
    refused(endless.dictionary(b"x").page(1 << 30, 8, &same(1 << 30)), "more than 65536 rows");
}

#[test]
fn a_long_row_is_refused() {
    let values = 1 << 30;
    let list = [levels(&[run(1, 0), run(values - 1, 1)]), levels(&[run(values, 1)]), same(values)].concat();
    let forged = || Forged { repeated: true, values: 1 << 30, ..Forged::default() };
    refused(forged().dictionary(b"").page(1 << 30, 8, &list), "more than 100000 values in one row");
    let text = vec![b'x'; 1 << 20];
    refused(forged().dictionary(&text).page(1 << 30, 8, &list), "more than 8388608 bytes of one row");
}

#[test]
fn sizes_are_held_against_the_file() {
    let page = |packed, unpacked| {
        let inner = Fields::default().number(1, 1).number(2, 0).number(3, 3).number(4, 3);
        let header = Fields::default().number(1, 0).number(2, unpacked).number(3, packed).part(5, inner);
        Forged { pages: [header.finish(), vec![0; 4]].concat(), codec: 6, ..Forged::default() }
    };
    refused(page(4, i64::from(i32::MAX)), "pages and dictionaries at one time");
    refused(page(5, 4), "longer than its column");
    refused(page(4, -1), "no header");
    refused(page(4, 250 << 20), "does not unpack");
    refused(Forged::default(), "fewer values than it says");
    refused(Forged { chunk: |_| Fields::default(), ..Forged::default() }, "another type");
}

#[test]
fn what_is_not_read_is_named_with_its_column() {
    let page = || Forged::default().page(1, 0, &[0; 4]);
    refused(Forged { codec: 3, ..page() }, "the column `a\\u{1b}` is packed with LZO");
    refused(Forged { codec: 5, ..page() }, "LZ4 (with frames of Hadoop)");
    refused(Forged { codec: 99, ..page() }, "an unknown codec, 99");
    refused(Forged { chunk: |chunk| chunk.part(8, Fields::default()), ..page() }, "encrypted");
    refused(Forged { chunk: |chunk| chunk.text(8, ""), ..page() }, "encrypted");
    refused(Forged::default().page(1, 4, &[0; 4]), "the encoding 4");
    refused(Forged::default().page(1, 5, &[0; 4]), "the encoding 5");
    refused(Forged::default().page(1, 8, &[1, 2, 0]), "has no dictionary");
    refused(Forged::default().dictionary(b"x").page(1, 8, &[1, 2, 1]), "its dictionary has not");
    refused(Forged::default().dictionary(b"x").dictionary(b"x"), "two dictionaries");
}

/// Runs a property so many times, each time the same way.
fn check<S: Strategy>(cases: u32, strategy: S, property: impl Fn(S::Value)) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let run = TestRunner::new_with_rng(config, seed).run(&strategy, |value| {
        property(value);
        Ok(())
    });
    run.unwrap_or_else(|fault| panic!("{fault}"));
}

#[test]
fn damage_is_an_error_or_other_rows() {
    let files: Vec<Vec<u8>> = ["none", "encodings", "pages", "snappy", "gzip", "brotli", "zstd", "lz4"]
        .iter()
        .map(|name| {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/datasets/parquet");
            std::fs::read(format!("{folder}/{name}.parquet")).unwrap()
        })
        .collect();
    let flips = prop::collection::vec((any::<prop::sample::Index>(), 0..8_u8), 1..4);
    check(3_000, (0..files.len(), flips), |(file, flips)| {
        let mut bytes = files[file].clone();
        for (place, bit) in flips {
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
        }
        // No panic and no hang: whatever is left has at most the rows that it says.
        let _ = read(&bytes);
    });
    check(300, (0..files.len(), any::<prop::sample::Index>()), |(file, end)| {
        let bytes = &files[file];
        assert!(read(&bytes[..end.index(bytes.len())]).is_err());
    });
}
