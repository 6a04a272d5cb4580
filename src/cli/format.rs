//! `--format FORMAT[=FILE]`: in which form, and where to.

use std::path::{Path, PathBuf};

use crate::cli::error::CliError;
use crate::cli::ui::Ui;
use crate::files::{Access, Existing, Staged};

/// The forms in which a command writes its results.
pub(super) trait Form: Copy + PartialEq + 'static {
    /// Each with its name.
    const ALL: &'static [(&'static str, Self)];
    /// The one for people, which may have colours.
    const HUMAN: Self;
}

/// A form in which results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Human,
    Json,
}

impl Form for Format {
    const ALL: &'static [(&'static str, Self)] = &[("human", Self::Human), ("json", Self::Json)];
    const HUMAN: Self = Self::Human;
}

/// A form in which reports are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReportFormat {
    Github,
    Human,
    Json,
    Junit,
    Markdown,
    Sarif,
}

impl Form for ReportFormat {
    const ALL: &'static [(&'static str, Self)] = &[
        ("human", Self::Human),
        ("json", Self::Json),
        ("sarif", Self::Sarif),
        ("junit", Self::Junit),
        ("github", Self::Github),
        ("markdown", Self::Markdown),
    ];
    const HUMAN: Self = Self::Human;
}

/// A form and where to write it: a file, or stdout.
#[derive(Clone, Debug)]
pub(super) struct Output<F = Format> {
    pub(super) format: F,
    file: Option<PathBuf>,
}

/// Reads `FORMAT[=FILE]`.
pub(super) fn parse<F: Form>(text: &str) -> Result<Output<F>, String> {
    let (name, file) = match text.split_once('=') {
        Some((name, file)) if !file.is_empty() => (name, Some(file)),
        Some(_) => return Err("the file is empty".to_owned()),
        None => (text, None),
    };
    let Some((_, format)) = F::ALL.iter().find(|(known, _)| *known == name) else {
        let names: Vec<_> = F::ALL.iter().map(|(known, _)| format!("`{known}`")).collect();
        return Err(format!("expected {}", names.join(" or ")));
    };
    Ok(Output { format: *format, file: file.filter(|file| *file != "-").map(PathBuf::from) })
}

/// Checks that at most one form goes to stdout; without any, people read stdout.
pub(super) fn check<F: Form>(mut outputs: Vec<Output<F>>) -> Result<Vec<Output<F>>, CliError> {
    if outputs.is_empty() {
        outputs.push(Output { format: F::HUMAN, file: None });
    }
    if outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
        return Err(CliError::usage("two formats can't both go to standard output")
            .with_hint("write one to a file: `--format json=report.json`"));
    }
    Ok(outputs)
}

impl<F: Form> Output<F> {
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
        if self.format == F::HUMAN {
            ui.result(text);
        } else {
            ui.result_bytes(text.as_bytes());
        }
    }
}
