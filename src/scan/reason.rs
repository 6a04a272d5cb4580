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
    /// The file is of two formats at once.
    Polyglot = "polyglot",
    /// The name says another format than the content.
    WrongExtension = "wrong-extension",
    /// Something in it has the shape of a token or a private key.
    Credential = "credential",
    // Model files other than pickles.
    /// A chat template does more than chat templates need.
    Template = "template",
    /// A Keras configuration carries a Python program.
    KerasLambda = "keras-lambda",
    /// A Keras configuration names a class or function outside the list, or reaches out.
    KerasObject = "keras-object",
    /// A graph has an operation that reaches outside, or needs a library of its own.
    GraphOperation = "graph-operation",
    /// Data is read from another file than the model's own.
    ExternalData = "external-data",
    /// A pickle stands where data should be.
    EmbeddedPickle = "embedded-pickle",
    // Files beside models.
    /// A configuration asks its loader to import code.
    RemoteCode = "remote-code",
    /// The file is source code.
    SourceCode = "source-code",
    /// The file is native code or byte code.
    NativeCode = "native-code",
    /// A YAML tag makes the loader build an object.
    YamlObject = "yaml-object",
    /// A cell of a notebook runs a program of the machine.
    ShellMagic = "shell-magic",
    /// What a document or a notebook shows runs in the viewer.
    ActiveContent = "active-content",
    /// The environment has a release with a known fault.
    VulnerableVersion = "vulnerable-version",
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
