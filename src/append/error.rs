//! Why nothing was added to a bundle.

use thiserror::Error;

use crate::bundle::AppendError;
use crate::fault::{Blame, Fault};
use crate::files::ReadError;
use crate::finding::{Code, Finding};
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
    /// What was signed would not count under the trust that was given.
    #[error("{}, so nothing was added", reason(.0))]
    NotCounted(Box<Finding>),
    /// Nothing in a file of others is evidence about the model by somebody who is trusted.
    #[error("nothing was imported, for nothing in the file counts")]
    NotImported(Vec<Refused>),
    /// The model leads nowhere.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The bundle does not verify as it is.
    #[error("the bundle does not verify, so nothing was added")]
    Rejected(Box<Report>),
    /// A new line says what no seal can name: it contradicts those that are sealed.
    #[error("no seal could name the line, so nothing was added: {}", .0.summary.for_terminal())]
    Unsealable(Box<Finding>),
    /// A line of the bundle says what no seal can name.
    #[error("line {line} can't be sealed: {}", fault.summary.for_terminal())]
    UnsealableLine {
        /// Its number.
        line: usize,
        /// What is wrong with it.
        fault: Box<Finding>,
    },
    /// The bundle could not be verified.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The bundle would not be sound with what was signed.
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
            Self::Call { .. } | Self::NotCounted(_) | Self::Unsealable(_) | Self::WouldNotCount(_) => Blame::Call,
            Self::Line(error) => error.blame(),
            Self::NotImported(_) | Self::UnsealableLine { .. } => Blame::Evidence,
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
            Self::NotCounted(fault) if role_needed(fault).is_none() => details(fault),
            Self::Unsealable(fault) | Self::UnsealableLine { fault, .. } => details(fault),
            _ => Vec::new(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NotImported(refused) => refused.iter().find_map(|refused| refused.hint.clone()),
            Self::Append(error) => error.hint(),
            Self::Call { hint, .. } => hint.clone(),
            Self::Line(error) => error.hint(),
            Self::NotCounted(fault) => {
                let role = role_needed(fault).unwrap_or_else(|| "the role for this".to_owned());
                Some(format!("sign with a key to which the trust file gives {role}"))
            }
            Self::Read(error) => error.hint(),
            Self::Rejected(_) => None,
            Self::Unsealable(_) => {
                Some("correct what is to be added; what is sealed stays, and another release says otherwise".to_owned())
            }
            Self::UnsealableLine { line, .. } => Some(format!(
                "take it out: `sed -i {line}d BUNDLE`; no seal names it, so nothing is lost, and its signer can add it corrected"
            )),
            Self::Verify(error) => error.hint(),
            Self::WouldNotCount(_) => {
                Some("sign with a key to which the trust file gives the role for this".to_owned())
            }
        }
    }
}

/// Says why a line does not count, and of a role which ones there are.
fn reason(fault: &Finding) -> String {
    match (role_needed(fault), &fault.found) {
        (Some(needed), Some(found)) => format!("this key has not {needed}, it has: {}", found.for_terminal()),
        _ => format!("what this key would sign does not count: {}", fault.summary.for_terminal()),
    }
}

/// Names the role that whoever signs would need, if that is at fault.
fn role_needed(fault: &Finding) -> Option<String> {
    let expected = fault.expected.as_ref().filter(|_| fault.code == Code::WrongRole)?;
    expected.raw().starts_with("role ").then(|| format!("the {}", expected.for_terminal()))
}

/// Shows what a finding expected, and what it found.
fn details(fault: &Finding) -> Vec<String> {
    let told = |word: &str, text: &Option<Text>| text.as_ref().map(|text| format!("{word} {}", text.for_terminal()));
    [told("expected", &fault.expected), told("found", &fault.found)].into_iter().flatten().collect()
}
