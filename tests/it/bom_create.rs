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
