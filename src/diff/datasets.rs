//! Datasets: by their digests, and file by file where the lists lie beside both bundles.

use std::collections::BTreeMap;
use std::io::BufReader;

use crate::bundle;
use crate::diff::{Change, Side, Values, bom, files as model_files};
use crate::digest::{ArtifactDigest, Digest};
use crate::file_list::{Entry, Reader};
use crate::files;
use crate::intoto::predicate::Provenance;
use crate::limits;
use crate::name::Name;
use crate::reference::Reference;
use crate::text::Text;

/// Reads what provenance and BOM say of datasets.
pub(super) fn values(side: &Side) -> Values {
    let mut values = Values::default();
    for (name, digest) in digests(side) {
        values.add(name.as_str(), digest.map_or_else(|| "no digest".to_owned(), |digest| digest.to_string()));
    }
    bom::describe(side, &mut values, |reference| match reference {
        Reference::Dataset(name) => Some(name.to_string()),
        Reference::Base(_) | Reference::Code => None,
    });
    values
}

fn digests(side: &Side) -> BTreeMap<Name, Option<ArtifactDigest>> {
    let references = side.inspection.provenance().into_iter().flat_map(Provenance::references);
    let datasets = references.filter_map(|(reference, of)| match reference {
        Reference::Dataset(name) => Some((name, of.artifact_digest())),
        Reference::Base(_) | Reference::Code => None,
    });
    datasets.collect()
}

/// Compares those datasets file by file that are in both bundles and differ. Notes say where that can't be done.
pub(super) fn file_by_file(old: &Side, new: &Side, notes: &mut Vec<Text>) -> Vec<(Name, Vec<Change>)> {
    let after = digests(new);
    let mut sections = Vec::new();
    for (name, before) in digests(old) {
        let (Some(ArtifactDigest::Tree(before)), Some(Some(ArtifactDigest::Tree(after)))) = (before, after.get(&name))
        else {
            continue;
        };
        if before == *after {
            continue;
        }
        match (list(old, &name, before), list(new, &name, *after)) {
            (Ok(before), Ok(after)) => sections.push((name, model_files::lists(before, &after))),
            (before, after) => {
                let reasons = [before.err(), after.err()].into_iter().flatten().collect::<Vec<_>>().join("; ");
                notes.push(format!("the dataset `{name}` is not compared file by file: {reasons}").into());
            }
        }
    }
    sections
}

/// Reads the file list beside a bundle, which is used only if its digest is the one that the bundle names.
fn list(side: &Side, name: &Name, signed: Digest) -> Result<Vec<Entry>, String> {
    let beside = bundle::list_path(side.path(), name.as_str()).filter(|_| side.path().as_os_str() != "-");
    let path = beside.ok_or("standard input has no list beside it")?;
    let shown = path.display();
    let file = files::open(&path).map_err(|_| format!("the list `{shown}` is not there"))?;
    let mut reader = Reader::new(BufReader::new(file));
    let mut entries = Vec::new();
    while let Some(entry) = reader.next_entry().map_err(|error| format!("the list `{shown}`: {error}"))? {
        if entries.len() == limits::TREE_FILES {
            return Err(format!("the list `{shown}` has more than {} files", limits::TREE_FILES));
        }
        entries.push(entry);
    }
    if reader.finish() == signed {
        Ok(entries)
    } else {
        Err(format!("the list `{shown}` is not the one of the bundle"))
    }
}
