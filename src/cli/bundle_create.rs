//! `assaymark bundle create`

use std::path::PathBuf;

use crate::cli::error::CliError;
use crate::cli::format::{self, Format, Output};
use crate::cli::progress::Bar;
use crate::cli::release_arguments::{ReleaseArguments, explained};
use crate::cli::signing::LineSigningArguments;
use crate::cli::ui::Ui;
use crate::cli::{environment, exit, scan};
use crate::create::{self, Job, ScanJob};
use crate::render;
use crate::scan::TreeScan;
use crate::text;
use clap::Args;
use targets::Targets;

mod targets;

const EXAMPLES: &str = "\
Examples:
  Make the bundle of a release that a file describes:
    assaymark bundle create release.toml --key release.key

  The same from flags alone:
    assaymark bundle create --release sentiment@1.2.0 --model model/ --dataset train=data/train \\
        --code src/ --key release.key --output sentiment-1.2.0.intoto.jsonl

  In a pipeline, the password in the environment:
    ASSAYMARK_KEY_PASSWORD=… assaymark bundle create release.toml --key release.key

Environment:
  ASSAYMARK_KEY           the signing key, if `--key` is not given
  ASSAYMARK_KEY_PASSWORD  its password, if `--password-file` is not given
  COSIGN_PASSWORD         the same for a key that cosign made, if neither is given
  SOURCE_DATE_EPOCH       the time of the release, for the same bytes from the same input";

/// Hash, describe, sign and seal a release, and verify what was made.
///
/// RELEASE_FILE says what is released (`release.toml`); flags say it instead, or on top. The bundle gets
/// a model signature, a CycloneDX ML-BOM, SLSA provenance, the result of a scan and a seal. The file list of each dataset folder
/// is written beside it.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(super) struct CreateArguments {
    #[command(flatten)]
    inputs: ReleaseArguments,
    /// Compare the data for testing with those for training row by row as well: CSV, JSON Lines and Parquet. Recorded.
    #[arg(long, help_heading = "Release")]
    rows: bool,
    /// Record the digest of each tensor of safetensors and GGUF, so that `bundle diff` can name layers without the weights.
    #[arg(long, help_heading = "Release")]
    tensors: bool,

    /// What the scan may allow besides the built-in list: a TOML file with names and reasons.
    #[arg(long, value_name = "FILE", help_heading = "Scan")]
    allow: Option<PathBuf>,
    /// Make the bundle though the scan found something, and record that it failed: every gate denies it.
    #[arg(long, help_heading = "Scan")]
    record_failed_scan: bool,

    #[command(flatten)]
    signing: LineSigningArguments,

    /// Where to write the bundle; `-` is standard output. [default: NAME-VERSION.intoto.jsonl]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Write the BOM alone to a file as well.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    bom: Option<PathBuf>,
    /// Replace a bundle, file lists and a BOM that are already there; never a file that is read.
    #[arg(long, help_heading = "Output")]
    force: bool,
    /// In which form to say what was made: human or json, to a file with `=FILE`, which is replaced.
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = format::parse::<Format>, help_heading = "Output")]
    format: Vec<Output>,
}

impl CreateArguments {
    pub(super) fn run(mut self, ui: &Ui) -> Result<u8, CliError> {
        let outputs = format::check(std::mem::take(&mut self.format))?;
        let spec = self.inputs.take(ui)?;
        let targets = Targets::new(&self, &spec, &outputs)?;
        let signer = self.signing.signer(ui)?;
        let allowance = scan::allowance(self.allow.as_deref())?;
        let bar = Bar::new(ui);
        let made = create::create(&Job {
            spec: &spec,
            excluded: &self.inputs.exclude,
            signer: signer.as_ref(),
            invocation: environment::invocation(),
            at: environment::release_time()?,
            now: environment::now(),
            progress: &bar,
            compare_rows: self.rows,
            scan: Some(ScanJob {
                allowance: &allowance,
                record_failed: self.record_failed_scan,
                program: Some(environment::program()?),
            }),
            tensors: self.tensors,
        });
        drop(bar);
        let made = made.map_err(|error| explained(ui, error))?;
        ui.page(&render::human::findings(&made.warnings));
        let size = format!("{}, {}", text::count(made.size.files, "file"), text::bytes(made.size.bytes));
        ui.status("Hashed", &size);
        if let Some(scan) = &made.scan {
            show_scan(ui, scan);
        }
        let algorithm = signer.public().algorithm().as_str();
        let key_id = signer.public().key_id();
        ui.status("Signed", &format!("{} with the {algorithm} key {key_id}", text::count(made.lines, "line")));
        ui.status("Verified", "what was signed, with the public key");
        let (mut reports, mut printed) = (Vec::new(), Vec::new());
        for output in &outputs {
            let text = targets.describe(&made, &spec, &key_id, output.format)?;
            match output.stage(&text)? {
                Some(file) => reports.push(file),
                None => printed.push((output, text)),
            }
        }
        targets.write(ui, &made, reports)?;
        for (output, text) in printed {
            output.print(ui, &text);
        }
        Ok(exit::DONE)
    }
}

/// Says what the scan found, in full if it failed.
fn show_scan(ui: &Ui, scan: &TreeScan) {
    let counts: Vec<String> = scan.counts().map(|(rating, count)| format!("{count} {rating}")).collect();
    ui.status("Scanned", &format!("{}: {}", text::count(scan.files.len(), "file"), counts.join(", ")));
    if !scan.passes() {
        ui.page(&render::scan::human(scan));
    }
}
