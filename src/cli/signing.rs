//! Who signs: a private key in a file, or a program that has one elsewhere.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::certificate;
use crate::cli::environment::{self, KEY};
use crate::cli::error::CliError;
use crate::cli::password;
use crate::cli::ui::Ui;
use crate::files;
use crate::limits;
use crate::signer::{CertifiedSigner, CommandLine, CommandSigner, Signer};

#[derive(Args)]
pub(super) struct SigningArguments {
    /// The private key that signs.
    #[arg(
        long,
        value_name = "FILE",
        env = "ASSAYMARK_KEY",
        hide_env_values = true,
        help_heading = "Signing",
        required_unless_present = "signer_command"
    )]
    key: Option<PathBuf>,
    /// The file that has its password on the first line; else ASSAYMARK_KEY_PASSWORD, else it is asked for.
    #[arg(long, value_name = "FILE", help_heading = "Signing", conflicts_with = "signer_command")]
    password_file: Option<PathBuf>,
    /// A program that signs in place of a key, for KMS and HSM: words at spaces, no shell. See docs/signers.md.
    #[arg(long, value_name = "CMD", value_parser = CommandLine::parse, help_heading = "Signing")]
    signer_command: Option<CommandLine>,
}

impl SigningArguments {
    /// Returns the files that are read.
    pub(super) fn read(&self) -> impl Iterator<Item = &Path> {
        let key = self.key.iter().filter(|_| self.signer_command.is_none());
        key.chain(&self.password_file).map(PathBuf::as_path)
    }

    /// Reads the key, or starts the program for the first time.
    pub(super) fn signer(&self, ui: &Ui) -> Result<Box<dyn Signer>, CliError> {
        signer(ui, "--key", self.key.as_deref(), self.password_file.as_deref(), self.signer_command.as_ref())
    }
}

/// Who signs lines of a release bundle: as [`SigningArguments`], and perhaps under a certificate.
#[derive(Args)]
pub(super) struct LineSigningArguments {
    #[command(flatten)]
    signing: SigningArguments,
    /// The certificate of the key, in PEM: verifiers then know the signer by the name in it and an authority in their trust
    /// file.
    #[arg(long, value_name = "FILE", help_heading = "Signing")]
    signing_certificate: Option<PathBuf>,
    /// Certificates between it and the authority, in PEM, in order. May be repeated.
    #[arg(long, value_name = "FILE", help_heading = "Signing", requires = "signing_certificate")]
    certificate_chain: Vec<PathBuf>,
}

impl LineSigningArguments {
    /// Returns the files that are read.
    pub(super) fn read(&self) -> impl Iterator<Item = &Path> {
        self.signing.read().chain(self.certificates().map(PathBuf::as_path))
    }

    fn certificates(&self) -> impl Iterator<Item = &PathBuf> {
        self.signing_certificate.iter().chain(&self.certificate_chain)
    }

    /// Reads the key and its certificates, or starts the program for the first time.
    pub(super) fn signer(&self, ui: &Ui) -> Result<Box<dyn Signer>, CliError> {
        let signer = self.signing.signer(ui)?;
        if self.signing_certificate.is_none() {
            return Ok(signer);
        }
        Ok(Box::new(CertifiedSigner::of_lines(signer, chain(self.certificates())?, environment::now())?))
    }
}

/// Reads certificates from files in PEM, in their order.
pub(super) fn chain<'f>(files: impl IntoIterator<Item = &'f PathBuf>) -> Result<Vec<Vec<u8>>, CliError> {
    let mut chain = Vec::new();
    for path in files {
        let text = files::read_text(path, limits::CONFIGURATION_BYTES)?;
        chain.extend(certificate::chain_from_pem(&text).map_err(|error| CliError::from(error).about(path))?);
    }
    Ok(chain)
}

/// Returns the signer that a call names: by one of two flags. A key in the environment gives way to a program.
pub(super) fn signer(
    ui: &Ui,
    flag: &str,
    key: Option<&Path>,
    password_file: Option<&Path>,
    command: Option<&CommandLine>,
) -> Result<Box<dyn Signer>, CliError> {
    match (key, command) {
        (Some(key), Some(_)) if environment::variable(KEY).is_none_or(|named| Path::new(&named) != key) => {
            Err(CliError::usage(format!("`{flag}` and `--signer-command` name two signers"))
                .with_hint("give one of them"))
        }
        (_, Some(command)) => Ok(Box::new(CommandSigner::new(command.clone())?)),
        (Some(key), None) => Ok(Box::new(password::read_key(ui, key, password_file)?)),
        (None, None) => Err(CliError::usage(format!("neither `{flag}` nor `--signer-command` is given"))),
    }
}
