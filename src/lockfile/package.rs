//! A package, and its package URL (ECMA-427).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use crate::limits;
use crate::lockfile::{LockError, PackageHash};

/// Where packages come from; the type of a package URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ecosystem {
    /// Crates of Rust.
    Cargo,
    /// Packages of conda channels.
    Conda,
    /// Packages of Python.
    Pypi,
}

/// A package as a lock file names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// Where it comes from.
    pub ecosystem: Ecosystem,
    /// Its name, in the normal form of where it comes from.
    pub name: String,
    /// Its version, if the file pins one.
    pub version: Option<String>,
    /// What else tells it from others of its name and version, as a package URL says it.
    pub qualifiers: BTreeMap<&'static str, String>,
    /// The digests of the archives from which it may be installed.
    pub hashes: BTreeSet<PackageHash>,
    /// When the newest of them was uploaded, if the file says so of each.
    pub uploaded: Option<DateTime<Utc>>,
}

impl Ecosystem {
    /// Returns the type of its package URLs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cargo => "cargo",
            Self::Conda => "conda",
            Self::Pypi => "pypi",
        }
    }
}

impl Package {
    /// Names a package of which nothing else is known.
    pub fn new(ecosystem: Ecosystem, name: &str, version: Option<String>) -> Self {
        let name = match ecosystem {
            // PyPA: names are lower case, with one `-` for any run of `-`, `_` and `.`.
            Ecosystem::Pypi => {
                let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
                parts.collect::<Vec<_>>().join("-").to_ascii_lowercase()
            }
            Ecosystem::Conda => name.to_ascii_lowercase(),
            Ecosystem::Cargo => name.to_owned(),
        };
        Self { ecosystem, name, version, qualifiers: BTreeMap::new(), hashes: BTreeSet::new(), uploaded: None }
    }

    /// Adds a qualifier.
    #[must_use]
    pub(super) fn qualified(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.qualifiers.insert(key, value.into());
        self
    }

    /// Returns its package URL.
    pub fn url(&self) -> String {
        let mut url = format!("pkg:{}/{}", self.ecosystem.as_str(), encoded(&self.name));
        if let Some(version) = &self.version {
            url.extend(["@", &encoded(version)]);
        }
        for (place, (key, value)) in self.qualifiers.iter().enumerate() {
            url.extend([if place == 0 { "?" } else { "&" }, key, "=", &encoded(value)]);
        }
        url
    }

    /// Refuses texts that no package has.
    pub(super) fn check(&self) -> Result<(), LockError> {
        if self.name.is_empty() {
            return Err(LockError::Shape("a package has no name".to_owned()));
        }
        for text in [&self.name].into_iter().chain(&self.version).chain(self.qualifiers.values()) {
            if text.len() > limits::PACKAGE_TEXT_BYTES {
                return Err(LockError::Limit { limit: limits::PACKAGE_TEXT_BYTES, noun: "bytes of a name" });
            }
            if text.contains(char::is_control) {
                return Err(LockError::Shape("the name or version of a package has a control character".to_owned()));
            }
        }
        Ok(())
    }
}

/// Sorts packages and makes one of those that have one package URL: it has the digests of all. When it was uploaded is
/// known only if each says so.
pub(super) fn merged(packages: Vec<Package>) -> Vec<Package> {
    let mut merged: BTreeMap<String, Package> = BTreeMap::new();
    for package in packages {
        match merged.entry(package.url()) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(package);
            }
            std::collections::btree_map::Entry::Occupied(mut place) => {
                let known = place.get_mut();
                known.uploaded = known.uploaded.zip(package.uploaded).map(|(one, other)| one.max(other));
                known.hashes.extend(package.hashes);
            }
        }
    }
    merged.into_values().collect()
}

/// Encodes what a part of a package URL may not hold as it is.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_urls_are_in_their_normal_form() {
        let url = |ecosystem, name: &str, version: &str| Package::new(ecosystem, name, Some(version.to_owned())).url();
        assert_eq!(url(Ecosystem::Pypi, "Ruamel__Yaml.Clib", "1.0"), "pkg:pypi/ruamel-yaml-clib@1.0");
        assert_eq!(url(Ecosystem::Pypi, "torch", "2.4.0+cu121"), "pkg:pypi/torch@2.4.0%2Bcu121");
        assert_eq!(url(Ecosystem::Cargo, "serde_json", "1.0.0"), "pkg:cargo/serde_json@1.0.0");
        assert_eq!(url(Ecosystem::Pypi, "a", "1!2"), "pkg:pypi/a@1%212");
        let conda = Package::new(Ecosystem::Conda, "zlib", Some("1.2".to_owned()));
        let conda = conda.qualified("subdir", "linux-64").qualified("build", "h5_0");
        assert_eq!(conda.url(), "pkg:conda/zlib@1.2?build=h5_0&subdir=linux-64");
    }

    #[test]
    fn the_same_package_stands_once() {
        let time = |text: &str| Some(text.parse().unwrap());
        let one = Package { uploaded: time("2026-01-01T00:00:00Z"), ..Package::new(Ecosystem::Pypi, "a", None) };
        let other = Package { uploaded: time("2026-02-01T00:00:00Z"), ..one.clone() };
        assert_eq!(merged(vec![other.clone(), one.clone()]), [other]);
        let unknown = Package { uploaded: None, ..one.clone() };
        assert_eq!(merged(vec![one, unknown.clone()]), [unknown]);
    }
}
