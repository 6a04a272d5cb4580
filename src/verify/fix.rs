//! The shortest fix for each denial: what must be done, and by whom.
//!
//! A fix never adds trust, loosens a policy, waives, or opens an unsafe door. Where whoever verifies can't
//! mend the fault, it says who must act.

use crate::finding::{Cause, Code, Finding, Place, Severity, Tree};
use crate::intoto::Kind;
use crate::name::Name;
use crate::text::Text;
use crate::trust::Role;
use crate::verify::derivation::{Counts, Step, Trace};
use crate::verify::{Door, Report, TrustedIdentity};

mod absence;
mod party;
mod words;

/// What is said where no key of the trust file can prove what is demanded.
const PROVE: &str = "say what is to prove it: a log entry or a timestamp, which a trusted root checks";

/// What must be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Verify again without a door that was opened.
    CloseDoor(Text),
    /// Verify again with the right argument.
    Correct(String),
    /// Get the bundle again; that of another release if one is named.
    GetBundle(Option<Text>),
    /// Get a tree again.
    GetTree(Tree),
    /// Get the newest bundle of the release.
    GetNewestBundle,
    /// Get the list of withdrawals again.
    GetWithdrawals,
    /// Make a new release without the fault.
    MakeRelease,
    /// Promote the release into a stage, or into the one at hand.
    Promote(Option<Name>),
    /// Remove a file.
    RemoveFile(Tree, Text),
    /// Give a file its name back: the name at hand, and the one that was signed.
    RenameFile(Tree, Text, Text),
    /// Get a file again.
    RestoreFile(Tree, Text),
    /// Seal what is there already, by the names of its types.
    Seal(Vec<String>),
    /// Say what can't be known from the bundle.
    Settle(&'static str),
    /// Sign what is missing.
    Sign {
        /// The names of its types.
        kinds: Vec<String>,
        /// Only what the newest seal names counts.
        sealed: bool,
    },
    /// Sign in a role from which others must differ.
    SignApart {
        /// The role.
        role: Role,
        /// The names of the types that it signs.
        kinds: Vec<String>,
        /// The names of the types that must be signed again, because they judged a seal before that.
        again: Vec<String>,
    },
}

/// Who must act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party {
    /// Attesters with a role; with the names that the trust file gives to them.
    Attesters(Vec<Role>, Vec<String>),
    /// Whoever verifies.
    Caller,
    /// Whoever keeps the policy.
    PolicyKeeper,
    /// Whoever publishes the release.
    Publisher,
    /// Whoever keeps the list of withdrawals.
    WithdrawalsKeeper,
}

/// A fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What must be done.
    pub act: Act,
    /// By whom.
    pub who: Party,
    /// What it mends: positions among the findings of the report.
    pub findings: Vec<usize>,
}

impl Report {
    /// Returns the shortest fixes: each denial is mended by one of them.
    pub fn fixes(&self) -> Vec<Fix> {
        let mut fixes: Vec<Fix> = Vec::new();
        for (index, finding) in self.findings.iter().enumerate().filter(|(_, finding)| finding.denies()) {
            let step = self.derivation.steps.iter().rfind(|step| step.findings.contains(&index));
            let step = step.map(|step| step.narrowed(finding));
            let act = self.act(finding, step.as_deref());
            let who = self.party(finding, &act, step.as_deref());
            match fixes.iter_mut().find(|fix| fix.act == act && fix.who == who) {
                Some(fix) => fix.findings.push(index),
                None => fixes.push(Fix { act, who, findings: vec![index] }),
            }
        }
        fixes.sort_by_key(Fix::rank);
        fixes
    }

