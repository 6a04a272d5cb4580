//! Unsafe doors: what a caller asked to leave unchecked.

use crate::policy::DoorKind;
use crate::text::Text;
use crate::verify::{Artifact, Request, TimeSource};

/// An unsafe door that the caller opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Door {
    /// `--allow-extra-files`
    AllowExtraFiles,
    /// `--at`
    At,
    /// `--ignore-path`
    IgnorePath(String),
    /// `--without-files`
    WithoutFiles,
}

impl Door {
    /// Returns the flag as it was given.
    pub fn flag(&self) -> Text {
        match self {
            Self::AllowExtraFiles => "--allow-extra-files".into(),
            Self::At => "--at".into(),
            Self::IgnorePath(path) => format!("--ignore-path {path}").into(),
            Self::WithoutFiles => "--without-files".into(),
        }
    }

    /// Returns which kind of door it is.
    pub fn kind(&self) -> DoorKind {
        match self {
            Self::AllowExtraFiles => DoorKind::AllowExtraFiles,
            Self::At => DoorKind::At,
            Self::IgnorePath(_) => DoorKind::IgnorePath,
            Self::WithoutFiles => DoorKind::WithoutFiles,
        }
    }

    pub(super) fn open(request: &Request<'_>) -> Vec<Self> {
        let mut doors = Vec::new();
        if matches!(request.model, Artifact::Vouched(_)) {
            doors.push(Self::WithoutFiles);
        }
        if request.allow_extra_files {
            doors.push(Self::AllowExtraFiles);
        }
        doors.extend(request.ignored.iter().map(|path| Self::IgnorePath(path.to_string())));
        if request.time_source == TimeSource::Given {
            doors.push(Self::At);
        }
        doors
    }
}
