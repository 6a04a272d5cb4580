//! Files that the user writes in TOML: errors that point at the line and suggest the right word.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use toml::Spanned;

use crate::fault::{Blame, Fault};

/// A fault in a TOML file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{file}`{}: {message}", self.position())]
pub struct ConfigurationError {
    file: String,
    line: Option<usize>,
    /// The column of the fault, in characters from 0.
    column: usize,
    source_line: String,
    message: String,
    hint: Option<String>,
}

impl ConfigurationError {
    /// Reports a fault of the whole file.
    pub fn new(file: &str, message: impl Into<String>) -> Self {
        let file = file.to_owned();
        Self { file, line: None, column: 0, source_line: String::new(), message: message.into(), hint: None }
    }

    /// Reports a fault at a byte offset of the text of a file.
    pub fn at(file: &str, text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
        let source_line = text.lines().nth(line).unwrap_or_default().trim_end().to_owned();
        Self { line: Some(line + 1), column, source_line, ..Self::new(file, message) }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Suggests `[[x]]` where `[x]` stands and several may.
    fn doubled(&self) -> Option<String> {
        let header = self.source_line.strip_prefix('[').filter(|rest| !rest.starts_with('['))?;
        let name = header.split_once(']')?.0;
        self.message.ends_with(LIST).then(|| format!("write `[[{name}]]`: there may be several"))
    }

    fn position(&self) -> String {
        self.line.map(|line| format!(" line {line}")).unwrap_or_default()
    }
}

impl Fault for ConfigurationError {
    fn blame(&self) -> Blame {
        Blame::Call
    }

    fn details(&self) -> Vec<String> {
        let Some(line) = self.line else { return Vec::new() };
        let margin = " ".repeat(line.to_string().len());
        vec![format!("{line} | {}", self.source_line), format!("{margin} | {}^", " ".repeat(self.column))]
    }

    fn hint(&self) -> Option<String> {
        self.hint.clone()
    }
}

/// Reads the text of a TOML file into its type. `file` is its name for messages.
pub fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, ConfigurationError> {
    toml::from_str(text).map_err(|error| {
        let message = error.message().trim_end().replace('\n', ", ");
        let (message, hint) = rephrase(&message);
        let located = match error.span() {
            Some(span) => ConfigurationError::at(file, text, span.start, message),
            None => ConfigurationError::new(file, message),
        };
        match hint.or_else(|| located.doubled()) {
            Some(hint) => located.with_hint(hint),
            None => located,
        }
    })
}

/// A value of a TOML file with the place where it stands.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
#[serde(bound = "T: Deserialize<'de>")]
pub struct Located<T>(Spanned<T>);

impl<T> Located<T> {
    /// Returns the value.
    pub fn get(&self) -> &T {
        self.0.get_ref()
    }

    /// Takes the value.
    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }

    /// Returns where it starts, in bytes from the start of the file.
    pub fn offset(&self) -> usize {
        self.0.span().start
    }
}

#[cfg(test)]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Located<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

/// Reads a TOML date-time as a point in time; one without a time zone is none.
pub fn time(
    file: &str,
    text: &str,
    time: &Spanned<toml::value::Datetime>,
) -> Result<DateTime<Utc>, ConfigurationError> {
    DateTime::parse_from_rfc3339(&time.get_ref().to_string()).map(|time| time.to_utc()).map_err(|_| {
        let message = "a time needs a date and a time zone, as in `2026-01-01T00:00:00Z`";
        ConfigurationError::at(file, text, time.span().start, message)
    })
}

/// What a list is called where one is needed.
const LIST: &str = "a list `[…]` is needed";

/// Turns "invalid type: x, expected y" and "missing field `x`" into words of TOML.
fn plain(message: &str) -> String {
    if let Some(key) = message.strip_prefix("missing field ") {
        return format!("{key} is missing");
    }
    let Some((found, expected)) =
        message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    else {
        return message.to_owned();
    };
    let found = match found {
        "map" => "a table",
        "sequence" => "a list",
        other => other,
    };
    match expected {
        "a sequence" => format!("{found} where {LIST}"),
        "u8" | "u32" | "u64" | "usize" => format!("{found} where a whole number is needed"),
        "f64" => format!("{found} where a number is needed"),
        "a string" => format!("{found} where a text `\"…\"` is needed"),
        "a boolean" => format!("{found} where `true` or `false` is needed"),
        table if table == "a map" || table.starts_with("struct ") => {
            format!("{found} where a table `{{ key = value }}` is needed")
        }
        other => format!("{found} where {other} is needed"),
    }
}

