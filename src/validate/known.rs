//! Known vulnerabilities of the packages of a document, by a folder of OSV entries: no network is asked.
//!
//! Every entry is read, one by one, and hashed; one that can't be read is an error, for nobody knows what it would have
//! said.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use thiserror::Error;

use crate::cyclonedx::Fault as Told;
use crate::digest::ArtifactDigest;
use crate::fault::{Blame, Fault};
use crate::files::ReadError;
use crate::finding::Tree;
use crate::intoto::predicate::Vulnerabilities;
use crate::intoto::predicate::vulnerabilities::{Database, Metadata, Scanner, Severity, Vulnerability};
use crate::inventory::{self, Options, Progress, Visitor};
use crate::limits;
use crate::osv::{Answer, Entry, Key, Package};
use crate::path::TreePath;
use crate::source::{self, ReadAt};
use crate::text;
use crate::validate::component;
use crate::validate::{Check, Examination, Level};

/// Why a database can't be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KnownError {
    /// Nothing is in it.
    #[error("`{}` has no file with the suffix `.json`", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// Something in it is no entry.
    #[error("{count} of the database can't be used, such as `{first}`", count = text::count(*count, "file"))]
    Entry {
        /// How many.
        count: usize,
        /// One of them, with what is wrong.
        first: String,
    },
    /// It can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl Fault for KnownError {
    fn blame(&self) -> Blame {
        match self {
            Self::Empty { .. } | Self::Entry { .. } => Blame::Call,
            Self::Read(error) => error.blame(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Entry { .. } => Some("take the database anew: what can't be read can't be passed over".to_owned()),
            Self::Empty { .. } => Some("unpack the database of an ecosystem there: one JSON file an entry".to_owned()),
            Self::Read(error) => error.hint(),
        }
    }
}

/// What a database knows of the packages of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    database: ArtifactDigest,
    updated: DateTime<Utc>,
    found: BTreeMap<(String, String), Match>,
}

/// A vulnerability in a package.
#[derive(Clone, Debug, PartialEq)]
struct Match {
    answer: Answer,
    aliases: Vec<String>,
    severity: Vec<Severity>,
}

impl Known {
    /// States what was found as a predicate, made between two times.
    pub fn predicate(&self, started: DateTime<Utc>, finished: DateTime<Utc>) -> Vulnerabilities {
        let result = self.found.iter().filter(|(_, one)| one.answer != Answer::No).map(|((id, purl), one)| {
            let mut annotation = BTreeMap::from([("package".to_owned(), json!(purl))]);
            annotation.insert("aliases".to_owned(), json!(one.aliases));
            if one.answer == Answer::Undecided {
                annotation.insert("undecided".to_owned(), json!(true));
            }
            Vulnerability { id: id.clone(), severity: one.severity.clone(), annotations: vec![annotation] }
        });
        let version = Some(env!("CARGO_PKG_VERSION").to_owned());
        let database =
            Database { uri: None, version: Some(self.database.to_string()), last_update: self.updated };
        let uri = format!("pkg:cargo/{}", env!("CARGO_PKG_NAME"));
        Vulnerabilities {
            scanner: Scanner { uri, version, db: database, result: result.collect() },
            metadata: Metadata { scan_started_on: started, scan_finished_on: finished },
        }
    }
}

impl Examination<'_> {
    /// Looks for the packages of the document in a database, and says what is known of them.
    pub fn known(&mut self, folder: &Path, progress: &dyn Progress) -> Result<Option<Known>, KnownError> {
        let Some(document) = self.document().cloned() else { return Ok(None) };
        let packages = self.packages(&document);
        let known = look_up(folder, &packages, progress)?;
        let places: HashMap<&str, &Vec<String>> =
            packages.iter().map(|(named, pointers)| (named.purl.as_str(), pointers)).collect();
        for ((id, purl), one) in &known.found {
            let aliases = if one.aliases.is_empty() { String::new() } else { format!(" ({})", one.aliases.join(", ")) };
            let (check, message) = match one.answer {
                Answer::Yes => (Check::Vulnerable, format!("`{purl}` has {id}{aliases}")),
                _ => (Check::VulnerabilityUnknown, format!("nobody can say whether `{purl}` has {id}{aliases}")),
            };
            for pointer in places.get(purl.as_str()).into_iter().copied().flatten() {
                self.object(check, Level::Error, Told::new(pointer.clone(), message.clone()));
            }
        }
        Ok(Some(known))
    }

    /// Returns the packages of a document with their places, and says which of them can't be looked for.
    fn packages(&mut self, document: &Value) -> BTreeMap<Named, Vec<String>> {
        let mut packages: BTreeMap<Named, Vec<String>> = BTreeMap::new();
        let lacking = self.lacking();
        for component in component::all(document) {
            let Some(purl) = component.text("purl") else { continue };
            let unmatched = match purl.parse::<Package>() {
                Ok(package) if package.is_known() && package.has_version() => {
                    let named = Named { purl: purl.to_owned(), package };
                    packages.entry(named).or_default().push(component.pointer);
                    continue;
                }
                Ok(package) if package.is_known() => "it has no version".to_owned(),
                // Models and data are in no ecosystem of packages.
                Ok(_) if ["machine-learning-model", "data", "file", "application"].iter().any(|kind| component.is(kind)) => continue,
                Ok(_) => "nothing is known of its ecosystem".to_owned(),
                Err(fault) => fault.to_owned(),
            };
            let message = format!("`{purl}` can't be looked for: {unmatched}");
            self.object(Check::PackageUnmatched, lacking, Told::new(component.pointer, message));
        }
        packages
    }
}

