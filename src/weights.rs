//! Formats of model files: one file a format, each from a source to the facts that it states about itself.
//!
//! A reader takes the header and what it needs of the rest, never the weights. What a file may cost is bounded by
//! [`limits`](crate::limits), whatever it claims. Nothing here judges: a reader says what is there, and
//! whether the bytes are what the format demands.

pub mod adapter;
pub mod archive;
mod error;
pub mod flatbuffer;
pub mod gguf;
pub mod hdf5;
pub mod hub;
pub mod npy;
pub mod onnx;
pub mod packing;
pub mod pickle_head;
mod pickle_steps;
pub mod promise;
pub mod protobuf;
pub mod reader;
pub mod safetensors;
pub mod saved_model;
pub mod sentencepiece;
pub mod summary;
pub mod tensor_bundle;
pub mod tensor_table;
pub mod tflite;
pub mod ubjson;

pub use error::FormatError;
pub use summary::FileFacts;
pub use tensor_table::{TensorPlace, TensorTable};
