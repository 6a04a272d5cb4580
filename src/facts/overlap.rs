//! What stands in data to learn from and in data to judge by.

use std::collections::BTreeMap;

use crate::dataset::RowDigest;
use crate::digest::{ArtifactDigest, Digest};
use crate::facts::contents::{Columns, DatasetRead, is_beside};
use crate::facts::same_rows;
use crate::finding::{Code, Finding, Findings, Place, Tree};
use crate::inventory::Inventory;
use crate::name::Name;
use crate::release::{DatasetRole, DatasetSpec};
use crate::text;

/// How two datasets were compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comparison {
    /// By the digests of their files.
    Files,
    /// By the digests of their files and of their rows.
    Rows,
}

/// With which datasets each was compared, and has nothing in common.
pub type Disjoint = BTreeMap<Name, BTreeMap<Name, Comparison>>;

/// A dataset to compare.
#[derive(Clone, Copy)]
pub struct Compared<'a> {
    /// What the user said.
    pub spec: &'a DatasetSpec,
    /// Its digest.
    pub digest: ArtifactDigest,
    /// Its files, if they are at hand.
    pub inventory: Option<&'a Inventory>,
    /// What was read of it, if its files are at hand.
    pub read: Option<&'a DatasetRead>,
}

impl Comparison {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Rows => "rows",
        }
    }

    /// Says with what something was compared, and how.
    pub fn with(self, other: &Name) -> String {
        format!("{other} by {}", self.as_str())
    }
}

/// Says whether one judges what was learnt from the other.
fn judges(one: DatasetRole, other: DatasetRole) -> bool {
    match one {
        DatasetRole::Testing => other != DatasetRole::Testing,
        DatasetRole::Validation => other == DatasetRole::Training,
        DatasetRole::Training | DatasetRole::Calibration => false,
    }
}

/// Compares each testing dataset with those that the model learnt from, and validation data with training data.
pub fn compare(datasets: &[Compared<'_>], rows: bool) -> (Findings, Disjoint) {
    let (mut findings, mut disjoint) = (Findings::default(), Disjoint::new());
    for one in datasets {
        for other in datasets {
            let Some((role, learnt)) = one.spec.role.zip(other.spec.role).filter(|(one, other)| judges(*one, *other))
            else {
                continue;
            };
            let pair = Pair { one, other, role, learnt };
            let found = pair.findings(rows);
            // Nothing has nothing in common with anything, and proves nothing.
            let both = [one, other].iter().all(|side| side.inventory.is_some_and(has_data));
            if found.is_empty() && both {
                let by = if rows { Comparison::Rows } else { Comparison::Files };
                disjoint.entry(one.spec.name.clone()).or_default().insert(other.spec.name.clone(), by);
            }
            findings.extend(found);
        }
    }
    (findings, disjoint)
}

/// Says whether there is anything in a dataset but what goes with data.
fn has_data(inventory: &Inventory) -> bool {
    let empty = Digest::of(b"");
    inventory.entries().iter().any(|entry| entry.digest != empty && !is_beside(&entry.path))
}

struct Pair<'p> {
    one: &'p Compared<'p>,
    other: &'p Compared<'p>,
    role: DatasetRole,
    learnt: DatasetRole,
}