    #[allow(clippy::enum_glob_use, reason = "every code by name; in a build of tests it does not fire")]
    #[expect(clippy::too_many_lines, reason = "one arm an act")]
    fn act(&self, finding: &Finding, step: Option<&Step>) -> Act {
        use Code::*;
        match finding.code {
            FileChanged | FileMissing | FileExtra | FileRenamed | GitDirectory => self.act_on_file(finding),
            LinkInTree | SpecialFile | UnsafePath | NameCollision | TreeEmpty | FileUnstable | CodeMismatch
            | DatasetMismatch => Act::GetTree(tree(&finding.place)),
            LimitExceeded if matches!(finding.place, Place::File { .. } | Place::Tree(_)) => {
                Act::GetTree(tree(&finding.place))
            }
            ModelMismatch if !self.is_open(&Door::WithoutFiles) => Act::GetTree(Tree::Model),
            ModelMismatch | DigestKind | NotHashed | DatasetUnknown => self.correct(finding),
            NoEvidence | Unsealed | MemberMissing => self.act_on_absence(finding.code),
            BadSignature | LimitExceeded | MalformedLine | Unsigned | UnsupportedLine | UntrustedSigner
            | MemberDropped | SealBroken | WrongLog | WrongTime => Act::GetBundle(None),
            Rollback => Act::GetNewestBundle,
            PolicyRollback => Act::Settle("hand out the newest policy, and give each change of it a higher version"),
            CertificateExpired | CertificateNotYetValid | KeyExpired | KeyNotYetValid | TimeInFuture
                if self.is_open(&Door::At) =>
            {
                Act::CloseDoor(Door::At.flag())
            }
            ReleaseMismatch => Act::GetBundle(finding.expected.clone()),
            WithdrawalsBroken | WithdrawalsStale => Act::GetWithdrawals,
            SealForked => Act::Settle("say which of the seals holds, and publish a bundle with that one alone"),
            TimeInFuture => Act::Settle("say when the line was signed, and sign it again with the right time"),
            ConditionFailed => Act::Settle("mend the condition, which gives no answer"),
            ProofMissing => Act::Settle(PROVE),
            EvidenceMissing if step.is_some_and(|step| self.is_unprovable(step)) => Act::Settle(PROVE),
            DutiesNotSeparated if finding.place == Place::Bundle => step
                .and_then(|step| self.act_apart(step))
                .unwrap_or(Act::Settle("have somebody sign in the role from which the signer must differ: nobody did")),
            EvidenceStale if is_undated_provenance(finding, step) => Act::Settle(
                "say when the training ended, by `finished` under `[training]` in the release file, and make the release anew",
            ),
            EvidenceMissing | EvidenceStale | TooFewAttesters | DutiesNotSeparated | ScanIncomplete | MetricMissing => {
                step.map_or(Act::MakeRelease, |step| self.act_on_demand(step))
            }
            // The BOM names the package, and nobody told the verifier of it.
            PackageUnknown if finding.cause == Some(Cause::NoFacts) && self.scope.policy.package_facts.is_none() => {
                Act::Correct("--package-facts FILE".to_owned())
            }
            NotPromoted => Act::Promote(match &finding.cause {
                Some(Cause::NotIn(stage)) => Some(stage.clone()),
                _ => None,
            }),
            BomInvalid
            | BomMismatch
            | BuilderNotAllowed
            | CertificateExpired
            | CertificateNotYetValid
            | CertificateRevoked
            | CodeNotRecorded
            | CodeOrigin
            | ConditionDenied
            | DatasetDenied
            | DatasetWithoutDigest
            | JudgementOutdated
            | KeyExpired
            | KeyNotYetValid
            | LicenseDenied
            | LicenseUnknown
            | LineageMismatch
            | MalformedStatement
            | MetricOutOfBounds
            | ModelFormat
            | OmsIgnoredPaths
            | PackageDenied
            | PackageUnknown
            | ParameterMismatch
            | SubjectMismatch
            | TestDataInTraining
            | TestFailed
            | UnsealedLine
            | Vulnerable
            | WaiverExpired
            | WaiverVoid
            | Withdrawn
            | WrongRole
            | WeightsMalformed
            | ShardMismatch
            | BomIncomplete
            | LicenseConflict
            | TrainTestOverlap
            | RowsNotCompared
            | DatasetUnread
            | DeclaredContradicted => Act::MakeRelease,
        }
    }

    /// Has sealed what waits for it; else somebody must sign what is demanded.
    fn act_on_demand(&self, step: &Step) -> Act {
        let waits = self.derivation.statements.iter().any(|trace| self.waits_for_seal(trace, step));
        if waits { Act::Seal(names(step)) } else { Act::Sign { kinds: names(step), sealed: step.sealed } }
    }

