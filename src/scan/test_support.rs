//! What tests of several checks need.

use std::cell::Cell;

use crate::path::TreePath;
use crate::scan::{self, Allowance, Context, FileScan};

/// Scans bytes under a name.
pub(super) fn scan(name: &str, bytes: &[u8]) -> FileScan {
    let (allowance, unpacked) = (Allowance::default(), Cell::new(0));
    scan::file(&bytes, &TreePath::new(name).unwrap(), &Context::new(&allowance, &unpacked))
}
