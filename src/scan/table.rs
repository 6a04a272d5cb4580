//! Tables: Parquet and Arrow. Their readers build columns of numbers and texts, and run nothing.

use crate::path::TreePath;
use crate::scan::polyglot::has;
use crate::scan::{Check, Context, Format, Head, Sheet, Stop};
use crate::source::ReadAt;

/// Marks that stand at the start and at the end.
const MARKS: &[&[u8]] = &[b"PAR1", b"ARROW1", b"FEA1"];

/// Parquet, Arrow files, Feather.
pub(super) struct Table;

impl Check for Table {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        MARKS.iter().any(|mark| head.bytes.starts_with(mark)).then_some(Format::Table)
    }

    fn scan(&self, source: &dyn ReadAt, _: &TreePath, _: &Context<'_>, _: &mut Sheet) -> Result<(), Stop> {
        let length = source.len();
        let closed = MARKS.iter().any(|mark| {
            let size = mark.len();
            let at = length.saturating_sub(size);
            at >= size && has(source, 0, mark) && has(source, at, mark)
        });
        if closed { Ok(()) } else { Err(Stop::Malformed(length, "the table has no end".to_owned())) }
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::{Rating, test_support::scan};

    #[test]
    fn tables_have_two_ends() {
        assert_eq!(scan("a.parquet", b"PAR1....PAR1").rating, Rating::Inert);
        assert_eq!(scan("a.arrow", b"ARROW1\0\0....ARROW1").rating, Rating::Inert);
        for bytes in [&b"PAR1"[..], b"PAR1....PAR", b"PAR1....ARROW1"] {
            assert_eq!(scan("a.parquet", bytes).rating, Rating::Unknown);
        }
    }
}
