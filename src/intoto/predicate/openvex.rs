//! OpenVEX documents (openvex/spec `OPENVEX-SPEC.md`, v0.2.0): whether a vulnerability matters here.
//!
//! A status that is not one of the four can't be read, and neither can a reason that is missing: a document
//! that excuses is read strictly or not at all.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

/// The predicate type; versioned forms of it, such as `…/v0.2.0`, are read as well.
pub const TYPE: &str = "https://openvex.dev/ns";

/// A document, with its statements as they were read.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenVex {
    /// The statements; never empty.
    pub statements: Vec<Statement>,
    /// The document as it came, since it has more than is judged.
    document: Value,
}

/// What somebody says of one vulnerability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The names of the vulnerability: its own, its aliases, and what the address of its page ends with.
    pub names: Vec<String>,
    /// What it is about; nothing is the subject of the in-toto statement.
    pub products: Vec<Product>,
    /// Whether it matters.
    pub status: Status,
    /// When it was last said.
    pub said_at: DateTime<Utc>,
}

/// A product, or a part of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Product {
    /// Its identifier, which may be a package URL.
    #[serde(rename = "@id")]
    pub id: Option<String>,
    /// Other identifiers.
    pub identifiers: Identifiers,
    /// Its hashes.
    pub hashes: Hashes,
    /// The parts that the statement is about; nothing is the whole product.
    pub subcomponents: Vec<Self>,
}

/// Identifiers of a product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Identifiers {
    /// A package URL.
    pub purl: Option<String>,
}

/// Hashes of a product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Hashes {
    /// SHA-256, in hexadecimal digits.
    #[serde(rename = "sha-256")]
    pub sha256: Option<String>,
}

/// Whether a vulnerability matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It matters.
    Affected,
    /// It was there and no longer is.
    Fixed,
    /// It does not matter, for a reason that the document states.
    NotAffected,
    /// Nobody knows yet.
    UnderInvestigation,
}

#[derive(Deserialize)]
struct DocumentJson {
    #[serde(rename = "@context")]
    context: String,
    timestamp: DateTime<Utc>,
    last_updated: Option<DateTime<Utc>>,
    statements: Vec<StatementJson>,
}

#[derive(Deserialize)]
struct StatementJson {
    vulnerability: VulnerabilityJson,
    #[serde(default)]
    products: Vec<Product>,
    status: Status,
    justification: Option<Justification>,
    impact_statement: Option<String>,
    timestamp: Option<DateTime<Utc>>,
    last_updated: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct VulnerabilityJson {
    /// Often the page that tells of it.
    #[serde(rename = "@id")]
    id: Option<String>,
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
}

/// Why something does not matter: one of five words.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Justification {
    ComponentNotPresent,
    VulnerableCodeNotPresent,
    VulnerableCodeNotInExecutePath,
    VulnerableCodeCannotBeControlledByAdversary,
    InlineMitigationsAlreadyExist,
}

impl OpenVex {
    /// Returns the time of its latest statement.
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.statements.iter().map(|statement| statement.said_at).max()
    }
}

impl Product {
    /// Returns its package URLs, as they are written.
    pub fn package_urls(&self) -> impl Iterator<Item = &str> {
        self.id.iter().chain(&self.identifiers.purl).map(String::as_str)
    }
}

impl StatementJson {
    /// A statement without a time of its own was said when the document was.
    fn read(self, document: DateTime<Utc>) -> Result<Statement, String> {
        let name = self.vulnerability.name;
        if name.trim().is_empty() {
            return Err("a vulnerability has no name".to_owned());
        }
        let reason = self.impact_statement.is_some_and(|text| !text.trim().is_empty()) || self.justification.is_some();
        if self.status == Status::NotAffected && !reason {
            return Err(format!("`{name}` is said not to matter, and not why"));
        }
        let said_at = self.timestamp.max(self.last_updated).unwrap_or(document);
        let page = self.vulnerability.id.and_then(|id| id.rsplit('/').next().map(str::to_owned));
        let names = std::iter::once(name).chain(self.vulnerability.aliases).chain(page).collect();
        Ok(Statement { names, products: self.products, status: self.status, said_at })
    }
}

