//! `assaymark bundle attest`

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::{ArgGroup, Args};

use crate::attest::{self, Claim, Evaluation, Given, Recording, Tool, WaiverRequest};
use crate::bundle::UnverifiedBundle;
use crate::cli::addition::{AdditionArguments, ENVIRONMENT};
use crate::cli::error::CliError;
use crate::cli::ui::Ui;
use crate::cli::{environment, exit, values};
use crate::digest::Digest;
use crate::files;
use crate::inspect::Inspection;
use crate::limits;
use crate::name::Name;
use crate::policy::{Policy, PolicySource};

const EXAMPLES: &str = "\
Examples:
  Record an evaluation on a dataset of the release:
    assaymark bundle attest sentiment-1.2.0.intoto.jsonl --trust trust.toml --model model/ \\
        --key evaluator.key --metrics metrics.json --name quality --dataset test

  Import the report of a scanner:
    assaymark bundle attest sentiment-1.2.0.intoto.jsonl --trust trust.toml --model model/ \\
        --key scanner.key --report modelscan=modelscan.json --rules-date 2026-01-01T00:00:00Z

  Sign a predicate of any type:
    assaymark bundle attest sentiment-1.2.0.intoto.jsonl --trust trust.toml --model model/ \\
        --key lab.key --type https://example.com/redteam/v1 --predicate redteam.json

  Take over what others signed, with cosign, witness or in-toto:
    assaymark bundle attest sentiment-1.2.0.intoto.jsonl --trust trust.toml --model model/ \\
        --import attestations.jsonl

  Waive a denial until a day, at most 90 days from now:
    assaymark bundle attest sentiment-1.2.0.intoto.jsonl --trust trust.toml --model model/ \\
        --key risk.key --waive test-failed --owner risk-board --reason ticket-12 \\
        --expires 2027-01-01T00:00:00Z

  Waive it for one rule of a policy, as that policy lets:
    assaymark bundle attest sentiment-1.2.0.intoto.jsonl --trust trust.toml --model model/ \\
        --key risk.key --waive evidence-missing --rule require-scan --policy policy.toml \\
        --owner risk-board --reason ticket-12 --expires 2027-01-01T00:00:00Z
";

const SEAL: &str = "the line counts once a releaser has sealed it: `assaymark bundle seal`";

/// Add evidence about the model to a release bundle.
///
/// The line is bound to the model by its digest. It counts once a releaser has sealed it, but for a waiver,
/// which judges the newest seal as an approval does. Metrics are an object of names and numbers, a run of
/// MLflow, or results of lm-evaluation-harness. Reports are of SARIF, modelscan, picklescan, fickling,
/// modelaudit; grype, osv-scanner, pip-audit, trivy. A run of osv-scanner that failed leaves a report that looks clean: see
/// "Reports of scanners" in docs/ci.md. What others signed about the model is imported as it is, without
/// a key: DSSE envelopes, Sigstore bundles and those that cosign wrote before, one or one a line.
#[derive(Args)]
#[command(after_long_help = format!("{EXAMPLES}\n{ENVIRONMENT}"))]
#[command(group = ArgGroup::new("claim").required(true).args(["metrics", "report", "kind", "import", "waive"]))]
#[command(mut_arg("key", |key| key.required(false).required_unless_present_any(["import"])))]
pub(super) struct AttestArguments {
    #[command(flatten)]
    addition: AdditionArguments,

    /// The metrics of an evaluation. Role: evaluator.
    #[arg(long, value_name = "FILE", help_heading = "Evaluation")]
    metrics: Option<PathBuf>,
    /// What the evaluation is called.
    #[arg(long, value_name = "NAME", help_heading = "Evaluation", requires = "metrics", conflicts_with_all = ["report", "kind", "import", "waive"], default_value = "evaluation")]
    name: Name,
    /// A dataset of the release that it was run on. May be repeated.
    #[arg(long, value_name = "NAME", help_heading = "Evaluation", requires = "metrics", conflicts_with_all = ["report", "kind", "import", "waive"])]
    dataset: Vec<Name>,
    /// Where the run can be looked at.
    #[arg(long, value_name = "URL", help_heading = "Evaluation", requires = "metrics", conflicts_with_all = ["report", "kind", "import", "waive"])]
    url: Option<String>,

