//! Configurations of Keras.

/// Scans it under the names that such files have.
///
/// # Panics
///
/// Where what every scan keeps to is not so.
pub fn run(data: &[u8]) {
    super::scanned("config.json", data);
    super::scanned("model.json", data);
}
