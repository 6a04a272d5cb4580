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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_reads_it_learns_who_took_what_out_when_and_why() {
        let named = |text: &str| text.parse::<Name>().unwrap();
        let demotion = Demotion {
            name: named("digits"),
            version: None,
            stage: named("live"),
            at: "2026-01-01T00:00:00Z".parse().unwrap(),
            by: named("alice"),
            reason: "poisoned data".to_owned(),
        };
        assert_eq!(demotion.shown(), "taken out by `alice` at 2026-01-01T00:00:00Z: poisoned data");
        let release = |name: &str| Release { name: named(name), version: named("1.0.0") };
        assert!(
            demotion.is_of(&release("digits"), &named("Live")) && !demotion.is_of(&release("digit"), &named("live"))
        );
    }
}
