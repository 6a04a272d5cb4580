//! `assaymark bundle create`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::bundle;
use crate::cli::error::CliError;
use crate::cli::format::{self, Format, Output};
use crate::cli::progress::Bar;
use crate::cli::ui::Ui;
use crate::cli::values::{self, NamedPath};
use crate::cli::{environment, exit, password};
use crate::create::{self, CreateError, Created, Job};
use crate::file_list;
use crate::files::{self, Access, Existing, Staged, WriteError};
use crate::intoto::predicate::seal::Release;
use crate::limits;
use crate::path::TreePath;
use crate::release::{Draft, LicenseExpression, ReleaseSpec};
use crate::render;
use crate::signer::Signer;
use crate::text;

const EXAMPLES: &str = "\
Examples:
  Make the bundle of a release that a file describes:
    assaymark bundle create release.toml --key release.key

  The same from flags alone:
    assaymark bundle create --release sentiment@1.2.0 --model model/ --dataset train=data/train \\
        --code . --key release.key --output sentiment-1.2.0.intoto.jsonl

  In a pipeline, the password in the environment:
    ASSAYMARK_KEY_PASSWORD=… assaymark bundle create release.toml --key release.key

Environment:
  ASSAYMARK_KEY           the signing key, if `--key` is not given
  ASSAYMARK_KEY_PASSWORD  its password, if `--password-file` is not given
  SOURCE_DATE_EPOCH       the time of the release, for the same bytes from the same input";

/// Hash, describe, sign and seal a release, and verify what was made.
///
/// RELEASE_FILE says what is released (`release.toml`); flags say it instead, or on top. The bundle gets
/// a model signature, a CycloneDX ML-BOM, SLSA provenance and a seal. The file list of each dataset folder
/// is written beside it.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct CreateArguments {
    /// The file that describes the release; its paths are relative to its folder.
    #[arg(value_name = "RELEASE_FILE")]
    release_file: Option<PathBuf>,

    /// The release.
    #[arg(long, value_name = "NAME@VERSION", value_parser = values::release, help_heading = "Release")]
    release: Option<Release>,
    /// Its licence: an SPDX expression, or LicenseRef-….
    #[arg(long, value_name = "SPDX", help_heading = "Release")]
    license: Option<LicenseExpression>,
    /// The model: a file or a folder.
    #[arg(long, value_name = "PATH", help_heading = "Release")]
    model: Option<PathBuf>,
    /// A dataset: a file or a folder. May be repeated.
    #[arg(long, value_name = "NAME=PATH", value_parser = values::named_path, help_heading = "Release")]
    dataset: Vec<NamedPath>,
    /// The training code: a folder; inside a git repository, its tracked files.
    #[arg(long, value_name = "PATH", help_heading = "Release")]
    code: Option<PathBuf>,
    /// Leave out a path of the model folder, exactly, with all beneath it. Recorded. May be repeated.
    #[arg(long, value_name = "PATH", value_parser = values::tree_path, help_heading = "Release")]
    exclude: Vec<TreePath>,

    /// The private key that signs.
    #[arg(long, value_name = "FILE", env = "ASSAYMARK_KEY", hide_env_values = true, help_heading = "Signing")]
    key: PathBuf,
    /// The file that has its password on the first line; else ASSAYMARK_KEY_PASSWORD, else it is asked for.
    #[arg(long, value_name = "FILE", help_heading = "Signing")]
    password_file: Option<PathBuf>,

    /// Where to write the bundle; `-` is standard output. [default: NAME-VERSION.intoto.jsonl]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Write the BOM alone to a file as well.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    bom: Option<PathBuf>,
    /// Replace files that are already there.
    #[arg(long, help_heading = "Output")]
    force: bool,
    /// In which form to say what was made: human or json, to a file with `=FILE`.
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = format::parse, help_heading = "Output")]
    format: Vec<Output>,
}

/// The files that a bundle is written to.
struct Targets {
    /// None for standard output.
    bundle: Option<PathBuf>,
    lists: Vec<PathBuf>,
    bom: Option<PathBuf>,
    existing: Existing,
}

impl CreateArguments {
    pub(super) fn run(mut self, ui: &Ui) -> Result<u8, CliError> {
        let outputs = format::check(std::mem::take(&mut self.format))?;
        let spec = self.spec()?;
        let targets = self.targets(&spec, &outputs)?;
        let key = password::read_key(ui, &self.key, self.password_file.as_deref())?;
        let bar = Bar::new(ui);
        let made = create::create(&Job {
            spec: &spec,
            excluded: &self.exclude,
            signer: &key,
            invocation: environment::invocation(),
            at: environment::release_time()?,
            progress: &bar,
        });
        drop(bar);
        let made = made.map_err(|error| explained(ui, error))?;
        ui.page(&render::human::findings(&made.warnings));
        let size = format!("{}, {}", text::count(made.size.files, "file"), text::bytes(made.size.bytes));
        ui.status("Hashed", &size);
        let algorithm = Signer::public(&key).algorithm().as_str();
        let key_id = Signer::public(&key).key_id();
        ui.status("Signed", &format!("{} with the {algorithm} key {key_id}", text::count(made.lines, "line")));
        ui.status("Verified", "what was signed, with the public key");
        targets.write(ui, &made)?;
        for output in &outputs {
            output.write(ui, &targets.describe(&made, &spec, &key_id, output.format)?)?;
        }
        Ok(exit::DONE)
    }

