//! Demotions: stages out of which a release was taken.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::intoto::predicate::seal::Release;
use crate::intoto::predicate::verification_summary::VerificationSummary;
use crate::name::Name;
use crate::state::is_same;

/// A release was taken out of a stage. Who lets it in again later, lets it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demotion {
    /// The name of the release.
    pub name: Name,
    /// Its version; none is every version.
    pub version: Option<Name>,
    /// The stage.
    pub stage: Name,
    /// When, as the withdrawer says.
    pub at: DateTime<Utc>,
    /// Who took it out.
    pub by: Name,
    /// Why.
    pub reason: String,
}

impl Demotion {
    /// Says whether it is of this release, and out of this stage, in whatever case that is written: a slip must not let it in.
    pub(super) fn is_of(&self, release: &Release, stage: &Name) -> bool {
        let version = self.version.as_ref().is_none_or(|version| is_same(version.as_str(), release.version.as_str()));
        let same_stage = self.stage.as_str().eq_ignore_ascii_case(stage.as_str());
        self.name == release.name && version && same_stage
    }

    /// Says who took the release out, when and why.
    pub(super) fn shown(&self) -> String {
        format!("taken out by `{}` at {}: {}", self.by, self.at.to_rfc3339_opts(SecondsFormat::Secs, true), self.reason)
    }

    /// Says whether it undoes what a promoter said. Who does not say when, said it before.
    pub(super) fn undoes(&self, summary: &VerificationSummary) -> bool {
        summary.time_verified.is_none_or(|time| time <= self.at)
    }
}
