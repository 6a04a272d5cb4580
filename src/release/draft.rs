//! What was said of a release so far, by file and by flags.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::configuration::ConfigurationError;
use crate::digest::ArtifactDigest;
use crate::fault::{Blame, Fault};
use crate::intoto::predicate::seal::Release;
use crate::name::Name;
use crate::release::{
    AibomSpec, BaseSpec, CodeNotice, DatasetNotice, DatasetRole, DatasetSource, DatasetSpec, EnvironmentSpec,
    LicenseExpression, ModelIdentity, ModelSpec, ReleaseIdentity, ReleaseSpec, TrainingSpec, file,
};

/// An incomplete [`ReleaseSpec`].
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub(super) origin: Option<Origin>,
    /// Name and version.
    pub release: Option<Release>,
    /// The licence.
    pub license: Option<LicenseExpression>,
    /// Who supplies it.
    pub supplier: Option<String>,
    /// Who is behind it.
    pub(super) identity: ReleaseIdentity,
    /// What OWASP's AIBOM asks for.
    pub(super) aibom: Option<AibomSpec>,
    /// How the model is named elsewhere.
    pub(super) model_identity: ModelIdentity,
    /// What is said of the code.
    pub(super) code_notice: CodeNotice,
    /// The model: a file or a folder.
    pub model: Option<PathBuf>,
    /// What the model is for.
    pub task: Option<String>,
    /// What the model was made from.
    pub base: Vec<BaseSpec>,
    /// The datasets.
    pub datasets: Vec<DatasetDraft>,
    /// The training code.
    pub code: Option<PathBuf>,
    /// The environment in which the model was trained.
    pub environment: EnvironmentSpec,
    /// How the model was trained.
    pub training: TrainingSpec,
}

/// What to do about a base model of which nothing says which bytes it is.
const BASE_HINT: &str = "add `digest = \"tree:sha256:…\"` or its release bundle; one whose bytes are not at hand is named by `base_model` \
                         in the model card alone";

/// The file that a draft came from.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) file: String,
    pub(super) text: String,
}

/// An incomplete [`DatasetSpec`].
#[derive(Clone, Debug)]
pub struct DatasetDraft {
    /// Its name.
    pub name: Name,
    pub(super) offset: Option<usize>,
    /// A file or folder to hash.
    pub path: Option<PathBuf>,
    /// Its digest, as declared.
    pub digest: Option<ArtifactDigest>,
    /// Where it is kept.
    pub uri: Option<String>,
    /// What it was used for.
    pub role: Option<DatasetRole>,
    /// Its licence.
    pub license: Option<LicenseExpression>,
    /// How confidential it is.
    pub classification: Option<String>,
    /// Whether the first rows of its CSV files name their columns.
    pub(super) header: Option<bool>,
    /// What else is said of it.
    pub(super) notice: DatasetNotice,
}

/// Why a release can't be made from what was said.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DraftError {
    /// Something is missing that a flag or a key of the file can give.
    #[error("{what} is not given")]
    Missing {
        /// What is missing.
        what: &'static str,
        /// The flag that gives it.
        flag: &'static str,
        /// The key that gives it.
        key: &'static str,
    },
    /// The file is at fault.
    #[error(transparent)]
    File(#[from] ConfigurationError),
}

impl Fault for DraftError {
    fn blame(&self) -> Blame {
        Blame::Call
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::File(error) => error.details(),
            Self::Missing { .. } => Vec::new(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::File(error) => error.hint(),
            Self::Missing { flag, key, .. } => Some(format!("give `{flag}`, or `{key}` in a release file")),
        }
    }
}

impl Draft {
    /// Reads `release.toml`: the text of the file `name`, whose paths are relative to `directory`.
    pub fn parse(name: &str, text: &str, directory: &Path) -> Result<Self, ConfigurationError> {
        file::parse(name, text, directory)
    }

    /// Says where a dataset is, adding it if it was not there. Where a dataset of other files was kept is not
    /// where these are: that `uri` is left out, and returned.
    pub fn set_dataset(&mut self, name: &Name, path: PathBuf) -> Option<String> {
        let Some(dataset) = self.datasets.iter_mut().find(|dataset| dataset.name == *name) else {
            self.datasets.push(DatasetDraft::new(name.clone(), path));
            return None;
        };
        let same = dataset.path.as_deref().is_some_and(|before| plain(before) == plain(&path));
        dataset.path = Some(path);
        dataset.digest = None;
        if same { None } else { dataset.uri.take() }
    }

