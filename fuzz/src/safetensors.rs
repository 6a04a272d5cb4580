//! Safetensors.

use assaymark::weights::safetensors;

/// What is read is recognised, reads alike in small pieces, and ends where the file ends.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    super::same_in_pieces(data, safetensors::read);
    if safetensors::read(&data).is_ok() {
        assert!(safetensors::recognises(&data));
        assert!(safetensors::read(&super::with_more(data, 1)).is_err(), "bytes behind the tensors were taken");
    }
    super::scanned("model.safetensors", data);
}
