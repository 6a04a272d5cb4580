//! `bundle diff`: what is new in a release, down to single tensors.

use std::fs;

use serde_json::{Value, json};

use crate::forge::{BOM, Forged};
use crate::support::{Ran, Workplace, repository};

/// A tensor: name, type, shape, bytes.
type Row<'r> = (&'r str, &'r str, &'r [u64], &'r [u8]);

/// Writes safetensors: a header with metadata of its own, and the tensors one behind the other.
pub fn safetensors(comment: &str, rows: &[Row<'_>]) -> Vec<u8> {
    let mut header = serde_json::Map::from_iter([("__metadata__".to_owned(), json!({"comment": comment}))]);
    let mut data = Vec::new();
    for (name, dtype, shape, bytes) in rows {
        let begin = data.len();
        data.extend_from_slice(bytes);
        header.insert((*name).to_owned(), json!({"dtype": dtype, "shape": shape, "data_offsets": [begin, data.len()]}));
    }
    let header = Value::Object(header).to_string();
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &data].concat()
}

/// Writes GGUF with one key of metadata, of tensors of 32-bit numbers (type 0) or bytes (type 24).
fn gguf(comment: &str, rows: &[Row<'_>]) -> Vec<u8> {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
    let mut head = [&b"GGUF\x03\0\0\0"[..], &(rows.len() as u64).to_le_bytes(), &1_u64.to_le_bytes()].concat();
    head.extend([text("general.name"), 8_u32.to_le_bytes().to_vec(), text(comment)].concat());
    let mut data = Vec::new();
    for (name, dtype, shape, bytes) in rows {
        let kind: u32 = if *dtype == "F32" { 0 } else { 24 };
        let shape_bytes: Vec<u8> = shape.iter().flat_map(|size| size.to_le_bytes()).collect();
        let count = u32::try_from(shape.len()).unwrap().to_le_bytes();
        head.extend(
            [
                text(name),
                count.to_vec(),
                shape_bytes,
                kind.to_le_bytes().to_vec(),
                (data.len() as u64).to_le_bytes().to_vec(),
            ]
            .concat(),
        );
        data.extend_from_slice(bytes);
        data.resize(data.len().next_multiple_of(32), 0);
    }
    head.resize(head.len().next_multiple_of(32), 0);
    [head, data].concat()
}

/// The layers of the base model, and of a fine-tune that changes what `change` says.
fn layers(change: impl Fn(&str) -> u8) -> Vec<(String, Vec<u8>)> {
    let names = (0..12).flat_map(|layer| ["mlp", "attn"].map(|part| format!("model.layers.{layer}.{part}.weight")));
    let names = names.chain(["model.embed.weight".to_owned(), "lm_head.weight".to_owned()]);
    names
        .enumerate()
        .map(|(index, name)| {
            let byte = u8::try_from(index).unwrap();
            let bytes = vec![byte.wrapping_add(change(&name)); 8];
            (name, bytes)
        })
        .collect()
}

fn rows(layers: &[(String, Vec<u8>)]) -> Vec<Row<'_>> {
    layers.iter().map(|(name, bytes)| (name.as_str(), "F32", &[2][..], bytes.as_slice())).collect()
}

/// The demo with two models: `old/` and `new/`, each the one of a bundle of the same name.
struct Two(Workplace);

impl Two {
    fn new(old: &[(&str, Vec<u8>)], new: &[(&str, Vec<u8>)]) -> Self {
        let two = Self(Workplace::new());
        for (side, files) in [("old", old), ("new", new)] {
            for (name, bytes) in files {
                two.0.write(&format!("{side}/{name}"), bytes);
            }
        }
        two
    }

    /// Makes both bundles with more arguments.
    fn create(self, more: &str) -> Self {
        for side in ["old", "new"] {
            let call =
                format!("bundle create release.toml --key release.key --model {side} --output {side}.intoto.jsonl");
            self.0.run(&format!("{call}{more}")).exits(0);
        }
        self
    }

    fn diff(&self, more: &str) -> Ran {
        self.0.run(&format!("bundle diff old.intoto.jsonl new.intoto.jsonl{more}"))
    }

    fn json(&self, more: &str, status: i32) -> Value {
        self.diff(&format!(" --format json{more}")).exits(status).json()
    }

