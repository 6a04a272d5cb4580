//! Step 2: what the authenticated lines say.

use crate::evidence::{Authenticated, Origin};
use crate::file_list::Entry;
use crate::finding::{Code, Finding, Severity};
use crate::intoto::{Kind, Predicate, Statement, StatementError, Subject};
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
    pub(super) fn new(origin: Origin<'t>, code: Code, summary: impl Into<crate::text::Text>) -> Self {
        Self { origin, finding: Finding::warn(code, origin.place(), summary) }
    }

    pub(super) fn into_finding(self, severity: Severity) -> Finding {
        Finding { severity, ..self.finding }
    }
}

/// Reads the payloads of authenticated lines.
pub fn read(authenticated: Vec<Authenticated<'_>>) -> (Vec<VerifiedStatement<'_>>, Vec<LineFault<'_>>) {
    let mut statements = Vec::new();
    let mut faults = Vec::new();
    for line in authenticated {
        let origin = line.origin;
        match line.read() {
            Ok(statement) => statements.push(statement),
            Err(error) => {
                let code = match &error {
                    StatementError::Json(json) if json.is_limit() => Code::LimitExceeded,
                    StatementError::Size { .. } => Code::LimitExceeded,
                    _ => Code::MalformedStatement,
                };
                faults.push(LineFault::new(origin, code, format!("the statement can't be read: {error}")));
            }
        }
    }
    (statements, faults)
}

impl<'t> Authenticated<'t> {
    /// Reads the payload: the very bytes that the signature covers.
    fn read(self) -> Result<VerifiedStatement<'t>, StatementError> {
        let statement = Statement::parse(self.signed.payload())?;
        Ok(VerifiedStatement { origin: self.origin, statement })
    }
}

impl<'t> VerifiedStatement<'t> {
    /// Returns who signed it, and where it stands.
    pub fn origin(&self) -> Origin<'t> {
        self.origin
    }

    /// Returns what it claims.
    pub fn predicate(&self) -> &Predicate {
        &self.statement.predicate
    }

    /// Returns what it is about.
    pub fn subjects(&self) -> &[Subject] {
        &self.statement.subjects
    }

    /// Says whether it goes on with one subject a file, behind the two of the folder.
    pub fn lists_files(&self) -> bool {
        self.statement.subjects.len() > 2
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

    /// Says whether its signer has a role from which such a statement counts.
    pub fn has_role(&self) -> bool {
        let roles = roles(&self.kind());
        roles.is_empty() || may(self.origin.attester(), roles)
    }

    pub(super) fn wrong_role(&self) -> LineFault<'t> {
        let attester = self.origin.attester();
        let kind = self.kind();
        let needed: Vec<_> = roles(&kind).iter().map(ToString::to_string).collect();
        let found: Vec<_> = attester.roles.iter().map(ToString::to_string).collect();
        let summary = format!("`{}` may not sign a statement of type {}", attester.name, kind.name());
        let mut fault = LineFault::new(self.origin, Code::WrongRole, summary);
        fault.finding = fault.finding.expected(format!("role {}", needed.join(" or "))).found(found.join(", "));
        fault
    }
}

/// Returns the roles from which a statement of a known type counts; none for a type that we don't know.
fn roles(kind: &Kind) -> &'static [Role] {
    match kind {
        Kind::Bom | Kind::Provenance => &[Role::Builder],
        Kind::ModelSignature => &[Role::Builder, Role::Releaser],
        Kind::Other(_) => &[],
        Kind::Seal => &[Role::Releaser, Role::Promoter],
        Kind::TestResult => &[Role::Scanner, Role::Evaluator],
    }
}

fn may(attester: &Attester, roles: &[Role]) -> bool {
    roles.iter().any(|role| attester.roles.contains(role))
}
