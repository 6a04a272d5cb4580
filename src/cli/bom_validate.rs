//! `assaymark bom validate`

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::EXIT_STATUS;
use crate::cli::environment;
use crate::cli::error::CliError;
use crate::cli::format::{self, Form, Output};
use crate::cli::paths::Paths;
use crate::cli::progress::Bar;
use crate::cli::release_arguments::{ReleaseArguments, explained};
use crate::cli::ui::Ui;
use crate::cli::values::{self, NamedPath};
use crate::completeness::Profile;
use crate::create::{self, BillJob};
use crate::files::{self, Access, Existing, Staged};
use crate::intoto::predicate::seal::Release;
use crate::limits;
use crate::path::TreePath;
use crate::release::{ContainerImage, LicenseExpression};
use crate::render;
use crate::text::Text;
use crate::validate::against::Bytes;
use crate::validate::{self, Demands, Examination, Validation};

const EXAMPLES: &str = "\
Examples:
  Is a document CycloneDX, and do its references hold?
    assaymark bom validate sbom.cdx.json

  Does it have the minimum elements, and what is missing?
    assaymark bom validate sbom.cdx.json --profile g7-ai

  Are the files those that it speaks of?
    assaymark bom validate sbom.cdx.json --against model/ --dataset train=data/train

  Is every value what the files give, with the flags of `bom create`?
    assaymark bom validate digits-1.0.0.cdx.json --remake release.toml
    assaymark bom validate digits-1.0.0.cdx.json --remake --release digits@1.0.0 --against model/ --code src/

  For a code host, from a pipe:
    assaymark bom validate - --profile cisa-2026 --format sarif=bom.sarif
";

/// Check a bill of materials, whoever made it: CycloneDX 1.5, 1.6 or 1.7 in JSON.
///
/// The official schema always counts. References that lead nowhere, and models and datasets that do not say what
/// they are, warn; with --strict and in the profiles of minimum elements they are at fault. Nothing is verified:
/// whoever wants to know who made it asks `bundle verify`.
#[derive(Args)]
#[command(after_long_help = format!("{EXAMPLES}\n{EXIT_STATUS}"))]
#[expect(clippy::option_option, reason = "`--remake` may stand alone")]
pub(super) struct ValidateArguments {
    /// The document, or - for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// By which list completeness is judged.
    #[arg(long, value_name = "PROFILE", value_parser = profile, default_value = "cyclonedx", help_heading = "Demands")]
    profile: Chosen,
    /// The least score that the document must have in the profile, from 0 to 100.
    #[arg(long, value_name = "SCORE", value_parser = score, help_heading = "Demands")]
    min_score: Option<f64>,
    /// Whatever warns is at fault.
    #[arg(long, help_heading = "Demands")]
    strict: bool,
    /// The model that it is about, a file or a folder: its bytes are hashed and read again.
    #[arg(long, value_name = "PATH", help_heading = "Bytes")]
    against: Option<PathBuf>,
    /// A dataset to hash and read again, by its name in the document. May be repeated.
    #[arg(long, value_name = "NAME=PATH", value_parser = values::named_path, help_heading = "Bytes")]
    dataset: Vec<NamedPath>,
    /// The training code to hash again.
    #[arg(long, value_name = "PATH", help_heading = "Bytes")]
    code: Option<PathBuf>,
    /// Make the document again of its release file, or of flags alone, and name every value that differs.
    ///
    /// The paths of --against, --dataset and --code stand in place of those of the file, as with `bom create`.
    #[arg(long, value_name = "RELEASE_FILE", num_args = 0..=1, help_heading = "Bytes")]
    remake: Option<Option<PathBuf>>,
    #[command(flatten)]
    made_with: MadeWith,
    /// Compare the data for testing with those for training row by row, even where the document does not say that they were.
    #[arg(long, help_heading = "Bytes")]
    rows: bool,
    /// A folder of OSV entries, by which packages are looked up: no network is asked.
    #[arg(long, value_name = "DIR", help_heading = "Vulnerabilities")]
    osv_db: Option<PathBuf>,
    /// Write what was found as an in-toto vulnerabilities predicate, for `bundle attest --type vulnerabilities`.
    ///
    /// Only where every package could be looked for; where one can't be, nothing is written, and it is at fault.
    #[arg(long, value_name = "FILE", help_heading = "Vulnerabilities", requires = "osv_db")]
    vulnerabilities: Option<PathBuf>,
    /// In which form: human, json or sarif, to a file with `=FILE`. May be repeated.
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = format::parse::<ValidationFormat>, help_heading = "Output")]
    format: Vec<Output<ValidationFormat>>,
}

/// Flags of `bom create` that the document was made with.
#[derive(Args)]
struct MadeWith {
    /// The release that was given to `bom create`.
    #[arg(long, value_name = "NAME@VERSION", value_parser = values::release, help_heading = "Bytes", requires = "remake")]
    release: Option<Release>,
    /// The licence that was given.
    #[arg(long, value_name = "SPDX", help_heading = "Bytes", requires = "remake")]
    license: Option<LicenseExpression>,
    /// A lock file that was given to `bom create`. May be repeated.
    #[arg(long, value_name = "PATH", help_heading = "Bytes", requires = "remake")]
    lock_file: Vec<PathBuf>,
    /// A BOM of others that was given. May be repeated.
    #[arg(long, value_name = "FILE", help_heading = "Bytes", requires = "remake")]
    sbom: Vec<PathBuf>,
    /// The image of the container that was given.
    #[arg(long, value_name = "NAME@sha256:DIGEST", help_heading = "Bytes", requires = "remake")]
    image: Option<ContainerImage>,
    /// A path of the model folder that was left out. May be repeated.
    #[arg(long, value_name = "PATH", value_parser = values::tree_path, help_heading = "Bytes", requires = "remake")]
    exclude: Vec<TreePath>,
    /// Whom to trust for the bundles of base models, as given.
    #[arg(long, value_name = "FILE", help_heading = "Bytes", requires = "remake")]
    base_trust: Option<PathBuf>,
}

