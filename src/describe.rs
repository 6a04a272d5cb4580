//! From facts to documents: the BOM, the provenance, and what they are about.

pub use bom::bom;
pub use provenance::provenance;
pub use scan::{ScanFacts, scan};
pub use subjects::{Listing, subjects};

mod bom;
mod provenance;
mod scan;
mod subjects;

/// How a value was obtained (`docs/format.md`, "How a value was obtained").
fn obtained(measured: bool) -> &'static str {
    if measured { "measured" } else { "declared" }
}

/// A value that somebody else signed and we verified.
const IMPORTED: &str = "imported";
