//! What is in a component of data.

use serde::Serialize;

use crate::cyclonedx::component::Supplier;

/// The content of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// Always `dataset`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Where it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contents: Option<Contents>,
    /// How confidential it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classification: Option<String>,
    /// The kinds of sensitive data in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sensitive_data: Vec<String>,
    /// What it is, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who is responsible for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub governance: Option<Governance>,
}

/// Where data are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contents {
    /// The address.
    pub url: String,
}

/// Who is responsible for data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Governance {
    /// Who keeps them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub custodians: Vec<Party>,
    /// Who looks after what they mean and how good they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stewards: Vec<Party>,
    /// Who answers for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<Party>,
}

/// Somebody who is responsible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Party {
    /// The organisation.
    pub organization: Supplier,
}