    /// The report of a scanner. Role: scanner.
    #[arg(long, value_name = "TOOL=FILE", value_parser = report, help_heading = "Scan")]
    report: Option<(Tool, PathBuf)>,
    /// The version of the scanner, where its report does not say.
    #[arg(long, value_name = "VERSION", help_heading = "Scan", requires = "report", conflicts_with_all = ["metrics", "kind", "import", "waive"])]
    scanner_version: Option<String>,
    /// When its rules or its database were brought up to date, where its report does not say.
    #[arg(long, value_name = "TIME", value_parser = values::time, help_heading = "Scan", requires = "report", conflicts_with_all = ["metrics", "kind", "import", "waive"])]
    rules_date: Option<DateTime<Utc>>,

    /// The type of a predicate: a URI, or the short name of a type that we know.
    #[arg(id = "kind", long = "type", value_name = "URI", help_heading = "Any predicate", requires = "predicate")]
    kind: Option<String>,
    /// The predicate, as JSON.
    #[arg(long, value_name = "FILE", help_heading = "Any predicate", requires = "kind", conflicts_with_all = ["metrics", "report", "import", "waive"])]
    predicate: Option<PathBuf>,

    /// What others signed. It counts from the roles of those who signed it; no key is needed.
    #[arg(long, value_name = "FILE", help_heading = "Evidence of others", conflicts_with_all = ["password_file", "signer_command", "signing_certificate"])]
    import: Option<PathBuf>,

    /// The code whose denials are waived. Role: waiver.
    #[arg(long, value_name = "CODE", help_heading = "Waiver", requires_all = ["owner", "reason", "expires"])]
    waive: Option<String>,
    /// Who answers for it.
    #[arg(long, value_name = "TEXT", help_heading = "Waiver", requires = "waive", conflicts_with_all = ["metrics", "report", "kind", "import"])]
    owner: Option<String>,
    /// Why.
    #[arg(long, value_name = "TEXT", help_heading = "Waiver", requires = "waive", conflicts_with_all = ["metrics", "report", "kind", "import"])]
    reason: Option<String>,
    /// From when on the waiver does not hold.
    #[arg(long, value_name = "TIME", value_parser = values::time, help_heading = "Waiver", requires = "waive", conflicts_with_all = ["metrics", "report", "kind", "import"])]
    expires: Option<DateTime<Utc>>,
    /// Waive denials of this rule alone, by its name in `policy explain`.
    #[arg(long, value_name = "RULE", help_heading = "Waiver", requires = "waive", conflicts_with_all = ["metrics", "report", "kind", "import"])]
    rule: Option<String>,
    /// The policy under which it is to hold: its rules, the codes that it lets be waived, and for how long. Without it,
    /// the baseline, of which nothing that is absent can be waived, and 90 days.
    #[arg(long, value_name = "FILE", help_heading = "Waiver", requires = "waive", conflicts_with_all = ["metrics", "report", "kind", "import"])]
    policy: Option<PathBuf>,
    /// Waive denials of this line alone, by its number.
    #[arg(long, value_name = "N", help_heading = "Waiver", requires = "waive", conflicts_with_all = ["metrics", "report", "kind", "import"])]
    line: Option<usize>,
}

impl AttestArguments {
    pub(super) fn run(mut self, ui: &Ui) -> Result<u8, CliError> {
        let report = self.report.as_ref().map(|(_, path)| path);
        let given = self.metrics.iter().chain(&self.predicate).chain(&self.import).chain(report).chain(&self.policy);
        self.addition.paths().read(given.map(PathBuf::as_path)).check()?;
        if let Some(file) = &self.import {
            return self.import(ui, file);
        }
        let wide = self.rule.is_none() && self.line.is_none();
        let claim = self.claim()?;
        let waiver = matches!(claim, Claim::Waiver(_));
        self.addition.run(ui, |job| attest::attest(job, claim))?;
        if waiver && wide {
            ui.hint("without `--rule` and `--line` it covers every rule whose findings have this code");
        }
        if !waiver {
            ui.hint(SEAL);
        }
        Ok(exit::DONE)
    }

