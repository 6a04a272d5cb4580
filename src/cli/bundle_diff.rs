//! `assaymark bundle diff`

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;

use crate::cli::error::CliError;
use crate::cli::format::{self, Form, Output};
use crate::cli::paths::Paths;
use crate::cli::progress::Bar;
use crate::cli::ui::Ui;
use crate::cli::{environment, exit};
use crate::diff::{Comparison, Side, Weights};
use crate::inventory::Progress;
use crate::render;
use crate::trust::TrustRoot;

const EXAMPLES: &str = "\
Examples:
  What is new in this release?
    assaymark bundle diff sentiment-1.1.0.intoto.jsonl sentiment-1.2.0.intoto.jsonl

  The same, of what trusted attesters signed, for a comment on a change:
    assaymark bundle diff old.intoto.jsonl new.intoto.jsonl --trust trust.toml --format markdown

  Which layers did the fine-tuning change?
    assaymark bundle diff old.intoto.jsonl new.intoto.jsonl --old-model model-1/ --new-model model-2/";

const EXIT_STATUS: &str = "\
Exit status:
  0  both say the same
  1  they differ
  2  they can't be compared: the call, a bundle, a model or the trust file is at fault
  3  not completed: the machine is at fault";

/// Show what one release bundle says that another does not, down to single tensors.
///
/// Nothing is judged, and without `--trust` nothing is verified: then this is what the bundles say. Datasets are compared
/// file by file where their file lists lie beside both bundles. Tensors are compared where both bundles record them
/// (`bundle create --tensors`), or where the models are at hand.
#[derive(Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{EXIT_STATUS}"))]
pub(super) struct DiffArguments {
    /// The release bundle that is compared with; `-` is standard input.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The release bundle that is compared; `-` is standard input.
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Compare only what these signed in their roles: a public key in PEM, or a trust.toml.
    #[arg(long, value_name = "FILE", help_heading = "Trust")]
    trust: Option<PathBuf>,
    /// The model of the old bundle, to be hashed: it must be the very one.
    #[arg(long, value_name = "PATH", help_heading = "Tensors")]
    old_model: Option<PathBuf>,
    /// The model of the new bundle, to be hashed: it must be the very one.
    #[arg(long, value_name = "PATH", help_heading = "Tensors")]
    new_model: Option<PathBuf>,
    /// In which form: human, json or markdown, to a file with `=FILE`, which is replaced. May be repeated.
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = format::parse::<PageForm>, help_heading = "Output")]
    format: Vec<Output<PageForm>>,
}

/// A form in which a comparison is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PageForm {
    Human,
    Json,
    Markdown,
}

impl Form for PageForm {
    const ALL: &'static [(&'static str, Self)] =
        &[("human", Self::Human), ("json", Self::Json), ("markdown", Self::Markdown)];
    const HUMAN: Self = Self::Human;
}

impl DiffArguments {
    pub(super) fn run(mut self, ui: &Ui) -> Result<u8, CliError> {
        let outputs = format::check(std::mem::take(&mut self.format))?;
        let read = [&self.old, &self.new].into_iter().chain(&self.trust);
        let hashed = self.old_model.iter().chain(&self.new_model);
        Paths::default()
            .read(read.map(PathBuf::as_path))
            .hashed(hashed.map(PathBuf::as_path))
            .reports(&outputs)
            .check()?;
        let trust = self.trust.as_deref().map(TrustRoot::load).transpose()?;
        let trust: Option<(&TrustRoot, DateTime<Utc>)> = trust.as_ref().map(|trust| (trust, environment::now()));
        let (old, new) = (Side::read(&self.old, trust)?, Side::read(&self.new, trust)?);
        let bar = Bar::new(ui);
        let weights =
            [weights(&old, self.old_model.as_deref(), &bar)?, weights(&new, self.new_model.as_deref(), &bar)?];
        drop(bar);
        let [old_weights, new_weights] = weights;
        if (self.old_model.is_some() || self.new_model.is_some()) && (old_weights.is_none() || new_weights.is_none()) {
            let lacking = if old_weights.is_none() { "--old-model" } else { "--new-model" };
            return Err(CliError::usage(format!("tensors can't be compared without `{lacking}`"))
                .with_hint("its bundle records no tensors: give the model that it is of"));
        }
        let both = old_weights.as_ref().zip(new_weights.as_ref()).map(|(old, new)| [old, new]);
        let comparison = Comparison::of(&old, &new, both);
        for output in &outputs {
            let text = match output.format {
                PageForm::Human => render::diff::human(&comparison),
                PageForm::Json => render::diff::json(&comparison).map_err(CliError::machine)?,
                PageForm::Markdown => render::diff::markdown(&comparison),
            };
            output.write(ui, &text)?;
        }
        Ok(if comparison.is_same() { exit::DONE } else { exit::REJECTED })
    }
}

/// Finds the tensors of a model: in the folder that is given, else in the bundle.
fn weights(side: &Side, model: Option<&Path>, progress: &dyn Progress) -> Result<Option<Weights>, CliError> {
    match model {
        Some(model) => Ok(Some(Weights::measured(side, model, progress)?)),
        None => Ok(Weights::recorded(side)),
    }
}
