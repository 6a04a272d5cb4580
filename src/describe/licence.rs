//! The licence of a model card.

use crate::card::{Card, address};
use crate::cyclonedx::License;
use crate::cyclonedx::component::LicenseName;
use crate::release::LicenseExpression;

/// States a licence by the word that a card has for it.
pub(super) fn of_word(word: &str) -> License {
    match LicenseExpression::of_card(word) {
        Some(known) => known.to_cyclonedx(),
        None => License::named(LicenseName::Name(word.to_owned())),
    }
}

/// States the licence of a card: by its SPDX identifier, else by the name that the card has for it. A licence that the
/// list of SPDX does not have is never taken for one that it has.
pub(super) fn of_card(card: &Card) -> Option<License> {
    let word = card.license.as_deref()?;
    if let Some(known) = LicenseExpression::of_card(word) {
        return Some(known.to_cyclonedx());
    }
    let name = card.license_name.as_deref().unwrap_or(word);
    let mut license = License::named(LicenseName::Name(name.to_owned()));
    if let License::License { license } = &mut license {
        license.url = card.license_link.clone().filter(|link| address::is_plain(link));
    }
    Some(license)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn license(word: &str, name: Option<&str>) -> serde_json::Value {
        let card = Card { license: Some(word.to_owned()), license_name: name.map(str::to_owned), ..Card::default() };
        serde_json::to_value(of_card(&card).unwrap()).unwrap()
    }

    #[test]
    fn unknown_is_never_an_identifier() {
        assert_eq!(license("mit", None), json!({"license": {"id": "MIT", "acknowledgement": "declared"}}));
        for (word, name) in [("other", Some("my-own")), ("unknown", None), ("llama3", None)] {
            let expected = name.unwrap_or(word);
            assert_eq!(license(word, name), json!({"license": {"name": expected, "acknowledgement": "declared"}}));
        }
    }
}
