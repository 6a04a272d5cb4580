//! Notebooks.

/// Scans it as the notebook that it may be.
///
/// # Panics
///
/// Where what every scan keeps to is not so.
pub fn run(data: &[u8]) {
    super::scanned("notebook.ipynb", data);
}
