//! What a BOM says of the environment, and what a gate makes of it.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Workplace, codes, repository};

fn bom(place: &Workplace) -> Value {
    let bom = place.run("bundle inspect r.intoto.jsonl --predicate bom").exits(0).json();
    assert_eq!(assaymark::cyclonedx::schema::faults(&bom), Ok(vec![]));
    assert_eq!(assaymark::cyclonedx::semantics::faults(&bom), Vec::<String>::new());
    bom
}

fn component<'b>(bom: &'b Value, name: &str) -> &'b Value {
    let found = bom["components"].as_array().unwrap().iter().find(|one| one["bom-ref"] == name);
    found.unwrap_or_else(|| panic!("no component {name}"))
}

fn properties(component: &Value, name: &str) -> Vec<String> {
    let all = component["properties"].as_array().into_iter().flatten();
    all.filter(|one| one["name"] == name).map(|one| one["value"].as_str().unwrap().to_owned()).collect()
}

/// A workplace whose code has a lock file of uv and nothing else.
fn with_uv_lock() -> Workplace {
    let place = Workplace::new();
    fs::remove_file(place.path("code/requirements.txt")).unwrap();
    fs::copy(repository("testdata/environment/uv.lock"), place.path("code/uv.lock")).unwrap();
    place
}

#[test]
fn packages_of_a_lock_file_are_components_of_the_code() {
    let place = with_uv_lock();
    place.create();
    let bom = bom(&place);
    let tqdm = component(&bom, "pkg:pypi/tqdm@4.67.1");
    assert_eq!((&tqdm["type"], &tqdm["name"], &tqdm["version"]), (&json!("library"), &json!("tqdm"), &json!("4.67.1")));
    assert_eq!(tqdm["purl"], "pkg:pypi/tqdm@4.67.1");
    assert_eq!(tqdm["hashes"].as_array().unwrap().len(), 2);
    assert_eq!(properties(tqdm, "assaymark:uploaded"), ["2024-11-24T20:12:22.481Z"]);
    assert_eq!(properties(tqdm, "assaymark:obtained"), ["imported"]);
    assert_eq!(properties(tqdm, "assaymark:source"), ["uv.lock"]);
    let edges = bom["dependencies"].as_array().unwrap().iter().find(|one| one["ref"] == "code").unwrap();
    assert_eq!(edges["dependsOn"], json!(["pkg:pypi/colorama@0.4.6", "pkg:pypi/six@1.17.0", "pkg:pypi/tqdm@4.67.1"]));
    let about = bom["compositions"].as_array().unwrap().iter().find(|one| one["dependencies"] == json!(["code"]));
    assert_eq!(about.unwrap()["aggregate"], "complete");
    assert_eq!(properties(component(&bom, "code"), "assaymark:lock-file").len(), 1);
    place.verify("--code code --strict").exits(0);
}

