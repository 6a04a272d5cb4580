//! Policies: for each rule what passes it, and what it denies.

use assaymark::digest::Digest;
use serde_json::{Value, json};

use super::gate::TEST_RESULT;
use super::{Case, case};
use crate::forge::{BOM, FIRST_SEAL, Forged, PROVENANCE};

pub(super) const VULNERABILITIES: &str = "https://in-toto.io/attestation/vulns/v0.2";
const OPENVEX: &str = "https://openvex.dev/ns/v0.2.0";
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// The digest of the data from which the base model was made.
pub const CORPUS: &str = "c02b0c0c02b0c0c02b0c0c02b0c0c02b0c0c02b0c0c02b0c0c02b0c0c02b0c0c";

pub fn cases() -> Vec<Case> {
    [files(), evidence(), approvals(), licenses(), datasets(), provenance(), measured(), packages(), conditions()]
        .into_iter()
        .flatten()
        .collect()
}

/// Starts a vector with a policy; `text` goes on behind its name.
pub(super) fn policy(name: &'static str, why: &'static str, bundle: &Forged, text: &str) -> Case {
    case(name, why)
        .trust("gate.toml")
        .bundle(bundle)
        .write("policy.toml", &format!("[policy]\nname = \"vector\"\n{text}\n"))
        .with(&["--policy", "policy.toml"])
}

pub(super) fn rules(name: &'static str, why: &'static str, bundle: &Forged, text: &str) -> Case {
    policy(name, why, bundle, &format!("[rules]\n{text}"))
}

pub(super) fn sealed(bundle: Forged) -> Forged {
    bundle.seal_again("release", |_| {})
}

pub(super) fn evaluation(metrics: &Value) -> Value {
    json!({"result": "PASSED", "configuration": [{"name": "metrics", "annotations": {"assaymark_metrics": metrics}}]})
}

/// A scan by a program, with what it read.
pub(super) fn scan(uri: &str, covered: &[&str], updated: &str) -> Value {
    let annotations = json!({"assaymark_covered": covered, "assaymark_rulesUpdated": updated});
    json!({"result": "PASSED", "configuration": [{"name": "scanner", "uri": uri, "annotations": annotations}]})
}

/// The same scan with a warning.
fn warned(scan: &Value) -> Value {
    let mut warned = scan.clone();
    warned["result"] = json!("WARNED");
    warned["warnedTests"] = json!(["a.bin: suspicious globals: 1"]);
    warned
}

/// An OpenVEX document of some statements.
fn openvex(statements: &Value) -> Value {
    json!({
        "@context": OPENVEX, "@id": "https://example.com/vex/1", "author": "laboratory",
        "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": statements,
    })
}

fn files() -> Vec<Case> {
    let good = Forged::good();
    let all = "files = [\"model\", \"code\", \"dataset:train\"]";
    vec![
        policy("policy-files", "everything that must be hashed again was", &good, all).with(&[
            "--code",
            "code",
            "--dataset",
            "train=data/train",
        ]),
        policy(
            "policy-files-vouched",
            "the caller vouches for a model that must be hashed",
            &good,
            "files = [\"model\"]",
        )
        .only(&["--policy", "policy.toml", "--without-files", "--model-digest"])
        .with(&["tree:sha256:7649bb72a5f1e2935e894b55941da6e09fbc5135e4265cbe23c82cc9d8aa4dc3"])
        .deny(&["not-hashed"])
        .threats(&["N113"]),
        policy("policy-files-left-out", "code and data that must be hashed are not given", &good, all)
            .deny(&["not-hashed"]),
        policy("policy-files-changed", "the dataset that must be hashed is another one", &good, all)
            .flip("data/train/1.csv", 0)
            .with(&["--code", "code", "--dataset", "train=data/train"])
            .deny(&["file-changed", "not-hashed"]),
        policy(
            "policy-expired",
            "the policy has expired",
            &good,
            "expires = 2026-01-02T00:00:00Z\nfiles = [\"model\"]",
        )
        .with(&["--at", "2026-01-02T00:00:00Z"])
        .refused("expired"),
        policy(
            "policy-expires",
            "the policy expires in a second",
            &good,
            "expires = 2026-01-02T00:00:00Z\nfiles = [\"model\"]",
        )
        .with(&["--at", "2026-01-01T23:59:59Z"]),
        rules("policy-sequence", "the newest seal is too old a one", &good, "min-sequence = 2")
            .deny(&["rollback"])
            .threats(&["N070"]),
        rules("policy-sequence-good", "the newest seal is new enough", &sealed(good.clone()), "min-sequence = 2"),
    ]
}

