//! `assaymark bundle promote`

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::append::{Beside, Job};
use crate::cli::addition::{AdditionArguments, ENVIRONMENT};
use crate::cli::error::CliError;
use crate::cli::memory::MemoryArguments;
use crate::cli::ui::Ui;
use crate::cli::values::{self, NamedPath};
use crate::cli::{environment, exit, paths};
use crate::name::Name;
use crate::policy::{PackageFacts, PolicySource};
use crate::policy_signature;
use crate::promote::{Entry, promote};
use crate::trust::TrustRoot;
use crate::verify::Artifact;

const EXAMPLES: &str = "\
Examples:
  Let a release into a stage of the policy:
    assaymark bundle promote sentiment-1.2.0.intoto.jsonl --to staging --policy policy.toml \\
        --release sentiment@1.2.0 --trust trust.toml --model model/ --key gate.key

  Where it is used, demand that, and check again:
    assaymark bundle verify sentiment-1.2.0.intoto.jsonl --stage staging --policy policy.toml \\
        --release sentiment@1.2.0 --trust trust.toml --model model/
";

/// Verify a release bundle against the policy of a stage, and let it in.
///
/// The release must be in the stage before. A verification summary (SLSA VSA) and a new seal are added. The
/// key must be of an attester with the role `promoter`; unsafe doors are those that the policy permits. A release that the
/// same verifier let in before, under the same policy and with the same evidence, stays as it is: so the call can be
/// repeated.
#[derive(Args)]
#[command(after_long_help = format!("{EXAMPLES}\n{ENVIRONMENT}"))]
pub(super) struct PromoteArguments {
    #[command(flatten)]
    addition: AdditionArguments,
    /// The stage of the policy.
    #[arg(long, value_name = "STAGE", help_heading = "Policy")]
    to: Name,
    /// What must hold: a policy.toml with stages.
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    policy: PathBuf,
    /// Who may sign policies: a public key in PEM, or a trust.toml. An unsigned policy is refused.
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    policy_trust: Option<PathBuf>,
    /// What is known of packages beside the evidence.
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    package_facts: Option<PathBuf>,
    /// A dataset to hash, by its name in the release. May be repeated.
    #[arg(long, value_name = "NAME=PATH", value_parser = values::named_path, help_heading = "Files")]
    dataset: Vec<NamedPath>,
    /// The training code to hash.
    #[arg(long, value_name = "PATH", help_heading = "Files")]
    code: Option<PathBuf>,
    #[command(flatten)]
    memory: MemoryArguments,
}

impl PromoteArguments {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        values::check_distinct(&self.dataset)?;
        let policy = [&self.policy].into_iter().chain(&self.policy_trust).chain(&self.package_facts);
        let paths = self.addition.paths().read(policy.map(PathBuf::as_path)).read(self.memory.read());
        let paths = paths.hashed(self.dataset.iter().map(|one| one.path.as_path())).hashed(self.code.as_deref());
        let paths = paths.written(self.memory.written());
        paths.check()?;
        let state_path = self.memory.written().map(Path::to_owned);
        let state = self.memory.state()?;
        let facts = self.package_facts.as_deref().map(PackageFacts::load).transpose()?;
        let (to, within) = (&self.to, OnceCell::new());
        let policy = |trust: &TrustRoot| -> Result<_, CliError> {
            let source = match &self.policy_trust {
                Some(path) => policy_signature::load(&self.policy, &TrustRoot::load(path)?, trust, environment::now())?,
                None => PolicySource::load(&self.policy)?,
            };
            paths::check_read(state_path.as_deref())?;
            // It is set once, for this is called once.
            let _ = within.set(source.policy(Some(to))?);
            Ok(source.policy_to_enter(to)?)
        };
        let work =
            |job: &Job<'_>| promote(job, Entry { stage: to, within: within.get(), version: env!("CARGO_PKG_VERSION") });
        let beside = Beside {
            package_facts: facts.as_ref(),
            datasets: self.dataset.iter().map(|one| (one.name.clone(), Artifact::Path(one.path.clone()))).collect(),
            code: self.code.clone().map(Artifact::Path),
            withdrawals: self.memory.withdrawals()?,
            state: state.as_ref(),
        };
        let appended = self.addition.run_under(ui, policy, beside, work)?;
        self.memory.remember(&appended.report)?;
        let seal = &appended.base.seal;
        if appended.lines.is_empty() {
            ui.status("Unchanged", &format!("{} is in `{to}` already, seal {}", seal.release, seal.sequence));
            if self.memory.read().is_none() {
                ui.hint("whether a list of withdrawals takes it out is seen with `--withdrawals` alone");
            }
        } else {
            ui.status("Promoted", &format!("{} to `{to}`, seal {}", seal.release, seal.sequence + 1));
        }
        Ok(exit::DONE)
    }
}
