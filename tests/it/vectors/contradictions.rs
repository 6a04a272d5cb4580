//! What is said twice, and otherwise: evaluations of several datasets, addresses of code, scans of two models, tensors.

use serde_json::{Value, json};

use super::Case;
use super::gate::TEST_RESULT;
use super::links::component;
use super::omissions::rated;
use super::policies::{evaluation, policy, rules, scan, sealed};
use crate::forge::{BOM, FIRST_SEAL, Forged, MODEL_SIGNATURE, PROVENANCE};

const TENSORS: &str = "https://assaymark.dev/tensors/v1";
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const REPOSITORY: &str = "https://git.example.com/ml/train";

pub fn cases() -> Vec<Case> {
    [evaluations(), code(), scans(), severities(), tensors()].into_iter().flatten().collect()
}

/// Each beside an evaluation of the dataset alone that is good.
fn evaluations() -> Vec<Case> {
    let statement = Forged::good().statement(PROVENANCE);
    let parts = statement["predicate"]["buildDefinition"]["resolvedDependencies"].as_array().unwrap().clone();
    let train = &parts.iter().find(|one| one["name"] == "dataset:train").unwrap()["digest"];
    let other = json!({"dirHash": "a".repeat(64)});
    let on = |bundle: Forged, value: f64, datasets: &[(&str, &Value)]| {
        let mut test = evaluation(&json!([{"name": "accuracy", "value": value}]));
        let entries = datasets.iter().map(|(name, digest)| json!({"name": name, "digest": digest}));
        test["configuration"].as_array_mut().unwrap().extend(entries);
        bundle.state(TEST_RESULT, "scanner", &test)
    };
    let beside_good = |value: f64, datasets: &[(&str, &Value)]| {
        sealed(on(on(Forged::good(), value, datasets), 0.95, &[("dataset:train", train)]))
    };
    let demand = "metrics = [{ name = \"accuracy\", min = 0.9, dataset = \"train\" }]";
    vec![
        rules(
            "measured-on-more-well",
            "an evaluation on more data is good as well",
            &beside_good(0.95, &[("dataset:train", train), ("dataset:crawl", &other)]),
            demand,
        ),
        rules(
            "measured-on-more-badly",
            "an evaluation on more data is bad, and one on the dataset alone is good",
            &beside_good(0.1, &[("dataset:train", train), ("dataset:crawl", &other)]),
            demand,
        )
        .deny(&["metric-out-of-bounds"])
        .threats(&["N110"]),
        rules(
            "measured-on-two-digests-badly",
            "an evaluation on two digests of the dataset is bad, and one on the dataset alone is good",
            &beside_good(0.1, &[("dataset:train", train), ("dataset:train", &other)]),
            demand,
        )
        .deny(&["metric-out-of-bounds"])
        .threats(&["N110"]),
        rules(
            "measured-on-another-name-badly",
            "an evaluation on the very bytes under another name is bad",
            &beside_good(0.1, &[("dataset:holdout", train)]),
            demand,
        )
        .deny(&["metric-out-of-bounds"])
        .threats(&["N110"]),
        rules(
            "measured-on-others-badly",
            "an evaluation on other data may be bad",
            &beside_good(0.1, &[("dataset:crawl", &other)]),
            demand,
        ),
    ]
}

fn code() -> Vec<Case> {
    let from = |behind: &str, said: Value| {
        let uri = format!("git+{REPOSITORY}{behind}");
        let provenance = move |statement: &mut Value| {
            let definition = &mut statement["predicate"]["buildDefinition"];
            let parts = definition["resolvedDependencies"].as_array_mut().unwrap();
            let code = parts.iter_mut().find(|one| one["name"] == "code").unwrap();
            code["uri"] = json!(uri);
            code["digest"]["gitCommit"] = json!(COMMIT);
            code["annotations"]["assaymark_dirty"] = json!(false);
            definition["externalParameters"]["workflow"] = json!({"repository": REPOSITORY, "ref": "refs/heads/main"});
        };
        let bom = move |statement: &mut Value| {
            let code = component(&mut statement["predicate"], "code").as_object_mut().unwrap();
            code.extend(said.as_object().unwrap().clone());
        };
        Forged::good().resign(PROVENANCE, "release", provenance).resign(BOM, "release", bom).reseal("release")
    };
    let at = |commit: &str| format!("@{commit}");
    let other = "f".repeat(40);
    let main = "code = { refs = [\"refs/heads/main\"] }";
    let pinned = "code = { pinned = true }";
    let of = |name, why, behind: &str, said: Value, rule: &str| {
        rules(name, why, &from(behind, said), rule).deny(&["code-origin"]).beside("code-at")
    };
    vec![
        rules(
            "code-at",
            "the code is pinned, clean and from where it must be, as BOM and provenance say",
            &from(&at(COMMIT), json!({"pedigree": {"commits": [{"uid": COMMIT}]}})),
            "code = { pinned = true, clean = true, repositories = [\"https://git.example.com/ml/train\"], \
             refs = [\"refs/heads/main\"] }",
        ),
        of("code-at-branch", "the address of the code is at a branch", "@evil", json!({}), main),
        of("code-at-head", "the address of the code is at whatever is newest", "@HEAD", json!({}), main),
        of("code-at-fragment", "the address of the code has a ref behind a `#`", "#refs/heads/evil", json!({}), main),
        of("code-at-query", "the address of the code has a ref in its query", "?ref=evil", json!({}), main),
        of(
            "code-at-ref-of-bom",
            "the BOM has the code at another ref",
            &at(COMMIT),
            json!({"externalReferences": [{"type": "vcs", "url": format!("{REPOSITORY}@refs/heads/evil")}]}),
            main,
        ),
        of("code-at-commit", "the address of the code is at another commit", &at(&other), json!({}), pinned),
        of(
            "code-at-commit-of-bom",
            "the BOM has another commit in the pedigree of the code",
            &at(COMMIT),
            json!({"pedigree": {"commits": [{"uid": other}]}}),
            pinned,
        ),
        of(
            "code-at-patches",
            "the BOM has patches in the pedigree of the code",
            &at(COMMIT),
            json!({"pedigree": {"patches": [{"type": "unofficial"}]}}),
            "code = { clean = true }",
        ),
    ]
}

