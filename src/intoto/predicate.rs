//! Predicates: one file for each type that we know, and the table of them.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::intoto::OWN_URI;
use crate::json;
use crate::oms::{self, ModelSignature};

pub use approval::Approval;
pub use link::Link;
pub use openvex::OpenVex;
pub use provenance::Provenance;
pub use seal::Seal;
pub use tensors::Tensors;
pub use test_result::TestResult;
pub use verification_summary::VerificationSummary;
pub use vulnerabilities::Vulnerabilities;
pub use waiver::Waiver;
pub use withdrawal::Withdrawal;

pub mod approval;
pub mod link;
pub mod openvex;
pub mod provenance;
pub mod receipt;
pub mod seal;
pub mod tensors;
pub mod test_result;
pub mod verification_summary;
pub mod vulnerabilities;
pub mod waiver;
pub mod withdrawal;

/// The type of a CycloneDX document as predicate; versioned forms of it are read as well.
pub const BOM: &str = "https://cyclonedx.org/bom";

/// The type of a predicate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An approval.
    Approval,
    /// A CycloneDX document.
    Bom,
    /// An in-toto link: a step that was done.
    Link,
    /// An OpenSSF model signature.
    ModelSignature,
    /// An OpenVEX document.
    OpenVex,
    /// A type that we don't know, by its URI.
    Other(String),
    /// SLSA provenance v1.
    Provenance,
    /// The seal of a release bundle.
    Seal,
    /// Digests of tensors.
    Tensors,
    /// The result of a scan or a test.
    TestResult,
    /// A SLSA verification summary: a promotion.
    VerificationSummary,
    /// The result of a vulnerability scanner.
    Vulnerabilities,
    /// A waiver.
    Waiver,
    /// A withdrawal.
    Withdrawal,
}

impl Kind {
    /// The kinds that we know, with their short names.
    pub const KNOWN: [(&'static str, Self); 13] = [
        ("model-signature", Self::ModelSignature),
        ("bom", Self::Bom),
        ("provenance", Self::Provenance),
        ("test-result", Self::TestResult),
        ("vulnerabilities", Self::Vulnerabilities),
        ("openvex", Self::OpenVex),
        ("link", Self::Link),
        ("approval", Self::Approval),
        ("waiver", Self::Waiver),
        ("verification-summary", Self::VerificationSummary),
        ("withdrawal", Self::Withdrawal),
        ("tensors", Self::Tensors),
        ("seal", Self::Seal),
    ];

    /// Returns the URI.
    pub fn uri(&self) -> &str {
        match self {
            Self::Approval => approval::TYPE,
            Self::Bom => BOM,
            Self::Link => link::TYPE,
            Self::ModelSignature => oms::TYPE,
            Self::OpenVex => openvex::TYPE,
            Self::Other(uri) => uri,
            Self::Provenance => provenance::TYPE,
            Self::Seal => seal::TYPE,
            Self::Tensors => tensors::TYPE,
            Self::TestResult => test_result::TYPE,
            Self::VerificationSummary => verification_summary::TYPE,
            Self::Vulnerabilities => vulnerabilities::TYPE,
            Self::Waiver => waiver::TYPE,
            Self::Withdrawal => withdrawal::TYPE,
        }
    }

    /// Says whether such a statement judges a sealed set rather than adding to what is known of the model.
    pub fn is_judgement(&self) -> bool {
        matches!(self, Self::Approval | Self::VerificationSummary | Self::Waiver)
    }

    /// Says whether such a statement says when it was made.
    pub fn states_time(&self) -> bool {
        !matches!(self, Self::Link | Self::ModelSignature | Self::Other(_) | Self::Tensors)
    }

    /// Returns the short name, or the URI of a type that we don't know.
    pub fn name(&self) -> &str {
        let known = Self::KNOWN.iter().find(|(_, kind)| kind == self);
        known.map_or_else(|| self.uri(), |(name, _)| name)
    }
}

impl From<&str> for Kind {
    /// Compares the URI exactly, but for the versions of [`BOM`] and of OpenVEX.
    fn from(uri: &str) -> Self {
        let versioned = uri.strip_prefix(BOM).is_some_and(|rest| rest.starts_with("/v"));
        if versioned {
            return Self::Bom;
        }
        if openvex::is_type(uri) {
            return Self::OpenVex;
        }
        let known = Self::KNOWN.into_iter().map(|(_, kind)| kind).find(|kind| kind.uri() == uri);
        known.unwrap_or_else(|| Self::Other(uri.to_owned()))
    }
}

/// What a statement claims, read as its type demands.
#[derive(Clone, Debug)]
pub enum Predicate {
    /// An approval.
    Approval(Approval),
    /// A CycloneDX document, as it came.
    Bom(Box<Value>),
    /// An in-toto link: a step that was done.
    Link(Box<Link>),
    /// An OpenSSF model signature.
    ModelSignature(ModelSignature),
    /// An OpenVEX document.
    OpenVex(Box<OpenVex>),
    /// A predicate of a type that we don't know, as it came.
    Other(String, Box<Value>),
    /// SLSA provenance v1.
    Provenance(Box<Provenance>),
    /// The seal of a release bundle.
    Seal(Box<Seal>),
    /// Digests of tensors.
    Tensors(Tensors),
    /// The result of a scan or a test.
    TestResult(TestResult),
    /// A SLSA verification summary: a promotion.
    VerificationSummary(Box<VerificationSummary>),
    /// The result of a vulnerability scanner.
    Vulnerabilities(Box<Vulnerabilities>),
    /// A waiver.
    Waiver(Box<Waiver>),
    /// A withdrawal.
    Withdrawal(Box<Withdrawal>),
}

impl Predicate {
    /// Reads a predicate of the given kind.
    pub(crate) fn parse(kind: &Kind, predicate: &RawValue) -> serde_json::Result<Self> {
        let text = predicate.get();
        Ok(match kind {
            Kind::Approval => Self::Approval(json::parse_checked(text)?),
            Kind::Bom => Self::Bom(Box::new(Value::Object(serde_json::from_str(text)?))),
            Kind::Link => Self::Link(json::parse_checked(text)?),
            Kind::ModelSignature => Self::ModelSignature(json::parse_checked(text)?),
            Kind::OpenVex => Self::OpenVex(json::parse_checked(text)?),
            Kind::Other(uri) => Self::Other(uri.clone(), Box::new(Value::Object(serde_json::from_str(text)?))),
            Kind::Provenance => Self::Provenance(json::parse_checked(text)?),
            Kind::Seal => Self::Seal(json::parse_checked(text)?),
            Kind::Tensors => Self::Tensors(json::parse_checked(text)?),
            Kind::TestResult => Self::TestResult(json::parse_checked(text)?),
            Kind::VerificationSummary => Self::VerificationSummary(json::parse_checked(text)?),
            Kind::Vulnerabilities => Self::Vulnerabilities(json::parse_checked(text)?),
            Kind::Waiver => Self::Waiver(json::parse_checked(text)?),
            Kind::Withdrawal => Self::Withdrawal(json::parse_checked(text)?),
        })
    }

