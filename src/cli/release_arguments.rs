//! The arguments that name a release and what it is made of: the same wherever something is made of it.

use std::path::PathBuf;

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::ui::Ui;
use crate::cli::values::{self, NamedPath};
use crate::cli::{environment, memory};
use crate::create::{self, CreateError};
use crate::files;
use crate::intoto::predicate::seal::Release;
use crate::limits;
use crate::path::TreePath;
use crate::release::{ContainerImage, Draft, LicenseExpression, ReleaseSpec};
use crate::render;
use crate::trust::TrustRoot;

/// What a release is made of.
#[derive(Args)]
pub(super) struct ReleaseArguments {
    /// The file that describes the release; its paths are relative to its folder.
    #[arg(value_name = "RELEASE_FILE")]
    pub(super) release_file: Option<PathBuf>,

    /// The release.
    #[arg(long, value_name = "NAME@VERSION", value_parser = values::release, help_heading = "Release")]
    pub(super) release: Option<Release>,
    /// Its licence: an SPDX expression, or LicenseRef-….
    #[arg(long, value_name = "SPDX", help_heading = "Release")]
    pub(super) license: Option<LicenseExpression>,
    /// The model: a file or a folder.
    #[arg(long, value_name = "PATH", help_heading = "Release")]
    pub(super) model: Option<PathBuf>,
    /// A dataset: a file or a folder, in place of the path, digest and uri that the file gives. May be repeated.
    #[arg(long, value_name = "NAME=PATH", value_parser = values::named_path, help_heading = "Release")]
    pub(super) dataset: Vec<NamedPath>,
    /// The training code: a folder; inside a git repository, its tracked files.
    #[arg(long, value_name = "PATH", help_heading = "Release")]
    pub(super) code: Option<PathBuf>,
    /// A lock file that says which packages were installed, in place of those at the top of the code folder. May be repeated.
    #[arg(long, value_name = "PATH", help_heading = "Environment")]
    pub(super) lock_file: Vec<PathBuf>,
    /// A BOM of others, CycloneDX or SPDX 2 in JSON, whose libraries are taken over. May be repeated.
    #[arg(long, value_name = "FILE", help_heading = "Environment")]
    pub(super) sbom: Vec<PathBuf>,
    /// The image of the container in which the training ran, with its digest.
    #[arg(long, value_name = "NAME@sha256:DIGEST", help_heading = "Environment")]
    pub(super) image: Option<ContainerImage>,
    /// Leave out a path of the model folder, exactly, with all beneath it. Recorded. May be repeated.
    #[arg(long, value_name = "PATH", value_parser = values::tree_path, help_heading = "Release")]
    pub(super) exclude: Vec<TreePath>,

    /// Whom to trust for the bundles of base models: a public key in PEM, or a trust.toml.
    #[arg(long, value_name = "FILE", help_heading = "Base models")]
    pub(super) base_trust: Option<PathBuf>,
    /// What was withdrawn of them: a list by a withdrawer of that trust file.
    #[arg(long, value_name = "FILE", help_heading = "Base models", requires = "base_trust")]
    pub(super) base_withdrawals: Option<PathBuf>,
}

impl ReleaseArguments {
    /// Reads the release file, puts the flags on top, and verifies the bundles of base models.
    pub(super) fn take(&mut self, ui: &Ui) -> Result<ReleaseSpec, CliError> {
        let mut spec = self.spec(ui)?;
        self.verify_bases(ui, &mut spec)?;
        Ok(spec)
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

/// Shows the findings behind an error before the error itself.
pub(super) fn explained(ui: &Ui, error: CreateError) -> CliError {
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