    /// Completes the draft.
    pub fn finish(mut self) -> Result<ReleaseSpec, DraftError> {
        self.datasets.sort_by(|a, b| a.name.cmp(&b.name));
        self.base.sort_by(|a, b| a.name.cmp(&b.name));
        self.check_distinct()?;
        if let (Some(started), Some(finished)) = (self.training.started, self.training.finished)
            && finished < started
        {
            return Err(self.fault(None, "the training ends before it starts".to_owned()).into());
        }
        for base in &self.base {
            if base.digest.is_none() && base.bundle.is_none() {
                let fault =
                    self.fault(None, format!("the base model `{}` has neither `digest` nor `bundle`", base.name));
                return Err(fault.with_hint(BASE_HINT).into());
            }
            self.check_uri(None, &format!("the base model `{}`", base.name), base.uri.as_deref())?;
        }
        self.check_uri(None, "the model", self.model_identity.uri.as_deref())?;
        self.check_urls()?;
        let datasets = self.datasets.iter().map(|dataset| self.dataset(dataset)).collect::<Result<_, _>>()?;
        let missing = |what, flag, key| DraftError::Missing { what, flag, key };
        Ok(ReleaseSpec {
            release: self.release.ok_or(missing("the release", "--release NAME@VERSION", "[release] name, version"))?,
            license: self.license,
            supplier: self.supplier,
            identity: self.identity,
            aibom: self.aibom,
            model: ModelSpec {
                path: self.model.ok_or(missing("the model", "--model PATH", "[model] path"))?,
                task: self.task,
                base: self.base,
                identity: self.model_identity,
            },
            datasets,
            code: self.code.ok_or(missing("the training code", "--code PATH", "[code] path"))?,
            code_notice: self.code_notice,
            environment: self.environment,
            training: self.training,
        })
    }

    fn check_distinct(&self) -> Result<(), ConfigurationError> {
        let mut seen = BTreeSet::new();
        if let Some(twice) = self.datasets.iter().find(|dataset| !seen.insert(&dataset.name)) {
            return Err(self.fault(twice.offset, format!("there are two datasets `{}`", twice.name)));
        }
        let mut seen = BTreeSet::new();
        match self.base.iter().find(|base| !seen.insert(&base.name)) {
            Some(twice) => Err(self.fault(None, format!("there are two base models `{}`", twice.name))),
            None => Ok(()),
        }
    }

    fn dataset(&self, draft: &DatasetDraft) -> Result<DatasetSpec, ConfigurationError> {
        let name = &draft.name;
        let source = match (&draft.path, draft.digest) {
            (Some(path), None) => DatasetSource::Path(path.clone()),
            (None, Some(digest)) => DatasetSource::Declared(digest),
            (Some(_), Some(_)) => {
                let fault = self.fault(draft.offset, format!("dataset `{name}` has both `path` and `digest`"));
                return Err(fault.with_hint("a dataset that is hashed now needs no `digest`; remove one of the two"));
            }
            (None, None) => {
                let fault = self.fault(draft.offset, format!("dataset `{name}` has neither `path` nor `digest`"));
                return Err(fault.with_hint(
                    "add `path = \"…\"` to hash it now, or `digest = \"tree:sha256:…\"` if it lives elsewhere",
                ));
            }
        };
        self.check_uri(draft.offset, &format!("dataset `{name}`"), draft.uri.as_deref())?;
        Ok(DatasetSpec {
            name: name.clone(),
            source,
            uri: draft.uri.clone(),
            role: draft.role,
            license: draft.license.clone(),
            classification: draft.classification.clone(),
            header: draft.header,
            notice: draft.notice.clone(),
        })
    }