fn evidence() -> Vec<Case> {
    let good = Forged::good();
    let scanned = sealed(good.clone().scan("PASSED"));
    let note = "https://example.com/note/v1";
    let noted = |kind: &str, signer: &str| sealed(good.clone().state(kind, signer, &json!({"note": 1})));
    let require_note = format!("[[require]]\nevidence = \"{note}\"\nrole = \"evaluator\"");
    let fresh = "[[require]]\nevidence = \"provenance\"\nmax-age = \"2d\"";
    let require_scan = "[[require]]\nevidence = \"scan\"";
    let fresh_scan = "[[require]]\nevidence = \"scan\"\nmax-age = \"2d\"";
    let scanned_at = |time: &str| {
        let annotations = json!({"assaymark_finishedOn": time, "assaymark_rulesUpdated": "2026-01-01T00:00:00Z"});
        let program = json!({"name": "scanner", "annotations": annotations});
        let predicate = json!({"result": "PASSED", "configuration": [program]});
        sealed(good.clone().state(TEST_RESULT, "scanner", &predicate))
    };
    vec![
        policy("require-scan-good", "a scan that is demanded is there", &scanned, require_scan),
        policy("require-scan-absent", "a scan that is demanded is absent", &good, require_scan)
            .deny(&["evidence-missing"])
            .threats(&["N115"]),
        policy(
            "require-scan-unsealed",
            "a scan that is demanded is not sealed",
            &good.clone().scan("PASSED"),
            require_scan,
        )
        .warn(&["unsealed-line"])
        .deny(&["evidence-missing"]),
        policy(
            "require-scan-evaluated",
            "an evaluation stands for a scan",
            &sealed(good.clone().state(TEST_RESULT, "scanner", &evaluation(&json!([])))),
            require_scan,
        )
        .deny(&["evidence-missing"]),
        policy(
            "require-evaluation-scanned",
            "a scan stands for an evaluation",
            &scanned,
            "[[require]]\nevidence = \"evaluation\"",
        )
        .deny(&["evidence-missing"]),
        policy(
            "require-type-any",
            "evidence of a type that we don't know is demanded of anybody",
            &noted(note, "scanner"),
            &format!("[[require]]\nevidence = \"{note}\""),
        )
        .refused("needs the `role` of its signer"),
        policy(
            "require-role-never",
            "evidence is demanded in a role from which it never counts",
            &scanned,
            &format!("{require_scan}\nrole = \"builder\""),
        )
        .refused("never from `builder`"),
        policy(
            "require-role-contradicts",
            "evidence is demanded by and not by the same role",
            &scanned,
            &format!("{require_scan}\nrole = \"scanner\"\nnot-by = \"scanner\""),
        )
        .refused("and not by one who signed as"),
        policy(
            "require-role-counts",
            "evidence is demanded in a role from which it counts",
            &scanned,
            &format!("{require_scan}\nrole = \"scanner\""),
        ),
        policy(
            "require-type-good",
            "evidence of a type that we don't know is there",
            &noted(note, "scanner"),
            &require_note,
        ),
        policy(
            "require-type-similar",
            "the type of the evidence is only similar",
            &noted("https://example.com/note/v11", "scanner"),
            &require_note,
        )
        .deny(&["evidence-missing"])
        .threats(&["N109"]),
        policy(
            "require-type-role",
            "it is signed in another role than demanded",
            &noted(note, "release"),
            &require_note,
        )
        .deny(&["evidence-missing"])
        .threats(&["N109"]),
        policy("require-fresh", "the provenance is young enough", &good, fresh).with(&["--at", "2026-01-02T00:00:00Z"]),
        policy("require-stale", "the provenance is too old", &good, fresh)
            .with(&["--at", "2026-01-02T23:00:01Z"])
            .deny(&["evidence-stale"])
            .threats(&["N071", "N115"])
            .beside("require-fresh"),
        policy(
            "require-undated",
            "the provenance does not say when the training ended",
            &good
                .clone()
                .resign(PROVENANCE, "release", |statement| {
                    let metadata = statement.pointer_mut("/predicate/runDetails/metadata").unwrap();
                    let metadata = metadata.as_object_mut().unwrap();
                    metadata.remove("startedOn");
                    metadata.remove("finishedOn");
                })
                .reseal("release"),
            fresh,
        )
        .with(&["--at", "2026-01-02T00:00:00Z"])
        .deny(&["evidence-stale"])
        .beside("require-fresh"),
        policy("require-scan-fresh", "the scan is young enough", &scanned_at("2026-01-01T00:00:00Z"), fresh_scan)
            .with(&["--at", "2026-01-02T00:00:00Z"]),
        policy(
            "require-scan-fresh-rules",
            "the rules of the scanner are new, and the scan is old",
            &scanned_at("2025-12-01T00:00:00Z"),
            fresh_scan,
        )
        .with(&["--at", "2026-01-02T00:00:00Z"])
        .deny(&["evidence-stale"]),
        policy(
            "require-scan-fresh-unread",
            "the rules of the scanner are new, and when it scanned can't be read",
            &scanned_at("2026-01-01"),
            fresh_scan,
        )
        .with(&["--at", "2026-01-02T00:00:00Z"])
        .deny(&["evidence-stale"]),
        policy(
            "require-stale-warns",
            "a rule that only warns",
            &good,
            &format!("files = [\"model\"]\n{fresh}\nseverity = \"warn\""),
        )
        .with(&["--at", "2026-01-03T00:00:00Z"])
        .warn(&["evidence-stale"]),
        policy(
            "require-stale-strict",
            "a warning that denies",
            &good,
            &format!("files = [\"model\"]\n{fresh}\nseverity = \"warn\""),
        )
        .with(&["--at", "2026-01-03T00:00:00Z", "--strict"])
        .warn(&["evidence-stale"]),
        policy("require-fresh-strict", "strict, and nothing to warn of", &good, fresh).with(&[
            "--at",
            "2026-01-01T00:00:00Z",
            "--strict",
        ]),
        policy(
            "require-timestamp",
            "no timestamp can be checked",
            &good,
            "[[require]]\nevidence = \"bom\"\ntimestamped = true",
        )
        .deny(&["proof-missing"]),
        policy(
            "require-timestamp-absent",
            "what must have a timestamp is absent, and keys alone have none",
            &good,
            "[[require]]\nevidence = \"approval\"\ntimestamped = true",
        )
        .deny(&["evidence-missing"]),
        policy("require-log", "no log can be checked", &good, "[[require]]\nevidence = \"bom\"\nlogged = true")
            .deny(&["proof-missing"]),
    ]
}

