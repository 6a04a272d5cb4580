//! CycloneDX documents: schema, what the schema can't say, and what links.

use assaymark::cyclonedx::{Linkage, schema, semantics};
use assaymark::json;
use serde_json::Value;

/// Every check gives the same answer twice, in short messages, whatever the checks before it said.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    let Ok(document) = json::parse::<Value>(data) else { return };
    let faults = schema::faults(&document).expect("the embedded schema is good");
    assert!(faults.len() <= 11 && faults.iter().all(|fault| fault.chars().count() <= 161), "{faults:?}");
    assert_eq!(schema::faults(&document).as_ref(), Ok(&faults));
    let is_valid = faults.is_empty();
    assert!(!is_valid || (document["bomFormat"] == "CycloneDX" && document["specVersion"] == "1.6"));
    let faults = semantics::faults(&document);
    assert_eq!(semantics::faults(&document), faults);
    let linkage = Linkage::of(&document);
    assert!(linkage.files.as_ref().is_none_or(|files| files.is_sorted()));
    assert_eq!(Linkage::of(&document), linkage);
}