#[test]
fn a_gate_judges_the_packages_of_a_lock_file() {
    let place = with_uv_lock();
    place.create();
    for (rule, denied) in [
        (r#"packages = { deny = ["pkg:pypi/evil"] }"#, None),
        (r#"packages = { deny = ["pkg:pypi/Tqdm"] }"#, Some("package-denied")),
        (r#"packages = { deny = ["pkg:pypi/tqdm@4.67.1"] }"#, Some("package-denied")),
        (r#"packages = { min-age = "30d" }"#, None),
        // The newest archive of six is of 2024-12-04.
        (r#"packages = { min-age = "9000d" }"#, Some("package-denied")),
    ] {
        place.write("policy.toml", format!("[policy]\nname = \"p\"\n[rules]\n{rule}\n"));
        let ran = place.verify("--policy policy.toml");
        let ran = ran.exits(i32::from(denied.is_some()));
        let found = codes(&ran.json(), "deny");
        assert!(found.iter().all(|code| Some(code.as_str()) == denied), "{rule}: {found:?}");
    }
}

#[test]
fn files_that_are_named_stand_in_place_of_those_that_are_found() {
    let place = with_uv_lock();
    fs::copy(repository("testdata/environment/requirements.txt"), place.path("train-requirements.txt")).unwrap();
    let digest = "0".repeat(64);
    place.write(
        "sbom.json",
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.4", "components": [
            {"type": "library", "name": "zlib", "version": "1.3", "purl": "pkg:generic/zlib@1.3"}]}"#,
    );
    place
        .run(&format!(
            "bundle create release.toml --key release.key --output r.intoto.jsonl --lock-file train-requirements.txt \
         --sbom sbom.json --image ghcr.io/example/train:1@sha256:{digest}"
        ))
        .exits(0);
    let bom = bom(&place);
    assert_eq!(properties(component(&bom, "pkg:pypi/six@1.17.0"), "assaymark:uploaded"), Vec::<String>::new());
    assert_eq!(properties(component(&bom, "pkg:generic/zlib@1.3"), "assaymark:source"), ["sbom.json"]);
    let image = component(&bom, "image");
    assert_eq!((&image["type"], &image["name"]), (&json!("container"), &json!("ghcr.io/example/train")));
    assert_eq!(properties(image, "assaymark:obtained"), ["declared"]);
    // The image is no package whose age must be known; where images are denied, it must be known which one it is.
    let judged = |denied: &str| {
        let policy = format!("[policy]\nname = \"p\"\n[rules]\npackages = {{ deny = [\"{denied}\"] }}\n");
        place.write("policy.toml", policy);
        place.verify("--policy policy.toml")
    };
    judged("pkg:pypi/other").exits(0);
    judged("pkg:oci/train").exits(1);
}

#[test]
fn a_release_file_names_the_environment() {
    let place = with_uv_lock();
    let text = place.read("release.toml");
    let digest = "0".repeat(64);
    place.write(
        "release.toml",
        format!("{text}\n[environment]\nlock-files = ['code/uv.lock']\nimage = 'x@sha256:{digest}'\n"),
    );
    place.create();
    assert_eq!(component(&bom(&place), "image")["name"], "x");
    place.write("release.toml", format!("{text}\n[environment]\nimage = 'x:1'\n"));
    let ran = place.run("bundle create release.toml --key release.key --output x.intoto.jsonl").exits(2);
    assert!(ran.stderr.contains("a tag alone"), "{}", ran.stderr);
}

#[test]
fn half_a_list_of_packages_is_not_signed() {
    let place = with_uv_lock();
    let create = "bundle create release.toml --key release.key --output x.intoto.jsonl";
    for text in ["version = 2\n", "version = 1\n[[package]]\n", "\u{0}"] {
        place.write("code/uv.lock", text);
        let ran = place.run(create).exits(1);
        assert!(ran.stderr.contains("`uv.lock` can't be read") && ran.stderr.contains("--lock-file"), "{}", ran.stderr);
        assert!(!place.path("x.intoto.jsonl").exists());
    }
    place.write("notes.txt", "x");
    let ran = place.run(&format!("{create} --lock-file notes.txt")).exits(2);
    assert!(ran.stderr.contains("the name of no lock file"), "{}", ran.stderr);
    place.run(&format!("{create} --lock-file absent.lock")).exits(2);
}

#[test]
fn unpinned_requirements_make_the_list_incomplete() {
    let place = Workplace::new();
    place.write("code/requirements.txt", "numpy>=2\nsix==1.17.0\n");
    place.create();
    let bom = bom(&place);
    assert_eq!(properties(component(&bom, "pkg:pypi/numpy"), "assaymark:obtained"), ["inferred"]);
    let about = bom["compositions"].as_array().unwrap().iter().find(|one| one["dependencies"] == json!(["code"]));
    assert_eq!(about.unwrap()["aggregate"], "incomplete");
    place.write("policy.toml", "[policy]\nname = \"p\"\n[rules]\npackages = { deny = [\"pkg:pypi/other\"] }\n");
    let ran = place.verify("--policy policy.toml").exits(1);
    assert!(ran.stdout.contains("its list of packages is not complete"), "{}", ran.stdout);
}

#[test]
fn notebooks_are_parts_of_the_code() {
    let place = Workplace::new();
    let cell = json!({"cell_type": "code", "source": ["import torch\n"], "outputs": [], "metadata": {}});
    let notebook = json!({"cells": [cell], "metadata": {"language_info": {"name": "python"}}, "nbformat": 4});
    place.write("code/explore/train.ipynb", notebook.to_string());
    place.write("code/broken.ipynb", "{");
    place.create();
    let bom = bom(&place);
    let parts = component(&bom, "code")["components"].as_array().unwrap();
    assert_eq!(parts.len(), 1);
    assert_eq!(parts[0]["name"], "explore/train.ipynb");
    assert_eq!(properties(&parts[0], "assaymark:import"), ["torch"]);
}

#[test]
fn code_in_git_has_a_tree_tags_and_changed_files() {
    let place = Workplace::new();
    let repository = git2::Repository::init(place.path("code")).unwrap();
    let mut index = repository.index().unwrap();
    index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).unwrap();
    index.write().unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let author = git2::Signature::now("a", "a@example.com").unwrap();
    let commit = repository.commit(Some("HEAD"), &author, &author, "x", &tree, &[]).unwrap();
    let commit = repository.find_object(commit, None).unwrap();
    repository.tag_lightweight("v1", &commit, false).unwrap();
    repository.tag("v1-signed", &commit, &author, "x", false).unwrap();
    place.write("code/new.py", "");
    place.create();
    let bom = bom(&place);
    let code = component(&bom, "code");
    assert_eq!(properties(code, "assaymark:git-tree"), [tree.id().to_string()]);
    assert_eq!(properties(code, "assaymark:git-tag"), ["v1", "v1-signed"]);
    assert_eq!(properties(code, "assaymark:changed-file"), ["new.py"]);
    assert_eq!(properties(code, "assaymark:changed-files"), ["1"]);
    let provenance = place.run("bundle inspect r.intoto.jsonl --predicate provenance").exits(0).json();
    let annotations = &provenance["buildDefinition"]["resolvedDependencies"][0]["annotations"];
    assert_eq!(annotations["assaymark_gitTags"], json!(["v1", "v1-signed"]));
    assert_eq!(annotations["assaymark_changed"], json!(["new.py"]));
}
