//! `assaymark model sign`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::error::CliError;
use crate::cli::model_arguments::ModelArguments;
use crate::cli::paths::Paths;
use crate::cli::progress::Bar;
use crate::cli::ui::Ui;
use crate::cli::{exit, signing};
use crate::files::{self, Access, Existing, Staged};
use crate::limits;
use crate::model::{self, SignModelError, SignRequest};
use crate::render;
use crate::signer::{CertifiedSigner, CommandLine, Signer};

const EXAMPLES: &str = "\
Examples:
  Sign a model with a key that model_signing reads:
    assaymark key generate --algorithm ecdsa-p256 --output signing.key
    assaymark model sign key model/ --private-key signing.key --signature model.sig

  Sign it with a certificate:
    assaymark model sign certificate model/ --private-key leaf.key --signing-certificate leaf.pem \\
        --certificate-chain intermediate.pem --signature model.sig

Environment:
  ASSAYMARK_KEY           the signing key, if `--private-key` is not given
  ASSAYMARK_KEY_PASSWORD  its password, if `--password-file` is not given
  COSIGN_PASSWORD         the same for a key that cosign made, if neither is given";

#[derive(Subcommand)]
pub(super) enum ModelSignCommand {
    Certificate(CertificateArguments),
    Key(KeyArguments),
}

/// Sign a model with a private key.
///
/// The signature is that of OpenSSF Model Signing v1.0, which `model_signing` and others verify: ECDSA on
/// P-256, P-384 or P-521. It covers every file of the model, and no link. A model signature that is there is replaced,
/// and no other file.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct KeyArguments {
    #[command(flatten)]
    common: SignArguments,
}

/// Sign a model with a private key and its certificate.
///
/// As `model sign key`; verifiers know the signer by the certificate, and by the authorities above it.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct CertificateArguments {
    #[command(flatten)]
    common: SignArguments,
    /// The certificate of the key, in PEM.
    #[arg(long, alias = "signing_certificate", value_name = "FILE")]
    signing_certificate: PathBuf,
    /// Certificates above it, in PEM, in order. May be repeated.
    #[arg(long, alias = "certificate_chain", value_name = "FILE")]
    certificate_chain: Vec<PathBuf>,
}

#[derive(Args)]
struct SignArguments {
    #[command(flatten)]
    model: ModelArguments,
    /// Name a model that is a single file `.`, as `model_signing` does and demands, not by its name.
    #[arg(long)]
    dot_name: bool,
    /// The private key that signs.
    #[arg(
        long,
        alias = "private_key",
        value_name = "FILE",
        env = "ASSAYMARK_KEY",
        hide_env_values = true,
        required_unless_present = "signer_command"
    )]
    private_key: Option<PathBuf>,
    /// The file that has its password on the first line; else ASSAYMARK_KEY_PASSWORD, else it is asked for.
    #[arg(long, value_name = "FILE", conflicts_with = "signer_command")]
    password_file: Option<PathBuf>,
    /// A program that signs in place of a key, for KMS and HSM: words at spaces, no shell. See docs/signers.md.
    #[arg(long, value_name = "CMD", value_parser = CommandLine::parse)]
    signer_command: Option<CommandLine>,
    #[arg(long, hide = true)]
    password: Option<String>,
}

impl ModelSignCommand {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        match self {
            Self::Key(arguments) => {
                let key = arguments.common.key(ui, &[])?;
                arguments.common.sign(ui, key.as_ref())
            }
            Self::Certificate(arguments) => arguments.run(ui),
        }
    }
}

impl CertificateArguments {
    fn run(self, ui: &Ui) -> Result<u8, CliError> {
        let files: Vec<&PathBuf> = [&self.signing_certificate].into_iter().chain(&self.certificate_chain).collect();
        let key = self.common.key(ui, &files)?;
        let signer = CertifiedSigner::new(key, signing::chain(files)?)?;
        self.common.sign(ui, &signer)
    }
}

impl SignArguments {
    /// Checks the call, and returns who signs.
    fn key(&self, ui: &Ui, more: &[&PathBuf]) -> Result<Box<dyn Signer>, CliError> {
        self.model.check()?;
        if self.password.is_some() {
            return Err(CliError::usage("a password on the command line is seen by others")
                .with_hint("give `--password-file FILE`, or set ASSAYMARK_KEY_PASSWORD"));
        }
        let key = self.private_key.iter().filter(|_| self.signer_command.is_none());
        let read = key.chain(&self.password_file).chain(more.iter().copied());
        Paths::default()
            .read(read.map(PathBuf::as_path))
            // Not as a folder that is hashed: a signature may lie in its model.
            .read([self.model.model.as_path()])
            .written([self.model.signature.as_path()])
            .check()?;
        self.check_replaced()?;
        signing::signer(
            ui,
            "--private-key",
            self.private_key.as_deref(),
            self.password_file.as_deref(),
            self.signer_command.as_ref(),
        )
    }

    /// What is replaced must be a model signature: what lies in the model where the signature is to be is not even hashed,
    /// and whatever else is there was meant to stay.
    fn check_replaced(&self) -> Result<(), CliError> {
        let path = &self.model.signature;
        if !path.exists() {
            return Ok(());
        }
        // Not noted as an input: it is what the call replaces.
        let bytes = files::read_own(path, limits::LINE_BYTES);
        if bytes.is_ok_and(|bytes| model::is_signature(&bytes)) {
            return Ok(());
        }
        let of_model = if self.model.signature_inside().is_some() { " of the model" } else { "" };
        let message =
            format!("the output `{}` would replace a file{of_model} that is no model signature", path.display());
        Err(CliError::usage(message).with_hint("write it somewhere else, or remove that file first"))
    }

    fn sign(&self, ui: &Ui, signer: &dyn Signer) -> Result<u8, CliError> {
        let ignored: Vec<_> = self.model.ignored()?.into_iter().chain(self.model.signature_inside()).collect();
        let bar = Bar::new(ui);
        let made = model::sign(&SignRequest {
            model: &self.model.model,
            ignored: &ignored,
            ignore_git_names: self.model.ignores_git_names(),
            dot: self.dot_name,
            signer,
            progress: &bar,
        });
        drop(bar);
        if let Err(SignModelError::Refused(findings)) = &made {
            ui.page(&render::human::findings(findings));
        }
        let (bytes, inventory) = made?;
        let path = &self.model.signature;
        Staged::with(path, Existing::Replace, Access::Public, &bytes)?.commit()?;
        ui.status("Signed", &format!("`{}`, {}", self.model.model.display(), inventory.summary()));
        ui.status("Wrote", &format!("`{}`", path.display()));
        Ok(exit::DONE)
    }
}
