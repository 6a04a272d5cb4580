//! What a verification looks at besides the bundle: withdrawals, and what was seen before.

use std::path::{Path, PathBuf};

use chrono::Duration;
use clap::Args;

use crate::bundle::UnverifiedBundle;
use crate::cli::error::CliError;
use crate::files;
use crate::limits;
use crate::policy::Age;
use crate::state::State;
use crate::verify::{Report, WithdrawalList};

#[derive(Args)]
pub(super) struct MemoryArguments {
    /// What was withdrawn: a list that `bundle withdraw` makes. Nothing is known of withdrawals without one.
    #[arg(long, value_name = "FILE", help_heading = "Memory")]
    withdrawals: Option<PathBuf>,
    /// How old the newest line of the list may be, such as 12h, 30d or 2w.
    #[arg(long, value_name = "AGE", default_value = "30d", help_heading = "Memory", requires = "withdrawals")]
    withdrawals_max_age: Age,
    /// What was seen before: an older seal, release or list is a rollback. Written after a pass.
    #[arg(long, value_name = "FILE", help_heading = "Memory")]
    state: Option<PathBuf>,
}

impl MemoryArguments {
    /// Reads the list of withdrawals.
    pub(super) fn withdrawals(&self) -> Result<Option<WithdrawalList>, CliError> {
        let list = self.withdrawals.clone().map(read_withdrawals).transpose()?;
        Ok(list.map(|list| WithdrawalList { max_age: Some(self.withdrawals_max_age.length()), ..list }))
    }

    /// Reads what is remembered.
    pub(super) fn state(&self) -> Result<Option<State>, CliError> {
        let Some(path) = &self.state else { return Ok(None) };
        Ok(Some(State::load(path)?.unwrap_or_default()))
    }

    /// Returns the file that is read alone.
    pub(super) fn read(&self) -> Option<&Path> {
        self.withdrawals.as_deref()
    }

    /// Returns the file that is written to.
    pub(super) fn written(&self) -> Option<&Path> {
        self.state.as_deref()
    }

    /// Remembers what passed.
    pub(super) fn remember(&self, report: &Report) -> Result<(), CliError> {
        let (Some(path), Some(seen)) = (&self.state, report.seen.clone()) else { return Ok(()) };
        State::remember(path, |state| {
            state.see_release(&seen.name, seen.release);
            if let Some((name, policy)) = seen.policy {
                state.see_policy(&name, policy);
            }
            if let Some(withdrawals) = seen.withdrawals {
                state.see_withdrawals(withdrawals);
            }
        })?;
        Ok(())
    }
}

/// Reads a list of withdrawals; thirty days is how old it may be.
pub(super) fn read_withdrawals(source: PathBuf) -> Result<WithdrawalList, CliError> {
    let bytes = files::read(&source, limits::WITHDRAWALS_BYTES)?;
    let (lines, findings) = UnverifiedBundle::split_within(&bytes, limits::WITHDRAWALS_LINES);
    Ok(WithdrawalList { source, lines, findings, max_age: Some(Duration::days(30)) })
}
