//! Where what is declared of a model contradicts what was read from its files.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::card::is_card;
use crate::facts::model::shard;
use crate::facts::{ModelFacts, licences};
use crate::finding::{Code, Finding, Findings, Place, Severity, Tree};
use crate::limits;
use crate::path::TreePath;
use crate::release::ReleaseSpec;
use crate::weights::hub::ShardIndex;

/// The words of PyTorch for types of weights, with those of safetensors.
const TYPES: [(&str, &str); 7] = [
    ("float32", "F32"),
    ("float16", "F16"),
    ("bfloat16", "BF16"),
    ("float64", "F64"),
    ("float8_e4m3fn", "F8_E4M3"),
    ("float8_e5m2", "F8_E5M2"),
    ("int8", "I8"),
];

/// Files of text that stand beside weights, with what to do about one that can't be read. Nothing is said of a template but its
/// digest; what a card or a configuration says that nobody reads would be a licence or a base model that nobody knows.
const BESIDE: [(&str, Severity, &str); 5] = [
    ("README.md", Severity::Deny, "mend it, or leave it out: then the BOM takes nothing from it"),
    ("adapter_config.json", Severity::Deny, "mend it, or save the adapter again"),
    ("chat_template.jinja", Severity::Warn, "mend it, or leave it out"),
    ("config.json", Severity::Deny, "mend it, or save the model again"),
    ("tokenizer_config.json", Severity::Deny, "mend it, or save the tokenizer again"),
];

impl ModelFacts {
    /// Looks for files that are not what their format demands, and for declarations that the files contradict.
    pub fn findings(&self, spec: &ReleaseSpec) -> Findings {
        let mut findings = Findings::default();
        for (path, why) in &self.malformed {
            let summary = format!("`{path}` can't be read as what it is: {why}");
            let is_it = |name: &str| name == path.as_str() || is_card(name) && is_card(path);
            let beside = BESIDE.into_iter().find(|(name, ..)| is_it(name));
            let (severity, help) =
                beside.map_or((Severity::Deny, "make the file again"), |(_, severity, help)| (severity, help));
            let finding = Finding::deny(Code::WeightsMalformed, place(path), summary).help(help);
            findings.push(Finding { severity, ..finding });
        }
        findings.extend(self.files.iter().filter_map(|(path, file)| self.external(path, &file.external)));
        findings.extend(self.missing_shards());
        for (path, index) in &self.indexes {
            findings.extend(self.shards(path, index));
        }
        findings.extend(self.dtype());
        let card_file = self.sizes.keys().find(|path| is_card(path)).map_or("", |path| path.as_str());
        findings.extend(licences::of_model(spec, self.card.as_ref(), card_file));
        findings
    }

    /// Compares an index with the shards that it names, which lie beside it.
    fn shards(&self, path: &TreePath, index: &ShardIndex) -> Option<Finding> {
        let mut named: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (tensor, file) in &index.weight_map {
            named.entry(file).or_default().insert(tensor);
        }
        let fault = |summary: String| {
            let finding = Finding::deny(Code::ShardMismatch, place(path), summary);
            Some(finding.help("save the model again, so that its index and its shards are of one time"))
        };
        for (file, tensors) in named {
            let shard = path.beside(file).and_then(|shard| self.files.get(&shard));
            let Some(shard) = shard else {
                return fault(format!("`{path}` names the shard `{file}`, which is not there"));
            };
            let held: BTreeSet<&str> = shard.names.iter().map(String::as_str).collect();
            if let Some(tensor) = tensors.symmetric_difference(&held).next() {
                return fault(format!("`{path}` and `{file}` disagree about the tensor `{tensor}`"));
            }
        }
        self.index_totals(path, index)
    }

