//! Step 2: what the authenticated lines say.

use chrono::{DateTime, Utc};

use crate::evidence::{Authenticated, Origin};
use crate::file_list::Entry;
use crate::finding::{Cause, Code, Finding, Severity};
use crate::intoto::predicate::seal::Member;
use crate::intoto::predicate::test_result::Purpose;
use crate::intoto::{Kind, Predicate, Statement, StatementError, Subject};
use crate::limits;
use crate::path::TreePath;
use crate::trust::{Attester, Role};

/// A statement of a trusted attester, read as its type demands.
#[derive(Debug)]
pub struct VerifiedStatement<'t> {
    origin: Origin<'t>,
    statement: Statement,
}

/// A fault of an authenticated line. It denies if a seal names the line, and is reported otherwise.
#[derive(Debug)]
pub struct LineFault<'t> {
    pub(super) origin: Origin<'t>,
    pub(super) finding: Finding,
}

impl<'t> LineFault<'t> {
    pub(super) fn new(origin: &Origin<'t>, code: Code, summary: impl Into<crate::text::Text>) -> Self {
        Self { origin: origin.clone(), finding: Finding::warn(code, origin.place(), summary) }
    }

    pub(super) fn into_finding(self, severity: Severity) -> Finding {
        Finding { severity, ..self.finding }
    }
}

impl From<LineFault<'_>> for Finding {
    fn from(fault: LineFault<'_>) -> Self {
        fault.finding
    }
}

/// Reads the payloads of authenticated lines.
pub fn read(authenticated: Vec<Authenticated<'_>>) -> (Vec<VerifiedStatement<'_>>, Vec<LineFault<'_>>) {
    let mut statements = Vec::new();
    let mut faults = Vec::new();
    let mut left = limits::BUNDLE_NODES;
    for line in authenticated {
        let origin = line.origin.clone();
        match line.read(&mut left) {
            Ok(statement) => statements.push(statement),
            Err(error) => {
                let code = match &error {
                    StatementError::Json(json) if json.is_limit() => Code::LimitExceeded,
                    StatementError::Size { .. } => Code::LimitExceeded,
                    _ => Code::MalformedStatement,
                };
                faults.push(LineFault::new(&origin, code, format!("the statement can't be read: {error}")));
            }
        }
    }
    (statements, faults)
}

impl<'t> Authenticated<'t> {
    /// Reads the payload: the very bytes that the signature covers.
    fn read(self, left: &mut usize) -> Result<VerifiedStatement<'t>, StatementError> {
        let statement = Statement::parse_within(self.signed.payload(), left)?;
        Ok(VerifiedStatement { origin: self.origin, statement })
    }
}