fn approvals() -> Vec<Case> {
    let good = Forged::good();
    let approved = good.clone().approve("second", FIRST_SEAL);
    let both = approved.clone().approve("stranger", FIRST_SEAL);
    let evaluated = sealed(good.clone().state(TEST_RESULT, "scanner", &evaluation(&json!([]))));
    let require = |more: &str| format!("[[require]]\nevidence = \"approval\"\n{more}");
    let two = require("count = 2");
    vec![
        policy("approvals-good", "two people approve", &both, &two).trust("approvers.toml"),
        policy("approvals-one", "one person approves, and two must", &approved, &two)
            .trust("approvers.toml")
            .deny(&["too-few-attesters"])
            .threats(&["N114"]),
        policy("approvals-two-keys", "one person approves with two keys", &both, &two)
            .trust("two-keys.toml")
            .deny(&["too-few-attesters"]),
        policy(
            "approvals-twice",
            "one person approves twice",
            &approved.clone().state(
                super::gate::APPROVAL,
                "second",
                &json!({"seal": Digest::of(&good.payload(FIRST_SEAL)).to_string(), "approvedAt": "2026-01-01T00:00:01Z"}),
            ),
            &two,
        )
        .trust("approvers.toml")
        .deny(&["too-few-attesters"]),
        policy("approvals-none", "nobody approves", &good, &two).trust("approvers.toml").deny(&["evidence-missing"]),
        policy("approvals-sealed", "an approval must be sealed and is not", &approved, &require("sealed = true"))
            .deny(&["evidence-missing"]),
        policy("approvals-separate", "the approver is not the builder", &approved, &require("not-by = \"builder\"")),
        policy("approvals-own", "the builder approves", &approved, &require("not-by = \"builder\""))
            .bundle(&good.clone().approve("release", FIRST_SEAL))
            .trust("own-approver.toml")
            .deny(&["duties-not-separated"]),
        policy("approvals-separate-one", "the builder approves, and somebody else as well", &approved, &require("not-by = \"builder\""))
            .bundle(&good.clone().approve("release", FIRST_SEAL).approve("second", FIRST_SEAL))
            .trust("demand.toml"),
        policy(
            "approvals-separate-able",
            "the approver could have been the builder, and was not here",
            &approved,
            &require("not-by = \"builder\""),
        )
        .trust("demand.toml"),
        policy("approvals-separate-unknown", "nobody signed in the role that approvers must not have", &approved, &require("not-by = \"evaluator\""))
            .deny(&["duties-not-separated"]),
        policy(
            "approvals-separate-nobody",
            "nobody approves, and nobody signed in the role that approvers must not have",
            &good,
            &require("not-by = \"evaluator\""),
        )
        .deny(&["duties-not-separated", "evidence-missing"])
        .beside("approvals-separate-evaluated"),
        policy(
            "approvals-separate-evaluated",
            "the approver is not the evaluator",
            &evaluated.approve("second", FIRST_SEAL + 2),
            &require("not-by = \"evaluator\""),
        ),
    ]
}

/// A release whose base model has a licence, with another one that its model card alone names.
pub(super) fn named_by_card(good: &Forged, licenses: Value) -> Forged {
    let named = move |bom: &mut Value| {
        let components = bom["predicate"]["components"].as_array_mut().unwrap();
        let is_base = |one: &&mut Value| one["bom-ref"].as_str().is_some_and(|name| name.starts_with("base:"));
        for base in components.iter_mut().filter(is_base) {
            base["licenses"] = json!([{"license": {"id": "MIT"}}]);
        }
        let ancestor = json!({"type": "machine-learning-model", "name": "a/b", "purl": "pkg:huggingface/a/b", "licenses": licenses});
        components[0]["pedigree"]["ancestors"].as_array_mut().unwrap().push(ancestor);
    };
    good.clone().resign(BOM, "release", named).reseal("release")
}

