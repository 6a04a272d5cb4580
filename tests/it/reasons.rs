//! Every reject of a signature says which of six faults it is, or that it could not be read: by its code, over all
//! vectors, the bundles that other clients make, and model signatures.

use std::fs;

use serde_json::Value;

use crate::support::{codes, repository};
use crate::vectors;

/// The codes of each fault, as `docs/rules.md` has them.
const FAULTS: [(&str, &[&str]); 7] = [
    ("unsigned", &["unsigned"]),
    ("untrusted signer", &["untrusted-signer", "certificate-revoked", "wrong-role"]),
    ("bad signature", &["bad-signature"]),
    ("wrong subject", &["subject-mismatch"]),
    (
        "wrong time",
        &[
            "wrong-time",
            "key-expired",
            "key-not-yet-valid",
            "certificate-expired",
            "certificate-not-yet-valid",
            "time-in-future",
            "judgement-outdated",
        ],
    ),
    ("wrong log", &["wrong-log"]),
    ("unreadable", &["malformed-line", "malformed-statement", "unsupported-line", "limit-exceeded"]),
];

/// Returns the fault that a code says, if it is about a signature.
pub fn fault(code: &str) -> Option<&'static str> {
    FAULTS.iter().find(|(_, codes)| codes.contains(&code)).map(|(fault, _)| *fault)
}

/// Checks that a report of `model verify` in which nobody signed says which fault it is, and returns its codes.
#[track_caller]
pub fn of_model(report: &Value) -> Vec<String> {
    let denied = codes(report, "deny");
    let told = denied.iter().any(|code| fault(code).is_some());
    assert!(told || !report["signer"].is_null(), "it does not say what is wrong with the signature: {denied:?}");
    denied
}

/// Lines that nothing is said of, since they are not there, or are there and count, but not as what is missing.
fn is_absent(name: &str) -> bool {
    const ABSENT: [&str; 10] = [
        "bom-removed",
        "bundle-blank",
        "bundle-empty",
        "member-of-other-signer",
        "member-of-other-type",
        "member-replaced",
        "model-signature-removed",
        "provenance-removed",
        "seal-names-a-seal",
        "seal-names-a-stranger",
    ];
    ABSENT.contains(&name)
}

#[test]
fn every_vector_whose_line_does_not_count_says_why() {
    let mut silent = Vec::new();
    let mut told = 0;
    for case in vectors::all() {
        let uncounted = case.deny.iter().any(|code| ["member-missing", "no-evidence"].contains(code));
        if !uncounted || is_absent(&case.name) {
            continue;
        }
        let said = case.deny.iter().chain(&case.warn).any(|code| fault(code).is_some());
        if said { told += 1 } else { silent.push(case.name) }
    }
    assert!(silent.is_empty(), "these do not say what is wrong with a signature: {silent:#?}");
    assert!(told > 150, "only {told} vectors were looked at");
}

#[test]
fn the_page_of_the_codes_has_the_faults() {
    let page = fs::read_to_string(repository("docs/rules.md")).unwrap();
    for (fault, codes) in FAULTS {
        let codes: Vec<_> = codes.iter().map(|code| format!("`{code}`")).collect();
        let row = format!("| {fault} | {} |", codes.join(", "));
        assert!(page.contains(&row), "docs/rules.md has no row {row:?}");
    }
}
