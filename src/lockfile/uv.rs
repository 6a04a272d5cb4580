//! `uv.lock`

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::lockfile::{Ecosystem, LockError, LockFile, Package, PackageHash};

#[derive(Deserialize)]
struct File {
    version: u32,
    #[serde(default)]
    package: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    version: Option<String>,
    #[serde(default)]
    source: Source,
    sdist: Option<Archive>,
    #[serde(default)]
    wheels: Vec<Archive>,
}

#[derive(Default, Deserialize)]
struct Source {
    r#virtual: Option<String>,
    editable: Option<String>,
    git: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Archive {
    hash: Option<String>,
    upload_time: Option<DateTime<Utc>>,
}

/// Reads the text of a file.
pub(super) fn read(text: &str) -> Result<LockFile, LockError> {
    let file: File = super::toml(text)?;
    if file.version != 1 {
        return Err(LockError::Version(file.version.to_string()));
    }
    // What is being developed is the code itself, which has a digest of its own.
    let foreign =
        file.package.into_iter().filter(|entry| entry.source.r#virtual.is_none() && entry.source.editable.is_none());
    Ok(LockFile { packages: foreign.map(package).collect::<Result<_, _>>()?, partial: false })
}

fn package(entry: Entry) -> Result<Package, LockError> {
    let mut package = Package::new(Ecosystem::Pypi, &entry.name, entry.version);
    if let Some(git) = entry.source.git {
        package = package.qualified("vcs_url", format!("git+{git}"));
    }
    let archives: Vec<Archive> = entry.sdist.into_iter().chain(entry.wheels).collect();
    for archive in &archives {
        package.hashes.extend(archive.hash.as_deref().map(PackageHash::parse).transpose()?.flatten());
    }
    let times: Option<Vec<_>> = archives.iter().map(|archive| archive.upload_time).collect();
    package.uploaded = times.and_then(|times| times.into_iter().max());
    Ok(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "sentiment"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "numpy" }]

[[package]]
name = "NumPy"
version = "2.1.0"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://x/numpy.tar.gz", hash = "sha256:0000000000000000000000000000000000000000000000000000000000000001", size = 1, upload-time = "2024-08-26T20:04:14.082Z" }
wheels = [
    { url = "https://x/a.whl", hash = "sha256:0000000000000000000000000000000000000000000000000000000000000002", size = 1, upload-time = "2024-08-27T00:00:00Z" },
]

[[package]]
name = "own"
version = "1"
source = { git = "https://example.com/own?rev=main#0123456789012345678901234567890123456789" }
"#;

    #[test]
    fn packages_have_digests_and_the_newest_time() {
        let file = read(LOCK).unwrap();
        let urls: Vec<String> = file.packages.iter().map(Package::url).collect();
        assert_eq!(urls[0], "pkg:pypi/numpy@2.1.0");
        assert!(urls[1].starts_with("pkg:pypi/own@1?vcs_url=git%2Bhttps:%2F%2Fexample.com%2Fown"), "{}", urls[1]);
        assert_eq!(urls.len(), 2);
        assert_eq!(file.packages[0].hashes.len(), 2);
        assert_eq!(file.packages[0].uploaded.unwrap().to_rfc3339(), "2024-08-27T00:00:00+00:00");
        assert!(file.packages[1].uploaded.is_none());
        assert!(!file.partial);
    }

    #[test]
    fn a_time_is_known_only_if_it_is_known_of_each_archive() {
        let lock = LOCK.replace(", upload-time = \"2024-08-27T00:00:00Z\"", "");
        assert_eq!(read(&lock).unwrap().packages[0].uploaded, None);
    }

    #[test]
    fn other_files_are_errors() {
        for (from, to) in [
            ("version = 1\n", "version = 2\n"),
            ("version = 1\n", ""),
            ("name = \"own\"\n", ""),
            ("sha256:0000", "sha256:000"),
            ("2024-08-26T20:04:14.082Z", "yesterday"),
        ] {
            assert!(read(&LOCK.replacen(from, to, 1)).is_err(), "{from}");
        }
        assert!(read(LOCK.get(..LOCK.len() / 2).unwrap()).is_err());
    }
}
