//! Statement v1 (in-toto/attestation `spec/v1/statement.md`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use thiserror::Error;

use crate::digest::Digest;
use crate::intoto::predicate::{Kind, Predicate};
use crate::json::{self, JsonError};
use crate::limits;
use crate::oms::OmsError;

const TYPE: &str = "https://in-toto.io/Statement/v1";

/// The type before, of the same shape. Others write it still, cosign among them; we read it in what is theirs.
const TYPE_0_1: &str = "https://in-toto.io/Statement/v0.1";

/// What a statement is about. The digest decides; the name is for readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// A name for readers.
    pub name: String,
    /// The SHA-256 of the subject.
    pub sha256: Digest,
}

/// A claim about subjects.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What the claim is about, as far as it has a SHA-256.
    pub subjects: Vec<Subject>,
    /// How many subjects there are beside these, known by other digests alone; none but in what others write. There is one
    /// subject in all at least.
    pub others: usize,
    /// What is claimed.
    pub predicate: Predicate,
    /// Whether the first two subjects are named like those of a folder.
    named_as_folder: bool,
}

/// Why a payload is not a statement that we accept.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StatementError {
    /// A subject has no digest that we read, or others beside it where there must be none.
    #[error("subject {0} must have a `sha256` digest, and no other in a statement of ours")]
    Digest(usize),
    /// The payload is not JSON, or not a statement.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The predicate is not of the shape that its type demands.
    #[error("the predicate of type `{kind}` is malformed: {fault}")]
    Predicate {
        /// The type.
        kind: String,
        /// What is wrong with it.
        fault: String,
    },
    /// The predicate is larger than predicates of its type may be.
    #[error("a predicate of type `{kind}` has more than {limit} bytes", limit = limits::PREDICATE_BYTES)]
    Size {
        /// The type.
        kind: String,
    },
    /// There is no subject.
    #[error("it has no subject")]
    Subjects,
    /// `_type` is not that of Statement v1.
    #[error("its `_type` is `{0}`, not `{TYPE}`")]
    Type(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatementJson<'a> {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<SubjectJson>,
    predicate_type: String,
    #[serde(borrow)]
    predicate: &'a RawValue,
}

#[derive(Deserialize, Serialize)]
struct SubjectJson {
    #[serde(default)]
    name: String,
    digest: BTreeMap<String, String>,
}

impl Statement {
    /// Makes a claim about subjects.
    pub fn new(subjects: Vec<Subject>, predicate: Predicate) -> Self {
        let named_as_folder = names_folder(subjects.iter().map(|subject| subject.name.as_str()));
        Self { subjects, others: 0, predicate, named_as_folder }
    }

    /// Says whether its subjects are those of a folder as we name them: its root, its file list, and perhaps its files.
    ///
    /// What others write too is told by the names, in either order and whatever digests they have; what is ours alone has no
    /// other form.
    pub fn is_of_folder(&self) -> bool {
        self.named_as_folder || (!self.predicate.is_common() && self.subjects.len() > 1)
    }

    /// Reads a payload.
    pub fn parse(payload: &[u8]) -> Result<Self, StatementError> {
        let mut left = limits::PREDICATE_NODES;
        Self::parse_within(payload, &mut left)
    }

    /// Reads a payload whose predicate has at most so many values, which are taken off: what several statements have
    /// together is bounded so. Model signatures are not counted; they are lists of files.
    pub fn parse_within(payload: &[u8], left: &mut usize) -> Result<Self, StatementError> {
        let json: StatementJson<'_> = json::parse(payload)?;
        if json.kind != TYPE && json.kind != TYPE_0_1 {
            return Err(StatementError::Type(json.kind));
        }
        if json.subject.is_empty() {
            return Err(StatementError::Subjects);
        }
        let kind = Kind::from(json.predicate_type.as_str());
        if kind != Kind::ModelSignature {
            if json.predicate.get().len() > limits::PREDICATE_BYTES {
                return Err(StatementError::Size { kind: json.predicate_type });
            }
            let most = limits::PREDICATE_NODES.min(*left);
            *left -= json::count_within(json.predicate.get().as_bytes(), most)?;
        }
        let predicate = Predicate::parse(&kind, json.predicate)
            .map_err(|error| StatementError::Predicate { kind: json.predicate_type, fault: error.to_string() })?;
        if json.kind != TYPE && !predicate.is_common() {
            return Err(StatementError::Type(json.kind));
        }
        let (count, common) = (json.subject.len(), predicate.is_common());
        let named_as_folder = names_folder(json.subject.iter().map(|subject| subject.name.as_str()));
        let subjects = json.subject.into_iter().enumerate().map(|(index, subject)| subject.parse(index, common));
        let subjects: Vec<_> = subjects.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        let statement = Self { others: count - subjects.len(), subjects, predicate, named_as_folder };
        statement.check_model_signature()?;
        Ok(statement)
    }

    /// A model signature has one subject, whose digest is the root over its resources (OMS v1.0 §6.5).
    fn check_model_signature(&self) -> Result<(), StatementError> {
        let Predicate::ModelSignature(signature) = &self.predicate else { return Ok(()) };
        match self.subjects.as_slice() {
            [subject] if subject.sha256 == signature.root => Ok(()),
            _ => Err(StatementError::Predicate {
                kind: crate::oms::TYPE.to_owned(),
                fault: "its one subject must be the root digest of its resources".to_owned(),
            }),
        }
    }

    /// Writes the payload of a statement; the same statement gives the same bytes.
    pub fn to_payload(&self) -> serde_json::Result<Vec<u8>> {
        let subject = self.subjects.iter().map(|subject| SubjectJson {
            name: subject.name.clone(),
            digest: BTreeMap::from([("sha256".to_owned(), subject.sha256.to_string())]),
        });
        serde_json::to_vec(&StatementOut {
            kind: TYPE,
            subject: subject.collect(),
            predicate_type: self.predicate.kind().uri(),
            predicate: &self.predicate,
        })
    }
}

