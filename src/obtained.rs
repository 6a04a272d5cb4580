//! How a value was obtained: what makes a document worth more than what somebody typed.

use std::fmt;

use serde::{Serialize, Serializer};

/// How a value was obtained (`docs/format.md`, "How a value was obtained").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obtained {
    /// We hashed it, or read it from the bytes that it is about.
    Measured,
    /// A person said so: in `release.toml`, by a flag, in a model card.
    Declared,
    /// Somebody else wrote it down, and we took it over: a signed bundle, a lock file, another BOM.
    Imported,
    /// It follows from other values, and may be wrong.
    Inferred,
}

impl Obtained {
    /// Every way.
    pub const ALL: [Self; 4] = [Self::Measured, Self::Declared, Self::Imported, Self::Inferred];

    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Declared => "declared",
            Self::Imported => "imported",
            Self::Inferred => "inferred",
        }
    }

    /// Reads the word for it.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == word)
    }
}

impl fmt::Display for Obtained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Obtained {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_has_a_word_of_its_own() {
        for way in Obtained::ALL {
            assert_eq!(Obtained::from_word(way.as_str()), Some(way));
        }
        assert_eq!(Obtained::from_word("guessed"), None);
    }
}
