//! `Cargo.lock`

use serde::Deserialize;

use crate::lockfile::{Ecosystem, LockError, LockFile, Package, PackageHash};

#[derive(Deserialize)]
struct File {
    version: Option<u32>,
    #[serde(default)]
    package: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
}

/// The sources that are crates.io.
const CRATES_IO: [&str; 2] =
    ["registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/"];

/// Reads the text of a file.
pub(super) fn read(text: &str) -> Result<LockFile, LockError> {
    let file: File = super::toml(text)?;
    // Files without a version are of the first two, which say no less but for digests.
    if let Some(version) = file.version.filter(|version| !(3..=4).contains(version)) {
        return Err(LockError::Version(version.to_string()));
    }
    let mut packages = Vec::new();
    for entry in file.package {
        // A package without a source is part of the workspace: the code itself.
        let Some(source) = entry.source else { continue };
        let mut package = Package::new(Ecosystem::Cargo, &entry.name, Some(entry.version));
        if source.starts_with("git+") {
            package = package.qualified("vcs_url", source);
        } else if !CRATES_IO.contains(&source.as_str()) {
            let (_, address) = source.split_once('+').unwrap_or(("", &source));
            package = package.qualified("repository_url", address);
        }
        package.hashes.extend(entry.checksum.map(|sum| PackageHash::new("sha256", &sum)).transpose()?.flatten());
        packages.push(package);
    }
    Ok(LockFile { packages, partial: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_of_this_package_is_read() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock");
        let text = std::fs::read_to_string(path).unwrap();
        let file = read(&text).unwrap();
        assert_eq!(file.packages.len(), text.matches("\nsource = ").count());
        let serde = file.packages.iter().find(|package| package.name == "serde_json").unwrap();
        assert!(serde.url().starts_with("pkg:cargo/serde_json@1."));
        assert_eq!(serde.hashes.len(), 1);
        assert!(file.packages.iter().all(|package| package.name != "assaymark"));
    }

    #[test]
    fn other_registries_and_repositories_are_named() {
        let text = "version = 4\n[[package]]\nname = 'a'\nversion = '1'\nsource = 'registry+https://x.example/i'\n\
                    [[package]]\nname = 'b'\nversion = '1'\nsource = 'git+https://x.example/b#abc'\n";
        let urls: Vec<String> = read(text).unwrap().packages.iter().map(Package::url).collect();
        let expected = [
            "pkg:cargo/a@1?repository_url=https:%2F%2Fx.example%2Fi",
            "pkg:cargo/b@1?vcs_url=git%2Bhttps:%2F%2Fx.example%2Fb%23abc",
        ];
        assert_eq!(urls, expected);
        assert!(read("version = 5\n").is_err());
        assert!(read("[[package]]\nname = 'a'\nversion = '1'\nsource = 'x'\nchecksum = '00'\n").is_err());
    }
}
