//! HDF5, as Keras, PyTables and pandas use it: attributes with text, objects that are pickled, data kept elsewhere.

#[cfg(feature = "hdf5")]
mod reading;

use std::collections::{BTreeMap, BTreeSet};

use crate::limits;
use crate::source::{ReadAt, fill};
#[cfg(not(feature = "hdf5"))]
use crate::weights::FormatError;

#[cfg(feature = "hdf5")]
pub use reading::read;

const MAGIC: &[u8; 8] = b"\x89HDF\r\n\x1a\n";

/// What an HDF5 file states about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hdf5 {
    /// Where the format begins; anything else may stand before it.
    pub start: u64,
    /// Where it ends by its own word.
    pub end: u64,
    /// How many groups and datasets there are.
    pub objects: u64,
    /// How many datasets there are.
    pub datasets: u64,
    /// How many numbers the datasets hold, by type.
    pub elements: BTreeMap<String, u64>,
    /// Texts among the attributes: the object's path, the attribute, the text.
    pub texts: Vec<(String, String, String)>,
    /// Attributes that hold a pickle, and datasets of pickled objects, by path.
    pub pickles: BTreeSet<String>,
    /// Other files that it refers to, or what lies in such.
    pub external: BTreeSet<String>,
    /// The files that it is linked to, or that hold data of it, and how many bytes each must have at least.
    pub files: BTreeMap<String, u64>,
}

/// Returns where the format begins: at 0, or at a doubling of 512 (HDF5 file format specification, II.A).
pub fn start(source: &dyn ReadAt) -> Option<u64> {
    let doubled = std::iter::successors(Some(512_u64), |place| place.checked_mul(2));
    let places = std::iter::once(0).chain(doubled).take_while(|place| *place < source.len());
    places.take(limits::HDF5_STARTS).find(|place| fill(source, *place, &mut [0; 8]).is_ok_and(|bytes| bytes == MAGIC))
}

/// Says that this build reads none.
#[cfg(not(feature = "hdf5"))]
pub fn read(_: &dyn ReadAt) -> Result<Hdf5, FormatError> {
    Err(FormatError::malformed(0, "this build does not read HDF5"))
}
