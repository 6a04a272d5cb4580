//! Files of PyTorch before 1.6.

/// Scans it under the names that such files have.
///
/// # Panics
///
/// Where what every scan keeps to is not so.
pub fn run(data: &[u8]) {
    super::scanned("pytorch_model.bin", data);
    super::scanned("model.pt", data);
}
