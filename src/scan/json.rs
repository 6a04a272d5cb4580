//! JSON: data by itself, until a loader takes it for something else. A configuration may ask for code, a tokenizer's
//! may bring a template, a model's may be Keras's, and a notebook is a program with pictures.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::limits;
use crate::path::TreePath;
use crate::scan::json_walk::{Keys, Node, walk};
use crate::scan::text::Text;
use crate::scan::{
    Check, Context, Format, Head, Observation, Rating, Reason, Sheet, Stop, credentials, keras, notebook, onnx, pickle,
    template,
};
use crate::source::{ReadAt, exactly};

/// JSON by its extension, or by how it begins.
pub(super) struct Json;

impl Check for Json {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        let text = head.bytes.trim_ascii_start();
        match head.extension().as_str() {
            "ipynb" => Some(Format::Notebook),
            "json" => matches!(text, [b'{' | b'[', ..]).then_some(Format::Json),
            // Templates and lists in Markdown begin alike.
            _ => matches!(text, [b'{', rest @ ..] if matches!(rest.trim_ascii_start(), [b'"', ..] | b"}"))
                .then_some(Format::Json),
        }
    }

    fn scan(&self, source: &dyn ReadAt, name: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        if source.len() > limits::SCAN_JSON_BYTES {
            let limit = crate::text::bytes(limits::SCAN_JSON_BYTES);
            return Err(Stop::Limit(format!("JSON of more than {limit}")));
        }
        let length = usize::try_from(source.len()).unwrap_or(usize::MAX);
        let text = exactly(source, 0, length)?;
        let lines = !is_whole(name) && walk(&text, &mut |_, _| {}).is_err();
        if lines && by_line(&text, context, sheet).is_err() {
            // It only begins like JSON.
            sheet.format = Format::Text;
            return Text.scan(source, name, context, sheet);
        }
        credentials::scan(source, sheet)?;
        match name.rsplit('/').next() {
            Some("model_index.json" | "modular_model_index.json") => pipeline(&text, sheet)?,
            Some("agent.json" | "tool_config.json") => tools(&text, sheet)?,
            _ => {}
        }
        if lines { Ok(()) } else { judge(&text, context, sheet) }
    }
}

/// Files whose loaders take them for one value.
fn is_whole(name: &TreePath) -> bool {
    name.ends_with(".json") || name.ends_with(".ipynb")
}

/// Judges JSON Lines.
fn by_line(text: &[u8], context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        judge(line, context, sheet)?;
    }
    Ok(())
}

/// Judges one JSON value, by what loaders make of it.
pub(super) fn judge(text: &[u8], context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
    let mut kind = Kind::default();
    let walked = walk(text, &mut |keys, node| {
        kind.note(keys);
        configuration(keys, node, sheet);
    });
    walked.map_err(|(offset, message)| Stop::Malformed(offset, message))?;
    if kind.is_notebook() {
        sheet.format = Format::Notebook;
        return notebook::judge(text, sheet);
    }
    if sheet.format == Format::Notebook {
        return Err(Stop::Malformed(0, "a notebook without cells".to_owned()));
    }
    if kind.is_keras() {
        sheet.format = Format::KerasConfiguration;
        return keras::judge(text, context, sheet);
    }
    Ok(())
}

