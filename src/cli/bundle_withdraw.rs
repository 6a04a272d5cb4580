//! `assaymark bundle withdraw`

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args};

use crate::cli::addition::ENVIRONMENT;
use crate::cli::error::CliError;
use crate::cli::paths::Paths;
use crate::cli::signing::LineSigningArguments;
use crate::cli::ui::Ui;
use crate::cli::{environment, exit, values};
use crate::digest::{ArtifactDigest, Digest};
use crate::files;
use crate::intoto::predicate::withdrawal::Withdrawn;
use crate::key::VerifyingKey;
use crate::limits;
use crate::name::Name;
use crate::render;
use crate::trust::TrustRoot;
use crate::withdraw::{Job, WithdrawError, withdraw};

const EXAMPLES: &str = "\
Examples:
  Withdraw a release:
    assaymark bundle withdraw withdrawals.jsonl --release sentiment@1.2.0 --reason backdoor \\
        --trust trust.toml --key security.key

  Withdraw every release that a dataset went into:
    assaymark bundle withdraw withdrawals.jsonl --reason poisoned --trust trust.toml --key security.key \\
        --dataset-digest tree:sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855

  Withdraw all that somebody signed keylessly:
    assaymark bundle withdraw withdrawals.jsonl --reason takeover --trust trust.toml --key security.key \\
        --withdrawn-identity alice@example.com --withdrawn-issuer https://accounts.example.com

  Take a release out of a stage, until a promoter lets it in again:
    assaymark bundle withdraw withdrawals.jsonl --release sentiment@1.2.0 --stage production \\
        --reason regression --trust trust.toml --key security.key

  Say that the list is still looked after:
    assaymark bundle withdraw withdrawals.jsonl --nothing --trust trust.toml --key security.key
";

/// Withdraw a release, a model, a dataset, a key or an identity, or take a release out of a stage.
///
/// The list is a JSON Lines file of its own; each line continues the one before. `bundle verify` honours it
/// with `--withdrawals`, and refuses it when its newest line is too old. The key must be of an attester with
/// the role `withdrawer`.
#[derive(Args)]
#[command(after_long_help = format!("{EXAMPLES}\n{ENVIRONMENT}"))]
#[command(group = ArgGroup::new("what").required(true).args(["release", "model_digest", "dataset_digest", "withdrawn_key", "withdrawn_identity", "nothing"]))]
#[command(group = ArgGroup::new("signer").args(["withdrawn_key", "withdrawn_identity"]))]
pub(super) struct WithdrawArguments {
    /// The list of withdrawals; it is made if it is not there.
    #[arg(value_name = "LIST")]
    list: PathBuf,
    /// Whom to trust, the signer among them: a trust.toml.
    #[arg(long, value_name = "FILE", help_heading = "Trust")]
    trust: PathBuf,

    /// A release, in one version or in all, and every model that is based on it.
    #[arg(long, value_name = "NAME[@VERSION]", value_parser = values::demanded_release, help_heading = "What is withdrawn")]
    release: Option<(Name, Option<Name>)>,
    /// The stage out of which the release is taken; it is withdrawn from no other, and can be promoted again.
    #[arg(long, value_name = "STAGE", help_heading = "What is withdrawn", requires = "release", conflicts_with_all = ["model_digest", "dataset_digest", "withdrawn_key", "withdrawn_identity", "nothing"])]
    stage: Option<Name>,
    /// A model, by the digest of its files or its root of model signing, and every model that is based on it; or, as
    /// `sha256:…`, every model that has this very file. By its root it reaches those models that were made with its bundle.
    #[arg(long, value_name = "DIGEST", help_heading = "What is withdrawn")]
    model_digest: Option<ArtifactDigest>,
    /// A dataset, as it is recorded, and every model that was made with it, or is based on one that was.
    #[arg(long, value_name = "DIGEST", help_heading = "What is withdrawn")]
    dataset_digest: Option<ArtifactDigest>,
    /// What a key signed, by its public half in PEM.
    #[arg(long, value_name = "FILE", help_heading = "What is withdrawn")]
    withdrawn_key: Option<PathBuf>,
    /// What somebody signed with certificates, by the subject in them: an e-mail address or a URI, exactly.
    #[arg(long, value_name = "SUBJECT", value_parser = NonEmptyStringValueParser::new(), help_heading = "What is withdrawn", requires = "withdrawn_issuer")]
    withdrawn_identity: Option<String>,
    /// Who vouched for that subject: the issuer of a keyless certificate, or the name that trust files give to the own
    /// authority.
    #[arg(long, value_name = "ISSUER", value_parser = NonEmptyStringValueParser::new(), help_heading = "What is withdrawn", requires = "withdrawn_identity", conflicts_with_all = ["release", "model_digest", "dataset_digest", "withdrawn_key", "nothing"])]
    withdrawn_issuer: Option<String>,
    /// Since when the key or identity was in wrong hands, for whoever reads the list. Older signatures are withdrawn as
    /// well.
    #[arg(long, value_name = "TIME", value_parser = values::time, help_heading = "What is withdrawn", requires = "signer", conflicts_with_all = ["release", "model_digest", "dataset_digest", "nothing"])]
    from: Option<DateTime<Utc>>,
    /// Until when it was in wrong hands. Later signatures are withdrawn as well.
    #[arg(long, value_name = "TIME", value_parser = values::time, help_heading = "What is withdrawn", requires = "signer", conflicts_with_all = ["release", "model_digest", "dataset_digest", "nothing"])]
    until: Option<DateTime<Utc>>,
    /// Nothing: the list is still looked after.
    #[arg(long, help_heading = "What is withdrawn")]
    nothing: bool,
    /// Why.
    #[arg(long, value_name = "TEXT", help_heading = "What is withdrawn", required_unless_present = "nothing")]
    reason: Option<String>,