    /// Reads the release file and puts the flags on top.
    fn spec(&mut self) -> Result<ReleaseSpec, CliError> {
        let mut draft = match &self.release_file {
            Some(path) => {
                let text = files::read_text(path, limits::CONFIGURATION_BYTES)?;
                Draft::parse(&path.display().to_string(), &text, files::folder(path))?
            }
            None => Draft::default(),
        };
        draft.release = self.release.take().or(draft.release);
        draft.license = self.license.take().or(draft.license);
        draft.model = self.model.take().or(draft.model);
        draft.code = self.code.take().or(draft.code);
        for NamedPath { name, path } in self.dataset.drain(..) {
            draft.set_dataset(&name, path);
        }
        let spec = draft.finish()?;
        if !self.exclude.is_empty() && spec.model.path.is_file() {
            return Err(CliError::usage("`--exclude` is of no use with a single file"));
        }
        let absent = |path: &&TreePath| spec.model.path.join(path.as_str()).symlink_metadata().is_err();
        if let Some(path) = self.exclude.iter().find(absent) {
            return Err(CliError::usage(format!("`--exclude {path}`: the model folder has no such path")));
        }
        Ok(spec)
    }

    /// Decides where everything goes, and refuses early what could not be written.
    fn targets(&self, spec: &ReleaseSpec, outputs: &[Output]) -> Result<Targets, CliError> {
        let bundle = match &self.output {
            Some(path) if path == Path::new("-") => None,
            Some(path) => Some(path.clone()),
            None => Some(format!("{}-{}{}", spec.release.name, spec.release.version, bundle::SUFFIX).into()),
        };
        let taken =
            bundle.is_none() && outputs.iter().any(|output| output.file().is_none() && output.format != Format::Human);
        if taken {
            return Err(CliError::usage("the bundle and a report can't both go to standard output"));
        }
        let existing = if self.force { Existing::Replace } else { Existing::Keep };
        let names = spec.datasets.iter().map(|dataset| dataset.name.as_str());
        let lists = bundle.iter().flat_map(|path| names.clone().filter_map(|name| bundle::list_path(path, name)));
        let targets = Targets { lists: lists.collect(), bom: self.bom.clone(), bundle, existing };
        let reports = outputs.iter().filter_map(|output| output.file().map(Path::to_owned));
        let all: Vec<PathBuf> = targets.all().map(Path::to_owned).chain(reports).collect();
        create::check_outputs(&all, spec)?;
        if existing == Existing::Keep {
            let present =
                [targets.bundle.as_ref(), targets.bom.as_ref()].into_iter().flatten().find(|path| path.exists());
            if let Some(path) = present {
                return Err(overwrite(WriteError::Exists { path: path.clone() }));
            }
        }
        Ok(targets)
    }
}

impl Targets {
    fn all(&self) -> impl Iterator<Item = &Path> {
        self.lists.iter().chain(&self.bom).chain(&self.bundle).map(PathBuf::as_path)
    }

    /// Writes everything to temporary files first, then makes them visible, the bundle last.
    fn write(&self, ui: &Ui, made: &Created) -> Result<(), CliError> {
        let mut staged = Vec::new();
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
        for file in staged {
            file.commit().map_err(overwrite)?;
        }
        for path in written {
            ui.status("Wrote", &format!("`{}`", path.display()));
        }
        if self.bundle.is_none() {
            ui.result_bytes(&made.bundle);
        }
        Ok(())
    }

    fn stage(&self, path: &Path) -> Result<Staged, CliError> {
        Staged::new(path, self.existing, Access::Public).map_err(overwrite)
    }

    fn describe(&self, made: &Created, spec: &ReleaseSpec, key_id: &str, format: Format) -> Result<String, CliError> {
        let bundle = self.bundle.as_ref().map(|path| path.display().to_string());
        match (format, bundle) {
            // Standard output has the bundle itself.
            (Format::Human, None) => Ok(String::new()),
            (Format::Human, Some(bundle)) => Ok(format!("{}  sha256:{}\n", text::for_terminal(&bundle), made.digest)),
            (Format::Json, bundle) => {
                let value = json!({
                    "release": spec.release, "bundle": bundle, "sha256": made.digest, "lines": made.lines,
                    "model": made.report.scope.hashed.first(), "keyId": key_id,
                });
                Ok(serde_json::to_string_pretty(&value).map_err(CliError::machine)? + "\n")
            }
        }
    }
}

/// Says of a file that is there already how it could be replaced.
fn overwrite(error: WriteError) -> CliError {
    let exists = matches!(error, WriteError::Exists { .. });
    let error = CliError::from(error);
    if exists { error.with_hint("choose another path with `--output`, or replace it with `--force`") } else { error }
}

/// Shows the findings behind an error before the error itself.
fn explained(ui: &Ui, error: CreateError) -> CliError {
    match &error {
        CreateError::Refused(findings) => ui.page(&render::human::findings(findings)),
        CreateError::OwnVerification(report) => ui.page(&render::human::report(report)),
        CreateError::Failed(failures) => {
            for failure in failures {
                ui.plain(failure.summary.raw());
            }
        }
        _ => {}
    }
    error.into()
}