    /// Refuses a package URL that is none.
    fn check_urls(&self) -> Result<(), ConfigurationError> {
        let named = [("release", &self.identity.purl), ("model", &self.model_identity.purl)];
        let wrong = |(_, purl): &(&str, &Option<String>)| purl.as_deref().is_some_and(|purl| !is_package_url(purl));
        match named.into_iter().find(wrong) {
            Some((what, purl)) => {
                let purl = purl.as_deref().unwrap_or_default();
                let fault = self.fault(None, format!("the `purl` of the {what} is no package URL: `{purl}`"));
                Err(fault.with_hint("it begins as `pkg:huggingface/OWNER/NAME@COMMIT` or `pkg:generic/NAME@VERSION`"))
            }
            None => Ok(()),
        }
    }

    /// Refuses credentials: whatever is signed is for everybody to read.
    fn check_uri(&self, offset: Option<usize>, what: &str, uri: Option<&str>) -> Result<(), ConfigurationError> {
        if !uri.is_some_and(has_credentials) {
            return Ok(());
        }
        let fault = self.fault(offset, format!("the `uri` of {what} holds credentials, which would be published"));
        Err(fault.with_hint("leave out what stands before the `@`"))
    }

    fn fault(&self, offset: Option<usize>, message: String) -> ConfigurationError {
        match (&self.origin, offset) {
            (Some(origin), Some(offset)) => ConfigurationError::at(&origin.file, &origin.text, offset, message),
            (Some(origin), None) => ConfigurationError::new(&origin.file, message),
            (None, _) => ConfigurationError::new("command line", message),
        }
    }
}

/// Returns a path without the steps that lead nowhere.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|component| !matches!(component, std::path::Component::CurDir)).collect()
}

/// Says whether a text begins as a package URL: with a type and a name.
fn is_package_url(text: &str) -> bool {
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
    let rest = text.strip_prefix("pkg:").and_then(|rest| rest.split_once('/'));
    printable && rest.is_some_and(|(kind, name)| !kind.is_empty() && !name.is_empty())
}

