//! The integration tests, in one binary.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::print_stderr, clippy::too_many_lines, clippy::semicolon_if_nothing_returned, clippy::assigning_clones)]
#![allow(missing_docs, unreachable_pub)]

mod by_hand;
mod corpus;
mod create;
mod docs;
mod forge;
mod inspect;
mod keys;
mod peers;
mod readme;
mod robustness;
mod scan_corpus;
mod scan_formats;
mod support;
mod vectors;
mod verify;
