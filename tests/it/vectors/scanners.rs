//! Scans: of something else, with warnings, by nobody in particular.

use serde_json::{Value, json};

use super::gate::TEST_RESULT;
use super::policies::{rules, scan, sealed};
use super::{Case, policies};
use crate::forge::{FIRST_SEAL, Forged};

const EVERYTHING: [&str; 6] = ["EMPTY", "a.bin", "b.bin", "config.json", "naïve 'file' \"x\".txt", "sub/c.bin"];

pub fn cases() -> Vec<Case> {
    let scanned = |scans: &[Value]| {
        sealed(scans.iter().fold(Forged::good(), |bundle, scan| bundle.state(TEST_RESULT, "scanner", scan)))
    };
    let by = |uri: &str| scan(uri, &EVERYTHING, "2025-12-31T00:00:00Z");
    let of_files = |digest: &str| {
        let mut scan = by("pkg:pypi/modelscan@0.8.5");
        let files = json!({"name": "files", "digest": {"dirHash": digest}});
        scan["configuration"].as_array_mut().unwrap().push(files);
        scan
    };
    let model = Forged::good().statement(FIRST_SEAL)["predicate"]["model"]["fileList"].as_str().unwrap().to_owned();
    let mut warned = by("pkg:pypi/modelscan@0.8.5");
    warned["warnedTests"] = json!(["a.bin: suspicious"]);
    let warned_of_two = warned.clone();
    let others = scan("pkg:pypi/modelscan@0.8.5", &["good.pkl", "deep/bad.pkl"], "2025-12-31T00:00:00Z");
    let required = "[[require]]\nevidence = \"scan\"";
    let one = "scans = {}";
    vec![
        rules("scan-of-files", "a scan names the model by the digest of its files", &scanned(&[of_files(&model)]), one),
        rules("scan-of-other-files", "a scan names another folder", &scanned(&[of_files(&"a".repeat(64))]), one)
            .deny(&["lineage-mismatch"])
            .beside("scan-of-files")
            .threats(&["N115"]),
        rules("scan-read-others", "a scan read nothing of the model", &scanned(std::slice::from_ref(&others)), one)
            .deny(&["scan-incomplete"])
            .beside("scan-of-files")
            .threats(&["N115"]),
        policies::policy(
            "scan-read-others-required",
            "and is none where one is required",
            &scanned(&[others]),
            required,
        )
        .deny(&["evidence-missing"])
        .threats(&["N115"]),
        policies::policy("scan-required", "a scan of the model is required", &scanned(&[of_files(&model)]), required),
        rules("scans-warned-in-part", "a scan passed, and lists warnings", &scanned(&[warned]), one)
            .deny(&["test-failed"])
            .beside("scan-of-files"),
        rules(
            "scans-warned-of-two",
            "one scan has warnings, and another program never looked",
            &scanned(&[warned_of_two]),
            "scans = { scanners = 2 }",
        )
        .deny(&["evidence-missing", "test-failed"])
        .beside("scans"),
        rules(
            "scans-one-slashed",
            "a slash makes no other scanner",
            &scanned(&[by("pkg:pypi/a@1"), by("pkg:pypi//a@1"), by("pkg:pypi/a/@1")]),
            "scans = { scanners = 2 }",
        )
        .deny(&["too-few-attesters"])
        .beside("scans"),
        rules(
            "scans-of-no-name",
            "words are no programs that could be told apart",
            &scanned(&[by("a"), by("b"), by("pkg:pypi/n/a@1"), by("pkg:pypi/a ")]),
            "scans = { scanners = 2 }",
        )
        .deny(&["evidence-missing"])
        .beside("scans"),
        rules(
            "scans-of-pages",
            "a page has one address",
            &scanned(&[by("https://a.example/"), by("https://a.example")]),
            "scans = { scanners = 2 }",
        )
        .deny(&["too-few-attesters"])
        .beside("scans"),
    ]
}
