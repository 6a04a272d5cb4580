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

/// A part of a base model, as its own evidence names it: `base:NAME/dataset:OTHER`, as deep as base models go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Inherited {
    /// The base models on the way to it, that of the model at hand first; never empty.
    pub bases: Vec<Name>,
    /// The part.
    pub part: Reference,
}

impl fmt::Display for Inherited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bases.iter().try_for_each(|base| write!(f, "base:{base}/"))?;
        self.part.fmt(f)
    }
}

impl FromStr for Inherited {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let mut parts: Vec<Reference> = text.split('/').map(str::parse).collect::<Result<_, _>>()?;
        let part = parts.pop().filter(|_| !parts.is_empty()).ok_or(NameError)?;
        let base = |one| if let Reference::Base(name) = one { Ok(name) } else { Err(NameError) };
        Ok(Self { bases: parts.into_iter().map(base).collect::<Result<_, _>>()?, part })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_base_models_are_read_as_they_are_written() {
        for text in ["base:bert/dataset:train", "base:a/base:b", "base:a/base:b/dataset:c", "base:a/code"] {
            assert_eq!(text.parse::<Inherited>().unwrap().to_string(), text);
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
        for text in ["", "base:a", "dataset:a", "/base:a", "base:a/", "dataset:a/base:b", "code/base:a", "base:a//code"]
        {
            assert!(text.parse::<Inherited>().is_err(), "{text}");
        }
    }

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
