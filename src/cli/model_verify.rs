//! `assaymark model verify`

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use crate::certificate::Authorities;
use crate::cli::error::CliError;
use crate::cli::format::{self, Format, Output};
use crate::cli::model_arguments::ModelArguments;
use crate::cli::paths::Paths;
use crate::cli::progress::Bar;
use crate::cli::ui::Ui;
use crate::cli::{EXIT_STATUS, environment, values};
use crate::files;
use crate::key::VerifyingKey;
use crate::limits;
use crate::model::{self, ModelReport, ModelRequest, TrustedSigner};
use crate::render;

use sigstore::SigstoreArguments;

mod sigstore;

const EXAMPLES: &str = "\
Examples:
  Verify a model with the key of its publisher:
    assaymark model verify key model/ --signature model.sig --public-key publisher.pub

  Verify one that was signed with a certificate of an authority:
    assaymark model verify certificate model/ --signature model.sig --certificate-chain root.pem

  Verify one that somebody signed without a lasting key:
    assaymark model verify sigstore model/ --signature model.sig --trust-config trusted_root.json \\
        --identity release@example.com --identity-provider https://accounts.example.com
";

#[derive(Subcommand)]
pub(super) enum ModelVerifyCommand {
    Certificate(CertificateArguments),
    Key(KeyArguments),
    Sigstore(SigstoreArguments),
}

/// Verify a model that was signed with a private key.
///
/// Reads what `model_signing` wrote since 0.2.0. Offline: no network, no program is started. Every file must be
/// as it was signed, and no other may be there.
#[derive(Args)]
#[command(after_long_help = format!("{EXAMPLES}\n{EXIT_STATUS}"))]
pub(super) struct KeyArguments {
    #[command(flatten)]
    common: VerifyArguments,
    /// The public key of the signer, in PEM.
    #[arg(long, alias = "public_key", value_name = "FILE")]
    public_key: PathBuf,
}

/// Verify a model that was signed with a certificate.
///
/// Every certificate of the chain, and the authority, must be valid at the time of the check. Whoever the
/// authority vouches for is trusted: the report shows who signed.
#[derive(Args)]
#[command(after_long_help = format!("{EXAMPLES}\n{EXIT_STATUS}"))]
pub(super) struct CertificateArguments {
    #[command(flatten)]
    common: VerifyArguments,
    /// The authorities that are trusted, in PEM, and certificates that lead to them. May be repeated.
    #[arg(long, alias = "certificate_chain", value_name = "FILE", required = true)]
    certificate_chain: Vec<PathBuf>,
    /// Lists of revoked certificates, in PEM or DER; every certificate below an authority must then be covered.
    /// May be repeated.
    #[arg(long, value_name = "FILE")]
    revocation_list: Vec<PathBuf>,
}

#[derive(Args)]
struct VerifyArguments {
    #[command(flatten)]
    model: ModelArguments,
    /// UNSAFE: accept files in the model that nobody signed.
    #[arg(long, alias = "ignore_unsigned_files", overrides_with = "no_ignore_unsigned_files")]
    ignore_unsigned_files: bool,
    /// Reject them; this is the default.
    #[arg(long, aliases = ["no-ignore_unsigned_files", "no_ignore_unsigned_files"])]
    no_ignore_unsigned_files: bool,
    /// UNSAFE: verify as of another time than now, such as 2026-01-01T00:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    at: Option<DateTime<Utc>>,
    /// Reject on warnings as well, such as paths that the signer left out.
    #[arg(long)]
    strict: bool,
    /// In which form: human or json, to a file with `=FILE`, which is replaced. May be repeated.
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = format::parse::<Format>)]
    format: Vec<Output>,
}

impl ModelVerifyCommand {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        match self {
            Self::Certificate(arguments) => arguments.run(ui),
            Self::Key(arguments) => arguments.run(ui),
            Self::Sigstore(arguments) => arguments.run(ui),
        }
    }
}

impl KeyArguments {
    fn run(self, ui: &Ui) -> Result<u8, CliError> {
        let outputs = self.common.check(&[&self.public_key])?;
        let text = files::read_text(&self.public_key, limits::CONFIGURATION_BYTES)?;
        let key = VerifyingKey::from_pem(&text).map_err(|error| CliError::from(error).about(&self.public_key))?;
        let name = self.public_key.display().to_string();
        self.common.verify(ui, &outputs, TrustedSigner::Key { name: &name, key: &key })
    }
}

impl CertificateArguments {
    fn run(self, ui: &Ui) -> Result<u8, CliError> {
        let read: Vec<_> = self.certificate_chain.iter().chain(&self.revocation_list).collect();
        let outputs = self.common.check(&read)?;
        let mut texts = Vec::new();
        for path in &self.certificate_chain {
            texts.push(files::read_text(path, limits::CONFIGURATION_BYTES)?);
        }
        let names: Vec<_> = self.certificate_chain.iter().map(|path| path.display().to_string()).collect();
        let name = names.join(", ");
        let authorities = Authorities::from_pem(&texts.join("\n"));
        let mut authorities = authorities.map_err(|error| CliError::from(error).about(Path::new(&name)))?;
        for path in &self.revocation_list {
            let bytes = files::read(path, limits::REVOCATION_BYTES)?;
            authorities.add_revocations(&bytes).map_err(|error| CliError::from(error).about(path))?;
        }
        self.common.verify(ui, &outputs, TrustedSigner::Certificate { name: &name, authorities: &authorities })
    }
}

impl VerifyArguments {
    /// Checks the call, and returns where the report goes to.
    fn check(&self, more: &[&PathBuf]) -> Result<Vec<Output>, CliError> {
        self.model.check()?;
        let outputs = format::check(self.format.clone())?;
        let read = [&self.model.signature].into_iter().chain(more.iter().copied());
        let paths = Paths::default().read(read.map(PathBuf::as_path)).hashed([self.model.model.as_path()]);
        paths.reports(&outputs).check()?;
        for file in outputs.iter().filter_map(Output::file) {
            self.model.check_outside(file)?;
        }
        Ok(outputs)
    }

    fn verify(self, ui: &Ui, outputs: &[Output], trusted: TrustedSigner<'_>) -> Result<u8, CliError> {
        let signature = files::read(&self.model.signature, limits::LINE_BYTES)?;
        let ignored = self.model.ignored()?;
        let bar = Bar::new(ui);
        let report = model::verify(&ModelRequest {
            model: &self.model.model,
            signature: &signature,
            signature_path: &self.model.signature,
            signature_inside: self.model.signature_inside(),
            trusted,
            ignored: &ignored,
            ignore_git_names: self.model.ignores_git_names(),
            allow_unsigned_files: self.ignore_unsigned_files && !self.no_ignore_unsigned_files,
            strict: self.strict,
            at: self.at.unwrap_or_else(environment::now),
            time_is_given: self.at.is_some(),
            progress: &bar,
        });
        drop(bar);
        let report = report?;
        for output in outputs {
            output.write(ui, &render(&report, output.format)?)?;
        }
        Ok(report.outcome().exit_status())
    }
}

fn render(report: &ModelReport, format: Format) -> Result<String, CliError> {
    match format {
        Format::Human => Ok(render::model::human(report)),
        Format::Json => render::model::json(report).map_err(CliError::machine),
    }
}
