//! The release that is sealed: name, version, place in the chain, model.

use crate::diff::{Side, Values};

/// Reads the newest seal.
pub(super) fn values(side: &Side) -> Values {
    let mut values = Values::default();
    let Some(seal) = side.inspection.seal() else { return values };
    values.add("name", seal.release.name.as_str());
    values.add("version", seal.release.version.as_str());
    values.add("sequence", seal.sequence.to_string());
    values.add("sealed at", seal.sealed_at.to_rfc3339());
    values.add("sealed lines", seal.members.len().to_string());
    values.add("model", seal.model.digest().to_string());
    if let Some(root) = seal.model.oms_root() {
        values.add("model root", root.to_string());
    }
    for (stage, summary) in side.inspection.stages() {
        let result = serde_json::to_value(summary.verification_result).unwrap_or_default();
        values.add(format!("stage {stage}"), super::values::plain(&result));
    }
    values
}
