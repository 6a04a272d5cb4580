//! What is not said: evidence that a rule judges and that is absent, data of base models that nobody knows, and records
//! that are there and hold nothing.

use assaymark::digest::Digest;
use serde_json::{Value, json};

use super::gate::{TEST_RESULT, WITHDRAWAL, waived};
use super::links::sealed_without;
use super::policies::{CORPUS, VULNERABILITIES, evaluation, named_by_card, policy, rules, scan, sealed};
use super::{Case, case};
use crate::forge::{BOM, FIRST_SEAL, Forged, MODEL_SIGNATURE, PROVENANCE, key, sign};

const TENSORS: &str = "https://assaymark.dev/tensors/v1";

pub fn cases() -> Vec<Case> {
    [absent(), waivers(), bases(), measured(), recorded(), withdrawn()].into_iter().flatten().collect()
}

/// The bundle without a line, which somebody waives for the rule that demands it of every release.
fn waived_without(index: usize, rule: Option<&str>) -> Forged {
    waived(sealed_without(index), "officer", FIRST_SEAL - 1, |waiver| {
        waiver["code"] = json!("evidence-missing");
        if let Some(rule) = rule {
            waiver["rule"] = json!(rule);
        }
    })
}

fn waivable(name: &'static str, why: &'static str, bundle: &Forged, text: &str) -> Case {
    let text = format!("waivable = [\"evidence-missing\"]\n{text}");
    policy(name, why, bundle, &text).with(&["--at", "2026-01-02T12:00:00Z"])
}

/// Rules for whose evidence another rule was waived. Each must deny by itself.
const JUDGE_WHAT_IS_ABSENT: [(&str, usize, &str); 17] = [
    ("absent-for-bom", BOM, "bom = { profile = \"owasp-aibom\", min-score = 10 }"),
    ("absent-for-dataset-licenses", BOM, "dataset-licenses = { deny = [\"non-commercial\"] }"),
    ("absent-for-license-flow", BOM, "license-flow = true"),
    ("absent-for-model-licenses", BOM, "model-licenses = { allow = [\"MIT\"] }"),
    ("absent-for-packages", BOM, "packages = { deny = [\"pkg:pypi/evil-pkg\"] }"),
    ("absent-for-builders", PROVENANCE, "builders = [\"https://assaymark.dev/local/v1\"]"),
    ("absent-for-code", PROVENANCE, "code = { pinned = true }"),
    ("absent-for-code-clean", PROVENANCE, "code = { clean = true }"),
    ("absent-for-code-refs", PROVENANCE, "code = { refs = [\"refs/heads/main\"] }"),
    ("absent-for-code-repositories", PROVENANCE, "code = { repositories = [\"https://git.example.com/ml/train\"] }"),
    ("absent-for-datasets", PROVENANCE, "datasets = { allow = [\"train\", \"crawl\", \"tree:sha256:CORPUS\"] }"),
    ("absent-for-datasets-denied", PROVENANCE, "datasets = { deny = [\"evil\"] }"),
    ("absent-for-parameters", PROVENANCE, "parameters = [{ name = \"seed\", present = true }]"),
    ("absent-for-test-data", PROVENANCE, "test-data-disjoint = true"),
    ("absent-for-formats", MODEL_SIGNATURE, "model-formats = [\"safetensors\"]"),
    ("absent-for-formats-bom", BOM, "model-formats = [\"safetensors\"]"),
    ("absent-for-scans", MODEL_SIGNATURE, "scans = { complete = true }"),
];

fn absent() -> Vec<Case> {
    let scanned = |bundle: Forged| {
        let scan = scan("pkg:pypi/modelscan@0.8.5", &["a.bin"], "2025-12-31T00:00:00Z");
        waived_like(bundle.state(TEST_RESULT, "scanner", &scan).seal_again("release", |_| {}))
    };
    let case = |(name, index, rule): (&'static str, usize, &str)| {
        let bundle = match name {
            "absent-for-scans" => scanned(sealed_without(index)),
            _ => waived_without(index, Some("required-evidence")),
        };
        let why = "what a rule judges is absent, and that is waived for another rule alone";
        // The model of the vectors has a file without a format; the other line lists it.
        let of_formats = name.starts_with("absent-for-formats");
        let codes: &[_] = if of_formats { &["evidence-missing", "model-format"] } else { &["evidence-missing"] };
        waivable(name, why, &bundle, &format!("[rules]\n{}", rule.replace("CORPUS", CORPUS)))
            .deny(codes)
            .beside("absent-and-waived")
            .threats(if of_formats { &[] } else { &["N114"] })
    };
    let mut cases: Vec<_> = JUDGE_WHAT_IS_ABSENT.into_iter().map(case).collect();
    let why = "what is absent is waived for the rule that demands it, and no other rule judges it";
    let bundle = waived_without(BOM, Some("required-evidence"));
    cases.push(waivable("absent-and-waived", why, &bundle, "files = [\"model\"]"));
    let why = "the absence of a provenance is waived for one rule, and others of the baseline judge it";
    let bundle = waived_without(PROVENANCE, Some("required-evidence"));
    let of_baseline = waivable("absent-for-the-baseline", why, &bundle, "files = [\"model\"]");
    cases.push(of_baseline.deny(&["evidence-missing"]).beside("absent-and-waived").threats(&["N114"]));
    cases
}

