//! What a release is made of besides its model, under one name in the BOM and in the provenance.

use std::fmt;
use std::str::FromStr;

use crate::name::{Name, NameError};

/// The name of a part: the `bom-ref` of its component and the name of its resource descriptor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// A model that this one was made from: `base:NAME`.
    Base(Name),
    /// The training code: `code`.
    Code,
    /// A dataset: `dataset:NAME`.
    Dataset(Name),
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base(name) => write!(f, "base:{name}"),
            Self::Code => f.write_str("code"),
            Self::Dataset(name) => write!(f, "dataset:{name}"),
        }
    }
}

impl FromStr for Reference {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match text.split_once(':') {
            None if text == "code" => Ok(Self::Code),
            Some(("base", name)) => name.parse().map(Self::Base),
            Some(("dataset", name)) => name.parse().map(Self::Dataset),
            _ => Err(NameError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_they_are_written() {
        for text in ["code", "base:bert-base", "dataset:train"] {
            assert_eq!(text.parse::<Reference>().unwrap().to_string(), text);
        }
        for text in ["", "model", "code:", "dataset:", "dataset:a/b", "Dataset:a"] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
    }
}
