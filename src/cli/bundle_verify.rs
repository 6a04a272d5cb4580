//! `assaymark bundle verify`

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;

use crate::bundle::UnverifiedBundle;
use crate::cli::artifact::ArtifactArguments;
use crate::cli::error::CliError;
use crate::cli::format::{self, Output, ReportFormat};
use crate::cli::memory::MemoryArguments;
use crate::cli::paths::{self, Paths};
use crate::cli::progress::Bar;
use crate::cli::receipt::ReceiptArguments;
use crate::cli::ui::Ui;
use crate::cli::values::{self, NamedPath};
use crate::cli::{EXIT_STATUS, environment, exit, scan};
use crate::finding::Tree;
use crate::inventory::StagedCopy;
use crate::name::Name;
use crate::path::TreePath;
use crate::policy::{PackageFacts, Policy, PolicySource};
use crate::policy_signature;
use crate::render::{self, locations::Locations};
use crate::trust::TrustRoot;
use crate::verify::{Artifact, Report, Request, TimeSource, verify};

const EXAMPLES: &str = "\
Examples:
  Verify a release and its model:
    assaymark bundle verify sentiment-1.2.0.intoto.jsonl --trust release.pub --model model/

  Verify the datasets as well, and write a report for a program:
    assaymark bundle verify sentiment-1.2.0.intoto.jsonl --trust trust.toml --model model/ \\
        --dataset train=data/train --format human --format json=report.json

  Verify, and get a copy of the very bytes that were verified:
    assaymark bundle verify sentiment-1.2.0.intoto.jsonl --trust release.pub --model /mnt/model \\
        --release sentiment@1.2.0 --copy-to /srv/model

  Verify against a signed policy, at the stage where the release is used:
    assaymark bundle verify sentiment-1.2.0.intoto.jsonl --trust trust.toml --model model/ \\
        --policy policy.toml --policy-trust policy.pub --stage production --release sentiment@1.2.0
";

/// Verify a release bundle and the files that it is about.
///
/// Offline: no network, no program is started but the one of `--receipt-signer-command`, trust comes from `--trust` alone. Nothing verified is never
/// a pass.
#[derive(Args)]
#[command(after_long_help = format!("{EXAMPLES}\n{EXIT_STATUS}"))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(super) struct VerifyArguments {
    /// The release bundle; `-` is standard input.
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,

    /// Whom to trust: a public key in PEM, or a trust.toml.
    #[arg(long, value_name = "FILE", help_heading = "Trust")]
    trust: PathBuf,

    /// What must hold beside the baseline: a policy.toml.
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    policy: Option<PathBuf>,
    /// The stage of the policy that the release must be in.
    #[arg(long, value_name = "NAME", help_heading = "Policy", requires = "policy", requires = "release")]
    stage: Option<Name>,
    /// Who may sign policies: a public key in PEM, or a trust.toml. An unsigned policy is refused.
    #[arg(long, value_name = "FILE", help_heading = "Policy", requires = "policy")]
    policy_trust: Option<PathBuf>,
    /// What is known of packages beside the evidence, as JSON.
    #[arg(long, value_name = "FILE", help_heading = "Policy", requires = "policy")]
    package_facts: Option<PathBuf>,

    #[command(flatten)]
    artifact: ArtifactArguments,
    /// A dataset to hash, by its name in the release. May be repeated.
    #[arg(long, value_name = "NAME=PATH", value_parser = values::named_path, help_heading = "Files")]
    dataset: Vec<NamedPath>,
    /// The training code to hash.
    #[arg(long, value_name = "PATH", help_heading = "Files")]
    code: Option<PathBuf>,
    /// Where to put a copy of the model files that were verified; the folder must not exist.
    #[arg(long, value_name = "DIR", help_heading = "Files", requires = "model", conflicts_with = "without_files")]
    copy_to: Option<PathBuf>,

    /// Scan the model for code again, and reject it if it does not pass.
    #[arg(long, help_heading = "Files", requires = "model")]
    rescan: bool,
    /// What the scan may allow besides the built-in list: a TOML file with names and reasons.
    #[arg(long, value_name = "FILE", help_heading = "Files", requires = "rescan")]
    allow: Option<PathBuf>,

    /// UNSAFE: accept files in the model folder that nobody signed.
    #[arg(long, help_heading = "Unsafe doors", requires = "model", conflicts_with = "without_files")]
    allow_extra_files: bool,
    /// UNSAFE: pass over a path of the model folder and all beneath it. May be repeated.
    #[arg(long, value_name = "PATH", value_parser = values::tree_path, help_heading = "Unsafe doors", requires = "model", conflicts_with = "without_files")]
    ignore_path: Vec<TreePath>,
    /// UNSAFE: verify as of another time than now, such as 2026-01-01T00:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = values::time, help_heading = "Unsafe doors")]
    at: Option<DateTime<Utc>>,

    /// The release that this must be.
    #[arg(long, value_name = "NAME[@VERSION]", value_parser = values::demanded_release, help_heading = "Verdict")]
    release: Option<(Name, Option<Name>)>,
    /// The lowest number that the newest seal may have.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Verdict")]
    min_sequence: Option<u64>,
    /// Reject on warnings as well.
    #[arg(long, help_heading = "Verdict")]
    strict: bool,

    #[command(flatten)]
    memory: MemoryArguments,
    #[command(flatten)]
    receipt: ReceiptArguments,

    /// In which form: human, json, sarif, junit, github or markdown, to a file with `=FILE`, which is replaced. May
    /// be repeated.
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = format::parse::<ReportFormat>, help_heading = "Output")]
    format: Vec<Output<ReportFormat>>,
    /// Say how the verdict came about, and what must be done by whom; in human, json and markdown.
    #[arg(long, help_heading = "Output")]
    explain: bool,
}