/// Finds the words that are meant: the nearest one, or those of which it is a part.
pub fn nearest(word: &str, known: &[&str]) -> Option<String> {
    let near = known.iter().max_by(|a, b| strsim::jaro(word, a).total_cmp(&strsim::jaro(word, b)))?;
    let nearness = strsim::jaro(word, near);
    let parts: Vec<_> = known.iter().filter(|one| one.split('-').any(|part| strsim::jaro(word, part) > 0.9)).collect();
    if nearness < 0.9 && !parts.is_empty() {
        return Some(parts.into_iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(" or "));
    }
    (nearness > 0.75).then(|| format!("`{near}`"))
}

/// Turns "unknown field `x`, expected one of `a`, `b`" into a message and the nearest word.
fn rephrase(message: &str) -> (String, Option<String>) {
    for (start, noun) in [("unknown field `", "key"), ("unknown variant `", "value")] {
        let Some((word, expected)) = message.strip_prefix(start).and_then(|rest| rest.split_once('`')) else {
            continue;
        };
        let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        let hint = match nearest(word, &known) {
            Some(near) => format!("did you mean {near}?"),
            _ if known.is_empty() => return (format!("unknown {noun} `{word}`"), None),
            _ => format!("known here: {}", known.join(", ")),
        };
        return (format!("unknown {noun} `{word}`"), Some(hint));
    }
    (plain(message), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Table {
        license: Option<String>,
        count: Option<u8>,
        part: Option<Vec<Part>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "kebab-case")]
    #[allow(dead_code)]
    struct Part {
        model_colours: bool,
        data_colours: Option<f64>,
    }

    fn fails(text: &str) -> (String, Vec<String>, Option<String>) {
        let error = parse::<Table>("x.toml", text).unwrap_err();
        (error.to_string(), error.details(), error.hint())
    }

    #[test]
    fn an_unknown_key_gets_its_line_and_a_suggestion() {
        let (message, details, hint) = fails("\nlicence = 'MIT'\n");
        assert_eq!(message, "`x.toml` line 2: unknown key `licence`");
        assert_eq!(details, ["2 | licence = 'MIT'", "  | ^"]);
        assert_eq!(hint.as_deref(), Some("did you mean `license`?"));
    }

    #[test]
    fn a_part_of_a_word_gets_all_that_have_it() {
        let hint = fails("[[part]]\ncolours = true").2;
        assert_eq!(hint.as_deref(), Some("did you mean `model-colours` or `data-colours`?"));
    }

    #[test]
    fn one_table_of_several_gets_its_brackets() {
        let (message, _, hint) = fails("[part]\nmodel-colours = true");
        assert_eq!(message, "`x.toml` line 1: a table where a list `[…]` is needed");
        assert_eq!(hint.as_deref(), Some("write `[[part]]`: there may be several"));
    }

    #[test]
    fn a_far_word_gets_the_list() {
        assert_eq!(fails("zzz = 1").2.as_deref(), Some("known here: license, count, part"));
    }

    #[test]
    fn syntax_and_type_errors_have_a_line() {
        assert!(fails("\n\nlicense = ").0.starts_with("`x.toml` line 3: "));
        for (text, message) in [
            ("count = 'x'", "string \"x\" where a whole number is needed"),
            ("license = 1", "integer `1` where a text `\"…\"` is needed"),
            ("part = 'x'", "string \"x\" where a list `[…]` is needed"),
            ("part = [1]", "integer `1` where a table `{ key = value }` is needed"),
            ("part = [{}]", "`model-colours` is missing"),
            ("part = [{ model-colours = 1 }]", "integer `1` where `true` or `false` is needed"),
            ("part = [{ model-colours = true, data-colours = 'x' }]", "string \"x\" where a number is needed"),
        ] {
            assert_eq!(fails(text).0, format!("`x.toml` line 1: {message}"));
        }
        assert!(fails("count = 1\ncount = 2").0.contains("line 2"));
    }
}
