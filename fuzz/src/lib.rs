//! What the fuzz targets do with their input: one file a parser, each with a function `run`.
//!
//! `run` panics where something is true of the answer that must never be. `tests/it/fuzz.rs` includes this file and
//! replays the corpora, so nothing here may need more than the package and its own dependencies.

pub mod bom;
pub mod envelope;
pub mod file_list;
pub mod json;
pub mod path;
pub mod pem_private;
pub mod pem_public;
pub mod release_bundle;
pub mod release_toml;
pub mod sigstore_bundle;
pub mod statement;
pub mod trust_toml;

/// A target: what is done with the bytes of one input.
pub type Target = fn(&[u8]);

/// Every target with its name, which is also that of its files and of its corpus.
pub const TARGETS: [(&str, Target); 12] = [
    ("bom", bom::run),
    ("envelope", envelope::run),
    ("file_list", file_list::run),
    ("json", json::run),
    ("path", path::run),
    ("pem_private", pem_private::run),
    ("pem_public", pem_public::run),
    ("release_bundle", release_bundle::run),
    ("release_toml", release_toml::run),
    ("sigstore_bundle", sigstore_bundle::run),
    ("statement", statement::run),
    ("trust_toml", trust_toml::run),
];

/// Says whether all numbers of a value are integers: others may be written with another last digit than they had.
fn is_integral(value: &serde_json::Value) -> bool {
    use serde_json::Value;
    match value {
        Value::Array(items) => items.iter().all(is_integral),
        Value::Object(members) => members.values().all(is_integral),
        Value::Number(number) => !number.is_f64(),
        Value::Bool(_) | Value::Null | Value::String(_) => true,
    }
}

/// Uses what every error must be able to say.
fn explain(error: &(impl assaymark::fault::Fault + std::fmt::Display)) {
    let _ = (error.to_string(), error.blame(), error.details(), error.hint());
}
