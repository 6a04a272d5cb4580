//! SHA-256 digests, and the kind of thing that a digest stands for.
//!
//! A digest of a file and a digest of a tree are different values even where their bytes are equal:
//! a file that holds a file list is not the tree that the list describes. This module computes and
//! compares; it reads no files.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// A SHA-256 digest of 32 bytes, written as 64 lowercase hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Digests `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Returns the 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    /// Reads exactly 64 lowercase hexadecimal digits; anything else is refused.
    fn from_str(text: &str) -> Result<Self, DigestError> {
        HEXLOWER.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(DigestError::Hex)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// A digest together with the kind of thing that it was taken from.
///
/// Written `sha256:HEX` for a file and `tree:sha256:HEX` for a folder (the SHA-256 of its file list).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArtifactDigest {
    /// The SHA-256 of the bytes of one file.
    File(Digest),
    /// The SHA-256 of the file list of a folder: in-toto's `dirHash`.
    Tree(Digest),
}

impl ArtifactDigest {
    /// Returns the 32-byte digest without its kind. Never compare two of these: compare the whole value.
    pub fn without_kind(&self) -> Digest {
        match self {
            Self::File(digest) | Self::Tree(digest) => *digest,
        }
    }

    /// Says in a word what was digested: `file` or `folder`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Tree(_) => "folder",
        }
    }
}

impl fmt::Display for ArtifactDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(digest) => write!(f, "sha256:{digest}"),
            Self::Tree(digest) => write!(f, "tree:sha256:{digest}"),
        }
    }
}

impl Serialize for ArtifactDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ArtifactDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl FromStr for ArtifactDigest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        if let Some(hex) = text.strip_prefix("tree:sha256:") {
            hex.parse().map(Self::Tree)
        } else if let Some(hex) = text.strip_prefix("sha256:") {
            hex.parse().map(Self::File)
        } else {
            Err(DigestError::Prefix)
        }
    }
}

/// Why a text is not a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DigestError {
    /// The digits are not 64 lowercase hexadecimal ones.
    #[error("expected 64 lowercase hexadecimal digits")]
    Hex,
    /// The kind and the algorithm are missing or unknown.
    #[error("expected `sha256:` and 64 digits for a file, or `tree:sha256:` and 64 digits for a folder")]
    Prefix,
}

/// A SHA-256 computation over a stream; bytes written to it are digested and forgotten.
#[derive(Clone, Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Starts an empty computation.
    pub fn new() -> Self {
        Self::default()
    }

    /// Digests some more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Ends the computation.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

impl Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn digest_of_nothing_is_the_known_one() {
        assert_eq!(Digest::of(b"").to_string(), EMPTY);
        assert_eq!(Hasher::new().finish().to_string(), EMPTY);
    }

    #[test]
    fn only_64_lowercase_digits_are_a_digest() {
        let upper = EMPTY.to_uppercase();
        let long = format!("{EMPTY}00");
        let spaced = format!(" {EMPTY}");
        for text in ["", "e3", upper.as_str(), long.as_str(), spaced.as_str(), &EMPTY[1..]] {
            assert_eq!(text.parse::<Digest>(), Err(DigestError::Hex), "{text}");
        }
    }

    #[test]
    fn kinds_never_compare() {
        let digest = Digest::of(b"x");
        assert_ne!(ArtifactDigest::File(digest), ArtifactDigest::Tree(digest));
    }

    #[test]
    fn artifact_digests_are_read_as_they_are_written() {
        for digest in [ArtifactDigest::File(Digest::of(b"x")), ArtifactDigest::Tree(Digest::of(b"x"))] {
            assert_eq!(digest.to_string().parse(), Ok(digest));
        }
        for text in [EMPTY, "md5:00", "tree:", "file:sha256:00", "sha256:"] {
            assert!(text.parse::<ArtifactDigest>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_stream_digests_as_the_whole() {
        let mut hasher = Hasher::new();
        hasher.write_all(b"hello ").unwrap();
        hasher.update(b"world");
        assert_eq!(hasher.finish(), Digest::of(b"hello world"));
    }
}