fn licenses() -> Vec<Case> {
    let good = Forged::good();
    let licensed = |reference: &'static str, license: Value| {
        good.clone()
            .resign(BOM, "release", move |bom| {
                let components = bom["predicate"]["components"].as_array_mut().unwrap();
                let component = components.iter_mut().find(|one| one["bom-ref"] == reference).unwrap();
                component["licenses"] = license;
            })
            .reseal("release")
    };
    let cc0 = || json!([{"license": {"id": "CC0-1.0"}}]);
    vec![
        rules("licenses-model", "the licence of the model is allowed", &good, "model-licenses = { allow = [\"MIT\"] }"),
        rules(
            "licenses-model-denied",
            "the licence of the model is denied",
            &good,
            "model-licenses = { deny = [\"osi-approved\"] }",
        )
        .deny(&["license-denied"]),
        rules(
            "licenses-dataset-absent",
            "a dataset has no licence",
            &good,
            "dataset-licenses = { deny = [\"non-commercial\"] }",
        )
        .deny(&["license-unknown"]),
        rules(
            "licenses-dataset",
            "every dataset has a licence that is not denied",
            &licensed("dataset:crawl", cc0()),
            "dataset-licenses = { deny = [\"non-commercial\"] }",
        ),
        rules(
            "licenses-dataset-non-commercial",
            "a dataset may not be used commercially",
            &licensed("dataset:crawl", json!([{"license": {"id": "CC-BY-NC-4.0"}}])),
            "dataset-licenses = { deny = [\"non-commercial\"] }",
        )
        .deny(&["license-denied"]),
        rules(
            "licenses-dataset-own",
            "a dataset has a licence of its own, of which nothing is known",
            &licensed("dataset:crawl", json!([{"license": {"name": "free for everybody"}}])),
            "dataset-licenses = { deny = [\"non-commercial\"] }",
        )
        .deny(&["license-unknown"]),
        rules("licenses-base-absent", "a base model has no licence", &good, "base-licenses = { allow = [\"MIT\"] }")
            .deny(&["license-unknown"]),
        rules(
            "licenses-base-of-card",
            "the model card names a base model whose licence nobody knows",
            &named_by_card(&good, json!([])),
            "base-licenses = { deny = [\"non-commercial\"] }",
        )
        .deny(&["license-unknown"]),
        rules(
            "licenses-base-of-card-known",
            "the licence of a base model that the card names is known, and not denied",
            &named_by_card(&good, json!([{"license": {"id": "MIT"}}])),
            "base-licenses = { deny = [\"non-commercial\"] }",
        ),
        policy(
            "licenses-base-warns",
            "a rule that only warns",
            &good,
            "files = [\"model\"]\n[rules]\nbase-licenses = { allow = [\"MIT\"] }\nseverity = { base-licenses = \"warn\" }",
        )
        .warn(&["license-unknown"]),
        rules(
            "license-flow-non-commercial",
            "a model that may be sold was made from data that may not",
            &licensed("dataset:crawl", json!([{"license": {"id": "CC-BY-NC-4.0"}}])),
            "license-flow = true",
        )
        .deny(&["license-conflict", "license-unknown"]),
        rules(
            "license-flow",
            "every dataset and base model has a licence that flows into that of the release",
            &good
                .clone()
                .resign(BOM, "release", |bom| {
                    let components = bom["predicate"]["components"].as_array_mut().unwrap();
                    for component in components.iter_mut().filter(|one| one["bom-ref"] != "code") {
                        component["licenses"] = json!([{"license": {"id": "MIT"}}]);
                    }
                })
                .reseal("release"),
            "license-flow = true",
        ),
        rules("license-flow-unknown", "nothing is known of the licence of a dataset", &good, "license-flow = true")
            .deny(&["license-unknown"]),
        rules(
            "bom-score",
            "the BOM has the score that is demanded",
            &good,
            "bom = { profile = \"owasp-aibom\", min-score = 10 }",
        ),
        rules(
            "bom-incomplete",
            "the BOM lacks minimum elements",
            &good,
            "bom = { profile = \"ntia\", min-score = 70 }",
        )
        .deny(&["bom-incomplete"]),
    ]
}

fn datasets() -> Vec<Case> {
    let good = Forged::good().with_known_base(CORPUS, "training");
    let roles = |role: &'static str, digest: &'static str| {
        good.clone()
            .resign(PROVENANCE, "release", move |provenance| {
                let parts = &mut provenance["predicate"]["buildDefinition"]["resolvedDependencies"];
                let part = parts.as_array_mut().unwrap().iter_mut().find(|one| one["name"] == "dataset:crawl").unwrap();
                part["annotations"]["assaymark_role"] = json!(role);
                if !digest.is_empty() {
                    part["digest"] = json!({"dirHash": digest});
                }
            })
            .resign(BOM, "release", move |bom| {
                let parts = bom["predicate"]["components"].as_array_mut().unwrap();
                let part = parts.iter_mut().find(|one| one["bom-ref"] == "dataset:crawl").unwrap();
                if !digest.is_empty() {
                    part["hashes"] = json!([{"alg": "SHA-256", "content": digest}]);
                    for property in part["properties"].as_array_mut().unwrap() {
                        if property["name"] == "assaymark:digest" {
                            property["value"] = json!(format!("tree:sha256:{digest}"));
                        }
                    }
                }
            })
            .reseal("release")
    };
    let compared = |by: &'static str| {
        roles("testing", "")
            .resign(PROVENANCE, "release", move |provenance| {
                let parts = &mut provenance["predicate"]["buildDefinition"]["resolvedDependencies"];
                let part = parts.as_array_mut().unwrap().iter_mut().find(|one| one["name"] == "dataset:crawl").unwrap();
                part["annotations"]["assaymark_disjoint"] = json!({"train": by});
            })
            .reseal("release")
    };
    let train = "56843c0911ad2f3546adb95744a6998af02c13c33d45fef07764de545dcf2198";
    let allowing = |names: &str| format!("datasets = {{ allow = [{names}, \"tree:sha256:{CORPUS}\"] }}");
    vec![
        rules("datasets-allowed", "every dataset is allowed", &good, &allowing("\"train\", \"crawl\"")),
        rules("datasets-not-allowed", "one dataset is not allowed", &good, &allowing("\"train\""))
            .deny(&["dataset-denied"]),
        rules(
            "datasets-denied",
            "a dataset is denied by its digest",
            &good,
            &format!("datasets = {{ deny = [\"tree:sha256:{train}\"] }}"),
        )
        .deny(&["dataset-denied"]),
        rules(
            "datasets-other-kind",
            "the digest that is denied is that of a file, and the dataset is a folder",
            &good,
            &format!("datasets = {{ deny = [\"sha256:{train}\"] }}"),
        ),
        rules(
            "test-data",
            "testing data are others than training data",
            &roles("testing", ""),
            "test-data-disjoint = true",
        ),
        rules(
            "test-data-same",
            "a testing dataset is the training dataset",
            &roles("testing", train),
            "test-data-disjoint = true",
        )
        .deny(&["test-data-in-training"]),
        rules(
            "test-data-rows",
            "the rows of testing data were compared",
            &compared("rows"),
            "test-data-disjoint = \"rows\"",
        ),
        rules(
            "test-data-files",
            "the files of testing data were compared, and the rows are demanded",
            &compared("files"),
            "test-data-disjoint = \"rows\"",
        )
        .deny(&["test-data-in-training"]),
        rules(
            "test-data-not-compared",
            "nothing but the digests of testing data can be compared",
            &roles("testing", ""),
            "test-data-disjoint = \"files\"",
        )
        .deny(&["test-data-in-training"]),
        rules(
            "test-data-unknown",
            "a dataset has no role, and none is for testing",
            &good,
            "test-data-disjoint = true",
        )
        .deny(&["test-data-in-training"]),
    ]
}

