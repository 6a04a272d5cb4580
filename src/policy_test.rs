//! Tests of a policy: fixtures with the codes that they must have, and which rule nobody would miss.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use thiserror::Error;

use crate::bundle::UnverifiedBundle;
use crate::configuration::{self, ConfigurationError, Located};
use crate::digest::ArtifactDigest;
use crate::fault::{Blame, Fault};
use crate::files::{self, ReadError};
use crate::finding::Severity;
use crate::inventory::Progress;
use crate::limits;
use crate::name::{Name, NameError};
use crate::policy::{Origin, PackageFacts, Policy, PolicyError, PolicySource};
use crate::trust::{TrustError, TrustRoot};
use crate::verify::{self, Artifact, Outcome, TimeSource, VerifyError};

mod expectation;

/// The file that describes a fixture.
const CASE: &str = "case.toml";

/// What a fixture is made of. Paths are relative to its folder.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CaseFile {
    /// The release bundle.
    bundle: PathBuf,
    /// Whom to trust.
    trust: PathBuf,
    /// The model to hash; or `model-digest`.
    model: Option<PathBuf>,
    /// The digest of a model that is not there.
    model_digest: Option<Located<String>>,
    /// The code to hash.
    code: Option<PathBuf>,
    /// The datasets to hash, by name.
    #[serde(default)]
    dataset: BTreeMap<Name, PathBuf>,
    /// What is known of packages.
    package_facts: Option<PathBuf>,
    /// The stage at which it is verified.
    stage: Option<Name>,
    /// The release that is expected, `NAME@VERSION`; needed at a stage.
    release: Option<Located<String>>,
    /// The time of the check, with a time zone; now if not given.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    at: Option<toml::Spanned<toml::value::Datetime>>,
    /// The codes that deny; none for a pass.
    #[cfg_attr(test, schemars(with = "BTreeSet<String>"))]
    expect: Vec<Located<String>>,
    /// The codes that warn, if it matters.
    #[cfg_attr(test, schemars(with = "Option<BTreeSet<String>>"))]
    warn: Option<Vec<Located<String>>>,
}

/// Why a policy could not be tested.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TestError {
    /// A fixture says something that can't be.
    #[error(transparent)]
    Case(#[from] ConfigurationError),
    /// There is no fixture.
    #[error("`{}` has no fixture: no folder in it has a `{CASE}`", .0.display())]
    Empty(PathBuf),
    /// A folder among the fixtures is none: left out without a word, it would look as if it had been tried.
    #[error("`{}` has no `{CASE}`, so it is no fixture", .0.display())]
    NoCase(PathBuf),
    /// There are too many of them.
    #[error("`{}` has more than {} fixtures", .0.display(), limits::POLICY_FIXTURES)]
    TooMany(PathBuf),
    /// The policy can't be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A file can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A trust file can't be used.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// A verification could not be done.
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

impl TestError {
    fn fault(&self) -> Option<&dyn Fault> {
        Some(match self {
            Self::Case(error) => error,
            Self::Policy(error) => error,
            Self::Read(error) => error,
            Self::Trust(error) => error,
            Self::Verify(error) => error,
            Self::Empty(_) | Self::NoCase(_) | Self::TooMany(_) => return None,
        })
    }
}

impl Fault for TestError {
    fn blame(&self) -> Blame {
        self.fault().map_or(Blame::Call, Fault::blame)
    }

    fn details(&self) -> Vec<String> {
        self.fault().map(Fault::details).unwrap_or_default()
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Empty(_) => {
                Some(format!("`--fixtures` is a folder with a folder for each fixture, with its `{CASE}`"))
            }
            Self::NoCase(_) => Some(format!(
                "name its file `{CASE}` in small letters, or keep what fixtures have in common in another folder"
            )),
            _ => self.fault()?.hint(),
        }
    }
}

/// What came of testing a policy.
#[derive(Debug)]
pub struct Tested {
    /// The fixtures, by name.
    pub fixtures: Vec<FixtureResult>,
    /// The rules of the policy file.
    pub rules: Vec<RuleResult>,
}

/// What came of one fixture.
#[derive(Debug)]
pub struct FixtureResult {
    /// The name of its folder.
    pub name: String,
    /// The codes that it must be denied by.
    pub expected: BTreeSet<String>,
    /// The codes that it is denied by.
    pub found: BTreeSet<String>,
    /// Whether that, and the warnings if they matter, is as it must be.
    pub passed: bool,
}

/// Whether anybody would notice that a rule was removed.
#[derive(Debug)]
pub struct RuleResult {
    /// The rule.
    pub name: String,
    /// The stage that it belongs to.
    pub stage: Option<Name>,
    /// The first fixture that is judged otherwise without it.
    pub noticed_by: Option<String>,
}

/// A fixture that was read.
struct Fixture {
    name: String,
    folder: PathBuf,
    case: CaseFile,
    trust: TrustRoot,
    package_facts: Option<PackageFacts>,
    model: Artifact<'static>,
    release: Option<(Name, Option<Name>)>,
    at: DateTime<Utc>,
    policy: Policy,
    expect: BTreeSet<String>,
    warn: Option<BTreeSet<String>>,
}

/// What a policy says of a fixture.
#[derive(PartialEq, Eq)]
struct Said {
    outcome: Outcome,
    deny: BTreeSet<String>,
    warn: BTreeSet<String>,
}

