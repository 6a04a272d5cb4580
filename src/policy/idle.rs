//! Keys that demand nothing: `false` and a list of nothing say what holds without them, and look as if they did more.

use toml::de::{DeTable, DeValue};

use crate::configuration::ConfigurationError;
use crate::policy::reading::Reading;

/// Refuses them wherever they stand in a policy that was read.
pub(super) fn check(reading: &Reading<'_>) -> Result<(), ConfigurationError> {
    let table = DeTable::parse(reading.text).map_err(|error| reading.at(0, error.message()))?;
    first(table.get_ref()).map_or(Ok(()), |(offset, shown)| {
        Err(reading
            .at(offset, format!("`{shown}` demands nothing"))
            .with_hint("leave the key out: that means the same"))
    })
}

/// Finds one, and where it stands.
fn first(table: &DeTable<'_>) -> Option<(usize, String)> {
    table.iter().find_map(|(key, value)| {
        let idle = |word| Some((key.span().start, format!("{} = {word}", key.get_ref())));
        match value.get_ref() {
            DeValue::Boolean(false) => idle("false"),
            DeValue::Array(values) if values.is_empty() => idle("[]"),
            DeValue::Array(values) => values.iter().filter_map(|value| value.get_ref().as_table()).find_map(first),
            DeValue::Table(table) => first(table),
            _ => None,
        }
    })
}
