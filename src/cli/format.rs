//! `--format FORMAT[=FILE]`: in which form, and where to.

use std::path::{Path, PathBuf};

use crate::cli::error::CliError;
use crate::cli::ui::Ui;
use crate::files::{Access, Existing, Staged};

/// A form in which results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Human,
    Json,
}

/// A form and where to write it: a file, or stdout.
#[derive(Clone, Debug)]
pub(super) struct Output {
    pub(super) format: Format,
    file: Option<PathBuf>,
}

/// Reads `FORMAT[=FILE]`.
pub(super) fn parse(text: &str) -> Result<Output, String> {
    let (name, file) = match text.split_once('=') {
        Some((name, file)) if !file.is_empty() => (name, Some(file)),
        Some(_) => return Err("the file is empty".to_owned()),
        None => (text, None),
    };
    let format = match name {
        "human" => Format::Human,
        "json" => Format::Json,
        _ => return Err("expected `human` or `json`".to_owned()),
    };
    Ok(Output { format, file: file.filter(|file| *file != "-").map(PathBuf::from) })
}

/// Checks that at most one form goes to stdout; without any, people read stdout.
pub(super) fn check(mut outputs: Vec<Output>) -> Result<Vec<Output>, CliError> {
    if outputs.is_empty() {
        outputs.push(Output { format: Format::Human, file: None });
    }
    if outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
        return Err(CliError::usage("two formats can't both go to standard output")
            .with_hint("write one to a file: `--format json=report.json`"));
    }
    Ok(outputs)
}

impl Output {
    /// Returns the file that is written to.
    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Writes a text that may have colours. A file is replaced whole, and gets none.
    pub(super) fn write(&self, ui: &Ui, text: &str) -> Result<(), CliError> {
        if let Some(file) = self.stage(text)? {
            return Ok(file.commit()?);
        }
        self.print(ui, text);
        Ok(())
    }

    /// Starts the file, where the text goes to one.
    pub(super) fn stage(&self, text: &str) -> Result<Option<Staged>, CliError> {
        let Some(file) = &self.file else { return Ok(None) };
        let plain = anstream::adapter::strip_str(text).to_string();
        Ok(Some(Staged::with(file, Existing::Replace, Access::Public, plain.as_bytes())?))
    }

    /// Writes to standard output.
    pub(super) fn print(&self, ui: &Ui, text: &str) {
        match self.format {
            Format::Human => ui.result(text),
            Format::Json => ui.result_bytes(text.as_bytes()),
        }
    }
}
