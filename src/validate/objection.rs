//! What is said of a document.

use serde::Serialize;

use crate::cyclonedx::Fault;
use crate::text::Text;
use crate::validate::Check;

/// How much an objection matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Level {
    /// The document is at fault.
    Error,
    /// It could be better.
    Warning,
    /// It is only said.
    Note,
}

/// Something that is to be said of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// What was checked.
    pub check: Check,
    /// How much it matters.
    pub level: Level,
    /// The JSON Pointer of the value that it is about; empty for the document.
    pub pointer: Text,
    /// The line at which that value starts, where it is known.
    pub line: Option<usize>,
    /// What is to be said.
    pub message: Text,
}

impl Objection {
    /// Says something of what a fault is at.
    pub fn new(check: Check, level: Level, fault: Fault) -> Self {
        Self { check, level, pointer: fault.pointer.into(), line: None, message: fault.message.into() }
    }
}
