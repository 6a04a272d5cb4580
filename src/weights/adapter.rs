//! What `adapter_config.json` of `PEFT` says of an adapter, such as one of `LoRA`: on which model it is put.

use serde_json::Value;

use crate::limits;
use crate::source::ReadAt;
use crate::weights::FormatError;
use crate::weights::hub::{is_commit, parsed, text};

/// What `adapter_config.json` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdapterConfig {
    /// The model on which the adapter is put: mostly `owner/name`, or a path.
    pub base_model: Option<String>,
    /// The commit of that model.
    pub commit: Option<String>,
}

impl AdapterConfig {
    /// Reads a configuration. A base model that is no text, or one that is too long to be kept, is a fault: nobody would know of it.
    pub fn read(source: &dyn ReadAt) -> Result<Self, FormatError> {
        const BASE_MODEL: &str = "base_model_name_or_path";
        let value: Value = parsed(source, limits::METADATA_TEXT_BYTES)?;
        let stated = value.get(BASE_MODEL).filter(|stated| !matches!(stated, Value::Null) && *stated != "");
        let base_model = text(&value, BASE_MODEL);
        if !value.is_object() || stated.is_some() && base_model.is_none() {
            return Err(FormatError::Text(format!("its `{BASE_MODEL}` is no name of a model")));
        }
        let commit = text(&value, "revision").filter(|commit| is_commit(commit));
        Ok(Self { base_model, commit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adapter_states_its_base_model() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        for (text, base_model, known) in [
            (
                format!(r#"{{"peft_type": "LORA", "base_model_name_or_path": "a/b", "revision": "{commit}"}}"#),
                "a/b",
                true,
            ),
            (r#"{"base_model_name_or_path": "/data/llama", "revision": "main"}"#.to_owned(), "/data/llama", false),
            (r#"{"base_model_name_or_path": null}"#.to_owned(), "", false),
            (r#"{"base_model_name_or_path": ""}"#.to_owned(), "", false),
            ("{}".to_owned(), "", false),
        ] {
            let read = AdapterConfig::read(&text.as_bytes()).unwrap();
            assert_eq!(read.base_model.unwrap_or_default(), base_model, "{text}");
            assert_eq!(read.commit.is_some(), known, "{text}");
        }
        let long = format!(r#"{{"base_model_name_or_path": "{}"}}"#, "a".repeat(limits::NOTED_BYTES + 1));
        for text in
            ["", "[]", "3", r#"{"base_model_name_or_path": ["a/b"]}"#, r#"{"base_model_name_or_path": 3}"#, &long]
        {
            assert!(AdapterConfig::read(&text.as_bytes()).is_err(), "{text}");
        }
    }
}
