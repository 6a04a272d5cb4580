//! A release must have been let into a stage, and into each stage before it, by promoters: one after the other.

use crate::finding::{Cause, Code, Finding, Place};
use crate::intoto::predicate::seal::Release;
use crate::intoto::{Kind, Predicate};
use crate::name::Name;
use crate::policy::{Case, Demotion, Rule};
use crate::trust::{Attester, Role};

/// The name of the rule.
pub(in crate::policy) const NAME: &str = "promoted";

/// A verification summary for each of some stages is demanded.
pub(in crate::policy) struct Promoted {
    /// Each comes after the one before it; never empty.
    stages: Vec<Name>,
}

/// What promoters said of one stage, each by the number of the newest seal that they judged.
struct Said {
    passed: Vec<u64>,
    failed: Vec<u64>,
    /// A list of withdrawals says that some of it does not count.
    undone: bool,
}

impl Said {
    fn of(stage: &Name, release: &Release, case: &Case<'_>) -> Self {
        let evidence = case.evidence;
        let entries = evidence.summaries().filter(|(_, summary)| summary.passes(release, stage));
        let demotions = || case.demotions.iter().filter(|one| one.is_of(release, stage));
        let (undone, entries): (Vec<_>, Vec<_>) =
            entries.partition(|(_, summary)| demotions().any(|one| one.undoes(summary)));
        let entries = entries.into_iter();
        let passed = entries.filter_map(|(line, _)| evidence.seal_named_by(line)).map(|(_, seal)| seal.sequence);
        let against = evidence.counted().chain(evidence.unsealed()).filter(|line| match line.predicate() {
            Predicate::VerificationSummary(summary) => summary.fails(release, stage),
            _ => false,
        });
        // Nobody knows when it was said of which no seal is named: so it holds.
        let failed = against.map(|line| evidence.seal_named_by(line).map_or(u64::MAX, |(_, seal)| seal.sequence));
        Self { passed: passed.collect(), failed: failed.collect(), undone: !undone.is_empty() }
    }
}

/// Why a release is not in a stage.
enum Lack {
    /// Nobody let it in, after the stage before.
    Never,
    /// Somebody took it out, of this stage or of one before.
    Demoted,
    /// A list of withdrawals says that it was taken out.
    Withdrawn,
}

impl Promoted {
    /// Demands one for each of some stages, in their order.
    pub(in crate::policy) fn new(stages: Vec<Name>) -> Self {
        Self { stages }
    }

    /// Returns the stages that the release is not in. Whoever lets it into a stage has seen it in the stage before, and
    /// whoever takes it out of one takes it out of those that come after.
    fn lacking(&self, release: &Release, case: &Case<'_>) -> Vec<(&Name, Lack)> {
        let (mut before, mut failed) = (None, None);
        let mut lacking = Vec::new();
        for stage in &self.stages {
            let said = Said::of(stage, release, case);
            let undone = said.undone;
            failed = failed.max(said.failed.into_iter().max());
            let floor = failed.max(before);
            let entered = said.passed.iter().copied().filter(|seal| Some(*seal) > floor).min();
            match entered {
                Some(seal) if lacking.is_empty() => before = Some(seal),
                _ if said.passed.iter().any(|seal| Some(*seal) > before) && failed.is_some() => {
                    lacking.push((stage, Lack::Demoted));
                }
                _ if undone => lacking.push((stage, Lack::Withdrawn)),
                _ => lacking.push((stage, Lack::Never)),
            }
        }
        lacking
    }
}

impl Rule for Promoted {
    fn name(&self) -> &'static str {
        NAME
    }

    fn demand(&self) -> String {
        let named: Vec<_> = self.stages.iter().map(|stage| format!("`{stage}`")).collect();
        match named.as_slice() {
            [only] => {
                format!("a promoter let this release into the stage {only}, by a verification summary in this chain")
            }
            several => format!(
                "promoters let this release into the stages {}, one after the other, by verification summaries in this chain",
                several.join(", ")
            ),
        }
    }

    fn codes(&self) -> Vec<Code> {
        vec![Code::NotPromoted]
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::VerificationSummary]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let Some(seal) = case.evidence.seal() else { return Vec::new() };
        let said = case.evidence.summaries().map(|(_, summary)| summary);
        let said = said.map(|one| format!("{} {}", one.resource_uri, one.verification_result));
        let demotions =
            case.demotions.iter().filter(|one| self.stages.iter().any(|stage| one.is_of(&seal.release, stage)));
        let said: Vec<_> = said.chain(demotions.map(Demotion::shown)).collect();
        let finding = |(stage, lack): (&Name, Lack)| {
            let summary = match lack {
                Lack::Never => format!("no promoter let the release into the stage `{stage}`"),
                Lack::Withdrawn => format!("the release was taken out of the stage `{stage}` by a withdrawal"),
                Lack::Demoted => format!("a promoter took the release out of the stage `{stage}`, or of one before it"),
            };
            let finding = Finding::deny(Code::NotPromoted, Place::Bundle, summary).expected(self.demand());
            let finding = finding.because(Cause::NotIn(stage.clone()));
            let finding = if said.is_empty() { finding } else { finding.found(said.join(", ")) };
            finding.help("a promoter must let it in after a check of their own: `assaymark bundle promote`")
        };
        self.lacking(&seal.release, case).into_iter().map(finding).collect()
    }

    fn impossible(&self, attesters: Option<&[Attester]>) -> Vec<String> {
        let without = attesters.is_some_and(|all| !all.iter().any(|one| one.roles.contains(&Role::Promoter)));
        without.then(|| "no attester of the trust file is a promoter".to_owned()).into_iter().collect()
    }
}
