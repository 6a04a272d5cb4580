//! Licences as documents state them.

use serde_json::Value;

/// A licence of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stated {
    /// An SPDX expression, or one identifier.
    Expression(String),
    /// A name of whatever somebody wrote. Even if it reads like an identifier, nobody says that it is one.
    Name(String),
}

impl Stated {
    /// Returns what is written there.
    pub(super) fn text(&self) -> &str {
        let (Self::Expression(text) | Self::Name(text)) = self;
        text
    }
}

/// Returns the licences of a component. All of them apply.
pub(super) fn of(component: &Value) -> Vec<Stated> {
    let entries = component.get("licenses").and_then(Value::as_array).into_iter().flatten();
    entries.map(one).collect()
}

fn one(entry: &Value) -> Stated {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let inner = entry.get("license").unwrap_or(&Value::Null);
    let id = || text(inner, "id").filter(|id| !id.contains([' ', '(', ')']));
    let name = || text(inner, "id").or_else(|| text(inner, "name")).unwrap_or_default();
    text(entry, "expression").or_else(id).map_or_else(|| Stated::Name(name()), Stated::Expression)
}
