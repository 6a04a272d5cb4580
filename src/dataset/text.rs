//! Plain text: a line is a row.

use crate::dataset::Table;
use crate::limits;
use crate::source::{ReadAt, fill};
use crate::weights::FormatError;

/// Counts lines, unless the file is too large.
pub(super) fn read(source: &dyn ReadAt, counted: bool) -> Result<Table, FormatError> {
    if !counted {
        return Ok(Table::default());
    }
    let mut buffer = vec![0; limits::FORMAT_BUFFER];
    let (mut offset, mut lines, mut ended) = (0, 0, true);
    loop {
        let chunk = fill(source, offset, &mut buffer)?;
        let Some(last) = chunk.last() else { break };
        ended = *last == b'\n';
        lines += chunk.split(|byte| *byte == b'\n').count() as u64 - 1;
        offset += chunk.len() as u64;
    }
    Ok(Table { rows: Some(lines + u64::from(!ended)), columns: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted() {
        for (text, lines) in [("", 0), ("a", 1), ("a\n", 1), ("a\nb", 2), ("\n\n", 2)] {
            assert_eq!(read(&text.as_bytes(), true).unwrap().rows, Some(lines), "{text:?}");
        }
    }
}
