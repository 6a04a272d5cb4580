//! How complete the bill of materials of `testdata/iris` is, by the lists of others and by other tools, and that each value
//! comes from a file or a flag.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{copy, repository, run};

const VERSIONS: [&str; 2] = ["1.6", "1.7"];

/// A copy of the release whose code is a clean checkout.
pub fn iris() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&repository("testdata/iris"), folder.path());
    let repository = git2::Repository::init(folder.path().join("code")).unwrap();
    repository.remote("origin", "https://git.example.com/ml/iris.git").unwrap();
    let mut index = repository.index().unwrap();
    index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).unwrap();
    index.write().unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let author = git2::Signature::new("a", "a@example.com", &git2::Time::new(1_767_225_600, 0)).unwrap();
    repository.commit(Some("HEAD"), &author, &author, "x", &tree, &[]).unwrap();
    drop(tree);
    folder
}

/// Makes the document of a release, and returns its text.
pub fn bom(folder: &Path, version: &str) -> String {
    run(folder, &["bom", "create", "release.toml", "--output", "-", "--spec-version", version]).exits(0).stdout
}

/// Returns the score of a document and what it lacks.
fn completeness(folder: &Path, document: &str, profile: &str) -> (f64, Vec<String>) {
    fs::write(folder.join("bom.cdx.json"), document).unwrap();
    let ran = run(folder, &["bom", "validate", "bom.cdx.json", "--profile", profile, "--format", "json"]);
    let completeness = &ran.json()["completeness"];
    let missing = completeness["missing"].as_array().unwrap().iter();
    let missing = missing.filter(|one| one["counted"] == true).map(|one| one["element"].as_str().unwrap().to_owned());
    (completeness["score"].as_f64().unwrap(), missing.collect())
}

#[test]
fn it_has_everything_that_the_lists_of_others_ask_for() {
    let folder = iris();
    for version in VERSIONS {
        let document = bom(folder.path(), version);
        // The generator looks for `external_references` where no valid document can have it.
        let (score, missing) = completeness(folder.path(), &document, "owasp-aibom");
        assert_eq!((score, missing), (97.1, vec!["external_references".to_owned()]), "{version}");
        for profile in ["ntia", "cisa-2026", "g7-ai", "ai-act"] {
            assert_eq!(completeness(folder.path(), &document, profile), (100.0, vec![]), "{version} {profile}");
        }
        run(folder.path(), &["bom", "validate", "bom.cdx.json", "--strict"]).exits(0);
    }
}

#[test]
fn the_pages_say_the_score_that_it_has() {
    for (page, words) in [("README.md", "[has 97.1 of 100]"), ("docs/bom.md", "is 97.1 of 100, in 1.6 and 1.7")] {
        assert!(fs::read_to_string(repository(page)).unwrap().contains(words), "{page}");
    }
}

#[test]
fn the_short_demo_has_the_score_that_its_page_says() {
    let text = bom(&repository("testdata/demo"), "1.6");
    let (score, _) = completeness(tempfile::tempdir().unwrap().path(), &text, "owasp-aibom");
    let page = fs::read_to_string(repository("docs/bom.md")).unwrap();
    assert!(page.contains(&format!("its BOM has {score} of 100")), "{score}");
}

/// What the list of the G7 names and no file of a release can say in a document: who signed it, flows of data, controls, standards
/// that were met, and where it is exploitable.
const NOT_IN_FILES: [&str; 6] = [
    "SBOM author signature",
    "security compliance",
    "security controls",
    "system data flow",
    "system data usage",
    "vulnerability referencing",
];

#[test]
fn an_auditor_finds_every_element_of_the_g7_that_the_files_have() {
    let folder = iris();
    for version in VERSIONS {
        fs::write(folder.path().join("bom.cdx.json"), bom(folder.path(), version)).unwrap();
        let call = ["bom", "validate", "bom.cdx.json", "--profile", "g7-ai", "--format", "json"];
        let report = run(folder.path(), &call).exits(0).json();
        let missing = report["completeness"]["missing"].as_array().unwrap().iter();
        let mut missing: Vec<&str> = missing.map(|one| one["element"].as_str().unwrap()).collect();
        missing.sort_unstable();
        assert_eq!(missing, NOT_IN_FILES, "{version}");
    }
}

