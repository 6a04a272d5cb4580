//! What a release bundle says. Nothing is verified, and nothing here says otherwise.

use serde_json::Value;
use thiserror::Error;

use crate::bundle::UnverifiedBundle;
use crate::certificate;
use crate::digest::Digest;
use crate::fault::{Blame, Fault};
use crate::file_list::Entry;
use crate::intoto::predicate::{Provenance, Seal, VerificationSummary, verification_summary};
use crate::intoto::{Kind, Predicate, Statement};
use crate::limits;
use crate::name::Name;
use crate::sigstore_bundle::SigstoreBundle;
use crate::text::Text;

/// The claims of a release bundle.
#[derive(Debug)]
pub struct Inspection {
    /// The SHA-256 of the file.
    pub digest: Option<Digest>,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// A line of a release bundle.
#[derive(Debug)]
pub struct Line {
    /// Its number, from 1.
    pub number: usize,
    /// Its bytes, without the line feed.
    pub bytes: Vec<u8>,
    /// What it claims, or why it can't be read.
    pub claim: Result<Claim, Text>,
}

/// What a line claims.
#[derive(Debug)]
pub struct Claim {
    /// The id of the key that it names.
    pub key_id: Option<String>,
    /// Whom its certificate names, if it has one of a single name.
    pub certificate: Option<String>,
    /// The payload.
    pub payload: Vec<u8>,
    /// The payload, read.
    pub statement: Statement,
}

/// Why a line can't be picked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SelectError {
    /// No line is of that number or type.
    #[error("the bundle has no line `{0}`")]
    Absent(String),
    /// More than one line is of that type.
    #[error("the bundle has {count} lines of type `{kind}`")]
    Ambiguous {
        /// How many.
        count: usize,
        /// The type.
        kind: String,
    },
    /// The line can't be read.
    #[error("line {0} can't be read")]
    Unreadable(usize),
}

impl Fault for SelectError {
    fn blame(&self) -> Blame {
        match self {
            Self::Absent(_) | Self::Ambiguous { .. } => Blame::Call,
            Self::Unreadable(_) => Blame::Evidence,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable(_) => None,
            Self::Absent(_) | Self::Ambiguous { .. } => {
                Some("give the number of a line; `assaymark bundle inspect` lists them".to_owned())
            }
        }
    }
}

impl Inspection {
    /// Reads every line as far as it can be read.
    pub fn of(bundle: UnverifiedBundle) -> Self {
        let digest = bundle.digest();
        let mut left = limits::BUNDLE_NODES;
        let lines = bundle.into_lines().into_iter().map(|line| {
            let claim = Claim::parse(&line.bytes, &mut left);
            Line { number: line.number, bytes: line.bytes, claim }
        });
        Self { digest, lines: lines.collect() }
    }

    /// Says whether no line can be read: then it is no release bundle.
    pub fn is_unreadable(&self) -> bool {
        self.claims().next().is_none()
    }

    /// Picks a line by its number, or by the short name or URI of its type if only one line has it.
    pub fn select(&self, selector: &str) -> Result<&Line, SelectError> {
        let absent = || SelectError::Absent(selector.to_owned());
        if let Ok(number) = selector.parse::<usize>() {
            return self.lines.iter().find(|line| line.number == number).ok_or_else(absent);
        }
        let known = Kind::KNOWN.into_iter().find(|(name, _)| *name == selector);
        let kind = known.map_or_else(|| Kind::from(selector), |(_, kind)| kind);
        let found: Vec<&Line> = self.lines.iter().filter(|line| line.kind().as_ref() == Some(&kind)).collect();
        match found.as_slice() {
            [] => Err(absent()),
            [line] => Ok(line),
            several => Err(SelectError::Ambiguous { count: several.len(), kind: selector.to_owned() }),
        }
    }

    fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.lines.iter().filter_map(|line| line.claim.as_ref().ok())
    }

    /// Returns the seal with the highest sequence.
    pub fn seal(&self) -> Option<&Seal> {
        let seals = self.claims().filter_map(|claim| match &claim.statement.predicate {
            Predicate::Seal(seal) => Some(&**seal),
            _ => None,
        });
        seals.max_by_key(|seal| seal.sequence)
    }

    /// Returns the first provenance.
    pub fn provenance(&self) -> Option<&Provenance> {
        self.claims().find_map(|claim| match &claim.statement.predicate {
            Predicate::Provenance(provenance) => Some(&**provenance),
            _ => None,
        })
    }

    /// Returns the verification summaries that name a stage of the release, in the order of their lines.
    pub fn stages(&self) -> impl Iterator<Item = (Name, &VerificationSummary)> {
        let release = self.seal().map(|seal| &seal.release);
        self.claims().filter_map(move |claim| match &claim.statement.predicate {
            Predicate::VerificationSummary(summary) => {
                Some((verification_summary::stage_of(release?, &summary.resource_uri)?, &**summary))
            }
            _ => None,
        })
    }

    /// Returns the first BOM.
    pub fn bom(&self) -> Option<&Value> {
        self.claims().find_map(|claim| match &claim.statement.predicate {
            Predicate::Bom(bom) => Some(&**bom),
            _ => None,
        })
    }

    /// Returns the files of the first model signature.
    pub fn files(&self) -> Option<&[Entry]> {
        self.claims().find_map(|claim| match &claim.statement.predicate {
            Predicate::ModelSignature(signature) => Some(signature.resources.as_slice()),
            _ => None,
        })
    }
}

impl Line {
    /// Returns the type of what it claims.
    pub fn kind(&self) -> Option<Kind> {
        self.claim.as_ref().ok().map(|claim| claim.statement.predicate.kind())
    }

    /// Returns the payload.
    pub fn payload(&self) -> Result<&[u8], SelectError> {
        self.claim.as_ref().map(|claim| claim.payload.as_slice()).map_err(|_| SelectError::Unreadable(self.number))
    }

    /// Returns the predicate, as it stands in the payload.
    pub fn predicate(&self) -> Result<Value, SelectError> {
        let mut statement: Value =
            serde_json::from_slice(self.payload()?).map_err(|_| SelectError::Unreadable(self.number))?;
        statement.get_mut("predicate").map(Value::take).ok_or(SelectError::Unreadable(self.number))
    }
}

impl Claim {
    fn parse(line: &[u8], left: &mut usize) -> Result<Self, Text> {
        let bundle = SigstoreBundle::parse_line(line).map_err(|error| Text::from(error.to_string()))?;
        let own = bundle.chain.as_ref().and_then(|chain| chain.first()).or(bundle.certificate.as_ref());
        let certificate = own.and_then(|der| certificate::claimed_name(der));
        let key_id = bundle.key_hint.or_else(|| bundle.envelope.signatures.into_iter().find_map(|one| one.key_id));
        let payload = bundle.envelope.payload;
        let statement = Statement::parse_within(&payload, left).map_err(|error| Text::from(error.to_string()))?;
        Ok(Self { key_id, certificate, payload, statement })
    }
}
