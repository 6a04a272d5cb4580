//! What a scan says about a file.

use std::fmt;

use serde::{Serialize, Serializer};

/// What a scan says about a file. Ordered: the greatest of what was seen is what the file gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rating {
    /// Nothing executes such a file: text, JSON, images, tables.
    #[default]
    Inert,
    /// The format can hold code, and this file holds none but what is allowed.
    Clean,
    /// The file could not be read to its end, or is of no known format.
    Unknown,
    /// The file holds code, or names something outside the allow-list.
    Suspicious,
    /// The file does what no model does, such as starting a program.
    Malicious,
}

impl Rating {
    /// Every rating, from the best to the worst.
    pub const ALL: [Self; 5] = [Self::Inert, Self::Clean, Self::Unknown, Self::Suspicious, Self::Malicious];

    /// Returns the rating as it is written in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inert => "inert",
            Self::Clean => "clean",
            Self::Unknown => "unknown",
            Self::Suspicious => "suspicious",
            Self::Malicious => "malicious",
        }
    }

    /// Says whether a file so rated may be used.
    pub fn passes(self) -> bool {
        match self {
            Self::Inert | Self::Clean => true,
            Self::Unknown | Self::Suspicious | Self::Malicious => false,
        }
    }
}

impl fmt::Display for Rating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Rating {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_inert_and_clean_pass() {
        let passing: Vec<&str> =
            Rating::ALL.iter().filter(|rating| rating.passes()).map(|rating| rating.as_str()).collect();
        assert_eq!(passing, ["inert", "clean"]);
        assert!(Rating::ALL.is_sorted());
    }
}
