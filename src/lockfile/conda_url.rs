//! Addresses of conda packages, which say name, version, build, channel and platform.

use crate::lockfile::{Ecosystem, Package};

/// The endings of archives, and the type that a package URL gives them.
const ENDINGS: [(&str, &str); 2] = [(".conda", "conda"), (".tar.bz2", "tar.bz2")];

/// Reads `https://host/channel/subdir/name-version-build.conda`.
pub(super) fn package(url: &str) -> Option<Package> {
    let mut parts = url.split(['#', '?']).next()?.rsplit('/');
    let (file, subdir, channel) = (parts.next()?, parts.next()?, parts.next());
    let (stem, kind) = ENDINGS.iter().find_map(|(ending, kind)| Some((file.strip_suffix(ending)?, kind)))?;
    let mut fields = stem.rsplitn(3, '-');
    let (build, version, name) = (fields.next()?, fields.next()?, fields.next()?);
    let package = Package::new(Ecosystem::Conda, name, Some(version.to_owned()))
        .qualified("build", build)
        .qualified("subdir", subdir)
        .qualified("type", *kind);
    Some(match channel.filter(|channel| !channel.is_empty()) {
        Some(channel) => package.qualified("channel", channel),
        None => package,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_the_package_is() {
        let url = "https://conda.anaconda.org/conda-forge/linux-64/ca-certificates-2024.8.30-hbcca054_0.conda";
        let expected =
            "pkg:conda/ca-certificates@2024.8.30?build=hbcca054_0&channel=conda-forge&subdir=linux-64&type=conda";
        assert_eq!(package(url).unwrap().url(), expected);
        for url in ["", "x", "https://x/y/z.conda", "https://x/y/a-1-0.zip", "a-1-0.conda"] {
            assert!(package(url).is_none(), "{url}");
        }
    }
}
