//! `assaymark bundle approve`

use clap::Args;

use crate::approve::approve;
use crate::cli::addition::{AdditionArguments, ENVIRONMENT};
use crate::cli::error::CliError;
use crate::cli::exit;
use crate::cli::ui::Ui;

const EXAMPLES: &str = "\
Examples:
  Approve what the newest seal names:
    assaymark bundle approve sentiment-1.2.0.intoto.jsonl --trust trust.toml --model model/ \\
        --key alice.key --comment reviewed
";

/// Verify a release bundle and approve its newest seal.
///
/// The approval binds the digest of that seal: it lapses when other evidence is sealed before it is sealed
/// itself. The key must be of an attester with the role `approver`.
#[derive(Args)]
#[command(after_long_help = format!("{EXAMPLES}\n{ENVIRONMENT}"))]
pub(super) struct ApproveArguments {
    #[command(flatten)]
    addition: AdditionArguments,
    /// What the approver has to say; it is signed.
    #[arg(long, value_name = "TEXT", help_heading = "Approval")]
    comment: Option<String>,
}

impl ApproveArguments {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        self.addition.run(ui, |job| approve(job, self.comment))?;
        Ok(exit::DONE)
    }
}
