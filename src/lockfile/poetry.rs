//! `poetry.lock`

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::lockfile::{Ecosystem, LockError, LockFile, Package, PackageHash};

#[derive(Deserialize)]
struct File {
    metadata: Metadata,
    #[serde(default)]
    package: Vec<Entry>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(rename = "lock-version")]
    lock_version: String,
    /// Where version 1 has the digests.
    #[serde(default)]
    files: BTreeMap<String, Vec<Archive>>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    version: String,
    #[serde(default)]
    files: Vec<Archive>,
    source: Option<Source>,
}

#[derive(Deserialize)]
struct Source {
    r#type: Option<String>,
    url: Option<String>,
    resolved_reference: Option<String>,
}

#[derive(Deserialize)]
struct Archive {
    hash: Option<String>,
}

/// Reads the text of a file.
pub(super) fn read(text: &str) -> Result<LockFile, LockError> {
    let file: File = super::toml(text)?;
    let version = &file.metadata.lock_version;
    if !version.starts_with("1.") && !version.starts_with("2.") {
        return Err(LockError::Version(super::shown(version)));
    }
    let mut packages = Vec::new();
    for entry in &file.package {
        let mut package = Package::new(Ecosystem::Pypi, &entry.name, Some(entry.version.clone()));
        if let Some(Source { r#type: Some(kind), url: Some(url), resolved_reference }) = &entry.source
            && kind == "git"
        {
            let at = resolved_reference.as_ref().map(|commit| format!("@{commit}")).unwrap_or_default();
            package = package.qualified("vcs_url", format!("git+{url}{at}"));
        }
        for archive in entry.files.iter().chain(file.metadata.files.get(&entry.name).into_iter().flatten()) {
            package.hashes.extend(archive.hash.as_deref().map(PackageHash::parse).transpose()?.flatten());
        }
        packages.push(package);
    }
    Ok(LockFile { packages, partial: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_are_read() {
        let digest = "0".repeat(64);
        let second = format!(
            "[[package]]\nname = 'Torch'\nversion = '2.4.0'\nfiles = [{{file = 'a.whl', hash = 'sha256:{digest}'}}]\n\
             [[package]]\nname = 'own'\nversion = '1'\n[package.source]\ntype = 'git'\nurl = 'https://example.com/own'\n\
             reference = 'main'\nresolved_reference = 'abc'\n[metadata]\nlock-version = '2.1'\ncontent-hash = 'x'\n"
        );
        let file = read(&second).unwrap();
        let urls: Vec<String> = file.packages.iter().map(Package::url).collect();
        assert_eq!(urls, ["pkg:pypi/torch@2.4.0", "pkg:pypi/own@1?vcs_url=git%2Bhttps:%2F%2Fexample.com%2Fown%40abc"]);
        assert_eq!(file.packages[0].hashes.len(), 1);
        let first = format!(
            "[[package]]\nname = 'a'\nversion = '1'\n[metadata]\nlock-version = '1.1'\n[metadata.files]\n\
             a = [{{file = 'a', hash = 'sha256:{digest}'}}]\n"
        );
        assert_eq!(read(&first).unwrap().packages[0].hashes.len(), 1);
    }

    #[test]
    fn other_files_are_errors() {
        for text in [
            "",
            "[metadata]\nlock-version = '3.0'\n",
            "[metadata]\nlock-version = '2.0'\n[[package]]\nname = 'a'\n",
            "[metadata]\nlock-version = '2.0'\n[[package]]\nname = 'a'\nversion = '1'\nfiles = [{hash = 'sha256:0'}]\n",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
