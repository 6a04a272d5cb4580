//! Which tensors changed, were added, removed, renamed or retyped.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::diff::tensors::{Weights, names};
use crate::digest::Digest;
use crate::intoto::predicate::Tensors;
use crate::intoto::predicate::tensors::Tensor;
use crate::text::Text;

/// What is different between the tensors of two models.
#[derive(Debug)]
pub struct TensorComparison {
    /// Where the tensors of the two models are known from.
    pub sources: [Text; 2],
    /// What it comes to.
    pub verdict: Verdict,
    /// How many tensors there are of each sort.
    pub counts: Counts,
    /// The groups in which something is different, in the order of their names.
    pub groups: Vec<Group>,
    /// Files that both models have with other bytes and the same tensors.
    pub other_headers: Vec<Text>,
    /// Files whose tensors are not known, with the reason.
    pub unread: Vec<(Text, Text)>,
}

/// What a comparison of tensors comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Some tensors differ.
    Different,
    /// Neither model has tensors.
    None,
    /// All tensors are the same, and so are the files.
    Same,
    /// All tensors are the same, and a file that holds them is not.
    OtherHeader,
    /// The tensors that are known are the same; those of some files are not known.
    Unknown,
}

/// How many tensors there are of each sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// With the same name, type, shape and bytes.
    pub same: usize,
    /// With the same name, type and shape, and other bytes.
    pub changed: usize,
    /// With the same name, and another type or shape.
    pub retyped: usize,
    /// Only in the new model.
    pub added: usize,
    /// Only in the old model.
    pub removed: usize,
    /// With the same type, shape and bytes, and another name.
    pub renamed: usize,
}

/// The tensors of a layer, or of another part of a model.
#[derive(Debug)]
pub struct Group {
    /// What their names have in common, such as `model.layers.12.*`.
    pub name: Text,
    /// How many there are of each sort.
    pub counts: Counts,
    /// What is different.
    pub changes: Vec<TensorChange>,
}

/// One tensor that is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TensorChange {
    /// Only the new model has it.
    Added {
        /// Its name.
        name: Text,
        /// Its type and shape.
        new: Text,
    },
    /// It has other bytes.
    Changed {
        /// Its name.
        name: Text,
        /// The SHA-256 of the old bytes.
        old: Digest,
        /// The SHA-256 of the new bytes.
        new: Digest,
    },
    /// Only the old model has it.
    Removed {
        /// Its name.
        name: Text,
        /// Its type and shape.
        old: Text,
    },
    /// It has another name.
    Renamed {
        /// Its old name.
        name: Text,
        /// Its new name.
        to: Text,
    },
    /// It has another type or shape.
    Retyped {
        /// Its name.
        name: Text,
        /// Its old type and shape.
        old: Text,
        /// Its new type and shape.
        new: Text,
        /// Whether its bytes are the same.
        same_bytes: bool,
    },
}

impl Counts {
    /// Says how many tensors are different.
    pub fn different(&self) -> usize {
        self.changed + self.retyped + self.added + self.removed + self.renamed
    }

    fn count(&mut self, change: &TensorChange) {
        *match change {
            TensorChange::Added { .. } => &mut self.added,
            TensorChange::Changed { .. } => &mut self.changed,
            TensorChange::Removed { .. } => &mut self.removed,
            TensorChange::Renamed { .. } => &mut self.renamed,
            TensorChange::Retyped { .. } => &mut self.retyped,
        } += 1;
    }
}

