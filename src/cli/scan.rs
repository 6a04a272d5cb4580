//! `assaymark scan`

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::EXIT_STATUS;
use crate::cli::error::CliError;
use crate::cli::format::{self, Format, Output};
use crate::cli::paths::Paths;
use crate::cli::ui::Ui;
use crate::files;
use crate::limits;
use crate::render;
use crate::scan::{self, Allowance, Conclusion, TreeScan};
use crate::text::Text;

const EXAMPLES: &str = "\
Examples:
  Does any file of a model hold code?
    assaymark scan model/

  For a code host, and for people:
    assaymark scan model/ weights.pt --format sarif=scan.sarif --format human

  Allow what you have reviewed yourself:
    assaymark scan model/ --allow allow.toml

  allow.toml has the whole names, each with a reason:
    [[allow]]
    name = \"ours.model.Classifier\"
    reason = \"our class, reviewed on 2026-01-01\"
";

/// Look for code in the files of a model, without running or importing anything.
///
/// What a file is, its content says. Each file gets one of: inert (nothing executes such files), clean (the
/// format can hold code, and none is there), unknown (it can't be read to its end, or is of no known
/// format), suspicious, malicious. All must be inert or clean to pass.
#[derive(Args)]
#[command(after_long_help = format!("{EXAMPLES}\n{EXIT_STATUS}"))]
pub(super) struct ScanArguments {
    /// Files and folders.
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// What may be imported besides the built-in list: a TOML file with names and reasons.
    #[arg(long, value_name = "FILE")]
    allow: Option<PathBuf>,
    /// In which form: human, json or sarif, to a file with `=FILE`. May be repeated.
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = parse, help_heading = "Output")]
    format: Vec<ScanOutput>,
}

/// A form of a scan, and where to write it.
#[derive(Clone, Debug)]
struct ScanOutput {
    output: Output,
    sarif: bool,
}

fn parse(text: &str) -> Result<ScanOutput, String> {
    // SARIF is JSON: it is written where JSON would be.
    let sarif = text == "sarif" || text.starts_with("sarif=");
    let other = if sarif { text.replacen("sarif", "json", 1) } else { text.to_owned() };
    let output =
        format::parse(&other).map_err(|fault| fault.replace("`human` or `json`", "`human`, `json` or `sarif`"))?;
    Ok(ScanOutput { output, sarif })
}

impl ScanArguments {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        let sarif: Vec<bool> = self.format.iter().map(|one| one.sarif).chain([false]).collect();
        let outputs = format::check(self.format.into_iter().map(|one| one.output).collect())?;
        Paths::default()
            .read(self.allow.as_deref())
            .hashed(self.paths.iter().map(PathBuf::as_path))
            .reports(&outputs)
            .check()?;
        if self.paths.iter().any(|path| path.as_os_str() == "-") {
            let fault = CliError::usage("standard input is not scanned by the name `-`");
            return Err(fault.with_hint("give the path of a file or a folder"));
        }
        let allowance = allowance(self.allow.as_deref())?;
        let mut all = TreeScan { files: Vec::new() };
        // What is named twice is one file.
        let mut seen = HashSet::new();
        for path in self.paths.iter().filter(|path| seen.insert(*path)) {
            all.files.extend(under(path, scan::tree(path, &allowance)?));
        }
        for (output, sarif) in outputs.iter().zip(sarif) {
            output.write(ui, &render(&all, output.format, sarif)?)?;
        }
        if all.conclusion() == Conclusion::Nothing {
            return Err(CliError::usage("nothing was scanned: there is no file"));
        }
        Ok(all.conclusion().exit_status())
    }
}

/// Reads the names that the user allows.
pub(super) fn allowance(file: Option<&Path>) -> Result<Allowance, CliError> {
    let Some(path) = file else { return Ok(Allowance::default()) };
    let text = files::read_text(path, limits::CONFIGURATION_BYTES)?;
    Ok(Allowance::parse(&path.display().to_string(), &text)?)
}

/// Names the files of a folder by the path that the user gave.
fn under(path: &Path, mut scan: TreeScan) -> Vec<scan::FileScan> {
    for file in &mut scan.files {
        let full = if path.is_dir() { path.join(file.path.raw()) } else { path.to_owned() };
        file.path = Text::from(full.to_string_lossy().into_owned());
    }
    scan.files
}

fn render(scan: &TreeScan, format: Format, sarif: bool) -> Result<String, CliError> {
    match format {
        Format::Human => Ok(render::scan::human(scan)),
        Format::Json if sarif => render::scan_sarif::scan(scan).map_err(CliError::machine),
        Format::Json => render::scan::json(scan).map_err(CliError::machine),
    }
}
