//! The environment in which a model was trained, as the user names it.

use std::path::PathBuf;
use std::str::FromStr;

use crate::digest::Digest;

/// What to read about the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentSpec {
    /// Lock files; without any, those at the top of the code folder.
    pub lock_files: Vec<PathBuf>,
    /// BOMs of others, whose libraries are taken over.
    pub sboms: Vec<PathBuf>,
    /// The image of the container in which the training ran.
    pub image: Option<ContainerImage>,
}

/// An image of a container: `NAME@sha256:…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerImage {
    /// Where it is kept, such as `ghcr.io/example/train`.
    pub name: String,
    /// The SHA-256 of its manifest.
    pub digest: Digest,
}

impl ContainerImage {
    /// Returns its package URL: the last step of its name, and where that is.
    pub fn url(&self) -> String {
        let (place, name) = self.name.rsplit_once('/').unwrap_or(("", &self.name));
        let url = format!("pkg:oci/{}@sha256%3A{}", name.to_ascii_lowercase(), self.digest);
        if place.is_empty() { url } else { format!("{url}?repository_url={}", self.name.replace('/', "%2F")) }
    }
}

impl FromStr for ContainerImage {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fault = || "an image is named with its digest, `NAME@sha256:…`; a tag alone may mean another one tomorrow";
        let (name, digest) = text.rsplit_once("@sha256:").ok_or_else(fault)?;
        // A tag beside the digest binds nothing.
        let name = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => name,
            _ => name,
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._/:".contains(c);
        if name.is_empty() || name.len() > 255 || !name.chars().all(plain) {
            return Err("the name of an image has letters, digits, `-`, `.`, `_`, `/` and `:` alone".to_owned());
        }
        let digest = digest.parse().map_err(|_| fault().to_owned())?;
        Ok(Self { name: name.to_owned(), digest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_has_a_digest() {
        let digest = "0".repeat(64);
        for (text, name) in [("ghcr.io/x/Train", "ghcr.io/x/Train"), ("host:5000/x:1.2", "host:5000/x"), ("x", "x")] {
            let image: ContainerImage = format!("{text}@sha256:{digest}").parse().unwrap();
            assert_eq!(image.name, name);
        }
        let image: ContainerImage = format!("ghcr.io/x/Train@sha256:{digest}").parse().unwrap();
        assert_eq!(image.url(), format!("pkg:oci/train@sha256%3A{digest}?repository_url=ghcr.io%2Fx%2FTrain"));
        for text in ["x", "x:1", "x@sha256:00", &format!("@sha256:{digest}"), &format!("a b@sha256:{digest}")] {
            assert!(text.parse::<ContainerImage>().is_err(), "{text}");
        }
    }
}