impl TensorComparison {
    /// Compares the tensors of two models by their names, in whatever files they stand.
    pub fn of(old: &Weights, new: &Weights) -> Self {
        let mut grouped = Grouped::default();
        compare(&old.tensors, &new.tensors, &mut grouped);
        let mut counts = Counts::default();
        for (group, _) in grouped.0.values() {
            counts = sum(counts, *group);
        }
        let mut groups: Vec<Group> = grouped
            .0
            .into_iter()
            .filter_map(|(name, (counts, changes))| {
                (!changes.is_empty()).then(|| Group { name: name.into(), counts, changes })
            })
            .collect();
        groups.sort_by(|one, other| names::natural(one.name.raw(), other.name.raw()));
        let unread = old.unread.iter().map(|file| ("old", file)).chain(new.unread.iter().map(|file| ("new", file)));
        let unread: Vec<(Text, Text)> =
            unread.map(|(side, file)| (format!("{side} {}", file.path).into(), file.reason.clone())).collect();
        let verdict = verdict(&old.tensors, &new.tensors, counts, !unread.is_empty());
        let other_headers = other_headers(&old.tensors, &new.tensors);
        Self { sources: [old.source(), new.source()], verdict, counts, groups, other_headers, unread }
    }
}

fn verdict(old: &Tensors, new: &Tensors, counts: Counts, doubtful: bool) -> Verdict {
    let digests = |of: &Tensors| {
        let mut digests: Vec<_> = of.files.iter().map(|file| file.sha256).collect();
        digests.sort_unstable();
        digests
    };
    match () {
        () if counts.different() > 0 => Verdict::Different,
        () if doubtful => Verdict::Unknown,
        () if counts.same == 0 => Verdict::None,
        () if digests(old) == digests(new) => Verdict::Same,
        () => Verdict::OtherHeader,
    }
}

/// Finds the files that both models have with other bytes and the same tensors.
fn other_headers(old: &Tensors, new: &Tensors) -> Vec<Text> {
    let mut before = HashMap::new();
    for file in &old.files {
        before.insert(&file.path, file);
    }
    let sorted = |tensors: &[Tensor]| {
        let mut all: Vec<(String, Key, Digest)> =
            tensors.iter().map(|tensor| (tensor.name.clone(), Key::of(tensor), tensor.sha256)).collect();
        all.sort_unstable();
        all
    };
    let same = |file: &&crate::intoto::predicate::tensors::TensorFile| {
        before.get(&file.path).is_some_and(|before| {
            before.sha256 != file.sha256
                && before.tensors.len() == file.tensors.len()
                && sorted(&before.tensors) == sorted(&file.tensors)
        })
    };
    new.files.iter().filter(same).map(|file| file.path.as_str().into()).collect()
}

/// The type and shape of a tensor.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Key {
    dtype: String,
    shape: Vec<u64>,
}

impl Key {
    fn of(tensor: &Tensor) -> Self {
        Self { dtype: tensor.dtype.clone(), shape: tensor.shape.clone() }
    }
}

fn typed(tensor: &Tensor) -> Text {
    format!("{} {:?}", tensor.dtype, tensor.shape).into()
}

/// The groups by their names, each with its counts and what is different.
#[derive(Default)]
struct Grouped(BTreeMap<String, (Counts, Vec<TensorChange>)>);

impl Grouped {
    fn group(&mut self, name: &str) -> &mut (Counts, Vec<TensorChange>) {
        self.0.entry(names::group(name)).or_default()
    }

    fn push(&mut self, name: &str, change: TensorChange) {
        let (counts, changes) = self.group(name);
        counts.count(&change);
        changes.push(change);
    }
}

/// Tensors by the names that tell them apart, in natural order.
type Named<'t> = Vec<(String, &'t Tensor)>;

fn compare(old: &Tensors, new: &Tensors, grouped: &mut Grouped) {
    let several = several(old).into_iter().chain(several(new)).collect();
    let (old, new) = (named(old, &several), named(new, &several));
    let mut after: HashMap<&str, &Tensor> = new.iter().map(|(name, tensor)| (name.as_str(), *tensor)).collect();
    let mut gone = Vec::new();
    for (name, before) in &old {
        match after.remove(name.as_str()) {
            None => gone.push((name, *before)),
            Some(after) => pair(name, before, after, grouped),
        }
    }
    let come: Vec<_> = new.iter().filter(|(name, _)| after.contains_key(name.as_str())).collect();
    moved(&gone, &come, grouped);
}

