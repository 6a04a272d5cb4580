//! Packages, from package URLs to the names that OSV has for them.

use std::str::FromStr;

use crate::osv::Answer;
use crate::osv::version::{Order, Version};
use crate::package_url::{Parts, normal_name};

/// A package of an ecosystem, perhaps in one version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    kind: String,
    /// Namespace and name.
    name: String,
    version: Option<Version>,
}

/// The types of package URLs whose ecosystem in OSV is known, with the order of their versions.
const ECOSYSTEMS: [(&str, &str, Order); 13] = [
    ("pypi", "PyPI", Order::Python),
    ("cargo", "crates.io", Order::Semantic),
    ("npm", "npm", Order::Semantic),
    ("golang", "Go", Order::Semantic),
    ("hex", "Hex", Order::Semantic),
    ("pub", "Pub", Order::Semantic),
    ("swift", "SwiftURL", Order::Semantic),
    ("maven", "Maven", Order::Unknown),
    ("nuget", "NuGet", Order::Unknown),
    ("gem", "RubyGems", Order::Unknown),
    ("composer", "Packagist", Order::Unknown),
    ("conan", "ConanCenter", Order::Unknown),
    ("deb", "Debian", Order::Unknown),
];

impl Package {
    /// Says whether OSV has an ecosystem for it that is known here.
    pub fn is_known(&self) -> bool {
        ECOSYSTEMS.iter().any(|(kind, _, _)| *kind == self.kind)
    }

    /// Says whether it has a version.
    pub fn has_version(&self) -> bool {
        self.version.is_some()
    }

    /// Returns the type of its package URL.
    pub fn ecosystem(&self) -> &str {
        &self.kind
    }

    pub(super) fn version(&self) -> Option<&Version> {
        self.version.as_ref()
    }

    /// Returns the package without its version.
    pub fn key(&self) -> Key {
        (self.kind.clone(), self.name.clone())
    }
}

/// A package without version: the type of its package URL, and its name in OSV.
pub type Key = (String, String);

/// Returns the package that OSV calls so. A release of an ecosystem (`Debian:12`) is not told apart.
pub(super) fn key(ecosystem: &str, name: &str) -> Option<Key> {
    let ecosystem = ecosystem.split(':').next().unwrap_or_default();
    let (kind, ..) = ECOSYSTEMS.iter().find(|(_, known, _)| *known == ecosystem)?;
    Some(((*kind).to_owned(), normal(kind, name)))
}

/// Returns the one form of a name that OSV has for a package.
fn normal(kind: &str, name: &str) -> String {
    let name = normal_name(kind, name);
    match kind {
        // A package URL has the distribution in front.
        "deb" => name.rsplit('/').next().unwrap_or_default().to_owned(),
        "maven" => name.replace('/', ":"),
        _ => name,
    }
}

fn order_of(kind: &str) -> Order {
    ECOSYSTEMS.iter().find(|(known, ..)| *known == kind).map_or(Order::Unknown, |(_, _, order)| *order)
}

/// Says whether the version that a document states of a package is one that somebody names, in whatever spelling. Where the order
/// of versions is not known, they go letter by letter.
pub(crate) fn is_version(kind: &str, stated: &str, named: &str) -> Answer {
    Version::new(order_of(kind), stated.to_owned()).answer(named)
}

/// Says whether a text can be a version of a package of this type.
pub(crate) fn is_readable(kind: &str, version: &str) -> bool {
    Version::new(order_of(kind), version.to_owned()).is_readable()
}

impl FromStr for Package {
    type Err = &'static str;

    /// Reads a package URL.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Parts { kind, name, version } = Parts::parse(text)?;
        let version = version.filter(|version| !version.is_empty());
        let version = version.map(|version| Version::new(order_of(&kind), version));
        Ok(Self { name: normal(&kind, &name), kind, version })
    }
}
