//! Files that stand beside weights in the layout of Hugging Face: configuration, tokenizer, index of shards.
//!
//! Only the keys that a document has a place for are read; of each file no more than a limit.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::digest::Digest;
use crate::limits;
use crate::path::TreePath;
use crate::source::{ReadAt, exactly};
use crate::weights::FormatError;

/// What `config.json` says of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HubConfig {
    /// The classes of the model.
    pub architectures: Vec<String>,
    /// The family, such as `bert`.
    pub model_type: Option<String>,
    /// How many tokens the model looks at.
    pub context_length: Option<u64>,
    /// The type of its weights, as PyTorch calls it.
    pub dtype: Option<String>,
    /// How it was quantised.
    pub quantisation: Option<String>,
    /// How many tokens it knows.
    pub vocabulary: Option<u64>,
    /// How many layers it has.
    pub layers: Option<u64>,
    /// The size of its hidden states.
    pub hidden_size: Option<u64>,
    /// The version of the library that wrote it.
    pub library: Option<String>,
    /// The repository that it was loaded from, and the commit.
    pub origin: Option<(String, String)>,
}

/// What `tokenizer_config.json` says of a tokenizer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenizerConfig {
    /// Its class.
    pub class: Option<String>,
    /// How many tokens it makes at most.
    pub longest: Option<u64>,
    /// The SHA-256 of its template for conversations.
    pub chat_template: Option<Digest>,
}

/// An index of shards, `model.safetensors.index.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct ShardIndex {
    /// What it says of the whole.
    #[serde(default)]
    pub metadata: ShardTotals,
    /// The file of each tensor.
    pub weight_map: BTreeMap<String, String>,
}

/// What an index says of the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct ShardTotals {
    /// Bytes of all tensors.
    #[serde(default)]
    pub total_size: Option<Value>,
    /// Elements of all tensors.
    #[serde(default)]
    pub total_parameters: Option<Value>,
}

/// Reads a file of these, within its limit.
pub fn whole(source: &dyn ReadAt, limit: u64) -> Result<Vec<u8>, FormatError> {
    FormatError::bounded(source.len(), limit, "bytes of a file of configuration")?;
    Ok(exactly(source, 0, usize::try_from(source.len()).unwrap_or(usize::MAX))?)
}

pub(super) fn parsed<T: DeserializeOwned>(source: &dyn ReadAt, limit: u64) -> Result<T, FormatError> {
    let bytes = whole(source, limit)?;
    let read = serde_json::from_slice(&bytes).or_else(|_| serde_json::from_slice(&without_words_of_python(&bytes)));
    read.map_err(|error| FormatError::Text(format!("{error:.160}")))
}

/// Puts `null` for what Python's library writes where a number is none, which is no JSON: `NaN`, `Infinity`, `-Infinity`.
fn without_words_of_python(bytes: &[u8]) -> Vec<u8> {
    let (mut text, mut rest, mut quoted) = (Vec::with_capacity(bytes.len()), bytes, false);
    while let Some((first, behind)) = rest.split_first() {
        let word = [&b"-Infinity"[..], b"Infinity", b"NaN"].into_iter().find_map(|word| rest.strip_prefix(word));
        match (first, word) {
            (_, Some(behind)) if !quoted => {
                text.extend_from_slice(b"null");
                rest = behind;
                continue;
            }
            // What is escaped ends no text.
            (b'\\', _) if quoted => {
                let (escape, behind) = rest.split_at(rest.len().min(2));
                text.extend_from_slice(escape);
                rest = behind;
                continue;
            }
            (b'"', _) => quoted = !quoted,
            _ => {}
        }
        text.push(*first);
        rest = behind;
    }
    text
}

impl ShardIndex {
    /// Reads an index.
    pub fn read(source: &dyn ReadAt) -> Result<Self, FormatError> {
        parsed(source, limits::SAFETENSORS_HEADER_BYTES)
    }

    /// Returns the files that the index at a path names, which lie beside it.
    pub fn shards(&self, path: &TreePath) -> BTreeSet<TreePath> {
        let names: BTreeSet<&String> = self.weight_map.values().collect();
        names.into_iter().filter_map(|name| path.beside(name)).collect()
    }
}

