//! Addresses of repositories, with what they are pinned to.

/// What stands before a commit or a ref, as git, installers of packages and hosts of code write it.
const PINS: [&str; 13] =
    ["@", "#", "?", "%40", "%23", "%3f", "/tree/", "/blob/", "/commit/", "/commits/", "/raw/", "/-/", "/src/branch/"];

/// Where code comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    /// The repository; the whole address, if nobody knows what it is pinned to.
    pub(super) repository: &'a str,
    /// What it is pinned to, if it is.
    pub(super) revision: Option<Revision<'a>>,
}

/// What an address is pinned to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Revision<'a> {
    /// A commit in full.
    Commit(&'a str),
    /// A full ref.
    Ref(&'a str),
    /// Something else, such as a branch: it may be any ref, and is none that can be allowed.
    Unknown(&'a str),
}

impl<'a> Address<'a> {
    /// Reads an address: what it is pinned to stands behind an `@`, or, as others write it, in its fragment or query.
    pub(super) fn read(uri: &'a str) -> Self {
        let address = uri.strip_prefix("git+").unwrap_or(uri);
        let path = path_start(address);
        let behind = address.get(path..).unwrap_or_default().to_ascii_lowercase();
        let Some(at) = PINS.iter().filter_map(|pin| behind.find(pin)).min() else {
            return Self { repository: address, revision: None };
        };
        let (repository, pinned) = address.split_at(path + at);
        match pinned.strip_prefix('@') {
            Some(commit) if is_commit(commit) => Self { repository, revision: Some(Revision::Commit(commit)) },
            Some(name) if is_ref(name) => Self { repository, revision: Some(Revision::Ref(name)) },
            _ => Self { repository: address, revision: Some(Revision::Unknown(pinned)) },
        }
    }
}

/// Returns where the path begins: an `@` before it names who asks a host.
fn path_start(address: &str) -> usize {
    let behind = ['/', '?', '#'];
    if let Some((scheme, rest)) = address.split_once("://") {
        let host = rest.find(behind).unwrap_or(rest.len());
        return scheme.len() + "://".len() + host;
    }
    // `you@host:path`, as ssh has it.
    address.split_once(':').filter(|(host, _)| !host.contains(behind)).map_or(0, |(host, _)| host.len())
}

/// Returns a commit that a text names in full, and that is another one: as many hexadecimal digits between other signs.
pub(super) fn other_commit_in<'t>(text: &'t str, commit: &str) -> Option<&'t str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let mut commits = words.filter(|word| is_commit(&word.to_ascii_lowercase()));
    commits.find(|word| !word.eq_ignore_ascii_case(commit))
}

/// Writes the address of a repository in one way: the case of its host, a slash and `.git` at the end name no other one.
pub(super) fn plain(repository: &str) -> String {
    let (host, path) = repository.split_at(path_start(repository));
    let path = path.trim_end_matches('/');
    format!("{}{}", host.to_ascii_lowercase(), path.strip_suffix(".git").unwrap_or(path))
}

/// Says whether a text is a git commit in full: SHA-1 or SHA-256. Of zeros alone, it is git's word for none.
pub(super) fn is_commit(text: &str) -> bool {
    let is_hex = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    [40, 64].contains(&text.len()) && is_hex && text.bytes().any(|byte| byte != b'0')
}

fn is_ref(text: &str) -> bool {
    text.starts_with("refs/") && !text.contains(['#', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_is_pinned_to_is_read_wherever_it_stands() {
        let commit = "1".repeat(40);
        let at_commit = format!("@{commit}");
        for repository in [
            "https://git.example.com/ml",
            "ssh://you@git.example.com/ml",
            "you@git.example.com:ml",
            "file:///srv/ml",
            "ml",
        ] {
            let read = |behind: &str| {
                let uri = format!("git+{repository}{behind}");
                let address = Address::read(&uri);
                let revision = address.revision.map(|one| match one {
                    Revision::Commit(one) => format!("commit {one}"),
                    Revision::Ref(one) => format!("ref {one}"),
                    Revision::Unknown(one) => format!("unknown {one}"),
                });
                (address.repository == repository, revision)
            };
            assert_eq!(read(""), (true, None), "{repository}");
            assert_eq!(read(&at_commit), (true, Some(format!("commit {commit}"))));
            assert_eq!(read("@refs/heads/main"), (true, Some("ref refs/heads/main".to_owned())));
            for behind in [
                "@main",
                "@HEAD",
                "@",
                "#main",
                "#",
                "?ref=main",
                "@1111111",
                "@refs/heads/main#x",
                "/tree/main",
                "%40main",
                "/-/tree/main",
                "/blob/main/a.py",
                "/commit/11",
            ] {
                assert_eq!(read(behind), (false, Some(format!("unknown {behind}"))), "{repository}");
            }
            let twice = format!("@refs/heads/evil{at_commit}");
            assert_eq!(read(&twice), (true, Some(format!("ref {}", &twice[1..]))));
        }
    }

    #[test]
    fn a_host_without_a_path_is_pinned_to_nothing() {
        for address in ["https://you@git.example.com", "you@git.example.com:", ""] {
            assert_eq!(Address::read(address), Address { repository: address, revision: None });
        }
    }

    #[test]
    fn a_repository_has_one_plain_address() {
        for (one, other) in [
            ("https://git.example.com/ml", "https://GIT.example.com/ml.git"),
            ("https://git.example.com/ml", "https://git.example.com/ml/"),
            ("git@git.example.com:ml", "git@git.example.com:ml.git/"),
        ] {
            assert_eq!(plain(one), plain(other));
        }
        for other in ["https://git.example.com/ML", "https://git.example.com/ml.git2", "ssh://git.example.com/ml", ""] {
            assert_ne!(plain("https://git.example.com/ml"), plain(other));
        }
    }

    #[test]
    fn commits_are_seen_wherever_they_stand() {
        let (commit, other) = ("a".repeat(40), "b".repeat(40));
        for text in ["x#{}", "x?rev={}", "x?ref={}&y", "x@{}#subdirectory=y", "x/commit/{}", "{}", "swh:1:rev:{}"] {
            let with = |commit: &str| text.replace("{}", commit);
            assert_eq!(other_commit_in(&with(&other), &commit), Some(other.as_str()), "{text}");
            assert!(other_commit_in(&with(&other.to_uppercase()), &commit).is_some(), "{text}");
            assert_eq!(other_commit_in(&with(&commit.to_uppercase()), &commit), None, "{text}");
        }
        assert_eq!(other_commit_in("https://a/bbbbbbb", &commit), None);
    }

    #[test]
    fn zeros_are_no_commit() {
        let (none, one) = ("0".repeat(40), format!("{}1", "0".repeat(39)));
        assert_eq!((is_commit(&none), is_commit(&"0".repeat(64)), is_commit(&one)), (false, false, true));
        assert!(!is_commit(&"A".repeat(40)) && !is_commit("11"));
    }
}
