//! What Sigstore proves of a signature: certificates, transparency logs, RFC 3161 timestamps.
//!
//! The official crates do the checking, offline and against a trusted root that the caller names; this module
//! is the only one that knows them. Nothing here decides whom to trust: an identity is told to the caller,
//! who compares it with what the trust file says.

pub use artifact::{Artifact, Demanded};
pub use identity::{Identity, PatternError, Subject};
pub use refusal::Refusal;
pub use root::{Root, RootError};
pub use verify::{Certified, Proof};

mod artifact;
mod identity;
mod refusal;
mod root;
mod verify;
