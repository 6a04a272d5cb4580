//! `assaymark bundle inspect`

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::bundle::UnverifiedBundle;
use crate::cli::error::CliError;
use crate::cli::exit;
use crate::cli::format::{self, Format, Output};
use crate::cli::paths::Paths;
use crate::cli::ui::Ui;
use crate::fault::Blame;
use crate::files::{Access, Existing, Staged};
use crate::inspect::Inspection;
use crate::render::{self, inspection::View};

const EXAMPLES: &str = "\
Examples:
  What does this bundle say?
    assaymark bundle inspect sentiment-1.2.0.intoto.jsonl

  The BOM, for another tool:
    assaymark bundle inspect sentiment-1.2.0.intoto.jsonl --predicate bom --output bom.json

  The model signature, for model_signing:
    assaymark bundle inspect sentiment-1.2.0.intoto.jsonl --line model-signature --output model.sig";

/// Show what a release bundle says, without verifying anything.
///
/// Where no line can be read, the exit status is 1.
///
/// A SELECTOR is the number of a line, or the type of one: model-signature, bom, provenance, test-result,
/// vulnerabilities, openvex, approval, waiver, verification-summary, tensors, seal, or the URI of a predicate type.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct InspectArguments {
    /// The release bundle; `-` is standard input.
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// What to show.
    #[arg(long, value_enum, default_value_t = Shown::Summary, help_heading = "Output")]
    show: Shown,
    /// In which form: human or json, to a file with `=FILE`, which is replaced.
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = format::parse::<Format>, help_heading = "Output")]
    format: Vec<Output>,
    /// Extract a line as it is: a Sigstore bundle.
    #[arg(long, value_name = "SELECTOR", help_heading = "Extract", group = "extract", conflicts_with_all = ["show", "format"])]
    line: Option<String>,
    /// Extract the signed payload of a line: an in-toto statement, byte for byte.
    #[arg(long, value_name = "SELECTOR", help_heading = "Extract", group = "extract", conflicts_with_all = ["show", "format"])]
    payload: Option<String>,
    /// Extract the predicate of a line, indented.
    #[arg(long, value_name = "SELECTOR", help_heading = "Extract", group = "extract", conflicts_with_all = ["show", "format"])]
    predicate: Option<String>,
    /// Where to write what is extracted; standard output if it is not given.
    #[arg(short, long, value_name = "FILE", help_heading = "Extract", requires = "extract")]
    output: Option<PathBuf>,
    /// Replace the output file.
    #[arg(long, help_heading = "Extract", requires = "output")]
    force: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Shown {
    Summary,
    Statements,
    Bom,
    Files,
}

impl InspectArguments {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        let outputs = format::check(self.format.clone())?;
        let extracted = self.output.as_deref().filter(|path| path.as_os_str() != "-");
        Paths::default().read([self.bundle.as_path()]).reports(&outputs).written(extracted).check()?;
        let (bundle, findings) = UnverifiedBundle::read(&self.bundle)?;
        if findings.deny() {
            ui.page(&render::human::findings(&findings));
            return Ok(exit::of_blame(Blame::Evidence));
        }
        let inspection = Inspection::of(bundle);
        if let Some(extract) = self.extract(&inspection)? {
            self.write(ui, &extract)?;
            return Ok(exit::DONE);
        }
        let view = match self.show {
            Shown::Summary => View::Summary,
            Shown::Statements => View::Statements,
            Shown::Bom => View::Bom,
            Shown::Files => View::Files,
        };
        for output in outputs {
            let text = match output.format {
                Format::Human => render::inspection::human(&inspection, view),
                Format::Json => render::inspection::json(&inspection, view).map_err(CliError::machine)?,
            };
            output.write(ui, &text)?;
        }
        if inspection.is_unreadable() {
            let message = "no line of it is a signed statement: this is no release bundle";
            return Err(CliError::evidence(message).about(&self.bundle));
        }
        Ok(exit::DONE)
    }

    fn extract(&self, inspection: &Inspection) -> Result<Option<Vec<u8>>, CliError> {
        if let Some(selector) = &self.line {
            let line = inspection.select(selector)?;
            return Ok(Some([line.bytes.as_slice(), b"\n"].concat()));
        }
        if let Some(selector) = &self.payload {
            return Ok(Some(inspection.select(selector)?.payload()?.to_owned()));
        }
        let Some(selector) = &self.predicate else { return Ok(None) };
        let predicate = inspection.select(selector)?.predicate()?;
        let mut text = serde_json::to_vec_pretty(&predicate).map_err(CliError::machine)?;
        text.push(b'\n');
        Ok(Some(text))
    }

    fn write(&self, ui: &Ui, content: &[u8]) -> Result<(), CliError> {
        match &self.output {
            Some(path) if path.as_os_str() != "-" => {
                let existing = if self.force { Existing::Replace } else { Existing::Keep };
                Staged::with(path, existing, Access::Public, content)?.commit()?;
                ui.status("Extracted", &format!("`{}`, unverified", path.display()));
            }
            _ => ui.product(content),
        }
        Ok(())
    }
}
