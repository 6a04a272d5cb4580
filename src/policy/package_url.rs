//! Package URLs (ECMA-427), as far as they are compared: type, namespace, name and version.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};

use crate::osv::{self, Answer};
use crate::package_url::Parts;

/// A package, or one version of it. Qualifiers and subpaths are left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PackageUrl {
    kind: String,
    /// Namespace and name, in their normal form.
    name: String,
    version: Option<String>,
}

/// Says whether a package URL names another place than the index of its type.
pub(super) fn is_elsewhere(text: &str) -> bool {
    let qualifiers = text.split('#').next().and_then(|text| text.split_once('?')).map_or("", |(_, rest)| rest);
    let places = ["download_url", "repository_url", "vcs_url"];
    let mut keys = qualifiers.split('&').filter_map(|one| one.split('=').next());
    keys.any(|key| places.contains(&key.to_ascii_lowercase().as_str()))
}

impl PackageUrl {
    /// Reads what a document says, in any spelling; nothing of what has no one form.
    pub(super) fn read(text: &str) -> Option<Self> {
        let Parts { kind, name, version } = Parts::parse(text).ok()?;
        let is_empty = version.as_ref().is_some_and(String::is_empty);
        (!is_empty).then_some(Self { kind, name, version })
    }

    /// Returns the package in a version that is stated beside it, if it has none itself.
    pub(super) fn or_version(self, version: Option<&str>) -> Self {
        if self.version.is_some() { self } else { self.in_version(version) }
    }

    /// Returns the package in another version, if one is stated.
    pub(super) fn in_version(self, version: Option<&str>) -> Self {
        let stated = version.filter(|version| !version.is_empty()).map(str::to_owned);
        Self { version: stated.or(self.version), ..self }
    }

    /// Says whether it is one version of a package.
    pub(super) fn has_version(&self) -> bool {
        self.version.is_some()
    }

    /// Returns the package in whatever version.
    pub(super) fn without_version(self) -> Self {
        Self { version: None, ..self }
    }

    /// Says whether `other` is this package, in any version if this one has none, else in the same, letter by letter.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let is_of = self.kind == other.kind && self.name == other.name;
        is_of && (self.version.is_none() || self.version == other.version)
    }

    /// Says whether `other` may be this package, in any version if this one has none, else in this one, by whatever name the
    /// index has for it. Nobody can say of a package whose version is not stated, or is none. Letters may be large or small, whatever the
    /// index makes of them: that means a package too many, and never one too few.
    pub(super) fn means(&self, other: &Self) -> Answer {
        let is_named = |name: &str| lower(&self.name).eq(lower(name));
        match (&self.version, &other.version) {
            _ if self.kind != other.kind => Answer::No,
            _ if !is_named(&other.name) && !other.without_major().is_some_and(is_named) => Answer::No,
            (None, _) => Answer::Yes,
            (Some(_), None) => Answer::Undecided,
            (Some(version), Some(stated)) => {
                osv::is_version(&self.kind, &stated.to_lowercase(), &version.to_lowercase())
            }
        }
    }

    /// Returns the name of a module of Go without the major version at its end, which is one of the versions of that module.
    fn without_major(&self) -> Option<&str> {
        let (name, last) = self.name.rsplit_once('/').filter(|_| self.kind == "golang")?;
        let digits = last.strip_prefix(['v', 'V'])?;
        (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(name)
    }

    /// Says whether it names an image of a container.
    pub(super) fn is_image(&self) -> bool {
        ["oci", "docker"].contains(&self.kind.as_str())
    }
}

