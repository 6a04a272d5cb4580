//! Who signs: a private key in a file, or a program that has one elsewhere.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::environment::{self, KEY};
use crate::cli::error::CliError;
use crate::cli::password;
use crate::cli::ui::Ui;
use crate::signer::{CommandLine, CommandSigner, Signer};

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
