//! Errors as the user sees them: what happened, where, and what to do.

use std::fmt;
use std::path::Path;

use crate::cli::exit;
use crate::fault::{Blame, Fault};

/// An error on its way to the terminal.
#[derive(Debug)]
pub(super) struct CliError {
    blame: Blame,
    pub(super) message: String,
    pub(super) details: Vec<String>,
    pub(super) hint: Option<String>,
}

impl CliError {
    /// Blames the call.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { blame: Blame::Call, message: message.into(), details: Vec::new(), hint: None }
    }

    /// Blames what was looked at.
    pub(super) fn evidence(message: impl Into<String>) -> Self {
        Self { blame: Blame::Evidence, ..Self::usage(message) }
    }

    /// Blames the machine, or a bug.
    pub(super) fn machine(error: impl fmt::Display) -> Self {
        Self { blame: Blame::Machine, ..Self::usage(error.to_string()) }
    }

    /// Says which file it is about.
    pub(super) fn about(mut self, path: &Path) -> Self {
        self.message = format!("`{}`: {}", path.display(), self.message);
        self
    }

    /// Says what to do.
    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Returns the exit status.
    pub(super) fn exit_status(&self) -> u8 {
        exit::of_blame(self.blame)
    }
}

impl<E: Fault> From<E> for CliError {
    fn from(error: E) -> Self {
        Self { blame: error.blame(), message: error.to_string(), details: error.details(), hint: error.hint() }
    }
}
