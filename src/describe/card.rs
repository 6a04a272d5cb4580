//! The card of the model: what `release.toml` says, what the files say, what the README says, in this order.

use std::collections::BTreeMap;

use crate::card::{Card, Metric};
use crate::cyclonedx::card::{
    Considerations, EnvironmentalConsiderations, PerformanceMetric, Port, QuantitativeAnalysis, Risk,
};
use crate::cyclonedx::{Component, ModelCard, ModelParameters, Property};
use crate::facts::{DatasetFacts, Facts, ModelFacts};
use crate::obtained::Obtained;
use crate::reference::Reference;

/// What goes in and comes out, by the task (`pipeline_tag` of Hugging Face).
const PORTS: [(&str, &[&str], &[&str]); 18] = [
    ("text-classification", &["text"], &["label", "score"]),
    ("token-classification", &["text"], &["label", "score"]),
    ("text-generation", &["text"], &["text"]),
    ("text2text-generation", &["text"], &["text"]),
    ("summarization", &["text"], &["text"]),
    ("translation", &["text"], &["text"]),
    ("question-answering", &["text"], &["text", "score"]),
    ("fill-mask", &["text"], &["text", "score"]),
    ("feature-extraction", &["text"], &["vector"]),
    ("sentence-similarity", &["text"], &["score"]),
    ("image-classification", &["image"], &["label", "score"]),
    ("object-detection", &["image"], &["label", "score", "box"]),
    ("image-segmentation", &["image"], &["mask"]),
    ("image-to-text", &["image"], &["text"]),
    ("text-to-image", &["text"], &["image"]),
    ("automatic-speech-recognition", &["audio"], &["text"]),
    ("text-to-speech", &["text"], &["audio"]),
    ("tabular-classification", &["table"], &["label", "score"]),
];

/// A model card, and how its fields were obtained where they are not measured.
pub(super) struct Described {
    pub(super) card: ModelCard,
    pub(super) ways: Vec<(&'static str, Obtained)>,
}

/// Puts the card together.
pub(super) fn card(facts: &Facts<'_>) -> Described {
    let readme = facts.weights.card.clone().unwrap_or_default();
    let mut ways = Vec::new();
    let model_parameters = parameters(facts, &readme, &mut ways);
    let quantitative_analysis = analysis(&readme.metrics);
    let considerations = considerations(&readme);
    if quantitative_analysis.is_some() {
        ways.push(("modelCard.quantitativeAnalysis", Obtained::Declared));
    }
    if !considerations.is_empty() {
        ways.push(("modelCard.considerations", Obtained::Declared));
    }
    let properties = properties(&readme);
    if !properties.is_empty() {
        ways.push(("modelCard.properties", Obtained::Declared));
    }
    Described { card: ModelCard { model_parameters, quantitative_analysis, considerations, properties }, ways }
}

fn parameters(facts: &Facts<'_>, readme: &Card, ways: &mut Vec<(&'static str, Obtained)>) -> ModelParameters {
    let reference =
        |facts: &DatasetFacts| BTreeMap::from([("ref", Reference::Dataset(facts.spec.name.clone()).to_string())]);
    let task = facts.spec.model.task.clone().or_else(|| readme.task.clone());
    if task.is_some() {
        ways.push(("modelCard.modelParameters.task", Obtained::Declared));
    }
    let (inputs, outputs) = ports(facts.weights, task.as_deref(), ways);
    let config = facts.weights.config.as_ref();
    ModelParameters {
        approach: None,
        task,
        architecture_family: config
            .and_then(|config| config.model_type.clone())
            .or_else(|| facts.weights.first(|file| (file.format == "gguf").then(|| file.architecture.clone())?)),
        model_architecture: config
            .and_then(|config| config.architectures.first().cloned())
            .or_else(|| facts.weights.first(|file| (file.format != "gguf").then(|| file.architecture.clone())?)),
        datasets: facts.datasets.iter().map(reference).collect(),
        inputs,
        outputs,
    }
}

/// A graph states its inputs and outputs. Else they follow from the task.
fn ports(weights: &ModelFacts, task: Option<&str>, ways: &mut Vec<(&'static str, Obtained)>) -> (Vec<Port>, Vec<Port>) {
    let port = |format: &String| Port { format: format.clone() };
    let stated = weights.files.values().find(|file| !file.inputs.is_empty());
    if let Some(file) = stated {
        return (file.inputs.iter().map(port).collect(), file.outputs.iter().map(port).collect());
    }
    let Some((_, inputs, outputs)) = PORTS.iter().find(|(name, _, _)| Some(*name) == task) else {
        return (Vec::new(), Vec::new());
    };
    ways.push(("modelCard.modelParameters.inputs", Obtained::Inferred));
    ways.push(("modelCard.modelParameters.outputs", Obtained::Inferred));
    let ports = |words: &[&str]| words.iter().map(|word| Port { format: (*word).to_owned() }).collect();
    (ports(inputs), ports(outputs))
}

fn analysis(metrics: &[Metric]) -> Option<QuantitativeAnalysis> {
    let metric = |metric: &Metric| PerformanceMetric {
        kind: metric.name.clone(),
        value: metric.value.clone(),
        slice: metric.dataset.clone(),
        confidence_interval: None,
    };
    (!metrics.is_empty()).then(|| QuantitativeAnalysis { performance_metrics: metrics.iter().map(metric).collect() })
}

fn considerations(readme: &Card) -> Considerations {
    let emissions = readme.emissions.clone().map(|grams| EnvironmentalConsiderations {
        properties: vec![Property { name: "assaymark:co2eqGrams".to_owned(), value: grams }],
    });
    Considerations {
        users: readme.users.clone(),
        use_cases: readme.use_cases.clone(),
        technical_limitations: readme.limitations.clone(),
        ethical_considerations: readme
            .ethics
            .iter()
            .map(|name| Risk { name: name.clone(), mitigation_strategy: None })
            .collect(),
        environmental_considerations: emissions,
        ..Considerations::default()
    }
}

fn properties(readme: &Card) -> Vec<Property> {
    let list = |words: &[String]| (!words.is_empty()).then(|| words.join(" "));
    let stated = [
        ("assaymark:languages", list(&readme.languages)),
        ("assaymark:library", readme.library.clone()),
        ("assaymark:namedDatasets", list(&readme.datasets)),
        ("assaymark:trainingData", readme.training_data.clone()),
        ("assaymark:training", readme.training.clone()),
    ];
    let there = stated.into_iter().filter_map(|(name, value)| Some(Property { name: name.to_owned(), value: value? }));
    there.collect()
}

/// Adds what the README says of the model as a component, where `release.toml` says nothing.
pub(super) fn complete(mut component: Component, weights: &ModelFacts) -> Component {
    let Some(readme) = &weights.card else { return component };
    component.description = component.description.or_else(|| readme.description.clone());
    if component.licenses.is_empty() {
        component.licenses.extend(super::licence::of_card(readme));
    }
    component.authors =
        readme.authors.iter().map(|name| crate::cyclonedx::component::Author { name: name.clone() }).collect();
    component.tags.clone_from(&readme.tags);
    component
}
