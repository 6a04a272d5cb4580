//! Scanning folders as they are published: ordinary ones pass without a flag, and one hostile file spoils each.

use std::fs;
use std::path::Path;

use assaymark::scan::{Allowance, Rating, Reason, TreeScan, tree};
use tempfile::TempDir;

const README: &[u8] = b"---\nlicense: apache-2.0\n---\n# A model\n\n```python\nmodel.generate()\n```\n";
const LICENSE: &[u8] = b"Apache License\nVersion 2.0, January 2004\n";
const ATTRIBUTES: &[u8] = b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n";
const CONFIG: &[u8] = br#"{"architectures":["BertModel"],"model_type":"bert","torch_dtype":"float32","vocab_size":2}"#;
const GENERATION: &[u8] = br#"{"eos_token_id":2,"transformers_version":"4.57.0"}"#;
const TOKENIZER: &[u8] = br#"{"version":"1.0","model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}"#;
const TOKENIZER_CONFIG: &[u8] = br#"{"tokenizer_class":"LlamaTokenizer","chat_template":"{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content']}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"}"#;
const SPECIAL: &[u8] = br#"{"bos_token":{"content":"<s>","lstrip":false},"eos_token":"</s>"}"#;
const INDEX: &[u8] = br#"{"metadata":{"total_size":4},"weight_map":{"a":"model-00001-of-00001.safetensors"}}"#;

fn safetensors() -> Vec<u8> {
    let header = r#"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &[0; 4]].concat()
}

fn gguf_text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
}

/// A GGUF file without tensors, with one text.
fn gguf(key: &str, text: &str) -> Vec<u8> {
    let mut bytes = b"GGUF\x03\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0".to_vec();
    bytes.extend([gguf_text(key), 8_u32.to_le_bytes().to_vec(), gguf_text(text)].concat());
    bytes
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, u8::try_from(bytes.len()).unwrap()][..], bytes].concat()
}

/// An ONNX model with one operator, its tensor in another file.
fn onnx(operator: &str, location: &str) -> Vec<u8> {
    let entry = [field(1, b"location"), field(2, location.as_bytes())].concat();
    let tensor = [field(8, b"w"), field(13, &entry)].concat();
    let graph = [field(1, &field(4, operator.as_bytes())), field(5, &tensor)].concat();
    [&[8, 8][..], &field(7, &graph)].concat()
}

fn saved_model(operation: &str) -> Vec<u8> {
    let graph = field(1, &[field(1, b"n"), field(2, operation.as_bytes())].concat());
    [&[8, 1][..], &field(2, &field(2, &graph))].concat()
}

fn sentencepiece() -> Vec<u8> {
    let piece = [field(1, b"<unk>"), vec![0x15, 0, 0, 0, 0], vec![0x18, 2]].concat();
    [field(1, &piece), field(2, &[0x18, 1])].concat()
}

