//! `bom create`: the BOM alone, with what the files of the model state.

use std::fs;

use assaymark::cyclonedx::{SpecVersion, schema, semantics};
use serde_json::{Value, json};

use crate::support::{Workplace, repository};

const CREATE: &str = "bom create release.toml --output -";

fn property<'v>(component: &'v Value, name: &str) -> Option<&'v str> {
    let properties = component["properties"].as_array()?;
    properties.iter().find(|property| property["name"] == name)?["value"].as_str()
}

/// A copy of the demo whose model is a folder as Hugging Face has it, with shards.
fn hub() -> Workplace {
    let place = Workplace::new();
    fs::remove_dir_all(place.path("model")).unwrap();
    for part in ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"]
    {
        place.write(&format!("model/{part}"), fs::read(repository("testdata/weights").join(part)).unwrap());
    }
    let config = json!({
        "architectures": ["BertForSequenceClassification"], "model_type": "bert", "torch_dtype": "float32",
        "max_position_embeddings": 512, "_name_or_path": "a/b", "_commit_hash": "0".repeat(40),
    });
    place.write("model/config.json", config.to_string());
    place.write("model/README.md", README);
    place
}

const README: &str = "---\nlicense: apache-2.0\npipeline_tag: text-classification\nbase_model: a/b\nmodel-index:\n- name: x\n  results:\n  \
    - dataset: {name: d, type: d}\n    metrics: [{type: accuracy, value: 0.9}]\n---\n# A model\n\nIt tells.\n\n## Intended uses\n\nTelling.\n\n\
    ## Limitations\n\nIt tells wrong.\n";

#[test]
fn both_versions_fit_their_schemas_and_are_reproducible() {
    let place = hub();
    for (version, flag) in [(SpecVersion::V1_6, ""), (SpecVersion::V1_7, " --spec-version 1.7")] {
        let made = place.run(&format!("{CREATE}{flag}")).exits(0);
        let bom = made.json();
        assert_eq!(schema::faults_as(&bom, version), Ok(vec![]));
        assert_eq!(semantics::faults(&bom), Vec::<String>::new());
        assert_eq!(place.run(&format!("{CREATE}{flag}")).exits(0).stdout, made.stdout);
        assert_eq!(bom["citations"].is_array(), version == SpecVersion::V1_7);
        for citation in bom["citations"].as_array().into_iter().flatten() {
            for pointer in citation["pointers"].as_array().unwrap() {
                assert!(bom.pointer(pointer.as_str().unwrap()).is_some(), "{pointer} leads nowhere");
            }
        }
    }
}

#[test]
fn weights_configuration_and_card_are_described() {
    let bom = hub().run(CREATE).exits(0).json();
    let model = &bom["components"][0];
    for (name, value) in [
        ("assaymark:format", "safetensors"),
        ("assaymark:weightFiles", "2"),
        ("assaymark:tensors", "4"),
        ("assaymark:parameters", "69"),
        ("assaymark:types", "F16:16 F32:52 I64:1"),
        ("assaymark:contextLength", "512"),
        ("assaymark:obtained", "measured"),
        ("assaymark:obtained:licenses", "declared"),
        ("assaymark:obtained:modelCard.considerations", "declared"),
    ] {
        assert_eq!(property(model, name), Some(value), "{name}");
    }
    let card = &model["modelCard"];
    assert_eq!(card["modelParameters"]["architectureFamily"], "bert");
    assert_eq!(card["modelParameters"]["modelArchitecture"], "BertForSequenceClassification");
    assert_eq!(
        card["quantitativeAnalysis"]["performanceMetrics"][0],
        json!({"type": "accuracy", "value": "0.9", "slice": "d"})
    );
    assert_eq!(card["considerations"], json!({"useCases": ["Telling."], "technicalLimitations": ["It tells wrong."]}));
    let ancestor = &model["pedigree"]["ancestors"][0];
    assert_eq!(ancestor["purl"], format!("pkg:huggingface/a/b@{}", "0".repeat(40)));
    let files = model["components"].as_array().unwrap();
    let shard = files.iter().find(|file| file["name"] == "model-00001-of-00002.safetensors").unwrap();
    assert_eq!(property(shard, "assaymark:largestTensor"), Some("embed.weight [10, 4]"));
}

#[test]
fn a_bundle_with_a_base_model_of_the_card_verifies() {
    let place = hub();
    place.create().verify("").exits(0);
}

