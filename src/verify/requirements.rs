//! What is demanded, one line each, and whether it is met.

use crate::failure::Failure;
use crate::finding::{Code, Finding, Findings, Place, Tree};
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
            Place::Bundle | Place::Line(_) => None,
        }
    }

    /// Finds what a finding speaks against: the tree that it is in, or what its code is about.
    fn of(finding: &Finding) -> Self {
        use Code::{
            BadSignature, BomInvalid, BomMismatch, CodeMismatch, CodeNotRecorded, DatasetMismatch, DatasetUnknown,
            DatasetWithoutDigest, DigestKind, EvidenceMissing, FileChanged, FileExtra, FileMissing, FileRenamed,
            FileUnstable, GitDirectory, JudgementOutdated, KeyExpired, KeyNotYetValid, LimitExceeded, LineageMismatch,
            LinkInTree, MalformedLine, MalformedStatement, MemberDropped, MemberMissing, ModelMismatch, NameCollision,
            NoEvidence, OmsIgnoredPaths, ReleaseMismatch, Rollback, SealBroken, SealForked, SpecialFile,
            SubjectMismatch, TestFailed, TimeInFuture, TreeEmpty, UnsafePath, Unsealed, UnsealedLine, Unsigned,
            UnsupportedLine, UntrustedSigner, WaiverExpired, WaiverVoid, WithdrawalsBroken, WithdrawalsStale,
            Withdrawn, WrongRole,
        };
        match finding.code {
            DatasetWithoutDigest => return Self::Policy,
            Withdrawn | WithdrawalsBroken | WithdrawalsStale => return Self::Withdrawals,
            _ => {}
        }
        if let Some(concern) = Self::of_place(&finding.place) {
            return concern;
        }
        match finding.code {
            NoEvidence | LimitExceeded | MalformedLine | UnsupportedLine | Unsigned | UntrustedSigner
            | BadSignature | KeyExpired | KeyNotYetValid | MalformedStatement | WrongRole | TimeInFuture => {
                Self::Signatures
            }
            Unsealed | UnsealedLine | JudgementOutdated | SealBroken | SealForked | MemberMissing | MemberDropped
            | Rollback | ReleaseMismatch => Self::Seal,
            BomInvalid | BomMismatch | LineageMismatch => Self::Links,
            EvidenceMissing | DatasetWithoutDigest | CodeNotRecorded | TestFailed | WaiverExpired | WaiverVoid => {
                Self::Policy
            }
            SubjectMismatch | OmsIgnoredPaths | ModelMismatch | DigestKind | FileChanged | FileMissing | FileExtra
            | FileRenamed | FileUnstable | LinkInTree | SpecialFile | UnsafePath | NameCollision | TreeEmpty
            | GitDirectory => Self::Tree(Tree::Model),
            Withdrawn | WithdrawalsBroken | WithdrawalsStale => Self::Withdrawals,
            DatasetMismatch | DatasetUnknown | CodeMismatch => Self::Tree(Tree::Code),
        }
    }
}

/// Says that something is absent rather than wrong.
fn is_absence(code: Code) -> bool {
    matches!(code, Code::NoEvidence | Code::Unsealed | Code::MemberMissing | Code::EvidenceMissing | Code::FileMissing)
}

/// Decides requirements from what was found.
pub(super) struct Judge<'f> {
    pub(super) findings: &'f Findings,
    pub(super) failures: &'f [Failure],
}

impl Judge<'_> {
    /// Makes a requirement: denied or missing by findings, undecided by failures or without proof.
    pub(super) fn requirement(&self, name: &str, concern: &Concern, proven: bool, detail: String) -> Requirement {
        let denials: Vec<_> = self.findings.iter().filter(|one| one.denies() && Concern::of(one) == *concern).collect();
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
        Requirement { name: name.into(), status, detail: detail.into() }
    }
}
