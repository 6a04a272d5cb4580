//! What lies just within a limit, and just beyond it: ages and keepers of packages, what of a base model was withdrawn, the seal
//! after which a stage was entered.

use assaymark::digest::Digest;
use serde_json::json;

use super::Case;
use super::gate::{SUMMARY, list, promotion, waived, withdrawing};
use super::packages::listing;
use super::policies::{CORPUS, policy, rules, sealed};
use crate::forge::{FIRST_SEAL, Forged, PROVENANCE};

pub fn cases() -> Vec<Case> {
    [packages(), bases(), summaries(), scans()].into_iter().flatten().collect()
}

fn packages() -> Vec<Case> {
    let of = |name, why, uploaded: &str, maintainers: u64| {
        let facts = json!({"uploaded": uploaded, "maintainers": maintainers});
        let before = json!({"uploaded": "2025-01-01T00:00:00Z", "maintainers": 3});
        let facts = json!({"packages": {"pkg:pypi/numpy@2.1.0": facts, "pkg:pypi/numpy@2.0.0": before}}).to_string();
        let demand = "packages = { min-age = \"14d\", min-maintainers = 2 }";
        rules(name, why, &listing("pkg:pypi/numpy@2.1.0", |_| {}), demand).write("facts.json", &facts).with(&[
            "--package-facts",
            "facts.json",
            "--at",
            "2026-01-15T00:00:00Z",
        ])
    };
    let (old, young) = ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z");
    vec![
        of("boundary-package-good", "a package is as old as it must be, and as many people keep it", old, 2),
        of("boundary-package-young", "a package is a second too young", young, 2).deny(&["package-denied"]),
        of("boundary-package-kept-by-one", "one person keeps a package, and two must", old, 1)
            .deny(&["package-denied"]),
        of("boundary-package-kept-by-more-good", "more people keep a package than must", old, 3),
    ]
}

/// The good bundle with a base model whose evidence names another release.
fn based_on(release: &'static str) -> Forged {
    let change = |statement: &mut serde_json::Value| {
        let parts = statement["predicate"]["buildDefinition"]["resolvedDependencies"].as_array_mut().unwrap();
        let base = parts.iter_mut().find(|one| one["name"] == "base:parent").unwrap();
        base["annotations"]["assaymark_release"] = json!(release);
    };
    Forged::good().with_known_base(CORPUS, "training").resign(PROVENANCE, "release", change).reseal("release")
}

fn bases() -> Vec<Case> {
    let release = |name, why, of: &'static str| {
        let text = list("officer", "other", |one| {
            one["subject"][0]["digest"]["sha256"] = json!(Digest::of(b"parent@1.0.0").to_string());
            one["predicate"]["withdrawn"] = json!({"kind": "release", "name": "parent", "version": "1.0.0"});
        });
        withdrawing(name, why, &text).bundle(&based_on(of))
    };
    let key = |name, why, digit: &str| {
        let fingerprint = digit.repeat(64);
        let text = list("officer", "other", |one| {
            one["subject"] = json!([{"name": "key", "digest": {"sha256": fingerprint}}]);
            one["predicate"]["withdrawn"] = json!({"kind": "key", "fingerprint": fingerprint});
        });
        withdrawing(name, why, &text).bundle(&based_on("parent@1.0.0"))
    };
    vec![
        release("boundary-base-good", "another version of the base model was withdrawn", "parent@1.0.1"),
        release("boundary-base-name-good", "this version of another release was withdrawn", "parents@1.0.0"),
        release("boundary-base", "the release of the base model was withdrawn", "parent@1.0.0").deny(&["withdrawn"]),
        key("boundary-base-key-good", "a key was withdrawn that signed nothing of the base model", "b"),
        key("boundary-base-key", "a key was withdrawn that signed the evidence of the base model", "a")
            .deny(&["withdrawn"]),
    ]
}

fn summaries() -> Vec<Case> {
    let demand = "[[require]]\nevidence = \"verification-summary\"\nsealed = true";
    let good = Forged::good();
    let seal = Digest::of(&good.payload(FIRST_SEAL)).to_string();
    let mut failed = promotion(&seal, "vector/1.0.0", "staging");
    failed["verificationResult"] = json!("FAILED");
    failed["verifiedLevels"] = json!(["FAILED"]);
    let passed = sealed(good.clone().enter("vector/1.0.0", "staging"));
    let failed = sealed(good.clone().state(SUMMARY, "promoter", &failed));
    vec![
        policy("boundary-summary-good", "the summary that is demanded says that it passed", &passed, demand),
        policy("boundary-summary-failed", "the summary that is demanded says that it failed", &failed, demand)
            .deny(&["evidence-missing"]),
    ]
}

/// A scan that failed and whose failure is waived, for the rule that tests pass: it is still no scan that found nothing.
fn scans() -> Vec<Case> {
    let failed = sealed(Forged::good().scan("FAILED"));
    let waived = waived(failed.clone(), "officer", failed.newest_seal(), |one| one["rule"] = json!("tests-passed"));
    let of = |name, why, demand: &str| {
        let text = format!("files = [\"model\"]\nwaivable = [\"test-failed\"]\n{demand}");
        policy(name, why, &waived, &text).with(&["--at", "2026-01-02T12:00:00Z"])
    };
    vec![
        of("boundary-scan-waived-good", "a failed scan is waived, and none is demanded", ""),
        of("boundary-scan-waived", "a failed scan is waived, and one is demanded", "[rules]\nscans = {}")
            .deny(&["evidence-missing"])
            .says("the model was scanned by 0 scanners"),
    ]
}
