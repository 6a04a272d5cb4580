//! Arrays of NumPy.

/// Scans it as the array that it may be.
///
/// # Panics
///
/// Where what every scan keeps to is not so.
pub fn run(data: &[u8]) {
    super::scanned("weights.npy", data);
}
