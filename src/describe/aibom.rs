//! What OWASP's AIBOM generator scores, under its names: mostly what the document says elsewhere, and what CycloneDX has no
//! field for. Nothing is said here that no file and no flag says.

use crate::card::{Card, Metric};
use crate::cyclonedx::{OBTAINED_PROPERTY, Property};
use crate::facts::Facts;
use crate::obtained::Obtained;
use crate::release::{AibomSpec, DatasetSpec};

/// How the generator names what it looks for in the properties of a model card.
pub(super) const OF_CARD: &str = "genai:aibom:modelcard:";

/// What of it the card alone gives.
pub(super) const EXPLAINABILITY: &str = "modelCardExplainability";

/// A value, and how it was obtained.
pub(super) type Stated = Option<(String, Obtained)>;

/// Says of the release what the generator looks for among the properties of `metadata`.
pub(super) fn of_metadata(facts: &Facts<'_>, spec: &AibomSpec) -> Vec<Property> {
    let none = Card::default();
    let card = facts.weights.card.as_ref().unwrap_or(&none);
    let said = |text: &Option<String>| text.clone().map(|text| (text, Obtained::Declared));
    let [intended_use, safety, training, application, metric, preprocessing] = from_card(card);
    let energy = facts.emissions.map(|emissions| emissions.energy.to_string());
    let stated: [(&str, Stated); 15] = [
        ("primaryPurpose", said(&facts.spec.model.task.clone().or_else(|| card.task.clone()))),
        ("suppliedBy", said(&facts.spec.supplier)),
        ("standardCompliance", (!spec.standards.is_empty()).then(|| (spec.standards.join("; "), Obtained::Declared))),
        ("domain", said(&spec.domain)),
        ("autonomyType", said(&spec.autonomy)),
        intended_use,
        safety,
        ("energyQuantity", energy.clone().map(|kwh| (kwh, Obtained::Imported))),
        ("energyUnit", energy.map(|_| ("kWh".to_owned(), Obtained::Imported))),
        training,
        application,
        metric,
        ("metricDecisionThreshold", said(&spec.decision_threshold)),
        preprocessing,
        ("useSensitivePersonalInformation", sensitive(facts)),
    ];
    properties(stated)
}

/// Says what of this the card of the model alone gives.
pub(super) fn from_card(card: &Card) -> [(&'static str, Stated); 6] {
    let said = |text: &Option<String>| text.clone().map(|text| (text, Obtained::Declared));
    let uses = (!card.use_cases.is_empty()).then(|| (card.use_cases.join(" "), Obtained::Declared));
    [
        ("intendedUse", uses),
        ("safetyRiskAssessment", said(&card.safety)),
        ("informationAboutTraining", said(&card.training)),
        ("informationAboutApplication", said(&card.application)),
        ("metric", metrics(&card.metrics)),
        ("modelDataPreprocessing", said(&card.preprocessing)),
    ]
}

/// Says of the model what the generator looks for among the properties of its card.
pub(super) fn of_card(facts: &Facts<'_>) -> Vec<Property> {
    let chosen = facts.spec.training.parameters.iter().map(|(name, value)| format!("{name}={value}"));
    let chosen: Vec<String> = chosen.collect();
    let card = facts.weights.card.as_ref();
    let stated = [
        ("hyperparameter", (!chosen.is_empty()).then(|| chosen.join(" "))),
        (EXPLAINABILITY, card.and_then(|card| card.explainability.clone())),
    ];
    let there = stated.into_iter().filter_map(|(name, value)| Some((name, value?)));
    there.map(|(name, value)| Property { name: format!("{OF_CARD}{name}"), value }).collect()
}

/// Names metrics with their values and data.
fn metrics(metrics: &[Metric]) -> Stated {
    let one = |metric: &Metric| {
        let on = metric.dataset.as_ref().map(|dataset| format!(" on {dataset}")).unwrap_or_default();
        format!("{} {}{on}", metric.name, metric.value)
    };
    let all: Vec<String> = metrics.iter().map(one).collect();
    (!all.is_empty()).then(|| (all.join("; "), Obtained::Declared))
}

/// Names the sensitive data of every dataset. Where one says nothing of it, and no other has any, nobody knows.
fn sensitive(facts: &Facts<'_>) -> Stated {
    let specs: Vec<&DatasetSpec> = facts.datasets.iter().map(|dataset| &dataset.spec).collect();
    let said = specs.iter().filter_map(|spec| Some((spec.name.as_str(), spec.notice.sensitive.as_ref()?)));
    let one = |(name, kinds): (&str, &Vec<String>)| {
        if kinds.is_empty() { format!("{name}: none") } else { format!("{name}: {}", kinds.join(", ")) }
    };
    let any = specs.iter().any(|spec| spec.notice.sensitive.as_ref().is_some_and(|kinds| !kinds.is_empty()));
    let all = !specs.is_empty() && specs.iter().all(|spec| spec.notice.sensitive.is_some());
    (any || all).then(|| (said.map(one).collect::<Vec<_>>().join("; "), Obtained::Declared))
}

/// Makes a property of each value that there is, and one that says how it was obtained.
fn properties(stated: impl IntoIterator<Item = (&'static str, Stated)>) -> Vec<Property> {
    let there = stated.into_iter().filter_map(|(name, stated)| Some((name, stated?)));
    let both = there.flat_map(|(name, (value, way))| {
        let said = Property { name: name.to_owned(), value };
        [said, Property { name: format!("{OBTAINED_PROPERTY}:{name}"), value: way.as_str().to_owned() }]
    });
    both.collect()
}
