//! The card of the model: what `release.toml` says, what the files say, what the README says, in this order.

use std::collections::BTreeMap;

use crate::card::{Card, Metric};
use crate::cyclonedx::card::{
    Approach, Considerations, EnergyConsumption, EnergyProvider, EnvironmentalConsiderations, Measure,
    PerformanceMetric, Port, QuantitativeAnalysis, Risk,
};
use crate::cyclonedx::component::Supplier;
use crate::cyclonedx::{Component, ModelCard, ModelParameters, Property};
use crate::describe::aibom;
use crate::facts::{DatasetFacts, Emissions, Facts, ModelFacts};
use crate::obtained::Obtained;
use crate::reference::Reference;
use crate::release::EnergySpec;
use crate::weights::FileFacts;

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
    let considerations = considerations(&readme, facts);
    if quantitative_analysis.is_some() {
        ways.push(("modelCard.quantitativeAnalysis", Obtained::Declared));
    }
    if !considerations.is_empty() {
        ways.push(("modelCard.considerations", Obtained::Declared));
    }
    if facts.emissions.is_some() {
        let energy = "modelCard.considerations.environmentalConsiderations.energyConsumptions";
        ways.push((energy, Obtained::Imported));
    }
    let mut properties = properties(&readme);
    if facts.spec.aibom.is_some() {
        properties.extend(aibom::of_card(facts));
    }
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
    let approach = facts.spec.model.identity.approach.map(|approach| Approach { kind: approach.as_str() });
    if approach.is_some() {
        ways.push(("modelCard.modelParameters.approach", Obtained::Declared));
    }
    let (inputs, outputs) = ports(facts, task.as_deref(), ways);
    ModelParameters {
        approach,
        task,
        architecture_family: family(facts.weights),
        model_architecture: architecture(facts.weights),
        datasets: facts.datasets.iter().map(reference).collect(),
        inputs,
        outputs,
    }
}

/// Returns the family of the architecture: configuration before weights.
pub(super) fn family(facts: &ModelFacts) -> Option<String> {
    let stated = facts.config.as_ref().and_then(|config| config.model_type.clone());
    stated.or_else(|| facts.first(|file| (file.format == "gguf").then(|| file.architecture.clone())?))
}

/// Returns the architecture: configuration before weights.
pub(super) fn architecture(facts: &ModelFacts) -> Option<String> {
    let stated = facts.config.as_ref().and_then(|config| config.architectures.first().cloned());
    stated.or_else(|| facts.first(|file| (file.format != "gguf").then(|| file.architecture.clone())?))
}

/// Returns the first file that states inputs: a graph.
pub(super) fn graph(facts: &ModelFacts) -> Option<&FileFacts> {
    facts.files.values().find(|file| !file.inputs.is_empty())
}

/// A graph states its inputs and outputs. Else the release file does, or they follow from the task.
fn ports(facts: &Facts<'_>, task: Option<&str>, ways: &mut Vec<(&'static str, Obtained)>) -> (Vec<Port>, Vec<Port>) {
    let port = |format: &String| Port { format: format.clone() };
    if let Some(file) = graph(facts.weights) {
        return (file.inputs.iter().map(port).collect(), file.outputs.iter().map(port).collect());
    }
    let declared = &facts.spec.model.identity;
    let (inputs, outputs) = (&declared.inputs, &declared.outputs);
    let fields = [("modelCard.modelParameters.inputs", inputs), ("modelCard.modelParameters.outputs", outputs)];
    if fields.iter().any(|(_, words)| !words.is_empty()) {
        let there = fields.iter().filter(|(_, words)| !words.is_empty());
        ways.extend(there.map(|(field, _)| (*field, Obtained::Declared)));
        return (inputs.iter().map(port).collect(), outputs.iter().map(port).collect());
    }
    let Some(ports) = ports_of_task(task) else { return (Vec::new(), Vec::new()) };
    ways.push(("modelCard.modelParameters.inputs", Obtained::Inferred));
    ways.push(("modelCard.modelParameters.outputs", Obtained::Inferred));
    ports
}

/// Returns the inputs and outputs that follow from a task.
pub(super) fn ports_of_task(task: Option<&str>) -> Option<(Vec<Port>, Vec<Port>)> {
    let (_, inputs, outputs) = PORTS.iter().find(|(name, _, _)| Some(*name) == task)?;
    let ports = |words: &[&str]| words.iter().map(|word| Port { format: (*word).to_owned() }).collect();
    Some((ports(inputs), ports(outputs)))
}

/// States metrics as the card has them.
pub(super) fn analysis(metrics: &[Metric]) -> Option<QuantitativeAnalysis> {
    let metric = |metric: &Metric| PerformanceMetric {
        kind: metric.name.clone(),
        value: metric.value.clone(),
        slice: metric.dataset.clone(),
        confidence_interval: None,
    };
    (!metrics.is_empty()).then(|| QuantitativeAnalysis { performance_metrics: metrics.iter().map(metric).collect() })
}

/// What the training cost, in the words of CycloneDX, which wants to know of whom the energy was.
fn energy(emissions: &Emissions, spec: &EnergySpec) -> EnergyConsumption {
    let measure = Measure { value: emissions.energy.clone(), unit: "kWh" };
    EnergyConsumption {
        activity: "training",
        energy_providers: vec![EnergyProvider {
            organization: Supplier { name: spec.provider.clone().unwrap_or_else(|| "unknown".to_owned()) },
            energy_source: spec.source.as_str(),
            energy_provided: measure.clone(),
        }],
        activity_energy_cost: measure,
        co2_cost_equivalent: emissions.carbon.clone().map(|value| Measure { value, unit: "tCO2eq" }),
    }
}

/// Says what the card knows of emissions.
pub(super) fn emitted(readme: &Card) -> impl Iterator<Item = Property> {
    let grams = |grams: &String| Property { name: "assaymark:co2eqGrams".to_owned(), value: grams.clone() };
    readme.emissions.iter().map(grams)
}

fn environment(readme: &Card, facts: &Facts<'_>) -> Option<EnvironmentalConsiderations> {
    let source = |emissions: &Emissions| Property {
        name: "assaymark:source".to_owned(),
        value: format!("{} sha256:{}", emissions.file, emissions.digest),
    };
    let said = EnvironmentalConsiderations {
        energy_consumptions: facts.emissions.iter().map(|one| energy(one, &facts.spec.training.energy)).collect(),
        properties: emitted(readme).chain(facts.emissions.map(source)).collect(),
    };
    (said != EnvironmentalConsiderations::default()).then_some(said)
}

fn considerations(readme: &Card, facts: &Facts<'_>) -> Considerations {
    Considerations {
        users: readme.users.clone(),
        use_cases: readme.use_cases.clone(),
        technical_limitations: readme.limitations.clone(),
        ethical_considerations: risks(readme),
        environmental_considerations: environment(readme, facts),
        ..Considerations::default()
    }
}

/// Names whom the model may harm, as the card does.
pub(super) fn risks(readme: &Card) -> Vec<Risk> {
    readme.ethics.iter().map(|name| Risk { name: name.clone(), mitigation_strategy: None }).collect()
}

/// Says what of the card has no field of its own.
pub(super) fn properties(readme: &Card) -> Vec<Property> {
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
