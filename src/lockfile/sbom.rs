//! BOMs of others: CycloneDX JSON of any version, and SPDX 2 in JSON, as far as they name packages.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::json;
use crate::limits;
use crate::lockfile::{LockError, PackageHash};

/// A package of a BOM.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImportedPackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// Its package URL.
    pub url: Option<String>,
    /// Its digests.
    pub hashes: BTreeSet<PackageHash>,
    /// Who supplies, made or wrote it.
    pub producer: Option<String>,
    /// Its licences.
    pub licenses: Vec<PackageLicense>,
}

/// A licence as another document states it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PackageLicense {
    /// What should be an SPDX expression, which may be one identifier.
    Expression(String),
    /// A name of no list.
    Name(String),
}

/// Reads the bytes of a BOM.
pub fn read(bytes: &[u8]) -> Result<Vec<ImportedPackage>, LockError> {
    if bytes.len() > limits::LOCK_FILE_BYTES {
        return Err(LockError::Limit { limit: limits::LOCK_FILE_BYTES, noun: "bytes" });
    }
    let document: Value = json::parse(bytes)?;
    let packages = if document.get("bomFormat").and_then(Value::as_str) == Some("CycloneDX") {
        cyclonedx(&document)
    } else if let Some(version) = document.get("spdxVersion").and_then(Value::as_str) {
        if !version.starts_with("SPDX-2.") {
            return Err(LockError::Version(super::shown(version)));
        }
        spdx(&document)
    } else {
        return Err(LockError::Shape("it is neither CycloneDX nor SPDX 2, in JSON".to_owned()));
    }?;
    if packages.len() > limits::PACKAGES {
        return Err(LockError::Limit { limit: limits::PACKAGES, noun: "packages" });
    }
    packages.iter().try_for_each(ImportedPackage::check)?;
    Ok(packages)
}

fn array<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn named(value: &Value) -> Result<String, LockError> {
    text(value, "name").ok_or_else(|| LockError::Shape("a package has no name".to_owned()))
}

/// Takes libraries and frameworks, however deep.
fn cyclonedx(document: &Value) -> Result<Vec<ImportedPackage>, LockError> {
    let mut packages = Vec::new();
    let mut open: Vec<&Value> = array(document, "components").collect();
    while let Some(component) = open.pop() {
        open.extend(array(component, "components"));
        if !matches!(component.get("type").and_then(Value::as_str), Some("library" | "framework")) {
            continue;
        }
        let (name, version) = (named(component)?, text(component, "version"));
        let name = text(component, "group").map_or(name.clone(), |group| format!("{group}/{name}"));
        let mut hashes = BTreeSet::new();
        for hash in array(component, "hashes") {
            let (algorithm, content) = (text(hash, "alg").unwrap_or_default(), text(hash, "content"));
            hashes.extend(PackageHash::named(&algorithm, &content.unwrap_or_default())?);
        }
        let (producer, licenses) = (producer(component), licenses(component));
        packages.push(ImportedPackage { name, version, url: text(component, "purl"), hashes, producer, licenses });
    }
    packages.sort();
    Ok(packages)
}

/// Returns who is named for a component of CycloneDX: the supplier before the others.
fn producer(component: &Value) -> Option<String> {
    let organisation = |key: &str| text(component.get(key)?, "name");
    let author = || array(component, "authors").find_map(|author| text(author, "name"));
    let named = organisation("supplier").or_else(|| organisation("manufacturer"));
    named.or_else(|| text(component, "publisher")).or_else(author).or_else(|| text(component, "author"))
}

fn licenses(component: &Value) -> Vec<PackageLicense> {
    let one = |choice: &Value| match choice.get("license") {
        Some(license) => text(license, "id")
            .map(PackageLicense::Expression)
            .or_else(|| text(license, "name").map(PackageLicense::Name)),
        None => text(choice, "expression").map(PackageLicense::Expression),
    };
    array(component, "licenses").filter_map(one).take(limits::NOTED_TEXTS).collect()
}

/// Returns a value of SPDX that says something.
fn asserted(value: &Value, key: &str) -> Option<String> {
    text(value, key).filter(|text| text != "NOASSERTION" && text != "NONE")
}

/// Takes the packages that are not what the document describes.
fn spdx(document: &Value) -> Result<Vec<ImportedPackage>, LockError> {
    let described = array(document, "relationships")
        .filter(|relationship| relationship.get("relationshipType").and_then(Value::as_str) == Some("DESCRIBES"));
    let mut roots: BTreeSet<&str> =
        described.filter_map(|relationship| relationship.get("relatedSpdxElement").and_then(Value::as_str)).collect();
    roots.extend(array(document, "documentDescribes").filter_map(Value::as_str));
    let mut packages = Vec::new();
    for package in array(document, "packages") {
        if package.get("SPDXID").and_then(Value::as_str).is_some_and(|name| roots.contains(name)) {
            continue;
        }
        let is_url = |reference: &&Value| text(reference, "referenceType").as_deref() == Some("purl");
        let url = array(package, "externalRefs").find(is_url).and_then(|reference| text(reference, "referenceLocator"));
        let mut hashes = BTreeSet::new();
        for sum in array(package, "checksums") {
            let (algorithm, content) = (text(sum, "algorithm").unwrap_or_default(), text(sum, "checksumValue"));
            hashes.extend(PackageHash::new(&algorithm, &content.unwrap_or_default())?);
        }
        let (name, version) = (named(package)?, text(package, "versionInfo"));
        let producer = asserted(package, "supplier").or_else(|| asserted(package, "originator"));
        let plain = |text: String| text.split_once(": ").map_or(text.clone(), |(_, name)| name.to_owned());
        let license = asserted(package, "licenseConcluded").or_else(|| asserted(package, "licenseDeclared"));
        let licenses = license.map(PackageLicense::Expression).into_iter().collect();
        packages.push(ImportedPackage { name, version, url, hashes, producer: producer.map(plain), licenses });
    }
    packages.sort();
    Ok(packages)
}

