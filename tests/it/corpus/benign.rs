//! Files that hide nothing, as libraries write them. Those that libraries wrote are in `testdata/scan/benign`.

use serde_json::json;

use super::Entry;
use super::keras::{dense, keras, sequential};
use super::make::containers::{file, npy, state_dict, tar, torch, torch_entries, torch_legacy};
use super::make::deflate::{gzip, zlib};
use super::make::hdf5::{Kept, hdf5};
use super::make::pickle::Pickle;
use super::make::weights::{
    Gguf, gguf, gguf_string, gguf_tensor, gguf_text, onnx, onnx_graph, onnx_node, safetensors, safetensors_with,
    saved_model, tflite,
};
use super::make::zip::{Entry as Member, Zip, zip};
use super::onnx::external_model;

pub fn entries() -> Vec<Entry> {
    [pickles(), arrays(), torch_files(), weights(), graphs(), templates(), texts(), folders()].concat()
}

/// Pickles of plain values and of the classes that models are made of.
fn pickles() -> Vec<Entry> {
    let case = |name: &str, pickle: Pickle| Entry::benign("pickle", &format!("{name}.pkl"), pickle.stop());
    let mut entries: Vec<_> = (0..=5)
        .map(|protocol| {
            let pickle = Pickle::new(protocol).raw(if protocol == 0 { b"(d" } else { &b"}"[..] });
            case(&format!("dictionary-{protocol}"), pickle.text("key").int(7).raw(b"s"))
        })
        .collect();
    let start = || Pickle::new(4);
    entries.extend([
        case(
            "numbers",
            start().raw(b"](K\x01M\x01\x02J\x01\x02\x03\x04\x8a\x09\0\0\0\0\0\0\0\0\x01G\x3f\xf0\0\0\0\0\0\0e"),
        ),
        case("text-numbers", Pickle::new(0).raw(b"(lI1\naL12345678901234567890L\naF1.5\naI01\na")),
        case("constants", start().raw(b"(N\x88\x89t")),
        case("bytes", Pickle::new(5).raw(b"(C\x03abcB\x03\0\0\0abc\x96\x03\0\0\0\0\0\0\0abct")),
        case("text-that-looks-like-code", start().short_text("os").short_text("system").raw(b"\x86")),
        case("text-of-a-pickle", start().short_text("cos\nsystem\n(S'true'\ntR.")),
        case("sets", start().raw(b"\x8f(K\x01K\x02\x90")),
        case("memo", start().raw(b"]\x94(").short_text("a").raw(b"\x94h\x01h\x01e")),
        case("recursive", start().raw(b"]\x94h\0a")),
        case("nested", start().raw(b"](}(").short_text("a").raw(b"](K\x01K\x02eu}e")),
        case(
            "ordered-dictionary",
            start().import("collections", "OrderedDict").raw(b")R(").short_text("a").raw(b"K\x01u"),
        ),
        case(
            "default-dictionary",
            start().import("collections", "defaultdict").import("builtins", "list").raw(b"\x85R"),
        ),
        case("counter", start().import("collections", "Counter").raw(b"}").short_text("a").raw(b"K\x02s\x85R")),
        case("date", start().import("datetime", "date").raw(b"C\x04\x07\xea\x01\x01\x85R")),
        case("time", start().import("datetime", "datetime").raw(b"C\x0a\x07\xea\x01\x01\0\0\0\0\0\0\x85R")),
        case("complex", start().import("builtins", "complex").raw(b"G\x3f\xf0\0\0\0\0\0\0G\0\0\0\0\0\0\0\0\x86R")),
        case("python-2-set", Pickle::new(2).import("__builtin__", "set").raw(b"](K\x01K\x02e\x85R")),
        case(
            "bytes-in-protocol-2",
            Pickle::new(2).import("_codecs", "encode").text("abc").text("latin1").raw(b"\x86R"),
        ),
    ]);
    let outside = [&b"\x80\x04\x95\x02\0\0\0\0\0\0\0C\x04"[..], b"abcd."].concat();
    entries.push(Entry::benign("pickle", "bytes-behind-a-frame.pkl", outside));
    entries.push(Entry::benign(
        "pickle",
        "framed.pkl",
        Pickle::new(4).raw(b"}").short_text("a").raw(b"K\x01s").framed(),
    ));
    entries
}

