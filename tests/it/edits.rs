//! Whatever is edited in a document that has everything, or in one of the files that it is about, is named.

use std::fs;
use std::path::Path;

use assaymark::inventory::NoProgress;
use assaymark::validate::against::Bytes;
use assaymark::validate::{Demands, Level, examine};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::bom_create::{other, scalars};
use crate::iris::iris;
use crate::support::{Workplace, run};

/// The files of a release, as `--against` has them.
struct Files<'f>(&'f Path);

impl Files<'_> {
    /// Returns the places of the errors that a document has against the files.
    fn errors(&self, document: &Value, rows: bool) -> Vec<String> {
        let names = ["test", "train"].map(|name| (name.parse().unwrap(), self.0.join("data").join(name)));
        let (model, code) = (self.0.join("model"), self.0.join("code"));
        let datasets = names.iter().map(|(name, path)| (name, path.as_path())).collect();
        let bytes = Bytes { model: Some(&model), datasets, code: Some(&code), rows };
        let text = document.to_string();
        let mut examination = examine(text.as_bytes(), Demands::default()).unwrap();
        examination.against(&bytes, &NoProgress).unwrap();
        errors(examination.finish())
    }
}

fn errors(validation: assaymark::validate::Validation) -> Vec<String> {
    let errors = validation.objections.into_iter().filter(|one| one.level == Level::Error);
    errors.map(|one| one.pointer.raw().to_owned()).collect()
}

/// Says whether one of some places is that of a value, or holds it.
fn is_named(places: &[String], edited: &str) -> bool {
    places.iter().any(|place| !place.is_empty() && edited.starts_with(place))
}

/// Returns the places that only the document made again names: what the files of model, data and code do not say.
fn named_by_remaking_alone(files: &Files<'_>, made: &Value) -> Vec<String> {
    let mut places = Vec::new();
    scalars(made, "", &mut places);
    assert!(places.len() > 250, "{}", places.len());
    let mut alone = Vec::new();
    for edited in places {
        let mut document = made.clone();
        *document.pointer_mut(&edited).unwrap() = other(made.pointer(&edited).unwrap());
        let text = document.to_string();
        let mut examination = examine(text.as_bytes(), Demands::default()).unwrap();
        examination.compare(made);
        let remade = errors(examination.finish());
        assert!(is_named(&remade, &edited), "nobody names {edited}: {remade:?}");
        if !is_named(&files.errors(&document, true), &edited) {
            alone.push(edited);
        }
    }
    alone
}

/// Returns the places of a document at which properties of some names have their values.
fn properties(document: &Value, names: &[&str]) -> Vec<String> {
    let mut places = Vec::new();
    scalars(document, "", &mut places);
    let is_one = |place: &String| {
        let property = place.strip_suffix("/value").and_then(|place| document.pointer(place));
        property.is_some_and(|property| names.iter().any(|name| property["name"] == *name))
    };
    places.retain(is_one);
    places
}

#[test]
fn whatever_is_edited_in_a_document_that_has_everything_is_named() {
    let folder = iris();
    let creation = "bom create release.toml --output - --rows".split(' ').collect::<Vec<_>>();
    let made = run(folder.path(), &creation).exits(0).json();
    let files = Files(folder.path());
    assert_eq!(files.errors(&made, false), Vec::<String>::new());
    let alone = named_by_remaking_alone(&files, &made);
    // What the cards say is named by the files alone, though a release file may say something else.
    let card = "/components/0/modelCard/";
    let of_cards = ["modelParameters/task", "considerations/users", "considerations/useCases", "quantitativeAnalysis"];
    let of_cards = of_cards.map(|place| format!("{card}{place}"));
    let mut stated: Vec<String> = of_cards.to_vec();
    stated.extend(["/components/0/licenses/0/license/id", "/components/0/description"].map(str::to_owned));
    let datasets = made["components"].as_array().unwrap().iter().enumerate().filter(|(_, one)| one["type"] == "data");
    for (index, _) in datasets {
        let place = |field: &str| format!("/components/{index}/{field}");
        stated.extend(["licenses", "description", "data/0/description"].map(place));
    }
    stated.extend(properties(&made, &["assaymark:disjoint", "intendedUse", "metric", "safetyRiskAssessment"]));
    stated.extend(properties(&made, &["assaymark:from:licenses", "assaymark:from:description"]));
    for place in &stated {
        assert!(made.pointer(place).is_some(), "{place}");
        let left: Vec<_> = alone.iter().filter(|edited| edited.starts_with(place.as_str())).collect();
        assert!(left.is_empty(), "not named against the files: {left:?}");
    }
    assert_eq!(properties(&made, &["assaymark:disjoint"]).len(), 1);
    assert!(made.to_string().contains("train by rows"));
}