impl HubConfig {
    /// Reads a configuration.
    pub fn read(source: &dyn ReadAt) -> Result<Self, FormatError> {
        let value: Value = parsed(source, limits::METADATA_TEXT_BYTES)?;
        // Models of several parts keep the sizes with the text model.
        let inner = value.get("text_config").unwrap_or(&Value::Null);
        let number = |keys: &[&str]| {
            let mut places = keys.iter().flat_map(|key| [value.get(*key), inner.get(*key)]);
            places.find_map(|place| place?.as_u64())
        };
        let architectures = value.get("architectures").and_then(Value::as_array).into_iter().flatten();
        let origin = text(&value, "_name_or_path").zip(text(&value, "_commit_hash").filter(|hash| is_commit(hash)));
        Ok(Self {
            architectures: architectures.filter_map(|name| short(name.as_str()?)).take(limits::NOTED_TEXTS).collect(),
            model_type: text(&value, "model_type"),
            context_length: number(&["max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "seq_length"]),
            dtype: text(&value, "torch_dtype").or_else(|| text(&value, "dtype")),
            quantisation: value.get("quantization_config").and_then(quantisation),
            vocabulary: number(&["vocab_size"]),
            layers: number(&["num_hidden_layers", "n_layer", "num_layers"]),
            hidden_size: number(&["hidden_size", "n_embd", "d_model"]),
            library: text(&value, "transformers_version"),
            origin,
        })
    }
}

fn quantisation(value: &Value) -> Option<String> {
    let method = text(value, "quant_method")?;
    let bits = ["bits", "load_in_8bit", "load_in_4bit"].iter().find_map(|key| match (value.get(*key)?, *key) {
        (Value::Number(bits), _) => bits.as_u64(),
        (Value::Bool(true), "load_in_8bit") => Some(8),
        (Value::Bool(true), _) => Some(4),
        _ => None,
    });
    Some(bits.map_or(method.clone(), |bits| format!("{method}, {bits} bits")))
}

impl TokenizerConfig {
    /// Reads a configuration.
    pub fn read(source: &dyn ReadAt) -> Result<Self, FormatError> {
        let value: Value = parsed(source, limits::SAFETENSORS_HEADER_BYTES)?;
        let template = match value.get("chat_template") {
            Some(Value::String(template)) => Some(template.as_str()),
            // Several, each with a name: that of most conversations.
            Some(Value::Array(templates)) => {
                let named = |template: &&Value| template.get("name").and_then(Value::as_str) == Some("default");
                templates.iter().find(named).and_then(|template| template.get("template")?.as_str())
            }
            _ => None,
        };
        Ok(Self {
            class: text(&value, "tokenizer_class"),
            longest: value.get("model_max_length").and_then(Value::as_u64).filter(|length| *length < 1 << 40),
            chat_template: template.map(|template| Digest::of(template.as_bytes())),
        })
    }
}

/// Says whether a text is a commit, written out in full.
pub fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

pub(super) fn text(value: &Value, key: &str) -> Option<String> {
    short(value.get(key)?.as_str()?)
}

fn short(text: &str) -> Option<String> {
    let fits = !text.is_empty() && text.len() <= limits::NOTED_BYTES && !text.contains(char::is_control);
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_states_the_model() {
        let text = r#"{"architectures": ["BertForSequenceClassification"], "model_type": "bert", "max_position_embeddings": 512,
            "torch_dtype": "float32", "quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": true},
            "vocab_size": 30522, "_name_or_path": "a/b", "_commit_hash": "0123456789abcdef0123456789abcdef01234567"}"#;
        let config = HubConfig::read(&text.as_bytes()).unwrap();
        assert_eq!(config.architectures, ["BertForSequenceClassification"]);
        assert_eq!((config.context_length, config.vocabulary), (Some(512), Some(30522)));
        assert_eq!(config.quantisation.as_deref(), Some("bitsandbytes, 4 bits"));
        assert!(config.origin.is_some());
    }

    #[test]
    fn numbers_that_are_none_spoil_nothing_else() {
        let text = r#"{"time_step_limit": [0.0, Infinity, -Infinity, NaN], "model_type": "a\"NaN", "vocab_size": 5, "n_layer": NaN}"#;
        let config = HubConfig::read(&text.as_bytes()).unwrap();
        assert_eq!((config.model_type.as_deref(), config.vocabulary, config.layers), (Some("a\"NaN"), Some(5), None));
        for text in ["Infinity", "{\"a\": NaNs}", "{\"a\": \"NaN}", "{\"a\": nan}", "{\"a\": \"\\"] {
            let read = HubConfig::read(&text.as_bytes());
            assert_eq!(read.is_ok(), text == "Infinity", "{text}");
        }
    }

    #[test]
    fn templates_are_digested() {
        for text in [
            r#"{"chat_template": "x", "tokenizer_class": "T", "model_max_length": 1e30}"#,
            r#"{"chat_template": [{"name": "tool", "template": "y"}, {"name": "default", "template": "x"}]}"#,
        ] {
            let tokenizer = TokenizerConfig::read(&text.as_bytes()).unwrap();
            assert_eq!((tokenizer.chat_template, tokenizer.longest), (Some(Digest::of(b"x")), None));
        }
    }

    #[test]
    fn what_is_no_json_or_too_deep_is_refused() {
        let deep = "[".repeat(100_000);
        for text in ["", "{", deep.as_str()] {
            assert!(HubConfig::read(&text.as_bytes()).is_err());
            assert!(ShardIndex::read(&text.as_bytes()).is_err());
        }
    }
}