impl VerifyArguments {
    pub(super) fn run(mut self, ui: &Ui) -> Result<u8, CliError> {
        let outputs = format::check(std::mem::take(&mut self.format))?;
        self.check(&outputs)?;
        let trust = TrustRoot::load(&self.trust)?;
        let (bundle, bundle_findings) = UnverifiedBundle::read(&self.bundle)?;
        let withdrawals = self.memory.withdrawals()?;
        // Read after what others may be adding to: nothing in it is of the future then.
        let at = self.at.unwrap_or_else(environment::now);
        let policy = self.policy(&trust, at)?;
        let package_facts = self.package_facts.as_deref().map(PackageFacts::load).transpose()?;
        self.paths(&outputs).check_read()?;
        let state = self.memory.state()?;
        let receipt_signer = self.receipt.signer(ui, &trust)?;
        let (explain, locations) = (self.explain, self.locations());
        let allowance = scan::allowance(self.allow.as_deref())?;
        let bar = Bar::new(ui);
        let report = verify(Request {
            bundle,
            bundle_findings,
            bundle_path: (self.bundle != Path::new("-")).then_some(self.bundle.as_path()),
            trust: &trust,
            policy: &policy,
            package_facts: package_facts.as_ref(),
            model: self.artifact.artifact()?,
            datasets: self.dataset.into_iter().map(|one| (one.name, Artifact::Path(one.path))).collect(),
            code: self.code.map(Artifact::Path),
            allow_extra_files: self.allow_extra_files,
            ignored: self.ignore_path,
            release: self.release,
            min_sequence: self.min_sequence,
            withdrawals,
            state: state.as_ref(),
            at,
            time_source: if self.at.is_some() { TimeSource::Given } else { TimeSource::Clock },
            strict: self.strict,
            copy_to: self.copy_to,
            progress: &bar,
            rescan: self.rescan.then_some(&allowance),
        })?;
        drop(bar);
        if let Some(words) = render::stages_left_out(&report.scope.policy) {
            ui.warning(&words);
        }
        let written = write(ui, &outputs, |output| render(&report, output.format, explain, &locations));
        let kept = written.and_then(|()| self.memory.remember(&report));
        // Last of all: it must not say that a release passed where the call fails.
        let lost = kept.as_ref().err().map(|error| error.message.as_str());
        let receipt = self.receipt.write(ui, &trust, &report, lost, receipt_signer.as_deref());
        let failed = [kept.err(), receipt.err()].into_iter().flatten();
        Ok(failed.fold(report.verdict.exit_status(), |status, error| {
            ui.error(&error);
            exit::first(status, error.exit_status())
        }))
    }

    /// Reads the policy and its signature; without one, the baseline holds alone.
    fn policy(&self, trust: &TrustRoot, at: DateTime<Utc>) -> Result<Policy, CliError> {
        let Some(path) = &self.policy else { return Ok(Policy::baseline().clone()) };
        let source = match &self.policy_trust {
            Some(policy_trust) => policy_signature::load(path, &TrustRoot::load(policy_trust)?, trust, at)?,
            None => PolicySource::load(path)?,
        };
        Ok(source.policy(self.stage.as_ref())?)
    }

