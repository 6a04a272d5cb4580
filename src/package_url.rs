//! Package URLs (ECMA-427) in their parts, as far as packages are told apart by them: qualifiers and subpaths are left out.
//!
//! Whatever reads one reads it here: as the specification parses it, into the one form of its parts, so that no spelling of a
//! package is another package. What has no such form is refused.

/// The parts of a package URL, decoded.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    /// The type, in lower case.
    pub(crate) kind: String,
    /// Namespace and name, in the one form that the index of the type has for them; not empty.
    pub(crate) name: String,
    /// The version, which may be an empty text.
    pub(crate) version: Option<String>,
}

/// What Docker's index of images is called.
const DOCKER_HOSTS: [&str; 4] = ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];

/// The types of packages that have no namespace.
const WITHOUT_NAMESPACE: [&str; 9] = ["cargo", "conda", "cran", "gem", "hackage", "nuget", "oci", "pub", "pypi"];

impl Parts {
    /// Reads a package URL, or says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let rest = text.strip_prefix("pkg:").ok_or("it does not start with `pkg:`")?;
        if !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("it has a character that must be encoded");
        }
        let rest = rest.split(['?', '#']).next().unwrap_or_default().trim_start_matches('/');
        let (kind, rest) = rest.split_once('/').ok_or("it has no name")?;
        if !is_type(kind) {
            return Err("it has no type");
        }
        let kind = kind.to_ascii_lowercase();
        let (package, version) = match rest.rsplit_once('@') {
            // A scope of npm is written with `%40`, but not by everybody; behind it comes a slash, which no version has.
            Some((package, version)) if !version.contains('/') => (package, Some(version)),
            _ => (rest, None),
        };
        let name = named(&kind, &decoded(package).ok_or("its name can't be read")?)?;
        let version = version.map(|version| decoded(version).ok_or("its version can't be read")).transpose()?;
        Ok(Self { kind, name, version })
    }
}

/// Says whether a text is a type, which is never encoded.
fn is_type(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ['.', '-'].contains(&c);
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(allowed)
}

/// Reads namespace and name. Segments that are empty stand for nothing, and an encoded slash is a slash.
fn named(kind: &str, package: &str) -> Result<String, &'static str> {
    let segments: Vec<&str> = package.split('/').filter(|segment| !segment.is_empty()).collect();
    let is_odd = |one: &&str| one.trim() != *one || [".", ".."].contains(one) || one.contains(char::is_control);
    if segments.iter().any(is_odd) {
        return Err("its name is none");
    }
    let scoped = if kind == "npm" { package.trim_start_matches('/').strip_prefix('@') } else { None };
    if scoped.unwrap_or(package).contains('@') {
        return Err("it has an `@` in its name");
    }
    place(kind, &segments)?;
    let name = normal_name(kind, &segments.join("/"));
    let is_python = |c: char| c.is_ascii_alphanumeric() || c == '-';
    match name.as_str() {
        "" => Err("it has no name"),
        python if kind == "pypi" && !python.chars().all(is_python) => Err("its name is none that PyPI has"),
        _ => Ok(name),
    }
}

/// Refuses a namespace where an index has none, and a name that lacks the one without which no package of its index is found.
fn place(kind: &str, segments: &[&str]) -> Result<(), &'static str> {
    match (kind, segments) {
        ("npm", [name]) if name.starts_with('@') => Err("it has a scope of npm, and no name behind it"),
        ("npm", [_, _, _, ..]) => Err("packages of npm have a scope and a name"),
        ("npm", [scope, _]) if !scope.starts_with('@') => {
            Err("a scope of npm starts with `%40`, as in `pkg:npm/%40scope/name`")
        }
        ("maven", [_]) => Err("packages of Maven have a group, as in `pkg:maven/group/name`"),
        (kind, [_, _, ..]) if WITHOUT_NAMESPACE.contains(&kind) => Err("packages of its type have no namespace"),
        _ => Ok(()),
    }
}

/// Returns the one form of a name, where the index of a type takes several for the same.
pub(crate) fn normal_name(kind: &str, name: &str) -> String {
    match kind {
        // PEP 503: runs of `-`, `_` and `.` are one `-`.
        "pypi" => {
            let lower = name.to_ascii_lowercase();
            let parts: Vec<_> = lower.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect();
            parts.join("-")
        }
        // What has no host is at that of Docker, and what has no namespace there, in its own.
        "docker" => {
            let lower = name.to_ascii_lowercase();
            let here =
                DOCKER_HOSTS.iter().find_map(|host| lower.strip_prefix(host)?.strip_prefix('/')).unwrap_or(&lower);
            here.strip_prefix("library/").unwrap_or(here).to_owned()
        }
        // No repository is called so: it is how git writes one.
        "bitbucket" | "github" | "gitlab" => without_git(&name.to_ascii_lowercase()).to_owned(),
        "swift" => without_git(name).to_owned(),
        // Both spellings are one crate.
        "cargo" => name.to_ascii_lowercase().replace('_', "-"),
        "alpm" | "apk" | "composer" | "conda" | "deb" | "golang" | "hex" | "npm" | "nuget" | "oci" | "pub" => {
            name.to_ascii_lowercase()
        }
        _ => name.to_owned(),
    }
}

