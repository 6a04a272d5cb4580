//! CycloneDX (ECMA-424): the machine-learning bill of materials that we write, and what we read of one.
//!
//! Documents are written from own types and read as raw JSON, so that nothing is lost on the way. The
//! official schema says whether a document is CycloneDX; [`semantics`] says what the schema can't.

pub use card::{ModelCard, ModelParameters};
pub use component::{Component, ComponentType, ExternalReference, Hash, License, Pedigree, Property};
pub use data::Data;
pub use document::{Bom, Composition, Dependency, Metadata, Parts};
pub use foreign::Fault;
pub use linkage::Linkage;
pub(crate) use linkage::{array, is};
pub use version::SpecVersion;

pub mod advice;
pub mod card;
mod citation;
pub mod component;
pub mod data;
mod document;
pub mod foreign;
pub mod formulation;
pub mod linkage;
pub mod schema;
pub mod semantics;
mod version;

/// The property that carries the digest of a file or folder together with its kind.
pub const DIGEST_PROPERTY: &str = "assaymark:digest";

/// The property that carries the root digest of a model folder, as its hash does.
pub const ROOT_PROPERTY: &str = "assaymark:omsRoot";

/// The `bom-ref` of the model.
pub const MODEL_REF: &str = "model";

/// The property that says how the values of a component were obtained. With `:` and the name of a field behind it, dots
/// between steps, it speaks of that field alone.
pub const OBTAINED_PROPERTY: &str = "assaymark:obtained";