impl MadeWith {
    /// Puts the flags together as `bom create` has them.
    fn inputs(
        self,
        release_file: Option<PathBuf>,
        model: Option<PathBuf>,
        dataset: Vec<NamedPath>,
        code: Option<PathBuf>,
    ) -> ReleaseArguments {
        let Self { release, license, lock_file, sbom, image, exclude, base_trust } = self;
        ReleaseArguments {
            release_file,
            release,
            license,
            model,
            dataset,
            code,
            lock_file,
            sbom,
            image,
            exclude,
            base_trust,
            base_withdrawals: None,
        }
    }
}

/// A profile, or only the format itself.
#[derive(Clone, Copy, Debug)]
struct Chosen(Option<Profile>);

fn profile(text: &str) -> Result<Chosen, String> {
    if text == "cyclonedx" {
        return Ok(Chosen(None));
    }
    Profile::named(text).map(|profile| Chosen(Some(profile))).ok_or_else(|| {
        let names: Vec<_> = Profile::ALL.iter().map(|(name, _)| format!("`{name}`")).collect();
        format!("expected `cyclonedx` or {}", names.join(" or "))
    })
}

fn score(text: &str) -> Result<f64, String> {
    let score = text.parse().ok().filter(|score| (0.0..=100.0).contains(score));
    score.ok_or_else(|| "expected a number from 0 to 100".to_owned())
}

/// A form in which validations are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ValidationFormat {
    Human,
    Json,
    Sarif,
}

impl Form for ValidationFormat {
    const ALL: &'static [(&'static str, Self)] =
        &[("human", Self::Human), ("json", Self::Json), ("sarif", Self::Sarif)];
    const HUMAN: Self = Self::Human;
}

impl ValidateArguments {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        let demands = Demands { profile: self.profile.0, strict: self.strict, min_score: self.min_score };
        if demands.min_score.is_some() && demands.profile.is_none() {
            return Err(CliError::usage("`--min-score` is a score of a profile")
                .with_hint("name one, such as `--profile g7-ai`"));
        }
        values::check_distinct(&self.dataset)?;
        let outputs = format::check(self.format)?;
        let hashed = self.dataset.iter().map(|one| &one.path).chain(&self.against).chain(&self.osv_db);
        let paths = Paths::default()
            .read([self.file.as_path()])
            .read(self.remake.iter().flatten().chain(&self.code).map(PathBuf::as_path))
            .hashed(hashed.map(PathBuf::as_path))
            .reports(&outputs)
            .written(self.vulnerabilities.as_deref());
        paths.check()?;
        let text = files::read(&self.file, limits::BOM_BYTES)?;
        let mut examination = validate::examine(&text, demands).map_err(CliError::machine)?;
        let bytes = Bytes {
            model: self.against.as_deref(),
            datasets: self.dataset.iter().map(|one| (&one.name, one.path.as_path())).collect(),
            code: self.code.as_deref(),
            rows: self.rows,
        };
        examination.against(&bytes, &Bar::new(ui))?;
        if let Some(file) = self.remake {
            let inputs = self.made_with.inputs(file, self.against, self.dataset, self.code);
            remake(&mut examination, inputs, self.rows, ui)?;
        }
        if let Some(folder) = &self.osv_db {
            let started = environment::now();
            let known = examination.known(folder, self.vulnerabilities.is_some(), &Bar::new(ui))?;
            if let (Some(file), Some(known)) = (&self.vulnerabilities, known) {
                let predicate = known.predicate(started, environment::now());
                let text = serde_json::to_string_pretty(&predicate).map_err(CliError::machine)? + "\n";
                Staged::with(file, Existing::Replace, Access::Public, text.as_bytes())?.commit()?;
            }
        }
        let validation = examination.finish();
        for output in &outputs {
            output.write(ui, &render(&validation, &self.file, output.format)?)?;
        }
        Ok(validation.exit_status())
    }
}

/// Makes the document again, and compares.
fn remake(
    examination: &mut Examination<'_>,
    mut inputs: ReleaseArguments,
    rows: bool,
    ui: &Ui,
) -> Result<(), CliError> {
    let Some(origin) = examination.origin() else { return Ok(()) };
    let spec = inputs.take(ui)?;
    let tags: Vec<&str> = origin.tags.iter().map(String::as_str).collect();
    let job = BillJob {
        spec: &spec,
        excluded: &inputs.exclude,
        version: origin.version,
        at: origin.at,
        compare_rows: rows || origin.rows,
        tags: Some(&tags),
        progress: &Bar::new(ui),
    };
    let made = create::bill(&job).map_err(|error| explained(ui, error))?;
    let remade = serde_json::from_slice(&made.document).map_err(CliError::machine)?;
    examination.compare(&remade);
    examination.later_tags(&made.untold);
    Ok(())
}

fn render(validation: &Validation, file: &Path, format: ValidationFormat) -> Result<String, CliError> {
    let document = Text::from(file.to_string_lossy().into_owned());
    match format {
        ValidationFormat::Human => Ok(render::validation::human(validation, &document)),
        ValidationFormat::Json => render::validation::json(validation, &document).map_err(CliError::machine),
        ValidationFormat::Sarif => render::validation::sarif(validation, &document).map_err(CliError::machine),
    }
}
