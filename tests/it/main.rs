//! The integration tests, in one binary.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::print_stderr, clippy::too_many_lines, clippy::semicolon_if_nothing_returned, clippy::assigning_clones)]
#![allow(clippy::needless_for_each, clippy::format_push_string, clippy::type_complexity)]
#![allow(missing_docs, unreachable_pub)]

mod additions;
mod authorities;
mod bom_create;
mod bom_validate;
mod by_hand;
mod conditions;
mod corpus;
mod create;
mod datasets;
mod diff;
mod docs;
mod doors;
mod edits;
mod environment;
mod explain;
mod faults;
mod forge;
mod formats;
mod fuzz;
mod gate;
mod gates;
mod imports;
mod inspect;
mod iris;
mod isolation;
mod keys;
mod known;
mod large_boms;
mod model;
mod model_chains;
mod model_keyless;
mod mutants;
mod oms_adapter;
mod outputs;
mod peers;
mod policies;
mod properties;
mod readme;
mod reasons;
mod receipts;
mod robustness;
mod scan;
mod scan_corpus;
mod scan_formats;
mod signers;
mod suites;
mod support;
mod told;
mod vectors;
mod verify;
mod weight_formats;
mod weights;