fn provenance() -> Vec<Case> {
    let good = Forged::good();
    let from = |uri: &'static str, dirty: bool| {
        good.clone()
            .resign(PROVENANCE, "release", move |provenance| {
                let parts = &mut provenance["predicate"]["buildDefinition"]["resolvedDependencies"];
                let code = parts.as_array_mut().unwrap().iter_mut().find(|one| one["name"] == "code").unwrap();
                code["uri"] = json!(format!("git+{uri}@{COMMIT}"));
                code["digest"]["gitCommit"] = json!(COMMIT);
                code["annotations"]["assaymark_dirty"] = json!(dirty);
                let parameters = &mut provenance["predicate"]["buildDefinition"]["externalParameters"];
                parameters["workflow"] = json!({"repository": uri, "ref": "refs/heads/main"});
            })
            .reseal("release")
    };
    let ours = "https://git.example.com/ml/train";
    let all = "code = { pinned = true, clean = true, repositories = [\"https://git.example.com/ml/train\"], \
               refs = [\"refs/heads/main\"] }";
    vec![
        rules("code-origin", "the code is pinned, clean and from where it must be", &from(ours, false), all),
        rules("code-origin-unknown", "nothing is known of the code but its digest", &good, all).deny(&["code-origin"]),
        rules("code-dirty", "the code differed from its commit", &from(ours, true), "code = { clean = true }")
            .deny(&["code-origin"]),
        rules(
            "code-elsewhere",
            "the code is from a repository whose address only begins alike",
            &from("https://git.example.com/ml/train-evil", false),
            "code = { repositories = [\"https://git.example.com/ml/train\"] }",
        )
        .deny(&["code-origin"])
        .threats(&["N083", "N109"]),
        rules(
            "code-ref",
            "the code is from another branch",
            &from(ours, false),
            "code = { refs = [\"refs/heads/release\"] }",
        )
        .deny(&["code-origin"]),
        rules("builder", "the builder is allowed", &good, "builders = [\"https://assaymark.dev/local/v1\"]"),
        rules(
            "builder-other",
            "the builder is only similar",
            &good,
            "builders = [\"https://assaymark.dev/local/v11\"]",
        )
        .deny(&["builder-not-allowed"])
        .threats(&["N109"]),
        rules(
            "parameter",
            "a parameter is as demanded",
            &good,
            "parameters = [{ name = \"seed\", one-of = [\"41\", \"42\"] }]",
        ),
        rules(
            "parameter-other",
            "a parameter has another value",
            &good,
            "parameters = [{ name = \"seed\", equals = \"4\" }]",
        )
        .deny(&["parameter-mismatch"]),
        rules(
            "parameter-absent",
            "a parameter is not stated",
            &good,
            "parameters = [{ name = \"/workflow/ref\", present = true }]",
        )
        .deny(&["parameter-mismatch"]),
        rules("format-other", "files have a format that is not allowed", &good, "model-formats = [\"safetensors\"]")
            .deny(&["model-format"])
            .twin_with(&["--model", "model"]),
        rules("format-unknown", "a file has a name that tells no format", &good, "model-formats = [\"pytorch\"]")
            .deny(&["model-format"])
            .twin_with(&["--model", "model"]),
    ]
}

