//! Bytes by hand: what writes the corpus knows no library that could refuse to write a broken file.

pub mod checksum;
pub mod containers;
pub mod deflate;
pub mod hdf5;
pub mod pickle;
pub mod protobuf;
pub mod weights;
pub mod zip;
