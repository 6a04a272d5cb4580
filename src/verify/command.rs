//! The commands of a fix: what whoever must act can type, with a word in capitals for each thing that only they know.

use std::collections::BTreeSet;

use crate::finding::{Cause, Code};
use crate::intoto::Kind;
use crate::name::Name;
use crate::trust::Role;
use crate::verify::{Act, Fix, Party, Report};

/// What every command that adds a line has; trust and model are those of whoever verifies.
const WITH: &str = "BUNDLE --trust TRUST --model MODEL --key KEY";

impl Fix {
    /// Returns the commands that do it, in their order; none where it is done by other means.
    pub fn commands(&self, report: &Report) -> Vec<String> {
        match &self.act {
            Act::MakeRelease => vec![create()],
            Act::Promote(stage) => promote(report, stage.as_ref()).into_iter().collect(),
            Act::Seal(_) => vec![seal()],
            Act::Sign { kinds, sealed } => self.sign(kinds, *sealed, report),
            Act::SignApart { kinds, again, .. } => {
                let again = again.iter().flat_map(|name| self.sign_one(&kind(name), report));
                self.sign(kinds, false, report).into_iter().chain(again).collect()
            }
            _ => Vec::new(),
        }
    }

    fn sign(&self, names: &[String], sealed: bool, report: &Report) -> Vec<String> {
        let kinds = names.iter().map(|name| kind(name));
        let mut commands: Vec<_> = kinds.clone().flat_map(|kind| self.sign_one(&kind, report)).collect();
        commands.dedup();
        // A judgement names the seal itself, and a new bundle is sealed already.
        let added = |kind: &Kind| !is_created(kind) || self.lacks_attesters(report);
        if kinds.clone().any(|kind| (sealed || !kind.is_judgement()) && added(&kind)) {
            commands.push(seal());
        }
        commands
    }

    fn sign_one(&self, kind: &Kind, report: &Report) -> Vec<String> {
        let attest = |more: &str| vec![format!("assaymark bundle attest {WITH} {more}")];
        match kind {
            Kind::Approval => vec![format!("assaymark bundle approve {WITH}")],
            Kind::VerificationSummary => promote(report, None).into_iter().collect(),
            Kind::Tensors if !self.lacks_attesters(report) => vec![format!("{} --tensors", create())],
            kind if is_created(kind) && !self.lacks_attesters(report) => vec![create()],
            Kind::TestResult => match self.roles() {
                [Role::Evaluator] => self.evaluations(report).iter().flat_map(|more| attest(more)).collect(),
                [Role::Scanner] if self.causes(report).any(|cause| *cause == Cause::DatedRules) => {
                    attest("--report TOOL=FILE --rules-date TIME")
                }
                [Role::Scanner] => attest("--report TOOL=FILE"),
                _ => attest("--type test-result --predicate FILE"),
            },
            Kind::Vulnerabilities => attest("--report TOOL=FILE"),
            kind => attest(&format!("--type {} --predicate FILE", quoted(kind.name()))),
        }
    }

    /// Returns what the evaluations are told that mend it: one for each dataset, since one of several counts for none.
    fn evaluations(&self, report: &Report) -> BTreeSet<String> {
        let on = |cause: &Cause| match cause {
            Cause::MeasuredOn(dataset) => Some(format!("--metrics FILE --dataset {}", quoted(dataset.as_str()))),
            _ => None,
        };
        let told: BTreeSet<_> = self.causes(report).filter_map(on).collect();
        if told.is_empty() { BTreeSet::from(["--metrics FILE".to_owned()]) } else { told }
    }

    /// Says whether it is there, and others must sign it as well: a new bundle would have one of it again.
    fn lacks_attesters(&self, report: &Report) -> bool {
        let mut findings = self.findings.iter().filter_map(|index| report.findings.iter().nth(*index));
        findings.any(|finding| finding.code == Code::TooFewAttesters)
    }

    fn causes<'r>(&'r self, report: &'r Report) -> impl Iterator<Item = &'r Cause> {
        self.findings.iter().filter_map(|index| report.findings.iter().nth(*index)?.cause.as_ref())
    }

    fn roles(&self) -> &[Role] {
        match &self.who {
            Party::Attesters(roles, _) => roles,
            _ => &[],
        }
    }

    /// Returns its place among others: what is sealed comes before what judges the seal.
    pub(super) fn rank(&self) -> u8 {
        match &self.act {
            Act::Seal(kinds) | Act::Sign { kinds, .. } | Act::SignApart { kinds, .. } => {
                1 + u8::from(kinds.iter().all(|name| kind(name).is_judgement()))
            }
            Act::Promote(_) => 3,
            _ => 0,
        }
    }
}

fn create() -> String {
    "assaymark bundle create RELEASE_FILE --output BUNDLE --key KEY".to_owned()
}

fn seal() -> String {
    format!("assaymark bundle seal {WITH}")
}

fn promote(report: &Report, stage: Option<&Name>) -> Option<String> {
    let release = report.release.as_ref()?;
    let stage = stage.or(report.scope.policy.stage.as_ref()).map_or("STAGE", |stage| stage.as_str());
    let release = format!("{}@{}", release.name, release.version);
    Some(format!("assaymark bundle promote {WITH} --policy POLICY --release {release} --to {stage}"))
}

fn is_created(kind: &Kind) -> bool {
    matches!(kind, Kind::Bom | Kind::ModelSignature | Kind::Provenance | Kind::Tensors)
}

/// Finds the type of evidence that has a name.
fn kind(name: &str) -> Kind {
    let known = Kind::KNOWN.into_iter().find(|(known, _)| *known == name);
    known.map_or_else(|| Kind::from(name), |(_, kind)| kind)
}

/// Writes a word so that a shell takes it as one.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:/@".contains(&byte);
    if word.bytes().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_a_word_as_one() {
        assert_eq!(quoted("https://example.com/note/v1"), "https://example.com/note/v1");
        assert_eq!(quoted("x://a;rm 'b'"), r"'x://a;rm '\''b'\'''");
    }

    #[test]
    fn types_are_found_by_their_names() {
        for (name, known) in Kind::KNOWN {
            assert_eq!(kind(name), known);
        }
        assert_eq!(kind("https://example.com/x"), Kind::Other("https://example.com/x".into()));
    }
}