/// Says whether of the first two names one is that of a folder, and the other that of its file list.
fn names_folder<'n>(mut names: impl Iterator<Item = &'n str>) -> bool {
    let list_of = |list: &str, root: &str| list.strip_suffix(".sha256") == Some(root);
    match (names.next(), names.next()) {
        (Some(one), Some(other)) => list_of(other, one) || list_of(one, other),
        _ => false,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatementOut<'a> {
    #[serde(rename = "_type")]
    kind: &'static str,
    subject: Vec<SubjectJson>,
    predicate_type: &'a str,
    predicate: &'a Predicate,
}

impl SubjectJson {
    /// Reads a subject. Others may know it by more digests, of which the SHA-256 decides here, or by another one alone: then it is
    /// nothing that we could compare.
    fn parse(mut self, index: usize, common: bool) -> Result<Option<Subject>, StatementError> {
        let fault = || StatementError::Digest(index);
        let digests = self.digest.len();
        let hex = self.digest.remove("sha256");
        match hex {
            Some(hex) if common || digests == 1 => {
                Ok(Some(Subject { name: self.name, sha256: hex.parse().map_err(|_| fault())? }))
            }
            None if common && digests > 0 => Ok(None),
            _ => Err(fault()),
        }
    }
}

impl From<OmsError> for JsonError {
    fn from(error: OmsError) -> Self {
        Self::Shape(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn good() -> Value {
        json!({
            "_type": TYPE,
            "subject": [{"name": "m", "digest": {"sha256": Digest::of(b"m").to_string()}}],
            "predicateType": "https://example.com/other/v1",
            "predicate": {"x": 1},
        })
    }

    fn parse_with(pointer: &str, value: Value) -> Result<Statement, StatementError> {
        let mut json = good();
        *json.pointer_mut(pointer).unwrap() = value;
        Statement::parse(json.to_string().as_bytes())
    }

    #[test]
    fn a_statement_is_read() {
        let statement = Statement::parse(good().to_string().as_bytes()).unwrap();
        assert_eq!(statement.subjects, [Subject { name: "m".into(), sha256: Digest::of(b"m") }]);
        assert_eq!(statement.predicate.kind().uri(), "https://example.com/other/v1");
    }

    #[test]
    fn other_types_are_refused() {
        let newer = parse_with("/_type", json!("https://in-toto.io/Statement/v2"));
        assert!(matches!(newer, Err(StatementError::Type(_))));
        assert!(matches!(parse_with("/subject", json!([])), Err(StatementError::Subjects)));
        assert!(matches!(parse_with("/subject", json!(null)), Err(StatementError::Json(_))));
    }

    #[test]
    fn version_0_1_is_read_in_what_others_write() {
        let mut json = good();
        json["_type"] = json!(TYPE_0_1);
        assert!(Statement::parse(json.to_string().as_bytes()).is_ok());
        json["predicateType"] = json!("https://assaymark.dev/approval/v1");
        json["predicate"] = json!({"seal": Digest::of(b"s").to_string(), "approvedAt": "2026-01-01T00:00:00Z"});
        assert!(matches!(Statement::parse(json.to_string().as_bytes()), Err(StatementError::Type(_))));
        json["_type"] = json!(TYPE);
        assert!(Statement::parse(json.to_string().as_bytes()).is_ok());
    }

    #[test]
    fn a_subject_of_ours_has_a_sha256_and_nothing_else() {
        let hex = Digest::of(b"m").to_string();
        let mut json = good();
        json["predicateType"] = json!("https://assaymark.dev/approval/v1");
        json["predicate"] = json!({"seal": hex, "approvedAt": "2026-01-01T00:00:00Z"});
        for digest in [json!({}), json!({"sha512": hex}), json!({"sha256": hex, "md5": ""}), json!({"sha256": "00"})] {
            json["subject"][0]["digest"] = digest;
            let result = Statement::parse(json.to_string().as_bytes());
            assert_eq!(result.unwrap_err(), StatementError::Digest(0));
        }
    }

    #[test]
    fn a_subject_of_others_may_have_more_digests_and_other_ones() {
        let hex = Digest::of(b"m").to_string();
        let digest = |value| parse_with("/subject/0/digest", value);
        assert_eq!(digest(json!({"sha256": hex, "sha1": "0"})).unwrap().subjects[0].sha256, Digest::of(b"m"));
        let other = digest(json!({"gitCommit": "0"})).unwrap();
        assert_eq!((other.subjects.len(), other.others), (0, 1));
        for value in [json!({}), json!({"sha256": "00"}), json!({"sha256": hex.to_uppercase(), "sha1": "0"})] {
            assert_eq!(digest(value).unwrap_err(), StatementError::Digest(0));
        }
    }

    #[test]
    fn a_model_signature_must_have_its_root_as_subject() {
        let resources = json!([{"name": "a", "algorithm": "sha256", "digest": Digest::of(b"a").to_string()}]);
        let serialization = json!({"method": "files", "hash_type": "sha256", "allow_symlinks": false});
        let mut json = good();
        json["predicateType"] = json!(crate::oms::TYPE);
        json["predicate"] = json!({"serialization": serialization, "resources": resources});
        let error = Statement::parse(json.to_string().as_bytes()).unwrap_err();
        assert!(error.to_string().contains("root digest"), "{error}");
        json["subject"][0]["digest"]["sha256"] = json!(Digest::of(Digest::of(b"a").as_bytes()).to_string());
        assert!(Statement::parse(json.to_string().as_bytes()).is_ok());
    }
}
