//! The algorithms by which model signatures name bytes (ossf/model-signing-spec `algorithm-registry.md`).

use std::fmt;
use std::io;

use blake2::{Blake2b512, Digest as _};
use sha2::Sha256;

use crate::limits;
use crate::source::{self, ReadAt};

/// An algorithm of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashType {
    /// `BLAKE2b` with 64 bytes.
    Blake2b,
    /// BLAKE3 with 32 bytes.
    Blake3,
    /// SHA-256.
    Sha256,
}

impl HashType {
    /// Finds an algorithm by its name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Blake2b, Self::Blake3, Self::Sha256].into_iter().find(|one| one.as_str() == name)
    }

    /// Returns the name in the registry.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blake2b => "blake2b",
            Self::Blake3 => "blake3",
            Self::Sha256 => "sha256",
        }
    }

    /// Returns how many bytes a digest has.
    pub fn length(self) -> usize {
        match self {
            Self::Blake2b => 64,
            Self::Blake3 | Self::Sha256 => 32,
        }
    }

    /// Digests the bytes of a source from `start` up to `end`.
    pub fn digest(self, source: &dyn ReadAt, start: u64, end: u64) -> io::Result<Vec<u8>> {
        match self {
            Self::Blake2b => {
                let mut hasher = Blake2b512::new();
                each(source, start, end, |chunk| hasher.update(chunk))?;
                Ok(hasher.finalize().to_vec())
            }
            Self::Blake3 => {
                let mut hasher = blake3::Hasher::new();
                each(source, start, end, |chunk| {
                    hasher.update(chunk);
                })?;
                Ok(hasher.finalize().as_bytes().to_vec())
            }
            Self::Sha256 => {
                let mut hasher = Sha256::new();
                each(source, start, end, |chunk| hasher.update(chunk))?;
                Ok(hasher.finalize().to_vec())
            }
        }
    }
}

impl fmt::Display for HashType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn each(source: &dyn ReadAt, start: u64, end: u64, mut with: impl FnMut(&[u8])) -> io::Result<()> {
    let length = usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX);
    // Shards may be of a few bytes each.
    let mut buffer = vec![0; length.min(limits::READ_BUFFER)];
    let mut at = start;
    while at < end {
        let most = usize::try_from(end - at).unwrap_or(usize::MAX).min(limits::READ_BUFFER);
        let chunk = source::fill(source, at, buffer.get_mut(..most).unwrap_or_default())?;
        if chunk.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        with(chunk);
        at += chunk.len() as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    #[test]
    fn digests_are_the_published_ones() {
        for (hash, expected) in [
            (HashType::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (HashType::Blake3, "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"),
            (
                HashType::Blake2b,
                "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1\
                 7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
            ),
        ] {
            let bytes: &[u8] = b"xabcx";
            let digest = hash.digest(&bytes, 1, 4).unwrap();
            assert_eq!(HEXLOWER.encode(&digest), expected);
            assert_eq!(digest.len(), hash.length());
            assert_eq!(HashType::named(hash.as_str()), Some(hash));
            assert!(hash.digest(&bytes, 1, 6).is_err());
        }
        assert_eq!(HashType::named("SHA256"), None);
    }
}