impl Pair<'_> {
    fn findings(&self, rows: bool) -> Vec<Finding> {
        let (Some(one), Some(other)) = (self.one.inventory, self.other.inventory) else {
            if rows {
                let declared = if self.one.inventory.is_none() { self.one } else { self.other };
                let summary =
                    format!("the dataset `{}` is declared, so its rows can't be compared", declared.spec.name);
                return vec![uncompared(declared, summary)];
            }
            let same = self.one.digest == self.other.digest;
            return same.then(|| self.overlap(None, "the same data stands")).into_iter().collect();
        };
        let mut findings = self.same_files(one, other);
        if rows {
            findings.extend(self.same_rows());
        }
        findings
    }

    /// Finds files with the same content, whatever their names.
    fn same_files(&self, one: &Inventory, other: &Inventory) -> Vec<Finding> {
        let empty = Digest::of(b"");
        // What goes with the data on one side may be data on the other: those are kept.
        let (beside, data): (Vec<_>, Vec<_>) = other.entries().iter().partition(|entry| is_beside(&entry.path));
        let all = beside.into_iter().chain(data);
        let learnt: BTreeMap<Digest, &str> = all.map(|entry| (entry.digest, entry.path.as_str())).collect();
        let data = one.entries().iter().filter(|entry| entry.digest != empty);
        let same = data.filter_map(|entry| Some((entry.path.as_str(), *learnt.get(&entry.digest)?)));
        let same = same.filter(|(path, there)| !is_beside(path) || !is_beside(there));
        same.map(|(path, there)| self.overlap(Some(path), &format!("`{path}`, there `{there}`, stands"))).collect()
    }

    fn same_rows(&self) -> Vec<Finding> {
        let (Some(one), Some(other)) = (self.one.read, self.other.read) else { return Vec::new() };
        for (compared, read) in [(self.one, one), (self.other, other)] {
            if let Some((path, why)) = &read.uncompared {
                let summary = format!("`{path}` of the dataset `{}`: {why}", compared.spec.name);
                return vec![uncompared(compared, summary)];
            }
        }
        for (compared, read) in [(self.one, one), (self.other, other)] {
            if read.rows.is_empty() {
                let summary = format!("the dataset `{}` has no rows", compared.spec.name);
                return vec![uncompared(compared, summary)];
            }
        }
        if let Some(finding) = self.other_columns(one, other) {
            return vec![finding];
        }
        let same = one.rows.iter().filter(|row| other.rows.binary_search(row).is_ok()).copied();
        let same: Vec<RowDigest> = same.collect();
        if same.is_empty() { Vec::new() } else { vec![self.row_overlap(&same)] }
    }

    /// Says how many rows stand on both sides, and where the first of them are.
    fn row_overlap(&self, same: &[RowDigest]) -> Finding {
        let verb = if same.len() == 1 { "stands" } else { "stand" };
        let finding = self.overlap(None, &format!("{} of it {verb}", text::count(same.len(), "different row")));
        let help = "split the data again so that nothing stands on both sides, and train and evaluate anew; where it is \
            the names of columns that stand on both, say `header = true` of both datasets in the release file";
        let finding = finding.help(help);
        match same_rows::shown(self.one.spec, self.other.spec, same) {
            Some(places) => Finding { summary: format!("{}: {places}", finding.summary.raw()).into(), ..finding },
            None => finding,
        }
    }

    /// Finds tables whose rows would be compared in different orders of their columns, which finds nothing.
    fn other_columns(&self, one: &DatasetRead, other: &DatasetRead) -> Option<Finding> {
        let mut pairs = one.tables.iter().flat_map(|here| other.tables.iter().map(move |there| (here, there)));
        let unlike = |one: &Columns, other: &Columns| {
            let guessed = one.assumed || other.assumed || one.names.is_some() != other.names.is_some();
            one.names != other.names && guessed
        };
        let ((_, here), (_, there)) = pairs.find(|((one, _), (other, _))| unlike(one, other))?;
        let summary = format!(
            "`{here}` of the dataset `{}` and `{there}` of `{}` have columns of other names, so that no row of one can be one of the other",
            self.one.spec.name, self.other.spec.name
        );
        let help = "say `header = false` of each dataset in the release file if its first rows are data, `header = true` if \
            they name its columns, and give both the same columns; or leave out `--rows`";
        Some(uncompared(self.one, summary).help(help))
    }

    fn overlap(&self, path: Option<&str>, what: &str) -> Finding {
        let tree = Tree::Dataset(self.one.spec.name.clone());
        let place = path.map_or_else(|| Place::Tree(tree.clone()), |path| Place::file(&tree, path));
        let summary = format!(
            "the {} dataset `{}`: {what} in the {} dataset `{}` too",
            self.role.as_str(),
            self.one.spec.name,
            self.learnt.as_str(),
            self.other.spec.name
        );
        Finding::deny(Code::TrainTestOverlap, place, summary)
            .help("split the data again so that nothing stands on both sides, and train and evaluate anew")
    }
}

fn uncompared(dataset: &Compared<'_>, summary: String) -> Finding {
    Finding::deny(Code::RowsNotCompared, Place::Tree(Tree::Dataset(dataset.spec.name.clone())), summary)
        .help("leave out `--rows`, or give the data as CSV, JSON Lines or Parquet")
}
