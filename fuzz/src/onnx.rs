//! ONNX.

use assaymark::weights::onnx;

/// What is recognised reads alike in small pieces, and its names are as short as the limit says.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    super::same_in_pieces(data, onnx::read);
    if let Ok(model) = onnx::read(&data) {
        let longest = usize::try_from(assaymark::limits::GRAPH_NAME_BYTES).expect("a small number");
        assert!(model.operators.keys().all(|(domain, operator)| domain.len() <= longest && operator.len() <= longest));
        assert!(model.operators.values().all(|offset| *offset <= data.len() as u64));
    }
    super::scanned("model.onnx", data);
}
