//! `bom validate`: documents of anybody, by schema, references and lists of others.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Workplace, repository, run_with_input};

/// The official examples of a version, valid or not, by their file names.
fn examples(version: &str, folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = repository(&format!("testdata/third-party/cyclonedx-{version}/{folder}"));
    let mut examples: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap()))
        .collect();
    examples.sort();
    examples
}

#[test]
fn official_examples_get_the_verdict_of_their_names() {
    let mut count = 0;
    for (version, folder, expected) in
        [("1.6", "valid", 45), ("1.6", "invalid", 25), ("1.7", "valid", 61), ("1.7", "invalid", 29)]
    {
        let examples = examples(version, folder);
        assert_eq!(examples.len(), expected, "{version} {folder}");
        for (name, text) in examples {
            let examination = assaymark::validate::examine(&text, assaymark::validate::Demands::default()).unwrap();
            let validation = examination.finish();
            assert_eq!(validation.passes(), folder == "valid", "{name}: {:?}", validation.objections);
            assert!(name.starts_with(folder));
            count += 1;
        }
    }
    assert_eq!(count, 160);
}

fn linked() -> Value {
    serde_json::from_slice(&fs::read(repository("testdata/bom/linked-1.6.cdx.json")).unwrap()).unwrap()
}

#[test]
fn a_sound_document_passes_and_nothing_is_said_to_be_verified() {
    let place = Workplace::new();
    place.write("good.cdx.json", linked().to_string());
    let ran = place.run("bom validate good.cdx.json").exits(0);
    assert!(ran.stdout.contains("PASS  good.cdx.json (CycloneDX 1.6): 0 errors, 0 warnings"), "{}", ran.stdout);
    assert!(ran.stdout.contains("nothing here is signed or verified"), "{}", ran.stdout);
    place.run("bom validate good.cdx.json --strict").exits(0);
    for profile in ["ntia", "cisa-2026", "g7-ai", "ai-act"] {
        let ran = place.run(&format!("bom validate good.cdx.json --profile {profile}")).exits(0);
        assert!(ran.stdout.contains(&format!("{profile}: 100.0 of 100")), "{}", ran.stdout);
    }
}

#[test]
fn standard_input_is_a_document_as_well() {
    let place = Workplace::new();
    let good = linked().to_string();
    let ran = run_with_input(place.folder(), &["bom", "validate", "-", "--format", "json"], good.as_bytes()).exits(0);
    assert_eq!(ran.json()["document"], "-");
    run_with_input(place.folder(), &["bom", "validate", "-"], b"{}").exits(1);
    let sarif = ["bom", "validate", "-", "--format", "sarif"];
    let result = run_with_input(place.folder(), &sarif, b"{}").exits(1).json()["runs"][0]["results"][0].clone();
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "stdin", "{result}");
}

#[test]
fn what_is_lacking_warns_and_denies_where_it_is_demanded() {
    let place = Workplace::new();
    let mut document = linked();
    document["components"][1].as_object_mut().unwrap().remove("licenses");
    document["dependencies"][0]["dependsOn"][0] = json!("elsewhere");
    place.write("poor.cdx.json", serde_json::to_string_pretty(&document).unwrap());
    let json = place.run("bom validate poor.cdx.json --format json").exits(0).json();
    let said: Vec<_> = json["objections"].as_array().unwrap().iter().map(|one| &one["check"]).collect();
    assert_eq!(said, ["semantics", "undescribed", "licence-unknown"]);
    assert!(json["objections"].as_array().unwrap().iter().all(|one| one["level"] == "warning"));
    assert_eq!(json["objections"][1]["pointer"], "/components/1");
    assert!(json["objections"][1]["line"].as_u64().unwrap() > 100);
    place.run("bom validate poor.cdx.json --strict").exits(1);
    let json = place.run("bom validate poor.cdx.json --profile g7-ai --format json").exits(1).json();
    assert_eq!(json["verdict"], "rejected");
    let missing = &json["completeness"]["missing"];
    let missing = missing.as_array().unwrap().iter().find(|one| one["counted"] == true).unwrap();
    assert_eq!((&missing["element"], &missing["of"]), (&json!("dataset licence"), &json!(["/components/1"])));
    assert_eq!(missing["place"], "components[].licenses");
}

#[test]
fn a_score_can_be_demanded() {
    let place = Workplace::new();
    place.write("good.cdx.json", linked().to_string());
    let ran = place.run("bom validate good.cdx.json --profile owasp-aibom").exits(0);
    assert!(ran.stdout.contains("owasp-aibom: 47.4 of 100"), "{}", ran.stdout);
    place.run("bom validate good.cdx.json --profile owasp-aibom --min-score 47.4").exits(0);
    let ran = place.run("bom validate good.cdx.json --profile owasp-aibom --min-score 50").exits(1);
    assert!(ran.stdout.contains("the score of owasp-aibom is 47.4, and must be 50.0"), "{}", ran.stdout);
    place.run("bom validate good.cdx.json --min-score 50").exits(2);
    place.run("bom validate good.cdx.json --profile owasp-aibom --min-score 101").exits(2);
}

