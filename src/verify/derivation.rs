//! Why: from each demand to the statements that it rests on, and from these to signers, keys and times.
//!
//! A derivation only writes down what was decided elsewhere; nothing is decided by it.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::digest::Digest;
use crate::evidence::{Evidence, MatchedStatement, VerifiedStatement, roles_of};
use crate::finding::{Cause, Finding, Findings};
use crate::intoto::Kind;
use crate::name::Name;
use crate::policy::{Item, Origin};
use crate::text::Text;
use crate::trust::Role;
use crate::verify::requirements;
use crate::verify::{Requirement, Status};

/// How a verdict came about.
#[derive(Clone, Debug, Default)]
pub struct Derivation {
    /// What was demanded, each with what it rests on.
    pub steps: Vec<Step>,
    /// The statements that were read, in the order of the lines.
    pub statements: Vec<Trace>,
}

/// One demand.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name: that of a requirement, or of a rule.
    pub name: Text,
    /// Where a rule comes from: `baseline`, `policy` or `stage NAME`; none for what is always demanded.
    pub origin: Option<String>,
    /// What is demanded, in words.
    pub demand: Text,
    /// Whether it is met.
    pub status: Status,
    /// The lines that it looked at.
    pub lines: Vec<usize>,
    /// What speaks against it: positions among the findings of the report.
    pub findings: Vec<usize>,
    /// The types of evidence that it looks at.
    pub(super) evidence: Vec<Kind>,
    /// The roles from which this evidence counts.
    pub(super) roles: Vec<Role>,
    /// It counts attesters, and one of them never twice.
    pub(super) distinct: bool,
    /// It counts what the newest seal names, and nothing else.
    pub(super) sealed: bool,
    /// It counts what a timestamp or a log proves, and nothing else.
    pub(super) proven: bool,
    /// The role in which others must have signed.
    pub(super) apart_from: Option<Role>,
}

/// A statement that a trusted attester signed.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The number of its line.
    pub line: usize,
    /// Its type: a short name, or a URI.
    pub kind: Kind,
    /// How it counts.
    pub counts: Counts,
    /// Who signed it, by the name in the trust file.
    pub attester: Name,
    /// The fingerprint of the key.
    pub key: Digest,
    /// The SHA-256 of its payload.
    pub payload: Digest,
    /// The time that it claims.
    pub claimed: Option<DateTime<Utc>>,
}

/// How a statement counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counts {
    /// It judges a seal after which nothing else came.
    Judgement,
    /// The newest seal names it.
    Member,
    /// It does not count, or nothing does.
    Nothing,
    /// It is a seal.
    Seal,
}

impl Trace {
    fn new(statement: &VerifiedStatement<'_>, counts: Counts) -> Self {
        let origin = statement.origin();
        Self {
            line: origin.line(),
            kind: statement.kind(),
            counts,
            attester: origin.attester().name.clone(),
            key: origin.signer(),
            payload: origin.payload(),
            claimed: statement.claimed_time(),
        }
    }
}

/// Writes down every statement, and how it counts.
pub(super) fn statements(evidence: Option<&Evidence<'_>>, rest: &[VerifiedStatement<'_>]) -> Vec<Trace> {
    let matched = |statements: &[MatchedStatement<'_>], counts| {
        statements.iter().map(|statement| Trace::new(statement, counts)).collect::<Vec<_>>()
    };
    let mut traces: Vec<_> = rest.iter().map(|statement| Trace::new(statement, Counts::Nothing)).collect();
    if let Some(evidence) = evidence {
        traces.extend(matched(evidence.seals(), Counts::Seal));
        traces.extend(matched(evidence.members(), Counts::Member));
        traces.extend(matched(evidence.judgements(), Counts::Judgement));
        traces.extend(matched(evidence.unsealed(), Counts::Nothing));
    }
    traces.sort_by_key(|trace| trace.line);
    traces
}

