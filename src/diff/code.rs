//! The training code: commit, digest, and whether something was not committed.

use crate::diff::{Side, Values, bom};
use crate::intoto::predicate::Provenance;
use crate::reference::Reference;

/// Reads what provenance and BOM say of the code.
pub(super) fn values(side: &Side) -> Values {
    let mut values = Values::default();
    for (reference, of) in side.inspection.provenance().into_iter().flat_map(Provenance::references) {
        if reference != Reference::Code {
            continue;
        }
        values.add_some("digest", of.artifact_digest().map(|digest| digest.to_string()));
        values.add_some("commit", of.digest.get("gitCommit"));
        values.add_some("uri", of.uri.as_deref());
        for (name, value) in &of.annotations {
            values.add(name.strip_prefix("assaymark_").unwrap_or(name), super::values::plain(value));
        }
    }
    bom::describe(side, &mut values, |reference| (reference == Reference::Code).then(|| "bom".to_owned()));
    values
}
