//! What can be said of a policy without a release: which of its demands can never be met.

use crate::policy::Policy;
use crate::trust::Attester;

/// Returns each rule that can never hold, with the reason; under some trust, if attesters are given.
pub fn lint(policy: &Policy, attesters: Option<&[Attester]>) -> Vec<(String, String)> {
    let faults = policy.items().iter().flat_map(|item| {
        let reasons = item.rule.impossible(attesters).into_iter();
        reasons.map(|reason| (item.rule.name().to_owned(), reason))
    });
    faults.collect()
}
