//! Any file, by its content alone.

/// Scans it under a name that says nothing.
///
/// # Panics
///
/// Where what every scan keeps to is not so.
pub fn run(data: &[u8]) {
    super::scanned("file", data);
}
