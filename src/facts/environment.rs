//! What the training code runs in: the packages that lock files and other BOMs name, notebooks, an image.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::digest::Digest;
use crate::fault::{Blame, Fault};
use crate::files::{self, ReadError};
use crate::inventory::Visitor;
use crate::limits;
use crate::lockfile::sbom::{self, ImportedPackage, PackageLicense};
use crate::lockfile::{LockError, LockFile, LockFormat, Package, PackageHash};
use crate::notebook::Notebook;
use crate::obtained::Obtained;
use crate::path::TreePath;
use crate::release::{ContainerImage, EnvironmentSpec};
use crate::source::{ReadAt, exactly};

/// What is known of the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentFacts {
    /// The packages, by package URL, or by name and version where there is none.
    pub packages: BTreeMap<String, KnownPackage>,
    /// Whether a lock file was read, and none that was read leaves anything out.
    pub complete: bool,
    /// The files that name them.
    pub read: Vec<ReadFile>,
    /// The notebooks of the code, by path.
    pub notebooks: BTreeMap<String, Notebook>,
    /// The image of the container.
    pub image: Option<ContainerImage>,
}

/// A package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// Its package URL.
    pub url: Option<String>,
    /// The digests of its archives.
    pub hashes: BTreeSet<PackageHash>,
    /// When the newest of them was uploaded.
    pub uploaded: Option<DateTime<Utc>>,
    /// Who supplies, made or wrote it, if another BOM says so.
    pub producer: Option<String>,
    /// Its licences, if another BOM says so.
    pub licenses: Vec<PackageLicense>,
    /// The files that name it.
    pub sources: BTreeSet<String>,
    /// How we know.
    pub obtained: Obtained,
}

/// A file that names packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadFile {
    /// Its name.
    pub name: String,
    /// Its SHA-256.
    pub digest: Digest,
    /// Whether it is a BOM, not a lock file.
    pub is_bom: bool,
}

/// Why the environment is not known.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EnvironmentError {
    /// Two files contradict each other.
    #[error(
        "`{file}` contradicts another file: the package `{package}` has other digests there, or in another place of it"
    )]
    Contradiction {
        /// The later file.
        file: String,
        /// The package.
        package: String,
    },
    /// A file can't be read as what it should be.
    #[error("`{file}` can't be read: {source}")]
    File {
        /// The file.
        file: String,
        /// Why.
        source: LockError,
    },
    /// A name says no format.
    #[error("`{file}` has the name of no lock file that is known")]
    Name {
        /// The file.
        file: String,
    },
    /// There are too many packages.
    #[error("more than {} packages", limits::PACKAGES)]
    Packages,
    /// A file is not there, or too large.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl Fault for EnvironmentError {
    fn blame(&self) -> Blame {
        match self {
            Self::Contradiction { .. } | Self::File { .. } | Self::Packages => Blame::Evidence,
            Self::Name { .. } => Blame::Call,
            Self::Read(error) => error.blame(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Contradiction { .. } => Some("find out which of the two was installed".to_owned()),
            Self::File { .. } => {
                Some("mend it, or name the files that count with `--lock-file`: then no other is read".to_owned())
            }
            Self::Name { .. } => {
                let names: Vec<_> = LockFormat::ALL.iter().map(|(_, name)| format!("`{name}`")).collect();
                Some(format!("name it as one of {}, with whatever before it", names.join(", ")))
            }
            Self::Packages | Self::Read(_) => None,
        }
    }
}

/// Looks into the files of the code while they are hashed: lock files at its top, and notebooks.
#[derive(Default)]
pub struct CodeReader {
    /// Whether lock files are of interest.
    lock_files: bool,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    locks: BTreeMap<String, (LockFormat, Result<Vec<u8>, LockError>)>,
    notebooks: BTreeMap<String, Notebook>,
}

impl CodeReader {
    /// Looks for lock files unless others are named.
    pub fn new(spec: &EnvironmentSpec) -> Self {
        Self { lock_files: spec.lock_files.is_empty(), ..Self::default() }
    }