    /// Has somebody sign in the role from which others must differ, or has sealed what is signed so. A waiver and a withdrawal
    /// are never what is needed.
    fn act_apart(&self, step: &Step) -> Option<Act> {
        let role = step.apart_from?;
        let kind = match role {
            Role::Approver => Kind::Approval,
            Role::Builder => Kind::Provenance,
            Role::Evaluator | Role::Scanner => Kind::TestResult,
            Role::Promoter => Kind::VerificationSummary,
            Role::Releaser => Kind::ModelSignature,
            Role::Waiver | Role::Withdrawer => return None,
        };
        // Whoever did not sign yet is asked for it by a fix of its own.
        let outdated = !step.lines.is_empty() && !kind.is_judgement();
        let again = step.evidence.iter().filter(|one| outdated && one.is_judgement());
        let again: Vec<_> = again.map(|kind| kind.name().to_owned()).collect();
        let apart = Step { evidence: vec![kind], roles: vec![role], sealed: false, ..step.clone() };
        match self.act_on_demand(&apart) {
            seal @ Act::Seal(_) if again.is_empty() => Some(seal),
            _ => Some(Act::SignApart { role, kinds: names(&apart), again }),
        }
    }

    /// Says whether nobody of the trust file can sign with the proof that is demanded: keys alone have none.
    fn is_unprovable(&self, step: &Step) -> bool {
        let able = |one: &TrustedIdentity| step.roles.iter().any(|role| one.roles.contains(role));
        step.proven && !self.scope.trust.identities.iter().any(able)
    }

    /// Says whether a line would count if a seal named it.
    fn waits_for_seal(&self, trace: &Trace, step: &Step) -> bool {
        let place = Place::Line(trace.line);
        let unsealed = || self.findings.iter().any(|one| one.code == Code::UnsealedLine && one.place == place);
        let mut signers = self.scope.trust.signers.iter().filter(|signer| signer.attester == trace.attester.as_str());
        step.evidence.contains(&trace.kind)
            && signers.any(|signer| step.roles.iter().any(|role| signer.roles.contains(role)))
            && (step.sealed && trace.counts == Counts::Judgement || unsealed())
    }

    fn act_on_file(&self, finding: &Finding) -> Act {
        let Place::File { tree, path } = &finding.place else { return Act::GetTree(tree(&finding.place)) };
        match (finding.code, &finding.cause) {
            (Code::FileRenamed, Some(Cause::SignedAs(signed))) => {
                Act::RenameFile(tree.clone(), path.clone(), signed.clone())
            }
            (Code::FileExtra | Code::GitDirectory, _) => Act::RemoveFile(tree.clone(), path.clone()),
            _ => match self.hidden_by(tree, path) {
                Some(door) => Act::CloseDoor(door.flag()),
                None => Act::RestoreFile(tree.clone(), path.clone()),
            },
        }
    }

    /// Finds the door that keeps a file of the model from being seen.
    fn hidden_by(&self, tree: &Tree, path: &Text) -> Option<&Door> {
        self.scope.doors.iter().filter(|_| *tree == Tree::Model).find(|door| match door {
            Door::IgnorePath(above) => {
                path.raw().strip_prefix(above.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            _ => false,
        })
    }

    fn is_open(&self, door: &Door) -> bool {
        self.scope.doors.contains(door)
    }

    fn warns(&self, code: Code) -> bool {
        self.findings.iter().any(|finding| finding.code == code && finding.severity == Severity::Warn)
    }

    fn correct(&self, finding: &Finding) -> Act {
        let digest = finding.code != Code::NotHashed && self.is_open(&Door::WithoutFiles);
        match tree(&finding.place) {
            Tree::Model if digest => Act::Correct("--model-digest DIGEST".to_owned()),
            Tree::Model => Act::Correct("--model PATH".to_owned()),
            Tree::Code => Act::Correct("--code PATH".to_owned()),
            Tree::Dataset(_) if finding.code == Code::DatasetUnknown => Act::Correct("--dataset NAME=PATH".to_owned()),
            Tree::Dataset(name) => Act::Correct(format!("--dataset {name}=PATH")),
        }
    }
}

/// Says whether `bundle create` would make the same fault again: it knows when the training ended only if it is told.
fn is_undated_provenance(finding: &Finding, step: Option<&Step>) -> bool {
    finding.cause == Some(Cause::Undated) && step.is_some_and(|step| step.evidence == [Kind::Provenance])
}

fn tree(place: &Place) -> Tree {
    match place {
        Place::Tree(tree) | Place::File { tree, .. } => tree.clone(),
        Place::Bundle | Place::Line(_) | Place::Signature => Tree::Model,
    }
}

fn names(step: &Step) -> Vec<String> {
    step.evidence.iter().map(|kind| kind.name().to_owned()).collect()
}
