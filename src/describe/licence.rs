//! The licence of a model card.

use std::collections::BTreeSet;

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

/// States the licences by the words that a card has for them, each once.
pub(super) fn of_words(words: &[String]) -> Vec<License> {
    words.iter().collect::<BTreeSet<_>>().into_iter().map(|word| of_word(word)).collect()
}

/// States the licences of a card: by their SPDX identifiers, else by the names that the card has for them. A licence that the
/// list of SPDX does not have is never taken for one that it has. Where one alone is of no known word, the card may say
/// what it is called and where its text is.
pub(super) fn of_card(card: &Card) -> Vec<License> {
    let words: BTreeSet<&String> = card.licenses.iter().collect();
    let unknown = words.iter().filter(|word| LicenseExpression::of_card(word).is_none()).count();
    let license = |word: &&String| match LicenseExpression::of_card(word) {
        None if unknown == 1 => named_by(card, word),
        _ => of_word(word),
    };
    words.iter().map(license).collect()
}

fn named_by(card: &Card, word: &str) -> License {
    let mut license = of_word(card.license_name.as_deref().filter(|name| !is_known(name)).unwrap_or(word));
    if let License::License { license } = &mut license {
        license.url = card.license_link.clone().filter(|link| address::is_plain(link));
    }
    license
}

/// Says whether a name would be read as an identifier, which it is not.
fn is_known(name: &str) -> bool {
    LicenseExpression::of_card(name).is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn license(word: &str, name: Option<&str>) -> serde_json::Value {
        let card = Card { licenses: vec![word.to_owned()], license_name: name.map(str::to_owned), ..Card::default() };
        serde_json::to_value(of_card(&card).pop().unwrap()).unwrap()
    }

    #[test]
    fn unknown_is_never_an_identifier() {
        assert_eq!(license("mit", None), json!({"license": {"id": "MIT", "acknowledgement": "declared"}}));
        for (word, name) in [("other", Some("my-own")), ("unknown", None), ("llama3", None), ("noassertion", None)] {
            let expected = name.unwrap_or(word);
            assert_eq!(license(word, name), json!({"license": {"name": expected, "acknowledgement": "declared"}}));
        }
    }

    #[test]
    fn no_licence_of_a_card_is_left_out() {
        let licenses = ["mit", "llama2", "cc-by-nc-4.0", "mit"].map(str::to_owned).to_vec();
        let said = serde_json::to_value(of_card(&Card { licenses, ..Card::default() })).unwrap();
        let names: Vec<_> = said.as_array().unwrap().iter().map(|one| &one["license"]).collect();
        assert_eq!((names.len(), &names[0]["id"]), (3, &json!("CC-BY-NC-4.0")));
        assert_eq!((&names[1]["name"], &names[2]["id"]), (&json!("llama2"), &json!("MIT")));
        // What a licence is called is no identifier.
        assert_eq!(license("other", Some("MIT")), json!({"license": {"name": "other", "acknowledgement": "declared"}}));
    }
}
