//! What every command has in common that adds to a bundle: which one, whom to trust, who signs.

use std::path::PathBuf;

use clap::Args;

use crate::append::{Appended, Beside, Job, JobError};
use crate::attest::Adopted;
use crate::cli::artifact::ArtifactArguments;
use crate::cli::error::CliError;
use crate::cli::paths::Paths;
use crate::cli::progress::Bar;
use crate::cli::signing::LineSigningArguments;
use crate::cli::ui::Ui;
use crate::cli::{environment, values};
use crate::name::Name;
use crate::policy::Policy;
use crate::render;
use crate::signer::Signer;
use crate::text;
use crate::trust::TrustRoot;

/// The environment that these commands read.
pub(super) const ENVIRONMENT: &str = "\
Environment:
  ASSAYMARK_KEY           the signing key, if `--key` is not given
  ASSAYMARK_KEY_PASSWORD  its password, if `--password-file` is not given
  COSIGN_PASSWORD         the same for a key that cosign made, if neither is given";

#[derive(Args)]
pub(super) struct AdditionArguments {
    /// The release bundle, which is added to.
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// Whom to trust, the signer among them: a public key in PEM, or a trust.toml.
    #[arg(long, value_name = "FILE", help_heading = "Trust")]
    trust: PathBuf,
    /// The release that this must be.
    #[arg(long, value_name = "NAME[@VERSION]", value_parser = values::demanded_release, help_heading = "Trust")]
    release: Option<(Name, Option<Name>)>,

    #[command(flatten)]
    artifact: ArtifactArguments,
    #[command(flatten)]
    signing: LineSigningArguments,
}

impl AdditionArguments {
    /// Returns what is read by every such command.
    pub(super) fn paths(&self) -> Paths<'_> {
        let files = [&self.bundle, &self.trust].map(PathBuf::as_path);
        Paths::default().read(files).read(self.signing.read()).hashed(self.artifact.path())
    }

    /// Returns the bundle that is added to.
    pub(super) fn bundle(&self) -> &std::path::Path {
        &self.bundle
    }

    /// Runs a job on the bundle under the baseline, and says what came of it.
    pub(super) fn run(
        self,
        ui: &Ui,
        work: impl FnOnce(&Job<'_>) -> Result<Appended, JobError>,
    ) -> Result<Appended, CliError> {
        self.run_under(ui, |_| Ok(Policy::baseline().clone()), Beside::default(), work)
    }

    /// Runs a job on the bundle under a policy, and says what came of it.
    pub(super) fn run_under(
        self,
        ui: &Ui,
        policy: impl FnOnce(&TrustRoot) -> Result<Policy, CliError>,
        beside: Beside<'_>,
        work: impl FnOnce(&Job<'_>) -> Result<Appended, JobError>,
    ) -> Result<Appended, CliError> {
        let signer = |arguments: &Self| Ok(Some(arguments.signing.signer(ui)?));
        let (appended, key_id) = self.work(ui, policy, beside, signer, work)?;
        self.say(ui, "Signed", &key_id.map(|id| format!(" with the key {id}")).unwrap_or_default(), &appended);
        Ok(appended)
    }

    /// Runs a job that signs nothing on the bundle under the baseline.
    pub(super) fn import(
        &self,
        ui: &Ui,
        work: impl FnOnce(&Job<'_>) -> Result<Adopted, JobError>,
    ) -> Result<Adopted, CliError> {
        let policy = |_: &TrustRoot| Ok(Policy::baseline().clone());
        let (adopted, _) = self.work(ui, policy, Beside::default(), |_| Ok(None), work)?;
        self.say(ui, "Imported", "", &adopted.appended);
        Ok(adopted)
    }

    /// Runs a job on the bundle; returns what came of it, and the id of the key that signed.
    fn work<T>(
        &self,
        ui: &Ui,
        policy: impl FnOnce(&TrustRoot) -> Result<Policy, CliError>,
        beside: Beside<'_>,
        signer: impl FnOnce(&Self) -> Result<Option<Box<dyn Signer>>, CliError>,
        work: impl FnOnce(&Job<'_>) -> Result<T, JobError>,
    ) -> Result<(T, Option<String>), CliError> {
        if self.bundle.as_os_str() == "-" {
            return Err(CliError::usage("a line is added to a file, not to standard input"));
        }
        self.paths().check()?;
        let model = self.artifact.artifact()?;
        let trust = TrustRoot::load(&self.trust)?;
        let policy = policy(&trust)?;
        let signer = signer(self)?;
        let bar = Bar::new(ui);
        let done = work(&Job {
            bundle: &self.bundle,
            trust: &trust,
            model,
            policy: &policy,
            beside,
            release: self.release.clone(),
            signer: signer.as_deref(),
            clock: &environment::now,
            progress: &bar,
        });
        drop(bar);
        let done = done.map_err(|error| explained(ui, error))?;
        Ok((done, signer.map(|signer| signer.public().key_id())))
    }

    fn say(&self, ui: &Ui, did: &str, with: &str, appended: &Appended) {
        let sequence = appended.base.seal.sequence;
        ui.status("Verified", &format!("{}, seal {sequence}", appended.base.seal.release));
        for line in &appended.lines {
            let kind = crate::intoto::Kind::from(line.member.predicate_type.as_str());
            ui.status(did, &format!("a line of type {}{with}", kind.name()));
        }
        if appended.lines.is_empty() {
            return;
        }
        let lines = text::count(appended.lines.len(), "line");
        ui.status("Appended", &format!("{lines} to `{}`", self.bundle.display()));
    }
}

/// Shows the report behind an error before the error itself.
pub(super) fn explained(ui: &Ui, error: JobError) -> CliError {
    if let JobError::Rejected(report) | JobError::WouldNotCount(report) = &error {
        ui.page(&render::human::report(report));
    }
    error.into()
}
