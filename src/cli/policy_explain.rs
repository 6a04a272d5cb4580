//! `assaymark policy explain`

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::error::CliError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::policy::{Policy, PolicySource};
use crate::render;

/// A policy with everything that can be demanded, each with its meaning.
pub(super) const GUIDE: &str = include_str!("policy_guide.toml");

const EXAMPLES: &str = "\
Examples:
  Write a first policy from all that can be demanded:
    assaymark policy explain > policy.toml

  See what a policy demands, in plain words:
    assaymark policy explain policy.toml";

/// Say in plain words what a policy demands; without one, all that can be demanded.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct ExplainArguments {
    /// The policy.toml; without one, a policy is shown that has every key with its meaning.
    #[arg(value_name = "FILE")]
    policy: Option<PathBuf>,
    /// How to show it.
    #[arg(long, value_enum, default_value_t = PageFormat::Human, requires = "policy")]
    format: PageFormat,
}

/// In which form a page is written.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum PageFormat {
    Human,
    Json,
}

impl PageFormat {
    /// Writes a page in one of its forms.
    pub(super) fn show(self, ui: &Ui, human: &str, json: &serde_json::Value) -> Result<(), CliError> {
        match self {
            Self::Human => ui.result(human),
            Self::Json => {
                let text = serde_json::to_string_pretty(json).map_err(CliError::machine)?;
                ui.result_bytes(format!("{text}\n").as_bytes());
            }
        }
        Ok(())
    }
}

impl ExplainArguments {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        let Some(path) = &self.policy else {
            ui.result_bytes(GUIDE.as_bytes());
            return Ok(exit::DONE);
        };
        let source = PolicySource::load(path)?;
        let baseline = Policy::baseline();
        let human = render::policy::explanation(&source, baseline.items());
        self.format.show(ui, &human, &render::policy::explanation_json(&source, baseline.items()))?;
        Ok(exit::DONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(schema: &serde_json::Value, found: &mut Vec<String>) {
        match schema {
            serde_json::Value::Object(object) => {
                if let Some(properties) = object.get("properties").and_then(serde_json::Value::as_object) {
                    found.extend(properties.keys().cloned());
                }
                object.values().for_each(|value| keys(value, found));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|value| keys(value, found)),
            _ => {}
        }
    }

    fn schema() -> serde_json::Value {
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/policy.schema.json"));
        serde_json::from_str(&text.unwrap()).unwrap()
    }

    /// A TOML document as an editor holds it against a schema: times are texts.
    fn json(value: toml::Value) -> serde_json::Value {
        match value {
            toml::Value::Datetime(time) => time.to_string().into(),
            toml::Value::Array(items) => items.into_iter().map(json).collect(),
            toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, json(value))).collect(),
            other => serde_json::to_value(other).unwrap(),
        }
    }

    #[test]
    fn the_guide_fits_the_published_schema() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let guide = json(toml::from_str(GUIDE).unwrap());
        let faults: Vec<_> = validator.iter_errors(&guide).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:#?}");
        let mut misspelt = guide;
        misspelt["rules"]["scans"]["evidence"] = "scan".into();
        assert!(!validator.is_valid(&misspelt), "the tables of two rules are one");
    }

    #[test]
    fn the_guide_is_a_policy_with_every_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.toml");
        std::fs::write(&path, GUIDE).unwrap();
        let source = PolicySource::load(&path).unwrap();
        assert_eq!(source.stages().len(), 2);
        let mut found = Vec::new();
        keys(&schema(), &mut found);
        assert!(found.len() > 40, "{found:?}");
        for key in found {
            let written = [format!("{key} ="), format!("[{key}]"), format!("[{key}s]")];
            let tables = [format!("[[{key}]]"), format!("[stage.{key}]"), format!("[[stage.{key}]]")];
            assert!(written.iter().chain(&tables).any(|text| GUIDE.contains(text)), "the guide does not show `{key}`");
        }
    }
}
