//! Folders as hubs keep them: code beside weights, configurations that name it, secrets.

use super::make::pickle::attack;
use super::make::weights::safetensors_with;
use super::{Entry, Technique};

const GROUP: &str = "repository";

pub fn entries() -> Vec<Entry> {
    [code(), configurations(), notebooks(), secrets()].concat()
}

fn folder(technique: Technique, name: &str, more: &[(&str, &[u8])]) -> Entry {
    let weights = safetensors_with("{}");
    let files: [(&str, &[u8]); 2] = [("README.md", b"# Model\n"), ("model.safetensors", &weights)];
    let mut files = files.to_vec();
    if more.iter().all(|(path, _)| *path != "config.json") {
        files.push(("config.json", br#"{"model_type": "bert"}"#));
    }
    files.extend(more);
    Entry::hostile_folder(GROUP, technique, name, &files)
}

/// Files that run when they are found.
fn code() -> Vec<Entry> {
    let python = b"print('corpus')\n";
    vec![
        folder(Technique::CodeBeside, "python", &[("modeling.py", python)]),
        folder(Technique::CodeBeside, "python-deep", &[("a/b/modeling.py", python)]),
        folder(Technique::CodeBeside, "dataset-script", &[("dataset.py", python)]),
        folder(Technique::CodeBeside, "python-capitals", &[("MODELING.PY", python)]),
        folder(Technique::CodeBeside, "python-of-windows", &[("start.pyw", python)]),
        folder(Technique::CodeBeside, "bytecode", &[("modeling.pyc", b"\xcb\x0d\x0d\x0a\0\0\0\0\0\0\0\0\0\0\0\0\xe3")]),
        folder(Technique::CodeBeside, "shell", &[("setup.sh", b"#!/bin/sh\ntrue\n")]),
        folder(
            Technique::CodeBeside,
            "library",
            &[("operators.so", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0")],
        ),
        folder(Technique::CodeBeside, "windows", &[("operators.dll", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0")]),
        folder(Technique::CodeBeside, "path-file", &[("evil.pth", b"import this\n")]),
        folder(
            Technique::CodeBeside,
            "library-as-weights",
            &[("model.bin", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0")],
        ),
        folder(Technique::Extension, "pickle-as-vocabulary", &[("vocab.txt", &attack())]),
        folder(Technique::HiddenMember, "optimizer", &[("optimizer.pt", &attack())]),
        folder(Technique::HiddenMember, "training-arguments", &[("training_args.bin", &attack())]),
        folder(Technique::HiddenMember, "hidden-folder", &[(".cache/state", &attack())]),
    ]
}

/// Configurations that name code.
fn configurations() -> Vec<Entry> {
    let with = |name: &str, file: &str, text: &str| folder(Technique::CodeBeside, name, &[(file, text.as_bytes())]);
    vec![
        with("auto-map", "config.json", r#"{"auto_map": {"AutoModel": "modeling.Model"}}"#),
        with("auto-map-remote", "config.json", r#"{"auto_map": {"AutoModel": "owner/name--modeling.Model"}}"#),
        with(
            "auto-map-tokenizer",
            "tokenizer_config.json",
            r#"{"auto_map": {"AutoTokenizer": ["tokenization.Tokenizer", null]}}"#,
        ),
        with(
            "auto-map-processor",
            "preprocessor_config.json",
            r#"{"auto_map": {"AutoProcessor": "processing.Processor"}}"#,
        ),
        with(
            "auto-map-nested",
            "config.json",
            r#"{"text_config": {"auto_map": {"AutoConfig": "configuration.Config"}}}"#,
        ),
        with("custom-pipeline", "config.json", r#"{"custom_pipelines": {"task": {"impl": "pipeline.Pipeline"}}}"#),
        with("trust-remote-code", "config.json", r#"{"trust_remote_code": true}"#),
        with(
            "diffusers-module",
            "model_index.json",
            r#"{"_class_name": ["pipeline", "Pipeline"], "unet": ["my_unet", "Unet"]}"#,
        ),
        with(
            "sentence-transformers-module",
            "modules.json",
            r#"[{"idx": 0, "name": "0", "path": "", "type": "my_module.Model"}]"#,
        ),
        with("hydra-target", "config.yaml", "model:\n  _target_: os.system\n  command: 'true'\n"),
        with("yaml-tag", "config.yaml", "model: !!python/object/apply:os.system ['true']\n"),
        with("yaml-new-object", "params.yml", "model: !!python/object/new:os._wrap_close []\n"),
        with(
            "mlflow-loader",
            "MLmodel",
            "flavors:\n  python_function:\n    loader_module: my_loader\n    code: code\n",
        ),
    ]
}

/// Notebooks with commands, scripts and secrets.
fn notebooks() -> Vec<Entry> {
    let cell = |kind: &str, source: &str, outputs: &str| {
        format!(
            r#"{{"cells":[{{"cell_type":"{kind}","metadata":{{}},"source":[{source}]{outputs}}}],"metadata":{{}},"nbformat":4,"nbformat_minor":5}}"#
        )
    };
    let code = |source: &str| cell("code", source, r#","execution_count":null,"outputs":[]"#);
    let output = |data: &str| {
        let outputs = format!(
            r#","execution_count":1,"outputs":[{{"output_type":"display_data","metadata":{{}},"data":{{{data}}}}}]"#
        );
        cell("code", r#""1""#, &outputs)
    };
    let with = |name: &str, text: &str| folder(Technique::CodeBeside, name, &[("notebook.ipynb", text.as_bytes())]);
    vec![
        with("notebook-shell", &code(r#""!true""#)),
        with("notebook-magic", &code(r#""%%bash\n", "true""#)),
        with("notebook-system-magic", &code(r#""%system true""#)),
        with("notebook-script", &output(r#""text/html": ["<script>1</script>"]"#)),
        with("notebook-javascript", &output(r#""application/javascript": ["1"]"#)),
        with("notebook-event", &output(r#""text/html": "<img src=x onerror=1>""#)),
    ]
}

/// Tokens of well-known shapes. They are put together here so that no scanner of secrets finds them in this file.
fn secrets() -> Vec<Entry> {
    let token = ["hf", "abcdefghijklmnopqrstuvwxyzABCDEFGH"].join("_");
    let amazon = ["AKIA", "ABCDEFGHIJ234567"].concat();
    let with = |name: &str, file: &str, text: String| folder(Technique::Credentials, name, &[(file, text.as_bytes())]);
    vec![
        with("token-in-configuration", "config.json", format!(r#"{{"token": "{token}"}}"#)),
        with(
            "token-in-notebook",
            "notebook.ipynb",
            format!(
                r#"{{"cells":[{{"cell_type":"code","execution_count":null,"metadata":{{}},"outputs":[],"source":["t = '{token}'"]}}],"metadata":{{}},"nbformat":4,"nbformat_minor":5}}"#
            ),
        ),
        with("key-in-environment", ".env", format!("AWS_ACCESS_KEY_ID={amazon}\n")),
        with("token-in-readme", "README2.md", format!("Use `{token}`.\n")),
    ]
}
