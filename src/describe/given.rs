//! What a README gives where a release file says nothing. A document names it as the source of such a field, so that it
//! can be held against the files alone.

use serde_json::{Value, json};

use crate::card::Card;
use crate::cyclonedx::{Component, License, Property};
use crate::dataset::card::DatasetCard;
use crate::describe::licence;

/// Says what gives a field of a component; the name of the field follows.
pub const FROM_PROPERTY: &str = "assaymark:from";
/// The word for the README.
const CARD: &str = "card";

/// A field that a card may fill.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// Its name, as `assaymark:obtained` has it.
    pub field: &'static str,
    /// Where it stands in a component, each time with the same value.
    pub places: &'static [&'static str],
    /// The value of the card; null if it says nothing.
    pub value: Value,
}

impl Given {
    /// Returns the property that names the card.
    pub fn property(&self) -> Property {
        Property { name: format!("{FROM_PROPERTY}:{}", self.field), value: CARD.to_owned() }
    }

    /// Returns the first place where a component does not have the value.
    pub fn elsewhere(&self, component: &Value) -> Option<&'static str> {
        self.places.iter().copied().find(|place| component.pointer(place).unwrap_or(&Value::Null) != &self.value)
    }
}

/// Returns what the card of a model may give.
pub fn of_model(card: &Card) -> [Given; 2] {
    [
        given("licenses", &["/licenses"], licenses(&licence::of_card(card))),
        given("modelCard.modelParameters.task", &["/modelCard/modelParameters/task"], json!(card.task)),
    ]
}

/// Returns what the card of a dataset may give.
pub fn of_dataset(card: &DatasetCard) -> [Given; 3] {
    let personal = card.personal_data.as_ref().map_or(Value::Null, |words| json!([words]));
    [
        given("licenses", &["/licenses"], licenses(&licence::of_words(&card.licenses))),
        given("description", &["/description", "/data/0/description"], json!(card.description)),
        given("data.sensitiveData", &["/data/0/sensitiveData"], personal),
    ]
}

/// Names the card where a component has what it gives.
pub(super) fn marked(component: Component, given: &[Given]) -> Component {
    let written = serde_json::to_value(&component).unwrap_or_default();
    let from_card = given.iter().filter(|one| !one.value.is_null() && one.elsewhere(&written).is_none());
    let properties = from_card.map(Given::property).collect::<Vec<_>>();
    properties.into_iter().fold(component, |component, Property { name, value }| component.with_property(name, value))
}

fn given(field: &'static str, places: &'static [&'static str], value: Value) -> Given {
    Given { field, places, value }
}

fn licenses(licenses: &[License]) -> Value {
    if licenses.is_empty() { Value::Null } else { json!(licenses) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cyclonedx::ComponentType;

    #[test]
    fn a_card_is_named_where_it_gives_the_value() {
        let card = DatasetCard {
            licenses: vec!["mit".to_owned()],
            description: Some("They are short.".to_owned()),
            ..DatasetCard::default()
        };
        let component = |description: &str| Component {
            licenses: licence::of_words(&card.licenses),
            description: Some(description.to_owned()),
            ..Component::new(ComponentType::Data, "d")
        };
        let names = |component| {
            let properties = marked(component, &of_dataset(&card)).properties;
            properties.into_iter().map(|property| property.name).collect::<Vec<_>>()
        };
        // The description of a dataset stands in two places.
        assert_eq!(names(component("They are short.")), ["assaymark:from:licenses"]);
        assert_eq!(names(Component::new(ComponentType::Data, "d")), Vec::<String>::new());
    }
}