    /// Compares the tensors in all ways that there are, which must tell the same.
    fn tensors(&self) -> Value {
        let recorded = self.json("", 1)["tensors"].clone();
        let measured = self.json(" --old-model old --new-model new", 1)["tensors"].clone();
        let mixed = self.json(" --new-model new", 1)["tensors"].clone();
        for other in [&measured, &mixed] {
            for part in ["verdict", "counts", "groups", "otherHeaders", "unread"] {
                assert_eq!(recorded[part], other[part], "{part}");
            }
        }
        assert_eq!(measured["newSource"], "measured in `new`");
        recorded
    }
}

/// Returns the groups of a comparison in words.
fn groups(tensors: &Value) -> Vec<String> {
    let words = |group: &Value| {
        let changes = group["changes"].as_array().unwrap().iter();
        let changes: Vec<_> = changes
            .map(|change| {
                let to = change["to"].as_str().map(|to| format!(" to {to}")).unwrap_or_default();
                format!("{} {}{to}", change["change"].as_str().unwrap(), change["name"].as_str().unwrap())
            })
            .collect();
        format!("{}: {}", group["name"].as_str().unwrap(), changes.join(", "))
    };
    tensors["groups"].as_array().unwrap().iter().map(words).collect()
}

fn section<'v>(report: &'v Value, topic: &str) -> &'v Vec<Value> {
    let section = report["sections"].as_array().unwrap().iter().find(|section| section["topic"] == topic);
    section.unwrap_or_else(|| panic!("no {topic}: {report}"))["changes"].as_array().unwrap()
}

/// Finds a difference by its name.
fn change<'v>(report: &'v Value, topic: &str, name: &str) -> &'v Value {
    let changes = section(report, topic);
    changes.iter().find(|change| change["name"] == name).unwrap_or_else(|| panic!("no {name}: {changes:?}"))
}

#[test]
fn two_fine_tunes_differ_in_the_layers_that_were_trained() {
    let base = layers(|_| 0);
    let tuned = layers(|name| u8::from(name.starts_with("model.layers.1") || name == "lm_head.weight") * 100);
    let two = Two::new(
        &[("model.safetensors", safetensors("base", &rows(&base)))],
        &[("model.safetensors", safetensors("tuned", &rows(&tuned)))],
    )
    .create(" --tensors");
    let tensors = two.tensors();
    let both = |layer: u8| {
        let part = |part: &str| format!("changed model.layers.{layer}.{part}.weight");
        format!("model.layers.{layer}.*: {}, {}", part("attn"), part("mlp"))
    };
    let expected = ["lm_head.*: changed lm_head.weight".to_owned(), both(1), both(10), both(11)];
    assert_eq!(groups(&tensors), expected);
    assert_eq!(tensors["counts"]["same"], 19);
    let human = two.diff("").exits(1).stdout;
    for words in ["7 changed, 19 the same", "model.layers.10.*", "~ model.safetensors: ", "DIFFERENT"] {
        assert!(human.contains(words), "{words}: {human}");
    }
    let markdown = two.diff(" --format markdown").exits(1).stdout;
    assert!(markdown.contains("- <code>model.layers.10.&#42;</code>: 2 changed"), "{markdown}");
}

#[test]
fn the_same_weights_under_another_header_are_said_to_be_so() {
    let base = layers(|_| 0);
    for write in [safetensors, gguf] {
        let two =
            Two::new(&[("m", write("one", &rows(&base)))], &[("m", write("two", &rows(&base)))]).create(" --tensors");
        let tensors = two.tensors();
        assert_eq!((&tensors["verdict"], &tensors["otherHeaders"]), (&json!("other-header"), &json!(["m"])));
        let human = two.diff("").exits(1).stdout;
        assert!(human.contains("same weights, other header: 26 tensors are the same"), "{human}");
    }
}

