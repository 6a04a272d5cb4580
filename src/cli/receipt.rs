//! `--receipt`: what a verification said, signed.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::ui::Ui;
use crate::cli::{environment, password};
use crate::files::{Access, Existing, Staged};
use crate::receipt::{Call, maker, receipt};
use crate::signer::{CommandLine, CommandSigner, Signer};
use crate::trust::{Attester, TrustRoot};
use crate::verify::Report;

#[derive(Args)]
pub(super) struct ReceiptArguments {
    /// Where to write a signed receipt of the verdict, whatever it is; a file there is replaced.
    #[arg(long, value_name = "FILE", help_heading = "Receipt", requires = "signer of the receipt")]
    receipt: Option<PathBuf>,
    /// The private key that signs the receipt: that of whoever verifies. A key of the trust file that makes what is
    /// verified (builder, releaser, scanner, evaluator) is refused, unless it is a promoter's.
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

    /// Returns who signs the receipt, before anything is verified: whoever verifies, and not whoever is verified.
    pub(super) fn signer(&self, ui: &Ui, trust: &TrustRoot) -> Result<Option<Box<dyn Signer>>, CliError> {
        let signer: Box<dyn Signer> = match (&self.receipt_signer_command, &self.receipt_key) {
            (Some(command), _) => Box::new(CommandSigner::new(command.clone())?),
            (None, Some(key)) => Box::new(password::read_key(ui, key, self.receipt_password_file.as_deref())?),
            (None, None) => return Ok(None),
        };
        refuse_maker(maker(trust, signer.public().fingerprint(), &[]))?;
        Ok(Some(signer))
    }

    /// Writes the receipt; `lost` says why a result was not written or not remembered.
    pub(super) fn write(
        &self,
        ui: &Ui,
        trust: &TrustRoot,
        report: &Report,
        lost: Option<&str>,
        signer: Option<&dyn Signer>,
    ) -> Result<(), CliError> {
        let (Some(path), Some(signer)) = (&self.receipt, signer) else { return Ok(()) };
        // The key of a certificate is known by the lines that it signed alone.
        refuse_maker(maker(trust, signer.public().fingerprint(), &report.derivation.statements))?;
        let call = Call { invocation: environment::invocation(), version: env!("CARGO_PKG_VERSION"), lost };
        let Some(line) = receipt(report, call, signer)? else {
            ui.warning("there is no receipt, for the bundle is too large to be digested");
            return Ok(());
        };
        let text = [line.bytes.as_slice(), b"\n"].concat();
        Staged::with(path, Existing::Replace, Access::Public, &text)?.commit()?;
        Ok(())
    }
}

fn refuse_maker(maker: Option<&Attester>) -> Result<(), CliError> {
    let Some(Attester { name, roles, .. }) = maker else { return Ok(()) };
    let roles: Vec<_> = roles.iter().map(ToString::to_string).collect();
    let message = format!("the receipt would be signed by `{name}` ({}), who makes what is verified", roles.join(", "));
    Err(CliError::usage(message).with_hint(
        "sign it with a key of whoever verifies: one of an attester with the role `promoter`, or one that the trust file does not name",
    ))
}
