//! `assaymark policy check`

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use crate::cli::environment;
use crate::cli::error::CliError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::policy::{Policy, PolicySource, lint};
use crate::text::for_terminal;
use crate::trust::TrustRoot;

const EXAMPLES: &str = "\
Examples:
  Look for faults in a policy:
    assaymark policy check policy.toml

  Look whether the attesters whom you trust can meet it:
    assaymark policy check policy.toml --trust trust.toml";

const EXIT_STATUS: &str = "\
Exit status:
  0  no fault was found
  1  a rule can never hold, or the policy has expired
  2  the policy or the trust file can't be used";

/// Look for faults in a policy: what does not make sense, and what can never hold.
#[derive(Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{EXIT_STATUS}"))]
pub(super) struct CheckArguments {
    /// The policy.toml.
    #[arg(value_name = "FILE")]
    policy: PathBuf,
    /// Whom the verifier trusts: a public key in PEM, or a trust.toml.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

impl CheckArguments {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        let source = PolicySource::load(&self.policy)?;
        let trust = self.trust.as_deref().map(TrustRoot::load).transpose()?;
        let mut faults: BTreeSet<String> = BTreeSet::new();
        faults.extend(source.check_expiry(environment::now()).err().map(|error| error.to_string()));
        for policy in policies(&source)? {
            let found = lint(&policy, trust.as_ref().map(TrustRoot::attesters));
            faults.extend(found.into_iter().map(|(rule, reason)| format!("{rule}: {reason}")));
        }
        for (absent, what) in [
            (source.version().is_none(), "`version`: an older policy in its place can't be told from it"),
            (source.expires().is_none(), "`expires`: nobody is made to review it"),
        ] {
            if absent {
                ui.warning(&format!("it has no {what}"));
            }
        }
        for fault in &faults {
            ui.result(&format!("fault  {}\n", for_terminal(fault)));
        }
        if faults.is_empty() {
            ui.status("Checked", &format!("`{}`: no fault found", self.policy.display()));
            return Ok(exit::DONE);
        }
        Ok(exit::REJECTED)
    }
}

/// Returns the policy without a stage, if it has demands then, and at each stage.
fn policies(source: &PolicySource) -> Result<Vec<Policy>, CliError> {
    let common = source.policy(None).ok();
    let stages = source.stages().iter().map(|stage| source.policy(Some(&stage.name)));
    let stages = stages.collect::<Result<Vec<_>, _>>()?;
    Ok(common.into_iter().chain(stages).collect())
}
