//! `bundle withdraw`: a line more in a list of withdrawals.

use std::path::Path;

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::bundle::{AppendError, Locked, UnverifiedBundle};
use crate::evidence::{self, Withdrawals};
use crate::fault::{Blame, Fault};
use crate::finding::Findings;
use crate::intoto::predicate::Withdrawal;
use crate::intoto::predicate::withdrawal::Withdrawn;
use crate::intoto::{Predicate, Statement};
use crate::limits;
use crate::signer::{LineError, Signer, sign_line};
use crate::trust::TrustRoot;

/// What is withdrawn, by whom, and in which list.
pub struct Job<'a> {
    /// The list; it is made if it is not there.
    pub list: &'a Path,
    /// Whom to trust, the signer among them.
    pub trust: &'a TrustRoot,
    /// What is withdrawn.
    pub withdrawn: Withdrawn,
    /// Why.
    pub reason: String,
    /// Who signs.
    pub signer: &'a dyn Signer,
    /// The clock, which is read once the list is locked; the line claims that time.
    pub clock: &'a dyn Fn() -> DateTime<Utc>,
}

/// Why nothing was withdrawn. The list is as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WithdrawError {
    /// The list can't be appended to.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The list is not whole.
    #[error("the list of withdrawals does not verify, so nothing was added")]
    Broken(Findings),
    /// The line could not be signed.
    #[error(transparent)]
    Line(#[from] LineError),
    /// A text is empty, or a window ends before it starts.
    #[error("{0}")]
    Call(&'static str),
    /// The signer may not withdraw anything.
    #[error("what this key would sign does not count, so nothing was added")]
    WouldNotCount(Findings),
}

impl Fault for WithdrawError {
    fn blame(&self) -> Blame {
        match self {
            Self::Append(error) => error.blame(),
            Self::Broken(_) => Blame::Evidence,
            Self::Line(error) => error.blame(),
            Self::Call(_) | Self::WouldNotCount(_) => Blame::Call,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Append(error) => error.hint(),
            Self::Broken(_) => Some("get the whole list from its keeper".to_owned()),
            Self::Line(error) => error.hint(),
            Self::Call(_) => None,
            Self::WouldNotCount(_) => {
                Some("sign with a key to which the trust file gives the role `withdrawer`".to_owned())
            }
        }
    }
}

/// Verifies the list and adds a line to it. Returns the sequence of the line.
pub fn withdraw(job: &Job<'_>) -> Result<u64, WithdrawError> {
    check(job)?;
    let (locked, there) = Locked::open_withdrawals(job.list)?;
    let now = (job.clock)();
    let before = match locked.content() {
        [] if !there => None,
        // An empty list is not begun anew: something may have stood in it.
        content => Some(whole(job, content, now).map_err(WithdrawError::Broken)?),
    };
    let newest = before.as_ref().and_then(Withdrawals::newest);
    let withdrawal = Withdrawal {
        sequence: newest.map_or(0, |(_, withdrawal)| withdrawal.sequence).saturating_add(1),
        previous: newest.map(|(origin, _)| origin.payload()),
        withdrawn: job.withdrawn.clone(),
        reason: job.reason.clone(),
        withdrawn_at: now,
    };
    let sequence = withdrawal.sequence;
    let subjects = vec![withdrawal.withdrawn.subject()];
    let statement = Statement::new(subjects, Predicate::Withdrawal(Box::new(withdrawal)));
    let line = sign_line(job.signer, &statement)?.bytes;
    let (after, _) = locked.with([line.as_slice()]);
    whole(job, &after, now).map_err(WithdrawError::WouldNotCount)?;
    locked.append(&[line])?;
    Ok(sequence)
}

fn check(job: &Job<'_>) -> Result<(), WithdrawError> {
    if job.reason.trim().is_empty() {
        return Err(WithdrawError::Call("a withdrawal needs a reason"));
    }
    match job.withdrawn {
        Withdrawn::Key { from: Some(from), until: Some(until), .. }
        | Withdrawn::Identity { from: Some(from), until: Some(until), .. }
            if from >= until =>
        {
            Err(WithdrawError::Call("the window ends before it starts"))
        }
        _ => Ok(()),
    }
}

fn whole<'a>(job: &Job<'a>, content: &[u8], now: DateTime<Utc>) -> Result<Withdrawals<'a>, Findings> {
    let (list, mut findings) = UnverifiedBundle::split_within(content, limits::WITHDRAWALS_LINES);
    let (withdrawals, more) = evidence::withdrawals(list, job.trust, now, None);
    findings.append(more);
    withdrawals.filter(|_| !findings.deny()).ok_or(findings)
}
