//! Licences as documents state them.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;
use spdx::Expression;

use crate::licence::class::is_reference;
use crate::limits;

/// A licence of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stated {
    /// An SPDX expression, or one identifier.
    Expression(String),
    /// A name of whatever somebody wrote. Even if it reads like an identifier, nobody says that it is one.
    Name(String),
}

impl Stated {
    /// Returns what is written there.
    pub(crate) fn text(&self) -> &str {
        let (Self::Expression(text) | Self::Name(text)) = self;
        text
    }

    /// Returns it as people should read it: what is no expression in quotation marks.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Expression(text) => text.clone(),
            Self::Name(text) => format!("\"{text}\""),
        }
    }

    /// Reads it as an expression; a name is none, and nobody needs one that is very long.
    pub(crate) fn expression(&self) -> Option<Expression> {
        match self {
            Self::Expression(text) if text.len() <= limits::LICENCE_BYTES => Expression::parse(&as_listed(text)).ok(),
            Self::Expression(_) | Self::Name(_) => None,
        }
    }
}

/// The identifiers of the SPDX list, by their small letters.
static LISTED: LazyLock<HashMap<String, &str>> = LazyLock::new(|| {
    let licenses = spdx::identifiers::LICENSES.iter().map(|one| one.name);
    let exceptions = spdx::identifiers::EXCEPTIONS.iter().map(|one| one.name);
    licenses.chain(exceptions).map(|name| (name.to_ascii_lowercase(), name)).collect()
});

/// Writes the identifiers in an expression as the SPDX list does: small and capital letters of them are the same.
fn as_listed(text: &str) -> String {
    let of_word = |c: char| c.is_ascii_alphanumeric() || ['-', '.'].contains(&c);
    let words = text.split_inclusive(|c| !of_word(c));
    let written = words.map(|word| {
        let name = word.trim_end_matches(|c| !of_word(c));
        let listed = LISTED.get(&name.to_ascii_lowercase()).copied().unwrap_or(name);
        [listed, word.strip_prefix(name).unwrap_or_default()].concat()
    });
    written.collect()
}

/// Returns the licences of a component, as it states them itself. All of them apply.
pub(super) fn declared(component: &Value) -> Vec<Stated> {
    listed(component.get("licenses")).collect()
}

/// Returns the licences of a component, and those of which it names evidence. All of them apply.
pub(super) fn of(component: &Value) -> Vec<Stated> {
    listed(component.get("licenses")).chain(listed(component.pointer("/evidence/licenses"))).collect()
}

fn listed(entries: Option<&Value>) -> impl Iterator<Item = Stated> {
    entries.and_then(Value::as_array).into_iter().flatten().map(one)
}

fn one(entry: &Value) -> Stated {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let inner = entry.get("license").unwrap_or(&Value::Null);
    let id = || text(inner, "id").filter(|id| !id.contains([' ', '(', ')']));
    let name = || text(inner, "id").or_else(|| text(inner, "name")).unwrap_or_default();
    // CycloneDX has no other place for one licence of somebody's own.
    let reference = || text(inner, "name").filter(|name| is_reference(name));
    let expression = text(entry, "expression").or_else(id).or_else(reference);
    expression.map_or_else(|| Stated::Name(name()), Stated::Expression)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn licences_have_three_forms() {
        let licenses = json!([
            {"license": {"id": "MIT"}}, {"license": {"name": "MIT"}}, {"expression": "MIT OR ISC"}, {},
            {"license": {"name": "LicenseRef-Own"}}, {"license": {"name": "LicenseRef-Own OR MIT"}},
        ]);
        let (expression, name) =
            (|text: &str| Stated::Expression(text.to_owned()), |text: &str| Stated::Name(text.to_owned()));
        let expected = [
            expression("MIT"),
            name("MIT"),
            expression("MIT OR ISC"),
            name(""),
            expression("LicenseRef-Own"),
            name("LicenseRef-Own OR MIT"),
        ];
        let component = json!({"licenses": licenses, "evidence": {"licenses": [{"license": {"id": "ISC"}}]}});
        assert_eq!(declared(&component), expected);
        assert_eq!(of(&component).last(), Some(&expression("ISC")));
        assert!(of(&json!({})).is_empty());
    }

    #[test]
    fn identifiers_have_no_small_and_capital_letters() {
        for (text, same) in [
            ("apache-2.0", "Apache-2.0"),
            ("(mit OR Cc-By-Nc-4.0)", "(MIT OR CC-BY-NC-4.0)"),
            ("gpl-2.0-only with CLASSPATH-exception-2.0", "GPL-2.0-only with Classpath-exception-2.0"),
            ("lgpl-2.1+", "LGPL-2.1+"),
            ("LicenseRef-mit AND DocumentRef-isc:LicenseRef-x", "LicenseRef-mit AND DocumentRef-isc:LicenseRef-x"),
            (" mit  OR\u{a0}isc", " MIT  OR\u{a0}ISC"),
            ("openrail", "openrail"),
            ("", ""),
        ] {
            assert_eq!(as_listed(text), same);
        }
        let parsed = |stated: Stated| stated.expression().is_some();
        assert!(parsed(Stated::Expression("mit OR isc".to_owned())) && !parsed(Stated::Name("mit".to_owned())));
        let names = spdx::identifiers::LICENSES.iter().map(|one| one.name);
        assert!(names.clone().all(|name| as_listed(name) == name), "no two differ in letters alone");
    }
}
