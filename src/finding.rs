//! Findings: what is at fault in a bundle, in the files, or against the policy.
//!
//! A finding is data. It is collected, never thrown; its code is stable, has a heading in `docs/rules.md`
//! and a vector in `testdata/vectors`.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use crate::name::Name;
use crate::text::Text;

pub use code::Code;
pub use list::Findings;

mod code;
mod list;

/// What a finding does to the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The release is rejected.
    Deny,
    /// Reported; rejects only under `--strict`.
    Warn,
    /// It would reject the release, and somebody answers for it. Always shown; no file can ask for it.
    Waived,
}

/// Who took a denial away, why, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaivedBy {
    /// The attester who signed the waiver.
    pub attester: Name,
    /// Who answers for it.
    pub owner: Text,
    /// Why.
    pub reason: Text,
    /// From when on it does not hold.
    pub until: DateTime<Utc>,
}

/// One of the trees that a release speaks of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tree {
    /// The training code.
    Code,
    /// A dataset, by its name in the release.
    Dataset(Name),
    /// The model.
    Model,
}

impl FromStr for Tree {
    type Err = &'static str;

    /// Reads what `Display` writes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "code" => Ok(Self::Code),
            None if text == "model" => Ok(Self::Model),
            Some(("dataset", name)) => {
                name.parse().map(Self::Dataset).map_err(|_| "`dataset:` goes on with the name of a dataset")
            }
            _ => Err("expected `model`, `code` or `dataset:NAME`"),
        }
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code => f.write_str("code"),
            Self::Dataset(name) => write!(f, "dataset:{name}"),
            Self::Model => f.write_str("model"),
        }
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Where a finding is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The release bundle as a whole.
    Bundle,
    /// A line of the release bundle, counted from 1.
    Line(usize),
    /// A signature that stands alone.
    Signature,
    /// A tree as a whole.
    Tree(Tree),
    /// A file of a tree.
    File {
        /// The tree.
        tree: Tree,
        /// The path inside the tree.
        path: Text,
    },
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind of fault it is.
    pub code: Code,
    /// What it does to the verdict.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// What is wrong, in one sentence without a full stop.
    pub summary: Text,
    /// What was signed or demanded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Text>,
    /// What is there instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Text>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// The waiver, of a finding that is waived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waived: Option<WaivedBy>,
    /// What is known of it beyond its words, for whoever says what to do about it.
    #[serde(skip)]
    pub cause: Option<Cause>,
}

/// What a finding is about, beyond its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No evidence of this type is sealed, by its short name.
    Absent(String),
    /// What a scanner goes by must have a date.
    DatedRules,
    /// It must be measured on this dataset.
    MeasuredOn(Name),
    /// What is asked of a package is told by nobody, and the verifier may know it.
    NoFacts,
    /// The release is not in this stage.
    NotIn(Name),
    /// Whoever scanned is no scanner.
    NoScanner,
    /// Whoever sealed may not seal.
    NoSealer,
    /// A file was signed under this path, and lies under another.
    SignedAs(Text),
    /// Evidence does not say when it was made.
    Undated,
}

impl Finding {
    /// Makes a finding that rejects the release.
    pub fn deny(code: Code, place: Place, summary: impl Into<Text>) -> Self {
        let summary = summary.into();
        let severity = Severity::Deny;
        Self { code, severity, place, summary, expected: None, found: None, help: None, waived: None, cause: None }
    }

    /// Makes a finding that is reported only.
    pub fn warn(code: Code, place: Place, summary: impl Into<Text>) -> Self {
        Self { severity: Severity::Warn, ..Self::deny(code, place, summary) }
    }

    /// Says what was signed or demanded.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<Text>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Says what is there instead.
    #[must_use]
    pub fn found(mut self, found: impl Into<Text>) -> Self {
        self.found = Some(found.into());
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<Text>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says what it is about.
    #[must_use]
    pub fn because(self, cause: Cause) -> Self {
        Self { cause: Some(cause), ..self }
    }

    /// Takes its denial away.
    #[must_use]
    pub fn waive(self, by: WaivedBy) -> Self {
        Self { severity: Severity::Waived, waived: Some(by), ..self }
    }

    /// Says whether it rejects the release.
    pub fn denies(&self) -> bool {
        self.severity == Severity::Deny
    }
}

impl Place {
    /// Names a file of a tree.
    pub fn file(tree: &Tree, path: impl Into<Text>) -> Self {
        Self::File { tree: tree.clone(), path: path.into() }
    }
}
