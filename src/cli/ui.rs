//! The only way to speak: results on stdout, everything else on stderr.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::process::ExitCode;

use anstream::adapter::strip_str;
use anstyle::{AnsiColor, Style};

use crate::cli::error::CliError;
use crate::cli::exit;
use crate::text::for_terminal;

const VERB: Style = AnsiColor::Green.on_default().bold();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// What happened to a result that is gone.
const LOST: &str = "standard output can't be written";
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// The terminal, or what stands in its place.
pub(super) struct Ui {
    stderr: RefCell<anstream::Stderr>,
    /// A result could not be written.
    failed: Cell<bool>,
}

impl Ui {
    pub(super) fn new() -> Self {
        Self { stderr: RefCell::new(anstream::stderr()), failed: Cell::new(false) }
    }

    /// Says whether somebody may be looking at stderr.
    pub(super) fn is_watched(&self) -> bool {
        self.stderr.borrow().is_terminal()
    }

    /// Writes a result that may have colours, escaped before.
    pub(super) fn result(&self, text: &str) {
        let stream = io::stdout().lock();
        // In one piece: a stream that leaves colours out by itself writes each line for itself.
        self.keep(match anstream::AutoStream::choice(&stream) {
            anstream::ColorChoice::Never => write_all(stream, strip_str(text).to_string().as_bytes()),
            _ => write_all(anstream::AutoStream::auto(stream), text.as_bytes()),
        });
    }

    /// Writes a result byte for byte.
    pub(super) fn result_bytes(&self, bytes: &[u8]) {
        self.keep(write_all(io::stdout().lock(), bytes));
    }

    /// Writes what the command was called for, such as a bundle: whoever closes the pipe has not got it.
    pub(super) fn product(&self, bytes: &[u8]) {
        if write_all(io::stdout().lock(), bytes).is_err() {
            self.failed.set(true);
        }
    }

    /// A reader that closed the pipe has seen what it wanted; any other failure is one.
    fn keep(&self, written: io::Result<()>) {
        if written.is_err_and(|error| error.kind() != io::ErrorKind::BrokenPipe) {
            self.failed.set(true);
        }
    }

    /// Says whether the results so far were written. A failure is told once: here, or at the end.
    pub(super) fn check_results(&self) -> Result<(), CliError> {
        if self.failed.take() { Err(CliError::machine(LOST)) } else { Ok(()) }
    }

    /// Says what was done: a verb and what it was done to.
    pub(super) fn status(&self, verb: &str, text: &str) {
        self.say(&format!("{}{verb:>12}{} {}", VERB.render(), VERB.render_reset(), for_terminal(text)));
    }

    /// Warns.
    pub(super) fn warning(&self, text: &str) {
        self.say(&format!("{}warning{}: {}", WARNING.render(), WARNING.render_reset(), for_terminal(text)));
    }

    /// Hints.
    pub(super) fn hint(&self, text: &str) {
        self.say(&format!("{}hint{}: {}", HINT.render(), HINT.render_reset(), for_terminal(text)));
    }

    /// Shows an error with its details and its hint.
    pub(super) fn error(&self, error: &CliError) {
        self.say(&format!("{}error{}: {}", ERROR.render(), ERROR.render_reset(), for_terminal(&error.message)));
        for detail in &error.details {
            self.say(&format!("  {}", for_terminal(detail)));
        }
        if let Some(hint) = &error.hint {
            self.say(&format!("  {}help{}: {}", HINT.render(), HINT.render_reset(), for_terminal(hint)));
        }
    }

    /// Shows a page that was escaped already.
    pub(super) fn page(&self, page: &str) {
        // Nobody is left to tell where stderr can't be written to.
        let _ = write_all(&mut *self.stderr.borrow_mut(), page.as_bytes());
    }

    /// Says a line without words of ours.
    pub(super) fn plain(&self, text: &str) {
        self.say(&for_terminal(text));
    }

    fn say(&self, line: &str) {
        self.page(&format!("{line}\n"));
    }

    /// Ends with a status; a result that was lost is no success.
    pub(super) fn finish(&self, status: u8) -> ExitCode {
        if self.failed.get() {
            self.say(&format!("{}error{}: {LOST}", ERROR.render(), ERROR.render_reset()));
        }
        let lost = self.failed.get() && status == exit::DONE;
        ExitCode::from(if lost { exit::INCOMPLETE } else { status })
    }
}

fn write_all(mut stream: impl Write, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).and_then(|()| stream.flush())
}
