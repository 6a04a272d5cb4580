//! Whether a record of tensors is of the signed files, and of all of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::cyclonedx::Linkage;
use crate::digest::Digest;
use crate::evidence::VerifiedStatement;
use crate::finding::{Code, Finding};
use crate::intoto::predicate::tensors::{TensorFile, Tensors};
use crate::oms::{self, ModelSignature};
use crate::path::TreePath;

use self::stated::Stated;

mod stated;

/// The formats whose tensors are recorded, in the words of the BOM.
const RECORDED: [&str; 2] = ["safetensors", "gguf"];

/// The endings of what holds no weights.
const TEXTS: [&str; 11] = ["csv", "html", "jinja", "json", "jsonl", "md", "py", "toml", "txt", "yaml", "yml"];

/// Finds what is wrong with a record: a file that is not of the model, or has other tensors than a BOM says; one that it leaves
/// out; a name that stands twice, or a format that is not that of its file.
pub(super) fn check<'b>(
    member: &VerifiedStatement<'_>,
    record: &Tensors,
    signature: Option<&ModelSignature>,
    boms: impl Iterator<Item = &'b Value>,
) -> Option<Finding> {
    let boms: Vec<&Value> = boms.collect();
    let known = known(signature, &boms);
    let stated = stated::all(&boms, known.keys());
    let Fault { summary, expected, found } = of_another(record, &known)
        .or_else(|| {
            record.files.iter().all(|file| file.tensors.is_empty()).then(|| Fault::of("the record of tensors has none"))
        })
        .or_else(|| twice(record))
        .or_else(|| against(record, &stated))?;
    let finding = Finding::deny(Code::LineageMismatch, member.origin().place(), summary);
    Some(if expected.is_empty() { finding } else { finding.expected(expected).found(found) })
}

/// What is wrong with a record.
struct Fault {
    summary: String,
    expected: String,
    found: String,
}

impl Fault {
    fn of(summary: impl Into<String>) -> Self {
        Self { summary: summary.into(), expected: String::new(), found: String::new() }
    }

    fn of_format(file: &TensorFile, expected: &str) -> Self {
        let summary = format!("the record of tensors has another format for `{}`", file.path);
        Self { summary, expected: expected.to_owned(), found: file.format.clone() }
    }
}

/// Returns the files of the model: those that are signed, and of those which no signature names, those that BOMs list.
fn known(signature: Option<&ModelSignature>, boms: &[&Value]) -> BTreeMap<TreePath, Digest> {
    let signed = signature.into_iter().flat_map(|signature| signature.resources.iter().cloned());
    let listed = boms.iter().flat_map(|bom| Linkage::of(bom).files.unwrap_or_default());
    let listed = listed.filter(|entry| oms::IGNORED.contains(&entry.path.top()));
    listed.chain(signed).map(|entry| (entry.path, entry.digest)).collect()
}

/// Finds a file that is none of the model, or has another digest.
fn of_another(record: &Tensors, known: &BTreeMap<TreePath, Digest>) -> Option<Fault> {
    let of = |file: &TensorFile| known.get(&file.path).copied();
    let file = record.files.iter().find(|file| of(file) != Some(file.sha256))?;
    Some(Fault {
        summary: format!("the tensors are of another `{}` than the one that is signed", file.path),
        expected: of(file).map_or_else(|| "not signed".to_owned(), |digest| digest.to_string()),
        found: file.sha256.to_string(),
    })
}

/// Finds a file, or a tensor of a file, that stands twice.
fn twice(record: &Tensors) -> Option<Fault> {
    let mut files = BTreeSet::new();
    record.files.iter().find_map(|file| {
        let mut names = BTreeSet::new();
        if !files.insert(&file.path) {
            return Some(Fault::of(format!("the record of tensors has `{}` twice", file.path)));
        }
        let tensor = file.tensors.iter().find(|tensor| !names.insert(&tensor.name))?;
        Some(Fault::of(format!("the record of tensors has `{}` of `{}` twice", tensor.name, file.path)))
    })
}

/// Holds a record against what is stated of the files, and each of its files that nothing is stated of against its name.
fn against(record: &Tensors, stated: &[Stated<'_>]) -> Option<Fault> {
    let recorded: BTreeMap<&str, &TensorFile> = record.files.iter().map(|file| (file.path.as_str(), file)).collect();
    let known: BTreeSet<&str> = stated.iter().map(|one| one.path).collect();
    let mut others = record.files.iter().filter(|file| !known.contains(file.path.as_str()));
    let differs = |one: &Stated<'_>| {
        let file = recorded.get(one.path).copied();
        file.and_then(|file| of_another_format(one, file)).or_else(|| gap(one, file)).or_else(|| of_others(one, file?))
    };
    stated.iter().find_map(differs).or_else(|| others.find_map(of_no_weights))
}

