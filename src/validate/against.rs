//! A document against the bytes that it speaks of: they are hashed again, and every disagreement is named.
//!
//! Documents of others are held to the SHA-256 of their models, files and datasets; our own to their digests with kind
//! as well. A document that names nothing to compare with is at fault.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use thiserror::Error;

use crate::code_tree::{self, CodeError};
use crate::cyclonedx::Fault as Told;
use crate::digest::{ArtifactDigest, Digest};
use crate::facts::Collector;
use crate::fault::{Blame, Fault};
use crate::file_list::Entry;
use crate::files::ReadError;
use crate::finding::{Severity, Tree};
use crate::inventory::{self, Difference, Inventory, Options, Progress, Taken};
use crate::name::Name;
use crate::oms;
use crate::path::TreePath;
use crate::validate::component::{self, Placed};
use crate::validate::facts::is_ours;
use crate::validate::{Check, Examination, Level};

/// What a document is held against.
#[derive(Clone, Debug, Default)]
pub struct Bytes<'p> {
    /// The model, a file or a folder.
    pub model: Option<&'p Path>,
    /// Datasets, by their names in the document.
    pub datasets: Vec<(&'p Name, &'p Path)>,
    /// The folder of the training code.
    pub code: Option<&'p Path>,
    /// Whether rows are compared, even where the document does not say that they were.
    pub rows: bool,
}

/// Why something can't be compared.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AgainstError {
    /// The code can't be read.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// A path leads nowhere.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl Fault for AgainstError {
    fn blame(&self) -> Blame {
        match self {
            Self::Code(error) => error.blame(),
            Self::Read(error) => error.blame(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Code(error) => error.hint(),
            Self::Read(error) => error.hint(),
        }
    }
}

