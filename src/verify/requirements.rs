//! What is demanded, one line each, and whether it is met.

use crate::failure::Failure;
use crate::finding::{Code, Finding, Findings, Place, Severity, Tree};
use crate::policy::Item;
use crate::verify::derivation;
use crate::verify::report::{Requirement, Status};

/// What a finding speaks against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Concern {
    Links,
    Policy,
    Seal,
    Signatures,
    Tree(Tree),
    Withdrawals,
}

impl Concern {
    fn of_place(place: &Place) -> Option<Self> {
        match place {
            Place::Tree(tree) | Place::File { tree, .. } => Some(Self::Tree(tree.clone())),
            Place::Bundle | Place::Line(_) | Place::Signature => None,
        }
    }

    /// Finds what a finding speaks against: the tree that it is in, or what its code is about.
    #[allow(clippy::enum_glob_use, reason = "every code by name; in a build of tests it does not fire")]
    fn of(finding: &Finding) -> Self {
        use Code::*;
        if matches!(finding.code, Withdrawn | WithdrawalsBroken | WithdrawalsStale) {
            return Self::Withdrawals;
        }
        if let Some(concern) = Self::of_place(&finding.place).filter(|_| !is_demand(finding.code)) {
            return concern;
        }
        match finding.code {
            NoEvidence
            | LimitExceeded
            | MalformedLine
            | UnsupportedLine
            | Unsigned
            | UntrustedSigner
            | BadSignature
            | CertificateExpired
            | CertificateNotYetValid
            | CertificateRevoked
            | KeyExpired
            | KeyNotYetValid
            | MalformedStatement
            | WrongLog
            | WrongRole
            | WrongTime
            | TimeInFuture => Self::Signatures,
            Unsealed | UnsealedLine | JudgementOutdated | SealBroken | SealForked | MemberMissing | MemberDropped
            | Rollback | ReleaseMismatch => Self::Seal,
            BomInvalid | BomMismatch | LineageMismatch => Self::Links,
            BomIncomplete | LicenseConflict | BuilderNotAllowed | CodeOrigin | ConditionDenied | ConditionFailed
            | DatasetDenied | DutiesNotSeparated | EvidenceStale | LicenseDenied | LicenseUnknown | MetricMissing
            | MetricOutOfBounds | ModelFormat | NotHashed | NotPromoted | PackageDenied | PackageUnknown
            | ParameterMismatch | PolicyRollback | ProofMissing | ScanIncomplete | TestDataInTraining
            | TooFewAttesters | Vulnerable | EvidenceMissing | DatasetWithoutDigest | CodeNotRecorded | TestFailed
            | WaiverExpired | WaiverVoid => Self::Policy,
            SubjectMismatch | OmsIgnoredPaths | ModelMismatch | DigestKind | FileChanged | FileMissing | FileExtra
            | FileRenamed | FileUnstable | LinkInTree | SpecialFile | UnsafePath | NameCollision | TreeEmpty
            | GitDirectory | WeightsMalformed | ShardMismatch | DeclaredContradicted => Self::Tree(Tree::Model),
            Withdrawn | WithdrawalsBroken | WithdrawalsStale => Self::Withdrawals,
            DatasetMismatch | DatasetUnknown | CodeMismatch | TrainTestOverlap | RowsNotCompared | DatasetUnread => {
                Self::Tree(Tree::Code)
            }
        }
    }
}

/// Says that a code is about what the policy demands, wherever it was found.
fn is_demand(code: Code) -> bool {
    matches!(
        code,
        Code::DatasetDenied
            | Code::DatasetWithoutDigest
            | Code::LicenseDenied
            | Code::LicenseUnknown
            | Code::ModelFormat
            | Code::NotHashed
            | Code::TestDataInTraining
    )
}

/// Says that something is absent rather than wrong.
fn is_absence(code: Code) -> bool {
    use Code::{
        EvidenceMissing, FileMissing, MemberMissing, MetricMissing, NoEvidence, NotHashed, NotPromoted, ProofMissing,
        TooFewAttesters, Unsealed,
    };
    matches!(
        code,
        EvidenceMissing
            | FileMissing
            | MemberMissing
            | MetricMissing
            | NoEvidence
            | NotHashed
            | NotPromoted
            | ProofMissing
            | TooFewAttesters
            | Unsealed
    )
}

/// Makes a requirement of a rule of the policy file. A rule that only warns never denies.
pub(super) fn of_rule(item: &Item, found: Option<&[Finding]>, findings: &Findings) -> Requirement {
    let denials: Vec<_> = found.into_iter().flatten().filter(|finding| finding.denies()).collect();
    let warned = found.and_then(<[Finding]>::first);
    let (status, detail) = match (found, denials.as_slice(), warned) {
        (None, ..) => (Status::Undecided, "not decided".to_owned()),
        (_, [], None) => (Status::Met, item.rule.demand()),
        (_, [], Some(found)) => {
            let word = if found.severity == Severity::Waived { "waived" } else { "warns only" };
            (Status::Met, format!("{word}: {}", found.summary.raw()))
        }
        (_, denials, _) => {
            let absent = denials.iter().all(|finding| is_absence(finding.code));
            let detail = match denials {
                [only] => only.summary.raw().to_owned(),
                several => format!("{} findings", several.len()),
            };
            (if absent { Status::Missing } else { Status::Denied }, detail)
        }
    };
    let against = found.map(|found| derivation::positions(findings, found)).unwrap_or_default();
    Requirement { name: item.rule.name().into(), status, detail: detail.into(), against }
}

/// Decides requirements from what was found.
pub(super) struct Judge<'f> {
    pub(super) findings: &'f Findings,
    pub(super) failures: &'f [Failure],
}

impl Judge<'_> {
    /// Makes a requirement: denied or missing by findings, undecided by failures or without proof.
    pub(super) fn requirement(&self, name: &str, concern: &Concern, proven: bool, detail: String) -> Requirement {
        let denials = self.findings.iter().enumerate().filter(|(_, one)| one.denies() && Concern::of(one) == *concern);
        let (against, denials): (Vec<_>, Vec<_>) = denials.unzip();
        let failed = self.failures.iter().any(|failure| Concern::of_place(&failure.place).as_ref() == Some(concern));
        let status = if !denials.is_empty() {
            if denials.iter().all(|finding| is_absence(finding.code)) { Status::Missing } else { Status::Denied }
        } else if failed || !proven {
            Status::Undecided
        } else {
            Status::Met
        };
        let detail = match status {
            Status::Met => detail,
            Status::Undecided => "not decided".to_owned(),
            Status::Denied | Status::Missing => match denials.as_slice() {
                [only] => only.summary.raw().to_owned(),
                several => format!("{} findings", several.len()),
            },
        };
        Requirement { name: name.into(), status, detail: detail.into(), against }
    }
}
