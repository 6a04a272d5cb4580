//! The integration tests, in one binary.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(missing_docs, unreachable_pub)]

mod by_hand;
mod create;
mod forge;
mod inspect;
mod keys;
mod peers;
mod robustness;
mod support;
mod vectors;
mod verify;
