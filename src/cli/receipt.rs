//! `--receipt`: what a verification said, signed.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::ui::Ui;
use crate::cli::{environment, password};
use crate::files::{Access, Existing, Staged};
use crate::receipt::receipt;
use crate::signer::{CommandLine, CommandSigner, Signer};
use crate::verify::Report;

#[derive(Args)]
pub(super) struct ReceiptArguments {
    /// Where to write a signed receipt of the verdict, whatever it is; a file there is replaced.
    #[arg(long, value_name = "FILE", help_heading = "Receipt", requires = "signer of the receipt")]
    receipt: Option<PathBuf>,
    /// The private key that signs the receipt.
    #[arg(long, value_name = "FILE", help_heading = "Receipt", requires = "receipt", group = "signer of the receipt")]
    receipt_key: Option<PathBuf>,
    /// The file that has its password on the first line; else ASSAYMARK_KEY_PASSWORD, else it is asked for.
    #[arg(long, value_name = "FILE", help_heading = "Receipt", requires = "receipt_key")]
    receipt_password_file: Option<PathBuf>,
    /// A program that signs the receipt in place of a key: words at spaces, no shell. See docs/signers.md. It is the
    /// one program that this command starts.
    #[arg(
        long,
        value_name = "CMD",
        value_parser = CommandLine::parse,
        help_heading = "Receipt",
        requires = "receipt",
        group = "signer of the receipt"
    )]
    receipt_signer_command: Option<CommandLine>,
}

impl ReceiptArguments {
    /// Returns the files that are read.
    pub(super) fn read(&self) -> impl Iterator<Item = &Path> {
        self.receipt_key.iter().chain(&self.receipt_password_file).map(PathBuf::as_path)
    }

    /// Returns the file that is written to.
    pub(super) fn written(&self) -> Option<&Path> {
        self.receipt.as_deref()
    }

    /// Returns who signs the receipt, before anything is verified.
    pub(super) fn signer(&self, ui: &Ui) -> Result<Option<Box<dyn Signer>>, CliError> {
        if let Some(command) = &self.receipt_signer_command {
            return Ok(Some(Box::new(CommandSigner::new(command.clone())?)));
        }
        let Some(key) = &self.receipt_key else { return Ok(None) };
        Ok(Some(Box::new(password::read_key(ui, key, self.receipt_password_file.as_deref())?)))
    }

    /// Writes the receipt.
    pub(super) fn write(&self, ui: &Ui, report: &Report, signer: Option<&dyn Signer>) -> Result<(), CliError> {
        let (Some(path), Some(signer)) = (&self.receipt, signer) else { return Ok(()) };
        let Some(line) = receipt(report, environment::invocation(), env!("CARGO_PKG_VERSION"), signer)? else {
            ui.warning("there is no receipt, for the bundle is too large to be digested");
            return Ok(());
        };
        let text = [line.bytes.as_slice(), b"\n"].concat();
        Staged::with(path, Existing::Replace, Access::Public, &text)?.commit()?;
        Ok(())
    }
}
