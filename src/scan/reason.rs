//! The closed list of reasons for which a scan objects.

use std::fmt;

use serde::{Serialize, Serializer};

/// Declares the reasons, each with its text and what it says.
macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+) => {
        /// Why a scan objects. The text of a reason never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Reason {
            /// Every reason, in the order of `docs/scan.md`.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns the reason as it is written in reports.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// Returns what it says, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),+).trim_ascii(),)+
                }
            }
        }
    };
}

reasons! {
    // Any file.
    /// The file could not be read, or changed meanwhile.
    Unreadable = "unreadable",
    /// The content is of no known format.
    UnknownFormat = "unknown-format",
    /// The content breaks the rules of its format.
    Malformed = "malformed",
    /// The file is larger, deeper or more laborious than a scan bears.
    OverLimit = "over-limit",
    // Archives.
    /// Two readers of the archive may read two things.
    ArchiveAmbiguous = "archive-ambiguous",
    /// A checksum in the archive is wrong.
    ArchiveCorrupt = "archive-corrupt",
    /// A member of the archive can't be read here.
    ArchiveUnread = "archive-unread",
    /// A name leads out of the folder into which the archive is unpacked.
    PathEscape = "path-escape",
    // Pickles.
    /// It imports what runs programs or code, or reaches what does.
    DangerousImport = "dangerous-import",
    /// It brings code of its own.
    EmbeddedCode = "embedded-code",
    /// It imports something whose name is not a plain constant.
    HiddenImport = "hidden-import",
    /// It imports something that the allow-list does not name.
    ImportNotAllowed = "import-not-allowed",
    /// It names something outside the file in a way that no known format does.
    PersistentId = "persistent-id",
    /// It calls, fills or changes something in a way that the allow-list does not allow.
    UnexpectedCall = "unexpected-call",
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn reasons_are_distinct_kebab_case_words() {
        let texts: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        assert_eq!(texts.len(), Reason::ALL.len());
        for text in texts {
            assert!(text.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{text}");
        }
    }
}
