//! `assaymark bom create`

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::error::CliError;
use crate::cli::paths::Paths;
use crate::cli::progress::Bar;
use crate::cli::release_arguments::{ReleaseArguments, explained};
use crate::cli::ui::Ui;
use crate::cli::{environment, exit};
use crate::create::{self, Bill, BillJob};
use crate::cyclonedx::SpecVersion;
use crate::files::{self, Access, Existing, Staged, WriteError};
use crate::release::ReleaseSpec;
use crate::render;
use crate::text;

const EXAMPLES: &str = "\
Examples:
  Describe a release to a file:
    assaymark bom create release.toml --output bom.cdx.json

  The same from flags alone, as CycloneDX 1.7 on standard output:
    assaymark bom create --release sentiment@1.2.0 --model model/ --code src/ --spec-version 1.7 --output -

Environment:
  SOURCE_DATE_EPOCH  the time that the BOM states, for the same bytes from the same input

Exit status:
  0  the BOM was made
  1  a tree can't be described: a file is broken, or what is declared contradicts what its files say
  2  the call or a file of configuration is at fault
  3  the machine is at fault";

/// Hash and describe a release as a CycloneDX ML-BOM, and sign nothing.
///
/// It says what `bundle create` says in its BOM: facts from the weights, the model card, configuration, datasets and code, and of each
/// field how it was obtained. Nothing is scanned.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct BomCreateArguments {
    #[command(flatten)]
    inputs: ReleaseArguments,

    /// Compare the data for testing with those for training row by row as well, as `bundle create --rows` does.
    #[arg(long, help_heading = "Release")]
    rows: bool,
    /// The version of CycloneDX.
    #[arg(long, value_name = "VERSION", default_value = "1.6", help_heading = "Output")]
    spec_version: Version,
    /// Where to write the BOM; `-` is standard output. [default: NAME-VERSION.cdx.json]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Replace a BOM that is already there; never a file that is read.
    #[arg(long, help_heading = "Output")]
    force: bool,
}

/// A version of CycloneDX that is written.
#[derive(Clone, Copy, ValueEnum)]
enum Version {
    /// What release bundles carry.
    #[value(name = "1.6")]
    V1_6,
    /// With citations.
    #[value(name = "1.7")]
    V1_7,
}

impl From<Version> for SpecVersion {
    fn from(version: Version) -> Self {
        match version {
            Version::V1_6 => Self::V1_6,
            Version::V1_7 => Self::V1_7,
        }
    }
}

impl BomCreateArguments {
    pub(super) fn run(mut self, ui: &Ui) -> Result<u8, CliError> {
        let spec = self.inputs.take(ui)?;
        let target = self.target(&spec)?;
        let bar = Bar::new(ui);
        let made = create::bill(&BillJob {
            spec: &spec,
            excluded: &self.inputs.exclude,
            version: self.spec_version.into(),
            at: environment::release_time()?,
            compare_rows: self.rows,
            tags: None,
            progress: &bar,
        });
        drop(bar);
        let made = made.map_err(|error| explained(ui, error))?;
        ui.page(&render::human::findings(&made.warnings));
        let size = format!("{}, {}", text::count(made.size.files, "file"), text::bytes(made.size.bytes));
        ui.status("Hashed", &size);
        match target {
            Some(path) => self.write(ui, &path, &made)?,
            None => ui.product(&made.document),
        }
        Ok(exit::DONE)
    }

    /// Decides where the BOM goes, and refuses early what could not be written.
    fn target(&self, spec: &ReleaseSpec) -> Result<Option<PathBuf>, CliError> {
        let path = match &self.output {
            Some(path) if path == Path::new("-") => return Ok(None),
            Some(path) => path.clone(),
            None => format!("{}-{}.cdx.json", spec.release.name, spec.release.version).into(),
        };
        let inputs = &self.inputs;
        let named = inputs.release_file.iter().chain(&inputs.base_trust).chain(&inputs.base_withdrawals);
        let paths = Paths::default().read(named.map(PathBuf::as_path)).of_release(spec).written([path.as_path()]);
        paths.check()?;
        paths.check_read()?;
        create::check_outputs(std::slice::from_ref(&path), spec)?;
        if !self.force && path.exists() {
            return Err(overwrite(WriteError::Exists { path }));
        }
        Ok(Some(path))
    }

    fn write(&self, ui: &Ui, path: &Path, made: &Bill) -> Result<(), CliError> {
        let existing = if self.force { Existing::Replace } else { Existing::Keep };
        let mut file = Staged::new(path, existing, Access::Public).map_err(overwrite)?;
        file.fill(|file| file.write_all(&made.document))?;
        files::commit_all(vec![file]).map_err(overwrite)?;
        ui.status("Wrote", &format!("`{}`", path.display()));
        Ok(())
    }
}

/// Says of a file that is there already how it could be replaced.
fn overwrite(error: WriteError) -> CliError {
    let exists = matches!(error, WriteError::Exists { .. });
    let error = CliError::from(error);
    if exists { error.with_hint("choose another path with `--output`, or replace it with `--force`") } else { error }
}
