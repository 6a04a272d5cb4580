//! Receipts: a pass and a denial leave a signed trace alike.

use crate::digest::Digest;
use crate::facts::Invocation;
use crate::finding::Severity;
use crate::intoto::predicate::receipt::{self, Receipt, Verifier};
use crate::intoto::{Predicate, Statement, Subject};
use crate::limits;
use crate::signer::{LineError, SignedLine, Signer, sign_line};
use crate::trust::{Attester, Role, TrustRoot};
use crate::verify::{Outcome, Report, Trace};

/// Whoever has one of these roles makes what a verification judges.
const MAKERS: [Role; 4] = [Role::Builder, Role::Evaluator, Role::Releaser, Role::Scanner];

/// Who verified, and what became of the call.
pub struct Call<'a> {
    /// The system and the run.
    pub invocation: Invocation,
    /// The version of this program.
    pub version: &'a str,
    /// Why a result was not written or not remembered: whoever called has got no pass then.
    pub lost: Option<&'a str>,
}

/// Signs what a verification said about a bundle; none if the bundle was too large to be digested.
pub fn receipt(report: &Report, call: Call<'_>, signer: &dyn Signer) -> Result<Option<SignedLine>, LineError> {
    let Some(sha256) = report.scope.bundle else { return Ok(None) };
    let subjects = vec![Subject { name: "release bundle".to_owned(), sha256 }];
    let content = serde_json::to_value(describe(report, call))?;
    let predicate = Predicate::Other(receipt::TYPE.to_owned(), Box::new(content));
    sign_line(signer, &Statement::new(subjects, predicate)).map(Some)
}

/// Finds whoever has a key, or signed a line with it, and makes what is verified: they would vouch for their own work.
/// A promoter is a gate, whatever else they do.
pub fn maker<'t>(trust: &'t TrustRoot, key: Digest, lines: &[Trace]) -> Option<&'t Attester> {
    let known = trust.keys().find(|(_, trusted)| trusted.key.fingerprint() == key).map(|(attester, _)| attester);
    let signed = || lines.iter().find(|line| line.key == key);
    let attester = known
        .or_else(|| trust.attesters().iter().find(|one| signed().is_some_and(|line| line.attester == one.name)))?;
    let makes = MAKERS.iter().any(|role| attester.roles.contains(role));
    (makes && !attester.roles.contains(&Role::Promoter)).then_some(attester)
}

fn describe(report: &Report, call: Call<'_>) -> Receipt {
    let scope = &report.scope;
    let findings = report.findings.iter().take(limits::RECEIPT_FINDINGS).map(|finding| receipt::Finding {
        code: finding.code.to_string(),
        severity: word(finding.severity).to_owned(),
        summary: finding.summary.raw().to_owned(),
    });
    let failures = report.failures.iter().map(|failure| failure.summary.raw().to_owned());
    Receipt {
        verifier: Verifier {
            program: format!("assaymark {}", call.version),
            system: call.invocation.builder,
            run: call.invocation.run,
        },
        release: report.release.as_ref().map(|release| format!("{}@{}", release.name, release.version)),
        seal: scope.seal.map(|seal| receipt::Sealed { sequence: seal.sequence, payload: seal.payload }),
        policy: policy(report),
        trust: scope.trust.digest,
        withdrawals: scope.withdrawals_given.as_ref().map(|given| receipt::List {
            sha256: given.digest,
            sequence: scope.withdrawals.as_ref().map(|list| list.sequence),
            newest: scope.withdrawals.as_ref().map(|list| list.newest),
        }),
        state: scope.remembered.as_ref().map(|remembered| receipt::Memory {
            release: remembered.release.clone().map(|kept| receipt::SeenRelease {
                version: kept.version,
                sequence: kept.sequence,
                seal: kept.seal,
            }),
        }),
        verified_at: scope.at,
        verdict: match report.verdict.outcome() {
            Outcome::Rejected => "rejected",
            Outcome::Passed if call.lost.is_none() => "passed",
            Outcome::Passed | Outcome::Incomplete => "incomplete",
        }
        .to_owned(),
        failures: call.lost.map(str::to_owned).into_iter().chain(failures).take(limits::RECEIPT_FINDINGS).collect(),
        doors: scope.doors.iter().map(|door| door.flag().raw().to_owned()).collect(),
        findings: findings.collect(),
        finding_count: [Severity::Deny, Severity::Warn, Severity::Waived]
            .map(|one| report.findings.count(one))
            .iter()
            .sum(),
    }
}

fn policy(report: &Report) -> receipt::Policy {
    let policy = &report.scope.policy;
    receipt::Policy {
        name: policy.name.clone(),
        version: policy.version,
        sha256: policy.digest,
        stage: policy.stage.as_ref().map(ToString::to_string),
        package_facts: policy.package_facts,
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Deny => "deny",
        Severity::Warn => "warn",
        Severity::Waived => "waived",
    }
}