impl Derivation {
    /// Writes down what was demanded: what is always demanded first, then each rule of the policy.
    pub(super) fn new(
        statements: Vec<Trace>,
        requirements: &[Requirement],
        items: &[Item],
        rules: Option<&[Vec<Finding>]>,
        findings: &Findings,
    ) -> Self {
        let fixed = requirements.iter().map(Step::fixed);
        let of_rules = items.iter().enumerate().map(|(index, item)| {
            let found = rules.and_then(|rules| rules.get(index)).map(Vec::as_slice);
            Step::of_rule(item, requirements::of_rule(item, found, findings))
        });
        let mut steps: Vec<_> = fixed.chain(of_rules).collect();
        for step in &mut steps {
            step.rest_on(&statements);
        }
        Self { steps, statements }
    }
}

impl Step {
    /// Makes a step of something that is always demanded, by the types of evidence that it looks at.
    fn fixed(requirement: &Requirement) -> Self {
        use Kind::{Bom, ModelSignature, Provenance, Seal};
        let (demand, evidence) = match requirement.name.raw() {
            "signatures" => ("lines of the bundle are signed by attesters of the trust file", all()),
            "seal" => ("a seal of a trusted releaser names every line that counts, and none is missing", vec![Seal]),
            "model" => ("the model at hand is the one that was sealed", vec![ModelSignature, Seal]),
            "links" => (
                "model signature, BOM and provenance agree on model, data and code",
                vec![ModelSignature, Bom, Provenance],
            ),
            "withdrawals" => ("a whole and recent list of withdrawals strikes nothing of this release", vec![]),
            "code" => ("the code at hand is the recorded one", vec![Provenance]),
            _ => ("the dataset at hand is the recorded one", vec![Provenance]),
        };
        Self {
            name: requirement.name.clone(),
            origin: None,
            demand: demand.into(),
            status: requirement.status,
            lines: Vec::new(),
            findings: requirement.against.clone(),
            evidence,
            roles: Vec::new(),
            distinct: false,
            sealed: false,
            proven: false,
            apart_from: None,
        }
    }

    /// Makes a step of a rule.
    fn of_rule(item: &Item, requirement: Requirement) -> Self {
        let origin = match &item.origin {
            Origin::Baseline => "baseline".to_owned(),
            Origin::File => "policy".to_owned(),
            Origin::Stage(name) => format!("stage {name}"),
        };
        let (evidence, roles) = (item.rule.rests_on(), item.rule.roles());
        Self {
            name: requirement.name,
            origin: Some(origin),
            demand: item.rule.demand().into(),
            status: requirement.status,
            lines: Vec::new(),
            findings: requirement.against,
            evidence,
            roles: if roles.is_empty() { by_type(&item.rule.rests_on()) } else { roles },
            distinct: item.rule.counts_attesters(),
            sealed: item.rule.demands_seal(),
            proven: item.rule.demands_proof(),
            apart_from: item.rule.apart_from(),
        }
    }

    /// Returns what it looks at as far as a finding goes: of the evidence that several rules need, what is absent alone.
    pub(super) fn narrowed(&self, finding: &Finding) -> Cow<'_, Self> {
        let Some(Cause::Absent(name)) = &finding.cause else { return Cow::Borrowed(self) };
        let evidence: Vec<_> = all().into_iter().filter(|kind| kind.name() == name).collect();
        let roles = by_type(&evidence);
        Cow::Owned(Self { evidence, roles, distinct: false, sealed: false, proven: false, ..self.clone() })
    }

    /// Finds the lines that it looked at; seals count where they are meant.
    fn rest_on(&mut self, statements: &[Trace]) {
        let meant = statements.iter().filter(|trace| {
            self.name.raw() == "signatures"
                || trace.counts != Counts::Nothing
                    && (self.evidence.contains(&trace.kind) || self.evidence.is_empty() && self.origin.is_some())
        });
        self.lines = meant.map(|trace| trace.line).collect();
    }
}

fn all() -> Vec<Kind> {
    Kind::KNOWN.into_iter().map(|(_, kind)| kind).collect()
}

fn by_type(evidence: &[Kind]) -> Vec<Role> {
    let mut roles: Vec<_> = evidence.iter().flat_map(|kind| roles_of(kind)).copied().collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// Returns the positions of findings in a report.
pub(super) fn positions(findings: &Findings, of: &[Finding]) -> Vec<usize> {
    if of.is_empty() {
        return Vec::new();
    }
    findings.iter().enumerate().filter(|(_, finding)| of.contains(finding)).map(|(index, _)| index).collect()
}