#[test]
fn what_contradicts_itself_is_refused() {
    for (name, text, code) in [
        ("model/config.json", r#"{"torch_dtype": "bfloat16"}"#, "declared-contradicts-measured"),
        ("model/README.md", "---\nlicense: mit\n---\n", "declared-contradicts-measured"),
        ("model/README.md", "---\nlicense: llama2\n---\n", "declared-contradicts-measured"),
        ("model/README.md", "---\nlicense: [apache-2.0, cc-by-nc-4.0]\n---\n", "declared-contradicts-measured"),
        ("model/README.md", "\n ---\nlicense: mit\n---\n", "declared-contradicts-measured"),
        ("data/train/README.md", "---\nlicense: llama2\n---\n", "declared-contradicts-measured"),
        ("model/README.md", "---\ntags: [a]\ntags: [b]\n---\n", "weights-malformed"),
        ("model/README.md", "---\nlicense: apache-2.0\n...\n", "weights-malformed"),
        ("model/config.json", "{", "weights-malformed"),
        ("data/train/README.md", "---\nlicense: [\n---\n", "dataset-unread"),
        ("model/model.safetensors.index.json", r#"{"weight_map": {"a": "gone.safetensors"}}"#, "shard-mismatch"),
        ("model/broken.gguf", "GGUF\u{3}", "weights-malformed"),
    ] {
        let place = hub();
        place.write(name, text);
        let ran = place.run(CREATE).exits(1);
        assert!(ran.stderr.contains(code), "{name}: {}", ran.stderr);
        let bundle = place.run("bundle create release.toml --key release.key --output r.intoto.jsonl").exits(1);
        assert!(bundle.stderr.contains(code) || code == "weights-malformed", "{name}: {}", bundle.stderr);
    }
    let place = hub();
    place.write("model/README.md", "---\ntags: [a]\ntags: [b]\n---\n");
    let said = place.run(CREATE).exits(1).stderr;
    assert!(said.contains("mend it, or leave it out") && said.contains("line 2"), "{said}");
    assert!(!said.contains("Policy") && !said.contains("at byte"), "{said}");
}

#[test]
fn every_base_model_of_a_card_is_named_and_none_is_permissive() {
    for (base, named) in [
        ("gpt2", "pkg:huggingface/gpt2"),
        ("https://huggingface.co/a/b", "pkg:huggingface/a/b"),
        ("./checkpoint-5", "./checkpoint-5"),
    ] {
        let place = hub();
        place.write("model/README.md", format!("---\nlicense: apache-2.0\nbase_model: \"{base}\"\n---\n"));
        place.create();
        let bom = place.run("bundle inspect r.intoto.jsonl --predicate bom").exits(0).json();
        let ancestors = bom["components"][0]["pedigree"]["ancestors"].as_array().unwrap();
        assert!(ancestors.len() == 1 && ancestors[0].to_string().contains(named), "{ancestors:?}");
        place.verify("").exits(0);
        place.write("policy.toml", "[policy]\nname = \"p\"\n[rules]\nlicense-flow = true\n");
        let ran = place.verify("--policy policy.toml").exits(1);
        let told = ran.stdout.contains("→ digits: it has no licence");
        assert!(told && ran.stdout.contains("license-unknown"), "{}", ran.stdout);
    }
    let place = hub();
    place.write("model/README.md", "---\nbase_model: {a: b}\n---\n");
    place.run(CREATE).exits(1);
}

/// A card need not say on which model an adapter is put: its configuration always does.
#[test]
fn the_model_of_an_adapter_is_its_base_model() {
    let place = hub();
    place.write("model/adapter_config.json", r#"{"peft_type": "LORA", "base_model_name_or_path": "owner/llama"}"#);
    place.run("bom create release.toml --output m.cdx.json").exits(0);
    let ancestors = |bom: &Value| bom["components"][0]["pedigree"]["ancestors"].clone();
    let bases = ancestors(&serde_json::from_str(&place.read("m.cdx.json")).unwrap());
    let named: Vec<_> = bases.as_array().unwrap().iter().map(|one| one["purl"].as_str().unwrap()).collect();
    assert!(named.contains(&"pkg:huggingface/owner/llama"), "{named:?}");
    let against = "bom validate m.cdx.json --against model";
    place.run(against).exits(0);
    place.write("model/adapter_config.json", r#"{"base_model_name_or_path": "owner/other"}"#);
    assert!(place.run(against).exits(1).stdout.contains("pedigree/ancestors"));
    place.write("model/adapter_config.json", r#"{"base_model_name_or_path": ["owner/llama"]}"#);
    assert!(place.run(CREATE).exits(1).stderr.contains("weights-malformed"));
}

#[test]
fn numbers_that_are_none_leave_the_rest_of_a_configuration() {
    let place = hub();
    place
        .write("model/config.json", r#"{"model_type": "mamba2", "vocab_size": 5, "time_step_limit": [0.0, Infinity]}"#);
    let bom = place.run(CREATE).exits(0).json();
    assert_eq!(bom["components"][0]["modelCard"]["modelParameters"]["architectureFamily"], "mamba2");
}

#[test]
fn a_bom_is_not_written_over_or_into_what_is_hashed() {
    let place = Workplace::new();
    place.run("bom create release.toml").exits(0);
    assert!(place.path("digits-1.0.0.cdx.json").exists());
    place.run("bom create release.toml").exits(2);
    place.run("bom create release.toml --force").exits(0);
    place.run("bom create release.toml --output model/bom.json").exits(2);
    place.run("bom create release.toml --force --output release.toml").exits(2);
}

/// Returns the place of every value that is none of others.
pub fn scalars(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                scalars(member, &format!("{place}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                scalars(item, &format!("{place}/{index}"), found);
            }
        }
        _ => found.push(place.to_owned()),
    }
}

/// Returns another value that fits where one stands, if there is one.
pub fn other(value: &Value) -> Value {
    match value {
        Value::String(text) if text.parse::<chrono::DateTime<chrono::Utc>>().is_ok() => json!("2001-01-01T00:00:00Z"),
        Value::String(text) => match text.char_indices().last() {
            Some((end, '0')) => json!(format!("{}1", &text[..end])),
            Some((end, _)) => json!(format!("{}0", &text[..end])),
            None => json!("0"),
        },
        Value::Number(number) if number.is_u64() => json!(number.as_u64().unwrap() + 1),
        Value::Number(number) => json!(number.as_f64().unwrap() + 1.0),
        Value::Bool(is) => json!(!is),
        other => panic!("{other}"),
    }
}

#[test]
fn whatever_is_edited_is_named_when_the_document_is_made_again() {
    use assaymark::validate::{Demands, Level, examine};
    let place = hub();
    place.write("code/uv.lock", LOCK);
    for version in ["1.6", "1.7"] {
        let remade = place.run(&format!("{CREATE} --spec-version {version}")).exits(0).json();
        let mut places = Vec::new();
        scalars(&remade, "", &mut places);
        assert!(places.len() > 150, "{}", places.len());
        for edited in places {
            let mut document = remade.clone();
            *document.pointer_mut(&edited).unwrap() = other(remade.pointer(&edited).unwrap());
            let text = document.to_string();
            let mut examination = examine(text.as_bytes(), Demands::default()).unwrap();
            examination.compare(&remade);
            let validation = examination.finish();
            let errors = validation.objections.iter().filter(|one| one.level == Level::Error);
            let errors = errors.map(|one| one.pointer.raw()).filter(|pointer| !pointer.is_empty());
            let named = errors.filter(|pointer| edited.starts_with(pointer)).count();
            assert!(named > 0, "{version}: nobody names {edited}: {:?}", validation.objections);
        }
    }
}

const LOCK: &str = "version = 1\n[[package]]\nname = \"numpy\"\nversion = \"2.1.0\"\nsource = { registry = \"https://pypi.org/simple\" }\n";

#[test]
fn what_the_files_say_is_read_again() {
    let place = hub();
    place.write("code/uv.lock", LOCK);
    place.run("bom create release.toml --output m.cdx.json").exits(0);
    let call = "bom validate m.cdx.json --remake release.toml --format json";
    let said = |status: i32| {
        let json = place.run(call).exits(status).json();
        let all = json["objections"].as_array().unwrap().clone();
        let ours = all.iter().filter(|one| one["check"] == "fact-differs");
        ours.map(|one| one["pointer"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(said(0), Vec::<String>::new());
    // The time is that of the document; a changed one shows in the serial number.
    let good = place.read("m.cdx.json");
    place.write("m.cdx.json", good.replace("2026-01-01T00:00:00Z", "2025-01-01T00:00:00Z"));
    assert_eq!(said(1), ["/serialNumber"]);
    place.write("m.cdx.json", &good);
    let at = |list: Vec<String>, start: &str| list.iter().any(|pointer| pointer.starts_with(start));
    for (file, from, to, start) in [
        ("model/README.md", "It tells wrong.", "It tells right.", "/components/0/modelCard/considerations"),
        ("model/config.json", "512", "513", "/components/0/properties/"),
        ("code/uv.lock", "2.1.0", "2.1.1", "/components/"),
        ("data/train/part-0.csv", "\n", "\n\n", "/components/"),
        ("release.toml", "Example ML", "Another", "/components/0/supplier/name"),
    ] {
        let before = place.read(file);
        assert!(before.contains(from), "{file}");
        place.write(file, before.replacen(from, to, 1));
        assert!(at(said(1), start), "{file}");
        place.write(file, before);
    }
    assert_eq!(said(0), Vec::<String>::new());
    // What was given to make it is given again.
    place.run("bom create release.toml --lock-file code/uv.lock --exclude config.json --output n.cdx.json").exits(0);
    place.run("bom validate n.cdx.json --remake release.toml --lock-file code/uv.lock --exclude config.json").exits(0);
    place.run("bom validate n.cdx.json --remake release.toml").exits(1);
    place.run("bom validate n.cdx.json --lock-file code/uv.lock").exits(2);
}

/// Returns the places of what follows from the files of model and data alone: facts, digests, the card.
fn stated(bom: &Value) -> Vec<String> {
    let mut places = Vec::new();
    let mut of = |component: &Value, at: String| {
        let properties = component["properties"].as_array().into_iter().flatten().enumerate();
        let read = properties.filter(|(_, one)| assaymark::describe::stated::is_stated(one["name"].as_str().unwrap()));
        places.extend(read.map(|(index, _)| format!("{at}/properties/{index}/value")));
        let hashes = component["hashes"].as_array().into_iter().flatten().enumerate();
        places.extend(hashes.map(|(index, _)| format!("{at}/hashes/{index}/content")));
    };
    for (index, component) in bom["components"].as_array().unwrap().iter().enumerate() {
        if ["machine-learning-model", "data"].iter().any(|kind| component["type"] == *kind) {
            of(component, format!("/components/{index}"));
            for (inner, file) in component["components"].as_array().into_iter().flatten().enumerate() {
                of(file, format!("/components/{index}/components/{inner}"));
            }
        }
    }
    let card = ["description", "modelCard/modelParameters/architectureFamily", "modelCard/considerations/useCases/0"];
    let card = card.iter().chain(&["modelCard/quantitativeAnalysis/performanceMetrics/0/value"]);
    places.extend(card.map(|place| format!("/components/0/{place}")));
    places
}

#[test]
fn whatever_the_files_say_is_named_against_them() {
    use assaymark::inventory::NoProgress;
    use assaymark::validate::against::Bytes;
    use assaymark::validate::{Demands, Level, examine};
    let place = hub();
    let bom = place.run(CREATE).exits(0).json();
    let parts = ["test", "train"].map(|name| (name.parse().unwrap(), place.path("data").join(name)));
    let datasets = parts.iter().map(|(name, path)| (name, path.as_path())).collect();
    let model = place.path("model");
    let bytes = Bytes { model: Some(&model), datasets, code: None, rows: false };
    let errors = |document: &Value| {
        let text = document.to_string();
        let mut examination = examine(text.as_bytes(), Demands::default()).unwrap();
        examination.against(&bytes, &NoProgress).unwrap();
        let objections = examination.finish().objections.into_iter().filter(|one| one.level == Level::Error);
        objections.map(|one| one.pointer.raw().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(errors(&bom), Vec::<String>::new());
    // A document that no longer says how it knows is held to the files all the same.
    let silent = bom.to_string().replace("assaymark:obtained", "other:obtained").replace("F16:16", "F16:17");
    assert!(!errors(&serde_json::from_str(&silent).unwrap()).is_empty());
    let renamed = silent.replace(r#""bom-ref":"model""#, r#""bom-ref":"other""#);
    assert!(!errors(&serde_json::from_str(&renamed).unwrap()).is_empty());
    let places = stated(&bom);
    assert!(places.len() > 60, "{}", places.len());
    for edited in places {
        let mut document = bom.clone();
        *document.pointer_mut(&edited).unwrap() = other(bom.pointer(&edited).unwrap());
        let named = errors(&document);
        assert!(named.iter().any(|place| !place.is_empty() && edited.starts_with(place)), "{edited}: {named:?}");
        // What is taken away is missed as well.
        let (parent, _) = edited.rsplit_once('/').unwrap();
        if let Some((list, index)) = parent.rsplit_once("/properties/") {
            let mut document = bom.clone();
            let properties = document.pointer_mut(&format!("{list}/properties")).unwrap().as_array_mut().unwrap();
            properties.remove(index.parse().unwrap());
            assert!(!errors(&document).is_empty(), "{edited}");
        }
    }
}

#[test]
fn any_byte_that_is_another_is_named() {
    use assaymark::validate::{Demands, examine};
    let place = hub();
    let made = place.run(CREATE).exits(0);
    let (text, remade) = (made.stdout.as_bytes().to_vec(), made.json());
    let (mut named, mut same) = (0, 0);
    for byte in (0..text.len()).step_by(29) {
        let mut edited = text.clone();
        edited[byte] ^= 1;
        let mut examination = examine(&edited, Demands::default()).unwrap();
        examination.compare(&remade);
        let fails = !examination.finish().passes();
        // One white space for another changes no value.
        let equal = serde_json::from_slice::<Value>(&edited).is_ok_and(|value| value == remade);
        assert!(fails != equal, "byte {byte}");
        named += usize::from(fails);
        same += usize::from(equal);
    }
    assert!(named > 300 && named > 20 * same, "{named} named, {same} without meaning");
}
