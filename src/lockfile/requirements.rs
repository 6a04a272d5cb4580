//! `requirements.txt`: a lock file where each requirement is pinned by `==`, a list of wishes elsewhere.

use crate::limits;
use crate::lockfile::{Ecosystem, LockError, LockFile, Package, PackageHash};

/// Options that name something else to be installed, or another file.
const OTHERS: [&str; 6] = ["-r", "--requirement", "-c", "--constraint", "-e", "--editable"];

/// Reads the text of a file. It is whole only where each requirement is pinned by digests: then pip installs nothing else, what
/// they depend on included. Files that it names are not read.
pub(super) fn read(text: &str) -> Result<LockFile, LockError> {
    let mut file = LockFile::default();
    for line in logical_lines(text) {
        let line = uncommented(&line).trim();
        if line.is_empty() {
            continue;
        }
        if line.starts_with('-') {
            let option = line.split(['=', ' ', '\t']).next().unwrap_or_default();
            file.partial |=
                OTHERS.contains(&option) || OTHERS.iter().any(|short| short.len() == 2 && option.starts_with(short));
            continue;
        }
        if is_path(line) {
            file.partial = true;
            continue;
        }
        let package = requirement(line)?;
        file.partial |= package.hashes.is_empty() || package.version.is_none() && package.qualifiers.is_empty();
        file.packages.push(package);
        if file.packages.len() > 4 * limits::PACKAGES {
            return Err(LockError::Limit { limit: 4 * limits::PACKAGES, noun: "requirements" });
        }
    }
    // Something ran the training: a file that names nothing is no list of it.
    file.partial |= file.packages.is_empty();
    Ok(file)
}

/// Says whether a line names a folder, an archive or an address instead of a package.
fn is_path(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    word.starts_with(['.', '/']) || word.split_once("://").is_some_and(|(scheme, _)| !scheme.contains('@'))
}

/// Joins lines that end with `\`.
fn logical_lines(text: &str) -> impl Iterator<Item = String> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    std::iter::from_fn(move || {
        let mut joined = String::new();
        loop {
            let line = lines.next();
            match line.and_then(|line| line.trim_end().strip_suffix('\\')) {
                // A comment ends its own line.
                Some(start) if !start.trim_start().starts_with('#') => {
                    joined.push_str(start);
                    joined.push(' ');
                }
                _ => {
                    joined.push_str(line.unwrap_or_default());
                    return (line.is_some() || !joined.is_empty()).then_some(joined);
                }
            }
        }
    })
}

/// Leaves out a comment: `#` at the start, or behind a space.
fn uncommented(line: &str) -> &str {
    let marks = line.match_indices('#').map(|(place, _)| place);
    let end = marks
        .into_iter()
        .find(|place| *place == 0 || line.get(..*place).is_some_and(|before| before.ends_with([' ', '\t'])));
    end.and_then(|end| line.get(..end)).unwrap_or(line)
}

/// Reads `name[extra]==1.0; marker --hash=sha256:…`.
fn requirement(line: &str) -> Result<Package, LockError> {
    let fault = || LockError::Shape(format!("`{}` is no requirement with a name", super::shown(line)));
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(line.len());
    let (name, rest) = line.split_at_checked(end).filter(|(name, _)| !name.is_empty()).ok_or_else(fault)?;
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(extras) => extras.split_once(']').ok_or_else(fault)?.1.trim_start(),
        None => rest,
    };
    let (specifier, hashes) = match rest.find("--hash") {
        Some(place) => rest.split_at_checked(place).ok_or_else(fault)?,
        None => (rest, ""),
    };
    let mut package = match specifier.strip_prefix('@') {
        Some(url) => {
            let url = url.split(" ;").next().unwrap_or_default().trim();
            let key = if url.starts_with("git+") { "vcs_url" } else { "download_url" };
            Package::new(Ecosystem::Pypi, name, None).qualified(key, url)
        }
        None => Package::new(Ecosystem::Pypi, name, pinned(specifier.split(';').next().unwrap_or_default(), &fault)?),
    };
    for hash in hashes.split("--hash").skip(1) {
        let hash = hash.trim_start_matches(['=', ' ', '\t']);
        let hash = hash.split_whitespace().next().ok_or_else(fault)?;
        package.hashes.extend(PackageHash::parse(hash)?);
    }
    Ok(package)
}

