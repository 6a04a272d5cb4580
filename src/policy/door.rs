//! Unsafe doors, by kind: what a policy may permit at a stage.

use std::fmt;

use serde::Deserialize;

/// A kind of unsafe door. Each is the flag of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum DoorKind {
    /// Files in the model that nobody signed are accepted.
    AllowExtraFiles,
    /// The time of the check is not now.
    At,
    /// A path of the model is passed over.
    IgnorePath,
    /// The model is not hashed.
    WithoutFiles,
}

impl DoorKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::AllowExtraFiles, Self::At, Self::IgnorePath, Self::WithoutFiles];
}

impl fmt::Display for DoorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AllowExtraFiles => "--allow-extra-files",
            Self::At => "--at",
            Self::IgnorePath => "--ignore-path",
            Self::WithoutFiles => "--without-files",
        })
    }
}
