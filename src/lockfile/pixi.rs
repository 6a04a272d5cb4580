//! `pixi.lock`

use serde::Deserialize;

use crate::lockfile::{Ecosystem, LockError, LockFile, Package, PackageHash, conda_url};

#[derive(Deserialize)]
struct File {
    version: u32,
    #[serde(default)]
    packages: Vec<Entry>,
}

/// A package: version 6 has its address as `conda` or `pypi`, the versions before a `kind`.
#[derive(Deserialize)]
struct Entry {
    conda: Option<String>,
    pypi: Option<String>,
    kind: Option<String>,
    name: Option<String>,
    version: Option<String>,
    url: Option<String>,
    md5: Option<String>,
    sha256: Option<String>,
}

/// Reads the text of a file.
pub(super) fn read(text: &str) -> Result<LockFile, LockError> {
    let file: File = super::yaml(text)?;
    if !(4..=6).contains(&file.version) {
        return Err(LockError::Version(file.version.to_string()));
    }
    let mut read = LockFile::default();
    for entry in file.packages {
        let mut package = package(&entry)?;
        read.partial |= package.version.is_none();
        for (algorithm, content) in [("md5", entry.md5), ("sha256", entry.sha256)] {
            package.hashes.extend(content.map(|content| PackageHash::new(algorithm, &content)).transpose()?.flatten());
        }
        read.packages.push(package);
    }
    Ok(read)
}

fn package(entry: &Entry) -> Result<Package, LockError> {
    let kind = entry.kind.as_deref();
    let unnamed = || LockError::Shape("a package has neither a name nor an address that says it".to_owned());
    if entry.pypi.is_some() || kind == Some("pypi") {
        let name = entry.name.as_deref().ok_or_else(unnamed)?;
        return Ok(Package::new(Ecosystem::Pypi, name, entry.version.clone()));
    }
    let Some(url) = entry.conda.as_deref().or(entry.url.as_deref()).filter(|_| kind.is_none_or(|kind| kind == "conda"))
    else {
        return Err(unnamed());
    };
    match (conda_url::package(url), &entry.name) {
        (Some(package), _) => Ok(package),
        // A package that is built from source has the address of a folder.
        (None, Some(name)) => Ok(Package::new(Ecosystem::Conda, name, entry.version.clone())),
        (None, None) => Err(unnamed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_versions_are_read() {
        let newest = "\
version: 6
environments:
  default:
    channels: [{url: https://conda.anaconda.org/conda-forge/}]
    packages:
      linux-64: [{conda: x}]
packages:
- conda: https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3-h0_1.conda
  sha256: 0000000000000000000000000000000000000000000000000000000000000001
  md5: 00000000000000000000000000000000
  size: 1
- pypi: https://x.example/tqdm.whl
  name: tqdm
  version: '4.66'
  sha256: 0000000000000000000000000000000000000000000000000000000000000002
";
        let before = "\
version: 5
packages:
- kind: conda
  name: zlib
  version: '1.3'
  build: h0_1
  subdir: linux-64
  url: https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3-h0_1.conda
- kind: pypi
  name: tqdm
  version: '4.66'
  url: https://x.example/tqdm.whl
";
        let zlib = "pkg:conda/zlib@1.3?build=h0_1&channel=conda-forge&subdir=linux-64&type=conda";
        for text in [newest, before] {
            let file = read(text).unwrap();
            let urls: Vec<String> = file.packages.iter().map(Package::url).collect();
            assert_eq!(urls, [zlib, "pkg:pypi/tqdm@4.66"], "{text}");
        }
        assert_eq!(read(newest).unwrap().packages[0].hashes.len(), 2);
    }

    #[test]
    fn other_files_are_errors() {
        for text in ["version: 3\n", "version: 6\npackages:\n- {}\n", "version: 6\npackages:\n- kind: npm\n  url: x\n"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
