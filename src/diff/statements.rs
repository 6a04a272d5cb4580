//! The statements themselves: the last word, where no other topic sees a difference.

use std::collections::{BTreeMap, BTreeSet};

use crate::diff::{Side, Values};
use crate::digest::Digest;

/// Digests the statements of each type, so that two bundles are the same only if their statements are.
pub(super) fn values(side: &Side) -> Values {
    let mut digests: BTreeMap<String, BTreeSet<Digest>> = BTreeMap::new();
    for (_, claim) in side.claims() {
        let kind = claim.statement.predicate.kind().name().to_owned();
        digests.entry(kind).or_default().insert(Digest::of(&claim.payload));
    }
    let mut values = Values::default();
    for (kind, digests) in digests {
        for digest in digests {
            values.add(kind.clone(), digest.to_string());
        }
    }
    values
}
