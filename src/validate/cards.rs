//! What a document of our own takes from READMEs, against what they say when they are read again.

use serde_json::{Value, json};

use crate::card::{Card, is_card};
use crate::cyclonedx::{Hash, OBTAINED_PROPERTY, Property};
use crate::describe::given::{self, Given};
use crate::describe::stated;
use crate::facts::ModelFacts;
use crate::inventory::Inventory;
use crate::obtained::Obtained;
use crate::reference::Reference;
use crate::release::BaseSpec;
use crate::validate::Examination;
use crate::validate::component::Placed;

impl Examination<'_> {
    /// Compares the fields that a card gives where a release file says nothing: they are so if, and only if, the document
    /// names the card as their source.
    pub(super) fn given(&mut self, component: &Placed<'_>, given: &[Given]) {
        for one in given {
            let Property { name, value: card } = one.property();
            let source = component.properties(&name).next();
            let elsewhere = one.elsewhere(component.value);
            let found = Some(&one.value).filter(|value| !value.is_null());
            match (source, elsewhere) {
                (Some((pointer, said)), _) if said != card => {
                    self.other_fact(pointer, Some(&json!(said)), elsewhere.is_none().then(|| json!(card)).as_ref());
                }
                (Some(_), Some(place)) => {
                    let said = component.value.pointer(place);
                    self.other_fact(format!("{}{place}", component.pointer), said, found);
                }
                (None, None) if found.is_some() => {
                    let property = json!({"name": name, "value": card});
                    self.other_fact(component.pointer.clone(), None, Some(&property));
                }
                _ => {}
            }
        }
    }

    /// Compares what the card of a model says that stands in no field of its own, and nowhere else.
    pub(super) fn model_card(
        &mut self,
        document: &Value,
        model: &Placed<'_>,
        facts: &ModelFacts,
        inventory: &Inventory,
    ) {
        let card = facts.card.clone().unwrap_or_default();
        self.given(model, &given::of_model(&card));
        self.sources(model, &card);
        self.card_reference(model, inventory);
        self.ancestors(document, model, facts);
        self.ports(model, facts);
        let place = "/modelCard/considerations/environmentalConsiderations";
        let said = model.value.pointer(place).unwrap_or(&Value::Null);
        let said = Placed { pointer: format!("{}{place}", model.pointer), value: said };
        self.properties(&said, &stated::emissions(&card));
        self.aibom(document, model, &card);
    }

    /// Compares the addresses of the list of sources.
    fn sources(&mut self, model: &Placed<'_>, card: &Card) {
        for (kind, found) in stated::sources(card) {
            let said = reference(model, kind);
            let place = said.map_or_else(String::new, |(index, _)| format!("/externalReferences/{index}/url"));
            let said = said.and_then(|(_, reference)| reference.get("url"));
            let found = found.map(Value::from);
            if said != found.as_ref() {
                self.other_fact(format!("{}{place}", model.pointer), said, found.as_ref());
            }
        }
    }

    /// Compares the reference to the card itself, which a model has that says where it is kept.
    fn card_reference(&mut self, model: &Placed<'_>, inventory: &Inventory) {
        let kept = reference(model, "distribution").is_some();
        let readme = inventory.entries().iter().find(|entry| kept && is_card(&entry.path));
        let found = readme.map(
            |entry| json!({"type": "model-card", "url": entry.path.as_str(), "hashes": [Hash::sha256(entry.digest)]}),
        );
        let said = reference(model, "model-card");
        let place = said.map_or_else(String::new, |(index, _)| format!("/externalReferences/{index}"));
        let said = said.map(|(_, reference)| reference);
        if said != found.as_ref() {
            self.other_fact(format!("{}{place}", model.pointer), said, found.as_ref());
        }
    }

    /// Compares the base models that files of the model alone name. They stand behind those of the release file, which are
    /// components too.
    fn ancestors(&mut self, document: &Value, model: &Placed<'_>, facts: &ModelFacts) {
        let components = document.get("components").and_then(Value::as_array).into_iter().flatten();
        let bases: Vec<BaseSpec> = components.filter_map(base).collect();
        let found = stated::ancestors(facts, &bases);
        let said = model.value.pointer("/pedigree/ancestors").and_then(Value::as_array);
        let said: Vec<(usize, &Value)> = said.into_iter().flatten().enumerate().skip(bases.len()).collect();
        for index in 0..said.len().max(found.len()) {
            let (said, found) = (said.get(index), found.get(index));
            if said.map(|(_, value)| *value) != found {
                let place = said.map_or_else(String::new, |(index, _)| format!("/pedigree/ancestors/{index}"));
                self.other_fact(format!("{}{place}", model.pointer), said.map(|(_, value)| *value), found);
            }
        }
    }

    /// Compares inputs and outputs that are said to follow from the task.
    fn ports(&mut self, model: &Placed<'_>, facts: &ModelFacts) {
        let task = model.value.pointer("/modelCard/modelParameters/task").and_then(Value::as_str);
        for (field, found) in stated::inferred_ports(facts, task) {
            let way = format!("{OBTAINED_PROPERTY}:modelCard.modelParameters.{field}");
            let mut said_so = model.properties(&way);
            if said_so.all(|(_, way)| way != Obtained::Inferred.as_str()) {
                continue;
            }
            let place = format!("/modelCard/modelParameters/{field}");
            let said = model.value.pointer(&place);
            let found = Some(&found).filter(|found| !found.is_null());
            if said != found {
                self.other_fact(format!("{}{place}", model.pointer), said, found);
            }
        }
    }

    /// Compares what stands under the names of OWASP's list and comes from the card, if the document has those names.
    fn aibom(&mut self, document: &Value, model: &Placed<'_>, card: &Card) {
        let metadata = document.get("metadata").unwrap_or(&Value::Null);
        let metadata = Placed { pointer: "/metadata".to_owned(), value: metadata };
        let model_card = model.value.get("modelCard").unwrap_or(&Value::Null);
        let model_card = Placed { pointer: format!("{}/modelCard", model.pointer), value: model_card };
        let has = |placed: &Placed<'_>, start: &str| {
            let properties = placed.value.get("properties").and_then(Value::as_array).into_iter().flatten();
            properties.filter_map(|one| one.get("name")?.as_str()).any(|name| name.starts_with(start))
        };
        if !has(&metadata, "assaymark:obtained:") && !has(&model_card, "genai:aibom:") {
            return;
        }
        let [of_metadata, of_card] = stated::owasp(card);
        self.named(&metadata, &of_metadata);
        self.named(&model_card, &of_card);
    }

    /// Compares properties by their names, each of which stands once or not at all.
    fn named(&mut self, component: &Placed<'_>, found: &[(String, Option<String>)]) {
        for (name, found) in found {
            let said: Vec<_> = component.properties(name).collect();
            let place = said.first().map_or_else(|| component.pointer.clone(), |(place, _)| format!("{place}/value"));
            let said: Vec<&str> = said.into_iter().map(|(_, value)| value).collect();
            let found: Vec<&str> = found.as_deref().into_iter().collect();
            if said != found {
                let value = |texts: &[&str]| texts.first().map(|text| Value::from(*text));
                self.other_fact(place, value(&said).as_ref(), value(&found).as_ref());
            }
        }
    }
}

/// Returns the first reference of a kind, with its index.
fn reference<'d>(component: &Placed<'d>, kind: &str) -> Option<(usize, &'d Value)> {
    let references = component.value.get("externalReferences").and_then(Value::as_array)?;
    references.iter().enumerate().find(|(_, one)| one.get("type").and_then(Value::as_str) == Some(kind))
}

/// Returns a base model of the release file, as far as its name and place matter.
fn base(component: &Value) -> Option<BaseSpec> {
    let Ok(Reference::Base(name)) = component.get("bom-ref")?.as_str()?.parse() else { return None };
    let uri = component.get("purl").and_then(Value::as_str).map(str::to_owned);
    Some(BaseSpec { name, uri, license: None, digest: None, bundle: None, verified: None })
}
