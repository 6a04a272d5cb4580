//! `assaymark policy test`

use std::path::PathBuf;

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::policy_explain::PageFormat;
use crate::cli::progress::Bar;
use crate::cli::ui::Ui;
use crate::cli::{environment, exit};
use crate::policy::PolicySource;
use crate::{policy_test, render};

const EXAMPLES: &str = "\
Examples:
  Try a policy on releases that must pass and on releases that must not:
    assaymark policy test policy.toml --fixtures fixtures/

  Fail as well if a rule could be removed unnoticed:
    assaymark policy test policy.toml --fixtures fixtures/ --strict";

const EXIT_STATUS: &str = "\
Exit status:
  0  every fixture is judged as it expects
  1  one is not; with --strict, or a rule could be removed unnoticed
  2  the policy or a fixture can't be used";

/// Try a policy on fixtures, and find the rules that could be removed unnoticed.
///
/// Each folder of the fixtures must have a case.toml: bundle, trust, model (or model-digest), expect (the codes
/// that deny), and maybe stage, release, at, code, dataset, package-facts, warn.
#[derive(Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{EXIT_STATUS}"))]
pub(super) struct TestArguments {
    /// The policy.toml.
    #[arg(value_name = "FILE")]
    policy: PathBuf,
    /// The folder of the fixtures.
    #[arg(long, value_name = "DIR")]
    fixtures: PathBuf,
    /// Reject a policy with a rule that no fixture needs.
    #[arg(long)]
    strict: bool,
    /// How to show it.
    #[arg(long, value_enum, default_value_t = PageFormat::Human)]
    format: PageFormat,
}

impl TestArguments {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        let source = PolicySource::load(&self.policy)?;
        let bar = Bar::new(ui);
        let tested = policy_test::run(&source, &self.fixtures, environment::now(), &bar)?;
        drop(bar);
        self.format.show(ui, &render::policy::tested(&tested), &render::policy::tested_json(&tested))?;
        let failed = tested.fixtures.iter().any(|fixture| !fixture.passed);
        let unnoticed = tested.rules.iter().any(|rule| rule.noticed_by.is_none());
        Ok(if failed || (self.strict && unnoticed) { exit::REJECTED } else { exit::DONE })
    }
}