/// Runs every fixture of a folder, and again without each rule.
pub fn run(
    source: &PolicySource,
    folder: &Path,
    now: DateTime<Utc>,
    progress: &dyn Progress,
) -> Result<Tested, TestError> {
    let fixtures = read(source, folder, now)?;
    let mut said = Vec::new();
    for fixture in &fixtures {
        said.push(fixture.judge(&fixture.policy, progress)?);
    }
    let results = fixtures.iter().zip(&said).map(|(fixture, said)| FixtureResult {
        name: fixture.name.clone(),
        expected: fixture.expect.clone(),
        found: said.deny.clone(),
        passed: fixture.expect == said.deny && fixture.warn.as_ref().is_none_or(|warn| *warn == said.warn),
    });
    let mut tested = Tested { fixtures: results.collect(), rules: Vec::new() };
    for item in source.items() {
        let stage = match &item.origin {
            Origin::Stage(stage) => Some(stage.clone()),
            Origin::Baseline | Origin::File => None,
        };
        let name = item.rule.name().to_owned();
        let mut rule = RuleResult { name, stage, noticed_by: None };
        for (fixture, said) in fixtures.iter().zip(&said) {
            let same =
                |other: &&crate::policy::Item| other.origin == item.origin && other.rule.name() == item.rule.name();
            let Some(index) = fixture.policy.items().iter().position(|other| same(&other)) else { continue };
            if fixture.judge(&fixture.policy.without(index), progress)? != *said {
                rule.noticed_by = Some(fixture.name.clone());
                break;
            }
        }
        tested.rules.push(rule);
    }
    Ok(tested)
}

/// Says whether a name is hidden, as that of `.git` is.
fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// Reads `NAME` or `NAME@VERSION`.
fn demanded(text: &str) -> Result<(Name, Option<Name>), NameError> {
    match text.split_once('@') {
        Some((name, version)) => Ok((name.parse()?, Some(version.parse()?))),
        None => Ok((text.parse()?, None)),
    }
}

fn read(source: &PolicySource, folder: &Path, now: DateTime<Utc>) -> Result<Vec<Fixture>, TestError> {
    let failed = |error| ReadError::Io { path: folder.to_owned(), source: error };
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.join(CASE).is_file() {
            folders.push(path);
        } else if path.is_dir() && !is_hidden(&path) {
            return Err(TestError::NoCase(path));
        }
        if folders.len() > limits::POLICY_FIXTURES {
            return Err(TestError::TooMany(folder.to_owned()));
        }
    }
    folders.sort();
    if folders.is_empty() {
        return Err(TestError::Empty(folder.to_owned()));
    }
    folders.into_iter().map(|folder| Fixture::read(source, folder, now)).collect()
}

impl Fixture {
    fn read(source: &PolicySource, folder: PathBuf, now: DateTime<Utc>) -> Result<Self, TestError> {
        let path = folder.join(CASE);
        let text = files::read_text(&path, limits::CONFIGURATION_BYTES)?;
        let file = path.display().to_string();
        let case: CaseFile = configuration::parse(&file, &text)?;
        let fault = |offset, message: String| ConfigurationError::at(&file, &text, offset, message);
        let model = match (&case.model, &case.model_digest) {
            (Some(path), None) => Artifact::Path(folder.join(path)),
            (None, Some(digest)) => {
                let read = digest.get().parse::<ArtifactDigest>();
                Artifact::Vouched(read.map_err(|error| fault(digest.offset(), error.to_string()))?)
            }
            _ => return Err(fault(0, "a fixture has either a `model` or a `model-digest`".to_owned()).into()),
        };
        let release = case
            .release
            .as_ref()
            .map(|release| demanded(release.get()).map_err(|error| fault(release.offset(), error.to_string())));
        let release = release.transpose()?;
        let policy = source.policy(case.stage.as_ref())?;
        let lines = expectation::Source { name: &file, text: &text };
        let expect = expectation::read(&lines, &policy, Severity::Deny, &case.expect)?;
        let warn = case.warn.as_deref().map(|codes| expectation::read(&lines, &policy, Severity::Warn, codes));
        let warn = warn.transpose()?;
        let at = case.at.as_ref().map(|time| configuration::time(&file, &text, time)).transpose()?.unwrap_or(now);
        Ok(Self {
            name: folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            trust: TrustRoot::load(&folder.join(&case.trust))?,
            package_facts: case
                .package_facts
                .as_ref()
                .map(|path| PackageFacts::load(&folder.join(path)))
                .transpose()?,
            policy,
            expect,
            warn,
            model,
            release,
            at,
            case,
            folder,
        })
    }

    fn judge(&self, policy: &Policy, progress: &dyn Progress) -> Result<Said, TestError> {
        let bundle_path = self.folder.join(&self.case.bundle);
        let (bundle, bundle_findings) = UnverifiedBundle::read(&bundle_path)?;
        let datasets = self.case.dataset.iter();
        let report = verify::verify(verify::Request {
            bundle,
            bundle_findings,
            bundle_path: Some(&bundle_path),
            trust: &self.trust,
            policy,
            rescan: None,
            package_facts: self.package_facts.as_ref(),
            model: self.model.clone(),
            datasets: datasets.map(|(name, path)| (name.clone(), Artifact::Path(self.folder.join(path)))).collect(),
            code: self.case.code.as_ref().map(|path| Artifact::Path(self.folder.join(path))),
            allow_extra_files: false,
            ignored: Vec::new(),
            release: self.release.clone(),
            min_sequence: None,
            withdrawals: None,
            state: None,
            at: self.at,
            // A fixture stands for a release of its time, not for a caller who turns back the clock.
            time_source: TimeSource::Clock,
            strict: false,
            copy_to: None,
            progress,
        })?;
        let of = |severity| {
            let findings = report.findings.iter().filter(|finding| finding.severity == severity);
            findings.map(|finding| finding.code.to_string()).collect()
        };
        Ok(Said { outcome: report.verdict.outcome(), deny: of(Severity::Deny), warn: of(Severity::Warn) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_that_of_these_types() {
        crate::test_support::assert_schema::<CaseFile>("schemas/policy-fixture.schema.json");
    }
}
