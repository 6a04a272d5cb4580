//! `conda-lock.yml`, in its unified form.

use serde::Deserialize;

use crate::lockfile::{Ecosystem, LockError, LockFile, Package, PackageHash, conda_url};

#[derive(Deserialize)]
struct File {
    version: u32,
    package: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    version: String,
    manager: String,
    url: String,
    #[serde(default)]
    hash: Hashes,
}

#[derive(Default, Deserialize)]
struct Hashes {
    md5: Option<String>,
    sha256: Option<String>,
}

/// Reads the text of a file.
pub(super) fn read(text: &str) -> Result<LockFile, LockError> {
    let file: File = super::yaml(text)?;
    if file.version != 1 {
        return Err(LockError::Version(file.version.to_string()));
    }
    Ok(LockFile { packages: file.package.into_iter().map(package).collect::<Result<_, _>>()?, partial: false })
}

fn package(entry: Entry) -> Result<Package, LockError> {
    let mut package = match entry.manager.as_str() {
        "conda" => {
            let qualifiers = conda_url::package(&entry.url).map(|package| package.qualifiers).unwrap_or_default();
            Package { qualifiers, ..Package::new(Ecosystem::Conda, &entry.name, Some(entry.version)) }
        }
        "pip" => Package::new(Ecosystem::Pypi, &entry.name, Some(entry.version)),
        other => return Err(LockError::Shape(format!("the manager `{}` is not known", super::shown(other)))),
    };
    for (algorithm, content) in [("md5", entry.hash.md5), ("sha256", entry.hash.sha256)] {
        package.hashes.extend(content.map(|content| PackageHash::new(algorithm, &content)).transpose()?.flatten());
    }
    Ok(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "\
version: 1
metadata:
  content_hash: {linux-64: abc}
package:
- name: zlib
  version: 1.2.13
  manager: conda
  platform: linux-64
  dependencies: {libgcc: '>=12'}
  url: https://conda.anaconda.org/conda-forge/linux-64/zlib-1.2.13-hd590300_5.conda
  hash:
    md5: 00000000000000000000000000000000
    sha256: 0000000000000000000000000000000000000000000000000000000000000001
  category: main
  optional: false
- name: tqdm
  version: '4.66'
  manager: pip
  platform: linux-64
  url: https://x.example/tqdm.whl
";

    #[test]
    fn conda_and_pip_are_told_apart() {
        let file = read(LOCK).unwrap();
        let urls: Vec<String> = file.packages.iter().map(Package::url).collect();
        let zlib = "pkg:conda/zlib@1.2.13?build=hd590300_5&channel=conda-forge&subdir=linux-64&type=conda";
        assert_eq!(urls, [zlib, "pkg:pypi/tqdm@4.66"]);
        assert_eq!(file.packages[0].hashes.len(), 2);
    }

    #[test]
    fn other_files_are_errors() {
        for (from, to) in [
            ("version: 1\n", "version: 2\n"),
            ("manager: pip", "manager: npm"),
            ("sha256: 00", "sha256: "),
            ("- name: tqdm", "- name: tqdm\n  name: x"),
            ("- name: tqdm", "- <<: {}"),
        ] {
            assert!(read(&LOCK.replacen(from, to, 1)).is_err(), "{to}");
        }
    }
}