    /// Finds a file whose tensors lie outside of its folder, or in a file that is not there or too short for them.
    fn external(&self, path: &TreePath, external: &BTreeMap<String, u64>) -> Option<Finding> {
        external.iter().find_map(|(name, bytes)| {
            let shown: String = name.chars().take(limits::SHOWN_CHARACTERS).collect();
            // The specification of ONNX writes `./` before names, and means nothing by it.
            let inside = Some(name).filter(|name| !name.contains(':') && !name.starts_with('/'));
            let Some(file) = inside.and_then(|name| path.beside(name.trim_start_matches("./"))) else {
                let summary = format!("`{path}` reads its tensors from `{shown}`, which lies outside of its folder");
                let finding = Finding::deny(Code::WeightsMalformed, place(path), summary);
                return Some(finding.help("save the model again, with its data beside it"));
            };
            let fault = match self.sizes.get(&file) {
                None => "which is not among the files of the model".to_owned(),
                Some(size) if size < bytes => format!("which has {size} bytes where its tensors take {bytes}"),
                Some(_) => return None,
            };
            let summary = format!("`{path}` reads its tensors from `{shown}`, {fault}");
            let help = "give the folder with all files of the model, each of them whole";
            Some(Finding::deny(Code::WeightsMalformed, place(path), summary).help(help))
        })
    }

    /// Finds parts that are not there, by the names of those that are.
    fn missing_shards(&self) -> Vec<Finding> {
        let mut parts: BTreeMap<_, BTreeMap<u64, &TreePath>> = BTreeMap::new();
        for (path, (whole, number)) in self.sizes.keys().filter_map(|path| Some((path, shard(path)?))) {
            parts.entry(whole).or_default().insert(number, path);
        }
        let missing = parts.into_iter().filter_map(|((before, count, extension), parts)| {
            // Others than weights may be parts of what nobody needs whole.
            parts.values().find(|path| self.files.contains_key(**path))?;
            // Parts of GGUF and of Hugging Face begin with 1, those of others with 0.
            let first = u64::from(!parts.contains_key(&0));
            let total: u64 = count.parse().ok()?;
            let number = (first..first.saturating_add(total)).find(|number| !parts.contains_key(number))?;
            let (_, path) = parts.first_key_value()?;
            let name = format!("{before}-{number:0width$}-of-{count}{extension}", width = count.len());
            let summary = format!("`{path}` is one of {total} parts, and `{name}` is not there");
            let finding = Finding::deny(Code::ShardMismatch, place(path), summary);
            Some(finding.help("add the missing part, or save the model again"))
        });
        missing.collect()
    }

    /// Compares the number of parameters that an index states with those of its shards.
    fn index_totals(&self, path: &TreePath, index: &ShardIndex) -> Option<Finding> {
        let stated = index.metadata.total_parameters.as_ref().and_then(Value::as_u64)?;
        let found = self.totals()?.parameters();
        (stated != found).then(|| contradiction(path, "number of parameters", &stated.to_string(), &found.to_string()))
    }

    /// Weights that are quantised have other types than the configuration says, on purpose.
    fn dtype(&self) -> Option<Finding> {
        let config = self.config.as_ref().filter(|config| config.quantisation.is_none())?;
        let totals = self.totals().filter(|totals| totals.format == "safetensors")?;
        let stated = config.dtype.as_deref()?;
        let (_, word) = TYPES.iter().find(|(name, _)| *name == stated)?;
        let found: Vec<&str> = totals.elements.keys().map(String::as_str).collect();
        let path = TreePath::new("config.json").ok()?;
        (!found.contains(word) && !found.is_empty())
            .then(|| contradiction(&path, "type of the weights", stated, &found.join(", ")))
    }
}

fn contradiction(path: &TreePath, what: &str, stated: &str, found: &str) -> Finding {
    let summary = format!("`{path}` states another {what} than the weights have");
    let finding = Finding::deny(Code::DeclaredContradicted, place(path), summary);
    finding.expected(stated).found(found).help("correct the file that states it, or the weights")
}

