//! `assaymark bundle create`

use std::path::PathBuf;

use crate::cli::error::CliError;
use crate::cli::format::{self, Format, Output};
use crate::cli::progress::Bar;
use crate::cli::ui::Ui;
use crate::cli::values::{self, NamedPath};
use crate::cli::{environment, exit, memory, password, scan};
use crate::create::{self, CreateError, Job, ScanJob};
use crate::files;
use crate::intoto::predicate::seal::Release;
use crate::limits;
use crate::path::TreePath;
use crate::release::{ContainerImage, Draft, LicenseExpression, ReleaseSpec};
use crate::render;
use crate::scan::TreeScan;
use crate::signer::Signer;
use crate::text;
use crate::trust::TrustRoot;
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
  SOURCE_DATE_EPOCH       the time of the release, for the same bytes from the same input";

/// Hash, describe, sign and seal a release, and verify what was made.
///
/// RELEASE_FILE says what is released (`release.toml`); flags say it instead, or on top. The bundle gets
/// a model signature, a CycloneDX ML-BOM, SLSA provenance, the result of a scan and a seal. The file list of each dataset folder
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
    /// A dataset: a file or a folder, in place of the path, digest and uri that the file gives. May be repeated.
    #[arg(long, value_name = "NAME=PATH", value_parser = values::named_path, help_heading = "Release")]
    dataset: Vec<NamedPath>,
    /// The training code: a folder; inside a git repository, its tracked files.
    #[arg(long, value_name = "PATH", help_heading = "Release")]
    code: Option<PathBuf>,
    /// A lock file that says which packages were installed, in place of those at the top of the code folder. May be repeated.
    #[arg(long, value_name = "PATH", help_heading = "Environment")]
    lock_file: Vec<PathBuf>,
    /// A BOM of others, CycloneDX or SPDX 2 in JSON, whose libraries are taken over. May be repeated.
    #[arg(long, value_name = "FILE", help_heading = "Environment")]
    sbom: Vec<PathBuf>,
    /// The image of the container in which the training ran, with its digest.
    #[arg(long, value_name = "NAME@sha256:DIGEST", help_heading = "Environment")]
    image: Option<ContainerImage>,
    /// Leave out a path of the model folder, exactly, with all beneath it. Recorded. May be repeated.
    #[arg(long, value_name = "PATH", value_parser = values::tree_path, help_heading = "Release")]
    exclude: Vec<TreePath>,
    /// Record the digest of each tensor of safetensors and GGUF, so that `bundle diff` can name layers without the weights.
    #[arg(long, help_heading = "Release")]
    tensors: bool,

    /// Whom to trust for the bundles of base models: a public key in PEM, or a trust.toml.
    #[arg(long, value_name = "FILE", help_heading = "Base models")]
    base_trust: Option<PathBuf>,
    /// What was withdrawn of them: a list by a withdrawer of that trust file.
    #[arg(long, value_name = "FILE", help_heading = "Base models", requires = "base_trust")]
    base_withdrawals: Option<PathBuf>,
    /// What the scan may allow besides the built-in list: a TOML file with names and reasons.
    #[arg(long, value_name = "FILE", help_heading = "Scan")]
    allow: Option<PathBuf>,
    /// Make the bundle though the scan found something, and record that it failed: every gate denies it.
    #[arg(long, help_heading = "Scan")]
    record_failed_scan: bool,

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
        let mut spec = self.spec(ui)?;
        self.verify_bases(ui, &mut spec)?;
        let targets = Targets::new(&self, &spec, &outputs)?;
        let key = password::read_key(ui, &self.key, self.password_file.as_deref())?;
        let allowance = scan::allowance(self.allow.as_deref())?;
        let bar = Bar::new(ui);
        let made = create::create(&Job {
            spec: &spec,
            excluded: &self.exclude,
            signer: &key,
            invocation: environment::invocation(),
            at: environment::release_time()?,
            now: environment::now(),
            progress: &bar,
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
        let algorithm = Signer::public(&key).algorithm().as_str();
        let key_id = Signer::public(&key).key_id();
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

    /// Verifies the bundles of base models.
    fn verify_bases(&self, ui: &Ui, spec: &mut ReleaseSpec) -> Result<(), CliError> {
        let has_bundle = spec.model.base.iter().any(|base| base.bundle.is_some());
        if self.base_trust.is_some() && !has_bundle {
            return Err(CliError::usage("`--base-trust` is of no use: no base model has a bundle"));
        }
        let trust = self.base_trust.as_deref().map(TrustRoot::load).transpose()?;
        let withdrawals = self.base_withdrawals.clone().map(memory::read_withdrawals).transpose()?;
        create::verify_bases(spec, trust.as_ref(), withdrawals.as_ref(), environment::now())
            .map_err(|error| explained(ui, error))?;
        for base in spec.model.base.iter().filter_map(|base| base.verified.as_ref()) {
            ui.status("Verified", &format!("the bundle of the base model {}", base.release));
        }
        Ok(())
    }

    /// Reads the release file and puts the flags on top.
    fn spec(&mut self, ui: &Ui) -> Result<ReleaseSpec, CliError> {
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
        if !self.lock_file.is_empty() {
            draft.environment.lock_files = std::mem::take(&mut self.lock_file);
        }
        draft.environment.sboms.append(&mut self.sbom);
        draft.environment.image = self.image.take().or(draft.environment.image);
        values::check_distinct(&self.dataset)?;
        for NamedPath { name, path } in self.dataset.drain(..) {
            if draft.set_dataset(&name, path).is_some() {
                ui.warning(&format!("the dataset `{name}` has no `uri`: that of the release file is for other files"));
            }
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
}

/// Says what the scan found, in full if it failed.
fn show_scan(ui: &Ui, scan: &TreeScan) {
    let counts: Vec<String> = scan.counts().map(|(rating, count)| format!("{count} {rating}")).collect();
    ui.status("Scanned", &format!("{}: {}", text::count(scan.files.len(), "file"), counts.join(", ")));
    if !scan.passes() {
        ui.page(&render::scan::human(scan));
    }
}

/// Shows the findings behind an error before the error itself.
fn explained(ui: &Ui, error: CreateError) -> CliError {
    match &error {
        CreateError::Refused(findings) => ui.page(&render::human::findings(findings)),
        CreateError::BaseRejected { report, .. } | CreateError::OwnVerification(report) => {
            ui.page(&render::human::report(report));
        }
        CreateError::Scan(scan) => ui.page(&render::scan::human(scan)),
        CreateError::Failed(failures) => {
            for failure in failures {
                ui.plain(failure.summary.raw());
            }
        }
        _ => {}
    }
    error.into()
}
