//! The index of TensorFlow's tensors.

use assaymark::limits;
use assaymark::weights::tensor_bundle;

/// What is read reads alike in small pieces, and names no more than it may.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    super::same_in_pieces(data, tensor_bundle::read);
    if let Ok(bundle) = tensor_bundle::read(&data) {
        assert!(bundle.tensors <= limits::TENSORS as u64);
        assert!(bundle.tensors > 0 || bundle.elements.is_empty() && bundle.largest.is_none());
        assert!(!tensor_bundle::recognises(&super::with_more(data, 64).as_slice()), "the end is not the end");
    }
}
