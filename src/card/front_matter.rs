//! The front matter: typed keys of the model card of Hugging Face, the rest passed over.

use serde::Deserialize;
use serde_json::Value;

use super::{Card, shown};
use crate::limits;
use crate::yaml;

/// A metric of an evaluation, as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name or type.
    pub name: String,
    /// Its value as it is written.
    pub value: String,
    /// On which data.
    pub dataset: Option<String>,
}

/// Values are read as they are: cards differ in whether one word is a list.
#[derive(Default, Deserialize)]
#[serde(default)]
struct FrontMatter {
    license: Value,
    license_name: Value,
    license_link: Value,
    pipeline_tag: Value,
    library_name: Value,
    base_model: Value,
    base_model_relation: Value,
    datasets: Value,
    language: Value,
    tags: Value,
    authors: Value,
    author: Value,
    co2_eq_emissions: Value,
    #[serde(rename = "model-index")]
    model_index: Value,
}

/// Reads front matter.
pub(super) fn read(text: &str) -> Result<Card, String> {
    let matter: FrontMatter = if text.trim().is_empty() { FrontMatter::default() } else { yaml::parse(text)? };
    let mut authors = words(&matter.authors);
    authors.extend(words(&matter.author));
    Ok(Card {
        license: words(&matter.license).into_iter().next(),
        license_name: word(&matter.license_name),
        license_link: word(&matter.license_link),
        task: word(&matter.pipeline_tag),
        library: word(&matter.library_name),
        base_models: words(&matter.base_model),
        base_relation: word(&matter.base_model_relation),
        datasets: words(&matter.datasets),
        languages: words(&matter.language),
        tags: words(&matter.tags),
        authors,
        metrics: metrics(&matter.model_index),
        emissions: emissions(&matter.co2_eq_emissions),
        ..Card::default()
    })
}

/// Returns a value as it is written, if it is one.
fn word(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => shown(text),
        Value::Number(number) => number.to_string(),
        // YAML takes the language `no` for a truth value.
        Value::Bool(false) => "no".to_owned(),
        _ => return None,
    };
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(word).take(limits::NOTED_TEXTS).collect(),
        one => word(one).into_iter().collect(),
    }
}

fn emissions(value: &Value) -> Option<String> {
    word(value).or_else(|| word(value.get("emissions")?))
}

/// Reads the results of `model-index`.
fn metrics(index: &Value) -> Vec<Metric> {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let mut metrics = Vec::new();
    for result in list(Some(index)).iter().flat_map(|model| list(model.get("results"))) {
        let dataset = result.get("dataset");
        let dataset = dataset.and_then(|dataset| word(dataset.get("name")?).or_else(|| word(dataset.get("type")?)));
        for metric in list(result.get("metrics")) {
            let name = ["name", "type"].iter().find_map(|key| word(metric.get(*key)?));
            let value = metric.get("value").and_then(word);
            if let (Some(name), Some(value), true) = (name, value, metrics.len() < limits::NOTED_TEXTS) {
                metrics.push(Metric { name, value, dataset: dataset.clone() });
            }
        }
    }
    metrics
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_cards_are_read() {
        let text = "license: apache-2.0\npipeline_tag: text-classification\nbase_model: google-bert/bert-base-uncased\n\
                    language: [en, no]\ntags:\n- sentiment\ndatasets: sst2\nco2_eq_emissions: {emissions: 12.5}\n\
                    model-index:\n- name: m\n  results:\n  - dataset: {name: SST-2, type: sst2}\n    metrics:\n\
                    \x20   - type: accuracy\n      value: 0.91\n      name: Accuracy\nwidget: [{text: x}]\n";
        let card = read(text).unwrap();
        assert_eq!(card.license.as_deref(), Some("apache-2.0"));
        assert_eq!(card.base_models, ["google-bert/bert-base-uncased"]);
        assert_eq!((card.languages.len(), card.tags.len(), card.datasets.len()), (2, 1, 1));
        assert_eq!(card.emissions.as_deref(), Some("12.5"));
        let expected =
            Metric { name: "Accuracy".to_owned(), value: "0.91".to_owned(), dataset: Some("SST-2".to_owned()) };
        assert_eq!(card.metrics, [expected]);
    }

    #[test]
    fn odd_values_are_no_values_and_bombs_are_errors() {
        assert_eq!(read("license: {a: b}\nmodel-index: 3\n").unwrap(), Card::default());
        assert!(read(&"a: [".repeat(10_000)).is_err());
        assert!(read("a: 1\na: 2\n").is_err());
    }
}