    /// Reads what the user named, and puts everything together.
    pub fn finish(self, spec: &EnvironmentSpec) -> Result<EnvironmentFacts, EnvironmentError> {
        let seen = self.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut facts =
            EnvironmentFacts { notebooks: seen.notebooks, image: spec.image.clone(), ..EnvironmentFacts::default() };
        let mut partial = false;
        let mut locks = Vec::new();
        for (name, (format, bytes)) in seen.locks {
            locks.push((name.clone(), format, bytes.map_err(|source| EnvironmentError::File { file: name, source })?));
        }
        for path in &spec.lock_files {
            let name = file_name(path);
            let format = LockFormat::of(&name).ok_or_else(|| EnvironmentError::Name { file: name.clone() })?;
            locks.push((name, format, files::read(path, limits::LOCK_FILE_BYTES)?));
        }
        for (name, format, bytes) in locks {
            let lock = format.read(&bytes).map_err(|source| EnvironmentError::File { file: name.clone(), source })?;
            partial |= lock.partial;
            facts.add_lock_file(name, &bytes, lock)?;
        }
        facts.complete = !facts.read.is_empty() && !partial;
        for path in &spec.sboms {
            let (name, bytes) = (file_name(path), files::read(path, limits::LOCK_FILE_BYTES)?);
            let packages =
                sbom::read(&bytes).map_err(|source| EnvironmentError::File { file: name.clone(), source })?;
            facts.add_bom(name, &bytes, packages)?;
        }
        facts.drop_guesses();
        Ok(facts)
    }
}

