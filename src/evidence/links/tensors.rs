//! Whether a record of tensors is of the signed files, and of all of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::cyclonedx::{Linkage, MODEL_REF, array};
use crate::digest::Digest;
use crate::evidence::VerifiedStatement;
use crate::finding::{Code, Finding};
use crate::intoto::predicate::tensors::{TensorFile, Tensors};
use crate::oms::{self, ModelSignature};
use crate::path::TreePath;

/// The formats whose tensors are recorded, in the words of the BOM.
const RECORDED: [&str; 2] = ["safetensors", "gguf"];

/// Finds what is wrong with a record: a file that is not of the model, or has other tensors than a BOM says; one that it leaves
/// out; a name that stands twice, or a format that is not that of its file.
pub(super) fn check<'b>(
    member: &VerifiedStatement<'_>,
    record: &Tensors,
    signature: Option<&ModelSignature>,
    boms: impl Iterator<Item = &'b Value>,
) -> Option<Finding> {
    let boms: Vec<&Value> = boms.collect();
    let stated: Vec<Stated<'_>> = boms.iter().flat_map(|bom| files(bom)).collect();
    let Fault { summary, expected, found } = of_another(record, &known(signature, &boms))
        .or_else(|| {
            record.files.iter().all(|file| file.tensors.is_empty()).then(|| Fault::of("the record of tensors has none"))
        })
        .or_else(|| twice(record))
        .or_else(|| record.files.iter().find_map(|file| of_another_format(file, &stated)))
        .or_else(|| stated.iter().find_map(|file| gap(record, file)))?;
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

/// Finds a file that has another format, by a BOM or by its name.
fn of_another_format(file: &TensorFile, stated: &[Stated<'_>]) -> Option<Fault> {
    let of_bom = stated.iter().find(|one| one.path == file.path.as_str()).map(|one| one.format);
    let of_name = || file.path.as_str().rsplit_once('.').map(|(_, suffix)| suffix.to_ascii_lowercase());
    let expected = of_bom.map(str::to_owned).or_else(of_name).filter(|one| RECORDED.contains(&one.as_str()));
    let fits = expected.as_ref().map_or_else(|| RECORDED.contains(&file.format.as_str()), |one| *one == file.format);
    (!fits).then(|| Fault {
        summary: format!("the record of tensors has another format for `{}`", file.path),
        expected: expected.unwrap_or_else(|| RECORDED.join(" or ")),
        found: file.format.clone(),
    })
}

/// A file of the model whose tensors are to be recorded, as a BOM has it.
struct Stated<'b> {
    path: &'b str,
    format: &'b str,
    tensors: Option<usize>,
}

/// Finds whether the tensors of a file are not all there.
fn gap(record: &Tensors, stated: &Stated<'_>) -> Option<Fault> {
    let recorded = record.files.iter().find(|file| file.path.as_str() == stated.path);
    let found = recorded.map(|file| file.tensors.len());
    // A file may have none, and a BOM need not count.
    let fits = found.is_some_and(|found| stated.tensors.is_none_or(|stated| stated == found));
    let shown =
        |count: Option<usize>| count.map_or_else(|| "no tensors".to_owned(), |count| format!("{count} tensors"));
    (!fits && stated.tensors != Some(0)).then(|| Fault {
        summary: format!("the record of tensors does not have those of `{}`", stated.path),
        expected: shown(stated.tensors),
        found: shown(found),
    })
}

fn files(bom: &Value) -> impl Iterator<Item = Stated<'_>> {
    let text = |component: &Value, key| component.get(key).and_then(Value::as_str).map(str::to_owned);
    let model = array(bom, "components").filter(move |one| text(one, "bom-ref").as_deref() == Some(MODEL_REF));
    model.flat_map(|model| array(model, "components")).filter_map(|file| {
        let format = property(file, "assaymark:format").filter(|format| RECORDED.contains(format))?;
        let tensors = property(file, "assaymark:tensors").and_then(|count| count.parse().ok());
        Some(Stated { path: file.get("name")?.as_str()?, format, tensors })
    })
}

fn property<'v>(component: &'v Value, name: &str) -> Option<&'v str> {
    let mut named = array(component, "properties").filter(|one| one.get("name").and_then(Value::as_str) == Some(name));
    named.next()?.get("value")?.as_str()
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
            let gaps = files(&bom).filter(|file| gap(&record, file).is_some());
            gaps.map(|file| file.path.to_owned()).collect::<Vec<_>>()
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
        let bom = [Stated { path: "weights", format: "gguf", tensors: None }];
        for (path, format, fits) in [
            ("a.safetensors", "safetensors", true),
            ("a.GGUF", "gguf", true),
            ("weights", "gguf", true),
            ("model.bin", "gguf", true),
            ("a.safetensors", "gguf", false),
            ("weights", "safetensors", false),
            ("model.bin", "pickle", false),
        ] {
            let record = record(&json!([file(path, format, &["w"])]));
            assert_eq!(of_another_format(&record.files[0], &bom).is_none(), fits, "{path} {format}");
        }
    }

    #[test]
    fn a_file_that_no_signature_names_must_stand_in_a_bom() {
        let signed = BTreeMap::from([(TreePath::new("a.gguf").unwrap(), Digest::of(b""))]);
        let found = |path: &str| of_another(&record(&json!([file(path, "gguf", &["w"])])), &signed).is_some();
        assert_eq!((found("a.gguf"), found("b.gguf"), found(".github/b.gguf")), (false, true, true));
    }
}