/// Waives the absence for the rule that demands it, of the newest seal.
fn waived_like(bundle: Forged) -> Forged {
    let seal = bundle.newest_seal();
    waived(bundle, "officer", seal, |waiver| {
        waiver["code"] = json!("evidence-missing");
        waiver["rule"] = json!("required-evidence");
    })
}

fn waivers() -> Vec<Case> {
    let wide = |index| waived_without(index, None);
    vec![
        waivable(
            "absent-and-waived-widely",
            "a waiver without a rule is of every rule that judges what is absent",
            &wide(BOM),
            "[rules]\nmodel-licenses = { allow = [\"MIT\"] }\nlicense-flow = true",
        ),
        case("absent-without-a-policy", "nobody let it be waived that evidence is absent")
            .trust("gate.toml")
            .bundle(&wide(BOM))
            .with(&["--at", "2026-01-02T12:00:00Z"])
            .warn(&["waiver-void"])
            .says("`evidence-missing` can't be waived under baseline/v1")
            .deny(&["evidence-missing"])
            .threats(&["N114"]),
    ]
}

fn bases() -> Vec<Case> {
    let other = "9".repeat(64);
    let made_of = |digest: &str, role| Forged::good().with_known_base(digest, role);
    // The dataset `crawl` is for tests.
    let tested = |digest: &str, role| {
        made_of(digest, role)
            .resign(PROVENANCE, "release", |statement| {
                let parts = &mut statement["predicate"]["buildDefinition"]["resolvedDependencies"];
                let part = parts.as_array_mut().unwrap().iter_mut().find(|one| one["name"] == "dataset:crawl").unwrap();
                part["annotations"]["assaymark_role"] = json!("testing");
                part["digest"] = json!({"dirHash": CORPUS});
            })
            .resign(BOM, "release", |bom| {
                let parts = bom["predicate"]["components"].as_array_mut().unwrap();
                let part = parts.iter_mut().find(|one| one["bom-ref"] == "dataset:crawl").unwrap();
                part["hashes"] = json!([{"alg": "SHA-256", "content": CORPUS}]);
                let said = part["properties"].as_array_mut().unwrap();
                let digest = said.iter_mut().find(|one| one["name"] == "assaymark:digest").unwrap();
                digest["value"] = json!(format!("tree:sha256:{CORPUS}"));
            })
            .reseal("release")
    };
    let denied = format!("datasets = {{ deny = [\"tree:sha256:{CORPUS}\"] }}");
    let allowed = format!("datasets = {{ allow = [\"train\", \"crawl\", \"corpus\", \"tree:sha256:{CORPUS}\"] }}");
    let disjoint = "test-data-disjoint = true";
    let without = made_of(&other, "training")
        .resign(PROVENANCE, "release", |statement| {
            let parts = &mut statement["predicate"]["buildDefinition"]["resolvedDependencies"];
            let parts = parts.as_array_mut().unwrap();
            parts.iter_mut().find(|one| one["name"] == "base:parent/dataset:corpus").unwrap()["digest"] = json!({});
        })
        .reseal("release");
    let good = Forged::good();
    vec![
        rules("base-data", "a base model was made of data that are not denied", &made_of(&other, "training"), &denied),
        rules("base-data-denied", "a base model was made of denied data", &made_of(CORPUS, "training"), &denied)
            .deny(&["dataset-denied"]),
        rules(
            "base-data-denied-by-name",
            "a base model was made of data with a denied name",
            &made_of(&other, "training"),
            "datasets = { deny = [\"corpus\"] }",
        )
        .deny(&["dataset-denied"]),
        rules("base-data-denied-unknown", "nobody knows of which data a base model was made", &good, &denied)
            .deny(&["dataset-denied"]),
        rules(
            "base-data-denied-on-a-card",
            "a base model that the model card alone names: nobody knows of which data it was made",
            &named_by_card(&made_of(&other, "training"), json!([])),
            &denied,
        )
        .deny(&["dataset-denied"])
        .beside("base-data"),
        rules("base-data-allowed", "a base model was made of allowed data", &made_of(CORPUS, "training"), &allowed),
        rules(
            "base-data-allowed-by-name",
            "the name of an allowed dataset is that of another one, of a base model",
            &made_of(&other, "training"),
            &allowed,
        )
        .deny(&["dataset-denied"]),
        case("base-data-without-digest", "a dataset of a base model has no digest")
            .bundle(&without)
            .deny(&["dataset-without-digest"]),
        rules("base-tested", "a base model learnt from other data", &tested(&other, "training"), disjoint),
        rules("base-tested-same", "a base model was tested on the data as well", &tested(CORPUS, "testing"), disjoint),
        rules(
            "base-tested-learnt",
            "a base model learnt from the data for tests",
            &tested(CORPUS, "training"),
            disjoint,
        )
        .deny(&["test-data-in-training"]),
        rules(
            "base-tested-on-a-card",
            "a base model that the model card alone names: nobody knows what it learnt from",
            &named_by_card(&tested(&other, "training"), json!([])),
            disjoint,
        )
        .deny(&["test-data-in-training"])
        .beside("base-tested"),
        rules("base-tested-unknown", "nobody knows what a base model did with them", &tested(CORPUS, ""), disjoint)
            .deny(&["test-data-in-training"]),
    ]
}

