//! Sets of licences: exact SPDX identifiers, `LicenseRef-…`, and classes with one written meaning.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, de};
use spdx::{Expression, LicenseId, LicenseItem, LicenseReq};

use crate::licence::{Class, has_own_terms, is_reference, listed};

/// Licences, by name or by class.
#[derive(Clone, Debug, Default)]
pub(super) struct LicenseSet {
    names: BTreeSet<String>,
    classes: BTreeSet<Class>,
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
        } else if listed(word).is_some() || is_reference(word) || is_amended(word) {
            set.names.insert(word.to_owned());
        } else {
            return None;
        }
        Some(set)
    }

    /// Returns the names of all licences in it.
    fn members(&self) -> Vec<String> {
        let all = spdx::identifiers::LICENSES.iter().filter_map(|license| listed(license.name));
        let of_class = all.filter(|id| self.classes.iter().any(|class| class.has(*id)));
        of_class.map(|id| id.name.to_owned()).chain(self.names.iter().cloned()).collect()
    }

    /// Says whether a licence is in it, by its name. One with terms of somebody's own is where that one is, or the licence itself.
    fn holds(&self, name: &str) -> bool {
        let of_class = |id: LicenseId| self.classes.iter().any(|class| class.has(id));
        let licence = name.split(" WITH ").next().unwrap_or(name);
        self.names.contains(name) || self.names.contains(licence) || listed(licence).is_some_and(of_class)
    }

    /// Says whether a licence is in it, whatever is added to its terms. A name must be equal, letter by letter.
    pub(super) fn has(&self, requirement: &LicenseReq) -> bool {
        let id = requirement.license.id();
        self.has_whole(requirement)
            || self.names.contains(&name_of(requirement))
            || id.is_some_and(|id| self.classes.iter().any(|class| class.has(id)))
    }

    /// Says whether a licence is in it together with the terms that somebody added.
    pub(super) fn has_whole(&self, requirement: &LicenseReq) -> bool {
        has_own_terms(requirement) && self.names.contains(&requirement.to_string())
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

/// Says whether a word is one licence with terms of somebody's own, `MIT WITH AdditionRef-…`.
fn is_amended(word: &str) -> bool {
    let Ok(expression) = Expression::parse(word) else { return false };
    let requirements: Vec<_> = expression.requirements().collect();
    matches!(requirements.as_slice(), [one] if has_own_terms(&one.req) && one.req.to_string() == word)
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
        let expression = Expression::parse(expression).unwrap();
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
    fn classes_are_those_of_licence_flow() {
        for (class, member, other) in [
            ("non-commercial", "CC-BY-NC-ND-3.0", "CC-BY-ND-3.0"),
            ("non-commercial", "PolyForm-Noncommercial-1.0.0", "PolyForm-Small-Business-1.0.0"),
            ("copyleft", "GPL-3.0-only", "MIT"),
            ("copyleft", "ODbL-1.0", "ODC-By-1.0"),
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
            ("MIT WITH AdditionRef-a", vec!["MIT"], "MIT WITH AdditionRef-a", "MIT"),
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
        for word in [
            "",
            "MITT",
            "mit*",
            "LicenseRef-",
            "noncommercial",
            "MIT OR ISC",
            "CC-BY-NC",
            "NOASSERTION",
            "MIT WITH LLVM-exception",
        ] {
            let read = serde_json::from_value::<LicenseSet>(serde_json::json!([word]));
            assert!(read.is_err(), "{word}");
        }
    }
}
