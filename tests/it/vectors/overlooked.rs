//! What evidence says where nobody looks for it: data under other names, tensors of a text, who signed beside the seal, and
//! which database a scan can have used.

use serde_json::{Value, json};

use super::gate::TEST_RESULT;
use super::packages::listing;
use super::policies::{CORPUS, VULNERABILITIES, evaluation, policy, rules, sealed};
use super::{Case, case};
use crate::forge::{FIRST_SEAL, Forged, MODEL_SIGNATURE, PROVENANCE};

const TENSORS: &str = "https://assaymark.dev/tensors/v1";

pub fn cases() -> Vec<Case> {
    [named(), tensors(), signers(), vulnerable(), packages()].into_iter().flatten().collect()
}

/// The good bundle, whose base model is known, with another build definition.
fn building(change: impl FnOnce(&mut Value)) -> Forged {
    let good = Forged::good().with_known_base(CORPUS, "training");
    let build = |statement: &mut Value| change(&mut statement["predicate"]["buildDefinition"]);
    good.resign(PROVENANCE, "release", build).reseal("release")
}

fn depending(dependency: Value) -> Forged {
    building(|build| build["resolvedDependencies"].as_array_mut().unwrap().push(dependency))
}

fn named() -> Vec<Case> {
    let hex = "e".repeat(64);
    let deny = format!("datasets = {{ deny = [\"evil\", \"tree:sha256:{hex}\"] }}");
    let allow = format!("datasets = {{ allow = [\"train\", \"crawl\", \"tree:sha256:{CORPUS}\"] }}");
    let image = json!({"name": "image", "uri": "docker://ci", "digest": {"sha256": "1".repeat(64)}});
    let alone = building(|build| {
        build["externalParameters"]["datasets"].as_array_mut().unwrap().push(json!("evil"));
    });
    let denied = |name, why, dependency: Value, rule: &str| {
        rules(name, why, &depending(dependency), rule).deny(&["dataset-denied"])
    };
    vec![
        case("named-alone", "the parameters name a dataset, and no dependency says which it is")
            .bundle(&alone)
            .deny(&["dataset-without-digest"]),
        rules("named-image", "a dependency that says nothing of data is no dataset", &depending(image.clone()), &allow),
        rules(
            "named-other",
            "a dependency that is neither called nor made as what is denied",
            &depending(image),
            &deny,
        ),
        denied("named-other-denied", "a dependency has the name of denied data", json!({"name": "evil"}), &deny),
        denied(
            "named-other-digest",
            "a dependency without a name has the digest of denied data",
            json!({"uri": "https://example.com/data", "digest": {"sha256": hex}}),
            &deny,
        ),
        denied(
            "named-other-capital",
            "a dependency is called a dataset with a capital letter, and is not allowed",
            json!({"name": "Dataset:train", "digest": {"dirHash": hex}}),
            &allow,
        ),
    ]
}

fn tensors() -> Vec<Case> {
    let signature = Forged::good().statement(MODEL_SIGNATURE);
    let mut files = signature["predicate"]["resources"].as_array().unwrap().iter();
    let text = files.find(|one| one["name"] == "config.json").unwrap()["digest"].as_str().unwrap().to_owned();
    let tensor = json!({"name": "w", "dtype": "F32", "shape": [1], "sha256": text});
    let record = json!({"files": [{"path": "config.json", "sha256": text, "format": "gguf", "tensors": [tensor]}]});
    let bundle = sealed(Forged::good().state(TENSORS, "release", &record));
    vec![
        policy("tensors-of-a-text", "a record has tensors of a text", &bundle, "[[require]]\nevidence = \"tensors\"")
            .deny(&["lineage-mismatch"])
            .beside("tensors-of-files"),
    ]
}

fn signers() -> Vec<Case> {
    let result = evaluation(&json!([{"name": "accuracy", "value": 0.95}]));
    let evaluated = sealed(Forged::good().state(TEST_RESULT, "release", &result)).approve("second", FIRST_SEAL + 2);
    let apart = "[[require]]\nevidence = \"approval\"\nnot-by = \"evaluator\"";
    vec![
        policy("signer-elsewhere", "the approver could have evaluated, and did not", &evaluated, apart)
            .trust("demand.toml"),
        policy(
            "signer-elsewhere-unsealed",
            "the approver signed an evaluation that no seal names",
            &evaluated.state(TEST_RESULT, "second", &result),
            apart,
        )
        .trust("demand.toml")
        .deny(&["duties-not-separated"])
        .warn(&["unsealed-line"]),
    ]
}

/// What a scanner says of vulnerabilities, and others say of them.
fn vulnerable() -> Vec<Case> {
    let scanned = |finished: &str, updated: &str| {
        let predicate = json!({
            "scanner": {"uri": "pkg:pypi/pip-audit@2", "db": {"lastUpdate": updated}, "result": []},
            "metadata": {"scanStartedOn": finished, "scanFinishedOn": finished},
        });
        sealed(Forged::good().state(VULNERABILITIES, "scanner", &predicate))
    };
    let rule = "vulnerabilities = { max-severity = \"low\", database-max-age = \"7d\" }";
    let at = ["--at", "2026-02-01T00:00:00Z"];
    vec![
        rules(
            "database-of-the-scan",
            "the database of the scan is new",
            &scanned("2026-01-31T00:00:00Z", "2026-01-30T00:00:00Z"),
            rule,
        )
        .with(&at),
        rules(
            "database-of-the-scan-later",
            "the database is newer than the scan that is said to have used it",
            &scanned("2025-01-01T00:00:00Z", "2026-01-31T00:00:00Z"),
            rule,
        )
        .with(&at)
        .deny(&["evidence-stale"]),
    ]
}

/// A program that noted something in the BOM, and modules of Go in their major versions.
fn packages() -> Vec<Case> {
    let noted = |purl: &str| {
        let program = json!({"component": {"type": "application", "name": "reader", "purl": purl}});
        listing("pkg:golang/github.com/a/b/v2@v2.0.0", |bom| {
            bom["annotations"] = json!([{
                "subjects": ["model"], "annotator": program, "timestamp": "2026-01-01T00:00:00Z", "text": "read",
            }]);
        })
    };
    let deny = "packages = { deny = [\"pkg:pypi/evil-pkg\"] }";
    vec![
        rules("packages-noted", "what noted something in the BOM is not denied", &noted("pkg:pypi/reader@1.0"), deny),
        rules(
            "packages-denied-noted",
            "what noted something in the BOM is denied",
            &noted("pkg:pypi/evil-pkg@1.0"),
            deny,
        )
        .deny(&["package-denied"])
        .beside("packages-noted"),
        rules(
            "packages-denied-major",
            "a module of Go is denied, and its second major version is used",
            &noted("pkg:pypi/reader@1.0"),
            "packages = { deny = [\"pkg:golang/github.com/a/b\"] }",
        )
        .deny(&["package-denied"])
        .beside("packages-noted"),
    ]
}
