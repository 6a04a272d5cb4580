//! Zip archives.

use assaymark::scan::Format;

/// An archive that passes does so under no other reading: not with a byte before it or behind it.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    let scan = super::scanned("model.zip", data);
    let archives = [Format::Zip, Format::Npz, Format::Keras, Format::PytorchZip, Format::Skops];
    if archives.contains(&scan.format) && scan.rating.passes() {
        assert!(!super::scanned("model.zip", &super::with_more(data, 1)).rating.passes(), "a byte behind it is taken");
        let before = [b"x", data].concat();
        assert!(!super::scanned("model.zip", &before).rating.passes(), "a byte before it is taken");
    }
}
