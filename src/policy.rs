//! What must hold of a release: rules over evidence.
//!
//! A rule sees nothing but [`Evidence`], and returns findings; there is no boolean to misread. This
//! version has the baseline, which always applies.

use crate::digest::{Digest, Hasher};
use crate::evidence::Evidence;
use crate::finding::Finding;

mod rules;

/// Something that is demanded of a release.
pub trait Rule: Sync {
    /// Returns its name, in kebab-case.
    fn name(&self) -> &'static str;

    /// Says in plain words what it demands.
    fn demand(&self) -> &'static str;

    /// Returns what is at fault, or nothing.
    fn check(&self, evidence: &Evidence<'_>) -> Vec<Finding>;
}

/// A named, versioned set of rules.
pub struct Policy {
    name: &'static str,
    rules: &'static [&'static dyn Rule],
}

impl Policy {
    /// Returns the rules that hold for every release.
    pub fn baseline() -> Self {
        Self { name: "baseline/v1", rules: rules::BASELINE }
    }

    /// Returns its name and version.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns its rules.
    pub fn rules(&self) -> &'static [&'static dyn Rule] {
        self.rules
    }

    /// Returns the SHA-256 of what it demands: of a line `name: demand` for each rule.
    pub fn digest(&self) -> Digest {
        let mut hasher = Hasher::new();
        for rule in self.rules {
            hasher.update(format!("{}: {}\n", rule.name(), rule.demand()).as_bytes());
        }
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_baseline_has_rules_with_distinct_names() {
        let mut names: Vec<_> = Policy::baseline().rules().iter().map(|rule| rule.name()).collect();
        assert!(!names.is_empty());
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
