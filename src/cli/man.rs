//! `assaymark man`

use std::path::PathBuf;

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::ui::Ui;
use crate::cli::{command, exit};

/// Write manual pages into a folder.
#[derive(Args)]
pub(super) struct ManArguments {
    /// The folder, which must exist.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl ManArguments {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        let written = clap_mangen::generate_to(command(), &self.folder);
        written.map_err(|error| CliError::machine(format!("`{}`: {error}", self.folder.display())))?;
        ui.status("Wrote", &format!("manual pages into `{}`", self.folder.display()));
        Ok(exit::DONE)
    }
}
