//! What tests of several checks need.

use std::cell::Cell;

use crate::path::TreePath;
use crate::scan::{self, Allowance, Context, FileScan};

/// Scans bytes under a name.
pub(super) fn scan(name: &str, bytes: &[u8]) -> FileScan {
    scan_with(&Allowance::default(), name, bytes)
}

/// Scans bytes under a name, with what the user allows.
pub(super) fn scan_with(allowance: &Allowance, name: &str, bytes: &[u8]) -> FileScan {
    let unpacked = Cell::new(0);
    scan::file(&bytes, &TreePath::new(name).unwrap(), &Context::new(allowance, &unpacked))
}
