//! Paper: reports and inspections as text. Paper shows what was decided, and decides nothing.

pub mod human;
pub mod inspection;
pub mod json;
pub mod sarif;
pub mod scan;
mod style;

/// The text in front of everything that was not verified.
pub const UNVERIFIED: &str = "UNVERIFIED: this is what the bundle says; no signature and no file was checked";