/// The pickle of a NumPy array, by the module that older or newer versions name.
fn array_pickle(module: &str) -> Pickle {
    let pickle = Pickle::new(4).import(module, "_reconstruct").import("numpy", "ndarray");
    let pickle = pickle.raw(b"K\0\x85C\x01b\x87R(K\x01K\x02\x85").import("numpy", "dtype");
    let pickle = pickle.short_text("f4").raw(b"\x89\x88\x87R(K\x03").short_text("<");
    pickle.raw(b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89C\x08\0\0\0\0\0\0\0\0tb")
}

fn arrays() -> Vec<Entry> {
    let plain = npy("<f4", "(2, 2)", &[0; 16]);
    let scalar = Pickle::new(4).import("numpy.core.multiarray", "scalar").import("numpy", "dtype");
    let scalar = scalar.short_text("f8").raw(b"\x89\x88\x87R(K\x03").short_text("<");
    let scalar = scalar.raw(b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tbC\x08\0\0\0\0\0\0\xf0?\x86R");
    let deflated = Zip::new([Member::new("a.npy", plain.clone()).deflated()]).bytes();
    vec![
        Entry::benign("numpy", "array.pkl", array_pickle("numpy.core.multiarray").stop()),
        Entry::benign("numpy", "array-of-2.pkl", array_pickle("numpy._core.multiarray").stop()),
        Entry::benign("numpy", "scalar.pkl", scalar.stop()),
        Entry::benign("numpy", "array.npy", plain.clone()),
        Entry::benign("numpy", "nothing.npy", npy("<f4", "(0,)", &[])),
        Entry::benign("numpy", "text.npy", npy("<U3", "(1,)", &[0; 12])),
        Entry::benign("numpy", "arrays.npz", zip(&[("a.npy", &plain), ("b.npy", &plain)])),
        Entry::benign("numpy", "compressed.npz", deflated),
        Entry::benign("numpy", "array.joblib.gz", gzip(&array_pickle("numpy._core.multiarray").stop())),
        Entry::benign("numpy", "array.joblib.z", zlib(&array_pickle("numpy._core.multiarray").stop())),
    ]
}

fn torch_files() -> Vec<Entry> {
    let state = state_dict(2).stop();
    let numbers = Pickle::new(2).raw(b"}").text("epoch").raw(b"K\x03s").stop();
    let aligned = torch_entries(&state).into_iter().enumerate().map(|(index, entry)| {
        let mut padding = b"FB".to_vec();
        let length = 10 + 7 * index;
        padding.extend(u16::try_from(length).unwrap().to_le_bytes());
        padding.resize(4 + length, b'Z');
        entry.with(|entry| entry.local_extra = padding)
    });
    vec![
        Entry::benign("torch", "state.pt", torch(&state)),
        Entry::benign("torch", "state.bin", torch(&state)),
        Entry::benign("torch", "aligned.pt", Zip::new(aligned).bytes()),
        Entry::benign("torch", "legacy.pt", torch_legacy(&state)),
        Entry::benign("torch", "numbers.ckpt", zip(&[("archive/data.pkl", &numbers), ("archive/version", b"3\n")])),
    ]
}

fn weights() -> Vec<Entry> {
    let alignment = Gguf(4, 64u32.to_le_bytes().to_vec());
    let words = [&8u32.to_le_bytes()[..], &2u64.to_le_bytes(), &gguf_text("a"), &gguf_text("b")].concat();
    let pairs = [("general.architecture", gguf_string("llama")), ("general.alignment", alignment)];
    let vocabulary = [("general.architecture", gguf_string("llama")), ("tokenizer.ggml.tokens", Gguf(9, words))];
    vec![
        Entry::benign("safetensors", "plain.safetensors", safetensors_with("{}")),
        Entry::benign("safetensors", "metadata.safetensors", safetensors_with(r#"{"format":"pt","note":"naïve"}"#)),
        Entry::benign(
            "safetensors",
            "padded.safetensors",
            safetensors(r#"{"w":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}      "#, &[0; 2]),
        ),
        Entry::benign("safetensors", "nothing.safetensors", safetensors("{}", &[])),
        Entry::benign(
            "safetensors",
            "scalar.safetensors",
            safetensors(r#"{"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#, &[0; 4]),
        ),
        Entry::benign("gguf", "pairs.gguf", gguf(&pairs)),
        Entry::benign("gguf", "vocabulary.gguf", gguf(&vocabulary)),
        Entry::benign("gguf", "tensor.gguf", gguf_tensor(0, &[32], 0, 128)),
    ]
}

fn graphs() -> Vec<Entry> {
    let old = r#"{"class_name":"Sequential","config":{"name":"s","layers":[{"class_name":"Dense","config":{"name":"d","units":2,"activation":"relu"}}]}}"#;
    let attributes = [("keras_version", "2.15.0"), ("backend", "tensorflow"), ("model_config", old)];
    let plain = onnx_graph(&[onnx_node("MatMul", ""), onnx_node("Relu", "")]);
    let trees = onnx_graph(&[onnx_node("TreeEnsembleClassifier", "ai.onnx.ml"), onnx_node("ZipMap", "ai.onnx.ml")]);
    vec![
        Entry::benign("onnx", "plain.onnx", onnx(&plain, &[""]).bytes),
        Entry::benign("onnx", "trees.onnx", onnx(&trees, &["", "ai.onnx.ml"]).bytes),
        Entry::benign_folder(
            "onnx",
            "external",
            &[
                ("model.onnx", &external_model(&[("location", "weights.bin"), ("offset", "0"), ("length", "16")])),
                ("weights.bin", &[1, 0, 0, 0].repeat(4)),
            ],
        ),
        Entry::benign("keras", "dense.keras", keras(&sequential(&dense("")))),
        Entry::benign("keras", "dense.h5", hdf5(&attributes, Kept::Heap)),
        Entry::benign("keras", "dense-inline.h5", hdf5(&attributes, Kept::Inline)),
        Entry::benign("tensorflow", "plain.tflite", tflite(&[Ok(0), Ok(9), Ok(25)])),
        Entry::benign_folder(
            "tensorflow",
            "saved-model",
            &[
                (
                    "saved_model.pb",
                    &saved_model(
                        &["Const", "VarHandleOp", "StatefulPartitionedCall"],
                        &["MatMul", "BiasAdd", "Relu", "Identity"],
                    ),
                ),
                ("assets/vocabulary.txt", b"a\nb\n"),
            ],
        ),
    ]
}

/// Templates in the manner of those that models come with.
fn templates() -> Vec<Entry> {
    let cases = [
        (
            "chat",
            "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
        ),
        (
            "system",
            "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}{{ bos_token + '[INST] ' + message['content'].strip() + ' [/INST]' }}{% endfor %}",
        ),
        (
            "tools",
            "{%- set ns = namespace(found=false) -%}{%- for tool in tools -%}{{- tool | tojson(indent=4) -}}{%- endfor -%}{%- for message in messages|reverse -%}{%- if not ns.found and message.role == 'user' -%}{%- set ns.found = true -%}{%- endif -%}{%- endfor -%}",
        ),
        (
            "thinking",
            "{% for message in messages %}{% if message.content is string %}{% set text = message.content.split('</think>')[-1].lstrip('\\n') %}{% else %}{% set text = '' %}{% endif %}{{ text | trim }}{% endfor %}",
        ),
        (
            "date",
            "{% if not date_string is defined %}{% set date_string = strftime_now('%d %b %Y') %}{% endif %}{{ 'Today: ' ~ date_string }}",
        ),
        (
            "macro",
            "{% macro type_of(value) %}{% if value.type == 'array' %}{{ type_of(value['items']) }}[]{% elif value is mapping %}{% for key, inner in value.items() %}{{ key }}{% endfor %}{% endif %}{% endmacro %}{{ type_of({'type': 'text'}) }}",
        ),
        (
            "generation",
            "{% for message in messages %}{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] }}{% endgeneration %}{% endif %}{% endfor %}",
        ),
        (
            "selection",
            "{{ messages | selectattr('role', 'equalto', 'system') | list | length }}{% if 'x' in messages[0].content and loop is not defined %}{{ messages[0].content.startswith('x') }}{% endif %}",
        ),
    ];
    let in_file = |text: &str| {
        gguf(&[("general.architecture", gguf_string("llama")), ("tokenizer.chat_template", gguf_string(text))])
    };
    let mut entries: Vec<_> =
        cases.iter().map(|(name, text)| Entry::benign("template", &format!("{name}.gguf"), in_file(text))).collect();
    for (name, text) in cases.iter().take(3) {
        let configuration = json!({"tokenizer_class": "LlamaTokenizer", "chat_template": text}).to_string();
        entries.push(Entry::benign_folder(
            "template",
            &format!("tokenizer-{name}"),
            &[("tokenizer_config.json", configuration.as_bytes()), ("chat_template.jinja", text.as_bytes())],
        ));
    }
    entries
}

/// What nothing executes.
fn texts() -> Vec<Entry> {
    let case = |name: &str, bytes: &[u8]| Entry::benign("text", name, bytes);
    let picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\nIDAT\x78\x9c\x63\x60\0\0\0\x02\0\x01\x48\xaf\xa4\x71\0\0\0\0IEND\xae\x42\x60\x82";
    vec![
        case("README.md", b"---\nlicense: apache-2.0\n---\n# Model\n\n```python\nimport os\nos.system('true')\n```\n"),
        case("LICENSE", b"Apache License\nVersion 2.0\n"),
        case("config.json", br#"{"model_type": "bert", "hidden_size": 4, "torch_dtype": "float32"}"#),
        case("tokenizer.json", br###"{"version": "1.0", "model": {"type": "BPE", "vocab": {"a": 0, "##b": 1}, "merges": []}}"###),
        case("vocab.txt", "[PAD]\n[UNK]\ncos\nsystem\nnaïve\n日本\n".as_bytes()),
        case("merges.txt", b"#version: 0.2\nc o\n( S\n"),
        case("data.csv", b"c,s\n1,2\n"),
        case("data.jsonl", b"{\"a\": 1}\n{\"a\": 2}\n"),
        case("params.yaml", b"lr: 0.1\nlayers: [1, 2]\n"),
        case("requirements.txt", b"torch==2.15.0\n"),
        case("picture.png", picture),
        case("empty", b""),
        case("one.txt", b"."),
        case("words.txt", b"cat\ndog\n"),
        case("text.tar", &tar(&[file("a.txt", b"text"), file("b/c.json", b"{}")])),
        case("text.zip", &zip(&[("a.txt", b"text")])),
        case("notebook.ipynb", br##"{"cells":[{"cell_type":"markdown","metadata":{},"source":["# Title"]},{"cell_type":"code","execution_count":1,"metadata":{},"outputs":[{"name":"stdout","output_type":"stream","text":["1\n"]}],"source":["print(1)"]}],"metadata":{},"nbformat":4,"nbformat_minor":5}"##),
    ]
}

/// Folders as hubs and tools keep them, by hand and small.
fn folders() -> Vec<Entry> {
    let weights = safetensors_with(r#"{"format":"pt"}"#);
    let index = br#"{"metadata":{"total_size":8},"weight_map":{"w":"model-00001-of-00002.safetensors"}}"#;
    vec![
        Entry::benign_folder("folder", "sharded", &[
            ("README.md", b"# Model\n"),
            (".gitattributes", b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n"),
            ("config.json", br#"{"model_type": "bert"}"#),
            ("model.safetensors.index.json", index),
            ("model-00001-of-00002.safetensors", &weights),
            ("model-00002-of-00002.safetensors", &weights),
        ]),
        Entry::benign_folder("folder", "diffusers", &[
            ("model_index.json", br#"{"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.31.0", "unet": ["diffusers", "UNet2DConditionModel"], "tokenizer": ["transformers", "CLIPTokenizer"]}"#),
            ("unet/config.json", br#"{"_class_name": "UNet2DConditionModel"}"#),
            ("unet/diffusion_pytorch_model.safetensors", &weights),
        ]),
        Entry::benign_folder("folder", "sentence-transformers", &[
            ("modules.json", br#"[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}]"#),
            ("config.json", br#"{"model_type": "bert"}"#),
            ("1_Pooling/config.json", br#"{"pooling_mode_mean_tokens": true}"#),
            ("model.safetensors", &weights),
        ]),
    ]
}
