//! Sets of licences: exact SPDX identifiers, `LicenseRef-…`, and classes with one written meaning.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, de};
use spdx::{LicenseId, LicenseItem, LicenseReq};

/// Licences, by name or by class.
#[derive(Clone, Debug, Default)]
pub(super) struct LicenseSet {
    names: BTreeSet<String>,
    classes: BTreeSet<Class>,
}

/// A class of licences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// The SPDX list says so, or a Creative Commons licence with `SA`.
    Copyleft,
    /// A Creative Commons licence with `ND`.
    NoDerivatives,
    /// A Creative Commons licence with `NC`, or `PolyForm-Noncommercial`.
    NonCommercial,
    /// Approved by the Open Source Initiative, as the SPDX list says.
    OsiApproved,
}

impl Class {
    const ALL: [(&'static str, Self); 4] = [
        ("copyleft", Self::Copyleft),
        ("no-derivatives", Self::NoDerivatives),
        ("non-commercial", Self::NonCommercial),
        ("osi-approved", Self::OsiApproved),
    ];

    fn has(self, id: LicenseId) -> bool {
        let creative_commons = |part: &str| id.name.starts_with("CC-") && id.name.split('-').any(|one| one == part);
        match self {
            Self::Copyleft => id.is_copyleft() || creative_commons("SA"),
            Self::NoDerivatives => creative_commons("ND"),
            Self::NonCommercial => creative_commons("NC") || id.name.starts_with("PolyForm-Noncommercial-"),
            Self::OsiApproved => id.is_osi_approved(),
        }
    }
}

impl LicenseSet {
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty() && self.classes.is_empty()
    }

    /// Finds a name or class of which nothing is left without what `denied` holds, and the words that take it away.
    pub(super) fn emptied_by(&self, denied: &Self) -> Option<(String, Vec<String>)> {
        let taken = |word: String| {
            let one = Self::of_word(&word)?;
            let members = one.members();
            let holding: Vec<_> = denied
                .words()
                .into_iter()
                .filter(|word| Self::of_word(word).is_some_and(|one| members.iter().any(|member| one.holds(member))))
                .collect();
            members.iter().all(|member| denied.holds(member)).then_some((word, holding))
        };
        self.words().into_iter().find_map(taken)
    }

    /// Reads a single name or class.
    fn of_word(word: &str) -> Option<Self> {
        let mut set = Self::default();
        if let Some((_, class)) = Class::ALL.iter().find(|(name, _)| *name == word) {
            set.classes.insert(*class);
        } else if spdx::license_id(word).is_some() || is_reference(word) {
            set.names.insert(word.to_owned());
        } else {
            return None;
        }
        Some(set)
    }

    /// Returns the names of all licences in it.
    fn members(&self) -> Vec<String> {
        let listed = spdx::identifiers::LICENSES.iter().filter_map(|license| spdx::license_id(license.name));
        let of_class = listed.filter(|id| self.classes.iter().any(|class| class.has(*id)));
        of_class.map(|id| id.name.to_owned()).chain(self.names.iter().cloned()).collect()
    }

    /// Says whether a licence is in it, by its name.
    fn holds(&self, name: &str) -> bool {
        let of_class = |id: LicenseId| self.classes.iter().any(|class| class.has(id));
        self.names.contains(name) || spdx::license_id(name).is_some_and(of_class)
    }

    /// Says whether a licence is in it. A name must be equal, letter by letter; an exception to a licence
    /// changes nothing.
    pub(super) fn has(&self, requirement: &LicenseReq) -> bool {
        let id = requirement.license.id();
        self.names.contains(&name_of(requirement))
            || id.is_some_and(|id| self.classes.iter().any(|class| class.has(id)))
    }

    /// Returns what it was written with.
    pub(super) fn words(&self) -> Vec<String> {
        let class = |class: &Class| Class::ALL.iter().find(|(_, one)| one == class).map(|(word, _)| (*word).to_owned());
        self.classes.iter().filter_map(class).chain(self.names.iter().cloned()).collect()
    }
}

/// Returns the name of a licence as a policy writes it: without an exception.
fn name_of(requirement: &LicenseReq) -> String {
    match &requirement.license {
        LicenseItem::Spdx { id, or_later } => format!("{}{}", id.name, if *or_later { "+" } else { "" }),
        other @ LicenseItem::Other(_) => other.to_string(),
    }
}

/// Says whether the SPDX list knows a licence, and so to which classes it belongs.
pub(super) fn is_known(requirement: &LicenseReq) -> bool {
    requirement.license.id().is_some()
}

impl<'de> Deserialize<'de> for LicenseSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut set = Self::default();
        for word in Vec::<String>::deserialize(deserializer)? {
            if let Some(one) = Self::of_word(&word) {
                set.names.extend(one.names);
                set.classes.extend(one.classes);
            } else {
                let classes: Vec<_> = Class::ALL.iter().map(|(name, _)| *name).collect();
                let message = format!(
                    "`{word}` is no SPDX licence identifier, no `LicenseRef-…` and none of the classes {}{}",
                    classes.join(", "),
                    meant(&word).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
                );
                return Err(de::Error::custom(message));
            }
        }
        Ok(set)
    }
}