#[test]
fn what_is_taken_out_of_what_cards_say_is_missed() {
    let folder = iris();
    let made = run(folder.path(), &["bom", "create", "release.toml", "--output", "-"]).exits(0).json();
    let files = Files(folder.path());
    let model = &made["components"][0];
    let at = |kind: &str| {
        let references = model["externalReferences"].as_array().unwrap();
        references.iter().position(|one| one["type"] == kind).unwrap()
    };
    let of_model = ["task"].map(|field| format!("/components/0/modelCard/modelParameters/{field}"));
    let sources = ["vcs", "documentation", "website", "model-card"];
    let sources = sources.map(|kind| format!("/components/0/externalReferences/{}", at(kind)));
    let named =
        ["assaymark:disjoint", "assaymark:from:licenses", "assaymark:from:description", "intendedUse", "metric"];
    let named = properties(&made, &named).into_iter().map(|place| place.strip_suffix("/value").unwrap().to_owned());
    for place in of_model.into_iter().chain(sources).chain(named) {
        let (parent, step) = place.rsplit_once('/').unwrap();
        let mut document = made.clone();
        match document.pointer_mut(parent).unwrap() {
            Value::Array(items) => drop(items.remove(step.parse().unwrap())),
            Value::Object(members) => drop(members.remove(step).unwrap()),
            _ => unreachable!(),
        }
        assert!(!files.errors(&document, false).is_empty(), "{place}");
    }
}

#[test]
fn a_weaker_comparison_than_was_made_is_named_where_rows_are_asked_for() {
    let folder = iris();
    let creation = ["bom", "create", "release.toml", "--output", "-", "--rows"];
    let made = run(folder.path(), &creation).exits(0).stdout.replace("train by rows", "train by files");
    let document: Value = serde_json::from_str(&made).unwrap();
    let files = Files(folder.path());
    assert_eq!(files.errors(&document, false), Vec::<String>::new());
    assert_eq!(files.errors(&document, true), properties(&document, &["assaymark:disjoint"]));
    fs::write(folder.path().join("bom.json"), made).unwrap();
    // The serial number is made from all else.
    run(folder.path(), &["bom", "validate", "bom.json", "--remake", "release.toml"]).exits(1);
    let rows = ["bom", "validate", "bom.json", "--remake", "release.toml", "--rows", "--format", "json"];
    let ran = run(folder.path(), &rows).exits(1).json();
    assert!(ran.to_string().contains("train by files"), "{ran}");
}

/// Returns the first place of each class of bytes in a file: digits, letters, space, what stands between, the rest; and the ends.
fn places(bytes: &[u8]) -> Vec<usize> {
    let class = |byte: &u8| match byte {
        byte if byte.is_ascii_digit() => 0,
        byte if byte.is_ascii_alphabetic() => 1,
        byte if byte.is_ascii_whitespace() => 2,
        byte if byte.is_ascii_punctuation() => 3,
        0 => 4,
        _ => 5,
    };
    let firsts = (0..6).filter_map(|kind| bytes.iter().position(|byte| class(byte) == kind));
    let mut places: Vec<usize> = firsts.chain([0, bytes.len() / 2, bytes.len() - 1]).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// Returns the files of a folder, but for those of git.
fn files(folder: &Path, at: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder.join(at)).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{at}{}", entry.file_name().to_str().unwrap());
        if !entry.file_type().unwrap().is_dir() {
            found.push(name);
        } else if entry.file_name() != ".git" {
            files(folder, &format!("{name}/"), found);
        }
    }
}

