//! What the fuzz targets do with their input: one file a parser, each with a function `run`.
//!
//! `run` panics where something is true of the answer that must never be. `tests/it/fuzz.rs` includes this file and
//! replays the corpora, so nothing here may need more than the package and its own dependencies.

use assaymark::path::TreePath;
use assaymark::scan::{self, Allowance, Context, FileScan};
use assaymark::source::ReadAt;

pub mod allowance;
pub mod bom;
pub mod envelope;
pub mod file_list;
pub mod foreign;
pub mod gguf;
pub mod hdf5;
pub mod json;
pub mod oms_manifest;
pub mod onnx;
pub mod parquet_rows;
pub mod path;
pub mod pem_private;
pub mod pem_public;
pub mod release_bundle;
pub mod release_toml;
pub mod safetensors;
pub mod saved_model;
pub mod scan_archive;
pub mod scan_file;
pub mod scan_keras;
pub mod scan_notebook;
pub mod scan_npy;
pub mod scan_packed;
pub mod scan_pickle;
pub mod scan_template;
pub mod scan_text;
pub mod scan_torch_legacy;
pub mod sentencepiece;
pub mod sigstore_bundle;
pub mod statement;
pub mod tensor_bundle;
pub mod tflite;
pub mod trust_toml;
pub mod ubjson;

/// A target: what is done with the bytes of one input.
pub type Target = fn(&[u8]);

/// Every target with its name, which is also that of its files and of its corpus.
pub const TARGETS: [(&str, Target); 35] = [
    ("allowance", allowance::run),
    ("bom", bom::run),
    ("envelope", envelope::run),
    ("file_list", file_list::run),
    ("foreign", foreign::run),
    ("gguf", gguf::run),
    ("hdf5", hdf5::run),
    ("json", json::run),
    ("oms_manifest", oms_manifest::run),
    ("onnx", onnx::run),
    ("parquet_rows", parquet_rows::run),
    ("path", path::run),
    ("pem_private", pem_private::run),
    ("pem_public", pem_public::run),
    ("release_bundle", release_bundle::run),
    ("release_toml", release_toml::run),
    ("safetensors", safetensors::run),
    ("saved_model", saved_model::run),
    ("scan_archive", scan_archive::run),
    ("scan_file", scan_file::run),
    ("scan_keras", scan_keras::run),
    ("scan_notebook", scan_notebook::run),
    ("scan_npy", scan_npy::run),
    ("scan_packed", scan_packed::run),
    ("scan_pickle", scan_pickle::run),
    ("scan_template", scan_template::run),
    ("scan_text", scan_text::run),
    ("scan_torch_legacy", scan_torch_legacy::run),
    ("sentencepiece", sentencepiece::run),
    ("sigstore_bundle", sigstore_bundle::run),
    ("statement", statement::run),
    ("tensor_bundle", tensor_bundle::run),
    ("tflite", tflite::run),
    ("trust_toml", trust_toml::run),
    ("ubjson", ubjson::run),
];

/// Reads a source, twice: as it is, and as one that gives a few bytes at a time. Both say the same.
fn same_in_pieces<T: PartialEq + std::fmt::Debug, E: std::fmt::Display>(
    data: &[u8],
    read: impl Fn(&dyn ReadAt) -> Result<T, E>,
) {
    let text = |answer: Result<T, E>| answer.map_err(|error| error.to_string());
    assert_eq!(text(read(&data)), text(read(&Pieces(data))), "it reads differently in pieces");
}

/// Scans a file, and checks what is true of every scan.
fn scanned(name: &str, data: &[u8]) -> FileScan {
    let name = TreePath::new(name).expect("a plain name");
    let scan =
        |source: &dyn ReadAt| scan::file(source, &name, &Context::new(&Allowance::default(), &std::cell::Cell::new(0)));
    let whole = scan(&data);
    let worst = whole.observations.iter().map(|seen| seen.rating).max().unwrap_or_default();
    assert!(whole.rating >= worst && whole.rating >= whole.format.best());
    if whole.omitted == 0 {
        assert_eq!(whole.rating, worst.max(whole.format.best()), "a rating without a reason");
    }
    assert!(whole.observations.len() <= assaymark::limits::SCAN_OBSERVATIONS && !whole.failed);
    let json = serde_json::to_string(&whole).expect("a scan can be written");
    let pieces = serde_json::to_string(&scan(&Pieces(data))).expect("a scan can be written");
    assert_eq!(json, pieces, "it is judged differently in pieces");
    whole
}

/// The data with more bytes behind it.
fn with_more(data: &[u8], count: usize) -> Vec<u8> {
    [data, &vec![b'x'; count]].concat()
}

/// A source that gives at most seven bytes at a time, as the end of a buffer or a slow disk may.
struct Pieces<'d>(&'d [u8]);

impl ReadAt for Pieces<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        let few = buffer.len().min(7);
        self.0.read_at(offset, &mut buffer[..few])
    }
}

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
