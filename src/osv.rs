//! Known vulnerabilities in the format of OSV (ossf.github.io/osv-schema, version 1.7): which versions of which packages
//! they are in.
//!
//! An entry is read whole or not at all; what can't be decided of a version is told, and is no pass.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use thiserror::Error;

use crate::json::{self, JsonError};

pub use package::{Key, Package};
pub(crate) use package::{is_readable, is_version};

mod package;
mod range;
mod version;

/// The version of the schema up to which entries are read: a new first number may mean anything.
const SCHEMA: &str = "1.";

/// A vulnerability.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Entry {
    #[serde(default)]
    schema_version: Option<String>,
    /// Its identifier.
    pub id: String,
    /// When it was changed last.
    pub modified: DateTime<Utc>,
    /// When it was withdrawn, if it was.
    #[serde(default)]
    withdrawn: Option<DateTime<Utc>>,
    /// Other names of it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// How severe it is.
    #[serde(default)]
    severity: Vec<Severity>,
    #[serde(default)]
    affected: Vec<Affected>,
    #[serde(default)]
    database_specific: Option<DatabaseSpecific>,
}

/// How severe a vulnerability is, by one method.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Severity {
    /// The method, such as `CVSS_V3`.
    #[serde(rename = "type")]
    pub method: String,
    /// The score: a vector, a number or a word.
    pub score: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct DatabaseSpecific {
    #[serde(default)]
    severity: Option<serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Affected {
    #[serde(default)]
    package: Option<AffectedPackage>,
    #[serde(default)]
    severity: Vec<Severity>,
    #[serde(default)]
    ranges: Vec<range::Range>,
    #[serde(default)]
    versions: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct AffectedPackage {
    ecosystem: String,
    name: String,
}

/// Why an entry can't be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OsvError {
    /// It is no JSON of the right shape.
    #[error("it is no OSV entry: {0}")]
    Json(#[from] JsonError),
    /// It follows a schema that is not known.
    #[error("it follows version {0} of the OSV schema, of which nothing is known")]
    Schema(String),
}

/// Whether a vulnerability is in a version of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// It is not.
    No,
    /// Nobody can say: the order of versions is not known.
    Undecided,
    /// It is.
    Yes,
}

impl Entry {
    /// Reads an entry.
    pub fn parse(text: &[u8]) -> Result<Self, OsvError> {
        let entry: Self = json::parse(text)?;
        match &entry.schema_version {
            Some(version) if !version.starts_with(SCHEMA) => Err(OsvError::Schema(version.clone())),
            _ => Ok(entry),
        }
    }

    /// Returns the packages that it is about, as far as their ecosystems are known.
    pub fn packages(&self) -> BTreeSet<Key> {
        self.affected.iter().filter_map(Affected::key).collect()
    }

    /// Says whether it is in a package. One that was withdrawn is in none.
    pub fn is_in(&self, package: &Package) -> Answer {
        if self.withdrawn.is_some() {
            return Answer::No;
        }
        let affected = self.affected.iter().filter(|affected| affected.is_about(package));
        affected.map(|affected| affected.answer(package)).max().unwrap_or(Answer::No)
    }

    /// Returns how severe it is in a package, by all methods.
    pub fn severity(&self, package: &Package) -> Vec<Severity> {
        let affected = self.affected.iter().filter(|affected| affected.is_about(package));
        let word = self.database_specific.as_ref().and_then(|specific| specific.severity.as_ref()?.as_str());
        let word = word.map(|word| Severity { method: "osv".to_owned(), score: word.to_ascii_lowercase() });
        let all = word.into_iter().chain(self.severity.iter().cloned());
        all.chain(affected.flat_map(|affected| affected.severity.iter().cloned())).collect()
    }
}

impl Affected {
    fn key(&self) -> Option<Key> {
        self.package.as_ref().and_then(|named| package::key(&named.ecosystem, &named.name))
    }

    fn is_about(&self, package: &Package) -> bool {
        self.key().is_some_and(|key| key == package.key())
    }

    fn answer(&self, package: &Package) -> Answer {
        let Some(version) = package.version() else { return Answer::Undecided };
        if self.versions.iter().any(|listed| version.equals(listed)) {
            return Answer::Yes;
        }
        self.ranges.iter().map(|range| range.answer(version)).max().unwrap_or(Answer::No)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn entry(affected: &Value) -> Entry {
        let entry =
            json!({"schema_version": "1.7.0", "id": "X-1", "modified": "2026-01-01T00:00:00Z", "affected": affected});
        Entry::parse(entry.to_string().as_bytes()).unwrap()
    }

    fn answer(affected: &Value, purl: &str) -> Answer {
        entry(affected).is_in(&purl.parse().unwrap())
    }

    fn ranged(ecosystem: &str, name: &str, events: &Value) -> Value {
        let kind = if ecosystem == "PyPI" { "ECOSYSTEM" } else { "SEMVER" };
        json!([{"package": {"ecosystem": ecosystem, "name": name}, "ranges": [{"type": kind, "events": events}]}])
    }

    #[test]
    fn ranges_go_from_introduced_to_fixed() {
        let fixed = json!([{"introduced": "1.0"}, {"fixed": "2.0"}, {"introduced": "3.0"}, {"last_affected": "3.1"}]);
        for (version, expected) in [
            ("0.9", Answer::No),
            ("1.0", Answer::Yes),
            ("1.9.9", Answer::Yes),
            ("2.0", Answer::No),
            ("3.0", Answer::Yes),
            ("3.1", Answer::Yes),
            ("3.1.0", Answer::Yes),
            ("3.1.1", Answer::No),
            ("1!0.1", Answer::No),
            // Before the release that fixes it, and after the one that brings it.
            ("2.0rc1", Answer::Yes),
            ("2.0.dev1", Answer::Yes),
            ("2.0.post1", Answer::No),
            ("1.0rc1", Answer::No),
            ("1.0.post1", Answer::Yes),
            ("2.0+cu118", Answer::No),
            ("1.5+cu118", Answer::Yes),
            ("v1.5", Answer::Yes),
            ("not-a-version", Answer::Undecided),
        ] {
            let affected = ranged("PyPI", "torch", &fixed);
            assert_eq!(answer(&affected, &format!("pkg:pypi/torch@{version}")), expected, "{version}");
        }
    }

    #[test]
    fn events_are_sorted_and_zero_is_before_everything() {
        let shuffled = json!([{"fixed": "2.0"}, {"introduced": "0"}]);
        for (version, expected) in [("0.0.0.dev1", Answer::Yes), ("1.0", Answer::Yes), ("2.0", Answer::No)] {
            let affected = ranged("PyPI", "a", &shuffled);
            assert_eq!(answer(&affected, &format!("pkg:pypi/a@{version}")), expected, "{version}");
        }
        let limited = json!([{"introduced": "0"}, {"limit": "1.0"}]);
        assert_eq!(answer(&ranged("PyPI", "a", &limited), "pkg:pypi/a@0.5"), Answer::Yes);
        assert_eq!(answer(&ranged("PyPI", "a", &limited), "pkg:pypi/a@1.5"), Answer::No);
        let open = json!([{"introduced": "0"}, {"limit": "*"}]);
        assert_eq!(answer(&ranged("PyPI", "a", &open), "pkg:pypi/a@1.5"), Answer::Yes);
    }

    #[test]
    fn semantic_versions_have_their_own_order() {
        let events = json!([{"introduced": "0"}, {"fixed": "1.2.0"}]);
        for (version, expected) in
            [("1.2.0-rc.1", Answer::Yes), ("1.10.0", Answer::No), ("1.1.9", Answer::Yes), ("1.2", Answer::Undecided)]
        {
            let cargo = ranged("crates.io", "x", &events);
            assert_eq!(answer(&cargo, &format!("pkg:cargo/x@{version}")), expected, "{version}");
        }
        let npm = ranged("npm", "@scope/x", &events);
        assert_eq!(answer(&npm, "pkg:npm/%40scope/x@1.1.0"), Answer::Yes);
        let go = ranged("Go", "example.com/x", &events);
        assert_eq!(answer(&go, "pkg:golang/example.com/x@v1.1.0"), Answer::Yes);
    }

    #[test]
    fn versions_are_listed_in_any_spelling() {
        let listed = json!([{"package": {"ecosystem": "PyPI", "name": "Foo.Bar"}, "versions": ["1.0", "2.0rc1"]}]);
        for (purl, expected) in [
            ("pkg:pypi/foo-bar@1.0.0", Answer::Yes),
            ("pkg:pypi/foo__bar@2.0.0rc1", Answer::Yes),
            ("pkg:pypi/foo-bar@1.0+local", Answer::Yes),
            ("pkg:pypi/foo-bar@1.1", Answer::No),
            ("pkg:pypi/foo@1.0", Answer::No),
            ("pkg:npm/foo-bar@1.0.0", Answer::No),
            ("pkg:pypi/foo-bar", Answer::Undecided),
        ] {
            assert_eq!(answer(&listed, purl), expected, "{purl}");
        }
    }

    #[test]
    fn what_has_no_order_is_undecided() {
        let other = json!([{"package": {"ecosystem": "Debian:12", "name": "x"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2"}]}], "versions": ["1"]}]);
        assert_eq!(answer(&other, "pkg:deb/debian/x@1"), Answer::Yes);
        assert_eq!(answer(&other, "pkg:deb/debian/x@3"), Answer::Undecided);
        let git = json!([{"package": {"ecosystem": "PyPI", "name": "x"}, "ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}]);
        assert_eq!(answer(&git, "pkg:pypi/x@1"), Answer::No);
    }

    #[test]
    fn withdrawn_entries_are_in_nothing_and_others_are_read_whole() {
        let mut withdrawn = entry(&ranged("PyPI", "a", &json!([{"introduced": "0"}])));
        let package = "pkg:pypi/a@1".parse().unwrap();
        assert_eq!(withdrawn.is_in(&package), Answer::Yes);
        withdrawn.withdrawn = Some(DateTime::UNIX_EPOCH);
        assert_eq!(withdrawn.is_in(&package), Answer::No);
        for text in ["", "{}", r#"{"id": "X"}"#, r#"{"id": "X", "modified": "then"}"#] {
            assert!(matches!(Entry::parse(text.as_bytes()), Err(OsvError::Json(_))), "{text}");
        }
        for events in [r#"[{"fixed": "2"}]"#, r#"[{"last_affected": "2"}]"#, "[]"] {
            let text = format!(
                r#"{{"id": "X", "modified": "2026-01-01T00:00:00Z", "affected": [{{"package": {{"ecosystem": "PyPI",
                   "name": "a"}}, "ranges": [{{"type": "ECOSYSTEM", "events": {events}}}]}}]}}"#
            );
            let error = Entry::parse(text.as_bytes()).unwrap_err();
            assert!(error.to_string().contains("no event `introduced`"), "{error}");
        }
        let later = r#"{"schema_version": "2.0.0", "id": "X", "modified": "2026-01-01T00:00:00Z"}"#;
        assert_eq!(Entry::parse(later.as_bytes()), Err(OsvError::Schema("2.0.0".to_owned())));
    }
}