#[test]
fn a_byte_of_each_class_of_each_source_is_named() {
    let folder: TempDir = iris();
    let place = folder.path();
    fs::remove_file(place.join("README.md")).unwrap();
    let mut sources = Vec::new();
    files(place, "", &mut sources);
    assert!(sources.len() >= 15, "{sources:?}");
    fs::write(
        place.join("bom.json"),
        run(place, &["bom", "create", "release.toml", "--output", "-", "--rows"]).exits(0).stdout,
    )
    .unwrap();
    let call = "bom validate bom.json --remake release.toml --against model --code code --dataset train=data/train \
                --dataset test=data/test --rows --format json"
        .split_whitespace()
        .collect::<Vec<_>>();
    run(place, &call).exits(0);
    let mut edits = 0;
    for source in sources {
        let good = fs::read(place.join(&source)).unwrap();
        for at in places(&good) {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            // What a release file says stays the same where a comment is another.
            let value = |bytes: &[u8]| std::str::from_utf8(bytes).ok()?.parse::<toml::Table>().ok();
            if source == "release.toml" && value(&bytes) == value(&good) {
                continue;
            }
            fs::write(place.join(&source), &bytes).unwrap();
            let ran = run(place, &call);
            assert!([1, 2].contains(&ran.status), "{source}, byte {at}: {}{}", ran.stdout, ran.stderr);
            // It is a value of the document, or the file is at fault.
            let named = ran.stdout.contains("fact-differs") || ran.stdout.contains("digest-differs");
            let file = source.rsplit('/').next().unwrap();
            assert!(named || ran.stderr.contains(file), "{source}, byte {at}: {}{}", ran.stdout, ran.stderr);
            edits += 1;
        }
        fs::write(place.join(&source), &good).unwrap();
    }
    assert!(edits > 60, "{edits}");
    run(place, &call).exits(0);
}

#[test]
fn a_document_is_made_again_from_flags_alone() {
    let place = Workplace::new();
    let inputs =
        "--release digits@1.0.0 --license Apache-2.0 --code code --dataset test=data/test --dataset train=data/train";
    place.run(&format!("bom create {inputs} --model model --output m.cdx.json")).exits(0);
    let call = format!("bom validate m.cdx.json --remake {inputs} --against model");
    place.run(&call).exits(0);
    let good = place.read("m.cdx.json");
    place.write("m.cdx.json", good.replace("Apache-2.0", "MIT"));
    assert!(place.run(&call).exits(1).stdout.contains("/components/0/licenses/0/license/id"));
    place.write("m.cdx.json", good);
    // What is not said is asked for.
    let ran = place.run("bom validate m.cdx.json --remake --against model --code code").exits(2);
    assert!(ran.stderr.contains("--release"), "{}", ran.stderr);
    place.run("bom validate m.cdx.json --release digits@1.0.0").exits(2);
}

#[test]
fn the_document_of_a_bundle_with_rows_is_made_again() {
    let place = Workplace::new();
    let create = "bundle create release.toml --key release.key --output r.intoto.jsonl --bom r.cdx.json --rows";
    place.run(create).exits(0);
    place.run("bom validate r.cdx.json --remake release.toml").exits(0);
    place.run("bom create release.toml --rows --output m.cdx.json").exits(0);
    assert_eq!(place.read("m.cdx.json"), place.read("r.cdx.json"));
    // The data for testing alone say nothing of what else there is.
    let ran = place.run("bom validate r.cdx.json --against model --dataset test=data/test --format json").exits(0);
    let notes = ran.json()["objections"].as_array().unwrap().clone();
    assert!(notes.iter().any(|one| one["check"] == "not-compared" && one["level"] == "note"), "{notes:?}");
    place.run("bom validate r.cdx.json --against model --dataset test=data/test --dataset train=data/train").exits(0);
}

/// Sets a tag at the commit of a repository.
fn tag(folder: &Path, name: &str) {
    let repository = git2::Repository::open(folder).unwrap();
    let commit = repository.head().unwrap().peel(git2::ObjectType::Commit).unwrap();
    repository.tag_lightweight(name, &commit, false).unwrap();
}