fn measured() -> Vec<Case> {
    let good = Forged::good();
    let with = |metrics: Value| good.clone().state(TEST_RESULT, "scanner", &evaluation(&metrics));
    let evaluated = |metrics: Value| sealed(with(metrics));
    let minimum = "metrics = [{ name = \"accuracy\", min = 0.9 }]";
    let everything = ["EMPTY", "a.bin", "b.bin", "config.json", "naïve 'file' \"x\".txt", "sub/c.bin"];
    let scanned = |scans: &[Value]| {
        let scans = scans.iter().fold(good.clone(), |bundle, scan| bundle.state(TEST_RESULT, "scanner", scan));
        sealed(scans)
    };
    let one = scan("pkg:pypi/modelscan@0.8.5", &everything, "2025-12-31T00:00:00Z");
    let other = scan("pkg:pypi/picklescan@1", &everything, "2025-12-31T00:00:00Z");
    let again = scan("pkg:pypi/modelscan@0.8.6", &everything, "2025-12-31T00:00:00Z");
    let spelled = |uri: &str| scan(uri, &everything, "2025-12-31T00:00:00Z");
    let partly = scan("pkg:pypi/modelscan@0.8.5", &["a.bin", "b.bin"], "2025-12-31T00:00:00Z");
    let rated = |severities: &Value| {
        let result = json!([{"id": "CVE-2026-1", "severity": severities}]);
        let predicate = json!({
            "scanner": {"uri": "pkg:pypi/pip-audit@2", "db": {"lastUpdate": "2025-12-31T00:00:00Z"}, "result": result},
            "metadata": {"scanStartedOn": "2026-01-01T00:00:00Z", "scanFinishedOn": "2026-01-01T00:00:00Z"},
        });
        sealed(good.clone().state(VULNERABILITIES, "scanner", &predicate))
    };
    let found = |severity: &str| rated(&json!([{"method": "cvss_v3", "score": severity}]));
    let vector = json!({"method": "cvss_v3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"});
    let half_read = json!([vector, {"method": "vendor", "score": "low"}]);
    let medium = "vulnerabilities = { max-severity = \"medium\", database-max-age = \"7d\" }";
    let soon = ["--at", "2026-01-02T00:00:00Z"];
    let accepting = "vulnerabilities = { max-severity = \"medium\", openvex = [\"not-affected\", \"fixed\"] }";
    let about = |status: &str| json!({"vulnerability": {"name": "CVE-2026-1"}, "status": status});
    let dated = |status: &str, time: &str| json!({"vulnerability": {"name": "CVE-2026-1"}, "status": status, "timestamp": time});
    let unaffected = json!([{
        "vulnerability": {"name": "CVE-2026-1"}, "status": "not_affected", "justification": "component_not_present",
    }]);
    let subject = good.statement(BOM)["subject"][1]["digest"]["sha256"].as_str().unwrap().to_owned();
    let of_product = |sha256: &str| json!([{"vulnerability": {"name": "CVE-2026-1"}, "status": "fixed", "products": [{"hashes": {"sha-256": sha256}}]}]);
    let excused = |name, why, documents: &[&Value]| {
        let all = documents.iter().fold(found("9.8"), |all, one| all.state(OPENVEX, "scanner", &openvex(one)));
        rules(name, why, &sealed(all), accepting).with(&soon)
    };
    vec![
        rules("metric", "a metric is good enough", &evaluated(json!([{"name": "accuracy", "value": 0.9}])), minimum),
        rules("metric-low", "a metric is too low", &evaluated(json!([{"name": "accuracy", "value": 0.89}])), minimum)
            .deny(&["metric-out-of-bounds"]),
        rules(
            "metric-absent",
            "a metric is stated under another name",
            &evaluated(json!([{"name": "accuracy ", "value": 1.0}])),
            minimum,
        )
        .deny(&["metric-missing"])
        .threats(&["N109"]),
        rules(
            "metric-unsealed",
            "a metric is stated by an unsealed line",
            &with(json!([{"name": "accuracy", "value": 1.0}])),
            minimum,
        )
        .warn(&["unsealed-line"])
        .deny(&["metric-missing"]),
        rules(
            "metric-slice",
            "the metric is good, but not in a slice",
            &evaluated(json!([{"name": "accuracy", "value": 0.99}, {"name": "accuracy", "value": 0.5, "slice": "de"}])),
            "metrics = [{ name = \"accuracy\", min = 0.9 }, { name = \"accuracy\", min = 0.8, slice = \"de\" }]",
        )
        .deny(&["metric-out-of-bounds"]),
        rules(
            "metric-bad-then-good",
            "one evaluation says too little, and a later one enough",
            &sealed(with(json!([{"name": "accuracy", "value": 0.1}])).state(
                TEST_RESULT,
                "scanner",
                &evaluation(&json!([{"name": "accuracy", "value": 0.95}])),
            )),
            minimum,
        )
        .deny(&["metric-out-of-bounds"])
        .threats(&["N110"]),
        rules(
            "metric-dataset",
            "the evaluation does not say on which data",
            &evaluated(json!([{"name": "accuracy", "value": 0.95}])),
            "metrics = [{ name = \"accuracy\", min = 0.9, dataset = \"train\" }]",
        )
        .deny(&["metric-missing"]),
        rules(
            "scans",
            "two scanners read everything",
            &scanned(&[one.clone(), other]),
            "scans = { scanners = 2, complete = true }",
        ),
        rules(
            "scans-one",
            "two versions of one scanner are one",
            &scanned(&[one.clone(), again]),
            "scans = { scanners = 2 }",
        )
        .deny(&["too-few-attesters"]),
        rules("scans-warned", "the scanner warned of something", &scanned(&[warned(&one)]), "scans = {}")
            .deny(&["test-failed"]),
        rules(
            "scans-warned-allowed",
            "the scanner warned of something, which the policy says counts",
            &scanned(&[warned(&one)]),
            "scans = { warned = true }",
        ),
        rules(
            "scans-one-spelled",
            "one scanner in several spellings is one",
            &scanned(&[one.clone(), spelled("pkg:pypi/ModelScan@0.8.5"), spelled("pkg:pypi/modelscan@0.8@5")]),
            "scans = { scanners = 2 }",
        )
        .deny(&["too-few-attesters"]),
        rules("scans-partly", "a scanner left files out", &scanned(&[partly]), "scans = { complete = true }")
            .deny(&["scan-incomplete"])
            .threats(&["N115"]),
        rules(
            "scans-old-rules",
            "the rules of the scanner are too old",
            &scanned(&[one]),
            "scans = { rules-max-age = \"1d\" }",
        )
        .with(&soon)
        .deny(&["evidence-stale"])
        .threats(&["N115"]),
        rules("scans-none", "nobody scanned", &good, "scans = {}").deny(&["evidence-missing"]).threats(&["N115"]),
        rules("vulnerabilities", "what was found is not severe", &found("6.9"), medium).with(&soon),
        rules("vulnerabilities-severe", "what was found is severe", &found("7.0"), medium)
            .with(&soon)
            .deny(&["vulnerable"]),
        rules("vulnerabilities-unknown", "how severe it is can't be read", &found("?"), medium)
            .with(&soon)
            .deny(&["vulnerable"]),
        rules("vulnerabilities-half-read", "one of two severities can't be read", &rated(&half_read), medium)
            .with(&soon)
            .deny(&["vulnerable"]),
        rules("vulnerabilities-old", "the database is too old", &found("1"), medium)
            .with(&["--at", "2026-02-01T00:00:00Z"])
            .deny(&["evidence-stale"]),
        excused("vulnerabilities-excused", "what was found does not matter, says the laboratory", &[&unaffected]),
        excused("vulnerabilities-excused-fixed", "what was found is fixed", &[&json!([about("fixed")])]),
        excused(
            "vulnerabilities-excused-alias",
            "the vulnerability is named by an alias",
            &[&json!([
                {"vulnerability": {"name": "GHSA-1", "aliases": ["CVE-2026-1"]}, "status": "fixed"},
            ])],
        ),
        excused(
            "vulnerabilities-excused-later",
            "it was looked into, and then fixed",
            &[&json!([dated("under_investigation", "2026-01-01T00:00:00Z"), dated("fixed", "2026-01-01T00:00:01Z"),])],
        ),
        excused("vulnerabilities-excused-model", "the product is the model, by its digest", &[&of_product(&subject)]),
        excused("vulnerabilities-unexcused-product", "the product is another one", &[&of_product(&"0".repeat(64))])
            .deny(&["vulnerable"]),
        excused(
            "vulnerabilities-unexcused-relapse",
            "it was fixed, and then not",
            &[&json!([dated("affected", "2026-01-01T00:00:01Z"), dated("fixed", "2026-01-01T00:00:00Z"),])],
        )
        .deny(&["vulnerable"]),
        excused(
            "vulnerabilities-unexcused-tie",
            "at one time it is fixed and not",
            &[&json!([about("affected"), about("fixed")])],
        )
        .deny(&["vulnerable"]),
        excused(
            "vulnerabilities-unexcused-unknown",
            "nobody knows whether it matters",
            &[&json!([about("under_investigation")])],
        )
        .deny(&["vulnerable"]),
        excused(
            "vulnerabilities-unexcused-other",
            "another vulnerability does not matter",
            &[&json!([
                {"vulnerability": {"name": "CVE-2026-11"}, "status": "fixed"},
            ])],
        )
        .deny(&["vulnerable"]),
        excused(
            "vulnerabilities-unexcused-status",
            "a status that is none of the four",
            &[&json!([about("false_positive")])],
        )
        .deny(&["malformed-statement"]),
        excused(
            "vulnerabilities-unexcused-reason",
            "it does not matter, and nobody says why",
            &[&json!([about("not_affected")])],
        )
        .deny(&["malformed-statement"]),
        rules(
            "vulnerabilities-unexcused-unsealed",
            "the document is not sealed",
            &found("9.8").state(OPENVEX, "scanner", &openvex(&unaffected)),
            accepting,
        )
        .with(&soon)
        .warn(&["unsealed-line"])
        .deny(&["vulnerable"]),
        rules(
            "vulnerabilities-unexcused-role",
            "an approver says that it does not matter",
            &sealed(found("9.8").state(OPENVEX, "second", &openvex(&unaffected))),
            accepting,
        )
        .with(&soon)
        .deny(&["wrong-role"]),
        rules(
            "vulnerabilities-unexcused-policy",
            "the policy accepts no document",
            &sealed(found("9.8").state(OPENVEX, "scanner", &openvex(&unaffected))),
            medium,
        )
        .with(&soon)
        .deny(&["vulnerable"]),
        rules("vulnerabilities-none", "nobody looked", &good, medium).with(&soon).deny(&["evidence-missing"]),
    ]
}

