//! What the user allows on top of the built-in list, from a file that says why.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::configuration::{self, ConfigurationError};

/// Full names, each with the reason for which it is allowed.
#[derive(Clone, Debug, Default)]
pub struct Allowance {
    names: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    allow: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Spanned<String>,
    reason: Spanned<String>,
}

impl Allowance {
    /// Reads `[[allow]]` tables with `name` and `reason`. `file` is its name for messages.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigurationError> {
        let read: File = configuration::parse(file, text)?;
        let mut allowance = Self::default();
        for Entry { name, reason } in read.allow {
            let fault = |offset: usize, message: &str| Err(ConfigurationError::at(file, text, offset, message));
            if reason.get_ref().trim().is_empty() {
                return fault(reason.span().start, "an allowed name needs a reason");
            }
            let parts = name.get_ref().split('.');
            let word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
            if parts.clone().count() < 2 || !parts.clone().all(word) {
                return fault(name.span().start, "a name is `module.name`, whole and without patterns");
            }
            let at = name.span().start;
            if allowance.insert(name.into_inner(), reason.into_inner()).is_some() {
                return fault(at, "this name is allowed twice");
            }
        }
        Ok(allowance)
    }

    /// Allows a full name, such as `package.module.name`, and returns the reason that it replaces.
    pub fn insert(&mut self, name: String, reason: String) -> Option<String> {
        self.names.insert(name, reason)
    }

    /// Returns why a name is allowed, if it is.
    pub fn reason(&self, name: &str) -> Option<&str> {
        self.names.get(name).map(String::as_str)
    }

    /// Returns the names with their reasons.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names.iter().map(|(name, reason)| (name.as_str(), reason.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Rating;
    use crate::scan::test_support::scan_with;

    #[test]
    fn names_come_with_reasons() {
        let text = "[[allow]]\nname = 'ours.model.Model'\nreason = 'our class'\n";
        assert_eq!(Allowance::parse("a", text).unwrap().reason("ours.model.Model"), Some("our class"));
        for (text, line) in [
            ("[[allow]]\nname = 'ours.*'\nreason = 'x'\n", "line 2"),
            ("[[allow]]\nname = 'ours'\nreason = 'x'\n", "line 2"),
            ("[[allow]]\nname = 'ours.Model'\nreason = ' '\n", "line 3"),
            ("[[allow]]\nname = 'ours.Model'\n", "line 1"),
            ("[[allow]]\nname='a.B'\nreason='x'\n[[allow]]\nname='a.B'\nreason='y'\n", "line 5"),
        ] {
            let error = Allowance::parse("a", text).unwrap_err().to_string();
            assert!(error.contains(line), "{error}");
        }
    }

    #[test]
    fn what_is_allowed_passes_and_is_shown() {
        let pickle = b"\x80\x02cours.model\nModel\n)\x81}b.";
        let mut allowance = Allowance::default();
        assert_eq!(scan_with(&allowance, "a.pkl", pickle).rating, Rating::Suspicious);
        allowance.insert("ours.model.Model".to_owned(), "our class".to_owned());
        let scan = scan_with(&allowance, "a.pkl", pickle);
        assert_eq!(scan.rating, Rating::Clean);
        assert_eq!(scan.allowed[0].reason.raw(), "our class");
        allowance.insert("os.path.join".to_owned(), "x".to_owned());
        let dotted = b"\x80\x04\x8c\x02os\x8c\x09path.join\x93.";
        assert_eq!(scan_with(&allowance, "a.pkl", dotted).rating, Rating::Malicious);
    }
}
