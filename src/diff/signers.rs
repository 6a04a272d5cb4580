//! Who signed what: keys as the lines name them, or attesters where a trust root says who they are.

use std::collections::{BTreeMap, BTreeSet};

use crate::diff::{Side, Values};

/// Reads the signer of every line.
pub(super) fn values(side: &Side) -> Values {
    let mut signers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (line, claim) in side.claims() {
        signers.entry(side.signer(line)).or_default().insert(claim.statement.predicate.kind().name().to_owned());
    }
    let mut values = Values::default();
    for (signer, kinds) in signers {
        values.add(signer, kinds.into_iter().collect::<Vec<_>>().join(", "));
    }
    values
}
