//! What one policy demands that another does not.

use crate::finding::Severity;
use crate::policy::Policy;

/// A demand in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The name of its rule.
    pub name: String,
    /// What its findings do.
    pub severity: Severity,
    /// What it demands.
    pub words: String,
}

/// Returns the demands of a policy, in its order.
fn demands(policy: &Policy) -> Vec<Demand> {
    let demand = |item: &crate::policy::Item| Demand {
        name: item.rule.name().to_owned(),
        severity: item.severity,
        words: item.rule.demand(),
    };
    policy.items().iter().map(demand).collect()
}

/// Returns the demands of `one` that `other` does not have, word for word and as strict.
pub fn only_in(one: &Policy, other: &Policy) -> Vec<Demand> {
    let others = demands(other);
    demands(one).into_iter().filter(|demand| !others.contains(demand)).collect()
}