impl<'de> Deserialize<'de> for OpenVex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let document = Value::deserialize(deserializer)?;
        let read = DocumentJson::deserialize(&document).map_err(de::Error::custom)?;
        if !is_type(&read.context) {
            return Err(de::Error::custom("its `@context` is not that of OpenVEX"));
        }
        if read.statements.is_empty() {
            return Err(de::Error::custom("the document has no statement"));
        }
        let said_at = read.last_updated.map_or(read.timestamp, |updated| updated.max(read.timestamp));
        let statements = read.statements.into_iter().map(|statement| statement.read(said_at)).collect::<Result<_, _>>();
        Ok(Self { statements: statements.map_err(de::Error::custom)?, document })
    }
}

impl Serialize for OpenVex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.document.serialize(serializer)
    }
}

/// Says whether a URI is that of OpenVEX, in any version.
pub(super) fn is_type(uri: &str) -> bool {
    uri.strip_prefix(TYPE).is_some_and(|rest| rest.is_empty() || rest.starts_with("/v"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(statement: &Value) -> Value {
        json!({
            "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/vex/1", "author": "lab",
            "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": [statement],
        })
    }

    fn read(statement: &Value) -> serde_json::Result<OpenVex> {
        serde_json::from_value(document(statement))
    }

    #[test]
    fn a_document_reads_and_is_written_as_it_came() {
        let statement = json!({
            "vulnerability": {"name": "CVE-1", "aliases": ["GHSA-1"]}, "status": "not_affected",
            "products": [{"hashes": {"sha-256": "00"}, "subcomponents": [{"@id": "pkg:pypi/a@1"}]}],
            "justification": "component_not_present", "last_updated": "2026-01-02T00:00:00Z",
        });
        let vex = read(&statement).unwrap();
        let one = &vex.statements[0];
        assert_eq!((one.names.len(), one.status), (2, Status::NotAffected));
        assert_eq!(one.products[0].subcomponents[0].package_urls().collect::<Vec<_>>(), ["pkg:pypi/a@1"]);
        let page = json!({"vulnerability": {"@id": "https://nvd.example/CVE-2", "name": "x"}, "status": "fixed"});
        assert_eq!(read(&page).unwrap().statements[0].names, ["x", "CVE-2"]);
        assert_eq!(vex.latest().unwrap().to_rfc3339(), "2026-01-02T00:00:00+00:00");
        assert_eq!(serde_json::to_value(&vex).unwrap(), document(&statement));
    }

    #[test]
    fn what_excuses_is_read_strictly() {
        let of = |more: Value| {
            let mut statement = json!({"vulnerability": {"name": "CVE-1"}});
            statement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            read(&statement)
        };
        assert!(of(json!({"status": "fixed"})).is_ok());
        assert!(of(json!({"status": "affected"})).is_ok());
        assert!(of(json!({"status": "not_affected", "impact_statement": "patched"})).is_ok());
        for bad in [
            json!({"status": "not_affected"}),
            json!({"status": "not_affected", "impact_statement": " "}),
            json!({"status": "not_affected", "justification": "because"}),
            json!({"status": "Fixed"}),
            json!({"status": "false_positive"}),
            json!({"status": "fixed", "vulnerability": {"name": ""}}),
            json!({"status": "fixed", "vulnerability": "CVE-1"}),
            json!({"status": "fixed", "products": "all"}),
            json!({}),
        ] {
            assert!(of(bad.clone()).is_err(), "{bad}");
        }
        let mut other = document(&json!({"vulnerability": {"name": "CVE-1"}, "status": "fixed"}));
        other["@context"] = json!("https://openvex.dev/nsx");
        assert!(serde_json::from_value::<OpenVex>(other.clone()).is_err());
        other["@context"] = json!(TYPE);
        other["statements"] = json!([]);
        assert!(serde_json::from_value::<OpenVex>(other).is_err());
    }
}
