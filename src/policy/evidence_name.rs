//! How a policy names evidence: a short name for the types that we know, or a URI. Names match exactly.

use serde::{Deserialize, Deserializer, de};

use crate::intoto::Kind;
use crate::trust::Role;

/// A type of evidence, and the role that goes without saying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EvidenceName {
    /// As it was written.
    pub(super) text: String,
    /// The type.
    pub(super) kind: Kind,
    /// The role that the name implies.
    pub(super) role: Option<Role>,
}

/// Names for results of tests by who made them.
const BY_ROLE: [(&str, Kind, Role); 2] =
    [("evaluation", Kind::TestResult, Role::Evaluator), ("scan", Kind::TestResult, Role::Scanner)];

impl EvidenceName {
    fn read(text: String) -> Result<Self, String> {
        if let Some((_, kind, role)) = BY_ROLE.into_iter().find(|(name, ..)| *name == text) {
            return Ok(Self { text, kind, role: Some(role) });
        }
        if let Some((_, kind)) = Kind::KNOWN.into_iter().find(|(name, _)| *name == text) {
            return Ok(Self { text, kind, role: None });
        }
        if text.contains("://") && !text.contains(char::is_whitespace) {
            let kind = Kind::from(text.as_str());
            return Ok(Self { text, kind, role: None });
        }
        let known = Kind::KNOWN.iter().map(|(name, _)| *name).chain(BY_ROLE.iter().map(|(name, ..)| *name));
        // The words of serde for it, so that the nearest name is suggested.
        let known: Vec<_> = known.map(|name| format!("`{name}`")).collect();
        Err(format!("unknown variant `{text}`, expected one of {}", known.join(", ")))
    }
}

impl<'de> Deserialize<'de> for EvidenceName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for EvidenceName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "EvidenceName".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let known = Kind::KNOWN.iter().map(|(name, _)| *name).chain(BY_ROLE.iter().map(|(name, ..)| *name));
        let known: Vec<_> = known.collect();
        schemars::json_schema!({"anyOf": [{"enum": known}, {"type": "string", "pattern": "://"}]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_exactly() {
        let scan = EvidenceName::read("scan".into()).unwrap();
        assert_eq!((scan.kind, scan.role), (Kind::TestResult, Some(Role::Scanner)));
        assert_eq!(EvidenceName::read("bom".into()).unwrap().kind, Kind::Bom);
        let other = EvidenceName::read("https://example.com/note/v1".into()).unwrap();
        assert_eq!(other.kind, Kind::Other("https://example.com/note/v1".into()));
        for text in ["", "boms", "Bom", "scan*", "provenanc", "https:// x"] {
            assert!(EvidenceName::read(text.into()).is_err(), "{text}");
        }
    }
}