/// Finds a file that is said to have another format.
fn of_another_format(stated: &Stated<'_>, file: &TensorFile) -> Option<Fault> {
    (stated.format != file.format).then(|| Fault::of_format(file, stated.format))
}

/// Finds a file that holds no weights, by its name, or whose tensors nobody records.
fn of_no_weights(file: &TensorFile) -> Option<Fault> {
    let is_text = TEXTS.contains(&stated::ending(file.path.as_str()).as_str());
    if is_text {
        return Some(Fault::of_format(file, "a text"));
    }
    (!RECORDED.contains(&file.format.as_str())).then(|| Fault::of_format(file, &RECORDED.join(" or ")))
}

/// Finds whether the tensors of a file are not all there.
fn gap(stated: &Stated<'_>, file: Option<&TensorFile>) -> Option<Fault> {
    let found = file.map(|file| file.tensors.len());
    // A file may have none, and a BOM need not count.
    let fits = found.is_some_and(|found| stated.tensors.is_none_or(|stated| stated == found));
    let shown =
        |count: Option<usize>| count.map_or_else(|| "no tensors".to_owned(), |count| format!("{count} tensors"));
    let is_due = RECORDED.contains(&stated.format) && stated.tensors != Some(0);
    (!fits && is_due).then(|| Fault {
        summary: format!("the record of tensors does not have those of `{}`", stated.path),
        expected: shown(stated.tensors),
        found: shown(found),
    })
}

