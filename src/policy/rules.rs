//! The table of rules, one file each.

use crate::policy::Rule;

mod code_recorded;
mod dataset_digests;
mod required_evidence;
mod tests_passed;

/// The rules of the baseline.
pub(super) const BASELINE: &[&dyn Rule] = &[
    &required_evidence::RequiredEvidence,
    &dataset_digests::DatasetDigests,
    &code_recorded::CodeRecorded,
    &tests_passed::TestsPassed,
];
