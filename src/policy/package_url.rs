//! Package URLs (ECMA-427), as far as they are compared: type, namespace, name and version.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};

use crate::package_url::Parts;

/// A package, or one version of it. Qualifiers and subpaths are left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PackageUrl {
    /// Type, namespace and name, in their normal form.
    package: String,
    version: Option<String>,
}

impl PackageUrl {
    /// Says whether `other` is this package, in any version if this one has none.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.package == other.package && (self.version.is_none() || self.version == other.version)
    }

    /// Says whether it names an image of a container.
    pub(super) fn is_image(&self) -> bool {
        ["oci/", "docker/"].iter().any(|kind| self.package.starts_with(kind))
    }
}

impl FromStr for PackageUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fault = || format!("`{text}` is no package URL, such as `pkg:pypi/numpy@2.1.0`");
        let Parts { kind, name, version } = Parts::parse(text).map_err(|_| fault())?;
        let name = match kind.as_str() {
            // A run of separators is one (PEP 503).
            "pypi" => name
                .split(['-', '_', '.'])
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("-")
                .to_ascii_lowercase(),
            "github" | "gitlab" | "bitbucket" | "composer" | "npm" | "deb" | "oci" => name.to_ascii_lowercase(),
            _ => name,
        };
        if version.as_ref().is_some_and(String::is_empty) {
            return Err(fault());
        }
        Ok(Self { package: format!("{kind}/{name}"), version })
    }
}

impl fmt::Display for PackageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pkg:{}", self.package)?;
        self.version.as_ref().map_or(Ok(()), |version| write!(f, "@{version}"))
    }
}

impl<'de> Deserialize<'de> for PackageUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for PackageUrl {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PackageUrl".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^pkg:"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(one: &str, other: &str) -> bool {
        one.parse::<PackageUrl>().unwrap().covers(&other.parse().unwrap())
    }

    #[test]
    fn one_package_has_one_form() {
        for (one, other) in [
            ("pkg:pypi/Evil_Pkg", "pkg:pypi/evil-pkg@1"),
            ("pkg:pypi/evil.pkg", "pkg:PyPI/evil-pkg@1?x=y#z"),
            ("pkg:pypi/evil-pkg", "pkg:pypi/evil__.pkg@1"),
            ("pkg:pypi/a@1", "pkg:pypi/%61@1"),
            ("pkg:npm/%40scope/x", "pkg:npm/@scope/x@1"),
            ("pkg:cargo/x@1.0", "pkg:/cargo/x@1.0"),
            ("pkg:oci/Debian@sha256:ab", "pkg:oci/debian@sha256%3Aab?repository_url=example.com%2Fdebian"),
        ] {
            assert!(covers(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("pkg:pypi/a@1", "pkg:pypi/a@1.0"),
            ("pkg:pypi/a", "pkg:pypi/ab"),
            ("pkg:pypi/a", "pkg:npm/a"),
            ("pkg:pypi/a@1", "pkg:pypi/a"),
        ] {
            assert!(!covers(one, other), "{one} {other}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "pypi/a", "pkg:", "pkg:pypi", "pkg:pypi/", "pkg:pypi/a@", "pkg:pypi/%zz", "pkg:pypi/%f"] {
            assert!(text.parse::<PackageUrl>().is_err(), "{text}");
        }
    }
}