/// Keys at the top that tell what an object is.
#[derive(Default)]
struct Kind(BTreeSet<&'static str>);

impl Kind {
    const KEYS: [&str; 5] = ["nbformat", "cells", "worksheets", "class_name", "config"];

    fn note(&mut self, keys: Keys<'_>) {
        if let [key] = keys {
            self.0.extend(Self::KEYS.iter().find(|known| **known == key.as_str()));
        }
    }

    fn is_notebook(&self) -> bool {
        self.0.contains("nbformat") && (self.0.contains("cells") || self.0.contains("worksheets"))
    }

    fn is_keras(&self) -> bool {
        self.0.contains("class_name") && self.0.contains("config")
    }
}

/// Looks for what configurations of models ask their loaders to do.
fn configuration(keys: Keys<'_>, node: Node<'_>, sheet: &mut Sheet) {
    let has = |key: &str| keys.iter().any(|one| one == key);
    let last = keys.iter().rev().find(|key| !key.is_empty()).map_or("", String::as_str);
    // Whatever stands below it: jsonpickle imports, builds and calls what such a key names.
    if last.strip_prefix("py/").is_some_and(|kind| !JSONPICKLE_DATA.contains(&kind)) {
        remote(last, "asks jsonpickle to import, build or call something", sheet);
    }
    let graph = has("graph") || has("functions");
    match node {
        Node::Text(text) if graph && is_foreign(last, text, has("node")) => {
            let called: String = text.chars().take(limits::SHOWN_CHARACTERS).collect();
            let summary = "an operator needs a library of its own, or runs what it names";
            sheet.report(Observation::new(Reason::GraphOperation, Rating::Suspicious, summary).called(called));
        }
        Node::Text(_) if graph && (has("externalData") || has("external_data")) => {
            let summary = "tensors are read from another file, which JSON does not say safely";
            sheet.report(Observation::new(Reason::ExternalData, Rating::Unknown, summary));
        }
        Node::Text(text) if has("chat_template") && last != "name" => {
            template::judge(text, None, sheet);
        }
        Node::Text(text) if has("auto_map") || (last == "impl" && has("custom_pipelines")) => {
            remote(text, "names code that a loader imports with `trust_remote_code`", sheet);
        }
        Node::Text(text) if last == "_target_" => {
            remote(text, "names a function that a loader of its configuration calls", sheet);
        }
        Node::Text(text) if TARGETS.contains(&last) && pickle::is_dangerous_name(text) => {
            remote(text, "names what no model needs, which a loader of its configuration calls", sheet);
        }
        Node::Text(text) if has(IMPORTS) => {
            remote(text, "names a module that a loader imports", sheet);
        }
        Node::Text(text) if is_module(keys) && !text.starts_with("sentence_transformers.") => {
            remote(text, "names a module that a loader imports", sheet);
        }
        Node::Text(text) if text.contains('/') && keys.iter().any(|key| key.contains("attn_implementation")) => {
            remote(text, "names a kernel that a loader fetches and runs", sheet);
        }
        Node::Text(text) if last == "parent_library" && !is_of_adapters(text) => {
            remote(text, "names a module that a loader imports", sheet);
        }
        Node::Text(text) if is_activation(last, text) || is_route(keys, text) => {
            remote(text, "names what a loader imports, and calls", sheet);
        }
        Node::Text(text) if last == "megatron_core" && text != "megatron.core" => {
            remote(text, "names a module that a loader imports", sheet);
        }
        Node::Text(text) => template::suspect(text, None, sheet),
        Node::Truth(true) if last == "trust_remote_code" => {
            remote("trust_remote_code", "asks to import code that comes with a model", sheet);
        }
        _ => {}
    }
}

/// Says whether a graph of ONNX, which may be JSON too, has an operator of another library, or one that runs things.
fn is_foreign(key: &str, text: &str, in_node: bool) -> bool {
    match key {
        "domain" => in_node && !onnx::DOMAINS.contains(&text),
        "opType" | "op_type" => onnx::RUNNERS.contains(&text),
        _ => false,
    }
}

/// Keys with the name of a function or class that a loader calls; models name their own layers there.
pub(super) const TARGETS: &[&str] = &["class_path", "target"];
/// The key with modules that `MMEngine` imports.
pub(super) const IMPORTS: &str = "custom_imports";

/// Keys of jsonpickle that stand for plain values.
const JSONPICKLE_DATA: &[&str] = &["b64", "b85", "bytes", "id", "set", "tuple"];

/// Functions that Sentence Transformers imports by name and calls; it trusts those of PyTorch.
fn is_activation(key: &str, text: &str) -> bool {
    ["activation_fn", "activation_function", "sbert_ce_default_activation_function"].contains(&key)
        && text.contains('.')
        && !text.starts_with("torch.nn.")
}

/// Modules between which a model of Sentence Transformers chooses.
fn is_route(keys: Keys<'_>, text: &str) -> bool {
    let dotted = text.contains('.') && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
    matches!(keys, [types, _] if types == "types") && dotted && !text.starts_with("sentence_transformers.")
}

/// Says whether a module is of a library for whose models adapters are made.
fn is_of_adapters(module: &str) -> bool {
    ["diffusers", "sentence_transformers", "timm", "torch", "transformers"]
        .contains(&module.split('.').next().unwrap_or_default())
}

/// Libraries and pipelines of diffusers whose classes a `model_index.json` may name.
const PIPELINES: &[&str] = &[
    "deepfloyd_if",
    "diffusers",
    "k_diffusion",
    "kandinsky",
    "latent_diffusion",
    "onnxruntime.training",
    "optimum",
    "paint_by_example",
    "shap_e",
    "stable_cascade",
    "stable_diffusion",
    "transformers",
    "unclip",
    "unidiffuser",
    "versatile_diffusion",
    "wuerstchen",
];

/// Judges what a pipeline of diffusers is made of: `[library, class]`, where any other library is a file beside it.
fn pipeline(text: &[u8], sheet: &mut Sheet) -> Result<(), Stop> {
    let index: Value = crate::json::parse(text).map_err(|error| Stop::Malformed(0, error.to_string()))?;
    for (key, value) in index.as_object().into_iter().flatten() {
        let Some([Value::String(library), Value::String(_), ..]) = value.as_array().map(Vec::as_slice) else {
            continue;
        };
        if key == "_class_name" || !PIPELINES.contains(&library.as_str()) {
            remote(library, "names a module of its own that a loader imports", sheet);
        }
    }
    Ok(())
}

/// Judges an agent of smolagents, whose tools are source code that is run when it is loaded.
fn tools(text: &[u8], sheet: &mut Sheet) -> Result<(), Stop> {
    let mut code = false;
    let walked = walk(text, &mut |keys, node| {
        code |= keys.last().is_some_and(|key| key == "code") && matches!(node, Node::Text(text) if !text.is_empty());
    });
    walked.map_err(|(offset, message)| Stop::Malformed(offset, message))?;
    if code {
        let summary = "an agent brings source code, which its loader runs";
        sheet.report(Observation::new(Reason::SourceCode, Rating::Suspicious, summary));
    }
    Ok(())
}

/// The `type` of an element of `modules.json`: a dotted name.
fn is_module(keys: Keys<'_>) -> bool {
    matches!(keys, [element, key] if element.is_empty() && key == "type")
}

fn remote(called: &str, summary: &str, sheet: &mut Sheet) {
    let called: String = called.chars().take(limits::SHOWN_CHARACTERS).collect();
    sheet.report(Observation::new(Reason::RemoteCode, Rating::Suspicious, summary.to_owned()).called(called));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::test_support::scan;

    fn rated(name: &str, text: &str) -> (Format, Rating) {
        let scan = scan(name, text.as_bytes());
        (scan.format, scan.rating)
    }

    #[test]
    fn ordinary_configurations_are_inert() {
        for (name, text) in [
            ("config.json", r#"{"architectures":["LlamaForCausalLM"],"model_type":"llama","id2label":{"0":"a"}}"#),
            ("tokenizer_config.json", r#"{"chat_template":"{{ bos_token }}","added_tokens_decoder":{}}"#),
            ("chat_template.json", r#"{"chat_template":[{"name":"default","template":"{{ messages[0].content }}"}]}"#),
            ("modules.json", r#"[{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"}]"#),
            ("x.json", "[]"),
            ("2_Dense/config.json", r#"{"activation_function":"torch.nn.modules.activation.Tanh"}"#),
            ("config.json", r#"{"activation_function":"gelu_new"}"#),
            ("router_config.json", r#"{"types":{"0":"sentence_transformers.models.Dense.Dense"},"a":{"types":"x"}}"#),
            ("x.json", r#"{"py/tuple":[1],"template":"{{ user.name }} {% if x"}"#),
            ("state", r#"{"a":1}"#),
            ("config.json", r#"{"model":{"target":"ldm.models.diffusion.ddpm.LatentDiffusion"},"target":"price"}"#),
            ("rows.jsonl", "{\"a\":1}\n{\"a\":2}\n"),
        ] {
            assert_eq!(rated(name, text), (Format::Json, Rating::Inert), "{name}");
        }
        let many: Vec<String> = (0..50_000).map(|n| format!("\"id{n}\":{n}")).collect();
        assert_eq!(rated("vocab.json", &format!("{{{}}}", many.join(","))).1, Rating::Inert);
    }

    #[test]
    fn configurations_that_ask_for_code_are_suspicious() {
        for text in [
            r#"{"auto_map":{"AutoModel":"modeling_x.Model"}}"#,
            r#"{"auto_map":{"AutoTokenizer":["tokenization_x.T",null]}}"#,
            r#"{"auto_map":{"AutoModel":"other/repo--modeling_x.Model"}}"#,
            r#"{"trust_remote_code":true}"#,
            r#"{"a":{"trust_remote_code":true}}"#,
            r#"{"custom_pipelines":{"x":{"impl":"x.py"}}}"#,
            r#"{"model":{"_target_":"os.system"}}"#,
            r#"[{"idx":0,"type":"evil.Module"}]"#,
            r#"{"trust_remote_code":false,"trust_remote_code":true}"#,
            r#"{"py/object":"subprocess.Popen"}"#,
            r#"[{"py/reduce":[{"py/tuple":[]}]}]"#,
            r#"{"activation_function":"os.abort"}"#,
            r#"{"types":{"query":"ours.Module"}}"#,
            r#"{"megatron_core":"ours"}"#,
            r#"{"model":{"target":"os.system","params":{"command":"true"}}}"#,
            r#"{"model":{"class_path":"subprocess.Popen"}}"#,
            r#"{"custom_imports":{"imports":["ours"]}}"#,
        ] {
            let scan = scan("config.json", text.as_bytes());
            assert_eq!(scan.rating, Rating::Suspicious, "{text}");
            assert_eq!(scan.observations[0].reason, Reason::RemoteCode);
        }
    }

    #[test]
    fn pipelines_may_name_modules_of_their_own() {
        let index = |text: &str| rated("a/model_index.json", text).1;
        let own =
            r#"{"_class_name":"P","unet":["diffusers","U"],"safety_checker":["stable_diffusion","S"],"x":[null,null]}"#;
        assert_eq!(index(own), Rating::Inert);
        assert_eq!(index(r#"{"_class_name":"P","unet":["my_unet","U"]}"#), Rating::Suspicious);
        assert_eq!(index(r#"{"_class_name":["pipeline","P"]}"#), Rating::Suspicious);
        let modular = r#"{"unet":["my_unet","U",{"repo":"a/b"}]}"#;
        assert_eq!(rated("modular_model_index.json", modular).1, Rating::Suspicious);
        let agent = r#"{"tools":[{"name":"t","code":"import os"}]}"#;
        assert_eq!(rated("agent.json", agent).1, Rating::Suspicious);
        assert_eq!(rated("rows.json", agent).1, Rating::Inert);
    }

    #[test]
    fn templates_are_judged_wherever_they_are() {
        for text in [
            r#"{"chat_template":"{{ x.__class__ }}"}"#,
            r#"{"a":{"chat_template":[{"name":"x","template":"{{ x.__class__ }}"}]}}"#,
            r#"{"chat_template":{"default":"{{ x.__class__ }}"}}"#,
            r#"{"chat_templat\u0065":"{{ x.__class__ }}"}"#,
            r#"{"template":"{{ x.__class__ }}","template_format":"jinja2"}"#,
        ] {
            assert_eq!(rated("x.json", text).1, Rating::Malicious, "{text}");
        }
    }

    #[test]
    fn what_is_not_json_is_unknown_by_name_and_text_otherwise() {
        assert_eq!(rated("x.json", "{\"a\":").1, Rating::Unknown);
        assert_eq!(rated("x.json", "{\"a\":1} x").1, Rating::Unknown);
        assert_eq!(rated("x.txt", "{\"a\":"), (Format::Text, Rating::Inert));
        assert_eq!(rated("README.md", "{} is empty"), (Format::Text, Rating::Inert));
        assert_eq!(rated("x.ipynb", "{}").1, Rating::Unknown);
    }

    #[test]
    fn each_line_is_judged() {
        let text = "{\"a\":1}\n{\"chat_template\":\"{{ x.__class__ }}\"}\n";
        assert_eq!(rated("rows.jsonl", text).1, Rating::Malicious);
    }
}
