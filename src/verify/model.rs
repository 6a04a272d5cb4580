//! The model at hand: hashing it, and saying how it differs from the signed one.

use crate::digest::ArtifactDigest;
use crate::evidence::{Model, VerifiedStatement};
use crate::failure::Failure;
use crate::file_list::{self, Entry};
use crate::finding::{Code, Finding, Findings, Place, Tree};
use crate::intoto::Predicate;
use crate::intoto::predicate::Seal;
use crate::intoto::predicate::seal::SealedModel;
use crate::inventory::{self, Difference, Inventory, Options, Partial, StagedCopy};
use crate::oms;
use crate::verify::differences::{self, Recorder};
use crate::verify::{Artifact, Request, VerifyError};

/// What came of hashing the model.
#[derive(Default)]
pub(super) struct Hashed {
    /// What is on disk, extra files left out where they are allowed.
    pub(super) inventory: Option<Inventory>,
    /// What is known of a folder that could not be read whole.
    pub(super) partial: Option<Partial>,
    /// The copy of what was read.
    pub(super) copy: Option<StagedCopy>,
    pub(super) findings: Findings,
    pub(super) failures: Vec<Failure>,
}

impl Hashed {
    /// Returns the model at hand, if it is known.
    pub(super) fn on_hand<'h>(&'h self, artifact: &Artifact<'_>) -> Option<Model<'h>> {
        match artifact {
            Artifact::Vouched(digest) => Some(Model::Vouched(*digest)),
            Artifact::Path(_) | Artifact::Taken(_) => self.inventory.as_ref().map(Model::Hashed),
        }
    }
}

/// Hashes the model.
pub(super) fn hash(request: &Request<'_>, statements: &[VerifiedStatement<'_>]) -> Result<Hashed, VerifyError> {
    let path = match &request.model {
        Artifact::Path(path) => path,
        Artifact::Taken(inventory) => {
            return Ok(Hashed { inventory: Some((*inventory).clone()), ..Hashed::default() });
        }
        Artifact::Vouched(_) => return Ok(Hashed::default()),
    };
    let copy = request.copy_to.as_deref().map(StagedCopy::new).transpose()?;
    let options = Options { progress: request.progress, copy: copy.as_ref(), ..Options::new(Tree::Model) };
    let taken = inventory::take(path, &options.skipping(&request.ignored))?;
    let inventory = taken
        .inventory
        .map(|inventory| if request.allow_extra_files { without_extra(inventory, statements) } else { inventory });
    Ok(Hashed { inventory, partial: taken.partial, copy, findings: taken.findings, failures: taken.failures })
}

