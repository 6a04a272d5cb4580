//! One thing that a scan saw.

use serde::Serialize;

use crate::scan::{Rating, Reason};
use crate::text::Text;

/// One thing that a scan saw and objects to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Observation {
    /// Which rule objects.
    pub reason: Reason,
    /// What it makes of the file.
    pub rating: Rating,
    /// Where it is.
    pub position: Position,
    /// What is imported or called, as in `os.system`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub called: Option<Text>,
    /// What is wrong, in one sentence without a full stop.
    pub summary: Text,
}

/// A place in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    /// The members of archives that lead there, the outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inside: Vec<Text>,
    /// The byte, counted from the start of the file or of the innermost member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// The instruction, counted from 0, where the format is a program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instruction: Option<u64>,
}

impl Observation {
    /// Makes an observation about a file as a whole.
    pub fn new(reason: Reason, rating: Rating, summary: impl Into<Text>) -> Self {
        Self { reason, rating, position: Position::default(), called: None, summary: summary.into() }
    }

    /// Says at which byte it is.
    #[must_use]
    pub fn at(mut self, offset: u64) -> Self {
        self.position.offset = Some(offset);
        self
    }

    /// Says at which instruction it is.
    #[must_use]
    pub fn instruction(mut self, instruction: u64) -> Self {
        self.position.instruction = Some(instruction);
        self
    }

    /// Says what is imported or called.
    #[must_use]
    pub fn called(mut self, called: impl Into<Text>) -> Self {
        self.called = Some(called.into());
        self
    }
}