fn measured() -> Vec<Case> {
    let recorded = || {
        let statement = Forged::good().statement(PROVENANCE);
        let parts = statement["predicate"]["buildDefinition"]["resolvedDependencies"].as_array().unwrap().clone();
        parts.iter().find(|one| one["name"] == "dataset:train").unwrap()["digest"].clone()
    };
    let on = |datasets: &[(&str, Value)], samples: u64| {
        let mut test = evaluation(&json!([{"name": "accuracy", "value": 0.95, "samples": samples}]));
        let entries = datasets.iter().map(|(name, digest)| json!({"name": name, "digest": digest}));
        test["configuration"].as_array_mut().unwrap().extend(entries);
        sealed(Forged::good().state(TEST_RESULT, "scanner", &test))
    };
    let other = || json!({"dirHash": "a".repeat(64)});
    let demand = "metrics = [{ name = \"accuracy\", min = 0.9, dataset = \"train\" }]";
    let low = "vulnerabilities = { max-severity = \"low\" }";
    vec![
        rules("measured-on", "the metric is of the dataset", &on(&[("dataset:train", recorded())], 9), demand),
        rules(
            "measured-on-two-digests",
            "the evaluation names the dataset twice, with two digests",
            &on(&[("dataset:train", recorded()), ("dataset:train", other())], 9),
            demand,
        )
        .deny(&["metric-missing"]),
        rules(
            "measured-on-more",
            "the evaluation was on other data as well",
            &on(&[("dataset:train", recorded()), ("dataset:crawl", other())], 9),
            demand,
        )
        .deny(&["metric-missing"]),
        rules(
            "measured-on-nothing",
            "the metric is of no sample",
            &on(&[("dataset:train", recorded())], 0),
            "metrics = [{ name = \"accuracy\", min = 0.9 }]",
        )
        .deny(&["metric-missing"]),
        rules("rated-by-cvss", "a score of CVSS is low", &rated("cvss_v3"), low),
        rules("rated-by-likelihood", "a likelihood is no severity", &rated("EPSS"), low).deny(&["vulnerable"]),
    ]
}

/// The result of a vulnerability scanner that has a score by a method.
pub(super) fn rated(method: &str) -> Forged {
    let result = json!([{"id": "CVE-2026-1", "severity": [{"method": method, "score": "0.97"}]}]);
    let predicate = json!({
        "scanner": {"uri": "pkg:pypi/pip-audit@2", "db": {"lastUpdate": "2025-12-31T00:00:00Z"}, "result": result},
        "metadata": {"scanStartedOn": "2026-01-01T00:00:00Z", "scanFinishedOn": "2026-01-01T00:00:00Z"},
    });
    sealed(Forged::good().state(VULNERABILITIES, "scanner", &predicate))
}