fn scans() -> Vec<Case> {
    let model = Forged::good().statement(FIRST_SEAL)["predicate"]["model"].clone();
    let (tree, root) = (model["fileList"].as_str().unwrap(), model["omsRoot"].as_str().unwrap());
    let of = |entries: &[Value]| {
        let mut scan = scan("pkg:pypi/modelscan@0.8.5", &["a.bin", "b.bin"], "2025-12-31T00:00:00Z");
        scan["configuration"].as_array_mut().unwrap().extend_from_slice(entries);
        sealed(Forged::good().state(TEST_RESULT, "scanner", &scan))
    };
    let covering = |covered: &[&str]| {
        let scan = scan("pkg:pypi/modelscan@0.8.5", covered, "2025-12-31T00:00:00Z");
        sealed(Forged::good().state(TEST_RESULT, "scanner", &scan))
    };
    let named = |name: &str, digest: Value| json!({"name": name, "digest": digest});
    let (wrong, wide) = ("a".repeat(64), "a".repeat(128));
    let listing =
        json!({"name": "tree", "digest": {"dirHash": wrong}, "annotations": {"assaymark_notCovered": ["config.json"]}});
    let one = "scans = {}";
    let mismatch = |name, why, entries: &[Value]| {
        rules(name, why, &of(entries), one).deny(&["lineage-mismatch"]).beside("scan-of-files").threats(&["N115"])
    };
    vec![
        rules(
            "scan-of-files-by-root",
            "a scanner of others names the model by its root of model signing",
            &of(&[named("model", json!({"sha256": root, "sha512": wide}))]),
            one,
        ),
        mismatch(
            "scan-of-files-wide",
            "a scan names the model by a digest that nobody compares as well",
            &[named("files", json!({"dirHash": tree, "sha512": wide}))],
        ),
        mismatch("scan-of-files-as-model", "a scan names another model", &[named("model", json!({"sha256": wrong}))]),
        mismatch("scan-of-files-as-tree", "a scan names another folder where it lists files", &[listing]),
        rules(
            "scan-of-files-mostly-others",
            "a scan read one file of the model, and others of another folder",
            &covering(&["m/config.json", "m/model.safetensors", "m/tokenizer.json"]),
            one,
        )
        .deny(&["scan-incomplete"])
        .beside("scan-of-files")
        .threats(&["N115"]),
        rules("scan-of-files-nothing", "a scan read nothing", &covering(&[]), one)
            .deny(&["scan-incomplete"])
            .beside("scan-of-files")
            .threats(&["N115"]),
        policy(
            "scan-required-of-nothing",
            "and is none where one is required",
            &covering(&[]),
            "[[require]]\nevidence = \"scan\"",
        )
        .deny(&["evidence-missing"])
        .threats(&["N115"]),
    ]
}

fn severities() -> Vec<Case> {
    let low = "vulnerabilities = { max-severity = \"low\" }";
    vec![
        rules("rated-by-cvss-of-a-source", "a score of CVSS is low, by a source", &rated("CVSS_V3.1:nvd"), low),
        rules(
            "rated-by-cvss-likelihood",
            "a likelihood is no severity, whatever its name begins with",
            &rated("cvss_epss"),
            low,
        )
        .deny(&["vulnerable"]),
    ]
}

fn tensors() -> Vec<Case> {
    let signature = Forged::good().statement(MODEL_SIGNATURE);
    let digest = |path: &str| {
        let mut files = signature["predicate"]["resources"].as_array().unwrap().iter();
        files.find(|one| one["name"] == path).unwrap()["digest"].as_str().unwrap().to_owned()
    };
    let file = |path: &str, sha256: &str, format: &str, names: &[&str]| {
        let tensor = |name: &&str| json!({"name": name, "dtype": "F32", "shape": [1], "sha256": sha256});
        let tensors: Vec<_> = names.iter().map(tensor).collect();
        json!({"path": path, "sha256": sha256, "format": format, "tensors": tensors})
    };
    let a = digest("a.bin");
    let good = file("a.bin", &a, "gguf", &["w", "b"]);
    let of = |name, why, files: Value| {
        let bundle = sealed(Forged::good().state(TENSORS, "release", &json!({"files": files})));
        policy(name, why, &bundle, "[[require]]\nevidence = \"tensors\"")
    };
    let lie = |name, why, files: Value| of(name, why, files).deny(&["lineage-mismatch"]).beside("tensors-of-files");
    vec![
        of(
            "tensors-of-files",
            "a record of tensors of two files",
            json!([good, file("b.bin", &digest("b.bin"), "gguf", &["w"])]),
        ),
        lie("tensors-of-a-file-twice", "a record has a file twice", json!([good, good])),
        lie("tensors-of-a-name-twice", "a record has a tensor twice", json!([file("a.bin", &a, "gguf", &["w", "w"])])),
        lie(
            "tensors-of-an-invented-file",
            "a record has a file that no signature and no BOM has",
            json!([good, file(".github/x.gguf", &a, "gguf", &["w"])]),
        ),
        lie(
            "tensors-of-another-format",
            "a record has a format that has no record",
            json!([file("a.bin", &a, "pickle", &["w"])]),
        ),
    ]
}
