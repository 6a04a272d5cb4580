//! `--receipt`: what a verification said, signed.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::ui::Ui;
use crate::cli::{environment, password};
use crate::files::{Access, Existing, Staged};
use crate::key::SigningKey;
use crate::receipt::receipt;
use crate::verify::Report;

#[derive(Args)]
pub(super) struct ReceiptArguments {
    /// Where to write a signed receipt of the verdict, whatever it is; a file there is replaced.
    #[arg(long, value_name = "FILE", help_heading = "Receipt", requires = "receipt_key")]
    receipt: Option<PathBuf>,
    /// The private key that signs the receipt.
    #[arg(long, value_name = "FILE", help_heading = "Receipt", requires = "receipt")]
    receipt_key: Option<PathBuf>,
    /// The file that has its password on the first line; else ASSAYMARK_KEY_PASSWORD, else it is asked for.
    #[arg(long, value_name = "FILE", help_heading = "Receipt", requires = "receipt_key")]
    receipt_password_file: Option<PathBuf>,
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

    /// Reads the key of the receipt, before anything is verified.
    pub(super) fn key(&self, ui: &Ui) -> Result<Option<SigningKey>, CliError> {
        let key = self.receipt_key.as_deref();
        key.map(|path| password::read_key(ui, path, self.receipt_password_file.as_deref())).transpose()
    }

    /// Writes the receipt.
    pub(super) fn write(&self, ui: &Ui, report: &Report, key: Option<&SigningKey>) -> Result<(), CliError> {
        let (Some(path), Some(key)) = (&self.receipt, key) else { return Ok(()) };
        let Some(line) = receipt(report, environment::invocation(), env!("CARGO_PKG_VERSION"), key)? else {
            ui.warning("there is no receipt, for the bundle is too large to be digested");
            return Ok(());
        };
        let text = [line.bytes.as_slice(), b"\n"].concat();
        Staged::with(path, Existing::Replace, Access::Public, &text)?.commit()?;
        Ok(())
    }
}
