//! How complete a bill of materials is, by the lists of others: what should be there, what is, and where what is
//! missing would go.
//!
//! One file a profile; each is a table. A score is a pure function of the document.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use element::{Element, Need};

mod ai_act;
mod cisa_2026;
mod element;
mod g7_ai;
mod ntia;
mod owasp_aibom;
mod path;

/// A list of what a bill of materials should say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Profile {
    /// What Annexes IV and XI of the EU's AI Act ask for and a document can hold.
    AiAct,
    /// The minimum elements of CISA of 2026.
    #[serde(rename = "cisa-2026")]
    Cisa2026,
    /// The minimum elements for AI of the G7 of 2026.
    G7Ai,
    /// The minimum elements of the NTIA of 2021.
    Ntia,
    /// The score of OWASP's AIBOM generator.
    OwaspAibom,
}

impl Profile {
    /// Every profile with its name.
    pub const ALL: [(&'static str, Self); 5] = [
        ("ntia", Self::Ntia),
        ("cisa-2026", Self::Cisa2026),
        ("g7-ai", Self::G7Ai),
        ("ai-act", Self::AiAct),
        ("owasp-aibom", Self::OwaspAibom),
    ];

    /// Returns its name.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, profile)| *profile == self).map_or("", |(name, _)| *name)
    }

    /// Finds a profile by its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, profile)| *profile)
    }

    /// Says whether a document that lacks something is at fault, rather than worth less.
    pub fn is_minimum(self) -> bool {
        self != Self::OwaspAibom
    }

    /// Looks how complete a document is.
    pub fn completeness(self, document: &Value) -> Completeness {
        match self {
            Self::AiAct => by_table(self, ai_act::ELEMENTS, document),
            Self::Cisa2026 => by_table(self, cisa_2026::ELEMENTS, document),
            Self::G7Ai => by_table(self, g7_ai::ELEMENTS, document),
            Self::Ntia => by_table(self, ntia::ELEMENTS, document),
            Self::OwaspAibom => owasp_aibom::completeness(document),
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How complete a document is.
#[derive(Clone, Debug, PartialEq)]
pub struct Completeness {
    /// By which list.
    pub profile: Profile,
    /// From 0 to 100, with one decimal.
    pub score: f64,
    /// How many elements count.
    pub counted: usize,
    /// How many of them are there.
    pub present: usize,
    /// What is missing.
    pub missing: Vec<Missing>,
}

/// An element that is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Missing {
    /// What.
    pub element: &'static str,
    /// The part of the list in which it stands.
    pub group: &'static str,
    /// Where it would go.
    pub place: &'static str,
    /// Whether it lowers the score.
    pub counted: bool,
    /// The components that lack it, by their JSON Pointers, unless it is one of the whole document.
    pub of: Vec<String>,
}

/// Gives each element that counts the same weight.
fn by_table(profile: Profile, elements: &[Element], document: &Value) -> Completeness {
    let subjects = element::Subjects::of(document);
    let counted = elements.iter().filter(|element| element.need == Need::Counted).count();
    let missing: Vec<Missing> = elements.iter().filter_map(|element| element.missing(document, &subjects)).collect();
    let present = counted - missing.iter().filter(|missing| missing.counted).count();
    Completeness { profile, score: percentage(present, counted), counted, present, missing }
}

/// Rounds to one decimal, ties to even, as a decimal text is rounded.
fn rounded(number: f64) -> f64 {
    format!("{number:.1}").parse().unwrap_or_default()
}

#[allow(clippy::cast_precision_loss, reason = "lists have tens of elements")]
fn percentage(present: usize, counted: usize) -> f64 {
    if counted == 0 { 0.0 } else { rounded(present as f64 * 100.0 / counted as f64) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    pub(super) fn sample() -> Value {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/bom/linked-1.6.cdx.json");
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    #[test]
    fn an_empty_document_has_next_to_nothing() {
        for (name, profile) in Profile::ALL {
            let completeness = profile.completeness(&json!({"bomFormat": "CycloneDX", "specVersion": "1.6"}));
            assert!(completeness.score < 20.0, "{name}: {}", completeness.score);
            assert!(completeness.missing.len() > 4);
            assert_eq!(Profile::named(name), Some(profile));
            assert_eq!(profile.as_str(), name);
            assert_eq!(serde_json::from_value::<Profile>(json!(name)).unwrap(), profile);
        }
    }

    #[test]
    fn a_full_document_has_nearly_everything() {
        for (profile, score) in
            [(Profile::Ntia, 100.0), (Profile::Cisa2026, 100.0), (Profile::G7Ai, 100.0), (Profile::AiAct, 100.0)]
        {
            let completeness = profile.completeness(&sample());
            let missing: Vec<_> = completeness.missing.iter().filter(|missing| missing.counted).collect();
            assert_eq!((completeness.score, missing), (score, vec![]), "{profile}");
        }
    }

    #[test]
    fn whatever_is_taken_away_lowers_the_score() {
        for (profile, pointer, key, element) in [
            (Profile::Ntia, "/metadata", "timestamp", "timestamp"),
            (Profile::Ntia, "/components/1", "version", "component version"),
            (Profile::Cisa2026, "/components/0", "hashes", "component hash"),
            (Profile::G7Ai, "/components/1", "licenses", "dataset licence"),
            (Profile::AiAct, "/components/0/modelCard/modelParameters", "task", "tasks"),
        ] {
            let mut document = sample();
            document.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(key).unwrap();
            let completeness = profile.completeness(&document);
            assert!(completeness.score < profile.completeness(&sample()).score, "{profile} {element}");
            let missing: Vec<_> = completeness.missing.iter().map(|missing| missing.element).collect();
            assert!(missing.contains(&element), "{profile}: {missing:?}");
        }
    }

    #[test]
    fn names_and_places_are_said_once() {
        for (profile, elements) in [
            (Profile::Ntia, ntia::ELEMENTS),
            (Profile::Cisa2026, cisa_2026::ELEMENTS),
            (Profile::G7Ai, g7_ai::ELEMENTS),
            (Profile::AiAct, ai_act::ELEMENTS),
        ] {
            let mut names: Vec<_> = elements.iter().map(|element| element.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), elements.len(), "{profile}");
            assert!(elements.iter().all(|element| !element.place.is_empty()));
        }
    }
}
