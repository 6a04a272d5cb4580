//! Where the parts of a new bundle are written to.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::CreateArguments;
use crate::bundle;
use crate::cli::earlier;
use crate::cli::error::CliError;
use crate::cli::format::{Format, Output};
use crate::cli::paths::Paths;
use crate::cli::ui::Ui;
use crate::create::{self, Created};
use crate::file_list;
use crate::files::{self, Access, Existing, FolderLock, Staged, WriteError};
use crate::release::ReleaseSpec;
use crate::text;

/// The files that a bundle is written to.
pub(super) struct Targets {
    /// None for standard output.
    bundle: Option<PathBuf>,
    lists: Vec<PathBuf>,
    bom: Option<PathBuf>,
    existing: Existing,
}

impl Targets {
    /// Decides where everything goes, and refuses early what could not be written.
    pub(super) fn new(arguments: &CreateArguments, spec: &ReleaseSpec, outputs: &[Output]) -> Result<Self, CliError> {
        let bundle = match &arguments.output {
            Some(path) if path == Path::new("-") => None,
            Some(path) => Some(path.clone()),
            None => Some(format!("{}-{}{}", spec.release.name, spec.release.version, bundle::SUFFIX).into()),
        };
        let taken =
            bundle.is_none() && outputs.iter().any(|output| output.file().is_none() && output.format != Format::Human);
        if taken {
            return Err(CliError::usage("the bundle and a report can't both go to standard output"));
        }
        let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
        let names = spec.datasets.iter().map(|dataset| dataset.name.as_str());
        let lists = bundle.iter().flat_map(|path| names.clone().filter_map(|name| bundle::list_path(path, name)));
        let targets = Self { lists: lists.collect(), bom: arguments.bom.clone(), bundle, existing };
        let reports = outputs.iter().filter_map(|output| output.file().map(Path::to_owned));
        let all: Vec<PathBuf> = targets.all().map(Path::to_owned).chain(reports).collect();
        let paths = paths(arguments, spec).written(all.iter().map(PathBuf::as_path));
        paths.check()?;
        paths.check_read()?;
        create::check_outputs(&all, spec)?;
        earlier::note(outputs.iter().filter_map(Output::file));
        if existing == Existing::Keep {
            let present =
                [targets.bundle.as_ref(), targets.bom.as_ref()].into_iter().flatten().find(|path| path.exists());
            if let Some(path) = present {
                return Err(overwrite(WriteError::Exists { path: path.clone() }));
            }
        }
        Ok(targets)
    }

    fn all(&self) -> impl Iterator<Item = &Path> {
        self.lists.iter().chain(&self.bom).chain(&self.bundle).map(PathBuf::as_path)
    }

    /// Writes everything to temporary files first, then makes them visible, the bundle last: who sees it sees all.
    pub(super) fn write(&self, ui: &Ui, made: &Created, reports: Vec<Staged>) -> Result<(), CliError> {
        let mut staged = reports;
        let mut written = Vec::new();
        for (name, inventory) in &made.lists {
            let Some(path) = self.bundle.as_ref().and_then(|bundle| bundle::list_path(bundle, name.as_str())) else {
                ui.warning(&format!("the file list of the dataset `{name}` has no place beside standard output"));
                continue;
            };
            let mut list = self.stage(&path)?;
            list.fill(|file| file_list::write(inventory.entries(), file))?;
            staged.push(list);
            written.push(path);
        }
        for (path, content) in [(&self.bom, &made.bom), (&self.bundle, &made.bundle)] {
            if let Some(path) = path {
                let mut file = self.stage(path)?;
                file.fill(|file| file.write_all(content))?;
                staged.push(file);
                written.push(path.clone());
            }
        }
        // What two calls replace at one time would be mixed: the lists of one, the bundle of the other.
        let replaced = self.bundle.as_ref().filter(|_| self.existing == Existing::Replace);
        let lock = replaced.map(|bundle| FolderLock::of(bundle)).transpose()?;
        files::commit_all(staged).map_err(overwrite)?;
        drop(lock);
        for path in written {
            ui.status("Wrote", &format!("`{}`", path.display()));
        }
        if self.bundle.is_none() {
            ui.product(&made.bundle);
        }
        Ok(())
    }

    fn stage(&self, path: &Path) -> Result<Staged, CliError> {
        Staged::new(path, self.existing, Access::Public).map_err(overwrite)
    }

    pub(super) fn describe(
        &self,
        made: &Created,
        spec: &ReleaseSpec,
        key_id: &str,
        format: Format,
    ) -> Result<String, CliError> {
        let bundle = self.bundle.as_ref().map(|path| path.display().to_string());
        match (format, bundle) {
            // Standard output has the bundle itself.
            (Format::Human, None) => Ok(String::new()),
            (Format::Human, Some(bundle)) => Ok(format!("{}  sha256:{}\n", text::for_terminal(&bundle), made.digest)),
            (Format::Json, bundle) => {
                let value = json!({
                    "release": spec.release, "bundle": bundle, "sha256": made.digest, "lines": made.lines,
                    "hashed": made.report.scope.hashed, "keyId": key_id,
                });
                Ok(serde_json::to_string_pretty(&value).map_err(CliError::machine)? + "\n")
            }
        }
    }
}

/// Returns what is read.
fn paths<'a>(arguments: &'a CreateArguments, spec: &'a ReleaseSpec) -> Paths<'a> {
    let named = arguments.inputs.release_file.iter();
    let named = named.chain(&arguments.inputs.base_trust).chain(&arguments.inputs.base_withdrawals);
    Paths::default().read(named.map(PathBuf::as_path)).read(arguments.signing.read()).of_release(spec)
}

/// Says of a file that is there already how it could be replaced.
fn overwrite(error: WriteError) -> CliError {
    let exists = matches!(error, WriteError::Exists { .. });
    let error = CliError::from(error);
    if exists { error.with_hint("choose another path with `--output`, or replace it with `--force`") } else { error }
}
