//! `assaymark completions`

use clap::Args;
use clap_complete::Shell;

use crate::cli::error::CliError;
use crate::cli::ui::Ui;
use crate::cli::{command, exit};

const EXAMPLES: &str = "\
Examples:
  assaymark completions bash > ~/.local/share/bash-completion/completions/assaymark
  assaymark completions zsh > ~/.zfunc/_assaymark
  assaymark completions fish > ~/.config/fish/completions/assaymark.fish";

/// Print a completion script for a shell.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct CompletionsArguments {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

impl CompletionsArguments {
    #[allow(clippy::unnecessary_wraps, reason = "every subcommand has one signature")]
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command(), "assaymark", &mut script);
        ui.result_bytes(&script);
        Ok(exit::DONE)
    }
}
