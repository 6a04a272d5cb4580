//! Verifying a model against its signature.

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::certificate::Authorities;
use crate::digest::Digest;
use crate::files::ReadError;
use crate::finding::{Code, Finding, Findings, Place, Tree};
use crate::inventory::{self, Progress, Visitor};
use crate::key::VerifyingKey;
use crate::model::authenticate::{SignedPayload, authenticate};
use crate::model::compare::compare;
use crate::model::measure::Measure;
use crate::model::report::{ModelReport, ModelScope};
use crate::model::{git_names, options};
use crate::oms::{Manifest, ManifestError, TYPE_0_2};
use crate::path::TreePath;
use crate::sigstore::{Identity, Root};

/// Whom the caller trusts.
pub enum TrustedSigner<'a> {
    /// Whoever has a certificate of an authority.
    Certificate {
        /// The file that names the authorities.
        name: &'a str,
        /// The authorities.
        authorities: &'a Authorities,
    },
    /// Somebody whom a certificate of Sigstore names.
    Identity {
        /// The file that names the authorities and logs.
        name: &'a str,
        /// The authorities and logs.
        root: &'a Root,
        /// Whom the certificate must name.
        identity: &'a Identity,
    },
    /// Whoever has a key.
    Key {
        /// The file of the key.
        name: &'a str,
        /// The key.
        key: &'a VerifyingKey,
    },
}

/// What is verified, and how.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct ModelRequest<'a> {
    /// The model: a file or a folder.
    pub model: &'a Path,
    /// The signature.
    pub signature: &'a [u8],
    /// Where the signature is.
    pub signature_path: &'a Path,
    /// Where the signature is inside the model, if it is there.
    pub signature_inside: Option<TreePath>,
    /// Whom the caller trusts.
    pub trusted: TrustedSigner<'a>,
    /// What the caller passes over.
    pub ignored: &'a [TreePath],
    /// Whether git names at the top may lie there unsigned.
    pub ignore_git_names: bool,
    /// Whether any file may lie there unsigned.
    pub allow_unsigned_files: bool,
    /// Whether warnings reject.
    pub strict: bool,
    /// The time of the check.
    pub at: DateTime<Utc>,
    /// Whether the caller chose the time.
    pub time_is_given: bool,
    /// Where to report progress.
    pub progress: &'a dyn Progress,
}

/// Verifies a model. Whatever is at fault is in the report; an error means that there is no such model.
pub fn verify(request: &ModelRequest<'_>) -> Result<ModelReport, ReadError> {
    let mut report = empty(request);
    let authenticated = match authenticate(request.signature, &request.trusted, request.at) {
        Ok(authenticated) => authenticated,
        Err(finding) => {
            report.findings.push(*finding);
            return Ok(report);
        }
    };
    let manifest = match read(&authenticated) {
        Ok(manifest) => manifest,
        Err(finding) => {
            report.findings.push(*finding);
            return Ok(report);
        }
    };
    report.signer = Some(authenticated.signer.into());
    report.proven = authenticated.proven;
    let skip = passed_over(request, &manifest, &mut report);
    let measure = Measure::new(&manifest, request.model.is_dir());
    let visitor = measure.as_ref().map(|measure| measure as &dyn Visitor);
    let mut taken =
        inventory::take(request.model, &inventory::Options { visitor, ..options(&skip, request.progress) })?;
    report.failures.append(&mut taken.failures);
    report.findings.append(std::mem::take(&mut taken.findings));
    let found = measure.map(Measure::finish);
    compare(request, manifest, &taken, found, &mut report);
    Ok(report)
}

fn empty(request: &ModelRequest<'_>) -> ModelReport {
    let trust = match &request.trusted {
        TrustedSigner::Key { name, key } => format!("{name} {} {}", key.algorithm().as_str(), key.key_id()),
        TrustedSigner::Certificate { name, .. } => format!("authorities of {name}"),
        TrustedSigner::Identity { name, identity, .. } => format!("{identity}, by the authorities and logs of {name}"),
    };
    let doors = [
        (request.allow_unsigned_files, "--ignore-unsigned-files"),
        (!request.ignored.is_empty(), "--ignore-paths"),
        (request.time_is_given, "--at"),
    ];
    ModelReport {
        scope: ModelScope {
            signature: request.signature_path.to_owned(),
            signature_digest: Digest::of(request.signature),
            model: request.model.to_owned(),
            hashed: None,
            not_hashed: Vec::new(),
            trust: trust.into(),
            at: request.at,
            doors: doors.into_iter().filter_map(|(open, door)| open.then_some(door)).collect(),
        },
        signer: None,
        proven: None,
        findings: Findings::default(),
        failures: Vec::new(),
        strict: request.strict,
        compared: None,
        unsigned: 0,
    }
}

/// Reads what was signed. Only version 0.2.0 signed as it did.
fn read(authenticated: &SignedPayload) -> Result<Manifest, Box<Finding>> {
    let deny = |code, error: String| Box::new(Finding::deny(code, Place::Signature, error));
    let manifest = Manifest::parse(&authenticated.payload).map_err(|error| {
        let code = match &error {
            ManifestError::Json(json) if json.is_limit() => Code::LimitExceeded,
            ManifestError::Limit => Code::LimitExceeded,
            _ => Code::MalformedStatement,
        };
        deny(code, format!("what was signed can't be read as a model signature: {error}"))
    })?;
    if authenticated.as_0_2 && !manifest.is_of_0_2 {
        return Err(deny(Code::BadSignature, format!("it is signed as `{TYPE_0_2}` was, and is of another type")));
    }
    Ok(manifest)
}

/// Returns what is passed over, and says who chose it. What is listed is never passed over.
fn passed_over(request: &ModelRequest<'_>, manifest: &Manifest, report: &mut ModelReport) -> Vec<TreePath> {
    let listed =
        |path: &TreePath| manifest.items.keys().any(|item| item.path.as_ref().is_some_and(|one| one.is_within(path)));
    let git: Vec<TreePath> = git_names().filter(|name| request.ignore_git_names && !listed(name)).collect();
    let mut skip = git.clone();
    let there = |path: &TreePath| std::fs::symlink_metadata(request.model.join(path.as_str())).is_ok();
    for path in git.iter().filter(|path| there(path)) {
        report.scope.not_hashed.push(format!("`{path}`, which model signatures leave out").into());
    }
    if let Some(path) = &request.signature_inside {
        report.scope.not_hashed.push(format!("`{path}`, the signature itself").into());
        skip.push(path.clone());
    }
    for path in request.ignored {
        if listed(path) {
            let summary = format!("`{path}` was signed, and `--ignore-paths` passes it over");
            let finding = Finding::deny(Code::NotHashed, Place::file(&Tree::Model, path.as_str()), summary);
            report.findings.push(finding.help("leave out `--ignore-paths` for it"));
            continue;
        }
        report.scope.not_hashed.push(format!("`{path}`, as the caller wishes").into());
        skip.push(path.clone());
    }
    for path in &manifest.ignored {
        if skip.contains(path) || git_names().any(|name| name == *path) {
            continue;
        }
        if there(path) {
            let summary = format!("the signer left out `{path}`, and nobody vouches for what lies there");
            let finding = Finding::warn(Code::OmsIgnoredPaths, Place::file(&Tree::Model, path.as_str()), summary);
            report.findings.push(finding.help("remove it, or have the model signed with it; `--strict` rejects it"));
            report.scope.not_hashed.push(format!("`{path}`, as the signer wishes").into());
        }
        skip.push(path.clone());
    }
    skip
}
