//! Which program a scan was made with.

use crate::policy::package_url::PackageUrl;

/// Package URLs of what stands at a web address.
const HOSTS: [(&str, &str); 3] =
    [("pkg:bitbucket/", "bitbucket.org"), ("pkg:github/", "github.com"), ("pkg:gitlab/", "gitlab.com")];

/// Names a program without its version, in one spelling, by its package URL or its web address; two versions of it are one, also where the
/// version is a part of the name. What is neither, or has no one spelling, names no program that anybody knows.
pub(super) fn named(uri: &str) -> Option<String> {
    if uri.starts_with("pkg:") {
        let url = unversioned(&PackageUrl::read(uri)?.without_version().to_string().to_lowercase());
        let at_host = HOSTS.iter().find_map(|(kind, host)| Some(format!("https://{host}/{}", url.strip_prefix(kind)?)));
        return Some(at_host.unwrap_or(url));
    }
    let lower = uri.to_ascii_lowercase();
    let address = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"))?;
    // The first `@` starts the version, whatever that holds.
    let address = address.split('@').next().unwrap_or_default().trim_end_matches('/');
    let allowed = |c: char| c.is_ascii_alphanumeric() || ['-', '.', '_', '~'].contains(&c);
    let is_plain = |part: &str| !["", ".", ".."].contains(&part) && part.chars().all(allowed);
    let host = address.split('/').next().unwrap_or_default();
    let is_host = host.contains('.') && !host.ends_with('.');
    (is_host && address.split('/').all(is_plain)).then(|| format!("https://{}", unversioned(address)))
}

/// Leaves the versions out of a path, as `v2` at the end of a module of Go, but never what it starts with.
fn unversioned(path: &str) -> String {
    let (start, rest) = path.split_once('/').unwrap_or((path, ""));
    let rest = rest.split('/').filter(|segment| !is_version(segment)).map(bare);
    std::iter::once(start).chain(rest.filter(|segment| !segment.is_empty())).collect::<Vec<_>>().join("/")
}

/// Leaves out what a name ends with that says nothing of the program: its version, and that it is a repository of git.
fn bare(segment: &str) -> &str {
    let segment = segment.strip_suffix(".git").unwrap_or(segment);
    segment.rsplit_once('-').filter(|(_, end)| is_version(end)).map_or(segment, |(name, _)| name)
}

/// Says whether a part of a path is a version, such as `v2`, `1.0`, `1.0rc1` or `v1.0.0-rc.1`.
fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix('v').unwrap_or(segment).split(['-', '+']).next().unwrap_or_default();
    let digits = number.chars().all(|c| c.is_ascii_digit());
    let dotted = number.contains('.') && number.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
    number.starts_with(|c: char| c.is_ascii_digit()) && (digits || dotted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_program_has_one_name() {
        for (one, others) in [
            ("pkg:pypi/a@1", ["pkg:pypi//a@1", "pkg:pypi/a/@2", "pkg:PyPI/%41?x=y"].as_slice()),
            ("https://a.example/", &["https://a.example", "http://A.example//", "https://a.example/@2"]),
            ("https://a.example/x@1", &["https://a.example/x/", "https://a.example/X@2/y"]),
            (
                "https://a.example/x/v1",
                &["https://a.example/x/v2", "https://a.example/2.0/x", "https://a.example/x/v1-rc.1"],
            ),
            ("pkg:golang/a.example/x@v1", &["pkg:golang/a.example/x/v2@v2.0.0", "pkg:golang/A.example/X"]),
            ("pkg:gem/a", &["pkg:gem/A"]),
            (
                "https://a.example/x",
                &["https://a.example/x.git", "https://a.example/x-1.0", "https://a.example/1.0rc1/x"],
            ),
            ("pkg:github/a/b@1", &["https://github.com/A/b", "https://github.com/a/b.git@v2"]),
        ] {
            for other in others {
                assert_eq!(named(one).unwrap(), named(other).unwrap(), "{one} {other}");
            }
        }
        assert_ne!(named("pkg:pypi/a"), named("pkg:pypi/b"));
        assert_ne!(named("https://a.example/x"), named("https://a.example/y"));
        assert_ne!(named("https://1.2.3.4/x"), named("https://1.2.3.5/x"));
        assert_ne!(named("https://a.example/3d"), named("https://a.example/2d"));
    }

    #[test]
    fn what_has_no_one_spelling_names_no_program() {
        for uri in [
            "",
            "a",
            "b",
            "modelscan 1.0",
            "pkg:pypi/a ",
            "pkg:pypi/n/a@1",
            "pkg:pypi",
            "https://",
            "https://a",
            "https://a.example./",
            "https://a.example/%61",
            "https://a.example//x",
            "https://a.example/./x",
            "https://a.example:443/x",
            "https://a.example/?x",
            "urn:x:a",
            "ftp://a.example/x",
        ] {
            assert_eq!(named(uri), None, "{uri}");
        }
    }
}