/// Returns a text in small letters.
fn lower(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

/// Says whether a package URL that somebody writes into a file has nothing in it that could be meant for a pattern.
fn is_plain(text: &str) -> bool {
    let (rest, _) = text.split_once('#').unwrap_or((text, ""));
    let (package, pairs) = rest.split_once('?').map_or((rest, None), |(package, pairs)| (package, Some(pairs)));
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/@%+!".contains(c);
    let is_pair = |pair: &str| pair.split_once('=').is_some_and(|(key, _)| !key.is_empty());
    package.chars().all(allowed) && pairs.is_none_or(|pairs| pairs.split('&').all(is_pair))
}

impl FromStr for PackageUrl {
    type Err = String;

    /// Reads what somebody writes to name a package: what could never be the name of one is refused.
    fn from_str(text: &str) -> Result<Self, String> {
        let fault = |why: &str| format!("`{text}` is no package URL, such as `pkg:pypi/numpy@2.1.0`: {why}");
        Parts::parse(text).map_err(&fault)?;
        let url = Self::read(text).ok_or_else(|| fault("its version is empty"))?;
        if !is_plain(text) {
            return Err(fault("names match exactly, and there are no patterns"));
        }
        match &url.version {
            Some(version) if !osv::is_readable(&url.kind, version) => {
                Err(fault(&format!("`{version}` is no version of `{}`", url.kind)))
            }
            _ => Ok(url),
        }
    }
}

impl fmt::Display for PackageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pkg:{}/{}", self.kind, self.name)?;
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

    fn means(one: &str, other: &str) -> Answer {
        one.parse::<PackageUrl>().unwrap().means(&PackageUrl::read(other).unwrap())
    }

    #[test]
    fn a_package_from_another_place_is_told_apart() {
        for (url, elsewhere) in [
            ("pkg:pypi/a@1", false),
            ("pkg:deb/debian/a@1?arch=amd64", false),
            ("pkg:pypi/a@1?repository_url=https://evil.example/simple", true),
            ("pkg:pypi/a@1?x=y&VCS_URL=git%2Bhttps://evil.example/a#sub", true),
            ("pkg:pypi/a@1#?vcs_url=x", false),
        ] {
            assert_eq!(is_elsewhere(url), elsewhere, "{url}");
        }
    }

    #[test]
    fn one_package_has_one_form() {
        for (one, other) in [
            ("pkg:pypi/Evil_Pkg", "pkg:pypi/evil-pkg@1"),
            ("pkg:pypi/evil.pkg", "pkg:PyPI/evil-pkg@1?x=y#z"),
            ("pkg:pypi/evil-pkg", "pkg:pypi/evil__.pkg@1"),
            ("pkg:pypi/a@1", "pkg:pypi/%61@1"),
            ("pkg:pypi/a", "pkg:pypi//a@1"),
            ("pkg:pypi/a", "pkg:pypi/a/@1"),
            ("pkg:npm/%40scope/x", "pkg:npm/@scope/x@1"),
            ("pkg:cargo/x@1.0.0", "pkg:/cargo/x@1.0.0"),
            ("pkg:oci/Debian@sha256:ab", "pkg:oci/debian@sha256%3Aab?repository_url=example.com%2Fdebian"),
            ("pkg:docker/debian@12", "pkg:docker/library/debian@12"),
            ("pkg:huggingface/o/m@ABCD", "pkg:huggingface/O/m@abcd"),
            ("pkg:golang/github.com/a/b", "pkg:golang/github.com/a/b/v2@v2.0.0"),
            ("pkg:golang/github.com/a/b/v2", "pkg:golang/github.com/a/b/v2@v2.0.0"),
            ("pkg:docker/evil", "pkg:docker/index.docker.io/library/evil@1"),
            ("pkg:rpm/fedora/curl", "pkg:rpm/Fedora/Curl@1"),
            ("pkg:npm/jsonstream", "pkg:npm/JSONStream@1.0.0"),
            ("pkg:generic/gr%C3%B6%C3%9Fe", "pkg:generic/GR%C3%96%C3%9Fe@1"),
        ] {
            assert_eq!(means(one, other), Answer::Yes, "{one} {other}");
        }
    }

    #[test]
    fn one_version_has_many_spellings() {
        for (one, other, expected) in [
            ("pkg:pypi/a@1", "pkg:pypi/a@1.0.0", Answer::Yes),
            ("pkg:pypi/a@1.0", "pkg:pypi/a@v01.0", Answer::Yes),
            ("pkg:pypi/a@1.0", "pkg:pypi/a@1.0+cu118", Answer::Yes),
            ("pkg:pypi/a@1.0rc1", "pkg:pypi/a@1.0C1", Answer::Yes),
            ("pkg:pypi/a@1.0", "pkg:pypi/a@1.0rc1", Answer::No),
            ("pkg:pypi/a@1", "pkg:pypi/a", Answer::Undecided),
            ("pkg:pypi/a@1", "pkg:pypi/a@latest", Answer::Undecided),
            ("pkg:npm/a@1.0.0", "pkg:npm/a@v1.0.0+build", Answer::Yes),
            ("pkg:npm/a@1.0.0", "pkg:npm/a@1", Answer::Undecided),
            ("pkg:npm/a@1.0.0", "pkg:npm/a@1.0.1", Answer::No),
            ("pkg:maven/a/b@1.0", "pkg:maven/a/b@1.0.0", Answer::No),
            ("pkg:pypi/a", "pkg:pypi/ab", Answer::No),
            ("pkg:pypi/a", "pkg:npm/a", Answer::No),
            ("pkg:golang/a.b/c/v2", "pkg:golang/a.b/c@v1.0.0", Answer::No),
            ("pkg:golang/a.b/c", "pkg:golang/a.b/c/v@v1.0.0", Answer::No),
            ("pkg:golang/a.b/c@v1.0.0", "pkg:golang/a.b/c/v2@v2.0.0", Answer::No),
        ] {
            assert_eq!(means(one, other), expected, "{one} {other}");
        }
        let read = |text| PackageUrl::read(text).unwrap();
        assert!(!read("pkg:pypi/a@1").covers(&read("pkg:pypi/a@1.0")), "what excuses a package goes letter by letter");
        assert!(!read("pkg:gem/A@1").covers(&read("pkg:gem/a@1")), "what excuses a package goes letter by letter");
        assert_eq!(read("pkg:pypi/a").or_version(Some("1")), read("pkg:pypi/a@1"));
        assert_eq!(read("pkg:pypi/a@2").or_version(Some("1")), read("pkg:pypi/a@2"));
        assert_eq!(read("pkg:pypi/a@2").in_version(Some("1")), read("pkg:pypi/a@1"));
        assert_eq!(read("pkg:pypi/a@2").in_version(Some("")), read("pkg:pypi/a@2"));
    }

    #[test]
    fn what_could_never_match_is_refused() {
        for text in [
            "",
            "pypi/a",
            "pkg:pypi/a@",
            "pkg:pypi/ev*",
            "pkg:pypi/evil ",
            "pkg:npm/ev*",
            "pkg:npm/ev?l",
            "pkg:npm/ev?l&=x",
            "pkg:npm/(a|b)",
            "pkg:npm/a@^1.0.0",
            "pkg:npm/a@1.0",
            "pkg:pypi/a@latest",
            "pkg:pypi/a@1.*",
            "pkg:pypi/ns/a",
            "pkg:npm/scope/a",
            "pkg:maven/org.a",
        ] {
            assert!(text.parse::<PackageUrl>().is_err(), "{text}");
        }
        for text in
            ["pkg:pypi/a@1!2.0+x", "pkg:oci/a@sha256:ab?repository_url=x&y=", "pkg:maven/a/b@any", "pkg:npm/a#sub/path"]
        {
            assert!(text.parse::<PackageUrl>().is_ok(), "{text}");
        }
    }
}