/// Leaves out the files that no model signature lists, if what is left is a model that is sealed.
fn without_extra(inventory: Inventory, statements: &[VerifiedStatement<'_>]) -> Inventory {
    let seals = statements.iter().filter_map(|statement| match statement.predicate() {
        Predicate::Seal(seal) => Some(seal),
        _ => None,
    });
    let all: Vec<&VerifiedStatement<'_>> = statements.iter().collect();
    let mut lists = seals.filter_map(|seal| SignedFiles::of(&seal.model, &all).map(|list| (seal, list)));
    lists
        .find_map(|(seal, list)| {
            let rest = inventory.without(|entry| !list.covers(entry));
            (rest.digest() == seal.model.digest()).then_some(rest)
        })
        .unwrap_or(inventory)
}

/// The files of a sealed folder, as far as statements name them.
struct SignedFiles {
    entries: Vec<Entry>,
    /// Whether the git names at the top are among them.
    complete: bool,
}

impl SignedFiles {
    /// Finds the list of a sealed folder: in full where a provenance has it, else in a model signature.
    fn of(sealed: &SealedModel, statements: &[&VerifiedStatement<'_>]) -> Option<Self> {
        let SealedModel::Tree { file_list, oms_root } = sealed else { return None };
        let counted = || statements.iter().filter(|statement| statement.has_role());
        let full = counted()
            .filter(|statement| statement.lists_files())
            .find_map(|statement| statement.listed_files().filter(|files| file_list::digest(files) == *file_list));
        if let Some(entries) = full {
            return Some(Self { entries, complete: true });
        }
        counted().find_map(|statement| match statement.predicate() {
            Predicate::ModelSignature(signature) if signature.canonical_root() == *oms_root => {
                Some(Self { entries: signature.resources.clone(), complete: false })
            }
            _ => None,
        })
    }

    fn covers(&self, entry: &Entry) -> bool {
        let listed = self.entries.binary_search_by(|signed| signed.path.cmp(&entry.path)).is_ok();
        listed || self.passes_over(entry)
    }

    fn passes_over(&self, entry: &Entry) -> bool {
        !self.complete && oms::IGNORED.contains(&entry.path.top())
    }
}

/// Says how the model at hand differs from the sealed one, file by file where a list is at hand.
pub(super) fn explain(
    hashed: &Hashed,
    request: &Request<'_>,
    seal: &Seal,
    statements: &[&VerifiedStatement<'_>],
) -> Findings {
    let mut findings = Findings::default();
    if let Some(partial) = &hashed.partial {
        return explain_partial(partial, request.allow_extra_files, seal, statements);
    }
    let Some(model) = hashed.on_hand(&request.model) else { return findings };
    let (signed, found) = (seal.model.digest(), model.digest());
    if signed == found {
        return findings;
    }
    let place = Place::Tree(Tree::Model);
    match (signed, found, &hashed.inventory) {
        (ArtifactDigest::File(signed), ArtifactDigest::File(found), Some(inventory)) => {
            let recorder = Recorder::of(statements, seal);
            findings.extend(
                inventory
                    .entries()
                    .iter()
                    .map(|entry| differences::changed(&Tree::Model, &entry.path, signed, found, &recorder)),
            );
        }
        (ArtifactDigest::Tree(_), ArtifactDigest::Tree(_), Some(inventory)) => {
            findings.append(explain_files(inventory, seal, statements));
        }
        (ArtifactDigest::File(_), ArtifactDigest::Tree(_), _)
        | (ArtifactDigest::Tree(_), ArtifactDigest::File(_), _) => {
            findings.push(digests(kinds(signed.kind(), found.kind()), signed, found));
        }
        _ => {}
    }
    if !findings.deny() {
        let finding = Finding::deny(Code::ModelMismatch, place, "the model at hand is not the one that was signed");
        findings.push(digests(finding.help("get the model again from its publisher"), signed, found));
    }
    findings
}

fn explain_files(inventory: &Inventory, seal: &Seal, statements: &[&VerifiedStatement<'_>]) -> Findings {
    let Some(list) = SignedFiles::of(&seal.model, statements) else { return Findings::default() };
    let found: Vec<Entry> = inventory.entries().iter().filter(|entry| !list.passes_over(entry)).cloned().collect();
    let recorder = Recorder::of(statements, seal);
    let mut findings = Findings::default();
    inventory::compare(list.entries, &found, |difference| {
        findings.push(differences::finding(&Tree::Model, difference, &recorder));
    });
    findings
}

/// Says what is wrong with the files that could be read, where others could not.
fn explain_partial(
    partial: &Partial,
    allow_extra_files: bool,
    seal: &Seal,
    statements: &[&VerifiedStatement<'_>],
) -> Findings {
    let mut findings = Findings::default();
    if let file @ ArtifactDigest::File(_) = seal.model.digest() {
        findings.push(kinds(file.kind(), "folder").expected(file.to_string()));
        return findings;
    }
    let Some(list) = SignedFiles::of(&seal.model, statements) else { return findings };
    let recorder = Recorder::of(statements, seal);
    partial.compare(
        list.entries.clone(),
        |entry| list.passes_over(entry),
        |difference| {
            if !(allow_extra_files && matches!(difference, Difference::Extra(_))) {
                findings.push(differences::finding(&Tree::Model, difference, &recorder));
            }
        },
    );
    findings
}

fn kinds(signed: &str, found: &str) -> Finding {
    let summary = format!("the signed model is a {signed}, and the one at hand a {found}");
    Finding::deny(Code::DigestKind, Place::Tree(Tree::Model), summary)
        .help("a file's digest never stands for a folder: write `sha256:…` for a file, `tree:sha256:…` for a folder")
}

fn digests(finding: Finding, signed: ArtifactDigest, found: ArtifactDigest) -> Finding {
    finding.expected(signed.to_string()).found(found.to_string())
}
