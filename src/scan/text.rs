//! Text and empty files: nothing executes them.

use crate::path::TreePath;
use crate::scan::{Check, Context, Format, Head, Sheet, Stop, credentials};
use crate::source::{self, ReadAt};

/// UTF-8 text without NUL.
pub(super) struct Text;

impl Check for Text {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        if head.bytes.is_empty() {
            return Some(Format::Empty);
        }
        is_text(head.bytes).ok().map(|_| Format::Text)
    }

    fn scan(&self, source: &dyn ReadAt, _: &TreePath, _: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        credentials::scan(source, sheet)?;
        let mut buffer = source::buffer(source);
        let mut offset = 0;
        loop {
            let bytes = source::fill(source, offset, &mut buffer)?;
            let valid = is_text(bytes).map_err(|at| {
                Stop::Malformed(offset + at as u64, "it begins as text and goes on as something else".to_owned())
            })?;
            offset += valid as u64;
            if offset == source.len() {
                return Ok(());
            }
            if valid == 0 {
                return Err(Stop::Malformed(offset, "the last character is cut off".to_owned()));
            }
        }
    }
}

/// Returns how many bytes are text, less a character that is cut off at the end; or the byte that is none.
fn is_text(bytes: &[u8]) -> Result<usize, usize> {
    if let Some(nul) = bytes.iter().position(|byte| *byte == 0) {
        return Err(nul);
    }
    match str::from_utf8(bytes) {
        Ok(_) => Ok(bytes.len()),
        Err(error) if error.error_len().is_none() => Ok(error.valid_up_to()),
        Err(error) => Err(error.valid_up_to()),
    }
}

#[cfg(test)]
mod tests {
    use crate::limits;
    use crate::scan::{Rating, test_support::scan};

    #[test]
    fn text_is_inert_whatever_it_says() {
        for text in ["import os; os.system('x')", "naïve 日本", "{}", ""] {
            assert_eq!(scan("a.txt", text.as_bytes()).rating, Rating::Inert, "{text}");
        }
        assert_eq!(scan("a.bin", &"日本".as_bytes().repeat(limits::READ_BUFFER)).rating, Rating::Inert);
    }

    #[test]
    fn what_is_not_text_to_its_end_is_unknown() {
        let mut late = vec![b' '; limits::READ_BUFFER];
        late.push(0);
        for bytes in [&late, &[b' ', b'\xe6'].to_vec(), &b"\xff".to_vec()] {
            assert_eq!(scan("a.txt", bytes).rating, Rating::Unknown);
        }
        assert_eq!(scan("a.txt", &late).observations[0].position.offset, Some(limits::READ_BUFFER as u64));
    }
}