fn recorded() -> Vec<Case> {
    let signature = Forged::good().statement(MODEL_SIGNATURE);
    let mut files = signature["predicate"]["resources"].as_array().unwrap().iter();
    let hex = files.find(|one| one["name"] == "a.bin").unwrap()["digest"].as_str().unwrap().to_owned();
    let files = |tensors: usize| {
        let tensor = |name| json!({"name": format!("w{name}"), "dtype": "F32", "shape": [1], "sha256": hex});
        let tensors: Vec<_> = (0..tensors).map(tensor).collect();
        json!([{"path": "a.bin", "sha256": hex, "format": "gguf", "tensors": tensors}])
    };
    // A BOM that says of a file what it holds.
    let of = |files: Value, stated: Option<&str>| {
        let stated = stated.map(str::to_owned);
        let said = move |bom: &mut Value| {
            let parts = bom["predicate"]["components"][0]["components"].as_array_mut().unwrap();
            let file = parts.iter_mut().find(|one| one["name"] == "a.bin").unwrap();
            let said = [("format", Some("gguf")), ("tensors", stated.as_deref())];
            let said = said.iter().filter_map(|(name, value)| Some((name, (*value)?)));
            let said: Vec<_> =
                said.map(|(name, value)| json!({"name": format!("assaymark:{name}"), "value": value})).collect();
            file["properties"] = json!(said);
        };
        let bundle = Forged::good().resign(BOM, "release", said).reseal("release");
        sealed(bundle.state(TENSORS, "release", &json!({"files": files})))
    };
    let demand = "[[require]]\nevidence = \"tensors\"";
    vec![
        policy("tensors-recorded", "the tensors are recorded", &of(files(2), Some("2")), demand),
        policy("tensors-recorded-nowhere", "a record of tensors has no file", &of(json!([]), Some("2")), demand)
            .deny(&["lineage-mismatch"]),
        policy("tensors-recorded-none", "a record of tensors has none of a file", &of(files(0), None), demand)
            .deny(&["lineage-mismatch"]),
        policy(
            "tensors-recorded-partly",
            "the BOM counts more tensors than the record",
            &of(files(1), Some("2")),
            demand,
        )
        .deny(&["lineage-mismatch"]),
    ]
}

/// Withdrawals by other digests and spellings than those that the seal has.
fn withdrawn() -> Vec<Case> {
    let good = Forged::good();
    let seal = good.statement(FIRST_SEAL);
    let root = seal["predicate"]["model"]["omsRoot"].as_str().unwrap();
    let signature = good.statement(MODEL_SIGNATURE);
    let mut files = signature["predicate"]["resources"].as_array().unwrap().iter();
    let file = files.find(|one| one["name"] == "a.bin").unwrap()["digest"].as_str().unwrap();
    let of = |name: &str, why: &str, withdrawn: Value, subject: String| {
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "withdrawn", "digest": {"sha256": subject}}],
            "predicateType": WITHDRAWAL,
            "predicate": {"sequence": 1, "previous": null, "withdrawn": withdrawn, "reason": "backdoor",
                "withdrawnAt": "2026-01-01T00:00:00Z"},
        });
        let list = String::from_utf8(sign(statement.to_string().as_bytes(), &key("officer"))).unwrap();
        case(name, why).trust("gate.toml").write("withdrawals.jsonl", &list).with(&[
            "--withdrawals",
            "withdrawals.jsonl",
            "--at",
            "2026-01-02T00:00:00Z",
        ])
    };
    let model = |name, why, kind: &str, hex: &str| {
        of(name, why, json!({"kind": "model", "digest": format!("{kind}{hex}")}), hex.to_owned())
    };
    let version = |name, why, version: &str| {
        let subject = Digest::of(format!("vector@{version}").as_bytes()).to_string();
        of(name, why, json!({"kind": "release", "name": "vector", "version": version}), subject)
    };
    let other = "withdrawn-by-file-other";
    vec![
        model(other, "a file was withdrawn that the model does not have", "sha256:", &"1".repeat(64)),
        model("withdrawn-by-file", "a file of the model was withdrawn", "sha256:", file)
            .deny(&["withdrawn"])
            .beside(other),
        model("withdrawn-by-file-as-tree", "the digest of a file is none of a folder", "tree:sha256:", file),
        model("withdrawn-by-root", "the model was withdrawn by its root of model signing", "sha256:", root)
            .deny(&["withdrawn"])
            .beside(other),
        model("withdrawn-by-root-as-tree", "the root is written as that of a folder", "tree:sha256:", root)
            .deny(&["withdrawn"])
            .beside(other),
        version("withdrawn-spelled", "the version was withdrawn in another spelling", "v1.0")
            .deny(&["withdrawn"])
            .beside(other),
        version("withdrawn-spelled-other", "a later version was withdrawn", "1.0.1"),
    ]
}