/// Takes off what git writes behind a repository.
fn without_git(name: &str) -> &str {
    let is_git =
        |(rest, end): &(&str, &str)| end.eq_ignore_ascii_case("git") && !rest.is_empty() && !rest.ends_with('/');
    name.rsplit_once('.').filter(is_git).map_or(name, |(rest, _)| rest)
}

/// Decodes `%xx`.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_has_one_form() {
        for (written, kind, name, version) in [
            ("pkg:pypi/Evil_.Pkg@1.0", "pypi", "evil-pkg", Some("1.0")),
            ("pkg:pypi//evil@1", "pypi", "evil", Some("1")),
            ("pkg:pypi/evil/@1", "pypi", "evil", Some("1")),
            ("pkg:///PyPI/ev%69l/", "pypi", "evil", None),
            ("pkg:pypi/evil@?x=y@2#z", "pypi", "evil", Some("")),
            ("pkg:npm/@Scope/x", "npm", "@scope/x", None),
            ("pkg:npm/%40scope%2Fx@1.0.0", "npm", "@scope/x", Some("1.0.0")),
            ("pkg:cargo/Serde_json@1.0.0", "cargo", "serde-json", Some("1.0.0")),
            ("pkg:golang/github.com/Foo//bar@v1", "golang", "github.com/foo/bar", Some("v1")),
            ("pkg:oci/Debian@sha256:ab", "oci", "debian", Some("sha256:ab")),
            ("pkg:docker/library/Debian@12", "docker", "debian", Some("12")),
            ("pkg:docker/library@1", "docker", "library", Some("1")),
            ("pkg:docker/docker.io/library/debian@1", "docker", "debian", Some("1")),
            ("pkg:docker/Index.docker.io/o/x@1", "docker", "o/x", Some("1")),
            ("pkg:docker/ghcr.io/o/x@1", "docker", "ghcr.io/o/x", Some("1")),
            ("pkg:github/o/x.git@1", "github", "o/x", Some("1")),
            ("pkg:swift/github.com/o/X.git@1", "swift", "github.com/o/X", Some("1")),
            ("pkg:github/.git@1", "github", ".git", Some("1")),
            ("pkg:maven/org.example/x@1", "maven", "org.example/x", Some("1")),
            ("pkg:generic/My%20App@1%2B2", "generic", "My App", Some("1+2")),
        ] {
            let version = version.map(str::to_owned);
            let parts = Parts { kind: kind.to_owned(), name: name.to_owned(), version };
            assert_eq!(Parts::parse(written), Ok(parts), "{written}");
        }
    }

    #[test]
    fn what_has_no_one_form_is_refused() {
        for text in [
            "",
            "pypi/a",
            "PKG:pypi/a",
            "pkg:",
            "pkg:pypi",
            "pkg:pypi/",
            "pkg:pypi/@1",
            "pkg:pypi/%zz",
            "pkg:pypi/%f",
            "pkg:pypi/ns/evil@1",
            "pkg:pypi/x%2Fevil",
            "pkg:cargo/a/b",
            "pkg:oci/library/debian",
            "pkg:pypi/evil ",
            "pkg:pypi/evil%20",
            "pkg:pypi/evil%5Bextra%5D",
            "pkg:pypi/ev*",
            "pkg:pypi/_",
            "pkg:py%70i/evil",
            "pkg:py pi/evil",
            "pkg:pypi/@evil@1",
            "pkg:pypi/evil@1@2",
            "pkg:golang/a@v1/b",
            "pkg:npm/evil%00",
            "pkg:npm/%20evil",
            "pkg:npm/../evil",
            "pkg:npm/@",
            "pkg:npm/@scope",
            "pkg:npm/scope/x",
            "pkg:npm/@scope/x/y",
            "pkg:npm/scope/%40x",
            "pkg:maven/org.example",
            "pkg:npm/evil%401.0",
            "pkg:generic/größe",
            "pkg:npm/%FF",
        ] {
            assert!(Parts::parse(text).is_err(), "{text}");
        }
    }
}