fn pair(name: &str, before: &Tensor, after: &Tensor, grouped: &mut Grouped) {
    let text = || Text::from(name);
    if (&before.dtype, &before.shape) != (&after.dtype, &after.shape) {
        let same_bytes = before.sha256 == after.sha256;
        let change = TensorChange::Retyped { name: text(), old: typed(before), new: typed(after), same_bytes };
        grouped.push(name, change);
    } else if before.sha256 == after.sha256 {
        grouped.group(name).0.same += 1;
    } else {
        grouped.push(name, TensorChange::Changed { name: text(), old: before.sha256, new: after.sha256 });
    }
}

/// Pairs tensors that are gone with those that have come and are the same.
fn moved(gone: &[(&String, &Tensor)], come: &[&(String, &Tensor)], grouped: &mut Grouped) {
    let mut by_content: HashMap<(Digest, Key), Vec<usize>> = HashMap::new();
    for (index, (_, tensor)) in come.iter().enumerate().rev() {
        by_content.entry((tensor.sha256, Key::of(tensor))).or_default().push(index);
    }
    let mut paired = HashSet::new();
    for (name, tensor) in gone {
        let same = by_content.get_mut(&(tensor.sha256, Key::of(tensor))).and_then(Vec::pop);
        let change = match same.and_then(|index| Some((index, come.get(index)?))) {
            Some((index, (to, _))) => {
                paired.insert(index);
                TensorChange::Renamed { name: name.as_str().into(), to: to.as_str().into() }
            }
            None => TensorChange::Removed { name: name.as_str().into(), old: typed(tensor) },
        };
        grouped.push(name, change);
    }
    for (_, (name, tensor)) in come.iter().enumerate().filter(|(index, _)| !paired.contains(index)) {
        grouped.push(name, TensorChange::Added { name: name.as_str().into(), new: typed(tensor) });
    }
}

/// Returns the names that more than one tensor of a model has.
fn several(tensors: &Tensors) -> HashSet<String> {
    let mut seen = HashSet::new();
    let names = tensors.files.iter().flat_map(|file| &file.tensors).map(|tensor| tensor.name.as_str());
    names.filter(|name| !seen.insert(*name)).map(str::to_owned).collect()
}

/// Names each tensor: by its own name, with the file in front where several have that name.
fn named<'t>(tensors: &'t Tensors, several: &HashSet<String>) -> Named<'t> {
    let mut named: Named<'t> = Vec::new();
    for file in &tensors.files {
        for tensor in &file.tensors {
            let name = &tensor.name;
            let own = if several.contains(name) { format!("{}: {name}", file.path) } else { name.clone() };
            named.push((own, tensor));
        }
    }
    named.sort_by(|(one, _), (other, _)| names::natural(one, other));
    named
}

