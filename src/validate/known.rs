//! Known vulnerabilities of the packages of a document, by a folder of OSV entries: no network is asked.
//!
//! Every entry is read, one by one, and hashed; one that can't be read is an error, for nobody knows what it would have
//! said. What nobody could look for is told, and is never a package without vulnerabilities.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use thiserror::Error;

use crate::cyclonedx::Fault as Told;
use crate::fault::{Blame, Fault};
use crate::files::ReadError;
use crate::intoto::predicate::Vulnerabilities;
use crate::intoto::predicate::vulnerabilities::{Database, Metadata, Scanner, Vulnerability};
use crate::inventory::Progress;
use crate::osv::{Answer, Package};
use crate::text;
use crate::validate::component;
use crate::validate::{Check, Examination, Level};

use self::database::{Lookup, Match};

mod database;

/// Components that are in no ecosystem of packages.
const NO_PACKAGES: [&str; 4] = ["application", "data", "file", "machine-learning-model"];

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
    #[error("{count} of the database can't be used, such as {first}", count = text::count(*count, "file"))]
    Entry {
        /// How many.
        count: usize,
        /// One of them, with what is wrong.
        first: String,
    },
    /// It can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It knows too much of the packages.
    #[error("more than {limit} vulnerabilities are known of the packages")]
    TooMany {
        /// How many are kept.
        limit: usize,
    },
}

impl Fault for KnownError {
    fn blame(&self) -> Blame {
        match self {
            Self::Empty { .. } | Self::Entry { .. } | Self::TooMany { .. } => Blame::Call,
            Self::Read(error) => error.blame(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Entry { .. } => Some("take the database anew: what can't be read can't be passed over".to_owned()),
            Self::Empty { .. } => Some("unpack the database of an ecosystem there: one JSON file an entry".to_owned()),
            Self::Read(error) => error.hint(),
            Self::TooMany { .. } => None,
        }
    }
}

/// What a database knows of the packages of a document, every one of which it could be asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Known(Lookup);

impl Known {
    /// States what was found as a predicate, made between two times.
    pub fn predicate(&self, started: DateTime<Utc>, finished: DateTime<Utc>) -> Vulnerabilities {
        let result = self.0.found.iter().map(|((id, purl), one)| {
            let mut annotation = BTreeMap::from([("package".to_owned(), json!(purl))]);
            annotation.insert("aliases".to_owned(), json!(one.aliases));
            if one.answer == Answer::Undecided {
                annotation.insert("undecided".to_owned(), json!(true));
            }
            Vulnerability { id: id.clone(), severity: one.severity.clone(), annotations: vec![annotation] }
        });
        let version = Some(env!("CARGO_PKG_VERSION").to_owned());
        let database = Database { uri: None, version: Some(self.0.digest.to_string()), last_update: self.0.updated };
        let uri = format!("pkg:cargo/{}", env!("CARGO_PKG_NAME"));
        Vulnerabilities {
            scanner: Scanner { uri, version, db: database, result: result.collect() },
            metadata: Metadata { scan_started_on: started, scan_finished_on: finished },
        }
    }
}

/// A package as the document names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    purl: String,
    package: Package,
}

/// Packages, each with the places where the document names it.
type Packages = BTreeMap<Named, Vec<String>>;

impl Examination<'_> {
    /// Looks for the packages of the document in a database, and says what is known of them.
    ///
    /// Returns the result if every package could be looked for: of anything less nobody could tell what it left out.
    /// With `whole`, a package that can't be looked for is at fault.
    pub fn known(&mut self, folder: &Path, whole: bool, progress: &dyn Progress) -> Result<Option<Known>, KnownError> {
        let Some(document) = self.document().cloned() else { return Ok(None) };
        let (mut packages, mut unmatched) = packages(&document);
        let lookup = match database::look_up(folder, &packages, progress)? {
            Ok(lookup) => lookup,
            Err(failures) => {
                for failure in failures {
                    self.fail(failure.summary);
                }
                return Ok(None);
            }
        };
        packages.retain(|named, places| {
            let is_there = lookup.ecosystems.contains(named.package.ecosystem());
            if !is_there {
                let why = "the database has no entry of its ecosystem";
                unmatched.extend(places.drain(..).map(|place| not_found(place, &named.purl, why)));
            }
            is_there
        });
        let is_whole = unmatched.is_empty() && !packages.is_empty();
        let lacking = if whole { Level::Error } else { self.lacking() };
        for told in unmatched {
            self.object(Check::PackageUnmatched, lacking, told);
        }
        if packages.is_empty() {
            let message = "no package of the document could be looked for among known vulnerabilities";
            self.object(Check::NothingLookedUp, Level::Error, Told::new("", message));
        }
        let places: HashMap<&str, &[String]> =
            packages.iter().map(|(named, places)| (named.purl.as_str(), places.as_slice())).collect();
        for ((id, purl), one) in &lookup.found {
            self.tell(id, purl, one, places.get(purl.as_str()).copied().unwrap_or_default());
        }
        Ok(is_whole.then_some(Known(lookup)))
    }

    fn tell(&mut self, id: &str, purl: &str, one: &Match, places: &[String]) {
        let aliases = if one.aliases.is_empty() { String::new() } else { format!(" ({})", one.aliases.join(", ")) };
        let (check, message) = match one.answer {
            Answer::Yes => (Check::Vulnerable, format!("`{purl}` has {id}{aliases}")),
            _ => (Check::VulnerabilityUnknown, format!("nobody can say whether `{purl}` has {id}{aliases}")),
        };
        for place in places {
            self.object(check, Level::Error, Told::new(place.clone(), message.clone()));
        }
    }
}

/// Returns the packages of a document, and what is to be said of those that can't be looked for.
fn packages(document: &Value) -> (Packages, Vec<Told>) {
    let (mut packages, mut unmatched) = (Packages::new(), Vec::new());
    for component in component::all(document) {
        let is_other = NO_PACKAGES.iter().any(|kind| component.is(kind));
        let Some(purl) = component.text("purl") else {
            if component.is("library") {
                unmatched.push(not_found(component.pointer.clone(), component.name(), "it has no package URL"));
            }
            continue;
        };
        let why = match purl.parse::<Package>() {
            Ok(package) if package.is_known() && package.has_version() => {
                let named = Named { purl: purl.to_owned(), package };
                packages.entry(named).or_default().push(component.pointer);
                continue;
            }
            Ok(package) if package.is_known() => "it has no version",
            Ok(_) | Err(_) if is_other => continue,
            Ok(_) => "nothing is known of its ecosystem",
            Err(fault) => fault,
        };
        unmatched.push(not_found(component.pointer, purl, why));
    }
    (packages, unmatched)
}

fn not_found(place: String, package: &str, why: &str) -> Told {
    Told::new(place, format!("`{package}` can't be looked for: {why}"))
}
