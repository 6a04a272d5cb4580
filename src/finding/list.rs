//! A list of findings that stays bounded, whatever the input does.

use std::collections::BTreeMap;

use crate::finding::{Code, Finding, Severity};
use crate::limits;

/// Findings in the order in which they were made; beyond [`limits::FINDINGS_PER_CODE`] they are counted.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    kept: Vec<Finding>,
    counts: BTreeMap<(Code, Severity), usize>,
}

impl Findings {
    /// Adds a finding. The first ones of each code and severity are kept.
    pub fn push(&mut self, finding: Finding) {
        let count = self.counts.entry((finding.code, finding.severity)).or_default();
        *count += 1;
        if *count <= limits::FINDINGS_PER_CODE {
            self.kept.push(finding);
        }
    }

    /// Adds all findings of another list, with its counts.
    pub fn append(&mut self, other: Self) {
        for (key, count) in other.counts {
            *self.counts.entry(key).or_default() += count;
        }
        self.kept.extend(other.kept);
    }

    /// Changes the findings that were kept, but neither codes nor severities.
    pub fn amend(&mut self, change: impl FnMut(&mut Finding)) {
        self.kept.iter_mut().for_each(change);
    }

    /// Returns the findings that were kept.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.kept.iter()
    }

    /// Returns how many findings there are of each code, and of these how many were not kept.
    pub fn omitted(&self) -> impl Iterator<Item = (Code, usize)> {
        self.counts.iter().filter_map(|((code, severity), count)| {
            let same = |finding: &&Finding| finding.code == *code && finding.severity == *severity;
            let kept = self.kept.iter().filter(same).count();
            (*count > kept).then_some((*code, count - kept))
        })
    }

    /// Says how many findings there are of a severity, kept or not.
    pub fn count(&self, severity: Severity) -> usize {
        self.counts.iter().filter(|((_, of), _)| *of == severity).map(|(_, count)| count).sum()
    }

    /// Says whether any finding rejects the release.
    pub fn deny(&self) -> bool {
        self.count(Severity::Deny) > 0
    }
}

impl Extend<Finding> for Findings {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        for finding in findings {
            self.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Place;

    #[test]
    fn findings_are_bounded_and_counted() {
        let mut findings = Findings::default();
        for _ in 0..limits::FINDINGS_PER_CODE + 5 {
            findings.push(Finding::warn(Code::Unsigned, Place::Bundle, "x"));
        }
        assert_eq!(findings.iter().count(), limits::FINDINGS_PER_CODE);
        assert_eq!(findings.omitted().collect::<Vec<_>>(), [(Code::Unsigned, 5)]);
        assert!(!findings.deny());
        findings.push(Finding::deny(Code::Unsigned, Place::Bundle, "x"));
        assert!(findings.deny());
        assert_eq!(findings.count(Severity::Deny), 1);
    }

    #[test]
    fn appending_keeps_the_counts() {
        let mut all = Findings::default();
        for _ in 0..2 {
            let mut some = Findings::default();
            some.extend((0..3).map(|_| Finding::deny(Code::Unsigned, Place::Bundle, "x")));
            all.append(some);
        }
        assert_eq!(all.count(Severity::Deny), 6);
        assert_eq!(all.omitted().count(), 0);
    }
}
