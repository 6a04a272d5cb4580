//! From facts to documents: the BOM, the provenance, and what they are about.

pub use bom::bom;
pub use provenance::provenance;
pub use scan::{ScanFacts, scan};
pub use subjects::{Listing, subjects};

mod aibom;
mod base;
mod bom;
mod card;
mod code;
mod datasets;
mod formulation;
pub mod given;
mod licence;
mod model;
mod packages;
mod provenance;
mod scan;
pub mod stated;
mod subjects;
mod weights;
