//! `assaymark bundle seal`

use clap::Args;

use crate::cli::addition::{AdditionArguments, ENVIRONMENT};
use crate::cli::error::CliError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::seal::seal;
use crate::text;

const EXAMPLES: &str = "\
Examples:
  Seal what was attested since the last seal:
    assaymark bundle seal sentiment-1.2.0.intoto.jsonl --trust trust.toml --model model/ --key release.key
";

/// Seal a release bundle anew, over every line that has come since.
///
/// The old chain is verified first. Lines that are not authenticated, not from their role or about another
/// model are left out; results that failed are sealed like others. Approvals and waivers are sealed if
/// nothing else came. The key must be of an attester with the role `releaser`.
#[derive(Args)]
#[command(after_long_help = format!("{EXAMPLES}\n{ENVIRONMENT}"))]
pub(super) struct SealArguments {
    #[command(flatten)]
    addition: AdditionArguments,
}

impl SealArguments {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        let appended = self.addition.run(ui, seal)?;
        let base = &appended.base;
        let sealed = if base.fresh.is_empty() { base.judgements.len() } else { base.fresh.len() };
        ui.status("Sealed", &format!("{} more, in seal {}", text::count(sealed, "line"), base.seal.sequence + 1));
        if !base.fresh.is_empty() && !base.judgements.is_empty() {
            ui.warning("approvals and waivers were made before this evidence was sealed, and do not count any more");
            ui.hint("their signers look at the new seal: `assaymark bundle approve`");
        }
        Ok(exit::DONE)
    }
}