    /// Returns the type.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Approval(_) => Kind::Approval,
            Self::Bom(_) => Kind::Bom,
            Self::Link(_) => Kind::Link,
            Self::ModelSignature(_) => Kind::ModelSignature,
            Self::OpenVex(_) => Kind::OpenVex,
            Self::Other(uri, _) => Kind::Other(uri.clone()),
            Self::Provenance(_) => Kind::Provenance,
            Self::Seal(_) => Kind::Seal,
            Self::Tensors(_) => Kind::Tensors,
            Self::TestResult(_) => Kind::TestResult,
            Self::VerificationSummary(_) => Kind::VerificationSummary,
            Self::Vulnerabilities(_) => Kind::Vulnerabilities,
            Self::Waiver(_) => Kind::Waiver,
            Self::Withdrawal(_) => Kind::Withdrawal,
        }
    }

    /// Says whether others write such statements too, each in their way: with one subject, or as Statement v0.1.
    ///
    /// What is of our own types, and what decides (promotions, model signatures), has one form.
    pub fn is_common(&self) -> bool {
        match self {
            Self::Bom(_) | Self::Link(_) | Self::OpenVex(_) | Self::TestResult(_) | Self::Vulnerabilities(_) => true,
            Self::Other(uri, _) => !uri.starts_with(OWN_URI),
            Self::Provenance(provenance) => provenance.build_definition.build_type != provenance::BUILD_TYPE,
            Self::Approval(_)
            | Self::ModelSignature(_)
            | Self::Seal(_)
            | Self::Tensors(_)
            | Self::VerificationSummary(_)
            | Self::Waiver(_)
            | Self::Withdrawal(_) => false,
        }
    }
}

impl Serialize for Predicate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Approval(approval) => approval.serialize(serializer),
            Self::Bom(bom) => bom.serialize(serializer),
            Self::Link(link) => link.serialize(serializer),
            Self::ModelSignature(signature) => signature.serialize(serializer),
            Self::OpenVex(document) => document.serialize(serializer),
            Self::Other(_, content) => content.serialize(serializer),
            Self::Provenance(provenance) => provenance.serialize(serializer),
            Self::Seal(seal) => seal.serialize(serializer),
            Self::Tensors(tensors) => tensors.serialize(serializer),
            Self::TestResult(result) => result.serialize(serializer),
            Self::VerificationSummary(summary) => summary.serialize(serializer),
            Self::Vulnerabilities(found) => found.serialize(serializer),
            Self::Waiver(waiver) => waiver.serialize(serializer),
            Self::Withdrawal(withdrawal) => withdrawal.serialize(serializer),
        }
    }
}

/// Reads a text that says something.
fn filled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() { Err(de::Error::custom("a text is empty that must say something")) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_found_by_their_exact_uri() {
        for (_, kind) in Kind::KNOWN {
            assert_eq!(Kind::from(kind.uri()), kind);
        }
        for uri in [
            "https://slsa.dev/provenance/v1.1",
            "https://cyclonedx.org/bomb",
            "",
            "https://model_signing/signature/v1.1",
        ] {
            assert_eq!(Kind::from(uri), Kind::Other(uri.to_owned()));
        }
        assert_eq!(Kind::from("https://cyclonedx.org/bom/v1.6"), Kind::Bom);
    }
}
