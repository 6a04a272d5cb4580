//! The metadata of files. What is done with rows is in `tests/rows.rs`.

use super::*;

mod forge;
mod hostile;
mod rows;

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
    let table = read(&file(), None).unwrap();
    assert_eq!(table.rows, Some(7));
    let column = |name: &str, kind: &str| (name.to_owned(), Kind::Named(kind.to_owned()));
    assert_eq!(table.columns, [column("text", "text"), column("label", "int64")]);
}

#[test]
fn a_file_of_another_library_is_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/datasets/rows.parquet");
    let table = read(&std::fs::read(path).unwrap(), None).unwrap();
    let column = |name: &str, kind: &str| (name.to_owned(), Kind::Named(kind.to_owned()));
    let columns =
        [column("text", "text"), column("label", "int64"), column("tags", "nested"), column("score", "double")];
    assert_eq!((table.rows, table.columns), (Some(3), columns.to_vec()));
}

#[test]
fn every_truncation_is_an_error() {
    let whole = file();
    for end in 0..whole.len() {
        assert!(read(&whole[..end].to_vec(), None).is_err(), "{end}");
    }
}

#[test]
fn claims_are_checked() {
    let mut long = file();
    let place = long.len() - 8;
    long[place..place + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(read(&long, None).is_err());
    let mut children = file();
    let place = children.windows(6).position(|window| window == b"schema").unwrap() + 7;
    children[place] = 0x0e;
    assert!(read(&children, None).is_err());
}

#[test]
fn noise_is_no_panic() {
    let whole = file();
    for place in 0..whole.len() {
        for byte in [0, 0x1c, 0x7f, 0xff] {
            let mut changed = whole.clone();
            changed[place] = byte;
            let _ = read(&changed, None);
        }
    }
}
