//! `bundle attest`: evidence about the model of a bundle, bound to it by its digest.
//!
//! Nothing here says that the release passes; that is for a gate, once a releaser has sealed what was added.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;

use crate::append::{Appended, Base, Demand, Job, JobError, append};
use crate::digest::Digest;
use crate::finding::Code;
use crate::intoto::predicate::Waiver;
use crate::intoto::predicate::test_result::{Coverage, Purpose};
use crate::intoto::{Kind, OWN_URI, Predicate};
use crate::policy::{Voidness, Waivable};

pub use adoption::{Adopted, adopt};
pub use evaluation::{Evaluation, EvaluationError, Recording};
pub use import::{Given, ImportError, Tool, import};

mod adoption;
mod evaluation;
mod import;

/// What is to be said about the model.
#[derive(Clone, Debug)]
pub enum Claim {
    /// An evaluation.
    Evaluation(Box<Recording>),
    /// A predicate as it is to be signed.
    Predicate(Box<Predicate>),
    /// A waiver of a denial.
    Waiver(Box<WaiverRequest>),
}

/// A waiver that somebody wants to give.
#[derive(Clone, Debug)]
pub struct WaiverRequest {
    /// The code of the findings.
    pub code: String,
    /// The one rule whose findings they are.
    pub rule: Option<String>,
    /// The payload of the one line that they are about.
    pub about: Option<Digest>,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// From when on it does not hold.
    pub expires_at: DateTime<Utc>,
    /// What may be waived under the policy at which it is aimed.
    pub under: Waivable,
}

/// Checks that a bundle is sound and adds a line about its model.
pub fn attest(job: &Job<'_>, claim: Claim) -> Result<Appended, JobError> {
    append(job, Demand::Sound, |ground, lines| {
        let base = &ground.base;
        let predicate = match claim {
            Claim::Evaluation(recording) => recording.predicate(base, lines.now())?,
            Claim::Predicate(predicate) => of_this_model(base, *predicate)?,
            Claim::Waiver(request) => waive(base, *request, lines.now())?,
        };
        lines.sign(predicate).map(drop)
    })
}

/// Refuses the report of a scanner that read something else, or that found nothing where it read nothing.
fn of_this_model(base: &Base, predicate: Predicate) -> Result<Predicate, JobError> {
    let Predicate::TestResult(test) = predicate else { return Ok(predicate) };
    if test.purpose() != Purpose::Scan || base.files.is_empty() {
        return Ok(Predicate::TestResult(test));
    }
    let message = match test.coverage(&base.files) {
        Coverage::Others => "the scan is of other files than those of this model",
        Coverage::Nothing if !test.failed() => "the scan read nothing, or does not say what",
        Coverage::Nothing | Coverage::Model => return Ok(Predicate::TestResult(test.within_folder(&base.files))),
    };
    let hint = format!("scan the folder of the model, whose files are {}", shown(&base.files));
    Err(JobError::call_with_hint(message, hint))
}

/// Names the first of some files.
fn shown(files: &BTreeSet<String>) -> String {
    let first: Vec<_> = files.iter().take(3).map(|file| format!("`{file}`")).collect();
    let more = if files.len() > first.len() { " and others" } else { "" };
    first.join(", ") + more
}

fn waive(base: &Base, request: WaiverRequest, now: DateTime<Utc>) -> Result<Predicate, JobError> {
    let WaiverRequest { code, rule, about, owner, reason, expires_at, under } = request;
    let known = Code::ALL.iter().find(|one| one.as_str() == code);
    match known {
        None => {
            let waivable: Vec<_> = Code::ALL.iter().filter(|one| one.is_waivable()).map(|one| one.as_str()).collect();
            let hint = format!("these can be waived: {}", waivable.join(", "));
            return Err(JobError::call_with_hint(format!("there is no code `{code}`"), hint));
        }
        Some(known) if !known.is_waivable() => {
            let message = format!("`{code}` can't be waived: it says that files, signatures or the set are not sound");
            return Err(JobError::call(message));
        }
        Some(_) => {}
    }
    if expires_at <= now {
        return Err(JobError::call("the waiver would have expired already"));
    }
    if owner.trim().is_empty() || reason.trim().is_empty() {
        return Err(JobError::call("a waiver needs an owner and a reason"));
    }
    base.check_sealed()?;
    let waiver = Waiver { seal: base.payload, code, rule, about, owner, reason, waived_at: now, expires_at };
    if let Some(Voidness { reason, hint }) = under.voidness(&waiver) {
        return Err(JobError::call_with_hint(reason, format!("{hint}; the policy that it is for: `--policy FILE`")));
    }
    Ok(Predicate::Waiver(Box::new(waiver)))
}

/// Returns the command by which statements of a type come into a bundle, and no other way.
fn command(kind: &Kind) -> Option<&'static str> {
    match kind {
        Kind::Approval => Some("assaymark bundle approve"),
        Kind::Seal => Some("assaymark bundle seal"),
        Kind::VerificationSummary => Some("assaymark bundle promote"),
        Kind::Waiver => Some("assaymark bundle attest --waive"),
        Kind::Withdrawal => Some("assaymark bundle withdraw"),
        Kind::Bom
        | Kind::Link
        | Kind::ModelSignature
        | Kind::OpenVex
        | Kind::Other(_)
        | Kind::Provenance
        | Kind::Tensors
        | Kind::TestResult
        | Kind::Vulnerabilities => None,
    }
}

/// Says whether a type is one of ours that nobody knows: what it would say is for us to define.
fn is_unknown_of_ours(kind: &Kind) -> bool {
    matches!(kind, Kind::Other(uri) if uri.starts_with(OWN_URI))
}

/// Reads a predicate of any type but those for which there is a command.
pub fn foreign(uri: &str, json: &[u8]) -> Result<Predicate, JobError> {
    let kind = Kind::KNOWN.into_iter().find(|(name, _)| *name == uri).map_or_else(|| Kind::from(uri), |(_, kind)| kind);
    let command = match kind {
        Kind::ModelSignature => Some("assaymark bundle create"),
        _ => command(&kind),
    };
    if let Some(command) = command {
        let message = format!("a {} is not signed from a file", kind.name());
        return Err(JobError::call_with_hint(message, format!("use `{command}`")));
    }
    if is_unknown_of_ours(&kind) {
        return Err(JobError::call(format!("`{uri}` is no type of evidence about a model")));
    }
    if !kind.uri().contains(':') {
        return Err(JobError::call(format!("`{uri}` is neither a URI nor the name of a type that we know")));
    }
    let raw: &RawValue =
        crate::json::parse(json).map_err(|error| JobError::call(format!("the predicate is not JSON: {error}")))?;
    Predicate::parse(&kind, raw)
        .map_err(|error| JobError::call(format!("the predicate is no {}: {error}", kind.name())))
}
