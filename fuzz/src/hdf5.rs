//! HDF5.

use assaymark::weights::hdf5;

/// What is read begins where HDF5 begins, and ends in the file.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    if let Ok(file) = hdf5::read(&data) {
        assert_eq!(hdf5::start(&data), Some(file.start));
    }
    super::scanned("model.h5", data);
}
