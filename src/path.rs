//! Names inside a tree: relative, `/` between components, nothing that a terminal, a shell or another
//! file system would read differently.
//!
//! A [`TreePath`] can be printed, stored in a file list and opened beneath a root. This module looks at
//! text alone; whether such a file exists is for `inventory`.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use crate::digest::Digest;
use crate::limits;
use crate::text;

/// A relative path inside a tree, checked on construction.
///
/// Ordered by its UTF-8 bytes, which is also the order of Unicode code points.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreePath(Box<str>);

impl TreePath {
    /// Checks a path as `docs/format.md` ("Names") demands.
    pub fn new(text: &str) -> Result<Self, UnsafePath> {
        if text.len() > limits::PATH_BYTES {
            return Err(UnsafePath::TooLong);
        }
        if text == "-" {
            return Err(UnsafePath::Dash);
        }
        if text.contains('\\') {
            return Err(UnsafePath::Backslash);
        }
        if text.chars().any(char::is_control) {
            return Err(UnsafePath::Control);
        }
        if text.chars().any(text::is_bidirectional_control) {
            return Err(UnsafePath::Bidirectional);
        }
        if text.split('/').any(|component| matches!(component, "" | "." | "..")) {
            return Err(UnsafePath::Component);
        }
        Ok(Self(text.into()))
    }

    /// Returns the path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Says whether this is `root` or lies beneath it.
    pub fn is_within(&self, root: &Self) -> bool {
        self.0.strip_prefix(&*root.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Returns the path of a file that lies beside this one, or beneath its folder.
    pub fn beside(&self, name: &str) -> Option<Self> {
        let folder = self.0.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
        Self::new(&format!("{folder}{name}")).ok()
    }

    /// Returns the first component.
    pub fn top(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// Digests the form in which two paths are equal on file systems that ignore case or normalise.
    ///
    /// NFD, lowercase, NFC: equal for `A.bin` and `a.bin`, and for the composed and decomposed `é`.
    pub fn folded(&self) -> Digest {
        if self.0.is_ascii() {
            return Digest::of(self.0.to_ascii_lowercase().as_bytes());
        }
        let folded: String = self.0.nfd().flat_map(char::to_lowercase).nfc().collect();
        Digest::of(folded.as_bytes())
    }
}

impl Deref for TreePath {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for TreePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TreePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).map_err(|fault| de::Error::custom(format!("unsafe path: {fault}")))
    }
}

/// Why a name can't stand in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UnsafePath {
    /// The name has a `\`, a separator on other systems.
    #[error("it has a backslash")]
    Backslash,
    /// The name has a character that reorders text on a screen.
    #[error("it has a character that changes the direction of text")]
    Bidirectional,
    /// The path is absolute, climbs, or has an empty component.
    #[error("it has an empty component, `.` or `..`")]
    Component,
    /// The name has a control character.
    #[error("it has a control character")]
    Control,
    /// The path is `-`, which tools read as standard input.
    #[error("`-` stands for standard input")]
    Dash,
    /// The bytes are not UTF-8.
    #[error("it is not UTF-8")]
    Encoding,
    /// The path is longer than the limit.
    #[error("it is longer than {} bytes", limits::PATH_BYTES)]
    TooLong,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_pass() {
        for name in ["a", "a b/ü'\".bin", ".gitignore", "a/-", "--x", "a:b", "con", "…/日本"] {
            assert_eq!(TreePath::new(name).map(|path| path.to_string()), Ok(name.to_owned()));
        }
    }

    #[test]
    fn hostile_names_are_refused_with_their_reason() {
        let long = "x".repeat(limits::PATH_BYTES + 1);
        for (name, reason) in [
            ("", UnsafePath::Component),
            ("/a", UnsafePath::Component),
            ("a//b", UnsafePath::Component),
            ("a/", UnsafePath::Component),
            ("./a", UnsafePath::Component),
            ("a/../b", UnsafePath::Component),
            ("..", UnsafePath::Component),
            ("-", UnsafePath::Dash),
            ("a\\b", UnsafePath::Backslash),
            ("a\nb", UnsafePath::Control),
            ("a\u{1b}[2K", UnsafePath::Control),
            ("a\0", UnsafePath::Control),
            ("a\u{85}", UnsafePath::Control),
            ("a\u{202e}b", UnsafePath::Bidirectional),
            (&long, UnsafePath::TooLong),
        ] {
            assert_eq!(TreePath::new(name), Err(reason), "{name:?}");
        }
    }

    #[test]
    fn within_means_the_same_or_beneath() {
        let within = |path, root| TreePath::new(path).unwrap().is_within(&TreePath::new(root).unwrap());
        assert!(within("a/b", "a"));
        assert!(within("a", "a"));
        assert!(!within("ab", "a"));
        assert!(!within("a", "a/b"));
    }

    #[test]
    fn case_and_normal_forms_fold_together() {
        let folded = |path| TreePath::new(path).unwrap().folded();
        assert_eq!(folded("A.BIN"), folded("a.bin"));
        assert_eq!(folded("caf\u{e9}"), folded("cafe\u{301}"));
        assert_eq!(folded("CAF\u{c9}"), folded("cafe\u{301}"));
        assert_ne!(folded("a"), folded("b"));
    }
}
