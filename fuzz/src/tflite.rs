//! TensorFlow Lite.

use assaymark::weights::tflite;

/// What is read is recognised and reads alike in small pieces.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    super::same_in_pieces(data, tflite::read);
    if let Ok(model) = tflite::read(&data) {
        assert!(model.custom.iter().all(|(offset, _)| *offset <= data.len() as u64));
    }
    super::scanned("model.tflite", data);
}