    #[command(flatten)]
    signing: LineSigningArguments,
}

impl WithdrawArguments {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        let read = [&self.trust].into_iter().chain(&self.withdrawn_key);
        let paths =
            Paths::default().read(read.map(PathBuf::as_path)).read(self.signing.read()).written([self.list.as_path()]);
        paths.check()?;
        let trust = TrustRoot::load(&self.trust)?;
        paths.check_read()?;
        let (withdrawn, reach) = (self.withdrawn()?, self.reach());
        let signer = self.signing.signer(ui)?;
        let sequence = withdraw(&Job {
            list: &self.list,
            trust: &trust,
            withdrawn,
            reason: self.reason.unwrap_or_else(|| "nothing has been withdrawn since".to_owned()),
            signer: signer.as_ref(),
            clock: &environment::now,
        });
        let sequence = sequence.map_err(|error| {
            if let WithdrawError::Broken(findings) | WithdrawError::WouldNotCount(findings) = &error {
                ui.page(&render::human::findings(findings));
            }
            CliError::from(error)
        })?;
        ui.status("Withdrew", &format!("line {sequence} of `{}`", self.list.display()));
        if let Some(reach) = reach {
            ui.hint(reach);
        }
        Ok(exit::DONE)
    }

    /// Says what the digest of a file does not reach.
    fn reach(&self) -> Option<&'static str> {
        match (self.model_digest, self.dataset_digest) {
            (Some(ArtifactDigest::File(_)), _) => Some(
                "as a file of a folder it strikes the models that have it, and none that is based on them: withdraw those by \
                 the digest of the folder, `tree:sha256:…`, too",
            ),
            (_, Some(ArtifactDigest::File(_))) => Some(
                "it strikes datasets that are this one file: files of folders are not recorded, so withdraw a folder by its \
                 digest, `tree:sha256:…`",
            ),
            _ => None,
        }
    }

    fn withdrawn(&self) -> Result<Withdrawn, CliError> {
        if let Some((name, version)) = self.release.clone() {
            return Ok(match self.stage.clone() {
                Some(stage) => Withdrawn::Stage { name, version, stage },
                None => Withdrawn::Release { name, version },
            });
        }
        if let Some(digest) = self.model_digest {
            return Ok(Withdrawn::Model { digest });
        }
        if let Some(digest) = self.dataset_digest {
            return Ok(Withdrawn::Dataset { digest });
        }
        let (from, until) = (self.from, self.until);
        if let (Some(subject), Some(issuer)) = (self.withdrawn_identity.clone(), self.withdrawn_issuer.clone()) {
            return Ok(Withdrawn::Identity { subject, issuer, from, until });
        }
        let Some(path) = &self.withdrawn_key else { return Ok(Withdrawn::Nothing {}) };
        Ok(Withdrawn::Key { fingerprint: fingerprint(path)?, from, until })
    }
}

fn fingerprint(path: &std::path::Path) -> Result<Digest, CliError> {
    let text = files::read_text(path, limits::CONFIGURATION_BYTES)?;
    let key = VerifyingKey::from_pem(&text).map_err(|error| CliError::from(error).about(path))?;
    Ok(key.fingerprint())
}