#[test]
fn our_own_document_is_held_against_the_bytes() {
    let place = Workplace::new();
    place.create();
    let lines = place.read("r.intoto.jsonl");
    let bom = lines.lines().map(statement).find(|one| one["predicateType"] == "https://cyclonedx.org/bom").unwrap();
    place.write("bom.json", bom["predicate"].to_string());
    let call = "bom validate bom.json --against model --format json";
    let said = |arguments: &str, status: i32| {
        let json = place.run(arguments).exits(status).json();
        let objections = json["objections"].as_array().unwrap().clone();
        let errors = objections.iter().filter(|one| one["level"] == "error");
        errors
            .map(|one| format!("{} {}", one["check"].as_str().unwrap(), one["pointer"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(said(call, 0), Vec::<String>::new());
    place.write("model/config.json", "{\"other\": 1}");
    let changed = said(call, 1);
    // What is read of the file is another as well.
    assert!(changed.iter().any(|one| one == "fact-differs /components/0/modelCard/modelParameters/architectureFamily"));
    let known = |one: &String| ["digest-differs ", "fact-differs "].iter().any(|check| one.starts_with(check));
    assert!(changed.iter().all(known), "{changed:?}");
    assert!(changed.iter().any(|one| one.contains("/components/0/components/")), "{changed:?}");
    place.write("model/extra.bin", "extra");
    assert!(said(call, 1).iter().any(|one| one.starts_with("file-extra")));
    fs::remove_file(place.path("model/config.json")).unwrap();
    assert!(said(call, 1).iter().any(|one| one.starts_with("file-missing")));
    let other = "bom validate bom.json --dataset nothing=model --format json";
    assert_eq!(said(other, 1), ["nothing-compared "]);
}

#[test]
fn what_is_taken_out_of_our_own_document_is_missed() {
    let model = repository("testdata/iris/model");
    let place = Workplace::new();
    let release = repository("testdata/iris/release.toml");
    let bom = place.run(&format!("bom create {} --output -", release.display())).exits(0).json();
    let said = |document: &Value, status: i32| {
        place.write("bom.json", document.to_string());
        let ran = place.run(&format!("bom validate bom.json --against {} --format json", model.display()));
        let json = ran.exits(status).json();
        let errors = json["objections"].as_array().unwrap().clone().into_iter().filter(|one| one["level"] == "error");
        errors
            .map(|one| format!("{} {}", one["check"].as_str().unwrap(), one["pointer"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(said(&bom, 0), Vec::<String>::new());
    let edited = |edit: &dyn Fn(&mut Value)| {
        let mut document = bom.clone();
        edit(&mut document["components"][0]);
        document
    };
    let without = |model: &mut Value, names: &[&str]| {
        let properties = model["properties"].as_array_mut().unwrap();
        properties.retain(|property| !names.contains(&property["name"].as_str().unwrap()));
    };
    let file = |model: &mut Value| drop(model["components"][0].as_object_mut().unwrap().remove("hashes"));
    assert_eq!(said(&edited(&|model| file(model)), 1), ["not-compared /components/0/components/0"]);
    let all = |model: &mut Value| {
        model.as_object_mut().unwrap().remove("hashes");
        without(model, &["assaymark:digest"]);
    };
    assert_eq!(said(&edited(&all), 1), ["not-compared /components/0"]);
    assert_eq!(said(&edited(&|model| without(model, &["assaymark:omsRoot"])), 1), ["fact-differs /components/0"]);
    let zeros = |model: &mut Value| {
        let properties = model["properties"].as_array_mut().unwrap();
        let root = properties.iter_mut().find(|property| property["name"] == "assaymark:omsRoot").unwrap();
        root["value"] = "0".repeat(64).into();
    };
    assert!(said(&edited(&zeros), 1)[0].starts_with("fact-differs /components/0/properties/"));
    let ports = |model: &mut Value| {
        model["modelCard"]["modelParameters"]["inputs"][0]["format"] = "x: F32 [9, 9]".into();
    };
    assert_eq!(said(&edited(&ports), 1), ["fact-differs /components/0/modelCard/modelParameters/inputs"]);
}

/// Reads the statement of a line.
fn statement(line: &str) -> Value {
    let line: Value = serde_json::from_str(line).unwrap();
    let payload = data_encoding::BASE64.decode(line["dsseEnvelope"]["payload"].as_str().unwrap().as_bytes());
    serde_json::from_slice(&payload.unwrap()).unwrap()
}

#[test]
fn calls_that_make_no_sense_are_not_usable() {
    let place = Workplace::new();
    place.run("bom validate").exits(2);
    place.run("bom validate missing.json").exits(2);
    place.run("bom validate model --profile cyclonedx").exits(2);
    place.run("bom validate x --profile other").exits(2);
}

#[test]
fn sarif_has_every_objection_where_it_stands() {
    let place = Workplace::new();
    let mut document = linked();
    document["components"][0]["type"] = json!("modell");
    place.write("bad.cdx.json", serde_json::to_string_pretty(&document).unwrap());
    let sarif = place.run("bom validate bad.cdx.json --format sarif").exits(1).json();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!((&result["ruleId"], &result["level"]), (&json!("schema"), &json!("error")));
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "bad.cdx.json");
    assert!(place["region"]["startLine"].as_u64().unwrap() > 10);
    assert!(result["message"]["text"].as_str().unwrap().contains("at /components/0/type"), "{result}");
}

#[test]
fn every_check_and_profile_is_in_the_docs() {
    let docs = fs::read_to_string(repository("docs/bom.md")).unwrap();
    for check in assaymark::validate::Check::ALL {
        assert!(docs.contains(&format!("| `{}` | {} |", check.as_str(), check.description())), "{}", check.as_str());
    }
    for (name, _) in assaymark::completeness::Profile::ALL {
        assert!(docs.contains(&format!("| `{name}` |")), "{name}");
    }
}
