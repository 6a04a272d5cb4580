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
        licenses: all_words("license", &matter.license)?,
        license_name: word(&matter.license_name),
        license_link: word(&matter.license_link),
        task: word(&matter.pipeline_tag),
        library: word(&matter.library_name),
        base_models: all_words("base_model", &matter.base_model)?,
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

/// Returns the words of a key of which none may be lost: a licence that is not read would be a licence that asks nothing.
fn all_words(key: &str, value: &Value) -> Result<Vec<String>, String> {
    let items: &[Value] = match value {
        Value::Null => &[],
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    if items.len() > limits::NOTED_TEXTS {
        return Err(format!("its `{key}` has more than {} words", limits::NOTED_TEXTS));
    }
    let is_empty = |item: &&Value| item.is_null() || item.as_str().is_some_and(|text| text.trim().is_empty());
    let words = items.iter().filter(|item| !is_empty(item)).map(word).collect::<Option<Vec<_>>>();
    words.ok_or_else(|| format!("its `{key}` is neither a word nor a list of words"))
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
        assert_eq!(card.licenses, ["apache-2.0"]);
        assert_eq!(card.base_models, ["google-bert/bert-base-uncased"]);
        assert_eq!((card.languages.len(), card.tags.len(), card.datasets.len()), (2, 1, 1));
        assert_eq!(card.emissions.as_deref(), Some("12.5"));
        let expected =
            Metric { name: "Accuracy".to_owned(), value: "0.91".to_owned(), dataset: Some("SST-2".to_owned()) };
        assert_eq!(card.metrics, [expected]);
    }

    #[test]
    fn no_licence_and_no_base_model_is_lost() {
        let card = read("license: [mit, cc-by-nc-4.0]\nbase_model: [gpt2, ./checkpoint-5]\n").unwrap();
        assert_eq!((card.licenses, card.base_models), (words_of("mit cc-by-nc-4.0"), words_of("gpt2 ./checkpoint-5")));
        let many = format!("license: [{}]\n", "mit, ".repeat(limits::NOTED_TEXTS + 1));
        for text in ["license: {a: b}\n", "license: [[mit]]\n", "license: true\n", "base_model: {a: b}\n", &many] {
            let fault = read(text).unwrap_err();
            assert!(fault.contains("words"), "{text}: {fault}");
        }
    }

    fn words_of(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn numbers_that_are_none_spoil_nothing_else() {
        let metrics = "model-index: [{results: [{metrics: [{type: loss, value: .nan}, {type: f1, value: 0.5}]}]}]";
        let card = read(&format!("license: mit\nx: 1e400\n{metrics}\n")).unwrap();
        assert_eq!((card.licenses, card.metrics.len()), (words_of("mit"), 2));
        assert_eq!(card.metrics[0].value, ".nan");
    }

    #[test]
    fn odd_values_are_no_values_and_bombs_are_errors() {
        assert_eq!(read("tags: {a: b}\nmodel-index: 3\nlicense:\nbase_model: ''\n").unwrap(), Card::default());
        assert!(read(&"a: [".repeat(10_000)).is_err());
        assert!(read("a: 1\na: 2\n").is_err());
    }
}
