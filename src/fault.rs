//! Errors of a job: who is to blame, and what to do about it.
//!
//! A finding says that a bundle is at fault; an error says that the job could not be done. Each error
//! type states its blame and its hint beside its variants, and the edge turns them into an exit status.

use std::error::Error;
use std::io;

use rustix::io::Errno;

/// Who is at fault where a job could not be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The bundle or the files: exit status 1.
    Evidence,
    /// The call, a key, or a file that the user wrote: exit status 2.
    Call,
    /// The machine: exit status 3.
    Machine,
}

/// An error that knows who is to blame and what the user can do.
pub trait Fault: Error {
    /// Says who is at fault.
    fn blame(&self) -> Blame;

    /// Shows more, line by line, such as the place in a file.
    fn details(&self) -> Vec<String> {
        Vec::new()
    }

    /// Says what to do, in one sentence, where there is something to do.
    fn hint(&self) -> Option<String> {
        None
    }
}

/// Blames the call for a path that does not lead to a thing of the right kind, else the machine.
pub fn blame_io(error: &io::Error) -> Blame {
    // Links that lead in a circle: the standard library has no stable name for that.
    if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) {
        return Blame::Call;
    }
    match error.kind() {
        io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::InvalidFilename
        // A NUL in a path, which no file can have.
        | io::ErrorKind::InvalidInput => Blame::Call,
        _ => Blame::Machine,
    }
}