impl PackageLicense {
    fn text(&self) -> &String {
        match self {
            Self::Expression(text) | Self::Name(text) => text,
        }
    }
}

impl ImportedPackage {
    /// Refuses a package that contradicts itself, or texts that no package has.
    fn check(&self) -> Result<(), LockError> {
        let licenses = self.licenses.iter().map(PackageLicense::text);
        for text in [&self.name].into_iter().chain(&self.version).chain(&self.url).chain(&self.producer).chain(licenses)
        {
            if text.len() > limits::PACKAGE_TEXT_BYTES {
                return Err(LockError::Limit { limit: limits::PACKAGE_TEXT_BYTES, noun: "bytes of a name" });
            }
            if text.contains(char::is_control) {
                return Err(LockError::Shape("the name or version of a package has a control character".to_owned()));
            }
        }
        let Some(url) = &self.url else { return Ok(()) };
        let name = super::shown(&self.name);
        if !url.starts_with("pkg:") {
            return Err(LockError::Shape(format!("the package URL of `{name}` is none")));
        }
        let plain = url.split(['?', '#']).next().unwrap_or_default();
        let stated = plain.rsplit_once('@').map(|(_, version)| version).filter(|version| !version.contains('/'));
        match (stated, &self.version) {
            // An encoded version is compared by nobody but as it is.
            (Some(stated), Some(version)) if stated != version && !stated.contains('%') => Err(LockError::Shape(
                format!("`{name}` has the version `{}` and another one in its package URL", super::shown(version)),
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cyclonedx_of_any_version_is_read() {
        for version in ["1.2", "1.5", "1.7"] {
            let text = format!(
                r#"{{"bomFormat": "CycloneDX", "specVersion": "{version}", "components": [
                  {{"type": "library", "name": "numpy", "version": "2.1.0", "purl": "pkg:pypi/numpy@2.1.0",
                    "hashes": [{{"alg": "SHA-256", "content": "{}"}}]}},
                  {{"type": "application", "name": "x", "components": [{{"type": "framework", "group": "g", "name": "f"}}]}}
                ]}}"#,
                "0".repeat(64)
            );
            let packages = read(text.as_bytes()).unwrap();
            let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
            assert_eq!(names, ["g/f", "numpy"]);
            assert_eq!(packages[1].hashes.len(), 1);
        }
    }

    #[test]
    fn producers_and_licences_are_taken_over() {
        let text = r#"{"bomFormat": "CycloneDX", "components": [
            {"type": "library", "name": "a", "supplier": {"name": "A"}, "licenses": [{"license": {"id": "MIT"}}]},
            {"type": "library", "name": "b", "author": "B", "licenses": [{"license": {"name": "own"}}]},
            {"type": "library", "name": "c", "authors": [{"name": "C"}], "licenses": [{"expression": "MIT OR Apache-2.0"}]}]}"#;
        let packages = read(text.as_bytes()).unwrap();
        let producers: Vec<_> = packages.iter().map(|package| package.producer.as_deref().unwrap()).collect();
        assert_eq!(producers, ["A", "B", "C"]);
        let expression = |text: &str| PackageLicense::Expression(text.to_owned());
        let expected = [expression("MIT"), PackageLicense::Name("own".to_owned()), expression("MIT OR Apache-2.0")];
        assert_eq!(packages.iter().flat_map(|package| package.licenses.clone()).collect::<Vec<_>>(), expected);
        let text = r#"{"spdxVersion": "SPDX-2.3", "packages": [{"SPDXID": "a", "name": "a", "supplier": "Organization: A",
            "licenseConcluded": "NOASSERTION", "licenseDeclared": "MIT"}]}"#;
        let package = read(text.as_bytes()).unwrap().remove(0);
        assert_eq!((package.producer.as_deref(), package.licenses), (Some("A"), vec![expression("MIT")]));
    }

    #[test]
    fn spdx_is_read_without_what_it_describes() {
        let text = r#"{"spdxVersion": "SPDX-2.3", "packages": [
            {"SPDXID": "SPDXRef-root", "name": "app"},
            {"SPDXID": "SPDXRef-a", "name": "numpy", "versionInfo": "2.1.0", "externalRefs": [
              {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:pypi/numpy@2.1.0"}],
             "checksums": [{"algorithm": "SHA1", "checksumValue": "0000000000000000000000000000000000000000"}]}],
            "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                               "relatedSpdxElement": "SPDXRef-root"}]}"#;
        let packages = read(text.as_bytes()).unwrap();
        assert_eq!(packages.len(), 1);
        assert_eq!((packages[0].url.as_deref(), packages[0].hashes.len()), (Some("pkg:pypi/numpy@2.1.0"), 1));
    }

    #[test]
    fn contradictions_and_other_files_are_errors() {
        let library =
            |rest: &str| format!(r#"{{"bomFormat": "CycloneDX", "components": [{{"type": "library", {rest}}}]}}"#);
        for text in [
            "{}".to_owned(),
            r#"{"spdxVersion": "SPDX-3.0"}"#.to_owned(),
            library(r#""version": "1""#),
            library(r#""name": "a", "version": "1", "purl": "pkg:pypi/a@2""#),
            library(r#""name": "a", "purl": "a@2""#),
            library(r#""name": "a\u0007""#),
            library(r#""name": "a", "hashes": [{"alg": "SHA-256", "content": "00"}]"#),
            format!(r#"{{"bomFormat": "CycloneDX", "components": {}"#, "[".repeat(100_000)),
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text:.90}");
        }
    }
}
