//! What is known of packages beside the evidence: when they were uploaded, and by how many people they are
//! kept. The file is the verifier's own; `schemas/package-facts.schema.json` is made from these types.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use crate::digest::Digest;
use crate::files;
use crate::json;
use crate::limits;
use crate::policy::PolicyError;
use crate::policy::package_url::PackageUrl;

/// Facts about packages.
#[derive(Debug)]
pub struct PackageFacts {
    packages: BTreeMap<PackageUrl, Fact>,
    digest: Digest,
}

/// Facts about packages, by package URL with version.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `packages`")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FactsFile {
    /// The packages.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, Fact>"))]
    packages: BTreeMap<String, Value>,
}

/// What is known of one version of a package.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Fact {
    /// When it was uploaded, with a time zone.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    uploaded: Option<DateTime<Utc>>,
    /// How many people keep the package.
    maintainers: Option<u64>,
}

impl PackageFacts {
    /// Reads a file of facts.
    pub fn load(path: &Path) -> Result<Self, PolicyError> {
        let bytes = files::read(path, limits::PACKAGE_FACTS_BYTES)?;
        let fault = |source| PolicyError::PackageFacts { path: path.to_owned(), source };
        let file: FactsFile = json::parse(&bytes).map_err(fault)?;
        let mut packages = BTreeMap::new();
        for (text, fact) in file.packages {
            let fact = Fact::deserialize(fact).map_err(|error| fault(unread(&text, &error)))?;
            let url: PackageUrl = text.parse().map_err(|message| fault(json::JsonError::Shape(message)))?;
            if packages.insert(url, fact).is_some() {
                return Err(fault(json::JsonError::Duplicate(text)));
            }
        }
        Ok(Self { packages, digest: Digest::of(&bytes) })
    }

    /// Returns the SHA-256 of the file.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

/// Names the package of which the facts can't be read, and says what they are.
fn unread(package: &str, error: &serde_json::Error) -> json::JsonError {
    json::JsonError::Shape(format!(
        "`{package}`: {error}; write `uploaded` as a time with its zone, such as \"2024-08-18T21:31:02Z\", and `maintainers` as a number"
    ))
}

/// What is known of one package, from the file and from the BOM.
pub(super) struct Facts {
    /// The newest time of upload that anybody states.
    pub(super) uploaded: Option<DateTime<Utc>>,
    /// The number of people.
    pub(super) maintainers: Option<u64>,
}

impl Facts {
    /// Finds what is known of a package. One in no version in particular was uploaded at no time in particular.
    pub(super) fn of(facts: Option<&PackageFacts>, url: &PackageUrl, is_elsewhere: bool, in_bom: Option<&str>) -> Self {
        // What is elsewhere than in the index of its type is another package, whatever that index knows.
        let fact = facts.filter(|_| !is_elsewhere).and_then(|facts| facts.packages.get(url));
        let stated = in_bom.and_then(|time| time.parse().ok());
        let newest = fact.and_then(|fact| fact.uploaded).max(stated);
        Self { uploaded: newest.filter(|_| url.has_version()), maintainers: fact.and_then(|fact| fact.maintainers) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;

    #[test]
    fn the_published_schema_is_that_of_these_types() {
        crate::test_support::assert_schema::<FactsFile>("schemas/package-facts.schema.json");
    }

    fn load(text: &str) -> Result<PackageFacts, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("facts.json");
        std::fs::write(&path, text).unwrap();
        PackageFacts::load(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn facts_are_found_by_package() {
        let facts = load(r#"{"packages": {"pkg:pypi/A_b@1": {"uploaded": "2026-01-01T00:00:00Z", "maintainers": 2}}}"#);
        let facts = facts.unwrap();
        let of = |url: &str, in_bom| Facts::of(Some(&facts), &url.parse().unwrap(), false, in_bom);
        assert_eq!(of("pkg:pypi/a-b@1", None).maintainers, Some(2));
        assert!(of("pkg:pypi/a-b@2", None).uploaded.is_none());
        let newer = of("pkg:pypi/a-b@1", Some("2026-02-01T00:00:00Z")).uploaded.unwrap();
        assert_eq!(newer, "2026-02-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
    }

    #[test]
    fn a_time_is_of_a_version_and_keepers_are_of_a_package() {
        let facts = load(r#"{"packages": {"pkg:pypi/a": {"uploaded": "2026-01-01T00:00:00Z", "maintainers": 2}}}"#);
        let facts = facts.unwrap();
        let of = Facts::of(Some(&facts), &"pkg:pypi/a".parse().unwrap(), false, Some("2026-01-01T00:00:00Z"));
        assert_eq!((of.uploaded, of.maintainers), (None, Some(2)));
        let elsewhere = Facts::of(Some(&facts), &"pkg:pypi/a".parse().unwrap(), true, None);
        assert_eq!(elsewhere.maintainers, None);
    }

    #[test]
    fn an_error_names_the_package_and_what_to_write() {
        for fact in [r#"{"uploaded": "2024"}"#, r#"{"maintainers": "5"}"#, "[]", r#"{"age": 1}"#] {
            let error =
                load(&format!(r#"{{"packages": {{"pkg:pypi/good@1": {{}}, "pkg:pypi/bad@1": {fact}}}}}"#)).unwrap_err();
            assert!(error.contains("`pkg:pypi/bad@1`: ") && error.contains("`uploaded` as a time"), "{error}");
        }
        assert!(load("[]").unwrap_err().contains("an object with `packages`"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("facts.json");
        std::fs::write(&path, r#"{"packages": []}"#).unwrap();
        let hint = PackageFacts::load(&path).unwrap_err().hint().unwrap();
        std::fs::write(&path, hint.split('`').nth(1).unwrap()).unwrap();
        PackageFacts::load(&path).unwrap();
    }

    #[test]
    fn other_files_are_refused() {
        for text in [
            "",
            "{}",
            r#"{"packages": {}, "x": 1}"#,
            r#"{"packages": {"numpy": {}}}"#,
            r#"{"packages": {"pkg:pypi/a@1": {}, "pkg:pypi/A@1": {}}}"#,
            r#"{"packages": {"pkg:pypi/a@1": {"age": 1}}}"#,
        ] {
            assert!(load(text).is_err(), "{text}");
        }
    }
}
