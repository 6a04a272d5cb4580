//! Components and what hangs on them, as far as we write them.

use serde::Serialize;
use serde_json::Value;

use crate::cyclonedx::{Data, ModelCard, OBTAINED_PROPERTY};
use crate::digest::{ArtifactDigest, Digest};
use crate::obtained::Obtained;

/// A part of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Component {
    /// The name by which the document refers to it.
    #[serde(rename = "bom-ref", skip_serializing_if = "Option::is_none")]
    pub bom_ref: Option<String>,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ComponentType,
    /// Who supplies it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier: Option<Supplier>,
    /// Who manufactures it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<Supplier>,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Author>,
    /// Its name.
    pub name: String,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it is, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its digests.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hashes: Vec<Hash>,
    /// Its licences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub licenses: Vec<License>,
    /// Its package URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
    /// Its identifiers in the archive of Software Heritage.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub swhid: Vec<String>,
    /// What it was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pedigree: Option<Pedigree>,
    /// Where it, or more about it, is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_references: Vec<ExternalReference>,
    /// Its parts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Self>,
    /// The card of a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_card: Option<ModelCard>,
    /// The content of a dataset.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<Data>,
    /// What has no field of its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
    /// Words to find it by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

impl Component {
    /// Makes a component of which nothing but type and name is known.
    pub fn new(kind: ComponentType, name: impl Into<String>) -> Self {
        Self {
            bom_ref: None,
            kind,
            supplier: None,
            manufacturer: None,
            authors: Vec::new(),
            name: name.into(),
            version: None,
            description: None,
            hashes: Vec::new(),
            licenses: Vec::new(),
            purl: None,
            swhid: Vec::new(),
            pedigree: None,
            external_references: Vec::new(),
            components: Vec::new(),
            model_card: None,
            data: Vec::new(),
            properties: Vec::new(),
            tags: Vec::new(),
        }
    }

    /// Records the digest with its kind as a property, and as a hash where there is none yet.
    #[must_use]
    pub fn with_digest(mut self, digest: ArtifactDigest) -> Self {
        if self.hashes.is_empty() {
            self.hashes.push(Hash::sha256(digest.without_kind()));
        }
        self.with_property(super::DIGEST_PROPERTY, digest.to_string())
    }

    /// Says how its values were obtained.
    #[must_use]
    pub fn obtained(self, obtained: Obtained) -> Self {
        self.with_property(OBTAINED_PROPERTY, obtained.as_str())
    }

    /// Says of one field that it was obtained in another way than the rest: `licenses`, `modelCard.modelParameters.task`,
    /// or the name of a property.
    #[must_use]
    pub fn field_obtained(self, field: &str, obtained: Obtained) -> Self {
        self.with_property(format!("{OBTAINED_PROPERTY}:{field}"), obtained.as_str())
    }

    /// Adds a property.
    #[must_use]
    pub fn with_property(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.properties.push(Property { name: name.into(), value: value.into() });
        self
    }
}

/// The types of components that we write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComponentType {
    /// A program, such as the training code.
    Application,
    /// An image of a container.
    Container,
    /// A dataset.
    Data,
    /// A machine.
    Device,
    /// A file of a model.
    File,
    /// A library that the code uses.
    Library,
    /// A model.
    MachineLearningModel,
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Supplier {
    /// Its name.
    pub name: String,
}

/// A person or a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Author {
    /// Its name.
    pub name: String,
}

/// A digest with its algorithm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hash {
    alg: &'static str,
    content: String,
}

impl Hash {
    /// States a SHA-256.
    pub fn sha256(digest: Digest) -> Self {
        Self { alg: "SHA-256", content: digest.to_string() }
    }

    /// States a digest that somebody else wrote down, as lowercase hexadecimal digits of the right number.
    pub fn imported(alg: &'static str, content: String) -> Self {
        Self { alg, content }
    }
}

/// A licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum License {
    /// An SPDX expression of more than one licence.
    Expression {
        /// The expression.
        expression: String,
        /// Who says so.
        acknowledgement: Acknowledgement,
    },
    /// One licence.
    License {
        /// The licence.
        license: NamedLicense,
    },
}

impl License {
    /// States an SPDX expression that the maker declares.
    pub fn expression(expression: impl Into<String>) -> Self {
        Self::Expression { expression: expression.into(), acknowledgement: Acknowledgement::Declared }
    }

    /// States one licence that the maker declares.
    pub fn named(name: LicenseName) -> Self {
        Self::License { license: NamedLicense { name, acknowledgement: Acknowledgement::Declared, url: None } }
    }

    /// Takes a licence over from a document that fits its schema; what it says of its text is left behind.
    pub fn imported(entry: &Value) -> Option<Self> {
        let text = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let name = || text("/license/id").map(LicenseName::Id).or_else(|| text("/license/name").map(LicenseName::Name));
        text("/expression").map(Self::expression).or_else(|| name().map(Self::named))
    }
}

/// One licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamedLicense {
    /// How it is named.
    #[serde(flatten)]
    pub name: LicenseName,
    /// Who says so.
    pub acknowledgement: Acknowledgement,
    /// Where its text is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Who says under which licence something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Acknowledgement {
    /// Its makers.
    Declared,
    /// Somebody who looked into it.
    Concluded,
}

/// How one licence is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LicenseName {
    /// By its SPDX identifier.
    Id(String),
    /// By a name of its own.
    Name(String),
}

/// What a component was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pedigree {
    /// The components that it was made from.
    pub ancestors: Vec<Component>,
}

/// A pointer out of the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExternalReference {
    /// What is there, such as `vcs` or `distribution`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where.
    pub url: String,
    /// What more there is to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The digests of what is there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hashes: Vec<Hash>,
}

impl ExternalReference {
    /// Points to an address.
    pub fn new(kind: &'static str, url: impl Into<String>) -> Self {
        Self { kind, url: url.into(), comment: None, hashes: Vec::new() }
    }
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Property {
    /// The name, `assaymark:…`.
    pub name: String,
    /// The value.
    pub value: String,
}
