//! Statements with their predicates.

use assaymark::intoto::{Predicate, Statement};
use serde_json::Value;

/// What is read has a subject, and written anew it reads as the same.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    let Ok(statement) = Statement::parse(data) else { return };
    assert!(!statement.subjects.is_empty());
    if let Predicate::ModelSignature(signature) = &statement.predicate {
        assert!(!signature.resources.is_empty());
        assert!(signature.resources.is_sorted_by(|one, next| one.path < next.path));
        if signature.root != signature.canonical_root() {
            // We write files in the order of the specification, which this signer did not.
            return;
        }
    }
    if !super::is_integral(&serde_json::from_slice::<Value>(data).expect("it was read")) {
        return;
    }
    let written = statement.to_payload().expect("a statement can be written");
    let again = Statement::parse(&written).expect("what we write is read");
    assert_eq!(again.subjects, statement.subjects);
    assert_eq!(again.predicate.kind(), statement.predicate.kind());
    assert_eq!(again.to_payload().expect("a statement can be written"), written);
}