/// Returns the version of `==1.0`; a range or a pattern pins none.
fn pinned(specifier: &str, fault: &dyn Fn() -> LockError) -> Result<Option<String>, LockError> {
    let specifier = specifier.trim().trim_start_matches('(').trim_end_matches(')').trim();
    if !specifier.is_empty() && !specifier.starts_with(['=', '<', '>', '!', '~']) {
        return Err(fault());
    }
    let version = specifier.strip_prefix("===").or_else(|| specifier.strip_prefix("==")).map(str::trim);
    // A pattern, several at once or a variable of the environment is no version.
    let plain = |c: char| c.is_ascii_alphanumeric() || ".!+-_".contains(c);
    let version = version.filter(|version| !version.is_empty() && version.chars().all(plain));
    Ok(version.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(text: &str) -> Vec<String> {
        read(text).unwrap().packages.iter().map(Package::url).collect()
    }

    #[test]
    fn pinned_requirements_are_locked() {
        let digest = "0".repeat(64);
        let text = format!(
            "# by pip-compile\n--index-url https://x.example\nNumpy==2.1.0 \\\n    --hash=sha256:{digest} \\\n    \
             --hash=sha256:{}  # via x\ntorch[cuda] == 2.4 ; python_version > '3' --hash=sha256:{} # y\n",
            "1".repeat(64),
            "2".repeat(64)
        );
        let file = read(&text).unwrap();
        assert_eq!(
            file.packages.iter().map(Package::url).collect::<Vec<_>>(),
            ["pkg:pypi/numpy@2.1.0", "pkg:pypi/torch@2.4"]
        );
        assert_eq!(file.packages[0].hashes.len(), 2);
        assert!(!file.partial);
    }

    #[test]
    fn ranges_pin_nothing() {
        for text in ["a", "a>=1", "a~=1.0", "a==1.*", "a==1,!=2", "a (>=1)", "a==${VERSION}"] {
            let file = read(text).unwrap();
            assert_eq!((file.packages[0].version.as_deref(), file.partial), (None, true), "{text}");
        }
        assert_eq!(
            urls("a @ git+https://x.example/a@abc"),
            ["pkg:pypi/a?vcs_url=git%2Bhttps:%2F%2Fx.example%2Fa%40abc"]
        );
        for text in [
            "./own",
            "/x.whl",
            "https://x.example/a.whl",
            "-r other.txt",
            "-rother.txt",
            "--constraint=c.txt",
            "-e .",
            "git+https://x.example/a@main#egg=a",
            "git+https://u@x.example/a",
            "a @ git+https://x.example/a@abc",
        ] {
            assert!(read(text).unwrap().partial, "{text}");
        }
    }

    #[test]
    fn what_is_not_pinned_by_digests_is_no_whole_list() {
        for text in ["a==1", "", "# nothing\n", "--find-links x\n", "--no-binary :all:"] {
            assert!(read(text).unwrap().partial, "{text}");
        }
        let digest = "0".repeat(64);
        let pinned = format!("a==1 --hash=sha256:{digest}");
        assert!(!read(&format!("--no-binary :all:\n{pinned}\n")).unwrap().partial);
        assert!(read(&format!("{pinned}\nb==1\n")).unwrap().partial);
    }

    #[test]
    fn other_lines_are_errors() {
        for text in ["a b", "a[x", "a==1 --hash=sha256:0", "a==1 --hash", "<html>", "a: 1"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_comment_ends_its_own_line() {
        assert_eq!(urls("# a \\\nb==1\n"), ["pkg:pypi/b@1"]);
        assert_eq!(urls("a==1#x\n").len(), 1);
        assert_eq!(urls("a==1 \\"), ["pkg:pypi/a@1"]);
    }
}