/// Returns every value that an object has under a key, however deep.
fn all<'v>(value: &'v Value, key: &str, found: &mut Vec<&'v Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| all(item, key, found)),
        Value::Object(members) => {
            found.extend(members.get(key));
            members.values().for_each(|member| all(member, key, found));
        }
        _ => {}
    }
}

#[test]
fn nothing_is_inferred_and_everything_says_how_it_was_obtained() {
    let folder = iris();
    for version in VERSIONS {
        let document: Value = serde_json::from_str(&bom(folder.path(), version)).unwrap();
        let mut texts = Vec::new();
        all(&document, "value", &mut texts);
        all(&document, "note", &mut texts);
        assert!(texts.iter().any(|text| **text == "measured"));
        assert!(texts.iter().all(|text| **text != "inferred"), "{version}");
        let properties = document["metadata"]["properties"].as_array().unwrap();
        let names: Vec<&str> = properties.iter().map(|property| property["name"].as_str().unwrap()).collect();
        for name in names.iter().filter(|name| !name.starts_with("assaymark:")) {
            assert!(names.contains(&format!("assaymark:obtained:{name}").as_str()), "{name}");
        }
        for component in document["components"].as_array().unwrap() {
            let properties = component["properties"].as_array().unwrap();
            assert!(
                properties.iter().any(|property| property["name"] == "assaymark:obtained"),
                "{}",
                component["name"]
            );
        }
    }
}

/// Takes the lines between two words out of the release file; the second one stays.
fn without(folder: &Path, from: &str, to: &str) {
    let path = folder.join("release.toml");
    let text = fs::read_to_string(&path).unwrap();
    let start = text.find(from).unwrap();
    let end = text[start..].find(to).map_or(text.len(), |end| start + end);
    fs::write(path, text[..start].to_owned() + &text[end..]).unwrap();
}

/// What is taken away, and the fields of OWASP's list that go with it.
const SOURCES: [(&str, &[&str]); 14] = [
    (
        "model/README.md",
        &[
            "description",
            "ethicalConsiderations",
            "informationAboutApplication",
            "informationAboutTraining",
            "intendedUse",
            "metric",
            "modelDataPreprocessing",
            "modelExplainability",
            "paper",
            "primaryPurpose",
            "safetyRiskAssessment",
            "technicalLimitations",
            "vcs",
            "website",
        ],
    ),
    ("model/config.json", &["typeOfModel"]),
    ("emissions = ", &["energyConsumption", "energyQuantity", "energyUnit"]),
    ("[[dataset]]", &["datasets", "useSensitivePersonalInformation"]),
    ("parameters = ", &["hyperparameter"]),
    ("supplier = \"Example ML\"\npurl", &["suppliedBy"]),
    ("domain = ", &["domain"]),
    ("autonomy = ", &["autonomyType"]),
    ("standards = ", &["standardCompliance"]),
    ("decision-threshold = ", &["metricDecisionThreshold"]),
    ("purl = \"pkg:huggingface", &["purl"]),
    ("version = \"1988-07-01\"", &[]),
    ("license = ", &[]),
    ("uri = \"https://huggingface", &[]),
];

#[test]
fn without_the_source_of_a_field_the_score_is_lower() {
    for (source, lost) in SOURCES {
        let folder = iris();
        let place = folder.path();
        match source {
            file if file.starts_with("model/") => fs::remove_file(place.join(file)).unwrap(),
            "[[dataset]]" => without(place, source, "[code]"),
            line if line.contains('\n') => without(place, line, "purl"),
            line => without(place, line, "\n"),
        }
        let (score, mut missing) = completeness(place, &bom(place, "1.6"), "owasp-aibom");
        missing.retain(|one| one != "external_references");
        missing.sort();
        assert_eq!(missing, lost, "{source}");
        assert_eq!(score < 97.1, !lost.is_empty(), "{source}: {score}");
    }
}