    /// Says where the things lie that a report names.
    fn locations(&self) -> Locations {
        let datasets = self.dataset.iter().map(|one| (Tree::Dataset(one.name.clone()), one.path.clone()));
        let model = self.artifact.path().map(|path| (Tree::Model, path.to_owned()));
        let code = self.code.iter().map(|path| (Tree::Code, path.clone()));
        Locations {
            bundle: (self.bundle != Path::new("-")).then(|| self.bundle.clone()),
            trees: datasets.chain(model).chain(code).collect(),
        }
    }

    /// Returns what is read and what is written.
    fn paths<'a>(&'a self, outputs: &'a [Output<ReportFormat>]) -> Paths<'a> {
        let policy = self.policy.iter().chain(&self.policy_trust).chain(&self.package_facts);
        let signature = self.policy.iter().map(|path| policy_signature::path(path));
        let lists = self.dataset.iter().filter_map(|one| crate::bundle::list_path(&self.bundle, one.name.as_str()));
        Paths::default()
            .read([self.bundle.as_path(), self.trust.as_path()])
            .read(policy.map(PathBuf::as_path))
            .read(self.memory.read())
            .read(self.receipt.read())
            .read(self.allow.as_deref())
            .beside(signature.chain(lists))
            .hashed(self.artifact.path())
            .hashed(self.dataset.iter().map(|one| one.path.as_path()))
            .hashed(self.code.as_deref())
            .reports(outputs)
            .written(self.memory.written())
            .written(self.receipt.written())
    }

    /// Finds what the parser of the arguments can't.
    fn check(&self, outputs: &[Output<ReportFormat>]) -> Result<(), CliError> {
        self.paths(outputs).check()?;
        let explains = |output: &Output<ReportFormat>| {
            matches!(output.format, ReportFormat::Human | ReportFormat::Json | ReportFormat::Markdown)
        };
        if self.explain && !outputs.iter().any(explains) {
            return Err(CliError::usage("`--explain` shows in no format that is written")
                .with_hint("write another one: `--format human`, `json` or `markdown`"));
        }
        values::check_distinct(&self.dataset)?;
        let model = self.artifact.path();
        if model.is_some_and(Path::is_file) && (self.allow_extra_files || !self.ignore_path.is_empty()) {
            return Err(CliError::usage("`--allow-extra-files` and `--ignore-path` are of no use with a single file"));
        }
        let copied = self.copy_to.as_deref();
        copied.map_or(Ok(()), paths::check_name)?;
        copied.map_or(Ok(()), StagedCopy::check)?;
        for path in outputs
            .iter()
            .filter_map(Output::file)
            .chain(copied)
            .chain(self.memory.written())
            .chain(self.receipt.written())
        {
            let folder = crate::files::folder(path).canonicalize().ok();
            let inside = |tree: &Path| {
                tree.canonicalize().is_ok_and(|tree| folder.as_deref().is_some_and(|folder| folder.starts_with(tree)))
            };
            let mut trees = self.dataset.iter().map(|one| one.path.as_path()).chain(model).chain(self.code.as_deref());
            if trees.any(inside) {
                let message = format!("the output `{}` would lie inside a folder that is hashed", path.display());
                return Err(CliError::usage(message).with_hint("write it somewhere else"));
            }
        }
        Ok(())
    }
}

/// Writes each of the results, and returns what went wrong first.
fn write(
    ui: &Ui,
    outputs: &[Output<ReportFormat>],
    text: impl Fn(&Output<ReportFormat>) -> Result<String, CliError>,
) -> Result<(), CliError> {
    let mut all = Ok(());
    for output in outputs {
        let written = text(output).and_then(|text| output.write(ui, &text));
        all = all.and(written);
    }
    all.and_then(|()| ui.check_results())
}

fn render(report: &Report, format: ReportFormat, explain: bool, locations: &Locations) -> Result<String, CliError> {
    match format {
        ReportFormat::Github => Ok(render::github::report(report, locations)),
        ReportFormat::Human if explain => Ok(render::human::explained(report)),
        ReportFormat::Human => Ok(render::human::report(report)),
        ReportFormat::Json => render::json::report(report, explain).map_err(CliError::machine),
        ReportFormat::Junit => Ok(render::junit::report(report)),
        ReportFormat::Markdown => Ok(render::markdown::report(report, explain)),
        ReportFormat::Sarif => render::sarif::report(report, locations).map_err(CliError::machine),
    }
}