/// A package as the document names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    purl: String,
    package: Package,
}

fn look_up(folder: &Path, packages: &BTreeMap<Named, Vec<String>>, progress: &dyn Progress) -> Result<Known, KnownError> {
    let mut by_key: HashMap<Key, Vec<&Named>> = HashMap::new();
    for named in packages.keys() {
        by_key.entry(named.package.key()).or_default().push(named);
    }
    let reader = Reader { packages: by_key, state: Mutex::default() };
    // Names of entries are of one tree; which, does not matter here.
    let options = Options { progress, visitor: Some(&reader), ..Options::new(Tree::Code) };
    let taken = inventory::take(folder, &options)?;
    let state = reader.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    let refused = taken.findings.iter().map(|finding| finding.summary.raw().to_owned());
    let failed = taken.failures.iter().map(|failure| failure.summary.raw().to_owned());
    let faults: BTreeSet<String> = state.faults.into_iter().chain(refused).chain(failed).collect();
    if let Some(first) = faults.first() {
        return Err(KnownError::Entry { count: faults.len(), first: first.clone() });
    }
    match (taken.inventory, state.updated) {
        (Some(inventory), Some(updated)) => Ok(Known { database: inventory.digest(), updated, found: state.found }),
        _ => Err(KnownError::Empty { path: folder.to_owned() }),
    }
}

/// Reads each entry, and keeps what is about one of the packages.
struct Reader<'p> {
    packages: HashMap<Key, Vec<&'p Named>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    updated: Option<DateTime<Utc>>,
    found: BTreeMap<(String, String), Match>,
    faults: BTreeSet<String>,
}

impl Visitor for Reader<'_> {
    fn visit(&self, path: &TreePath, source: &dyn ReadAt) {
        if !path.as_str().ends_with(".json") {
            return;
        }
        let entry = read(source);
        let found = entry.as_ref().map(|entry| self.matches(entry)).unwrap_or_default();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match entry {
            Ok(entry) => {
                state.updated = state.updated.max(Some(entry.modified));
                state.found.extend(found);
            }
            // One is shown, all are counted, and there may be many.
            Err(fault) if state.faults.len() < limits::FINDINGS_PER_CODE => {
                state.faults.insert(format!("{path}: {fault}"));
            }
            Err(_) => {}
        }
    }
}

fn read(source: &dyn ReadAt) -> Result<Entry, String> {
    let size = usize::try_from(source.len()).ok().filter(|size| *size <= limits::OSV_ENTRY_BYTES);
    let size = size.ok_or_else(|| format!("larger than {}", text::bytes(limits::OSV_ENTRY_BYTES as u64)))?;
    let text = source::exactly(source, 0, size).map_err(|error| error.to_string())?;
    Entry::parse(&text).map_err(|error| error.to_string())
}

impl Reader<'_> {
    fn matches(&self, entry: &Entry) -> Vec<((String, String), Match)> {
        let keys = entry.packages();
        let meant = keys.iter().filter_map(|key| self.packages.get(key)).flatten();
        let answers = meant.map(|named| (named, entry.is_in(&named.package)));
        let found = answers.filter(|(_, answer)| *answer != Answer::No).map(|(named, answer)| {
            let severity = entry.severity(&named.package).into_iter();
            let severity =
                severity.map(|one| Severity { method: one.method.to_ascii_lowercase(), score: one.score }).collect();
            let one = Match { answer, aliases: entry.aliases.clone(), severity };
            ((entry.id.clone(), named.purl.clone()), one)
        });
        found.collect()
    }
}