impl Visitor for CodeReader {
    fn visit(&self, path: &TreePath, source: &dyn ReadAt) {
        let format = LockFormat::exactly(path).filter(|_| self.lock_files);
        let note = |with: &dyn Fn(&mut Seen)| with(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(format) = format {
            let bytes = whole(source, limits::LOCK_FILE_BYTES);
            note(&|seen| {
                seen.locks.insert(path.to_string(), (format, bytes.clone()));
            });
        } else if path.ends_with(".ipynb") && source.len() <= limits::NOTEBOOK_BYTES {
            // One that is no notebook is code like any other.
            let bytes = exactly(source, 0, usize::try_from(source.len()).unwrap_or_default());
            if let Some(notebook) = bytes.ok().and_then(|bytes| Notebook::read(&bytes).ok()) {
                note(&|seen| {
                    if seen.notebooks.len() < limits::LISTED_FILES {
                        seen.notebooks.insert(path.to_string(), notebook.clone());
                    }
                });
            }
        }
    }
}

fn whole(source: &dyn ReadAt, limit: usize) -> Result<Vec<u8>, LockError> {
    let length = usize::try_from(source.len()).ok().filter(|length| *length <= limit);
    let length = length.ok_or(LockError::Limit { limit, noun: "bytes" })?;
    exactly(source, 0, length).map_err(|error| LockError::Shape(error.to_string()))
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

impl EnvironmentFacts {
    fn add_lock_file(&mut self, name: String, bytes: &[u8], lock: LockFile) -> Result<(), EnvironmentError> {
        for package in lock.packages {
            self.add(&name, known(&name, package))?;
        }
        self.read.push(ReadFile { name, digest: Digest::of(bytes), is_bom: false });
        Ok(())
    }

    fn add_bom(&mut self, name: String, bytes: &[u8], packages: Vec<ImportedPackage>) -> Result<(), EnvironmentError> {
        for package in packages {
            let package = KnownPackage {
                name: package.name,
                version: package.version,
                url: package.url,
                hashes: package.hashes,
                uploaded: None,
                producer: package.producer,
                licenses: package.licenses,
                sources: BTreeSet::from([name.clone()]),
                obtained: Obtained::Imported,
            };
            self.add(&name, package)?;
        }
        self.read.push(ReadFile { name, digest: Digest::of(bytes), is_bom: true });
        Ok(())
    }

    fn add(&mut self, file: &str, package: KnownPackage) -> Result<(), EnvironmentError> {
        let key = package
            .url
            .clone()
            .unwrap_or_else(|| format!("package:{}@{}", package.name, package.version.as_deref().unwrap_or_default()));
        let Some(same) = self.packages.get_mut(&key) else {
            if self.packages.len() == limits::PACKAGES {
                return Err(EnvironmentError::Packages);
            }
            self.packages.insert(key, package);
            return Ok(());
        };
        if contradict(&same.hashes, &package.hashes) {
            return Err(EnvironmentError::Contradiction { file: file.to_owned(), package: key });
        }
        same.hashes.extend(package.hashes);
        same.uploaded = same.uploaded.max(package.uploaded);
        same.producer = same.producer.take().or(package.producer);
        if same.licenses.is_empty() {
            same.licenses = package.licenses;
        }
        same.sources.extend(package.sources);
        Ok(())
    }

    /// Leaves out a package without a version where another file pins one.
    fn drop_guesses(&mut self) {
        let of = |key: &str| key.split(['@', '?']).next().unwrap_or_default().to_owned();
        let pinned: BTreeSet<String> =
            self.packages.iter().filter(|(_, package)| package.version.is_some()).map(|(key, _)| of(key)).collect();
        self.packages.retain(|key, package| package.obtained != Obtained::Inferred || !pinned.contains(&of(key)));
    }
}

fn known(file: &str, package: Package) -> KnownPackage {
    // Which version was installed is anybody's guess.
    let guessed = package.version.is_none() && package.qualifiers.is_empty();
    KnownPackage {
        url: Some(package.url()),
        name: package.name,
        version: package.version,
        hashes: package.hashes,
        uploaded: package.uploaded,
        producer: None,
        licenses: Vec::new(),
        sources: BTreeSet::from([file.to_owned()]),
        obtained: if guessed { Obtained::Inferred } else { Obtained::Imported },
    }
}

/// Says whether two sets of digests of the same package have nothing in common, though both have some of one algorithm.
fn contradict(one: &BTreeSet<PackageHash>, other: &BTreeSet<PackageHash>) -> bool {
    let shared = one.iter().any(|hash| other.iter().any(|same| same.algorithm == hash.algorithm));
    shared && one.is_disjoint(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(files: &[(&str, &str)], sbom: Option<&str>) -> Result<EnvironmentFacts, EnvironmentError> {
        let folder = tempfile::tempdir().unwrap();
        let mut spec = EnvironmentSpec::default();
        if let Some(text) = sbom {
            let path = folder.path().join("sbom.json");
            std::fs::write(&path, text).unwrap();
            spec.sboms.push(path);
        }
        let reader = CodeReader::new(&spec);
        for (name, text) in files {
            reader.visit(&TreePath::new(name).unwrap(), &text.as_bytes());
        }
        reader.finish(&spec)
    }

    const NOTEBOOK: &str = r#"{"cells":[{"cell_type":"code","source":"import torch"}],"metadata":{}}"#;

    #[test]
    fn lock_files_are_found_at_the_top() {
        let pinned = format!("a==1 --hash=sha256:{}", "0".repeat(64));
        let found =
            facts(&[("requirements.txt", &pinned), ("deep/uv.lock", "?"), ("n/x.ipynb", NOTEBOOK)], None).unwrap();
        assert_eq!(found.packages.keys().collect::<Vec<_>>(), ["pkg:pypi/a@1"]);
        assert!(found.complete);
        assert!(found.notebooks["n/x.ipynb"].imports.contains("torch"));
    }

    #[test]
    fn a_requirement_without_a_version_is_a_guess() {
        let cargo = "version = 4\n[[package]]\nname = 'b'\nversion = '1'\nsource = 'sparse+https://index.crates.io/'\n";
        let found = facts(&[("requirements.txt", "a\nb==1"), ("Cargo.lock", cargo)], None).unwrap();
        assert_eq!(found.packages["pkg:pypi/a"].obtained, Obtained::Inferred);
        assert_eq!(found.packages["pkg:cargo/b@1"].obtained, Obtained::Imported);
        assert!(!found.complete);
        let pinned = facts(&[("requirements.txt", "a"), ("requirements.lock", "a==1")], None).unwrap();
        assert_eq!(pinned.packages.keys().collect::<Vec<_>>(), ["pkg:pypi/a@1"]);
    }

    #[test]
    fn a_bom_that_contradicts_a_lock_file_is_refused() {
        let lock = format!("a==1 --hash=sha256:{}", "1".repeat(64));
        let bom = |digit: &str| {
            let hash = digit.repeat(64);
            format!(
                r#"{{"bomFormat": "CycloneDX", "components": [{{"type": "library", "name": "a", "version": "1",
                   "purl": "pkg:pypi/a@1", "hashes": [{{"alg": "SHA-256", "content": "{hash}"}}]}}]}}"#
            )
        };
        let found = facts(&[("requirements.txt", &lock)], Some(&bom("1"))).unwrap();
        assert_eq!(found.packages["pkg:pypi/a@1"].sources.len(), 2);
        let error = facts(&[("requirements.txt", &lock)], Some(&bom("2"))).unwrap_err();
        assert!(matches!(error, EnvironmentError::Contradiction { .. }), "{error}");
    }

    #[test]
    fn a_lock_file_that_can_not_be_read_is_refused() {
        let error = facts(&[("uv.lock", "version = 9")], None).unwrap_err();
        assert_eq!(error.to_string(), "`uv.lock` can't be read: version 9 of its format is not known");
        assert_eq!(error.blame(), Blame::Evidence);
    }
}