#[test]
fn gguf_is_compared_tensor_by_tensor() {
    let old: [Row<'_>; 3] = [
        ("token_embd.weight", "F32", &[2], &[1; 8]),
        ("blk.0.attn_q.weight", "F32", &[2], &[2; 8]),
        ("blk.0.attn_k.weight", "F32", &[2], &[3; 8]),
    ];
    let new: [Row<'_>; 3] = [
        ("token_embd.weight", "F32", &[2], &[1; 8]),
        ("blk.0.attn_q.weight", "I8", &[8], &[2; 8]),
        ("blk.0.attn_v.weight", "F32", &[2], &[3; 8]),
    ];
    let two = Two::new(&[("m.gguf", gguf("x", &old))], &[("m.gguf", gguf("x", &new))]).create(" --tensors");
    let tensors = two.tensors();
    let expected = "blk.0.*: renamed blk.0.attn_k.weight to blk.0.attn_v.weight, retyped blk.0.attn_q.weight";
    let found: Vec<String> = groups(&tensors);
    let sorted = |text: &str| {
        let (name, rest) = text.split_once(": ").unwrap();
        let mut parts: Vec<_> = rest.split(", ").map(str::to_owned).collect();
        parts.sort();
        (name.to_owned(), parts)
    };
    assert_eq!(found.iter().map(|group| sorted(group)).collect::<Vec<_>>(), [sorted(expected)]);
    let retyped =
        tensors["groups"][0]["changes"].as_array().unwrap().iter().find(|one| one["change"] == "retyped").unwrap();
    assert_eq!((&retyped["old"], &retyped["new"]), (&json!("F32 [2]"), &json!("I8 [8]")));
    assert_eq!(retyped["sameBytes"], true);
}

/// What the libraries of the formats wrote, and the same with one bit of one tensor flipped.
#[test]
fn files_of_the_libraries_are_compared_tensor_by_tensor() {
    for (file, from_end, tensor) in
        [("iris/model/model.safetensors", 1, "weight"), ("weights/tiny.gguf", 40, "blk.0.attn_q.weight")]
    {
        let old = fs::read(repository("testdata").join(file)).unwrap();
        let mut new = old.clone();
        let place = old.len() - from_end;
        new[place] ^= 1;
        let name = file.rsplit('/').next().unwrap();
        let tensors = Two::new(&[(name, old)], &[(name, new)]).create(" --tensors").tensors();
        let changes =
            tensors["groups"].as_array().unwrap().iter().flat_map(|group| group["changes"].as_array().unwrap());
        let named = changes.map(|change| (change["change"].as_str().unwrap(), change["name"].as_str().unwrap()));
        assert_eq!(named.collect::<Vec<_>>(), [("changed", tensor)], "{file}");
    }
}

#[test]
fn shards_are_one_model() {
    let base = layers(|_| 0);
    let all = rows(&base);
    let index = json!({"metadata": {"total_size": 208}, "weight_map": {}}).to_string().into_bytes();
    let shards = |at: usize| {
        [
            ("model-00001-of-00002.safetensors", safetensors("1", &all[..at])),
            ("model-00002-of-00002.safetensors", safetensors("2", &all[at..])),
            ("model.safetensors.index.json", index.clone()),
        ]
    };
    let two = Two::new(&shards(10), &shards(13)).create(" --tensors");
    let tensors = two.tensors();
    assert_eq!((&tensors["verdict"], &tensors["otherHeaders"]), (&json!("other-header"), &json!([])));
}

#[test]
fn recorded_tensors_are_signed_and_must_be_those_of_the_signed_files() {
    let base = layers(|_| 0);
    let place = Workplace::new();
    place.write("model/model.safetensors", safetensors("x", &rows(&base)));
    place.run("bundle create release.toml --key release.key --tensors --output r.intoto.jsonl").exits(0);
    place.verify("").exits(0);
    let bundle = Forged::of(place.read("r.intoto.jsonl").as_bytes());
    let tensors = bundle.statement(4);
    assert_eq!(tensors["predicateType"], "https://assaymark.dev/tensors/v1");
    assert_eq!(tensors["predicate"]["files"][0]["tensors"].as_array().unwrap().len(), 26);
    let other =
        bundle.resign(4, "release", |statement| statement["predicate"]["files"][0]["sha256"] = json!("0".repeat(64)));
    let members = other.members();
    let other = other.resign(5, "release", |seal| seal["predicate"]["members"] = members);
    place.write("r.intoto.jsonl", other.bytes());
    let report = place.verify("").exits(1).json();
    assert_eq!(crate::support::codes(&report, "deny"), ["lineage-mismatch"], "{report}");
}