#[test]
fn a_tag_that_was_set_later_is_told_and_is_no_fault() {
    let folder = iris();
    let place = folder.path();
    tag(&place.join("code"), "v1");
    let made = run(place, &["bom", "create", "release.toml", "--output", "-"]).exits(0).stdout;
    fs::write(place.join("bom.json"), &made).unwrap();
    tag(&place.join("code"), "a-later-one");
    let call = ["bom", "validate", "bom.json", "--remake", "release.toml", "--format", "json"];
    let said = |status: i32| {
        let json = run(place, &call).exits(status).json();
        let all = json["objections"].as_array().unwrap().clone();
        all.into_iter().filter(|one| one["check"] == "fact-differs").collect::<Vec<_>>()
    };
    let told = said(0);
    assert!(told.len() == 1 && told[0]["level"] == "note", "{told:?}");
    assert!(told[0]["message"].as_str().unwrap().contains("`a-later-one`"), "{told:?}");
    // One that is taken out of the document is missed, and one that is made up is named.
    let mut document: Value = serde_json::from_str(&made).unwrap();
    let code = document["components"].as_array_mut().unwrap().iter_mut().find(|one| one["bom-ref"] == "code").unwrap();
    code["properties"].as_array_mut().unwrap().retain(|one| one["name"] != "assaymark:git-tag");
    fs::write(place.join("bom.json"), document.to_string()).unwrap();
    assert!(said(1).iter().any(|one| one["pointer"] == "/serialNumber"));
    fs::write(place.join("bom.json"), made.replace("\"v1\"", "\"v2\"")).unwrap();
    assert!(said(1).iter().any(|one| one["message"].to_string().contains("v2")));
}

#[test]
fn base_models_are_not_the_bytes_of_the_model() {
    let place = Workplace::new();
    place.write("model/README.md", "---\nbase_model: [a/b, c/d]\n---\n");
    let base = format!(
        "[[model.base]]\nname = \"b\"\nuri = \"pkg:huggingface/a/b\"\ndigest = \"tree:sha256:{}\"\n",
        "a".repeat(64)
    );
    place.write("release.toml", place.read("release.toml").replacen("[[dataset]]", &format!("{base}\n[[dataset]]"), 1));
    place.run("bom create release.toml --output m.cdx.json").exits(0);
    let call = "bom validate m.cdx.json --against model";
    place.run(call).exits(0);
    let good = place.read("m.cdx.json");
    for (from, to) in
        [("pkg:huggingface/c/d", "pkg:huggingface/c/e"), ("\"bom-ref\": \"model\"", "\"bom-ref\": \"base:m\"")]
    {
        assert!(good.contains(from), "{from}");
        place.write("m.cdx.json", good.replace(from, to));
        place.run(call).exits(1);
    }
}

#[test]
fn a_card_may_have_a_name_in_small_letters() {
    let place = Workplace::new();
    fs::remove_file(place.path("model/README.md")).unwrap();
    place.write("model/readme.md", "---\npipeline_tag: text-classification\n---\n# A model\n\nIt tells.\n");
    place.write("data/train/Readme.md", "---\nlicense: cc-by-4.0\n---\n# Data\n\nThey are short.\n");
    let bom = place.run("bom create release.toml --output -").exits(0).json();
    assert_eq!(bom["components"][0]["description"], "It tells.");
    let train = bom["components"].as_array().unwrap().iter().find(|one| one["bom-ref"] == "dataset:train").unwrap();
    assert_eq!(train["description"], "They are short.");
    place.write("model/readme.md", "---\nlicense: [\n---\n");
    assert!(place.run("bom create release.toml --output -").exits(1).stderr.contains("readme.md"));
}

#[test]
fn classes_of_pictures_are_counted_by_name() {
    let place = Workplace::new();
    for name in ["cat/1.png", "cat/2.png", "dog/3.png"] {
        place.write(&format!("data/train/{name}"), [b"\x89PNG\r\n\x1a\n", name.as_bytes()].concat());
    }
    let bom = place.run("bom create release.toml --output -").exits(0).json();
    let train = bom["components"].as_array().unwrap().iter().find(|one| one["bom-ref"] == "dataset:train").unwrap();
    let classes: Vec<_> =
        train["properties"].as_array().unwrap().iter().filter(|one| one["name"] == "assaymark:class").collect();
    assert_eq!(classes.iter().map(|one| &one["value"]).collect::<Vec<_>>(), [&json!("cat: 2"), &json!("dog: 1")]);
}

#[test]
fn rows_that_stand_on_both_sides_are_named_by_file_and_number() {
    let place = Workplace::new();
    for side in ["train", "test"] {
        fs::remove_dir_all(place.path(&format!("data/{side}"))).unwrap();
    }
    place.write("data/train/a.csv", "text,label\nx,1\ny,2\nx,1\n");
    place.write("data/test/b.jsonl", "{\"label\": 3, \"text\": \"z\"}\n{\"label\": 2, \"text\": \"y\"}\n");
    let ran = place.run("bom create release.toml --rows --output -").exits(1);
    assert!(ran.stderr.contains("row 2 of `b.jsonl` is row 2 of `a.csv`"), "{}", ran.stderr);
}
