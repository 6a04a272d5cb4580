//! Files packed as a whole.

/// Scans it by its content, and as a file of joblib.
///
/// # Panics
///
/// Where what every scan keeps to is not so.
pub fn run(data: &[u8]) {
    super::scanned("model.gz", data);
    super::scanned("model.joblib", data);
}
