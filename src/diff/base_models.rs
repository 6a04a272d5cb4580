//! Models that this one was made from.

use crate::diff::{Side, Values, bom};
use crate::intoto::predicate::Provenance;
use crate::reference::Reference;

/// Reads what provenance and BOM say of base models.
pub(super) fn values(side: &Side) -> Values {
    let mut values = Values::default();
    for (reference, of) in side.inspection.provenance().into_iter().flat_map(Provenance::references) {
        if let Reference::Base(name) = reference {
            let digest = of.artifact_digest().map_or_else(|| "no digest".to_owned(), |digest| digest.to_string());
            values.add(name.as_str(), digest);
            values.add_some(format!("{name} uri"), of.uri.as_deref());
        }
    }
    bom::describe(side, &mut values, |reference| match reference {
        Reference::Base(name) => Some(name.to_string()),
        Reference::Code | Reference::Dataset(_) => None,
    });
    values
}
