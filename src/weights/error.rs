//! Why a model file can't be read.

use std::io;

use thiserror::Error;

/// Why a model file can't be read as its format.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The machine could not read the bytes.
    #[error("can't be read: {0}")]
    Read(#[from] io::Error),
    /// The bytes are not what the format demands.
    #[error("{message}, at byte {offset}")]
    Malformed {
        /// Where, from the start of the file.
        offset: u64,
        /// What is wrong there.
        message: String,
    },
    /// The format allows it, and it is not read.
    #[error("{0}")]
    Unsupported(String),
    /// A text is not what its format demands; the message says where.
    #[error("{0}")]
    Text(String),
    /// The file has more of something than is read.
    #[error("more than {limit} {noun}")]
    Limit {
        /// How much is read.
        limit: u64,
        /// Of what.
        noun: &'static str,
    },
}

impl FormatError {
    /// Reports a fault of form.
    pub fn malformed(offset: u64, message: impl Into<String>) -> Self {
        Self::Malformed { offset, message: message.into() }
    }

    /// Checks a count against its limit.
    pub fn bounded(count: u64, limit: u64, noun: &'static str) -> Result<(), Self> {
        if count > limit { Err(Self::Limit { limit, noun }) } else { Ok(()) }
    }

    /// Says where the fault is, if it has a place.
    pub fn offset(&self) -> Option<u64> {
        match self {
            Self::Malformed { offset, .. } => Some(*offset),
            Self::Read(_) | Self::Text(_) | Self::Unsupported(_) | Self::Limit { .. } => None,
        }
    }
}