fn sum(one: Counts, other: Counts) -> Counts {
    Counts {
        same: one.same + other.same,
        changed: one.changed + other.changed,
        retyped: one.retyped + other.retyped,
        added: one.added + other.added,
        removed: one.removed + other.removed,
        renamed: one.renamed + other.renamed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intoto::predicate::tensors::TensorFile;
    use crate::path::TreePath;

    type Row<'r> = (&'r str, &'r str, &'r [u64], &'r str);

    fn weights(files: &[(&str, &str, &[Row<'_>])]) -> Weights {
        let tensor = |(name, dtype, shape, bytes): &Row<'_>| Tensor {
            name: (*name).to_owned(),
            dtype: (*dtype).to_owned(),
            shape: shape.to_vec(),
            sha256: Digest::of(bytes.as_bytes()),
        };
        let files = files.iter().map(|(path, bytes, rows)| TensorFile {
            path: TreePath::new(path).unwrap(),
            sha256: Digest::of(bytes.as_bytes()),
            format: "safetensors".to_owned(),
            tensors: rows.iter().map(tensor).collect(),
        });
        Weights { tensors: Tensors { files: files.collect() }, unread: Vec::new(), measured: None }
    }

    fn words(old: &Weights, new: &Weights) -> (Verdict, Vec<String>) {
        let compared = TensorComparison::of(old, new);
        let of = |group: Group| {
            let word = |change: &TensorChange| match change {
                TensorChange::Added { name, .. } => format!("+{}", name.raw()),
                TensorChange::Changed { name, .. } => format!("*{}", name.raw()),
                TensorChange::Removed { name, .. } => format!("-{}", name.raw()),
                TensorChange::Renamed { name, to } => format!("{}>{}", name.raw(), to.raw()),
                TensorChange::Retyped { name, old, new, same_bytes } => {
                    format!("{} {}>{} {same_bytes}", name.raw(), old.raw(), new.raw())
                }
            };
            let changes: Vec<_> = group.changes.iter().map(word).collect();
            format!("{}: {} [{} same]", group.name.raw(), changes.join(" "), group.counts.same)
        };
        (compared.verdict, compared.groups.into_iter().map(of).collect())
    }

    #[test]
    fn what_happened_to_each_tensor_is_told_by_layer() {
        let old = weights(&[(
            "m",
            "1",
            &[
                ("l.2.w", "F32", &[2], "a"),
                ("l.10.w", "F32", &[2], "b"),
                ("l.10.b", "F32", &[2], "c"),
                ("l.10.s", "F32", &[4], "s"),
                ("head.w", "F32", &[2], "d"),
                ("tail.w", "F32", &[2], "e"),
            ],
        )]);
        let new = weights(&[(
            "m",
            "2",
            &[
                ("l.2.w", "F32", &[2], "A"),
                ("l.10.w", "F16", &[2], "B"),
                ("l.10.b", "F32", &[2], "c"),
                ("l.10.s", "F32", &[2, 2], "s"),
                ("top.w", "F32", &[2], "d"),
                ("new.w", "F32", &[2], "f"),
            ],
        )]);
        let expected = [
            "head.*: head.w>top.w [0 same]",
            "l.2.*: *l.2.w [0 same]",
            "l.10.*: l.10.s F32 [4]>F32 [2, 2] true l.10.w F32 [2]>F16 [2] false [1 same]",
            "new.*: +new.w [0 same]",
            "tail.*: -tail.w [0 same]",
        ];
        assert_eq!(words(&old, &new), (Verdict::Different, expected.map(str::to_owned).to_vec()));
    }

    #[test]
    fn the_same_weights_are_the_same_in_whatever_files() {
        let rows: [Row<'_>; 2] = [("a", "F32", &[1], "a"), ("b", "F32", &[1], "b")];
        let whole = weights(&[("m", "1", &rows)]);
        assert_eq!(words(&whole, &whole), (Verdict::Same, Vec::new()));
        let header = weights(&[("m", "2", &[rows[1], rows[0]])]);
        let compared = TensorComparison::of(&whole, &header);
        assert_eq!((compared.verdict, compared.other_headers), (Verdict::OtherHeader, vec!["m".into()]));
        let shards = weights(&[("m-1", "3", &rows[..1]), ("m-2", "4", &rows[1..])]);
        assert_eq!(words(&whole, &shards), (Verdict::OtherHeader, Vec::new()));
        assert_eq!(words(&weights(&[]), &weights(&[])).0, Verdict::None);
    }

    #[test]
    fn one_name_in_two_files_is_told_apart_by_the_files() {
        let old = weights(&[("x", "1", &[("w", "F32", &[1], "a")]), ("y", "2", &[("w", "F32", &[1], "b")])]);
        let new = weights(&[("x", "1", &[("w", "F32", &[1], "a")]), ("z", "2", &[("w", "F32", &[1], "b")])]);
        assert_eq!(words(&old, &new).1, ["y: w: y: w>z: w [0 same]"]);
    }
}
