//! Files of the model: changed, added, removed, renamed.

use crate::diff::{Change, Side};
use crate::file_list::Entry;
use crate::intoto::Predicate;
use crate::inventory::{self, Difference};
use crate::path::TreePath;

/// Compares the files that two bundles sign.
pub(super) fn compare(old: &Side, new: &Side) -> Vec<Change> {
    lists(listed(old), &listed(new))
}

/// Compares two sorted lists of files.
pub(super) fn lists(old: Vec<Entry>, new: &[Entry]) -> Vec<Change> {
    let mut changes: Vec<(TreePath, Change)> = Vec::new();
    let text = |path: &TreePath| path.as_str().into();
    inventory::compare(old, new, |difference| {
        changes.push(match difference {
            Difference::Changed { path, signed, found, .. } => {
                let (old, new) = (signed.to_string().into(), found.to_string().into());
                (path.clone(), Change::Changed { name: text(&path), old, new })
            }
            Difference::Extra(entry) => {
                let new = entry.digest.to_string().into();
                (entry.path.clone(), Change::Added { name: text(&entry.path), new })
            }
            Difference::Missing(entry) => {
                let old = entry.digest.to_string().into();
                (entry.path.clone(), Change::Removed { name: text(&entry.path), old })
            }
            Difference::Renamed { signed, found, digest } => {
                let value = digest.to_string().into();
                (signed.clone(), Change::Renamed { name: text(&signed), to: text(&found), value })
            }
        });
    });
    changes.sort_by(|(one, _), (other, _)| one.cmp(other));
    changes.into_iter().map(|(_, change)| change).collect()
}

/// Returns the files of a model, sorted: in full where the provenance lists them, else without the names that model
/// signatures leave out.
pub(super) fn listed(side: &Side) -> Vec<Entry> {
    let subjects = side.claims().find_map(|(_, claim)| {
        let is_provenance = matches!(claim.statement.predicate, Predicate::Provenance(_));
        let lists = is_provenance && claim.statement.is_of_folder();
        let subjects = claim.statement.subjects.get(2..).filter(|subjects| lists && !subjects.is_empty())?;
        let entry = |subject: &crate::intoto::Subject| {
            Some(Entry { path: TreePath::new(&subject.name).ok()?, digest: subject.sha256 })
        };
        subjects.iter().map(entry).collect::<Option<Vec<_>>>()
    });
    let mut files = subjects.or_else(|| side.inspection.files().map(<[Entry]>::to_vec)).unwrap_or_default();
    files.sort_unstable();
    files.dedup_by(|one, other| one.path == other.path);
    files
}