    fn import(&self, ui: &Ui, file: &Path) -> Result<u8, CliError> {
        let text = files::read(file, limits::BUNDLE_BYTES)?;
        let adopted = self.addition.import(ui, |job| attest::adopt(job, &text)).map_err(|error| error.about(file))?;
        for refused in &adopted.refused {
            ui.warning(&format!("`{}`, {}", file.display(), refused.shown()));
        }
        for line in &adopted.unproven {
            let file = file.display();
            ui.warning(&format!(
                "`{file}`, line {line}: its log entries and timestamps are left out: nothing proves its time"
            ));
        }
        if !adopted.unproven.is_empty() {
            ui.hint("to keep them, name a trusted root that can check them in the trust file (`[sigstore]`), and import into the bundle as it was");
        }
        if adopted.appended.lines.is_empty() {
            ui.hint("the bundle has all of it already");
        } else {
            ui.hint(SEAL);
        }
        Ok(exit::DONE)
    }

    fn claim(&mut self) -> Result<Claim, CliError> {
        if let Some(path) = &self.metrics {
            let text = files::read(path, limits::REPORT_BYTES)?;
            let evaluation = Evaluation::parse(&text).map_err(|error| CliError::from(error).about(path))?;
            let (name, datasets) = (self.name.clone(), std::mem::take(&mut self.dataset));
            return Ok(Claim::Evaluation(Box::new(Recording { evaluation, name, datasets, url: self.url.take() })));
        }
        if let Some((tool, path)) = &self.report {
            let text = files::read(path, limits::REPORT_BYTES)?;
            let given = Given { version: self.scanner_version.take(), rules_updated: self.rules_date };
            let predicate = attest::import(*tool, &text, &given, environment::now());
            return Ok(Claim::Predicate(Box::new(predicate.map_err(|error| CliError::from(error).about(path))?)));
        }
        if let (Some(kind), Some(path)) = (&self.kind, &self.predicate) {
            let text = files::read(path, limits::PREDICATE_BYTES)?;
            return Ok(Claim::Predicate(Box::new(attest::foreign(kind, &text)?)));
        }
        let (Some(code), Some(owner), Some(reason), Some(expires_at)) =
            (self.waive.take(), self.owner.take(), self.reason.take(), self.expires)
        else {
            return Err(CliError::usage("nothing is to be attested"));
        };
        let about = self.line.map(|line| self.payload(line)).transpose()?;
        let rule = self.rule.take();
        let under = match &self.policy {
            Some(path) => PolicySource::load(path)?.waivable(),
            None => Policy::baseline().waivable().clone(),
        };
        Ok(Claim::Waiver(Box::new(WaiverRequest { code, rule, about, owner, reason, expires_at, under })))
    }

    /// Returns the SHA-256 of the payload of a line.
    fn payload(&self, line: usize) -> Result<Digest, CliError> {
        let bytes = files::read_own(self.addition.bundle(), limits::BUNDLE_BYTES)?;
        let (bundle, _) = UnverifiedBundle::split(&bytes);
        let inspection = Inspection::of(bundle);
        Ok(Digest::of(inspection.select(&line.to_string())?.payload()?))
    }
}

/// Reads `TOOL=FILE`.
fn report(text: &str) -> Result<(Tool, PathBuf), String> {
    const TOOLS: [(&str, Tool); 9] = [
        ("fickling", Tool::Fickling),
        ("grype", Tool::Grype),
        ("modelaudit", Tool::Modelaudit),
        ("modelscan", Tool::Modelscan),
        ("osv-scanner", Tool::OsvScanner),
        ("picklescan", Tool::Picklescan),
        ("pip-audit", Tool::PipAudit),
        ("sarif", Tool::Sarif),
        ("trivy", Tool::Trivy),
    ];
    let expected = || format!("expected TOOL=FILE with one of {}", TOOLS.map(|(name, _)| name).join(", "));
    let (name, file) = text.split_once('=').filter(|(_, file)| !file.is_empty()).ok_or_else(expected)?;
    let (_, tool) = TOOLS.into_iter().find(|(known, _)| *known == name).ok_or_else(expected)?;
    Ok((tool, file.into()))
}
