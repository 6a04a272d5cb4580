//! Paper: reports and inspections as text. Paper shows what was decided, and decides nothing.

pub mod diff;
mod explanation;
pub mod github;
pub mod human;
pub mod inspection;
pub mod json;
pub mod junit;
pub mod locations;
pub mod markdown;
pub mod model;
pub mod policy;
pub mod sarif;
pub mod scan;
pub mod scan_sarif;
mod style;
pub mod validation;
mod words;

pub use words::stages_left_out;

/// The text in front of everything that was not verified.
pub const UNVERIFIED: &str = "UNVERIFIED: this is what the bundle says; no signature and no file was checked";
