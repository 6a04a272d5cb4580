//! `assaymark policy diff`

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::exit;
use crate::cli::policy_explain::PageFormat;
use crate::cli::ui::Ui;
use crate::name::Name;
use crate::policy::{PolicySource, demands, only_in};
use crate::render;

const EXAMPLES: &str = "\
Examples:
  See what a new version of a policy demands more, and what no longer:
    assaymark policy diff old.toml new.toml

  See what production demands that staging does not check:
    assaymark policy diff policy.toml policy.toml --stages staging production";

const EXIT_STATUS: &str = "\
Exit status:
  0  both demand the same
  1  they differ
  2  a policy can't be used";

/// Show what one policy demands that another does not.
#[derive(Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{EXIT_STATUS}"))]
pub(super) struct DiffArguments {
    /// The first policy.toml.
    #[arg(value_name = "A")]
    first: PathBuf,
    /// The second policy.toml.
    #[arg(value_name = "B")]
    second: PathBuf,
    /// The stages that are compared, one of each; without it, everything that both files demand, at every stage.
    #[arg(long, num_args = 2, value_names = ["STAGE_A", "STAGE_B"])]
    stages: Vec<Name>,
    /// How to show it.
    #[arg(long, value_enum, default_value_t = PageFormat::Human)]
    format: PageFormat,
}

impl DiffArguments {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        let (first_stage, second_stage) = (self.stages.first(), self.stages.get(1));
        let first = demands(&PolicySource::load(&self.first)?, first_stage)?;
        let second = demands(&PolicySource::load(&self.second)?, second_stage)?;
        let (of_first, of_second) = (only_in(&first, &second), only_in(&second, &first));
        let names = [named(&self.first, first_stage), named(&self.second, second_stage)];
        let only = [of_first.as_slice(), of_second.as_slice()];
        let human = render::policy::difference(names.each_ref().map(String::as_str), only);
        self.format.show(ui, &human, &render::policy::difference_json(only))?;
        Ok(if of_first.is_empty() && of_second.is_empty() { exit::DONE } else { exit::REJECTED })
    }
}

fn named(path: &Path, stage: Option<&Name>) -> String {
    let stage = stage.map(|stage| format!(" at the stage {stage}")).unwrap_or_default();
    format!("{}{stage}", path.display())
}
