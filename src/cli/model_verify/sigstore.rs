//! `assaymark model verify sigstore`

use std::path::PathBuf;

use clap::Args;

use super::{EXAMPLES, EXIT_STATUS, VerifyArguments};
use crate::cli::error::CliError;
use crate::cli::ui::Ui;
use crate::files;
use crate::limits;
use crate::model::TrustedSigner;
use crate::sigstore::{Identity, Root, RootError, Subject};

/// Verify a model that was signed without a lasting key: by somebody with a certificate of Sigstore.
///
/// The certificate must name the identity and its provider, both exactly; a certificate log and a transparency log
/// must have it and the signature, at a time at which it was valid. Offline: the authorities and logs are those of
/// the file that you name.
#[derive(Args)]
#[command(after_long_help = format!("{EXAMPLES}\n{EXIT_STATUS}"))]
pub(in crate::cli) struct SigstoreArguments {
    #[command(flatten)]
    common: VerifyArguments,
    /// Whom the certificate must name, exactly: an e-mail address, or the URI of a workflow or a service.
    #[arg(long, value_name = "SUBJECT")]
    identity: String,
    /// The provider that vouched for the identity, exactly: the URL of the OIDC issuer.
    #[arg(long, alias = "identity_provider", value_name = "URL")]
    identity_provider: String,
    /// The authorities and logs that are trusted: a client trust config, or a trusted root.
    #[arg(long, alias = "trust_config", value_name = "FILE", required_unless_present = "use_staging")]
    trust_config: Option<PathBuf>,
    #[arg(long, alias = "use_staging", hide = true)]
    use_staging: bool,
}

impl SigstoreArguments {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        let path = self.trust_config.as_ref().filter(|_| !self.use_staging);
        let Some(path) = path else {
            return Err(CliError::usage("there is no `--use-staging`: nothing is fetched")
                .with_hint("name the trusted root of the staging instance with `--trust-config`"));
        };
        if self.identity.is_empty() || self.identity_provider.is_empty() {
            return Err(CliError::usage("an identity has a subject and a provider, and neither is empty"));
        }
        let outputs = self.common.check(&[path])?;
        let text = files::read_text(path, limits::CONFIGURATION_BYTES)?;
        let root = Root::parse(&text).map_err(|error| unusable(error).about(path))?;
        let identity = Identity { subject: Subject::Exact(self.identity), issuer: self.identity_provider };
        let name = path.display().to_string();
        let trusted = TrustedSigner::Identity { name: &name, root: &root, identity: &identity };
        self.common.verify(ui, &outputs, trusted)
    }
}

/// A trust domain without logs is for `trust.toml`, which can say that it has none.
fn unusable(error: RootError) -> CliError {
    let hint = matches!(error, RootError::NoLogs)
        .then_some("a model signature without a log is read in a release bundle only, by a trust file that says so");
    let error = CliError::from(error);
    match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}