/// Takes the packages that the lock file of the code names out of a BOM.
pub(super) fn without_packages(bom: &mut Value) {
    let predicate = &mut bom["predicate"];
    predicate["components"].as_array_mut().unwrap().retain(|one| one["type"] != "library");
    let is_package = |name: &Value| name.as_str().is_some_and(|name| name.starts_with("pkg:"));
    let dependencies = predicate["dependencies"].as_array_mut().unwrap();
    dependencies.retain(|one| !is_package(&one["ref"]));
    for one in dependencies {
        if let Some(on) = one.get_mut("dependsOn").and_then(Value::as_array_mut) {
            on.retain(|name| !is_package(name));
        }
    }
}

/// Lets a BOM say how many of the packages it lists; without an aggregate, nothing.
pub(super) fn aggregate(bom: &mut Value, aggregate: Option<&str>) {
    let said = bom["predicate"]["compositions"].as_array_mut().unwrap();
    said.retain(|one| one["dependencies"] != json!(["code"]));
    said.extend(aggregate.map(|aggregate| json!({"aggregate": aggregate, "dependencies": ["code"]})));
}

fn packages() -> Vec<Case> {
    let good = Forged::good();
    let none = good.clone().resign(BOM, "release", without_packages).reseal("release");
    let listing = |purl: &'static str, said: Option<&'static str>| {
        good.clone()
            .resign(BOM, "release", move |bom| {
                without_packages(bom);
                aggregate(bom, said);
                let package = json!({"type": "library", "bom-ref": "package", "name": "package", "purl": purl});
                bom["predicate"]["components"].as_array_mut().unwrap().push(package);
            })
            .reseal("release")
    };
    let depends = |purl| listing(purl, Some("complete"));
    let partly = |name, why, said| {
        let rule = "packages = { deny = [\"pkg:pypi/evil-pkg\"] }";
        rules(name, why, &listing("pkg:pypi/numpy@2.1.0", said), rule).deny(&["package-unknown"])
    };
    let within = |image: &'static str| {
        good.clone()
            .resign(BOM, "release", move |bom| {
                without_packages(bom);
                aggregate(bom, Some("complete"));
                let package = json!({"type": "library", "bom-ref": "package", "name": "a", "purl": "pkg:pypi/a@1"});
                let image: Value = serde_json::from_str(image).unwrap();
                bom["predicate"]["components"].as_array_mut().unwrap().extend([package, image]);
            })
            .reseal("release")
    };
    let image = r#"{"type": "container", "bom-ref": "image", "name": "debian", "purl": "pkg:oci/debian@sha256%3Aab?repository_url=example.com%2Fdebian"}"#;
    let unnamed = r#"{"type": "container", "bom-ref": "image", "name": "debian"}"#;
    let facts = r#"{"packages": {"pkg:pypi/numpy@2.1.0": {"uploaded": "2025-12-01T00:00:00Z", "maintainers": 3}}}"#;
    let demands = "packages = { deny = [\"pkg:pypi/evil-pkg\"], min-age = \"14d\", min-maintainers = 2 }";
    let with_facts = |case: Case| {
        case.write("facts.json", facts).with(&["--package-facts", "facts.json", "--at", "2026-01-02T00:00:00Z"])
    };
    vec![
        with_facts(rules("packages", "everything is known of the packages", &depends("pkg:pypi/numpy@2.1.0"), demands)),
        with_facts(rules(
            "packages-unknown",
            "nothing is known of this version",
            &depends("pkg:pypi/numpy@2.1.1"),
            demands,
        ))
        .deny(&["package-unknown"]),
        rules(
            "packages-denied",
            "a package may not be used",
            &depends("pkg:pypi/Evil_Pkg@1"),
            "packages = { deny = [\"pkg:pypi/evil-pkg\"] }",
        )
        .deny(&["package-denied"]),
        with_facts(rules(
            "packages-young",
            "a package is too new",
            &depends("pkg:pypi/numpy@2.1.0"),
            "packages = { min-age = \"40d\" }",
        ))
        .deny(&["package-denied"]),
        partly("packages-partly", "the BOM says that it does not list all packages", Some("incomplete"))
            .says("the BOM says that its list of packages is not complete"),
        partly(
            "packages-partly-unknown",
            "the BOM says that nobody knows whether it lists all packages",
            Some("unknown"),
        )
        .says("the BOM does not say that its list of packages is complete"),
        partly("packages-partly-unsaid", "the BOM does not say whether it lists all packages", None)
            .says("the BOM does not say that its list of packages is complete"),
        rules("packages-none", "the BOM lists no package", &none, demands).deny(&["package-unknown"]),
        rules(
            "packages-image",
            "the image is none that is denied, and has no age",
            &within(image),
            "packages = { deny = [\"pkg:oci/alpine\", \"pkg:oci/debian@sha256:cd\"] }",
        ),
        rules(
            "packages-image-denied",
            "the image may not be used",
            &within(image),
            "packages = { deny = [\"pkg:oci/debian\"] }",
        )
        .deny(&["package-denied"]),
        rules(
            "packages-image-unknown",
            "images are denied, and the image has no package URL",
            &within(unnamed),
            "packages = { deny = [\"pkg:oci/debian\"] }",
        )
        .deny(&["package-unknown"]),
        rules(
            "packages-image-unnamed",
            "no image is denied, so it needs no package URL",
            &within(unnamed),
            "packages = { deny = [\"pkg:pypi/evil-pkg\"] }",
        ),
    ]
}

