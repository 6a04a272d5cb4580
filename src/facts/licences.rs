//! Where a card has other licences than the release file: whoever reads only one of the two is wronged.

use std::collections::BTreeSet;

use crate::card::Card;
use crate::dataset::Contents;
use crate::finding::{Code, Finding, Place, Tree};
use crate::release::{DatasetSpec, LicenseExpression, ReleaseSpec};

/// Finds a model whose card has other licences than its release.
pub(super) fn of_model(spec: &ReleaseSpec, card: Option<&Card>, file: &str) -> Option<Finding> {
    let (declared, card) = (spec.license.as_ref()?, card?);
    let of_card = other(declared, &card.licenses)?;
    let named = card.license_name.as_ref().filter(|_| of_card.contains("other"));
    let of_card = named.map_or_else(|| of_card.clone(), |name| format!("{of_card}, {name}"));
    let summary = format!("the model card is under `{of_card}`, and the release under `{declared}`");
    Some(finding(Place::file(&Tree::Model, file), summary, declared, of_card, "the release"))
}

/// Finds a dataset whose card has other licences than the release file gives it.
pub fn other_licence(spec: &DatasetSpec, contents: &Contents) -> Option<Finding> {
    let declared = spec.license.as_ref()?;
    let of_card = other(declared, &contents.card.as_ref()?.licenses)?;
    let summary = format!("the card of the dataset is under `{of_card}`, and the release file says `{declared}`");
    let file = contents.card_file.as_deref().unwrap_or_default();
    let place = Place::file(&Tree::Dataset(spec.name.clone()), file);
    Some(finding(place, summary, declared, of_card, "the release file"))
}

fn finding(place: Place, summary: String, declared: &LicenseExpression, of_card: String, file: &str) -> Finding {
    let help = format!(
        "correct the card or {file}: both would be published; what SPDX does not list is a `LicenseRef-…` in {file}"
    );
    let finding = Finding::deny(Code::DeclaredContradicted, place, summary);
    finding.expected(declared.to_string()).found(of_card).help(help)
}

/// Returns the licences of a card if they are not those that are declared. A word that SPDX does not list is a licence too,
/// and can only be what a `LicenseRef-…` names.
fn other(declared: &LicenseExpression, words: &[String]) -> Option<String> {
    let read = |word: &String| LicenseExpression::of_card(word).or_else(|| word.parse().ok());
    let of_word = |word: &String| read(word).map_or_else(|| BTreeSet::from([None]), |known| known.families());
    let of_card: BTreeSet<Option<String>> = words.iter().flat_map(of_word).collect();
    let shown = |word: &String| read(word).map_or_else(|| word.clone(), |known| known.to_string());
    (!words.is_empty() && of_card != declared.families())
        .then(|| words.iter().map(shown).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_licence_of_a_card_is_compared() {
        for (declared, words, expected) in [
            ("MIT", "mit", None),
            ("MIT", "MIT", None),
            ("MIT OR Apache-2.0", "mit apache-2.0", None),
            ("MIT AND CC-BY-NC-4.0", "cc-by-nc-4.0 mit", None),
            ("GPL-3.0-only", "gpl-3.0", None),
            ("GPL-3.0-or-later", "gpl-3.0", None),
            ("ODbL-1.0", "odbl", None),
            ("LicenseRef-Llama-2", "llama2", None),
            ("MIT OR LicenseRef-Own", "other mit", None),
            ("MIT", "", None),
            ("MIT", "apache-2.0", Some("Apache-2.0")),
            ("MIT", "llama2", Some("llama2")),
            ("MIT", "other", Some("other")),
            ("MIT", "mit cc-by-nc-4.0", Some("MIT, CC-BY-NC-4.0")),
            ("MIT", "cc-by-nc-4.0 mit", Some("CC-BY-NC-4.0, MIT")),
            ("MIT", "mit other", Some("MIT, other")),
            ("MIT", "other mit", Some("other, MIT")),
            ("MIT OR CC-BY-NC-4.0", "cc-by-nc-4.0", Some("CC-BY-NC-4.0")),
            ("LicenseRef-Own", "mit", Some("MIT")),
            ("AGPL-3.0-only", "gpl-3.0", Some("GPL-3.0-only")),
        ] {
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            let found = other(&declared.parse().unwrap(), &words);
            assert_eq!(found.as_deref(), expected, "{declared}: {words:?}");
        }
        let expression = "MIT OR Apache-2.0";
        assert_eq!(other(&expression.parse().unwrap(), &[expression.to_owned()]), None);
    }
}
