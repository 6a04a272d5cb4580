//! What BOMs say of the files whose tensors are recorded, and else their names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::cyclonedx::{MODEL_REF, array, is};
use crate::path::TreePath;

use super::RECORDED;

/// A file of the model, as a BOM has it or as it is called.
pub(super) struct Stated<'b> {
    pub(super) path: &'b str,
    pub(super) format: &'b str,
    /// How many tensors it has.
    pub(super) tensors: Option<usize>,
    /// How many elements they have, by type, where all of it is said.
    pub(super) elements: Option<BTreeMap<&'b str, u64>>,
}

/// Returns the files of which a BOM says the format, and of the others those whose names do.
pub(super) fn all<'b>(boms: &[&'b Value], signed: impl Iterator<Item = &'b TreePath>) -> Vec<Stated<'b>> {
    let mut stated: Vec<_> = boms.iter().flat_map(|bom| of_bom(bom)).collect();
    let known: BTreeSet<&str> = stated.iter().map(|one| one.path).collect();
    let others = signed.map(TreePath::as_str).filter(|path| !known.contains(path));
    let others: Vec<_> = others.filter_map(of_name).collect();
    stated.extend(others);
    stated
}

/// Returns the ending of a name, in small letters.
pub(super) fn ending(path: &str) -> String {
    path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

fn of_name(path: &str) -> Option<Stated<'_>> {
    let format = RECORDED.into_iter().find(|format| *format == ending(path))?;
    Some(Stated { path, format, tensors: None, elements: None })
}

fn of_bom(bom: &Value) -> impl Iterator<Item = Stated<'_>> {
    let model = array(bom, "components").filter(|one| is(one, "bom-ref", MODEL_REF));
    model.flat_map(|model| array(model, "components")).filter_map(|file| {
        let format = property(file, "assaymark:format")?;
        let tensors = property(file, "assaymark:tensors").and_then(|count| count.parse().ok());
        let elements = property(file, "assaymark:types").and_then(elements);
        Some(Stated { path: file.get("name")?.as_str()?, format, tensors, elements })
    })
}

/// Reads types with numbers, such as `F32:1200 I64:1`; nothing where some are left out.
fn elements(text: &str) -> Option<BTreeMap<&str, u64>> {
    let pairs = text.split(' ').map(|word| word.rsplit_once(':'));
    pairs.map(|pair| pair.and_then(|(kind, count)| Some((kind, count.parse().ok()?)))).collect()
}

fn property<'v>(component: &'v Value, name: &str) -> Option<&'v str> {
    let mut named = array(component, "properties").filter(|one| is(one, "name", name));
    named.next()?.get("value")?.as_str()
}
