//! The versions of CycloneDX that we write.

use serde::{Serialize, Serializer};

/// A version of CycloneDX that we write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SpecVersion {
    /// 1.6 (ECMA-424, first edition): what release bundles carry.
    #[default]
    V1_6,
    /// 1.7: says with citations how values were obtained.
    V1_7,
}

impl SpecVersion {
    /// Every version.
    pub const ALL: [Self; 2] = [Self::V1_6, Self::V1_7];

    /// Returns the version as documents name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1_6 => "1.6",
            Self::V1_7 => "1.7",
        }
    }

    /// Returns the address of its schema.
    pub fn schema(self) -> &'static str {
        match self {
            Self::V1_6 => "http://cyclonedx.org/schema/bom-1.6.schema.json",
            Self::V1_7 => "http://cyclonedx.org/schema/bom-1.7.schema.json",
        }
    }
}

impl Serialize for SpecVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
