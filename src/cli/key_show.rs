//! `assaymark key show`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::cli::error::CliError;
use crate::cli::ui::Ui;
use crate::cli::{exit, password};
use crate::files;
use crate::key::{KeyError, VerifyingKey};
use crate::limits;
use crate::text::for_terminal;

const EXAMPLES: &str = "\
Examples:
  Show algorithm and ids of a key:
    assaymark key show release.pub

  Make the public key again from the private one:
    assaymark key show release.key --format pem > release.pub";

/// Show the public half of a key.
///
/// FILE is a public key in PEM, or a private one, whose password is asked for if it has one.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct ShowArguments {
    /// The key.
    #[arg(value_name = "FILE")]
    key: PathBuf,
    /// The file that has the password on its first line; else ASSAYMARK_KEY_PASSWORD, else it is asked for.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// How to show it.
    #[arg(long, value_enum, default_value_t = KeyFormat::Human)]
    format: KeyFormat,
}

#[derive(Clone, Copy, ValueEnum)]
enum KeyFormat {
    Human,
    Json,
    Pem,
}

impl ShowArguments {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        let key = self.read(ui)?;
        let (algorithm, key_id, fingerprint) = (key.algorithm().as_str(), key.key_id(), key.fingerprint());
        match self.format {
            KeyFormat::Pem => ui.result(&key.to_pem()),
            KeyFormat::Human => ui.result(&format!(
                "{}\n  algorithm    {algorithm}\n  key id       {key_id}  (SHA-256 of the PEM)\n  fingerprint  {fingerprint}  (SHA-256 of the DER)\n",
                for_terminal(&self.key.display().to_string()),
            )),
            KeyFormat::Json => {
                let value = json!({"algorithm": algorithm, "keyId": key_id, "fingerprint": fingerprint, "pem": key.to_pem()});
                ui.result(&format!("{}\n", serde_json::to_string_pretty(&value).map_err(CliError::machine)?));
            }
        }
        Ok(exit::DONE)
    }

    fn read(&self, ui: &Ui) -> Result<VerifyingKey, CliError> {
        let text = files::read_text(&self.key, limits::CONFIGURATION_BYTES)?;
        match VerifyingKey::from_pem(&text) {
            Err(KeyError::Private) => {
                password::read_key(ui, &self.key, self.password_file.as_deref()).map(|key| key.public().clone())
            }
            read => read.map_err(|error| CliError::from(error).about(&self.key)),
        }
    }
}