#[test]
fn tensors_that_can_not_be_told_are_not_recorded() {
    let place = Workplace::new();
    let call = "bundle create release.toml --key release.key --record-failed-scan --tensors --output x.intoto.jsonl";
    let many = 25_001;
    let names: Vec<String> = (0..many).map(|number| number.to_string()).collect();
    let all: Vec<Row<'_>> = names.iter().map(|name| (name.as_str(), "U8", &[0][..], &[][..])).collect();
    let bomb = [&(1_u64 << 60).to_le_bytes()[..], b"{\"a\":"].concat();
    for (content, status, words) in [
        (safetensors("x", &all), 2, "the model has 25001 tensors, and a bundle records at most 25000"),
        (safetensors("x", &[]), 2, "`--tensors` is of no use"),
        (bomb, 1, "the tensors of `model.safetensors` can't be recorded: it is not what its name says"),
        (safetensors("x", &all[..1])[..40].to_vec(), 1, "the tensors of `model.safetensors` can't be recorded"),
        ([safetensors("x", &[]), vec![0]].concat(), 1, "bytes stand behind the last tensor"),
    ] {
        place.write("model/model.safetensors", content);
        let ran = place.run(call).exits(status);
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
        assert!(!place.path("x.intoto.jsonl").exists());
    }
}

#[test]
fn a_model_must_be_the_one_of_its_bundle() {
    let base = layers(|_| 0);
    let two = Two::new(&[("m", safetensors("1", &rows(&base)))], &[("m", safetensors("2", &rows(&base)))]).create("");
    let swapped = two.diff(" --old-model new --new-model old").exits(2);
    for words in ["is not the one that `old.intoto.jsonl` names", "changed: m", "the bundle names tree:sha256:"] {
        assert!(swapped.stderr.contains(words), "{words}: {}", swapped.stderr);
    }
    let half = two.diff(" --old-model old").exits(2);
    assert!(half.stderr.contains("tensors can't be compared without `--new-model`"), "{}", half.stderr);
    two.diff(" --old-model nowhere --new-model new").exits(2);
    assert_eq!(two.json("", 1)["tensors"], Value::Null, "nothing is recorded, and no model is at hand");
}

#[test]
fn a_hostile_header_is_told_and_not_read() {
    let base = layers(|_| 0);
    let bomb = [&(1_u64 << 60).to_le_bytes()[..], b"{\"a\":"].concat();
    let overlap =
        br#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#;
    let overlap = [&(overlap.len() as u64).to_le_bytes()[..], overlap, &[0; 3]].concat();
    for hostile in [bomb, overlap, b"GGUF\x03\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff".to_vec()] {
        let two = Two::new(&[("m.safetensors", safetensors("1", &rows(&base)))], &[("m.safetensors", hostile)])
            .create(" --record-failed-scan");
        let report = two.json(" --old-model old --new-model new", 1);
        assert_eq!(report["tensors"]["unread"][0]["file"], "new m.safetensors", "{report}");
    }
}

#[test]
fn what_is_the_same_is_the_same() {
    let place = Workplace::new();
    place.create();
    let ran = place.run("bundle diff r.intoto.jsonl r.intoto.jsonl").exits(0);
    assert!(
        ran.stdout.starts_with("UNVERIFIED") && ran.stdout.contains("SAME: both bundles say the same"),
        "{}",
        ran.stdout
    );
    let lines: Vec<String> = place.read("r.intoto.jsonl").lines().rev().map(str::to_owned).collect();
    place.write("turned.intoto.jsonl", lines.join("\n"));
    place.run("bundle diff r.intoto.jsonl turned.intoto.jsonl").exits(0);
}

