//! UBJSON.

use assaymark::weights::{FormatError, ubjson};

/// What is read reads alike in small pieces, shows texts that stand in the file, and ends where the file ends.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    super::same_in_pieces(data, |source| {
        let mut texts = Vec::new();
        ubjson::read(source, &mut |text, offset| texts.push((text.to_owned(), offset)))?;
        Ok::<_, FormatError>(texts)
    });
    let read = ubjson::read(&data, &mut |text, offset| {
        let start = usize::try_from(offset).expect("a place in memory");
        assert!(data.get(start..).is_some_and(|rest| rest.starts_with(text.as_bytes())), "{text} is not at {offset}");
    });
    if read.is_ok() {
        assert!(ubjson::read(&super::with_more(data, 1), &mut |_, _| {}).is_err(), "bytes behind the value were taken");
    }
    super::scanned("model.ubj", data);
}
