//! What a release file says of a release that no other file states.

use serde::Deserialize;

use crate::release::LicenseExpression;

/// Who is behind a release, and how it is named elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleaseIdentity {
    /// Its package URL.
    pub purl: Option<String>,
    /// Who puts it together, and so makes its BOM.
    pub authors: Vec<String>,
    /// Where to say that something is wrong with it: an address.
    pub security_contact: Option<String>,
}

/// What the release file says of the model itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelIdentity {
    /// Its package URL.
    pub purl: Option<String>,
    /// Where it is kept.
    pub uri: Option<String>,
    /// How it learned.
    pub approach: Option<Approach>,
    /// What goes in, in words or media types.
    pub inputs: Vec<String>,
    /// What comes out.
    pub outputs: Vec<String>,
}

/// What the release file says of a dataset beside its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatasetNotice {
    /// Its version.
    pub version: Option<String>,
    /// Who supplies it.
    pub supplier: Option<String>,
    /// What it is, in words.
    pub description: Option<String>,
    /// The kinds of sensitive data in it; an empty list says that there are none.
    pub sensitive: Option<Vec<String>>,
    /// Who answers for it.
    pub owners: Vec<String>,
    /// Who keeps it.
    pub custodians: Vec<String>,
    /// Who looks after what it means and how good it is.
    pub stewards: Vec<String>,
}

/// What the release file says of the training code beside its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeNotice {
    /// Who supplies it.
    pub supplier: Option<String>,
    /// Its licence.
    pub license: Option<LicenseExpression>,
}

/// What OWASP's AIBOM generator scores and CycloneDX has no field for. Where a release file has this table, the BOM says all
/// fields of the generator under its names, as far as anything states them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AibomSpec {
    /// The field in which the model is used.
    pub domain: Option<String>,
    /// How far it acts by itself.
    pub autonomy: Option<String>,
    /// The standards that its making followed.
    #[serde(default)]
    pub standards: Vec<String>,
    /// The value of a metric from which an output counts.
    pub decision_threshold: Option<String>,
}

/// How a model learned (CycloneDX, `modelCard.modelParameters.approach.type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Approach {
    /// By rewards.
    ReinforcementLearning,
    /// From data of its own making.
    SelfSupervised,
    /// From examples of which some have answers.
    SemiSupervised,
    /// From examples with answers.
    Supervised,
    /// From examples alone.
    Unsupervised,
}

impl Approach {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReinforcementLearning => "reinforcement-learning",
            Self::SelfSupervised => "self-supervised",
            Self::SemiSupervised => "semi-supervised",
            Self::Supervised => "supervised",
            Self::Unsupervised => "unsupervised",
        }
    }
}

/// Where the energy of a training came from (CycloneDX, `energySource`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum EnergySource {
    /// Plants.
    Biofuel,
    /// Coal.
    Coal,
    /// Heat of the earth.
    Geothermal,
    /// Water.
    Hydropower,
    /// Gas.
    NaturalGas,
    /// Uranium.
    Nuclear,
    /// Oil.
    Oil,
    /// Something else, or several.
    Other,
    /// The sun.
    Solar,
    /// Nobody knows.
    #[default]
    Unknown,
    /// The wind.
    Wind,
}

impl EnergySource {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Biofuel => "biofuel",
            Self::Coal => "coal",
            Self::Geothermal => "geothermal",
            Self::Hydropower => "hydropower",
            Self::NaturalGas => "natural-gas",
            Self::Nuclear => "nuclear",
            Self::Oil => "oil",
            Self::Other => "other",
            Self::Solar => "solar",
            Self::Unknown => "unknown",
            Self::Wind => "wind",
        }
    }
}