/// The index of a checkpoint whose tensors are in one file.
fn checkpoint() -> Vec<u8> {
    [&[0, 0, 2, 8, 1][..], &[0; 40], b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"].concat()
}

fn png() -> Vec<u8> {
    b"\x89PNG\r\n\x1a\n\0\0\0\0IEND\xaeB\x60\x82".to_vec()
}

/// Files of a folder, by name.
type Files = Vec<(&'static str, Vec<u8>)>;

/// The published layouts, by name.
fn layouts() -> Vec<(&'static str, Files)> {
    let common = || {
        vec![
            ("README.md", README.to_vec()),
            ("LICENSE", LICENSE.to_vec()),
            (".gitattributes", ATTRIBUTES.to_vec()),
            ("config.json", CONFIG.to_vec()),
        ]
    };
    let with = |more: Vec<(&'static str, Vec<u8>)>| common().into_iter().chain(more).collect::<Vec<_>>();
    let h5 = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/hdf5/keras.h5")).unwrap();
    vec![
        (
            "encoder",
            with(vec![
                ("model.safetensors", safetensors()),
                ("vocab.txt", b"[PAD]\n[UNK]\n##a\n".to_vec()),
                ("tokenizer.json", TOKENIZER.to_vec()),
                ("special_tokens_map.json", SPECIAL.to_vec()),
            ]),
        ),
        (
            "chat model in shards",
            with(vec![
                ("generation_config.json", GENERATION.to_vec()),
                ("model-00001-of-00001.safetensors", safetensors()),
                ("model.safetensors.index.json", INDEX.to_vec()),
                ("tokenizer.json", TOKENIZER.to_vec()),
                ("tokenizer_config.json", TOKENIZER_CONFIG.to_vec()),
                ("merges.txt", b"#version: 0.2\na b\n".to_vec()),
                ("vocab.json", b"{\"a\":0}".to_vec()),
                ("chat_template.jinja", b"{{ messages[0]['content'] | trim }}".to_vec()),
            ]),
        ),
        (
            "llama.cpp",
            vec![
                ("README.md", README.to_vec()),
                ("model.Q4_K_M.gguf", gguf("tokenizer.chat_template", "{{ bos_token }}{{ messages[0].content }}")),
            ],
        ),
        (
            "ONNX with its data beside it",
            with(vec![("onnx/model.onnx", onnx("Relu", "model.onnx_data")), ("onnx/model.onnx_data", vec![0xff; 64])]),
        ),
        (
            "vision",
            with(vec![
                ("model.safetensors", safetensors()),
                ("preprocessor_config.json", br#"{"image_mean":[0.5],"size":{"height":224}}"#.to_vec()),
                ("assets/example.png", png()),
            ]),
        ),
        (
            "T5",
            with(vec![
                ("model.safetensors", safetensors()),
                ("spiece.model", sentencepiece()),
                ("special_tokens_map.json", SPECIAL.to_vec()),
            ]),
        ),
        (
            "sentence transformers",
            with(vec![
                ("modules.json", br#"[{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},{"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"}]"#.to_vec()),
                ("1_Pooling/config.json", br#"{"word_embedding_dimension":384,"pooling_mode_mean_tokens":true}"#.to_vec()),
                ("model.safetensors", safetensors()),
            ]),
        ),
        ("Keras", vec![("tf_model.h5", h5), ("README.md", README.to_vec())]),
        (
            "TensorFlow",
            vec![
                ("saved_model.pb", saved_model("MatMul")),
                ("fingerprint.pb", [8, 1, 16, 2, 24, 3, 32, 4, 40, 5, 50, 2, 8, 1].to_vec()),
                ("variables/variables.index", checkpoint()),
                ("variables/variables.data-00000-of-00001", vec![0xfd; 64]),
                ("assets/labels.txt", b"cat\ndog\n".to_vec()),
            ],
        ),
        (
            "MLflow",
            vec![
                ("MLmodel", b"flavors:\n  onnx:\n    data: model.onnx\nmlflow_version: 3.5.0\n".to_vec()),
                ("model.onnx", onnx("Relu", "weights.bin")),
                ("weights.bin", vec![0xfe; 64]),
                ("requirements.txt", b"mlflow==3.5.0\nnumpy==2.3.4\n".to_vec()),
                ("conda.yaml", b"channels:\n- conda-forge\ndependencies:\n- python=3.12.3\n- pip:\n  - mlflow==3.5.0\n".to_vec()),
                ("metrics.csv", b"epoch,loss\n1,0.5\n".to_vec()),
            ],
        ),
    ]
}

fn folder(files: &[(&str, Vec<u8>)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn scan(folder: &TempDir) -> TreeScan {
    tree(folder.path(), &Allowance::default()).unwrap()
}

#[test]
fn ordinary_layouts_pass_without_a_flag() {
    let layouts = layouts();
    assert_eq!(layouts.len(), 10);
    for (name, files) in layouts {
        let scan = scan(&folder(&files));
        for file in &scan.files {
            assert_eq!(file.observations, [], "{name}: {:?}", file.path);
        }
        assert!(scan.passes(), "{name}: {:?}", scan.rating());
    }
}

#[test]
fn one_hostile_file_spoils_any_layout() {
    let hostile: Vec<(&str, Vec<u8>, Reason, Rating)> = vec![
        ("modeling_own.py", b"import os\n".to_vec(), Reason::SourceCode, Rating::Suspicious),
        ("lib/kernel.so", b"\x7fELF\x02\x01\x01\0".to_vec(), Reason::NativeCode, Rating::Suspicious),
        (
            "adapter_config.json",
            br#"{"auto_map":{"AutoModel":"own.Model"}}"#.to_vec(),
            Reason::RemoteCode,
            Rating::Suspicious,
        ),
        (
            "chat_template.json",
            br#"{"chat_template":"{{ x.__class__ }}"}"#.to_vec(),
            Reason::Template,
            Rating::Malicious,
        ),
        ("extra.jinja", b"{{ x|attr('y') }}".to_vec(), Reason::Template, Rating::Malicious),
        ("extra.gguf", gguf("tokenizer.chat_template", "{{ ''.__class__ }}"), Reason::Template, Rating::Malicious),
        ("extra.onnx", onnx("Relu", "../../etc/passwd"), Reason::ExternalData, Rating::Malicious),
        ("extra.pb", saved_model("WriteFile"), Reason::GraphOperation, Rating::Malicious),
        ("extra.safetensors", b"\x08\0\0\0\0\0\0\0{\"a\":1}x".to_vec(), Reason::Malformed, Rating::Unknown),
        ("extra.bin", b"\x91\x83\xff\0\x01".to_vec(), Reason::UnknownFormat, Rating::Unknown),
        ("extra.yaml", b"!!python/object/apply:os.system ['true']".to_vec(), Reason::YamlObject, Rating::Malicious),
        (
            "extra.ipynb",
            br#"{"cells":[{"source":"!true"}],"nbformat":4}"#.to_vec(),
            Reason::ShellMagic,
            Rating::Suspicious,
        ),
        ("extra/requirements.txt", b"mlflow==2.2.0".to_vec(), Reason::VulnerableVersion, Rating::Suspicious),
        (
            "extra/config.json",
            br#"{"module":"os","class_name":"system","config":"true"}"#.to_vec(),
            Reason::KerasObject,
            Rating::Malicious,
        ),
        ("gguf.safetensors", gguf("general.name", "x"), Reason::WrongExtension, Rating::Suspicious),
    ];
    for (_, mut files) in layouts() {
        for (name, bytes, reason, rating) in &hostile {
            files.push((name, bytes.clone()));
            let scan = scan(&folder(&files));
            files.pop();
            assert_eq!(scan.rating(), Some(*rating), "{name}");
            let seen = scan.files.iter().flat_map(|file| &file.observations);
            assert!(seen.into_iter().all(|seen| seen.reason == *reason), "{name}");
        }
    }
}

#[test]
fn raw_data_that_no_model_names_is_unknown() {
    let folder = folder(&[("model.onnx", onnx("Relu", "weights.bin")), ("other.bin", vec![0xff; 64])]);
    assert_eq!(scan(&folder).rating(), Some(Rating::Unknown));
}
