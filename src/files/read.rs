//! Reading a file whole.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::fault::{Blame, Fault, blame_io};
use crate::text;

/// The path that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// Extensions of keys.
const KEYS: [&str; 4] = ["der", "key", "pem", "pub"];

/// Why a file can't be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The machine failed, or the path leads nowhere.
    #[error("`{}` can't be read: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
    /// The path leads to a folder, a pipe or a device.
    #[error("`{}` is not a regular file", path.display())]
    Kind {
        /// The path.
        path: PathBuf,
    },
    /// The file is larger than such files may be.
    #[error("`{}` is larger than {}", path.display(), text::bytes(*limit as u64))]
    Size {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: usize,
    },
    /// The file should be text, but is not UTF-8.
    #[error("`{}` is not UTF-8 text", path.display())]
    Text {
        /// The file.
        path: PathBuf,
    },
}

impl Fault for ReadError {
    fn blame(&self) -> Blame {
        match self {
            Self::Io { source, .. } => blame_io(source),
            Self::Kind { .. } | Self::Size { .. } | Self::Text { .. } => Blame::Call,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Kind { path } if is_descriptor(path) => Some(
                "a pipe such as `<(…)` is read only as standard input: write it to a file, or pipe it in and give `-`"
                    .to_owned(),
            ),
            Self::Text { path }
                if path.extension().is_some_and(|extension| KEYS.iter().any(|key| extension == *key)) =>
            {
                Some(
                    "a key in DER becomes PEM: `openssl pkey -inform DER -in OLD -out NEW`, with `-pubin` a public one"
                        .to_owned(),
                )
            }
            _ => None,
        }
    }
}

/// Reads a file of at most `limit` bytes; `-` is standard input.
///
/// Opening never blocks on a pipe. A file that is too large costs no memory.
pub fn read(path: &Path, limit: usize) -> Result<Vec<u8>, ReadError> {
    if path == Path::new(STANDARD_INPUT) {
        return read_bounded(path, io::stdin().lock(), limit);
    }
    read_open(path, open(path)?, limit)
}

/// Reads a file as [`read`] does that is written in turn, with what it holds: its reader is the one to replace it.
pub fn read_own(path: &Path, limit: usize) -> Result<Vec<u8>, ReadError> {
    read_open(path, open_regular(path)?.0, limit)
}

fn read_open(path: &Path, file: File, limit: usize) -> Result<Vec<u8>, ReadError> {
    let size = file.metadata().map_err(|source| failed(path, source))?.len();
    if size > limit as u64 {
        return Err(ReadError::Size { path: path.to_owned(), limit });
    }
    read_bounded(path, file, limit)
}

/// Reads a text file of at most `limit` bytes.
pub fn read_text(path: &Path, limit: usize) -> Result<String, ReadError> {
    String::from_utf8(read(path, limit)?).map_err(|_| ReadError::Text { path: path.to_owned() })
}

/// Opens a regular file without ever blocking.
pub fn open(path: &Path) -> Result<File, ReadError> {
    let (file, metadata) = open_regular(path)?;
    super::watch::note(path, &metadata);
    Ok(file)
}

fn open_regular(path: &Path) -> Result<(File, Metadata), ReadError> {
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(|source| failed(path, source))?;
    let metadata = file.metadata().map_err(|source| failed(path, source))?;
    if metadata.is_file() { Ok((file, metadata)) } else { Err(ReadError::Kind { path: path.to_owned() }) }
}

fn read_bounded(path: &Path, input: impl Read, limit: usize) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    input.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|source| failed(path, source))?;
    if bytes.len() > limit {
        return Err(ReadError::Size { path: path.to_owned(), limit });
    }
    Ok(bytes)
}

/// Says whether a path names an open file of this process, as a shell does where it substitutes one.
fn is_descriptor(path: &Path) -> bool {
    ["/dev/fd", "/dev/stdin", "/proc"].iter().any(|folder| path.starts_with(folder))
}

fn failed(path: &Path, source: io::Error) -> ReadError {
    ReadError::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, b"12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert!(matches!(read(&path, 4), Err(ReadError::Size { limit: 4, .. })));
        fs::write(&path, b"\xff").unwrap();
        assert!(matches!(read_text(&path, 5), Err(error @ ReadError::Text { .. }) if error.hint().is_none()));
        assert!(ReadError::Text { path: "release.der".into() }.hint().is_some());
    }

    #[test]
    fn what_is_not_a_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        for path in [pipe.as_path(), folder.path(), Path::new("/dev/zero")] {
            assert!(matches!(read(path, 5), Err(ReadError::Kind { .. })), "{}", path.display());
        }
        let substituted = ReadError::Kind { path: "/dev/fd/63".into() };
        assert!(substituted.hint().is_some_and(|hint| hint.contains("write it to a file")));
        assert_eq!(ReadError::Kind { path: "folder".into() }.hint(), None);
        let missing = read(&folder.path().join("missing"), 5).unwrap_err();
        assert_eq!(missing.blame(), Blame::Call);
    }
}
