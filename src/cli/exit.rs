//! Exit statuses, in one place.

use std::process::ExitCode;

use crate::fault::Blame;

/// The status of a job that did what it was asked.
pub(super) const DONE: u8 = 0;
/// The status where what was looked at is at fault, or two things differ.
pub(super) const REJECTED: u8 = 1;
/// The status where the machine is at fault.
pub(super) const INCOMPLETE: u8 = 3;

/// Returns the status for an error.
pub(super) fn of_blame(blame: Blame) -> u8 {
    match blame {
        Blame::Evidence => REJECTED,
        Blame::Call => 2,
        Blame::Machine => INCOMPLETE,
    }
}

/// Returns which of two statuses comes first: the call is at fault, then what was looked at, then the machine.
pub(super) fn first(one: u8, other: u8) -> u8 {
    let order = [of_blame(Blame::Call), REJECTED, INCOMPLETE];
    order.into_iter().find(|status| [one, other].contains(status)).unwrap_or(DONE)
}

/// Prints what is wrong with the arguments, or the help that was asked for.
pub(super) fn of_arguments(error: &clap::Error) -> ExitCode {
    // Where neither stdout nor stderr can be written to, only the status is left.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(of_blame(Blame::Call)) } else { ExitCode::SUCCESS }
}
