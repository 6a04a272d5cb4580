//! `Pipfile.lock`

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::json;
use crate::lockfile::{Ecosystem, LockError, LockFile, Package, PackageHash};

#[derive(Deserialize)]
struct File {
    #[serde(rename = "_meta")]
    meta: Meta,
    #[serde(flatten)]
    groups: BTreeMap<String, BTreeMap<String, Entry>>,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "pipfile-spec")]
    specification: u32,
}

#[derive(Deserialize)]
struct Entry {
    version: Option<String>,
    #[serde(default)]
    hashes: Vec<String>,
    git: Option<String>,
    r#ref: Option<String>,
}

/// Reads the bytes of a file.
pub(super) fn read(bytes: &[u8]) -> Result<LockFile, LockError> {
    let file: File = json::parse(bytes)?;
    if file.meta.specification != 6 {
        return Err(LockError::Version(file.meta.specification.to_string()));
    }
    let entries = file.groups.into_values().flatten();
    let mut read = LockFile::default();
    for (name, entry) in entries {
        let version = match &entry.version {
            Some(version) => match version.strip_prefix("==") {
                Some(version) => Some(version.trim().to_owned()),
                None => return Err(LockError::Shape("the version of a package is not pinned by `==`".to_owned())),
            },
            None => None,
        };
        read.partial |= version.is_none() && entry.git.is_none();
        let mut package = Package::new(Ecosystem::Pypi, &name, version);
        if let Some(git) = entry.git {
            let at = entry.r#ref.map(|commit| format!("@{commit}")).unwrap_or_default();
            package = package.qualified("vcs_url", format!("git+{git}{at}"));
        }
        for hash in &entry.hashes {
            package.hashes.extend(PackageHash::parse(hash)?);
        }
        read.packages.push(package);
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_groups_are_read() {
        let digest = "0".repeat(64);
        let text = format!(
            r#"{{"_meta": {{"hash": {{"sha256": "x"}}, "pipfile-spec": 6, "requires": {{}}, "sources": []}},
                "default": {{"numpy": {{"hashes": ["sha256:{digest}"], "index": "pypi", "version": "==2.1.0"}}}},
                "develop": {{"own": {{"git": "https://example.com/own", "ref": "abc"}}, "x": {{"path": "."}}}}}}"#
        );
        let file = read(text.as_bytes()).unwrap();
        let urls: Vec<String> = file.packages.iter().map(Package::url).collect();
        let own = "pkg:pypi/own?vcs_url=git%2Bhttps:%2F%2Fexample.com%2Fown%40abc";
        assert_eq!(urls, ["pkg:pypi/numpy@2.1.0", own, "pkg:pypi/x"]);
        assert!(file.partial);
    }

    #[test]
    fn other_files_are_errors() {
        for text in [
            "{}",
            r#"{"_meta": {"pipfile-spec": 7}}"#,
            r#"{"_meta": {"pipfile-spec": 6}, "default": {"a": {"version": ">=1"}}}"#,
            r#"{"_meta": {"pipfile-spec": 6}, "default": {"a": {"version": "==1", "hashes": ["sha256:0"]}}}"#,
            r#"{"_meta": {"pipfile-spec": 6}, "default": {"a": {}, "a": {}}}"#,
            r#"{"_meta": {"pipfile-spec": 6}, "default": {"a": {"#,
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
