//! Graphs of TensorFlow.

use assaymark::weights::saved_model::{self, Kind};

/// What is read as one of the messages reads alike in small pieces, and names places in the file.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    for kind in [Kind::SavedModel, Kind::Graph, Kind::KerasMetadata] {
        super::same_in_pieces(data, |source| saved_model::read(source, kind));
        if let Ok(model) = saved_model::read(&data, kind) {
            assert!(model.operations.values().all(|offset| *offset <= data.len() as u64));
        }
    }
    super::scanned("saved_model.pb", data);
}
