//! Receipts: a pass and a denial leave a signed trace alike.

use crate::facts::Invocation;
use crate::finding::Severity;
use crate::intoto::predicate::receipt::{self, Receipt, Verifier};
use crate::intoto::{Predicate, Statement, Subject};
use crate::limits;
use crate::signer::{LineError, SignedLine, Signer, sign_line};
use crate::verify::{Outcome, Report};

/// Signs what a verification said about a bundle; none if the bundle was too large to be digested.
pub fn receipt(
    report: &Report,
    invocation: Invocation,
    version: &str,
    signer: &dyn Signer,
) -> Result<Option<SignedLine>, LineError> {
    let Some(sha256) = report.scope.bundle else { return Ok(None) };
    let subjects = vec![Subject { name: "release bundle".to_owned(), sha256 }];
    let content = serde_json::to_value(describe(report, invocation, version))?;
    let predicate = Predicate::Other(receipt::TYPE.to_owned(), Box::new(content));
    sign_line(signer, &Statement::new(subjects, predicate)).map(Some)
}

fn describe(report: &Report, invocation: Invocation, version: &str) -> Receipt {
    let scope = &report.scope;
    let findings = report.findings.iter().take(limits::RECEIPT_FINDINGS).map(|finding| receipt::Finding {
        code: finding.code.to_string(),
        severity: word(finding.severity).to_owned(),
        summary: finding.summary.raw().to_owned(),
    });
    Receipt {
        verifier: Verifier { program: format!("assaymark {version}"), system: invocation.builder, run: invocation.run },
        release: report.release.as_ref().map(|release| format!("{}@{}", release.name, release.version)),
        policy: receipt::Policy {
            name: scope.policy.name.clone(),
            version: scope.policy.version,
            sha256: scope.policy.digest,
            stage: scope.policy.stage.as_ref().map(ToString::to_string),
        },
        trust: scope.trust.digest,
        verified_at: scope.at,
        verdict: match report.verdict.outcome() {
            Outcome::Incomplete => "incomplete",
            Outcome::Passed => "passed",
            Outcome::Rejected => "rejected",
        }
        .to_owned(),
        doors: scope.doors.iter().map(|door| door.flag().raw().to_owned()).collect(),
        findings: findings.collect(),
        finding_count: [Severity::Deny, Severity::Warn, Severity::Waived]
            .map(|one| report.findings.count(one))
            .iter()
            .sum(),
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Deny => "deny",
        Severity::Warn => "warn",
        Severity::Waived => "waived",
    }
}
