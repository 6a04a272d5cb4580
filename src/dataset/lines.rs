//! Lines of a source, one at a time and none longer than a limit.

use crate::limits;
use crate::source::{ReadAt, fill};
use crate::weights::FormatError;

/// Bytes that are read at once.
const CHUNK: usize = 64 << 10;

/// Shows each line without its end, until the reader of them has enough. An empty end of the file is none.
pub(super) fn each(
    source: &dyn ReadAt,
    mut show: impl FnMut(u64, &[u8]) -> Result<bool, FormatError>,
) -> Result<(), FormatError> {
    let mut buffer = vec![0; CHUNK];
    let mut line: Vec<u8> = Vec::new();
    let (mut offset, mut start) = (0, 0);
    loop {
        let chunk = fill(source, offset, &mut buffer)?;
        if chunk.is_empty() {
            break;
        }
        offset += chunk.len() as u64;
        for piece in chunk.split_inclusive(|byte| *byte == b'\n') {
            FormatError::bounded((line.len() + piece.len()) as u64, limits::DATASET_ROW_BYTES, "bytes of one row")?;
            line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let length = line.len() as u64;
                if !show(start, ended(&line))? {
                    return Ok(());
                }
                start += length;
                line.clear();
            }
        }
    }
    if !line.is_empty() {
        show(start, ended(&line))?;
    }
    Ok(())
}

fn ended(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_a_place() {
        let text = format!("a\r\n\n{}\nend", "x".repeat(CHUNK));
        let mut seen = Vec::new();
        each(&text.as_bytes(), |start, line| {
            seen.push((start, line.len()));
            Ok(true)
        })
        .unwrap();
        assert_eq!(seen, [(0, 1), (3, 0), (4, CHUNK), (5 + CHUNK as u64, 3)]);
    }

    #[test]
    fn endless_lines_are_refused() {
        let text = vec![b'x'; usize::try_from(limits::DATASET_ROW_BYTES).unwrap() + 1];
        assert!(matches!(each(&text, |_, _| Ok(true)), Err(FormatError::Limit { .. })));
    }
}