/// Finds the identifier of a licence that is named in another way.
fn meant(word: &str) -> Option<&'static str> {
    let (known, length) = spdx::imprecise_license_id(word)?;
    (length == word.len()).then_some(known.name)
}

fn is_reference(word: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ['.', '-'].contains(&c);
    word.strip_prefix("LicenseRef-").is_some_and(|name| !name.is_empty() && name.chars().all(allowed))
}

#[cfg(test)]
impl schemars::JsonSchema for LicenseSet {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LicenseSet".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Vec::<String>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_in_other_words_gets_its_identifier() {
        assert_eq!(meant("Apache 2.0"), Some("Apache-2.0"));
        assert_eq!(meant("mit"), Some("MIT"));
        assert_eq!([meant("Apache 2.0 or so"), meant("my own")], [None, None]);
    }

    fn set(words: &[&str]) -> LicenseSet {
        serde_json::from_value(serde_json::json!(words)).unwrap()
    }

    fn has(words: &[&str], expression: &str) -> bool {
        let expression = spdx::Expression::parse(expression).unwrap();
        expression.evaluate(|requirement| set(words).has(requirement))
    }

    #[test]
    fn names_are_compared_whole() {
        assert!(has(&["MIT"], "MIT"));
        assert!(!has(&["MIT"], "MIT-0"));
        assert!(!has(&["GPL-2.0-only"], "GPL-2.0-or-later"));
        assert!(has(&["LicenseRef-Llama-2"], "LicenseRef-Llama-2"));
        assert!(!has(&["LicenseRef-Llama"], "LicenseRef-Llama-2"));
    }

    #[test]
    fn classes_have_one_meaning() {
        for (class, member, other) in [
            ("non-commercial", "CC-BY-NC-4.0", "CC-BY-4.0"),
            ("non-commercial", "CC-BY-NC-ND-3.0", "CC-BY-ND-3.0"),
            ("non-commercial", "PolyForm-Noncommercial-1.0.0", "PolyForm-Small-Business-1.0.0"),
            ("copyleft", "GPL-3.0-only", "MIT"),
            ("copyleft", "CC-BY-SA-4.0", "CC-BY-4.0"),
            ("no-derivatives", "CC-BY-ND-4.0", "CC-BY-SA-4.0"),
            ("osi-approved", "Apache-2.0", "CC-BY-4.0"),
        ] {
            assert!(has(&[class], member), "{class} {member}");
            assert!(!has(&[class], other), "{class} {other}");
        }
        assert!(!has(&["copyleft"], "LicenseRef-GPL"), "no class is known of it");
    }

    #[test]
    fn what_is_denied_empties_what_is_allowed() {
        let emptied = |allow: &[&str], deny: &[&str]| set(allow).emptied_by(&set(deny));
        for (allow, deny, word, by) in [
            ("MIT", vec!["MIT"], "MIT", "MIT"),
            ("Apache-2.0", vec!["osi-approved"], "Apache-2.0", "osi-approved"),
            ("CC-BY-SA-4.0", vec!["copyleft"], "CC-BY-SA-4.0", "copyleft"),
            ("copyleft", vec!["MIT", "copyleft"], "copyleft", "copyleft"),
            ("LicenseRef-Ours", vec!["LicenseRef-Ours"], "LicenseRef-Ours", "LicenseRef-Ours"),
        ] {
            assert_eq!(emptied(&[allow], &deny), Some((word.to_owned(), vec![by.to_owned()])), "{allow}");
            assert!(emptied(&["ISC", allow], &deny).is_some(), "{allow} beside another");
        }
        let all: Vec<_> = set(&["non-commercial"]).members();
        let all: Vec<_> = all.iter().map(String::as_str).collect();
        assert!(all.len() > 10 && emptied(&["non-commercial"], &all).is_some(), "one by one");
        assert!(emptied(&["non-commercial"], &all[1..]).is_none(), "one is left");
        for (allow, deny) in [
            ("MIT", "copyleft"),
            ("osi-approved", "copyleft"),
            ("copyleft", "osi-approved"),
            ("no-derivatives", "non-commercial"),
            ("LicenseRef-Ours", "osi-approved"),
        ] {
            assert_eq!(emptied(&[allow], &[deny]), None, "{allow} {deny}");
        }
    }

    #[test]
    fn unknown_words_are_refused() {
        for word in ["", "MITT", "mit*", "LicenseRef-", "noncommercial", "MIT OR ISC", "CC-BY-NC"] {
            let read = serde_json::from_value::<LicenseSet>(serde_json::json!([word]));
            assert!(read.is_err(), "{word}");
        }
    }
}
