//! `assaymark verify-bundle`: the protocol of sigstore-conformance.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::digest::Digest;
use crate::files;
use crate::finding::Code;
use crate::foreign;
use crate::key::VerifyingKey;
use crate::limits;
use crate::sigstore::{Artifact, Demanded, Identity, Root, Subject};

/// Verify a Sigstore bundle, or one of cosign's old format, about one artifact.
///
/// It says nothing of a release: that is `bundle verify`. Its arguments are those of sigstore-conformance, whose
/// cases `tests/conformance/sigstore` runs with it. On a rejection the last line on standard error is the code.
#[derive(Args)]
#[command(group = clap::ArgGroup::new("signer").required(true).args(["key", "certificate_identity"]))]
pub(super) struct VerifyBundleArguments {
    /// The Sigstore bundle.
    #[arg(long, value_name = "FILE")]
    bundle: PathBuf,
    /// The public key that must have signed.
    #[arg(long, value_name = "FILE", conflicts_with = "certificate_identity")]
    key: Option<PathBuf>,
    /// The subject that the certificate must name, exactly.
    #[arg(long, value_name = "SUBJECT", requires = "certificate_oidc_issuer")]
    certificate_identity: Option<String>,
    /// The issuer that it must name, exactly.
    #[arg(long, value_name = "URL", requires = "certificate_identity")]
    certificate_oidc_issuer: Option<String>,
    /// The trusted root, or a client trust config.
    #[arg(long, value_name = "FILE")]
    trusted_root: PathBuf,
    /// The artifact: a file, or `sha256:` and its digest.
    #[arg(value_name = "ARTIFACT")]
    artifact: PathBuf,
}

impl VerifyBundleArguments {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        let root = files::read_text(&self.trusted_root, limits::CONFIGURATION_BYTES)?;
        let root = Root::parse(&root).map_err(|error| CliError::from(error).about(&self.trusted_root))?;
        let demanded = self.demanded()?;
        let bundle = files::read(&self.bundle, limits::LINE_BYTES)?;
        let artifact = artifact(&self.artifact)?;
        let bundle = match foreign::old_bundle_rewritten(&bundle) {
            Ok(rewritten) => rewritten.unwrap_or(bundle),
            Err(error) => return Ok(rejected(ui, &error.to_string(), Code::MalformedLine)),
        };
        match root.artifact(&bundle, &artifact, &demanded) {
            Ok(_) => Ok(exit::DONE),
            Err(refusal) => Ok(rejected(ui, &refusal.reason, refusal.code)),
        }
    }

    fn demanded(&self) -> Result<Demanded, CliError> {
        if let Some(path) = &self.key {
            let text = files::read_text(path, limits::CONFIGURATION_BYTES)?;
            let key = VerifyingKey::from_pem(&text).map_err(|error| CliError::from(error).about(path))?;
            return Ok(Demanded::Key(Box::new(key)));
        }
        match (&self.certificate_identity, &self.certificate_oidc_issuer) {
            (Some(subject), Some(issuer)) if !subject.is_empty() && !issuer.is_empty() => {
                let subject = Subject::Exact(subject.clone());
                Ok(Demanded::Identity(Identity { subject, issuer: issuer.clone() }))
            }
            _ => Err(CliError::usage("an identity has a subject and an issuer, and neither is empty")),
        }
    }
}

fn rejected(ui: &Ui, reason: &str, code: Code) -> u8 {
    ui.plain(&reason.escape_debug().to_string());
    ui.plain(code.as_str());
    exit::REJECTED
}

/// Reads the artifact, unless its name is a digest and no file.
fn artifact(path: &Path) -> Result<Artifact, CliError> {
    let digest = path.to_str().and_then(|text| text.strip_prefix("sha256:")).and_then(|hex| hex.parse::<Digest>().ok());
    match digest.filter(|_| !path.exists()) {
        Some(digest) => Ok(Artifact::Digest(digest)),
        None => Ok(Artifact::Bytes(files::read(path, limits::BUNDLE_BYTES)?)),
    }
}
