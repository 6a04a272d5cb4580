//! Digests of packages, by the algorithms that CycloneDX names.

use crate::lockfile::LockError;

/// The digest of a package's archive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackageHash {
    /// The algorithm, as CycloneDX writes it.
    pub algorithm: &'static str,
    /// The digest, in lower-case hexadecimal digits.
    pub content: String,
}

/// The algorithms: as Python's tools write them, as CycloneDX does, and how many digits a digest has.
const ALGORITHMS: [(&str, &str, usize); 11] = [
    ("md5", "MD5", 32),
    ("sha1", "SHA-1", 40),
    ("sha256", "SHA-256", 64),
    ("sha384", "SHA-384", 96),
    ("sha512", "SHA-512", 128),
    ("sha3_256", "SHA3-256", 64),
    ("sha3_384", "SHA3-384", 96),
    ("sha3_512", "SHA3-512", 128),
    ("blake2b", "BLAKE2b-512", 128),
    ("blake2b_256", "BLAKE2b-256", 64),
    ("blake3", "BLAKE3", 64),
];

impl PackageHash {
    /// Reads a digest of an algorithm; one of an algorithm that CycloneDX does not know is none.
    pub(super) fn new(algorithm: &str, content: &str) -> Result<Option<Self>, LockError> {
        let algorithm = algorithm.to_ascii_lowercase();
        let Some((_, algorithm, digits)) = ALGORITHMS.iter().find(|(name, ..)| *name == algorithm) else {
            return Ok(None);
        };
        if content.len() != *digits || !content.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(LockError::Shape(format!("a digest is not one of {algorithm}")));
        }
        Ok(Some(Self { algorithm, content: content.to_ascii_lowercase() }))
    }

    /// Reads a digest of an algorithm as CycloneDX writes it.
    pub(super) fn named(algorithm: &str, content: &str) -> Result<Option<Self>, LockError> {
        let found = ALGORITHMS.iter().find(|(_, name, _)| name.eq_ignore_ascii_case(algorithm));
        found.map_or(Ok(None), |(name, ..)| Self::new(name, content))
    }

    /// Reads `sha256:…`.
    pub(super) fn parse(text: &str) -> Result<Option<Self>, LockError> {
        let (algorithm, content) =
            text.split_once(':').ok_or_else(|| LockError::Shape("a digest has no algorithm".to_owned()))?;
        Self::new(algorithm, content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_have_the_length_of_their_algorithm() {
        let hash = PackageHash::parse(&format!("sha256:{}", "AB".repeat(32))).unwrap().unwrap();
        assert_eq!((hash.algorithm, hash.content), ("SHA-256", "ab".repeat(32)));
        assert_eq!(PackageHash::parse("rot13:xyz").unwrap(), None);
        for text in ["sha256:00", "sha256", &format!("md5:{}", "0".repeat(64)), &format!("md5:{}", "g".repeat(32))] {
            assert!(PackageHash::parse(text).is_err(), "{text}");
        }
    }
}
