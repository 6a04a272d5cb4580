//! A dataset at hand against the recorded one.

use std::io::BufReader;

use crate::bundle;
use crate::digest::{ArtifactDigest, Digest};
use crate::file_list::{Entry, Reader};
use crate::files;
use crate::finding::{Code, Finding, Findings, Place, Tree};
use crate::inventory::{self, Inventory, Options, Partial};
use crate::limits;
use crate::name::Name;
use crate::reference::Reference;
use crate::verify::recorded::{Part, Recorded};
use crate::verify::{Artifact, Checked, Request, VerifyError, differences};

/// Hashes a dataset and compares it with what was recorded.
pub(super) fn check(
    name: &Name,
    artifact: &Artifact<'_>,
    request: &Request<'_>,
    recorded: &Recorded<'_>,
) -> Result<Checked, VerifyError> {
    let mut checked = Checked::default();
    let tree = Tree::Dataset(name.clone());
    let signed = match recorded.part(&Reference::Dataset(name.clone())) {
        Part::Digest(signed) => signed,
        Part::WithoutDigest => return Ok(checked),
        Part::Unknown => {
            checked.findings.push(unknown(name, recorded));
            return Ok(checked);
        }
    };
    let taken;
    let inventory = match artifact {
        Artifact::Taken(inventory) => *inventory,
        Artifact::Vouched(digest) => {
            checked.agrees = *digest == signed;
            return Ok(checked);
        }
        Artifact::Path(path) => {
            taken = inventory::take(path, &Options { progress: request.progress, ..Options::new(tree.clone()) })?;
            checked.findings.append(taken.findings);
            checked.failures = taken.failures;
            if let Some(partial) = &taken.partial {
                checked.findings.append(explain_partial(name, partial, signed, request, recorded));
            }
            let Some(inventory) = &taken.inventory else { return Ok(checked) };
            inventory
        }
    };
    checked.summary = Some(inventory.summary());
    checked.agrees = inventory.digest() == signed;
    if !checked.agrees {
        checked.findings.append(explain(name, inventory, signed, request, recorded));
    }
    Ok(checked)
}

fn unknown(name: &Name, recorded: &Recorded<'_>) -> Finding {
    let known: Vec<_> = recorded.datasets().map(|name| format!("`{name}`")).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    let place = Place::Tree(Tree::Dataset(name.clone()));
    Finding::deny(Code::DatasetUnknown, place, format!("the release has no dataset `{name}`"))
        .found(format!("datasets of the release: {known}"))
        .help("name the dataset as the release does")
}

/// Says how a dataset differs: file by file if the list beside the bundle is the signed one.
fn explain(
    name: &Name,
    inventory: &Inventory,
    signed: ArtifactDigest,
    request: &Request<'_>,
    recorded: &Recorded<'_>,
) -> Findings {
    let tree = Tree::Dataset(name.clone());
    let place = Place::Tree(tree.clone());
    let mut findings = Findings::default();
    let found = inventory.digest();
    let summary = match (signed, found) {
        (ArtifactDigest::File(signed), ArtifactDigest::File(found)) => {
            let changed = |entry: &Entry| differences::changed(&tree, &entry.path, signed, found, &recorded.by);
            findings.extend(inventory.entries().iter().map(changed));
            return findings;
        }
        (ArtifactDigest::Tree(digest), ArtifactDigest::Tree(_)) => {
            if let Some(list) = signed_list(name, digest, request) {
                inventory::compare(list, inventory.entries(), |difference| {
                    findings.push(differences::finding(&tree, difference, &recorded.by));
                });
                return findings;
            }
            format!("the dataset `{name}` is not the one that was recorded")
        }
        _ => {
            findings.push(kinds(name, signed, found.kind(), recorded).found(found.to_string()));
            return findings;
        }
    };
    let list = request.bundle_path.and_then(|path| bundle::list_path(path, name.as_str()));
    let list = list.map_or_else(String::new, |path| format!(" `{}`", path.display()));
    findings.push(
        Finding::deny(Code::DatasetMismatch, place, summary)
            .expected(recorded.by.with(&signed.to_string()))
            .found(found.to_string())
            .help(format!("to see which files differ, put the file list{list} of this release beside the bundle")),
    );
    findings
}

/// Says what is wrong with the files that could be read, where others could not.
fn explain_partial(
    name: &Name,
    partial: &Partial,
    signed: ArtifactDigest,
    request: &Request<'_>,
    recorded: &Recorded<'_>,
) -> Findings {
    let mut findings = Findings::default();
    let ArtifactDigest::Tree(digest) = signed else {
        findings.push(kinds(name, signed, "folder", recorded));
        return findings;
    };
    let Some(list) = signed_list(name, digest, request) else { return findings };
    let tree = Tree::Dataset(name.clone());
    partial.compare(
        list,
        |_| false,
        |difference| {
            findings.push(differences::finding(&tree, difference, &recorded.by));
        },
    );
    findings
}

fn kinds(name: &Name, signed: ArtifactDigest, found: &str, recorded: &Recorded<'_>) -> Finding {
    let summary = format!("the recorded dataset `{name}` is a {}, this one a {found}", signed.kind());
    let place = Place::Tree(Tree::Dataset(name.clone()));
    Finding::deny(Code::DigestKind, place, summary).expected(recorded.by.with(&signed.to_string()))
}

/// Reads the file list beside the bundle, which counts only if its digest is the signed one.
fn signed_list(name: &Name, signed: Digest, request: &Request<'_>) -> Option<Vec<Entry>> {
    let path = bundle::list_path(request.bundle_path?, name.as_str())?;
    let mut reader = Reader::new(BufReader::new(files::open(&path).ok()?));
    let mut entries = Vec::new();
    while let Some(entry) = reader.next_entry().ok()? {
        if entries.len() == limits::TREE_FILES {
            return None;
        }
        entries.push(entry);
    }
    (reader.finish() == signed).then_some(entries)
}