fn place(path: &TreePath) -> Place {
    Place::file(&Tree::Model, path.as_str())
}

#[cfg(test)]
mod tests {
    use crate::facts::model_facts;
    use crate::intoto::predicate::seal::Release;
    use crate::release::Draft;

    const TENSOR: &str = r#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;

    /// Returns codes and severities for a folder with one file of weights and others.
    fn codes(files: &[(&str, &str)], license: Option<&str>) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let weights = [&(TENSOR.len() as u64).to_le_bytes()[..], TENSOR.as_bytes(), &[0; 8]].concat();
        std::fs::write(folder.path().join("model.safetensors"), weights).unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let mut draft = Draft::default();
        draft.release = Some(Release { name: "a".parse().unwrap(), version: "1".parse().unwrap() });
        draft.model = Some(folder.path().to_owned());
        draft.code = Some(folder.path().to_owned());
        draft.license = license.map(|license| license.parse().unwrap());
        let findings = model_facts(folder.path()).unwrap().findings(&draft.finish().unwrap());
        findings.iter().map(|finding| format!("{:?} {}", finding.severity, finding.code)).collect()
    }

    #[test]
    fn what_agrees_has_no_finding() {
        let index = r#"{"metadata": {"total_parameters": 2}, "weight_map": {"w": "model.safetensors"}}"#;
        let config = r#"{"torch_dtype": "float32"}"#;
        let card = "---\nlicense: apache-2.0\n---\n# x\n";
        let files = [("model.safetensors.index.json", index), ("config.json", config), ("README.md", card)];
        assert_eq!(codes(&files, Some("Apache-2.0")), Vec::<String>::new());
    }

    #[test]
    fn contradictions_are_denied() {
        for (name, text, code) in [
            ("config.json", r#"{"torch_dtype": "float16"}"#, "Deny declared-contradicts-measured"),
            ("README.md", "---\nlicense: mit\n---\n", "Deny declared-contradicts-measured"),
            ("README.md", "---\nlicense: [apache-2.0, llama2]\n---\n", "Deny declared-contradicts-measured"),
            ("README.md", "---\nlicense: [\n---\n", "Deny weights-malformed"),
            ("README.md", "---\ntags: [a]\ntags: [b]\n---\n", "Deny weights-malformed"),
            ("README.md", "---\nlicense: apache-2.0\n...\n", "Deny weights-malformed"),
            ("README.md", "---\nlicense: {a: b}\n---\n", "Deny weights-malformed"),
            ("config.json", "{", "Deny weights-malformed"),
            ("tokenizer_config.json", "{", "Deny weights-malformed"),
            ("adapter_config.json", r#"{"base_model_name_or_path": 3}"#, "Deny weights-malformed"),
            ("other.gguf", "GGUF\u{3}", "Deny weights-malformed"),
            ("a.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "Deny weights-malformed"),
            ("m.safetensors.index.json", r#"{"weight_map": {"w": "gone.safetensors"}}"#, "Deny shard-mismatch"),
            ("m.safetensors.index.json", r#"{"weight_map": {"v": "model.safetensors"}}"#, "Deny shard-mismatch"),
            ("m.safetensors.index.json", r#"{"weight_map": {"w": "../model.safetensors"}}"#, "Deny shard-mismatch"),
            (
                "m.safetensors.index.json",
                r#"{"metadata": {"total_parameters": 3}, "weight_map": {"w": "model.safetensors"}}"#,
                "Deny declared-contradicts-measured",
            ),
        ] {
            assert_eq!(codes(&[(name, text)], Some("Apache-2.0")), [code], "{text}");
        }
        let quantised = r#"{"torch_dtype": "float16", "quantization_config": {"quant_method": "gptq", "bits": 4}}"#;
        assert_eq!(codes(&[("config.json", quantised), ("README.md", "---\nlicense: other\n---\n")], None), [""; 0]);
    }
}
