//! A folder of OSV entries, read once and whole.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use crate::digest::ArtifactDigest;
use crate::failure::Failure;
use crate::finding::{Severity as Weight, Tree};
use crate::intoto::predicate::vulnerabilities::Severity;
use crate::inventory::{self, Options, Progress, Visitor};
use crate::limits;
use crate::osv::{Answer, Entry, Key};
use crate::path::TreePath;
use crate::source::{self, ReadAt};
use crate::text;
use crate::validate::known::{KnownError, Named, Packages};

/// What a database says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lookup {
    /// Of its files.
    pub(super) digest: ArtifactDigest,
    /// When the newest of its entries was changed.
    pub(super) updated: DateTime<Utc>,
    /// The types of the package URLs of which it knows anything.
    pub(super) ecosystems: BTreeSet<String>,
    /// By identifier and package URL.
    pub(super) found: Found,
}

type Found = BTreeMap<(String, String), Match>;

/// A vulnerability in a package, or one that may be.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Match {
    pub(super) answer: Answer,
    pub(super) aliases: Vec<String>,
    pub(super) severity: Vec<Severity>,
}

/// Looks packages up; or says what the machine could not read.
pub(super) fn look_up(
    folder: &Path,
    packages: &Packages,
    progress: &dyn Progress,
) -> Result<Result<Lookup, Vec<Failure>>, KnownError> {
    let mut by_key: HashMap<Key, Vec<&Named>> = HashMap::new();
    for named in packages.keys() {
        by_key.entry(named.package.key()).or_default().push(named);
    }
    let reader = Reader { packages: by_key, state: Mutex::default() };
    // Names of entries are of one tree; which, does not matter here.
    let options = Options { progress, visitor: Some(&reader), ..Options::new(Tree::Code) };
    let taken = inventory::take(folder, &options)?;
    let state = reader.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    let refused = taken.findings.iter().filter(|finding| finding.severity == Weight::Deny);
    let faults: BTreeSet<String> =
        state.faults.into_iter().chain(refused.map(|finding| finding.summary.raw().to_owned())).collect();
    if let Some(first) = faults.first() {
        return Err(KnownError::Entry { count: faults.len(), first: first.clone() });
    }
    if state.is_over {
        return Err(KnownError::TooMany { limit: limits::OSV_MATCHES });
    }
    match (taken.inventory, state.updated) {
        (Some(inventory), Some(updated)) => {
            let (ecosystems, found) = (state.ecosystems, state.found);
            Ok(Ok(Lookup { digest: inventory.digest(), updated, ecosystems, found }))
        }
        (None, _) if !taken.failures.is_empty() => Ok(Err(taken.failures)),
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
    ecosystems: BTreeSet<String>,
    found: Found,
    is_over: bool,
    faults: BTreeSet<String>,
}

impl Visitor for Reader<'_> {
    fn visit(&self, path: &TreePath, source: &dyn ReadAt) {
        if !path.rsplit_once('.').is_some_and(|(_, suffix)| suffix.eq_ignore_ascii_case("json")) {
            return;
        }
        // What the machine could not read, the inventory says.
        let Some(read) = read(source) else { return };
        let read = read.map(|entry| (self.matches(&entry), entry));
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok((found, entry)) => state.add(&entry, found),
            // One is shown, and there may be many.
            Err(fault) if state.faults.len() < limits::FINDINGS_PER_CODE => {
                state.faults.insert(format!("`{path}`: {fault}"));
            }
            Err(_) => {}
        }
    }
}

impl State {
    fn add(&mut self, entry: &Entry, found: Found) {
        self.updated = self.updated.max(Some(entry.modified));
        for (kind, _) in entry.packages() {
            self.ecosystems.insert(kind);
        }
        self.found.extend(found);
        if self.found.len() > limits::OSV_MATCHES {
            self.is_over = true;
            self.found.clear();
        }
    }
}

/// Reads an entry, if the machine can.
fn read(source: &dyn ReadAt) -> Option<Result<Entry, String>> {
    let size = usize::try_from(source.len()).ok().filter(|size| *size <= limits::OSV_ENTRY_BYTES);
    let Some(size) = size else {
        return Some(Err(format!("it is larger than {}", text::bytes(limits::OSV_ENTRY_BYTES as u64))));
    };
    let text = source::exactly(source, 0, size).ok()?;
    Some(Entry::parse(&text).map_err(|error| error.to_string()))
}

impl Reader<'_> {
    fn matches(&self, entry: &Entry) -> Found {
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
