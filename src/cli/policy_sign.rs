//! `assaymark policy sign`

use std::path::PathBuf;

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::paths::Paths;
use crate::cli::signing::SigningArguments;
use crate::cli::ui::Ui;
use crate::cli::{environment, exit};
use crate::files::{Access, Existing, Staged};
use crate::policy::PolicySource;
use crate::policy_signature;

const EXAMPLES: &str = "\
Examples:
  Sign a policy; the signature is written beside it:
    assaymark policy sign policy.toml --key policy.key

  Verify with it:
    assaymark bundle verify sentiment-1.2.0.intoto.jsonl --trust trust.toml --model model/ \\
        --policy policy.toml --policy-trust policy.pub";

/// Sign a policy, so that `bundle verify --policy-trust` knows whose it is.
///
/// The signature is a Sigstore bundle beside the policy: policy.toml.sigstore.json. It is replaced if it is
/// there. A key that is trusted for releases is refused for policies.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct SignArguments {
    /// The policy.toml.
    #[arg(value_name = "FILE")]
    policy: PathBuf,
    #[command(flatten)]
    signing: SigningArguments,
}

impl SignArguments {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        if self.policy.as_os_str() == "-" {
            return Err(CliError::usage("the signature is written beside the policy, and standard input has no place")
                .with_hint("give the policy as a file"));
        }
        let path = policy_signature::path(&self.policy);
        Paths::default().read([self.policy.as_path()]).read(self.signing.read()).written([path.as_path()]).check()?;
        let source = PolicySource::load(&self.policy)?;
        let at = environment::release_time()?;
        source.check_expiry(at)?;
        let signer = self.signing.signer(ui)?;
        let signature = policy_signature::sign(&source, signer.as_ref(), at)?;
        Staged::with(&path, Existing::Replace, Access::Public, &[signature, b"\n".to_vec()].concat())?.commit()?;
        ui.status("Signed", &format!("`{}` with the key {}", self.policy.display(), signer.public().key_id()));
        ui.status("Wrote", &format!("`{}`", path.display()));
        Ok(exit::DONE)
    }
}
