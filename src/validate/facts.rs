//! What a document of our own says of weights, configuration, card and data, against what the files say when they are read
//! again. Documents of others have their own words for it, which nobody compares.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::cyclonedx::{Fault as Told, MODEL_REF, Property, ROOT_PROPERTY};
use crate::dataset::Contents;
use crate::describe::{given, stated};
use crate::digest::ArtifactDigest;
use crate::facts::{ModelFacts, Size};
use crate::inventory::Inventory;
use crate::oms;
use crate::path::TreePath;
use crate::validate::component::Placed;
use crate::validate::remade::difference;
use crate::validate::{Check, Examination, Level};

/// How the names of our properties begin.
const OWN: &str = "assaymark:";

impl Examination<'_> {
    /// Compares what is said of the model and of its files.
    pub(super) fn model_facts(
        &mut self,
        document: &Value,
        all: &[Placed<'_>],
        facts: &ModelFacts,
        inventory: &Inventory,
    ) {
        let model = all.iter().find(|one| one.text("bom-ref") == Some(MODEL_REF));
        let model = model.or_else(|| all.iter().find(|one| one.is("machine-learning-model")));
        let Some(model) = model.filter(|_| is_ours(all)) else { return };
        let found = stated::of_model(facts, inventory.digest(), Size::from(inventory));
        for (place, found) in &found.fields {
            let said = model.value.pointer(place);
            let found = Some(found).filter(|found| !found.is_null());
            if said != found {
                self.other_fact(format!("{}{place}", model.pointer), said, found);
            }
        }
        self.root(model, inventory);
        self.model_card(document, model, facts, inventory);
        self.properties(model, &found.properties);
        if let Some(value) = model.value.get("modelCard") {
            self.properties(&Placed { pointer: format!("{}/modelCard", model.pointer), value }, &found.card);
        }
        for file in model.files() {
            let facts = TreePath::new(file.name()).ok().and_then(|path| facts.files.get(&path));
            self.properties(&file, &facts.map(stated::of_file).unwrap_or_default());
        }
    }

    /// Compares the root of the model signature, which a folder has.
    fn root(&mut self, model: &Placed<'_>, inventory: &Inventory) {
        let found = matches!(inventory.digest(), ArtifactDigest::Tree(_));
        let found = found.then(|| Value::from(oms::root(inventory.entries()).to_string()));
        let said = model.properties(ROOT_PROPERTY).next();
        let place = said.as_ref().map_or_else(|| model.pointer.clone(), |(place, _)| place.clone());
        let said = said.map(|(_, value)| Value::from(value));
        if said != found {
            self.other_fact(place, said.as_ref(), found.as_ref());
        }
    }

    /// Compares what is said of a dataset.
    pub(super) fn dataset_facts(
        &mut self,
        all: &[Placed<'_>],
        of: impl Fn(&&Placed<'_>) -> bool,
        contents: &Contents,
        inventory: &Inventory,
    ) {
        let found = stated::of_dataset(contents, Size::from(inventory));
        for component in all.iter().filter(|_| is_ours(all)).filter(of) {
            self.properties(component, &found);
            self.given(component, &given::of_dataset(&contents.card.clone().unwrap_or_default()));
        }
    }

    /// Compares the properties that follow from files: of each name, what stands first with what stands first.
    pub(super) fn properties(&mut self, component: &Placed<'_>, found: &[Property]) {
        let mut said: BTreeMap<&str, Vec<(String, &Value)>> = BTreeMap::new();
        let list = component.value.get("properties").and_then(Value::as_array).into_iter().flatten().enumerate();
        for (index, property) in list {
            let name = property.get("name").and_then(Value::as_str).filter(|name| stated::is_stated(name));
            if let (Some(name), Some(value)) = (name, property.get("value")) {
                said.entry(name).or_default().push((format!("{}/properties/{index}/value", component.pointer), value));
            }
        }
        let mut given: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for property in found {
            given.entry(&property.name).or_default().push(property.value.as_str().into());
        }
        let names: BTreeSet<&str> = said.keys().chain(given.keys()).copied().collect();
        for name in names {
            let (said, given) = (said.remove(name).unwrap_or_default(), given.remove(name).unwrap_or_default());
            for index in 0..said.len().max(given.len()) {
                let (said, given) = (said.get(index), given.get(index));
                if said.map(|(_, value)| *value) != given {
                    let place = said.map_or_else(|| component.pointer.clone(), |(place, _)| place.clone());
                    self.other_fact(place, said.map(|(_, value)| *value), given);
                }
            }
        }
    }

    pub(super) fn other_fact(&mut self, place: String, said: Option<&Value>, found: Option<&Value>) {
        self.object(Check::FactDiffers, Level::Error, Told::new(place, difference(said, found)));
    }
}

/// Says whether a document has words of ours, anywhere: whoever edits some of them hides nothing.
pub(super) fn is_ours(all: &[Placed<'_>]) -> bool {
    let has = |one: &Placed<'_>| {
        let mut properties = one.value.get("properties").and_then(Value::as_array).into_iter().flatten();
        properties
            .any(|property| property.get("name").and_then(Value::as_str).is_some_and(|name| name.starts_with(OWN)))
    };
    all.iter().any(has)
}
