//! Signed evidence for machine-learning releases.
//!
//! One file says which data, which code and which tests stand behind a model, and one call checks it
//! before the model is promoted. `docs/architecture.md` explains the floors on which these modules stand:
//! a module imports only what stands above it in this list.

// Tests make files as they like; the code itself goes through `files`.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

// Floor 0: values.
mod closed_list;
pub mod digest;
pub mod failure;
pub mod fault;
pub mod finding;
pub mod json;
pub mod limits;
pub mod name;
pub mod obtained;
pub mod path;
pub mod source;
pub mod text;
pub mod yaml;

// Floor 1: formats. Bytes to values.
pub mod card;
pub mod configuration;
pub mod cyclonedx;
pub mod dataset;
pub mod dsse;
pub mod file_list;
pub mod foreign;
pub mod intoto;
pub mod lockfile;
pub mod notebook;
pub mod oms;
pub mod osv;
mod package_url;
mod pem;
pub mod reference;
pub mod release;
pub mod sigstore_bundle;
pub mod weights;

// Floor 2: the outside. Files and keys.
pub mod bundle;
pub mod certificate;
pub mod code_tree;
pub mod files;
pub mod git;
pub mod inventory;
pub mod key;
pub mod signer;
pub mod sigstore;
pub mod state;
pub mod tensors;
pub mod trust;

// Floor 3: the core. The only place where proofs are made.
pub mod evidence;

// Floor 4: judgement.
pub mod completeness;
pub mod describe;
pub mod facts;
pub mod licence;
pub mod policy;
pub mod scan;

// Floor 5: the verdict.
pub mod verify;

// Floor 6: jobs.
pub mod append;
pub mod approve;
pub mod attest;
pub mod create;
pub mod diff;
pub mod inspect;
pub mod model;
pub mod policy_signature;
pub mod policy_test;
pub mod promote;
pub mod receipt;
pub mod seal;
pub mod validate;
pub mod withdraw;

// Floor 7: paper.
pub mod render;

// Floor 8: the edge.
pub mod cli;

#[cfg(test)]
mod test_support;
