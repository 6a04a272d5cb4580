//! Whether a record of tensors is of the signed files, and of all of them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cyclonedx::{MODEL_REF, array};
use crate::digest::Digest;
use crate::evidence::VerifiedStatement;
use crate::finding::{Code, Finding};
use crate::intoto::predicate::tensors::{TensorFile, Tensors};
use crate::oms::{self, ModelSignature};
use crate::path::TreePath;

/// The formats whose tensors are recorded, in the words of the BOM.
const RECORDED: [&str; 2] = ["safetensors", "gguf"];

/// Finds a file of which the record is not, one that it leaves out, or one of which it has other tensors than a BOM says.
pub(super) fn check<'b>(
    member: &VerifiedStatement<'_>,
    record: &Tensors,
    signature: Option<&ModelSignature>,
    boms: impl Iterator<Item = &'b Value>,
) -> Option<Finding> {
    let finding = |summary: String| Finding::deny(Code::LineageMismatch, member.origin().place(), summary);
    if let Some((file, signed)) = of_another(record, signature) {
        let expected = signed.map_or_else(|| "not signed".to_owned(), |digest| digest.to_string());
        let summary = format!("the tensors are of another `{}` than the one that is signed", file.path);
        return Some(finding(summary).expected(expected).found(file.sha256.to_string()));
    }
    if record.count() == 0 {
        return Some(finding("the record of tensors has none".to_owned()));
    }
    let Gap { path, expected, found } = boms.flat_map(files).find_map(|file| gap(record, &file))?;
    let shown =
        |count: Option<usize>| count.map_or_else(|| "no tensors".to_owned(), |count| format!("{count} tensors"));
    let summary = format!("the record of tensors does not have those of `{path}`");
    Some(finding(summary).expected(shown(expected)).found(shown(found)))
}

/// Finds a file that is not signed, or with another digest.
fn of_another<'r>(record: &'r Tensors, signature: Option<&ModelSignature>) -> Option<(&'r TensorFile, Option<Digest>)> {
    let signed = signature.map(|signature| signature.resources.as_slice()).unwrap_or_default();
    let signed: BTreeMap<&TreePath, Digest> = signed.iter().map(|entry| (&entry.path, entry.digest)).collect();
    let of = |file: &'r TensorFile| (file, signed.get(&file.path).copied());
    let exempt = |file: &TensorFile| oms::IGNORED.contains(&file.path.top());
    record.files.iter().map(of).find(|(file, digest)| !exempt(file) && *digest != Some(file.sha256))
}

/// A file of the model whose tensors are to be recorded, as a BOM has it.
struct Stated<'b> {
    path: &'b str,
    tensors: Option<usize>,
}

/// A file whose tensors are not all there.
struct Gap<'b> {
    path: &'b str,
    expected: Option<usize>,
    found: Option<usize>,
}

fn gap<'b>(record: &Tensors, stated: &Stated<'b>) -> Option<Gap<'b>> {
    let recorded = record.files.iter().find(|file| file.path.as_str() == stated.path);
    let found = recorded.map(|file| file.tensors.len());
    // A file may have none, and a BOM need not count.
    let fits = found.is_some_and(|found| stated.tensors.is_none_or(|stated| stated == found));
    (!fits && stated.tensors != Some(0)).then_some(Gap { path: stated.path, expected: stated.tensors, found })
}

fn files(bom: &Value) -> impl Iterator<Item = Stated<'_>> {
    let text = |component: &Value, key| component.get(key).and_then(Value::as_str).map(str::to_owned);
    let model = array(bom, "components").filter(move |one| text(one, "bom-ref").as_deref() == Some(MODEL_REF));
    model.flat_map(|model| array(model, "components")).filter_map(|file| {
        property(file, "assaymark:format").filter(|format| RECORDED.contains(format))?;
        let tensors = property(file, "assaymark:tensors").and_then(|count| count.parse().ok());
        Some(Stated { path: file.get("name")?.as_str()?, tensors })
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
            files(&bom).filter_map(|file| gap(&record, &file)).map(|gap| gap.path.to_owned()).collect::<Vec<_>>()
        };
        assert!(gaps(&json!([file("a", 2), file("b", 1)])).is_empty());
        assert_eq!(gaps(&json!([file("a", 2)])), ["b"]);
        assert_eq!(gaps(&json!([file("a", 1), file("b", 0)])), ["a"]);
        assert_eq!(gaps(&json!([])), ["a", "b"]);
    }
}