impl Examination<'_> {
    /// Hashes what is there, and says where the document has it otherwise.
    pub fn against(&mut self, bytes: &Bytes<'_>, progress: &dyn Progress) -> Result<(), AgainstError> {
        let Some(document) = self.document().cloned() else { return Ok(()) };
        let all = component::all(&document);
        if let Some(path) = bytes.model {
            let reader = Collector::default();
            let options = Options { progress, visitor: Some(&reader), ..Options::new(Tree::Model) };
            let taken = inventory::take(path, &options)?;
            if let Some(inventory) = self.taken(taken) {
                self.model(&all, &inventory);
                self.model_facts(&document, &all, &reader.finish(), &inventory);
            }
        }
        self.datasets(&all, bytes, progress)?;
        if let Some(path) = bytes.code {
            let taken = code_tree::take(path, progress)?.taken;
            if let Some(inventory) = self.taken(taken) {
                let code = all.iter().filter(|one| one.text("bom-ref") == Some("code"));
                self.whole("code", code, inventory.digest());
            }
        }
        Ok(())
    }

    /// Keeps what could not be hashed, and returns what was.
    pub(super) fn taken(&mut self, taken: Taken) -> Option<Inventory> {
        for finding in taken.findings.iter() {
            let message = format!("{}: {}", finding.code, finding.summary.raw());
            let level = if finding.severity == Severity::Deny { Level::Error } else { Level::Warning };
            self.object(Check::Unreadable, level, Told::new("", message));
        }
        for failure in taken.failures {
            self.fail(failure.summary);
        }
        taken.inventory
    }

    /// Compares a thing that has one digest.
    pub(super) fn whole<'c, 'd: 'c>(
        &mut self,
        noun: &str,
        of: impl Iterator<Item = &'c Placed<'d>>,
        found: ArtifactDigest,
    ) {
        let mut compared = 0;
        for component in of {
            for (pointer, digest) in component.digests() {
                compared += 1;
                if digest != found {
                    self.differs(pointer, &format!("the {noun}"), digest, found);
                }
            }
            for (pointer, digest) in component.hashes() {
                compared += 1;
                if digest != found.without_kind() {
                    self.differs(pointer, &format!("the {noun}"), digest, found);
                }
            }
        }
        if compared == 0 {
            self.nothing(noun);
        }
    }

    fn model(&mut self, all: &[Placed<'_>], inventory: &Inventory) {
        let ours = is_ours(all);
        // What our own documents call base models has other bytes.
        let is_model = |one: &&Placed<'_>| one.is("machine-learning-model") && !(ours && one.is_base());
        let models: Vec<_> = all.iter().filter(is_model).collect();
        let mut compared = 0;
        for model in &models {
            compared += self.model_digests(model, inventory);
        }
        let mut files: Vec<_> = models.iter().flat_map(|model| model.files()).collect();
        if files.is_empty() {
            files = all.iter().filter(|one| one.is("file")).cloned().collect();
        }
        // Ours say each digest, so that who takes one away is seen.
        for model in models.iter().filter(|model| ours && model.digests().is_empty()) {
            self.not_compared(model, "the model has no digest", ours);
        }
        compared += self.files(&files, inventory, ours);
        if compared == 0 {
            self.nothing("model");
        }
    }

    /// Compares what a model component has as a whole. A folder has more than one digest by which it may be named.
    fn model_digests(&mut self, model: &Placed<'_>, inventory: &Inventory) -> usize {
        let found = inventory.digest();
        let (digests, hashes) = (model.digests(), model.hashes());
        for (pointer, digest) in digests.iter().filter(|(_, digest)| *digest != found) {
            self.differs(pointer.clone(), "the model", digest, found);
        }
        let mut names = vec![found.without_kind(), oms::root(inventory.entries())];
        if inventory.entries().len() > 1 && model.files().is_empty() {
            names.extend(inventory.entries().iter().map(|entry| entry.digest));
        }
        for (pointer, digest) in hashes.iter().filter(|(_, digest)| !names.contains(digest)) {
            let found = if matches!(found, ArtifactDigest::Tree(_)) {
                format!("{found}, with the root digest {}", oms::root(inventory.entries()))
            } else {
                found.to_string()
            };
            self.differs(pointer.clone(), "the model", digest, found);
        }
        digests.len() + hashes.len()
    }

    /// Compares the files that a document lists, and says which of them nobody can compare.
    fn files(&mut self, files: &[Placed<'_>], inventory: &Inventory, ours: bool) -> usize {
        let mut listed: BTreeMap<TreePath, (Digest, String)> = BTreeMap::new();
        let mut unknown = BTreeSet::new();
        for file in files {
            let path = TreePath::new(file.name().trim_start_matches("./"));
            let hashes = file.hashes();
            let (Ok(path), [(pointer, digest)]) = (path, hashes.as_slice()) else {
                unknown.insert(file.name().trim_start_matches("./"));
                let message = format!("the file `{}` has no usable path, or not one SHA-256", file.name());
                self.not_compared(file, &message, ours);
                continue;
            };
            listed.insert(path, (*digest, pointer.clone()));
        }
        // Files that were not usable are not extra.
        if listed.is_empty() || !unknown.is_empty() && matches!(inventory.digest(), ArtifactDigest::File(_)) {
            return 0;
        }
        let signed = listed.iter().map(|(path, (digest, _))| Entry { path: path.clone(), digest: *digest }).collect();
        let place = |path: &TreePath| listed.get(path).map(|(_, pointer)| pointer.clone()).unwrap_or_default();
        let mut said = Vec::new();
        inventory::compare(signed, inventory.entries(), |difference| said.push(difference));
        said.sort_by_key(order);
        for difference in said {
            // What is listed without a digest is said so above.
            let known = |entry: &Entry| unknown.contains(entry.path.as_str());
            if !matches!(&difference, Difference::Extra(entry) if known(entry)) {
                self.difference(difference, place, !unknown.is_empty());
            }
        }
        listed.len()
    }

    fn not_compared(&mut self, component: &Placed<'_>, message: &str, ours: bool) {
        let level = if ours { Level::Error } else { Level::Warning };
        self.object(Check::NotCompared, level, Told::new(component.pointer.clone(), message));
    }

    fn difference(&mut self, difference: Difference, place: impl Fn(&TreePath) -> String, partly: bool) {
        let (check, level, pointer, message) = match difference {
            Difference::Changed { path, signed, found, .. } => {
                return self.differs(place(&path), &format!("the file `{path}`"), signed, found);
            }
            Difference::Extra(entry) => {
                let message = format!("the file `{}` is there, and the document does not list it", entry.path);
                let level = if partly { Level::Warning } else { Level::Error };
                (Check::FileExtra, level, String::new(), message)
            }
            Difference::Missing(entry) => {
                let message = format!("the file `{}` is listed, and is not there", entry.path);
                (Check::FileMissing, Level::Error, place(&entry.path), message)
            }
            Difference::Renamed { signed, found, .. } => {
                let message = format!("the file `{signed}` is there under the name `{found}`");
                (Check::FileMissing, Level::Error, place(&signed), message)
            }
        };
        self.object(check, level, Told::new(pointer, message));
    }

    fn differs(&mut self, pointer: String, noun: &str, said: impl std::fmt::Display, found: impl std::fmt::Display) {
        let message = format!("{noun} has another digest: the document says {said}, the bytes have {found}");
        self.object(Check::DigestDiffers, Level::Error, Told::new(pointer, message));
    }

    fn nothing(&mut self, noun: &str) {
        let message = format!("the document has no SHA-256 of the {noun} that could be compared");
        self.object(Check::NothingCompared, Level::Error, Told::new("", message));
    }
}

/// Returns the path by which differences are sorted.
fn order(difference: &Difference) -> TreePath {
    match difference {
        Difference::Changed { path, .. } => path.clone(),
        Difference::Extra(entry) | Difference::Missing(entry) => entry.path.clone(),
        Difference::Renamed { signed, .. } => signed.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::file_list;
    use crate::inventory::NoProgress;
    use crate::validate::{Demands, Validation, examine};

    fn examined(document: &Value, model: &Path) -> Validation {
        let text = document.to_string();
        let mut examination = examine(text.as_bytes(), Demands::default()).unwrap();
        let bytes = Bytes { model: Some(model), ..Bytes::default() };
        examination.against(&bytes, &NoProgress).unwrap();
        examination.finish()
    }

    const CHECKS: [Check; 6] = [
        Check::DigestDiffers,
        Check::FileExtra,
        Check::FileMissing,
        Check::NotCompared,
        Check::NothingCompared,
        Check::Unreadable,
    ];

    fn said(document: &Value, model: &Path) -> Vec<(Check, String)> {
        let validation = examined(document, model);
        let objections = validation.objections.into_iter().filter(|one| CHECKS.contains(&one.check));
        objections.map(|one| (one.check, one.pointer.raw().to_owned())).collect()
    }

    fn file(name: &str, content: &[u8]) -> Value {
        let hash = json!({"alg": "SHA-256", "content": Digest::of(content).to_string()});
        json!({"type": "file", "name": name, "hashes": [hash]})
    }

    fn document(parts: &[Value]) -> Value {
        let model = json!({"type": "machine-learning-model", "name": "m", "components": parts});
        json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [model]})
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "a").unwrap();
        std::fs::write(folder.path().join("b"), "b").unwrap();
        folder
    }

    #[test]
    fn files_are_compared_one_by_one() {
        let folder = folder();
        let (a, b) = (file("a", b"a"), file("./b", b"b"));
        assert_eq!(said(&document(&[a.clone(), b.clone()]), folder.path()), []);
        let changed = document(&[a.clone(), file("b", b"x")]);
        assert_eq!(
            said(&changed, folder.path()),
            [(Check::DigestDiffers, "/components/0/components/1/hashes/0".to_owned())]
        );
        assert_eq!(said(&document(std::slice::from_ref(&a)), folder.path()), [(Check::FileExtra, String::new())]);
        let missing = document(&[a.clone(), b, file("c", b"c")]);
        let place = "/components/0/components/2/hashes/0".to_owned();
        assert_eq!(said(&missing, folder.path()), [(Check::FileMissing, place)]);
        let renamed = document(&[a, file("c", b"b")]);
        assert_eq!(said(&renamed, folder.path())[0].0, Check::FileMissing);
    }

    #[test]
    fn a_model_is_named_by_any_digest_that_it_has() {
        let folder = folder();
        let with = |digest: String| {
            let mut document = document(&[]);
            document["components"][0]["hashes"] = json!([{"alg": "SHA-256", "content": digest}]);
            said(&document, folder.path())
        };
        let entry = |name: &str| Entry { path: TreePath::new(name).unwrap(), digest: Digest::of(name.as_bytes()) };
        let entries = [entry("a"), entry("b")];
        for digest in [file_list::digest(&entries), oms::root(&entries), Digest::of(b"a")] {
            assert_eq!(with(digest.to_string()), [], "{digest}");
        }
        let place = "/components/0/hashes/0".to_owned();
        assert_eq!(with(Digest::of(b"x").to_string()), [(Check::DigestDiffers, place)]);
    }

    #[test]
    fn a_single_file_is_compared_with_the_model() {
        let folder = folder();
        let path = folder.path().join("a");
        let mut document = document(&[]);
        document["components"][0]["hashes"] = file("a", b"a")["hashes"].clone();
        assert_eq!(said(&document, &path), []);
        document["components"][0]["hashes"] = file("a", b"b")["hashes"].clone();
        assert_eq!(said(&document, &path)[0].0, Check::DigestDiffers);
    }

    #[test]
    fn nothing_to_compare_is_never_a_pass() {
        let folder = folder();
        let validation = examined(&document(&[]), folder.path());
        assert!(!validation.passes());
        assert_eq!(said(&document(&[]), folder.path()), [(Check::NothingCompared, String::new())]);
        let md5 = json!({"type": "file", "name": "a", "hashes": [{"alg": "MD5", "content": "0".repeat(32)}]});
        let checks: Vec<_> = said(&document(&[md5]), folder.path()).into_iter().map(|(check, _)| check).collect();
        assert_eq!(checks, [Check::NothingCompared, Check::NotCompared]);
    }

    #[test]
    fn links_are_never_followed() {
        let folder = folder();
        std::os::unix::fs::symlink("a", folder.path().join("link")).unwrap();
        let checks = said(&document(&[file("a", b"a"), file("b", b"b")]), folder.path());
        assert_eq!(checks[0].0, Check::Unreadable);
    }
}