fn conditions() -> Vec<Case> {
    let good = Forged::good();
    let condition = |name, why, rego: &str| {
        let text = format!(
            "[[condition]]\nname = \"c\"\nmessage = \"it holds\"\nrego = '''\npackage assaymark\nimport rego.v1\n{rego}\n'''"
        );
        policy(name, why, &good, &text)
    };
    vec![
        condition(
            "condition",
            "a condition looks at verified statements, and holds",
            "deny contains \"no code\" if not code\ncode if {\n  some line in input.statements\n  line.type == \"provenance\"\n  \
             some part in line.predicate.buildDefinition.resolvedDependencies\n  part.name == \"code\"\n}\n\
             allow if input.release.name == \"vector\"",
        ),
        condition("condition-denies", "a condition denies", "deny contains \"never\" if input.sequence == 1\nallow := true")
            .deny(&["condition-denied"]),
        condition("condition-false", "a condition is false without a reason", "deny contains \"x\" if false\nallow := false")
            .deny(&["condition-denied"]),
        condition("condition-undefined", "a condition is undefined", "deny contains \"x\" if false\nallow if input.nothing")
            .deny(&["condition-failed"]),
        condition("condition-not-boolean", "a condition is not true or false", "deny contains \"x\" if false\nallow := \"yes\"")
            .deny(&["condition-failed"]),
        condition("condition-error", "a condition fails", "deny contains \"x\" if to_number(\"x\") == 1\nallow := true")
            .deny(&["condition-failed"]),
        condition(
            "condition-stranger",
            "a condition does not see the lines of strangers",
            "deny contains \"seen\" if {\n  some line in input.statements\n  not line.attester == \"release\"\n}\nallow := true",
        )
        .bundle(&good.clone().approve("stranger", FIRST_SEAL))
        .warn(&["untrusted-signer"]),
    ]
}