#[test]
fn a_bundle_of_it_verifies_and_carries_the_same_document() {
    let folder = iris();
    let place = folder.path();
    for name in ["release.key", "release.pub"] {
        fs::copy(repository("testdata/vectors/keys").join(name), place.join(name)).unwrap();
    }
    run(place, &["bundle", "create", "release.toml", "--key", "release.key", "--output", "r.intoto.jsonl"]).exits(0);
    run(place, &["bundle", "verify", "r.intoto.jsonl", "--trust", "release.pub", "--model", "model"]).exits(0);
    let carried = run(place, &["bundle", "inspect", "r.intoto.jsonl", "--predicate", "bom"]).exits(0).json();
    let alone: Value = serde_json::from_str(&bom(place, "1.6")).unwrap();
    assert_eq!(carried, alone);
}

#[test]
fn a_card_of_data_that_has_another_licence_is_refused() {
    let folder = iris();
    let path = folder.path().join("release.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("version = \"1988", "license = \"MIT\"\nversion = \"1988", 1)).unwrap();
    let ran = run(folder.path(), &["bom", "create", "release.toml", "--output", "-"]).exits(1);
    assert!(ran.stderr.contains("declared-contradicts-measured"), "{}", ran.stderr);
}

#[test]
fn what_can_not_be_right_is_refused_with_its_place() {
    for (from, to, status, words) in [
        ("pkg:huggingface/", "https://", 2, "is no package URL"),
        ("resolve/", "re solve/", 2, "would not be valid CycloneDX"),
        ("https://huggingface", "https://user:secret@huggingface", 2, "holds credentials"),
        ("approach = \"supervised\"", "approach = \"guided\"", 2, "release.toml"),
        ("emissions = \"emissions.csv\"", "emissions = \"release.toml\"", 1, "no file of emissions"),
        ("emissions = \"emissions.csv\"", "emissions = \"gone.csv\"", 2, "gone.csv"),
        ("domain = ", "domains = ", 2, "domain"),
    ] {
        let folder = iris();
        let path = folder.path().join("release.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let ran = run(folder.path(), &["bom", "create", "release.toml", "--output", "-"]).exits(status);
        assert!(ran.stderr.contains(words), "{to}: {}", ran.stderr);
    }
}

#[test]
fn what_a_card_says_never_keeps_a_document_from_being_made() {
    let folder = iris();
    let path = folder.path().join("model/README.md");
    let text = fs::read_to_string(&path).unwrap();
    // The licence of a card stands in the document where the release states none.
    let release = folder.path().join("release.toml");
    let without = fs::read_to_string(&release).unwrap().replacen("license = \"Apache-2.0\"\n", "", 1);
    fs::write(&release, without).unwrap();
    for odd in ["https://a/%zz", "https://x:port/", "https://user:secret@x/", "https://a/\u{202e}", "javascript:x", ""]
    {
        let odd = text.replacen("https://git.example.com/ml/iris", odd, 1);
        let odd = odd.replacen("license: apache-2.0", "license: other\nlicense_link: https://a/%zz", 1);
        fs::write(&path, odd).unwrap();
        let document: Value = serde_json::from_str(&bom(folder.path(), "1.7")).unwrap();
        let references = document["components"][0]["externalReferences"].as_array().unwrap();
        assert!(references.iter().all(|one| one["type"] != "vcs"), "{references:?}");
    }
    let text = fs::read_to_string(&release).unwrap();
    fs::write(&release, text.replacen("parameters =", "hardware = [\"A\", \"A\", \"AMD EPYC\"]\nparameters =", 1))
        .unwrap();
    bom(folder.path(), "1.6");
}