#[test]
fn each_topic_names_what_is_new() {
    let place = Workplace::new();
    place.create();
    place.write("metrics.json", r#"{"accuracy": 0.91}"#);
    let attest = "bundle attest r.intoto.jsonl --metrics metrics.json --name quality --model model --trust gate.toml";
    place.run(&format!("{attest} --key scanner.key")).exits(0);
    let toml = place.read("release.toml").replace("1.0.0", "1.1.0").replace("Apache-2.0", "MIT");
    let toml = toml.replace("1e-3", "2e-3").replace("CC-BY-4.0", "CC0-1.0");
    place.write("release.toml", toml);
    fs::rename(place.path("model/README.md"), place.path("model/CARD.md")).unwrap();
    place.write("model/config.json", "{}");
    place.write("data/train/more.csv", "1\n");
    place.write("code/train.py", "print()\n");
    place.run("bundle create release.toml --key second.key --output n.intoto.jsonl").exits(0);
    let report = place.run("bundle diff r.intoto.jsonl n.intoto.jsonl --format json").exits(1).json();
    assert_eq!((&report["unverified"], &report["same"]), (&json!(true), &json!(false)));
    let renamed = change(&report, "files", "README.md");
    assert_eq!((&renamed["change"], &renamed["to"]), (&json!("renamed"), &json!("CARD.md")));
    assert_eq!(change(&report, "files", "config.json")["change"], "changed");
    assert_eq!(change(&report, "release", "version")["new"], "1.1.0");
    assert_eq!(change(&report, "parameters", "alpha")["old"], "1e-3");
    assert_eq!(change(&report, "licences", "release")["new"], "MIT");
    assert_eq!(change(&report, "licences", "dataset:train")["new"], "CC0-1.0");
    assert_eq!(change(&report, "datasets", "train")["change"], "changed");
    assert_eq!(change(&report, "dataset files", "more.csv")["change"], "added");
    assert_eq!(change(&report, "code", "digest")["change"], "changed");
    assert_eq!(section(&report, "signers").len(), 3, "two keys left and one came");
    assert_eq!(change(&report, "metrics", "quality: accuracy")["old"], "0.91");
    fits_the_schema(&report);
    fs::remove_file(place.path("n.train.sha256")).unwrap();
    let without = place.run("bundle diff r.intoto.jsonl n.intoto.jsonl").exits(1).stdout;
    assert!(without.contains("is not compared file by file: the list `n.train.sha256` is not there"), "{without}");
    place.write("n.train.sha256", "");
    let other = place.run("bundle diff r.intoto.jsonl n.intoto.jsonl").exits(1).stdout;
    assert!(other.contains("the list `n.train.sha256` is not the one of the bundle"), "{other}");
}

fn fits_the_schema(report: &Value) {
    let schema = fs::read_to_string(repository("schemas/diff.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let faults: Vec<_> = schema.iter_errors(report).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}");
}

/// Adds components to the BOM of a good bundle.
fn with_components(components: &Value) -> Vec<u8> {
    let add = |statement: &mut Value| {
        let all = statement["predicate"]["components"].as_array_mut().unwrap();
        all.extend(components.as_array().unwrap().clone());
    };
    Forged::good().resign(BOM, "release", add).reseal("release").bytes()
}

#[test]
fn packages_are_compared_by_their_urls() {
    let place = Workplace::new();
    let library = |purl: &str, hash: &str| json!({"type": "library", "name": "x", "purl": purl, "hashes": [{"alg": "SHA-256", "content": hash.repeat(64)}]});
    let (numpy, torch) = (library("pkg:pypi/numpy@2.1.0", "a"), library("pkg:pypi/torch@2.5.0", "b"));
    place.write("a.intoto.jsonl", with_components(&json!([numpy, torch, library("pkg:pypi/old@1", "c")])));
    let (numpy, torch) = (library("pkg:pypi/numpy@2.2.0", "d"), library("pkg:pypi/torch@2.5.0?x=y", "e"));
    place.write("b.intoto.jsonl", with_components(&json!([numpy, torch, library("pkg:pypi/new@1", "f")])));
    let report = place.run("bundle diff a.intoto.jsonl b.intoto.jsonl --format json").exits(1).json();
    let kinds: Vec<_> =
        section(&report, "packages").iter().map(|one| (one["name"].clone(), one["change"].clone())).collect();
    let expected = [("new", "added"), ("numpy", "changed"), ("old", "removed"), ("torch", "changed")];
    assert_eq!(kinds, expected.map(|(name, kind)| (json!(format!("pkg:pypi/{name}")), json!(kind))));
    let torch = change(&report, "packages", "pkg:pypi/torch");
    assert_eq!(torch["old"], format!("2.5.0 sha-256:{}", "b".repeat(64)), "the same version of other bytes");
}

#[test]
fn under_trust_only_what_was_signed_is_compared() {
    let place = Workplace::new();
    place.create();
    let good = place.read("r.intoto.jsonl");
    let stranger = Forged::good().resign(BOM, "stranger", |bom| bom["predicate"]["specVersion"] = json!("1.5"));
    let stranger = String::from_utf8(stranger.lines[BOM].clone()).unwrap();
    place.write("n.intoto.jsonl", format!("{stranger}\nnoise\n{good}"));
    let blind = place.run("bundle diff r.intoto.jsonl n.intoto.jsonl --format json").exits(1).json();
    assert_eq!(blind["unverified"], true);
    let seeing =
        place.run("bundle diff r.intoto.jsonl n.intoto.jsonl --trust release.pub --format json").exits(0).json();
    assert_eq!((&seeing["unverified"], &seeing["same"]), (&json!(false), &json!(true)), "{seeing}");
    let lines = seeing["new"]["lines"].as_array().unwrap();
    assert!(lines[0]["refused"].as_str().unwrap().contains("no key that is trusted"), "{lines:?}");
    assert_eq!((&lines[1]["compared"], &lines[2]["attester"]), (&json!(false), &json!("release")));
    let human = place.run("bundle diff r.intoto.jsonl n.intoto.jsonl --trust release.pub").exits(0).stdout;
    assert!(human.contains("authenticated: release, key ") && human.contains("not compared: "), "{human}");
    assert!(!human.contains("UNVERIFIED") && !human.contains("nothing was verified"), "{human}");
    let none = place.run("bundle diff r.intoto.jsonl n.intoto.jsonl --trust stranger.pub").exits(2);
    assert!(none.stderr.contains("no line of it is signed by anybody whom the trust file names"), "{}", none.stderr);
}

#[test]
fn what_can_not_be_compared_is_no_answer() {
    let place = Workplace::new();
    place.create();
    place.write("noise", "noise\n");
    place.write("long", vec![b'x'; 65 << 20]);
    for call in ["noise r.intoto.jsonl", "r.intoto.jsonl long", "r.intoto.jsonl absent", "- -", "r.intoto.jsonl"] {
        let ran = place.run(&format!("bundle diff {call}")).exits(2);
        assert!(ran.stdout.is_empty(), "{call}: {}", ran.stdout);
    }
    place.run("bundle diff r.intoto.jsonl r.intoto.jsonl --format json --format markdown=d.md").exits(0);
    assert!(place.read("d.md").starts_with("## SAME"));
    place.run("bundle diff r.intoto.jsonl r.intoto.jsonl --format json=r.intoto.jsonl").exits(2);
}

#[test]
fn hostile_text_is_shown_harmless() {
    let base = layers(|_| 0);
    let hostile = "a\u{1b}[2K\n`|<b>\u{202e}.weight";
    let new: [Row<'_>; 1] = [(hostile, "F32", &[1], &[0; 4])];
    let two = Two::new(&[("m", safetensors("1", &rows(&base)))], &[("m", safetensors("2", &new))]).create(" --tensors");
    let bundle = Forged::of(two.0.read("new.intoto.jsonl").as_bytes());
    let bundle = bundle.resign(2, "release", |statement| {
        statement["predicate"]["buildDefinition"]["externalParameters"]["parameters"][hostile] = json!(hostile);
    });
    two.0.write("new.intoto.jsonl", bundle.bytes());
    let human = two.diff("").exits(1).stdout;
    assert!(
        human.contains("a\\u{1b}[2K\\n`|<b>\\u{202e}") && !human.contains('\u{1b}') && !human.contains('\u{202e}'),
        "{human}"
    );
    let markdown = two.diff(" --format markdown").exits(1).stdout;
    assert!(!markdown.contains("<b>") && !markdown.contains('`') && !markdown.contains('\u{202e}'), "{markdown}");
}

#[test]
fn tensors_that_were_not_compared_are_told() {
    let place = Workplace::new();
    place.create();
    fs::copy(place.path("r.intoto.jsonl"), place.path("old.intoto.jsonl")).unwrap();
    // Of one and the same model there is nothing to compare.
    let ran = place.run("bundle diff old.intoto.jsonl r.intoto.jsonl").exits(0);
    assert!(!ran.stdout.contains("tensors"), "{}", ran.stdout);
    place.write("model/config.json", "{}");
    place.run("bundle create release.toml --key release.key --output r.intoto.jsonl --tensors --force").exits(0);
    let call = "bundle diff old.intoto.jsonl r.intoto.jsonl";
    let told = "tensors were not compared, for `old.intoto.jsonl` records none: give the model by `--old-model`";
    assert!(place.run(call).exits(1).stdout.contains(told));
    let notes = place.run(&format!("{call} --format json")).exits(1).json()["notes"].clone();
    assert!(notes.as_array().unwrap().iter().any(|note| note == told), "{notes}");
    let both = place.run("bundle diff r.intoto.jsonl old.intoto.jsonl --trust release.pub").exits(1).stdout;
    assert!(both.contains("tensors were not compared") && both.contains("`--new-model`"), "{both}");
}
