//! in-toto Attestation Framework v1: statements and the predicates that we know.
//!
//! Values only: a [`Statement`] that was parsed here has not been verified.

pub use predicate::{Kind, Predicate};
pub use resource::ResourceDescriptor;
pub use statement::{Statement, StatementError, Subject};

pub mod predicate;
mod resource;
mod statement;

/// The base of the URIs that this project defines; nothing is ever fetched from it.
pub const OWN_URI: &str = "https://assaymark.dev";