impl<'t> VerifiedStatement<'t> {
    /// Returns who signed it, and where it stands.
    pub fn origin(&self) -> &Origin<'t> {
        &self.origin
    }

    /// Returns what it claims.
    pub fn predicate(&self) -> &Predicate {
        &self.statement.predicate
    }

    /// Returns what it is about.
    pub fn subjects(&self) -> &[Subject] {
        &self.statement.subjects
    }

    /// Says whether it is about something besides, of which we know no digest.
    pub(super) fn has_other_subjects(&self) -> bool {
        self.statement.others > 0
    }

    /// Says whether its first two subjects are those of a folder, as we name them.
    pub(super) fn is_of_folder(&self) -> bool {
        self.statement.is_of_folder()
    }

    /// Says whether it goes on with one subject a file, behind the two of the folder.
    pub fn lists_files(&self) -> bool {
        self.statement.subjects.len() > 2 && self.statement.is_of_folder()
    }

    /// Returns the files that its subjects name, sorted; none if a name is no path.
    pub fn listed_files(&self) -> Option<Vec<Entry>> {
        let entry =
            |subject: &Subject| Some(Entry { path: TreePath::new(&subject.name).ok()?, digest: subject.sha256 });
        let mut files = self.statement.subjects.iter().skip(2).map(entry).collect::<Option<Vec<_>>>()?;
        files.sort_unstable();
        Some(files)
    }

    /// Returns the type of what it claims.
    pub fn kind(&self) -> Kind {
        self.statement.predicate.kind()
    }

    /// Returns it as a seal names it.
    pub fn as_member(&self) -> Member {
        let predicate_type = self.kind().uri().to_owned();
        Member { payload: self.origin.payload(), predicate_type, signer: self.origin.signer() }
    }

    /// Returns the time that it claims: the latest of what it says that something was done.
    pub fn claimed_time(&self) -> Option<DateTime<Utc>> {
        match self.predicate() {
            Predicate::Approval(approval) => Some(approval.approved_at),
            Predicate::Bom(bom) => bom.pointer("/metadata/timestamp")?.as_str()?.parse().ok(),
            Predicate::Link(_) | Predicate::ModelSignature(_) | Predicate::Other(..) | Predicate::Tensors(_) => None,
            Predicate::OpenVex(document) => document.latest(),
            Predicate::Provenance(provenance) => {
                let metadata = &provenance.run_details.metadata;
                metadata.started_on.max(metadata.finished_on)
            }
            Predicate::Seal(seal) => Some(seal.sealed_at),
            Predicate::TestResult(test) => test.latest(),
            Predicate::VerificationSummary(summary) => summary.time_verified,
            Predicate::Vulnerabilities(found) => Some(
                found.metadata.scan_finished_on.max(found.metadata.scan_started_on).max(found.scanner.db.last_update),
            ),
            Predicate::Waiver(waiver) => Some(waiver.waived_at),
            Predicate::Withdrawal(withdrawal) => Some(withdrawal.withdrawn_at),
        }
    }

    /// Returns the time from which its age counts: when the work ended that it tells of.
    ///
    /// Fresh rules or a fresh database do not make an old scan young. One that does not say when it ended is at most
    /// as old as its rules.
    pub fn done_at(&self) -> Option<DateTime<Utc>> {
        match self.predicate() {
            Predicate::TestResult(test) if test.states_end() => test.finished_on(),
            Predicate::TestResult(test) => test.rules_updated(),
            Predicate::Vulnerabilities(found) => Some(found.metadata.scan_finished_on),
            _ => self.claimed_time(),
        }
    }

    /// Says whether it states when the work ended, and nobody can tell what that means.
    pub fn is_dated_unreadably(&self) -> bool {
        matches!(self.predicate(), Predicate::TestResult(test) if test.states_end() && test.finished_on().is_none())
    }

    /// Says whether its signer has a role from which such a statement counts.
    pub fn has_role(&self) -> bool {
        let roles = roles(self.predicate());
        (roles.is_empty() || may(self.origin.attester(), roles)) && self.speaks_as_itself()
    }

    /// A promoter verifies under the URI that the trust file gives it, and under no other.
    fn speaks_as_itself(&self) -> bool {
        match self.predicate() {
            Predicate::VerificationSummary(summary) => {
                self.origin.attester().verifier_id.as_ref() == Some(&summary.verifier.id)
            }
            _ => true,
        }
    }

    /// Says what it means that its signer has not the role for it, beyond that it does not count.
    fn cause_without_role(&self) -> Option<Cause> {
        match self.predicate() {
            Predicate::TestResult(test) => (test.purpose() == Purpose::Scan).then_some(Cause::NoScanner),
            Predicate::Vulnerabilities(_) => Some(Cause::NoScanner),
            Predicate::Seal(_) => Some(Cause::NoSealer),
            _ => None,
        }
    }

    pub(super) fn wrong_role(&self) -> LineFault<'t> {
        let attester = self.origin.attester();
        let listed =
            |roles: &mut dyn Iterator<Item = &Role>, by| roles.map(Role::to_string).collect::<Vec<_>>().join(by);
        let summary = format!("`{}` may not sign a statement of type {}", attester.name, self.kind().name());
        let mut fault = LineFault::new(&self.origin, Code::WrongRole, summary);
        let needed = roles(self.predicate());
        fault.finding = match self.predicate() {
            Predicate::VerificationSummary(summary) if may(attester, needed) => {
                let own = attester.verifier_id.clone().unwrap_or_else(|| "no verifier id".to_owned());
                fault.finding.expected(own).found(summary.verifier.id.clone())
            }
            _ => {
                let needed = format!("role {}", listed(&mut needed.iter(), " or "));
                let finding = fault.finding.expected(needed).found(listed(&mut attester.roles.iter(), ", "));
                Finding { cause: self.cause_without_role(), ..finding }
            }
        };
        fault
    }
}

/// Returns the roles from which a statement counts; none for a type that we don't know.
fn roles(predicate: &Predicate) -> &'static [Role] {
    match predicate {
        Predicate::TestResult(test) => match test.purpose() {
            Purpose::Evaluation => &[Role::Evaluator],
            Purpose::Scan => &[Role::Scanner],
            Purpose::Test => roles_of(&Kind::TestResult),
        },
        other => roles_of(&other.kind()),
    }
}

/// Returns the roles from which statements of a type count; none for a type that we don't know.
pub fn roles_of(kind: &Kind) -> &'static [Role] {
    match kind {
        Kind::Approval => &[Role::Approver],
        Kind::Bom | Kind::Link | Kind::Provenance | Kind::Tensors => &[Role::Builder],
        Kind::ModelSignature => &[Role::Builder, Role::Releaser],
        Kind::Other(_) => &[],
        Kind::Seal => &[Role::Releaser, Role::Promoter],
        Kind::OpenVex | Kind::TestResult => &[Role::Evaluator, Role::Scanner],
        Kind::VerificationSummary => &[Role::Promoter],
        Kind::Vulnerabilities => &[Role::Scanner],
        Kind::Waiver => &[Role::Waiver],
        Kind::Withdrawal => &[Role::Withdrawer],
    }
}

fn may(attester: &Attester, roles: &[Role]) -> bool {
    roles.iter().any(|role| attester.roles.contains(role))
}
