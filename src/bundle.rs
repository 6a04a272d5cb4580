//! The release bundle as a file: lines, none of which has been verified.

use std::collections::HashSet;
use std::path::Path;

use crate::digest::Digest;
use crate::files::{self, ReadError};
use crate::finding::{Code, Finding, Findings, Place};
use crate::limits;
use crate::text;

pub use append::{AppendError, Locked};

mod append;

/// What the names of release bundles end with.
pub const SUFFIX: &str = ".intoto.jsonl";

/// The lines of a release bundle, as they came.
#[derive(Clone, Debug, Default)]
pub struct UnverifiedBundle {
    lines: Vec<UnverifiedLine>,
    digest: Option<Digest>,
}

/// One line, without its line feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedLine {
    /// Its number, from 1.
    pub number: usize,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl UnverifiedBundle {
    /// Reads a release bundle; `-` is standard input. One that is over a limit has findings and no lines.
    pub fn read(path: &Path) -> Result<(Self, Findings), ReadError> {
        match files::read(path, limits::BUNDLE_BYTES) {
            Ok(bytes) => Ok(Self::split(&bytes)),
            Err(ReadError::Size { limit, .. }) => {
                Ok((Self::default(), over(format!("the release bundle is larger than {}", text::bytes(limit as u64)))))
            }
            Err(error) => Err(error),
        }
    }

    /// Splits the bytes of a release bundle. Blank lines are passed over, exact duplicates collapse.
    pub fn split(bytes: &[u8]) -> (Self, Findings) {
        Self::split_within(bytes, limits::BUNDLE_LINES)
    }

    /// Splits the bytes of a file of at most so many such lines.
    pub fn split_within(bytes: &[u8], most: usize) -> (Self, Findings) {
        let digest = Some(Digest::of(bytes));
        let mut lines = Vec::new();
        // Not a search in `lines`: a thousand long lines that differ at their ends would take seconds.
        let mut seen = HashSet::new();
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let number = index + 1;
            let line = line.trim_ascii();
            if line.len() > limits::LINE_BYTES {
                let limit = text::bytes(limits::LINE_BYTES as u64);
                return (Self { digest, ..Self::default() }, over(format!("line {number} is larger than {limit}")));
            }
            if line.is_empty() || !seen.insert(line) {
                continue;
            }
            if lines.len() == most {
                let summary = format!("the file has more than {most} lines");
                return (Self { digest, ..Self::default() }, over(summary));
            }
            lines.push(UnverifiedLine { number, bytes: line.to_owned() });
        }
        (Self { lines, digest }, Findings::default())
    }

    /// Returns the lines.
    pub fn lines(&self) -> &[UnverifiedLine] {
        &self.lines
    }

    /// Gives the lines away.
    pub fn into_lines(self) -> Vec<UnverifiedLine> {
        self.lines
    }

    /// Returns the SHA-256 of the file, unless it was too large to read.
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }
}

/// Names the file list of a dataset beside a bundle: `<stem>.<dataset>.sha256`.
pub fn list_path(bundle: &Path, dataset: &str) -> Option<std::path::PathBuf> {
    let name = bundle.file_name()?.to_str()?;
    let stem = name.strip_suffix(SUFFIX).unwrap_or(name);
    Some(bundle.with_file_name(format!("{stem}.{dataset}.sha256")))
}

fn over(summary: String) -> Findings {
    let mut findings = Findings::default();
    findings.push(Finding::deny(Code::LimitExceeded, Place::Bundle, summary).help("see `docs/format.md`, \"Limits\""));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<(usize, String)> {
        let (bundle, findings) = UnverifiedBundle::split(bytes);
        assert!(!findings.deny());
        bundle.into_lines().into_iter().map(|line| (line.number, String::from_utf8(line.bytes).unwrap())).collect()
    }

    #[test]
    fn lines_keep_their_numbers() {
        assert_eq!(lines(b"a\n\nb\r\n"), [(1, "a".to_owned()), (3, "b".to_owned())]);
        assert!(lines(b"").is_empty());
    }

    #[test]
    fn exact_duplicates_collapse() {
        assert_eq!(lines(b"a\nb\na\n").len(), 2);
    }

    #[test]
    fn limits_deny_and_leave_nothing() {
        let many: Vec<String> = (0..=limits::BUNDLE_LINES).map(|number| number.to_string()).collect();
        let many = many.join("\n");
        let long = vec![b'x'; limits::LINE_BYTES + 1];
        for bytes in [many.as_bytes(), &long] {
            let (bundle, findings) = UnverifiedBundle::split(bytes);
            assert!(bundle.lines().is_empty() && findings.deny());
        }
    }

    #[test]
    fn lists_lie_beside_the_bundle() {
        let path = |bundle| list_path(Path::new(bundle), "train").unwrap();
        assert_eq!(path("x/r-1.intoto.jsonl"), Path::new("x/r-1.train.sha256"));
        assert_eq!(path("r.bundle"), Path::new("r.bundle.train.sha256"));
    }
}
