//! What files alone say, whatever a release file says: by this a document is held against the bytes that it is about.

use serde_json::{Value, json};

use crate::card::Card;
use crate::cyclonedx::{Component, ComponentType, Property};
use crate::dataset::Contents;
use crate::describe::bom::sized;
use crate::describe::{aibom, base, card, datasets, model, weights};
use crate::digest::ArtifactDigest;
use crate::facts::{ModelFacts, Size};
use crate::release::BaseSpec;
use crate::weights::FileFacts;

/// The properties of components that follow from files, without their prefix; those that end in `:` are many.
const NAMES: [&str; 35] = [
    "architecture",
    "bytes",
    "card:",
    "chatTemplate",
    "class",
    "classes",
    "co2eqGrams",
    "column",
    "columns",
    "contextLength",
    "declaredType",
    "externalData",
    "files",
    "format",
    "formatVersion",
    "hiddenSize",
    "largestTensor",
    "layers",
    "metadata:",
    "parameters",
    "producer",
    "quantisation",
    "rows",
    "tensors",
    "tokenizer",
    "tokenizerLongest",
    "transformersVersion",
    "types",
    "vocabularySize",
    "weightFiles",
    "languages",
    "library",
    "namedDatasets",
    "training",
    "trainingData",
];

/// Whether somebody said that the first rows of CSV name its columns, or that they don't.
pub const HEADER_PROPERTY: &str = "assaymark:header";

/// What a dataset was used for.
pub const ROLE_PROPERTY: &str = "assaymark:role";
/// A tag of the commit of the code.
pub const TAG_PROPERTY: &str = "assaymark:git-tag";
/// With what a dataset has nothing in common, and by what that is known.
pub const DISJOINT_PROPERTY: &str = "assaymark:disjoint";

/// What the files of a model say of it.
pub struct Stated {
    /// Places in its component with the values there; null where nothing stands.
    pub fields: Vec<(&'static str, Value)>,
    /// Its properties.
    pub properties: Vec<Property>,
    /// The properties of its card.
    pub card: Vec<Property>,
}

/// Says whether the property of a component follows from files.
pub fn is_stated(property: &str) -> bool {
    let Some(name) = property.strip_prefix("assaymark:") else { return false };
    NAMES.iter().any(|known| *known == name || known.ends_with(':') && name.starts_with(known))
}

/// Returns what the files of a model say.
pub fn of_model(facts: &ModelFacts, digest: ArtifactDigest, size: Size) -> Stated {
    let component = sized(Component::new(ComponentType::MachineLearningModel, ""), size);
    let component = match (digest, facts.files.first_key_value()) {
        (ArtifactDigest::File(_), Some((_, file))) => weights::of_file(component, file),
        _ => weights::of_model(component, facts),
    };
    let readme = facts.card.clone().unwrap_or_default();
    let written = card::complete(Component::new(ComponentType::MachineLearningModel, ""), facts);
    let list = |texts: &[String]| if texts.is_empty() { Value::Null } else { json!(texts) };
    let authors = if written.authors.is_empty() { Value::Null } else { json!(written.authors) };
    let risks = if readme.ethics.is_empty() { Value::Null } else { json!(card::risks(&readme)) };
    let mut fields = vec![
        ("/description", json!(written.description)),
        ("/authors", authors),
        ("/tags", list(&written.tags)),
        ("/modelCard/modelParameters/architectureFamily", json!(card::family(facts))),
        ("/modelCard/modelParameters/modelArchitecture", json!(card::architecture(facts))),
        ("/modelCard/quantitativeAnalysis", json!(card::analysis(&readme.metrics))),
        ("/modelCard/considerations/users", list(&readme.users)),
        ("/modelCard/considerations/useCases", list(&readme.use_cases)),
        ("/modelCard/considerations/technicalLimitations", list(&readme.limitations)),
        ("/modelCard/considerations/ethicalConsiderations", risks),
    ];
    // Where there is no graph, the release file names them, or the task does.
    if let Some(graph) = card::graph(facts) {
        let ports = |names: &[String]| names.iter().map(|name| json!({"format": name})).collect::<Value>();
        fields.push(("/modelCard/modelParameters/inputs", ports(&graph.inputs)));
        if !graph.outputs.is_empty() {
            fields.push(("/modelCard/modelParameters/outputs", ports(&graph.outputs)));
        }
    }
    Stated { fields, properties: component.properties, card: card::properties(&readme) }
}

/// Returns what the list of sources of a card says, by the kinds of references.
pub fn sources(card: &Card) -> [(&'static str, Option<String>); 3] {
    model::by_kind(card.sources.clone())
}

/// Returns the properties of emissions.
pub fn emissions(card: &Card) -> Vec<Property> {
    card::emitted(card).collect()
}

/// Returns the ancestors that files of the model alone name.
pub fn ancestors(facts: &ModelFacts, stated: &[BaseSpec]) -> Vec<Value> {
    base::of_files(facts, stated).iter().map(|ancestor| json!(ancestor)).collect()
}

/// Returns inputs and outputs that follow from a task, where no graph states them.
pub fn inferred_ports(facts: &ModelFacts, task: Option<&str>) -> [(&'static str, Value); 2] {
    let ports = card::ports_of_task(task).filter(|_| card::graph(facts).is_none());
    let (inputs, outputs) =
        ports.map_or((Value::Null, Value::Null), |(inputs, outputs)| (json!(inputs), json!(outputs)));
    [("inputs", inputs), ("outputs", outputs)]
}

/// Returns what stands under names of OWASP's list and comes from a card: among the properties of `metadata`, and among those
/// of the card of the model.
pub fn owasp(card: &Card) -> [Vec<(String, Option<String>)>; 2] {
    let of_metadata = aibom::from_card(card).map(|(name, stated)| (name.to_owned(), stated.map(|(text, _)| text)));
    let of_card = format!("{}{}", aibom::OF_CARD, aibom::EXPLAINABILITY);
    [of_metadata.to_vec(), vec![(of_card, card.explainability.clone())]]
}

/// Returns the properties that a file of weights gives its component.
pub fn of_file(facts: &FileFacts) -> Vec<Property> {
    weights::of_file(Component::new(ComponentType::File, ""), facts).properties
}

/// Returns the properties that the files of a dataset give its component.
pub fn of_dataset(contents: &Contents, size: Size) -> Vec<Property> {
    let component = datasets::filled(Component::new(ComponentType::Data, ""), contents);
    sized(component, size).properties.into_iter().filter(|property| is_stated(&property.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_property_of_a_file_is_known() {
        let facts = FileFacts {
            version: Some("1".to_owned()),
            tensors: Some(1),
            elements: [("F32".to_owned(), 2)].into(),
            largest: Some(("w".to_owned(), vec![2])),
            architecture: Some("a".to_owned()),
            quantisation: Some("q".to_owned()),
            context_length: Some(3),
            producer: Some("p".to_owned()),
            chat_template: Some(crate::digest::Digest::of(b"")),
            external: [("x".to_owned(), 0)].into(),
            metadata: [("k".to_owned(), "v".to_owned())].into(),
            ..FileFacts::new("safetensors")
        };
        let properties = of_file(&facts);
        assert_eq!(properties.len(), 13);
        for Property { name, .. } in properties {
            assert!(is_stated(&name), "{name}");
        }
        assert!(!is_stated("assaymark:obtained") && !is_stated("assaymark:role") && !is_stated("format"));
    }
}
