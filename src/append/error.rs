//! Why nothing was added to a bundle.

use thiserror::Error;

use crate::bundle::AppendError;
use crate::fault::{Blame, Fault};
use crate::files::ReadError;
use crate::signer::LineError;
use crate::text::Text;
use crate::verify::{Outcome, Report, VerifyError};

/// Why nothing was added to a bundle, which is as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JobError {
    /// The bundle can't be appended to.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// What is to be said makes no sense.
    #[error("{message}")]
    Call {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A line could not be signed.
    #[error(transparent)]
    Line(#[from] LineError),
    /// Nothing in a file of others is evidence about the model by somebody who is trusted.
    #[error("nothing was imported, for nothing in the file counts")]
    NotImported(Vec<Refused>),
    /// The model leads nowhere.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The bundle does not verify as it is.
    #[error("the bundle does not verify, so nothing was added")]
    Rejected(Box<Report>),
    /// The bundle could not be verified.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// What was signed would not count under the trust that was given.
    #[error("what this key would sign does not count, so nothing was added")]
    WouldNotCount(Box<Report>),
}

/// A line of a file of others that was not imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The line of the file.
    pub line: usize,
    /// Why: the code of a finding, and a sentence.
    pub why: Text,
    /// What to do.
    pub hint: Option<String>,
}

impl Refused {
    /// Says which line it is, and why.
    pub fn shown(&self) -> String {
        format!("line {}: {}", self.line, self.why.for_terminal())
    }
}

impl JobError {
    /// Blames the call.
    pub fn call(message: impl Into<String>) -> Self {
        Self::Call { message: message.into(), hint: None }
    }

    /// Blames the call, and says what to do.
    pub fn call_with_hint(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Call { message: message.into(), hint: Some(hint.into()) }
    }
}

impl Fault for JobError {
    fn blame(&self) -> Blame {
        match self {
            Self::Append(error) => error.blame(),
            Self::Call { .. } | Self::WouldNotCount(_) => Blame::Call,
            Self::Line(error) => error.blame(),
            Self::NotImported(_) => Blame::Evidence,
            Self::Read(error) => error.blame(),
            Self::Rejected(report) => match report.verdict.outcome() {
                Outcome::Incomplete => Blame::Machine,
                Outcome::Passed | Outcome::Rejected => Blame::Evidence,
            },
            Self::Verify(error) => error.blame(),
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::NotImported(refused) => refused.iter().map(Refused::shown).collect(),
            _ => Vec::new(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NotImported(refused) => refused.iter().find_map(|refused| refused.hint.clone()),
            Self::Append(error) => error.hint(),
            Self::Call { hint, .. } => hint.clone(),
            Self::Line(error) => error.hint(),
            Self::Read(error) => error.hint(),
            Self::Rejected(_) => None,
            Self::Verify(error) => error.hint(),
            Self::WouldNotCount(_) => {
                Some("sign with a key to which the trust file gives the role for this".to_owned())
            }
        }
    }
}
