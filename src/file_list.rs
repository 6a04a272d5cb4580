//! File lists: what `sha256sum` prints for every file of a tree, sorted by the bytes of the path.
//!
//! The SHA-256 of a file list is the digest of the tree, in-toto's `dirHash`. `docs/format.md`, "File
//! lists", has the command that makes the same digest by hand.

use std::io::{self, BufRead, Read, Write};
use std::str;

use thiserror::Error;

use crate::digest::{Digest, Hasher};
use crate::limits;
use crate::path::TreePath;

/// Bytes of a line before its path: 64 digits and two spaces.
const DIGEST_COLUMNS: usize = 66;

/// A path and the digest of the file there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Where the file is in its tree.
    pub path: TreePath,
    /// The SHA-256 of its bytes.
    pub digest: Digest,
}

/// Writes the file list of `entries`, which must be sorted by path.
pub fn write<'e>(entries: impl IntoIterator<Item = &'e Entry>, mut output: impl Write) -> io::Result<()> {
    for entry in entries {
        writeln!(output, "{}  {}", entry.digest, entry.path)?;
    }
    Ok(())
}

/// Digests the file list of `entries`, which must be sorted by path.
pub fn digest<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Digest {
    let mut hasher = Hasher::new();
    for entry in entries {
        hasher.update(format!("{}  {}\n", entry.digest, entry.path).as_bytes());
    }
    hasher.finish()
}

/// Reads the lines of a file list one by one.
///
/// The digest of all that was read is known at the end: an entry proves nothing before that.
pub struct Reader<R> {
    input: R,
    hasher: Hasher,
    line: Vec<u8>,
}

impl<R: BufRead> Reader<R> {
    /// Starts to read.
    pub fn new(input: R) -> Self {
        Self { input, hasher: Hasher::new(), line: Vec::new() }
    }

    /// Reads the next entry, or nothing at the end.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, ListError> {
        self.line.clear();
        let longest = (DIGEST_COLUMNS + limits::PATH_BYTES + 1) as u64;
        (&mut self.input).take(longest).read_until(b'\n', &mut self.line)?;
        if self.line.is_empty() {
            return Ok(None);
        }
        self.hasher.update(&self.line);
        parse_line(&self.line).map(Some).ok_or(ListError::Line)
    }

    /// Digests what was read, from the first line to the last.
    pub fn finish(self) -> Digest {
        self.hasher.finish()
    }
}

fn parse_line(line: &[u8]) -> Option<Entry> {
    let line = str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (digest, path) = line.split_once("  ")?;
    Some(Entry { path: TreePath::new(path).ok()?, digest: digest.parse().ok()? })
}

/// Why a file list can't be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ListError {
    /// The machine failed.
    #[error("it can't be read")]
    Io(#[from] io::Error),
    /// A line is not 64 digits, two spaces and a path.
    #[error("a line is not a digest, two spaces and a path")]
    Line,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, content: &[u8]) -> Entry {
        Entry { path: TreePath::new(path).unwrap(), digest: Digest::of(content) }
    }

    #[test]
    fn a_list_is_what_sha256sum_prints() {
        let mut text = Vec::new();
        let entries = [entry("EMPTY", b""), entry("a b/c.txt", b"hello\n")];
        write(&entries, &mut text).unwrap();
        let expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  EMPTY\n\
                        5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  a b/c.txt\n";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
        assert_eq!(digest(&entries), Digest::of(expected.as_bytes()));
    }

    #[test]
    fn a_list_reads_as_it_was_written() {
        let entries = vec![entry("a", b"1"), entry("b  c", b"2")];
        let mut text = Vec::new();
        write(&entries, &mut text).unwrap();
        let mut reader = Reader::new(text.as_slice());
        let mut read = Vec::new();
        while let Some(entry) = reader.next_entry().unwrap() {
            read.push(entry);
        }
        assert_eq!(read, entries);
        assert_eq!(reader.finish(), digest(&entries));
    }

    #[test]
    fn a_damaged_list_is_an_error() {
        let good = format!("{}  a", Digest::of(b""));
        let long = format!("{}  {}\n", Digest::of(b""), "x".repeat(limits::PATH_BYTES + 9));
        for text in [good.as_str(), "x  a\n", "\n", &good.replace("  ", " "), &format!("{good}/../b\n"), &long] {
            assert!(Reader::new(text.as_bytes()).next_entry().is_err(), "{text}");
        }
    }
}
