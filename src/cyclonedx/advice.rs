//! What a bill of materials of a model should say beyond schema and sound references: what its model and its
//! datasets are, and that everything that it points at is there.
//!
//! Release bundles are held to more than this by `evidence`; here are documents of others.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::cyclonedx::Fault;

/// Checks a document that is valid by its schema, and returns what it lacks.
pub fn faults(document: &Value) -> Vec<Fault> {
    let mut walk = Walk { references: BTreeSet::new(), pointing: Vec::new(), faults: Vec::new() };
    walk.value(document, &mut String::new());
    let Walk { references, pointing, mut faults } = walk;
    let dangling = pointing.into_iter().filter(|(_, to)| !to.starts_with("urn:cdx:") && !references.contains(to));
    faults.extend(dangling.map(|(pointer, to)| {
        Fault::new(pointer, format!("`{to}` is referred to, but nothing in the document has that `bom-ref`"))
    }));
    faults
}

struct Walk<'d> {
    references: BTreeSet<&'d str>,
    /// What points at a `bom-ref`, apart from what `semantics` looks at.
    pointing: Vec<(String, &'d str)>,
    faults: Vec<Fault>,
}

/// Members that hold a `bom-ref` or a list of them, by the member of the document in which they stand.
const POINTING: [(&str, &[&str]); 6] = [
    ("annotations", &["subjects"]),
    ("citations", &["attributedTo", "process"]),
    ("compositions", &["vulnerabilities"]),
    ("declarations", &["claims", "counterClaims", "evidence", "counterEvidence", "mitigationStrategies", "assessor"]),
    ("dependencies", &["provides"]),
    ("formulation", &["ref"]),
];

impl<'d> Walk<'d> {
    fn value(&mut self, value: &'d Value, pointer: &mut String) {
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.step(item, pointer, &index.to_string());
                }
            }
            Value::Object(members) => {
                self.object(members, pointer);
                for (key, member) in members {
                    self.step(member, pointer, &key.replace('~', "~0").replace('/', "~1"));
                }
            }
            _ => {}
        }
    }

    fn step(&mut self, value: &'d Value, pointer: &mut String, step: &str) {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(step);
        self.value(value, pointer);
        pointer.truncate(length);
    }

    fn object(&mut self, object: &'d serde_json::Map<String, Value>, pointer: &str) {
        if let Some(reference) = object.get("bom-ref").and_then(Value::as_str) {
            self.references.insert(reference);
        }
        for (section, keys) in POINTING {
            if pointer.strip_prefix('/').is_none_or(|rest| !rest.starts_with(section)) {
                continue;
            }
            for key in keys {
                match object.get(*key) {
                    Some(Value::String(to)) => self.pointing.push((format!("{pointer}/{key}"), to)),
                    Some(Value::Array(all)) => {
                        let all = all.iter().filter_map(Value::as_str);
                        self.pointing.extend(all.map(|to| (format!("{pointer}/{key}"), to)));
                    }
                    _ => {}
                }
            }
        }
        if is_component(pointer) {
            self.component(object, pointer);
        }
    }

    fn component(&mut self, component: &serde_json::Map<String, Value>, pointer: &str) {
        let name = component.get("name").and_then(Value::as_str).unwrap_or_default();
        let lacks = |keys: &[&str]| !keys.iter().any(|key| component.get(*key).is_some_and(is_said));
        let mut lack = |keys: &[&str], noun: &str, what: &str| {
            if lacks(keys) {
                self.faults.push(Fault::new(pointer, format!("the {noun} `{name}` has no {what}")));
            }
        };
        match component.get("type").and_then(Value::as_str) {
            Some("machine-learning-model") => {
                lack(&["version"], "model", "version");
                lack(&["licenses"], "model", "licence");
                lack(&["purl", "cpe", "swhid", "omniborId", "swid"], "model", "identifier such as a package URL");
            }
            Some("data") => {
                lack(&["hashes"], "dataset", "hash");
                lack(&["licenses"], "dataset", "licence");
                let data = component.get("data").and_then(Value::as_array);
                let classified = data.into_iter().flatten().any(|data| data.get("classification").is_some());
                if !classified {
                    self.faults.push(Fault::new(pointer, format!("the dataset `{name}` has no classification")));
                }
            }
            _ => {}
        }
        let card = component.get("modelCard").and_then(|card| card.pointer("/quantitativeAnalysis/performanceMetrics"));
        for (index, metric) in card.and_then(Value::as_array).into_iter().flatten().enumerate() {
            if metric.get("type").is_none() || metric.get("value").is_none() {
                let pointer = format!("{pointer}/modelCard/quantitativeAnalysis/performanceMetrics/{index}");
                self.faults.push(Fault::new(pointer, format!("a metric of `{name}` has no name or no value")));
            }
        }
    }
}

/// Says whether the last steps of a pointer lead to a component.
fn is_component(pointer: &str) -> bool {
    let mut steps = pointer.rsplit('/');
    let last = steps.next().unwrap_or_default();
    let before = steps.next().unwrap_or_default();
    let numbered = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    pointer == "/metadata/component" || (before == "components" && numbered)
}

fn is_said(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn messages(document: &Value) -> Vec<String> {
        faults(document).into_iter().map(|fault| format!("{}: {}", fault.pointer, fault.message)).collect()
    }

    #[test]
    fn a_model_says_what_it_is() {
        let components = json!([{"type": "machine-learning-model", "name": "m"}, {"type": "data", "name": "d"}]);
        let said = messages(&json!({"components": components}));
        let lacking = ["no version", "no licence", "no identifier", "no hash", "no licence", "no classification"];
        assert_eq!(said.len(), lacking.len(), "{said:?}");
        for (said, lacking) in said.iter().zip(lacking) {
            assert!(said.contains(lacking), "{said}");
        }
        assert!(said[0].starts_with("/components/0: ") && said[5].starts_with("/components/1: "));
    }

    #[test]
    fn whatever_is_pointed_at_is_there() {
        let document = json!({
            "components": [{"bom-ref": "a", "type": "library", "name": "a"}],
            "citations": [{"attributedTo": "a"}, {"process": "b"}],
            "annotations": [{"subjects": ["a", "c", "urn:cdx:x/1#y"]}],
            "dependencies": [{"ref": "a", "provides": ["d"]}],
            "formulation": [{"workflows": [{"inputs": [{"resource": {"ref": "e"}}]}]}],
        });
        let said = messages(&document);
        let pointers = [
            "/annotations/0/subjects: `c`",
            "/citations/1/process: `b`",
            "/dependencies/0/provides: `d`",
            "/formulation/0/workflows/0/inputs/0/resource/ref: `e`",
        ];
        assert_eq!(said.len(), pointers.len(), "{said:?}");
        for (said, pointer) in said.iter().zip(pointers) {
            assert!(said.starts_with(pointer), "{said}");
        }
    }

    #[test]
    fn a_metric_has_a_name_and_a_value() {
        let card = json!({"quantitativeAnalysis": {"performanceMetrics": [{"type": "accuracy", "value": "1"}, {"type": "f1"}]}});
        let said = messages(&json!({"components": [{"type": "library", "name": "m", "modelCard": card}]}));
        assert_eq!(said.len(), 1);
        assert!(said[0].contains("performanceMetrics/1"));
    }
}
