//! GGUF.

use assaymark::weights::gguf;

/// What is read is recognised, reads alike in small pieces, and ends where the file ends.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    super::same_in_pieces(data, gguf::read);
    if gguf::read(&data).is_ok() {
        assert!(gguf::recognises(&data));
        assert!(gguf::read(&super::with_more(data, 64)).is_err(), "bytes behind the data were taken");
    }
    super::scanned("model.gguf", data);
}
