//! Tables: Parquet and Arrow. Their readers build columns of numbers and texts; but an extension type may be a pickle.

use data_encoding::BASE64;
use memchr::memmem;

use crate::limits;
use crate::path::TreePath;
use crate::scan::polyglot::has;
use crate::scan::{Check, Context, Format, Head, Observation, Rating, Reason, Sheet, Stop};
use crate::source::{ReadAt, exactly};

const PARQUET: &[u8] = b"PAR1";
const ARROW: &[u8] = b"ARROW1";
/// Marks that stand at the start and at the end; the last is Feather's first version, which has no extension types.
const MARKS: &[&[u8]] = &[PARQUET, ARROW, b"FEA1"];

/// Extension types whose metadata or values are code, and who runs it: pyarrow before 14.0.1 (CVE-2023-47248), Ray, and
/// the arrow package of R before 17 (CVE-2024-52338).
const EXECUTED: &[&str] = &["arrow.py_extension_type", "ray.data.arrow_pickled_object", "arrow.r.vctrs"];
/// Characters of base64 from which a schema may be read.
const BASE64_LENGTH: usize = 32;

/// Parquet, Arrow files, Feather.
pub(super) struct Table;

impl Check for Table {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        MARKS.iter().any(|mark| head.bytes.starts_with(mark)).then_some(Format::Table)
    }

    fn scan(&self, source: &dyn ReadAt, _: &TreePath, _: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        let length = source.len();
        let mark = MARKS.iter().find(|mark| {
            let size = mark.len();
            length >= 2 * size && has(source, 0, mark) && has(source, length - size, mark)
        });
        match mark.copied() {
            None => return Err(Stop::Malformed(length, "the table has no end".to_owned())),
            Some(PARQUET) => judge(&footer(source, PARQUET)?, sheet),
            Some(ARROW) => {
                judge(&schema(source)?, sheet);
                judge(&footer(source, ARROW)?, sheet);
            }
            Some(_) => {}
        }
        Ok(())
    }
}

/// Returns what stands before the mark at the end, and before its length: the metadata of the table.
fn footer(source: &dyn ReadAt, mark: &[u8]) -> Result<Vec<u8>, Stop> {
    let trailer = mark.len() as u64 + 4;
    let end = source.len().checked_sub(trailer).ok_or_else(|| too_short(source))?;
    let start = end.checked_sub(size_at(source, end)?).filter(|start| *start >= mark.len() as u64);
    read(source, start.ok_or_else(|| too_short(source))?, end)
}

/// Returns the first message of an Arrow file, which is its schema, with or without the mark of later versions.
fn schema(source: &dyn ReadAt) -> Result<Vec<u8>, Stop> {
    let first = size_at(source, 8)?;
    let (start, size) = if first == u64::from(u32::MAX) { (16, size_at(source, 12)?) } else { (12, first) };
    read(source, start, start.saturating_add(size))
}

fn size_at(source: &dyn ReadAt, offset: u64) -> Result<u64, Stop> {
    let bytes = exactly(source, offset, 4)?;
    Ok(bytes.iter().rev().fold(0, |size, byte| size << 8 | u64::from(*byte)))
}

fn read(source: &dyn ReadAt, start: u64, end: u64) -> Result<Vec<u8>, Stop> {
    let size = end.saturating_sub(start);
    if end > source.len() {
        return Err(too_short(source));
    }
    if size > limits::PARQUET_METADATA_BYTES {
        let limit = crate::text::bytes(limits::PARQUET_METADATA_BYTES);
        return Err(Stop::Limit(format!("metadata of a table of more than {limit}")));
    }
    Ok(exactly(source, start, usize::try_from(size).unwrap_or(usize::MAX))?)
}

fn too_short(source: &dyn ReadAt) -> Stop {
    Stop::Malformed(source.len(), "the metadata of the table does not fit in it".to_owned())
}

/// Looks for extension types by their names, which stand in the schema as they are; Parquet has that schema in base64.
fn judge(metadata: &[u8], sheet: &mut Sheet) {
    let mut names: Vec<&str> = EXECUTED.iter().filter(|name| contains(metadata, name)).copied().collect();
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    for run in metadata.split(|byte| !is_base64(byte)).filter(|run| run.get(..BASE64_LENGTH).is_some()) {
        // What stands before the text may look like a part of it.
        for text in (0..4).filter_map(|at| run.get(at..)) {
            let decoded = BASE64.decode(text.get(..text.len() / 4 * 4).unwrap_or_default()).unwrap_or_default();
            names.extend(EXECUTED.iter().filter(|name| contains(&decoded, name)));
        }
    }
    names.sort_unstable();
    names.dedup();
    for name in names {
        let summary = "a column has a type that its readers unpickle";
        sheet.report(Observation::new(Reason::EmbeddedPickle, Rating::Suspicious, summary).called(name));
    }
}

fn contains(bytes: &[u8], name: &str) -> bool {
    memmem::find(bytes, name.as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::test_support::scan;

    fn parquet(metadata: &[u8]) -> Vec<u8> {
        let size = u32::try_from(metadata.len()).unwrap().to_le_bytes();
        [PARQUET, b"data", metadata, &size, PARQUET].concat()
    }

    fn arrow(schema: &[u8], footer: &[u8]) -> Vec<u8> {
        let size = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_le_bytes();
        [ARROW, b"\0\0\xff\xff\xff\xff", &size(schema), schema, footer, &size(footer), ARROW].concat()
    }

    #[test]
    fn tables_have_two_ends_and_metadata() {
        assert_eq!(scan("a.parquet", &parquet(b"\x15\x04")).rating, Rating::Inert);
        assert_eq!(scan("a.arrow", &arrow(b"schema", b"footer")).rating, Rating::Inert);
        assert_eq!(scan("a.feather", b"FEA1....FEA1").rating, Rating::Inert);
        for bytes in [&b"PAR1"[..], b"PAR1....PAR", b"PAR1....ARROW1", b"PAR1....PAR1", b"ARROW1\0\0....ARROW1"] {
            assert_eq!(scan("a.parquet", bytes).rating, Rating::Unknown);
        }
    }

    #[test]
    fn types_that_readers_unpickle_are_suspicious() {
        for name in EXECUTED {
            let inside = format!("ARROW:extension:name{name}...");
            let before = ["", "x", "xy", "xyz"].map(|before| {
                parquet(format!("ARROW:schema\x18{before}{}", BASE64.encode(inside.as_bytes())).as_bytes())
            });
            let plain = [parquet(inside.as_bytes()), arrow(inside.as_bytes(), b""), arrow(b"", inside.as_bytes())];
            for bytes in before.iter().chain(&plain) {
                let scan = scan("a", bytes);
                assert_eq!(scan.rating, Rating::Suspicious, "{name}");
                assert_eq!(scan.observations[0].reason, Reason::EmbeddedPickle);
            }
        }
    }
}
