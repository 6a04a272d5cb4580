//! The command line: arguments in, exit status out. Only here are environment, terminal and clock.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::cli::deferred::Deferred;
use crate::cli::error::CliError;
use crate::cli::ui::Ui;
use crate::files;

mod addition;
mod artifact;
mod bom_create;
mod bom_validate;
mod bundle_approve;
mod bundle_attest;
mod bundle_create;
mod bundle_diff;
mod bundle_inspect;
mod bundle_promote;
mod bundle_seal;
mod bundle_verify;
mod bundle_withdraw;
mod completions;
mod deferred;
mod earlier;
mod environment;
mod error;
mod exit;
mod format;
mod key_generate;
mod key_show;
mod man;
mod memory;
mod model_arguments;
mod model_sign;
mod model_verify;
mod password;
mod paths;
mod policy_check;
mod policy_diff;
mod policy_explain;
mod policy_sign;
mod policy_test;
mod progress;
mod receipt;
mod release_arguments;
mod scan;
mod signing;
mod ui;
mod values;
mod verify_bundle;

const EXIT_STATUS: &str = "\
Exit status:
  0  every check ran and passed
  1  rejected: the bundle, the files or the policy's demands are at fault
  2  not usable: the call, a key or a trust file is at fault; nothing was verified
  3  not completed: the machine is at fault; nothing was decided";

/// Signed evidence for machine-learning releases.
///
/// One file says which data, which code and which tests stand behind a model, and one command checks it
/// before the model is promoted.
#[derive(Parser)]
#[command(name = "assaymark", version, after_long_help = EXIT_STATUS)]
#[command(propagate_version = false, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make, verify and read release bundles, and add to them.
    #[command(subcommand, disable_help_subcommand = true)]
    Bundle(Deferred<BundleCommand>),
    /// Make and check bills of materials.
    #[command(subcommand, disable_help_subcommand = true)]
    Bom(Deferred<BomCommand>),
    /// Make and show keys.
    #[command(subcommand, disable_help_subcommand = true)]
    Key(Deferred<KeyCommand>),
    /// Sign and verify models alone, as OpenSSF Model Signing does.
    #[command(subcommand, disable_help_subcommand = true)]
    Model(Deferred<ModelCommand>),
    /// Read, test and sign policies.
    #[command(subcommand, disable_help_subcommand = true)]
    Policy(Deferred<PolicyCommand>),
    Scan(scan::ScanArguments),
    Completions(completions::CompletionsArguments),
    #[command(hide = true)]
    Man(man::ManArguments),
    #[command(hide = true)]
    VerifyBundle(verify_bundle::VerifyBundleArguments),
}

#[derive(Subcommand)]
enum BundleCommand {
    Create(Box<bundle_create::CreateArguments>),
    Verify(Box<bundle_verify::VerifyArguments>),
    Inspect(bundle_inspect::InspectArguments),
    Diff(bundle_diff::DiffArguments),
    Approve(Box<bundle_approve::ApproveArguments>),
    Attest(Box<bundle_attest::AttestArguments>),
    Seal(Box<bundle_seal::SealArguments>),
    Promote(Box<bundle_promote::PromoteArguments>),
    Withdraw(Box<bundle_withdraw::WithdrawArguments>),
}

#[derive(Subcommand)]
enum BomCommand {
    Create(Box<bom_create::BomCreateArguments>),
    Validate(Box<bom_validate::ValidateArguments>),
}

#[derive(Subcommand)]
enum KeyCommand {
    Generate(key_generate::GenerateArguments),
    Show(key_show::ShowArguments),
}

#[derive(Subcommand)]
enum ModelCommand {
    /// Sign a model.
    #[command(subcommand, disable_help_subcommand = true)]
    Sign(model_sign::ModelSignCommand),
    /// Verify a model and its signature.
    #[command(subcommand, disable_help_subcommand = true)]
    Verify(model_verify::ModelVerifyCommand),
}

#[derive(Subcommand)]
enum PolicyCommand {
    Check(policy_check::CheckArguments),
    Explain(policy_explain::ExplainArguments),
    Test(policy_test::TestArguments),
    Diff(policy_diff::DiffArguments),
    Sign(policy_sign::SignArguments),
}

/// Runs the command line and returns the exit status.
pub fn run() -> ExitCode {
    report_bugs();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::of_arguments(&error),
    };
    files::record();
    let ui = Ui::new();
    let at_end = earlier::AtEnd(&ui);
    let status = cli.command.run(&ui).unwrap_or_else(|error| {
        ui.error(&error);
        error.exit_status()
    });
    drop(at_end);
    ui.finish(status)
}

impl Command {
    fn run(self, ui: &Ui) -> Result<u8, CliError> {
        match self {
            Self::Bundle(Deferred(command)) => command.run(ui),
            Self::Bom(Deferred(command)) => command.run(ui),
            Self::Key(Deferred(command)) => command.run(ui),
            Self::Model(Deferred(command)) => command.run(ui),
            Self::Policy(Deferred(command)) => command.run(ui),
            Self::Scan(arguments) => arguments.run(ui),
            Self::Completions(arguments) => arguments.run(ui),
            Self::Man(arguments) => arguments.run(ui),
            Self::VerifyBundle(arguments) => arguments.run(ui),
        }
    }
}

impl BundleCommand {
    fn run(self, ui: &Ui) -> Result<u8, CliError> {
        match self {
            Self::Create(arguments) => arguments.run(ui),
            Self::Verify(arguments) => arguments.run(ui),
            Self::Inspect(arguments) => arguments.run(ui),
            Self::Diff(arguments) => arguments.run(ui),
            Self::Approve(arguments) => arguments.run(ui),
            Self::Attest(arguments) => arguments.run(ui),
            Self::Seal(arguments) => arguments.run(ui),
            Self::Promote(arguments) => arguments.run(ui),
            Self::Withdraw(arguments) => arguments.run(ui),
        }
    }
}

impl BomCommand {
    fn run(self, ui: &Ui) -> Result<u8, CliError> {
        match self {
            Self::Create(arguments) => arguments.run(ui),
            Self::Validate(arguments) => arguments.run(ui),
        }
    }
}

impl KeyCommand {
    fn run(self, ui: &Ui) -> Result<u8, CliError> {
        match self {
            Self::Generate(arguments) => arguments.run(ui),
            Self::Show(arguments) => arguments.run(ui),
        }
    }
}

impl ModelCommand {
    fn run(self, ui: &Ui) -> Result<u8, CliError> {
        match self {
            Self::Sign(command) => command.run(ui),
            Self::Verify(command) => command.run(ui),
        }
    }
}

impl PolicyCommand {
    fn run(self, ui: &Ui) -> Result<u8, CliError> {
        match self {
            Self::Check(arguments) => arguments.run(ui),
            Self::Explain(arguments) => arguments.run(ui),
            Self::Test(arguments) => arguments.run(ui),
            Self::Diff(arguments) => arguments.run(ui),
            Self::Sign(arguments) => arguments.run(ui),
        }
    }
}

/// Returns the definition of the command line, from which help, completions and manual pages come.
pub fn command() -> clap::Command {
    let mut command = Cli::command();
    command.build();
    command
}

/// Says after a panic that it is a bug; the exit status stays 101.
fn report_bugs() {
    let standard = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        standard(panic);
        Ui::new().plain("this is a bug in assaymark: please report it with the command line and the lines above");
    }));
}