/// Says whether an address has a password, or a user where that is most often a token.
fn has_credentials(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let web = ["http", "https", "git+http", "git+https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    authority.rsplit_once('@').is_some_and(|(user, _)| web || user.contains(':'))
}

impl DatasetDraft {
    fn new(name: Name, path: PathBuf) -> Self {
        Self {
            name,
            offset: None,
            path: Some(path),
            digest: None,
            uri: None,
            role: None,
            license: None,
            classification: None,
            header: None,
            notice: DatasetNotice::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELEASE: &str = "[release]\nname = 'r'\nversion = '1'\n[model]\npath = 'm'\n[code]\npath = 'c'\n";

    fn spec(rest: &str) -> Result<ReleaseSpec, DraftError> {
        let text = format!("{RELEASE}{rest}");
        Draft::parse("release.toml", &text, Path::new("/x"))?.finish()
    }

    fn fault(rest: &str) -> String {
        spec(rest).unwrap_err().to_string()
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let spec = spec("[[dataset]]\nname = 'd'\npath = '../d'\n").unwrap();
        assert_eq!(spec.model.path, Path::new("/x/m"));
        assert_eq!(spec.code, Path::new("/x/c"));
        assert_eq!(spec.datasets[0].source, DatasetSource::Path("/x/../d".into()));
    }

    #[test]
    fn a_dataset_has_a_path_or_a_digest() {
        assert_eq!(
            fault("[[dataset]]\nname = 'train'\n"),
            "`release.toml` line 9: dataset `train` has neither `path` nor `digest`"
        );
        let digest = format!("digest = 'sha256:{}'", "0".repeat(64));
        assert!(fault(&format!("[[dataset]]\nname = 'train'\npath = 'd'\n{digest}\n")).contains("both"));
        assert!(spec(&format!("[[dataset]]\nname = 'train'\n{digest}\n")).is_ok());
        assert!(fault("[[dataset]]\nname = 'd'\ndigest = 'md5:00'\n").contains("line 10"));
    }

    #[test]
    fn names_are_distinct_and_plain() {
        let twice = "[[dataset]]\nname = 'd'\npath = 'a'\n".repeat(2);
        assert!(fault(&twice).contains("two datasets `d`"));
        assert!(fault("[[dataset]]\nname = 'a b'\npath = 'a'\n").contains("line 9"));
    }

    #[test]
    fn parameters_are_recorded_as_text() {
        let spec = spec("[training]\nparameters = { epochs = 3, lr = '2e-5', f = 0.5, b = true }\n").unwrap();
        let parameters: Vec<_> = spec.training.parameters.values().map(String::as_str).collect();
        assert_eq!(parameters, ["true", "3", "0.5", "2e-5"]);
        assert!(fault("[training]\nparameters = { a = [1] }\n").contains("a text, a number or a boolean"));
    }

    #[test]
    fn times_need_a_zone() {
        assert!(spec("[training]\nstarted = 2026-01-01T00:00:00+01:00\n").is_ok());
        assert!(fault("[training]\nstarted = 2026-01-01T00:00:00\n").contains("time zone"));
        let reversed = "[training]\nstarted = 2026-01-02T00:00:00Z\nfinished = 2026-01-01T00:00:00Z\n";
        assert!(fault(reversed).contains("ends before it starts"));
    }

    #[test]
    fn addresses_have_no_credentials() {
        let with = |uri: &str| spec(&format!("[[dataset]]\nname = 'd'\npath = 'd'\nuri = '{uri}'\n"));
        for secret in ["https://u:p@x/y", "HTTPS://token@x", "git+https://token@x/y", "s3://a:b@x/y", "ssh://a:b@x"] {
            assert!(with(secret).unwrap_err().to_string().contains("holds credentials"), "{secret}");
        }
        for plain in ["https://x/y@1", "s3://bucket/a:b@c", "ssh://git@x/y", "https://x/?q=a@b", "doi:10.1/a@b", "x"] {
            assert!(with(plain).is_ok(), "{plain}");
        }
    }

    #[test]
    fn flags_complete_a_draft() {
        let error = Draft::default().finish().unwrap_err();
        assert_eq!(error.to_string(), "the release is not given");
        let mut draft = Draft::parse("r", RELEASE, Path::new("")).unwrap();
        draft.set_dataset(&"d".parse().unwrap(), "p".into());
        assert_eq!(draft.finish().unwrap().datasets.len(), 1);
    }

    #[test]
    fn other_files_are_not_kept_where_those_of_the_file_are() {
        let text = format!("{RELEASE}[[dataset]]\nname = 'd'\npath = 'data/d'\nuri = 'https://x/d'\n");
        for (path, left) in [("data/d", None), ("./data/d/", None), ("other", Some("https://x/d"))] {
            let mut draft = Draft::parse("r", &text, Path::new(".")).unwrap();
            assert_eq!(draft.set_dataset(&"d".parse().unwrap(), path.into()).as_deref(), left, "{path}");
            assert_eq!(draft.finish().unwrap().datasets[0].uri.is_none(), left.is_some(), "{path}");
        }
    }

    #[test]
    fn flags_stand_for_absent_tables() {
        let mut draft = Draft::parse("r", "[code]\npath = 'c'\n[release]\nname = 'n'\n", Path::new("")).unwrap();
        assert!(draft.release.is_none() && draft.model.is_none());
        assert_eq!(draft.clone().finish().unwrap_err().to_string(), "the release is not given");
        draft.release = Some(Release { name: "n".parse().unwrap(), version: "1".parse().unwrap() });
        assert_eq!(draft.clone().finish().unwrap_err().to_string(), "the model is not given");
        draft.model = Some("m".into());
        assert!(draft.finish().is_ok());
    }

    #[test]
    fn a_base_model_is_some_bytes() {
        let base = |keys: &str| spec(&format!("[[model.base]]\nname = 'b'\n{keys}\n"));
        assert!(base("uri = 'pkg:huggingface/a/b'").unwrap_err().to_string().contains("neither `digest` nor `bundle`"));
        let good = base(&format!("digest = 'sha256:{}'\nlicense = 'MIT'", "0".repeat(64))).unwrap();
        assert_eq!(good.model.base[0].license.as_ref().map(ToString::to_string).as_deref(), Some("MIT"));
        assert!(base("bundle = 'b'\nlicense = 'openrail'").unwrap_err().to_string().contains("not an SPDX licence"));
    }

    #[test]
    fn licences_are_spdx() {
        let text = RELEASE.replace("version = '1'", "version = '1'\nlicense = 'unknown'");
        let error = Draft::parse("release.toml", &text, Path::new("")).unwrap_err();
        assert!(error.to_string().contains("line 4"), "{error}");
    }
}
