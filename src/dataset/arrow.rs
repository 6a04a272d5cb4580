//! Arrow IPC: messages behind each other, the first with the schema. A file has a frame around the stream.

use crate::dataset::{Kind, Table};
use crate::limits;
use crate::source::{ReadAt, Window, exactly};
use crate::weights::FormatError;
use crate::weights::flatbuffer;

/// How a file begins, and how much of it stands before the stream.
const FILE_MAGIC: &[u8; 6] = b"ARROW1";
const FILE_HEAD: u64 = 8;
/// What stands before each message.
const CONTINUATION: u32 = u32::MAX;

/// The types of messages (`Message.fbs`, `MessageHeader`).
const SCHEMA: i8 = 1;
const RECORD_BATCH: i8 = 3;

/// The types of columns (`Schema.fbs`, "Type").
const TYPES: [&str; 27] = [
    "none",
    "null",
    "int",
    "floating-point",
    "binary",
    "text",
    "boolean",
    "decimal",
    "date",
    "time",
    "timestamp",
    "interval",
    "list",
    "struct",
    "union",
    "fixed-size-binary",
    "fixed-size-list",
    "map",
    "duration",
    "large-binary",
    "text",
    "large-list",
    "run-end-encoded",
    "binary-view",
    "text",
    "list-view",
    "large-list-view",
];

/// Knows it by its first bytes.
pub(super) fn is(head: &[u8]) -> bool {
    head.starts_with(FILE_MAGIC) || head.starts_with(&CONTINUATION.to_le_bytes())
}

/// Walks through the messages, from one head to the next.
pub(super) fn read(source: &dyn ReadAt) -> Result<Table, FormatError> {
    let head = exactly(source, 0, FILE_MAGIC.len()).unwrap_or_default();
    let mut offset = if head == FILE_MAGIC { FILE_HEAD } else { 0 };
    let mut table = Table::default();
    let mut rows = 0_u64;
    for _ in 0..limits::ARROW_MESSAGES {
        let Some(message) = message(source, offset)? else {
            return Ok(Table { rows: Some(rows), ..table });
        };
        match message.kind {
            SCHEMA if table.columns.is_empty() => table.columns = columns(&message.header)?,
            RECORD_BATCH => {
                let count = u64::try_from(message.header.long(0)?).ok().and_then(|count| rows.checked_add(count));
                rows = count.ok_or_else(|| FormatError::malformed(offset, "a batch has no valid number of rows"))?;
            }
            _ => {}
        }
        offset = message.end;
    }
    Err(FormatError::Limit { limit: limits::ARROW_MESSAGES, noun: "messages" })
}

struct Message<'s> {
    kind: i8,
    header: flatbuffer::Table<'s>,
    end: u64,
}

/// Reads the message at a place; none where the stream ends.
fn message(source: &dyn ReadAt, offset: u64) -> Result<Option<Message<'_>>, FormatError> {
    if offset >= source.len() {
        return Ok(None);
    }
    let fault = |message: &str| FormatError::malformed(offset, message);
    let early = |_| fault("the stream ends inside a message");
    let word = |at: u64| exactly(source, at, 4).map(|bytes| u32::from_le_bytes(bytes.try_into().unwrap_or_default()));
    let first = word(offset).map_err(early)?;
    // Before version 0.15 there was no mark.
    let (length, start) =
        if first == CONTINUATION { (word(offset + 4).map_err(early)?, offset + 8) } else { (first, offset + 4) };
    if length == 0 {
        return Ok(None);
    }
    let metadata = Window::new(source, start, u64::from(length));
    if metadata.len() < u64::from(length) {
        return Err(fault("the stream ends inside a message"));
    }
    let root = flatbuffer::Table::root_at(source, start)?;
    let body = u64::try_from(root.long(3)?).map_err(|_| fault("a message has no valid length"))?;
    let end = start.checked_add(u64::from(length)).and_then(|end| end.checked_add(body));
    let end = end.filter(|end| *end <= source.len()).ok_or_else(|| fault("the stream ends inside a message"))?;
    let header = root.table(2)?.ok_or_else(|| fault("a message has no header"))?;
    Ok(Some(Message { kind: root.byte(1)?, header, end }))
}

fn columns(schema: &flatbuffer::Table<'_>) -> Result<Vec<(String, Kind)>, FormatError> {
    let fields = schema.tables(1, limits::DATASET_COLUMNS)?;
    let column = |field: &flatbuffer::Table<'_>| {
        let name = field.text(0, limits::GRAPH_NAME_BYTES)?.unwrap_or_default();
        let kind = usize::try_from(field.byte(2)?).ok().and_then(|kind| TYPES.get(kind)).copied();
        Ok((name, Kind::Named(kind.unwrap_or("unknown").to_owned())))
    };
    fields.iter().map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/testdata/datasets/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn files_and_streams_of_another_library_are_read() {
        for name in ["rows.arrow", "stream.arrow"] {
            let table = read(&file(name)).unwrap();
            let column = |name: &str, kind: &str| (name.to_owned(), Kind::Named(kind.to_owned()));
            let columns = [
                column("text", "text"),
                column("label", "int"),
                column("tags", "list"),
                column("score", "floating-point"),
            ];
            assert_eq!((table.rows, table.columns), (Some(3), columns.to_vec()), "{name}");
        }
    }

    #[test]
    fn noise_is_no_panic() {
        let whole = file("stream.arrow");
        for end in 0..whole.len() {
            let _ = read(&whole[..end].to_vec());
        }
        for place in 0..whole.len() {
            for byte in [0, 1, 0x7f, 0xff] {
                let mut changed = whole.clone();
                changed[place] = byte;
                let _ = read(&changed);
            }
        }
    }
}