/// Finds a file whose tensors have other types or sizes than are stated.
fn of_others(stated: &Stated<'_>, file: &TensorFile) -> Option<Fault> {
    let expected = stated.elements.as_ref()?;
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    for tensor in &file.tensors {
        let count = tensor.shape.iter().fold(1_u64, |product, size| product.saturating_mul(*size));
        let sum = found.entry(&tensor.dtype).or_default();
        *sum = sum.saturating_add(count);
    }
    let shown = |elements: &BTreeMap<&str, u64>| {
        elements.iter().map(|(kind, count)| format!("{kind}:{count}")).collect::<Vec<_>>().join(" ")
    };
    (*expected != found).then(|| Fault {
        summary: format!("the record of tensors has other types or sizes for `{}`", file.path),
        expected: shown(expected),
        found: shown(&found),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn files_that_the_bom_knows_must_be_recorded_with_their_tensors() {
        let file = |path: &str, tensors: usize| {
            let hex = Digest::of(b"").to_string();
            let tensor = json!({"name": "w", "dtype": "F32", "shape": [1], "sha256": hex});
            json!({"path": path, "sha256": hex, "format": "safetensors", "tensors": vec![tensor; tensors]})
        };
        let component = |path: &str, format: &str, tensors: &str| {
            let said = [("assaymark:format", format), ("assaymark:tensors", tensors)];
            let said = said.iter().filter(|(_, value)| !value.is_empty());
            let said: Vec<_> = said.map(|(name, value)| json!({"name": name, "value": value})).collect();
            json!({"name": path, "properties": said})
        };
        let bom = json!({"components": [
            {"bom-ref": "other", "components": [component("x", "gguf", "9")]},
            {"bom-ref": "model", "components": [
                component("a", "safetensors", "2"), component("b", "gguf", ""), component("empty", "safetensors", "0"),
                component("c", "onnx", "7"), component("README.md", "", "")]},
        ]});
        let gaps = |record: &Value| {
            let record: Tensors = serde_json::from_value(json!({"files": record})).unwrap();
            let file = |path| record.files.iter().find(|file| file.path.as_str() == path);
            let stated = stated::all(&[&bom], std::iter::empty());
            let gaps = stated.iter().filter(|one| gap(one, file(one.path)).is_some());
            gaps.map(|one| one.path.to_owned()).collect::<Vec<_>>()
        };
        assert!(gaps(&json!([file("a", 2), file("b", 1)])).is_empty());
        assert_eq!(gaps(&json!([file("a", 2)])), ["b"]);
        assert_eq!(gaps(&json!([file("a", 1), file("b", 0)])), ["a"]);
        assert_eq!(gaps(&json!([])), ["a", "b"]);
    }

    fn record(files: &Value) -> Tensors {
        serde_json::from_value(json!({"files": files})).unwrap()
    }

    fn file(path: &str, format: &str, names: &[&str]) -> Value {
        let hex = Digest::of(b"").to_string();
        let tensor = |name: &&str| json!({"name": name, "dtype": "F32", "shape": [1], "sha256": hex});
        json!({"path": path, "sha256": hex, "format": format, "tensors": names.iter().map(tensor).collect::<Vec<_>>()})
    }

    #[test]
    fn each_file_and_each_of_its_tensors_stands_once() {
        let found = |files: &Value| twice(&record(files)).map(|fault| fault.summary);
        let (one, other) = (file("a.gguf", "gguf", &["w", "b"]), file("b.gguf", "gguf", &["w"]));
        assert_eq!(found(&json!([one, other])), None, "two files may have tensors of one name");
        assert!(found(&json!([one, one])).unwrap().contains("`a.gguf` twice"));
        assert!(found(&json!([file("a.gguf", "gguf", &["w", "b", "w"])])).unwrap().contains("`w` of `a.gguf` twice"));
    }

    #[test]
    fn the_format_is_that_of_the_file() {
        let part = |path: &str, format: &str| json!({"name": path, "properties": [{"name": "assaymark:format", "value": format}]});
        let model = json!({"bom-ref": "model", "components": [part("weights", "gguf"), part("old.bin", "pytorch")]});
        let bom = json!({"components": [model]});
        for (path, format, fits) in [
            ("a.safetensors", "safetensors", true),
            ("a.GGUF", "gguf", true),
            ("weights", "gguf", true),
            ("model.bin", "gguf", true),
            ("a.safetensors", "gguf", false),
            ("weights", "safetensors", false),
            ("model.bin", "pickle", false),
            ("old.bin", "gguf", false),
            ("README.md", "gguf", false),
            ("x/config.JSON", "safetensors", false),
        ] {
            let record = record(&json!([file("weights", "gguf", &["w"]), file(path, format, &["w"])]));
            let signed = [TreePath::new(path).unwrap()];
            let record = Tensors { files: record.files.into_iter().skip(usize::from(path == "weights")).collect() };
            assert_eq!(against(&record, &stated::all(&[&bom], signed.iter())).is_none(), fits, "{path} {format}");
        }
    }

    #[test]
    fn what_its_name_calls_weights_is_not_left_out() {
        let signed = ["a.gguf", "b.Safetensors", "c.bin"].map(|path| TreePath::new(path).unwrap());
        let part = json!({"name": "a.gguf", "properties": [{"name": "assaymark:format", "value": "pickle"}]});
        let known = json!({"components": [{"bom-ref": "model", "components": [part]}]});
        let left_out = |bom: &Value, path: &str| {
            let record = record(&json!([file(path, "gguf", &["w"])]));
            against(&record, &stated::all(&[bom], signed.iter())).map(|fault| fault.summary)
        };
        assert!(left_out(&json!({}), "a.gguf").unwrap().ends_with("does not have those of `b.Safetensors`"));
        assert!(left_out(&json!({}), "c.bin").unwrap().ends_with("does not have those of `a.gguf`"));
        assert!(left_out(&known, "c.bin").unwrap().ends_with("`b.Safetensors`"), "the BOM knows better than the name");
    }

    #[test]
    fn types_and_sizes_are_those_of_the_bom() {
        let of = |stated: &str| {
            let said = [("format", "gguf"), ("types", stated)];
            let said = said.map(|(name, value)| json!({"name": format!("assaymark:{name}"), "value": value}));
            let model = json!({"bom-ref": "model", "components": [{"name": "a.gguf", "properties": said}]});
            let tensors = json!([
                {"name": "w", "dtype": "F32", "shape": [2, 3], "sha256": Digest::of(b"").to_string()},
                {"name": "b", "dtype": "F32", "shape": [], "sha256": Digest::of(b"").to_string()},
                {"name": "n", "dtype": "I64", "shape": [4], "sha256": Digest::of(b"").to_string()},
            ]);
            let mut record = record(&json!([file("a.gguf", "gguf", &[])]));
            record.files[0].tensors = serde_json::from_value(tensors).unwrap();
            against(&record, &stated::all(&[&json!({"components": [model]})], std::iter::empty())).is_none()
        };
        let found = ["F32:7 I64:4", "F32:7 … and 1 more", "F32:7", "F32:6 I64:4", "F16:7 I64:4"].map(of);
        assert_eq!(found, [true, true, false, false, false]);
    }

    #[test]
    fn a_file_that_no_signature_names_must_stand_in_a_bom() {
        let signed = BTreeMap::from([(TreePath::new("a.gguf").unwrap(), Digest::of(b""))]);
        let found = |path: &str| of_another(&record(&json!([file(path, "gguf", &["w"])])), &signed).is_some();
        assert_eq!((found("a.gguf"), found("b.gguf"), found(".github/b.gguf")), (false, true, true));
    }
}
