//! What the files of a model state about it: read from the same open files that are hashed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::card::{Card, is_card};
use crate::digest::Digest;
use crate::files::ReadError;
use crate::finding::Tree;
use crate::inventory::{self, Options, Visitor};
use crate::limits;
use crate::path::TreePath;
use crate::scan;
use crate::source::ReadAt;
use crate::weights::adapter::AdapterConfig;
use crate::weights::hub::{self, HubConfig, ShardIndex, TokenizerConfig};
use crate::weights::{FileFacts, FormatError, promise, summary};

/// What the files of a model state about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelFacts {
    /// The files of weights, by path.
    pub files: BTreeMap<TreePath, FileFacts>,
    /// Files that begin as weights do, and are not as their format demands: why.
    pub malformed: BTreeMap<TreePath, String>,
    /// How many bytes each file has.
    pub sizes: BTreeMap<TreePath, u64>,
    /// The indexes of shards, by path.
    pub indexes: BTreeMap<TreePath, ShardIndex>,
    /// `adapter_config.json`, by path: of several adapters each lies in a folder of its own.
    pub adapters: BTreeMap<TreePath, AdapterConfig>,
    /// `config.json` at the top.
    pub config: Option<HubConfig>,
    /// `tokenizer_config.json` at the top.
    pub tokenizer: Option<TokenizerConfig>,
    /// The SHA-256 of `chat_template.jinja`, as a text.
    pub chat_template: Option<Digest>,
    /// `README.md` at the top.
    pub card: Option<Card>,
}

/// The weights of a model as a whole: those of its main format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The format.
    pub format: &'static str,
    /// How many files there are of it.
    pub files: u64,
    /// How many tensors.
    pub tensors: u64,
    /// How many parameters of each type.
    pub elements: BTreeMap<String, u64>,
}

impl Totals {
    /// Returns the number of parameters.
    pub fn parameters(&self) -> u64 {
        self.elements.values().fold(0_u64, |sum, count| sum.saturating_add(*count))
    }
}

/// The formats that a model may have several of, the one that is loaded first before the others.
const MAIN_FORMATS: [&str; 10] =
    ["safetensors", "gguf", "onnx", "pytorch", "keras", "hdf5", "tensorflow-saved-model", "tflite", "npz", "npy"];

impl ModelFacts {
    /// Sums up the weights of the main format. Several files that are not shards of one model have no sum.
    pub fn totals(&self) -> Option<Totals> {
        let of = |format: &'static str| self.files.iter().filter(move |(_, facts)| facts.format == format);
        let format = MAIN_FORMATS.into_iter().find(|format| of(format).next().is_some())?;
        // Where an index names the parts, others are no part of it.
        let named: BTreeSet<TreePath> = self.indexes.iter().flat_map(|(path, index)| index.shards(path)).collect();
        let indexed = of(format).any(|(path, _)| named.contains(path));
        let files: Vec<_> = of(format).filter(|(path, _)| !indexed || named.contains(*path)).collect();
        // A SavedModel has its graph in one file, and its tensors in another.
        let beside = if format == "tensorflow-saved-model" { "tensorflow-variables" } else { "" };
        let whole = files.len() == 1 && of(beside).count() < 2;
        let one = indexed || whole || files.iter().all(|(path, _)| shard(path).is_some());
        let mut totals = Totals { format, ..Totals::default() };
        for (_, facts) in files.into_iter().chain(of(beside)).filter(|_| one) {
            totals.files += 1;
            totals.tensors = totals.tensors.saturating_add(facts.tensors.unwrap_or_default());
            for (kind, count) in &facts.elements {
                let sum = totals.elements.entry(kind.clone()).or_default();
                *sum = sum.saturating_add(*count);
            }
        }
        one.then_some(totals)
    }

    /// Returns the first value that a file of weights states.
    pub fn first<T>(&self, value: impl Fn(&FileFacts) -> Option<T>) -> Option<T> {
        self.files.values().find_map(value)
    }
}

/// Returns what stands around the number of a part, the number, and how many parts there are: `model-00001-of-00002.safetensors`.
pub(super) fn shard(path: &str) -> Option<((&str, &str, &str), u64)> {
    let dot = path.rfind('.').unwrap_or(path.len());
    let (stem, extension) = path.split_at(dot);
    let (before, count) = stem.rsplit_once("-of-")?;
    let (before, number) = before.rsplit_once('-')?;
    let digits = |text: &str| !text.is_empty() && text.len() < 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(number) && digits(count)).then_some(((before, count, extension), number.parse().ok()?))
}

/// Collects facts from the files that an inventory shows it.
#[derive(Default)]
pub struct Collector {
    facts: Mutex<ModelFacts>,
}

impl Collector {
    /// Ends, and returns what was read.
    pub fn finish(self) -> ModelFacts {
        self.facts.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn with(&self, change: impl FnOnce(&mut ModelFacts)) {
        change(&mut self.facts.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Keeps what was read, or why it could not be.
    fn keep<T>(&self, path: &TreePath, read: Result<T, FormatError>, place: impl FnOnce(&mut ModelFacts, T)) {
        self.with(|facts| match read {
            Ok(value) => place(facts, value),
            Err(error) => drop(facts.malformed.insert(path.clone(), error.to_string())),
        });
    }
}

impl Visitor for Collector {
    fn visit(&self, path: &TreePath, source: &dyn ReadAt) {
        self.with(|facts| {
            facts.sizes.insert(path.clone(), source.len());
        });
        if let Some(pointer) = promise::pointer(source) {
            return self.keep::<()>(path, Err(pointer), |_, ()| ());
        }
        match path.as_str() {
            "config.json" => self.keep(path, HubConfig::read(source), |facts, config| facts.config = Some(config)),
            "tokenizer_config.json" => {
                self.keep(path, TokenizerConfig::read(source), |facts, config| facts.tokenizer = Some(config));
            }
            "chat_template.jinja" => {
                self.keep(path, template(source), |facts, digest| facts.chat_template = Some(digest));
            }
            name if is_card(name) => {
                self.keep(path, card(source), |facts, card| facts.card = Some(card).filter(|card| !card.is_empty()));
            }
            name if name.rsplit('/').next() == Some("adapter_config.json") => {
                let adapter = AdapterConfig::read(source);
                self.keep(path, adapter, |facts, adapter| drop(facts.adapters.insert(path.clone(), adapter)));
            }
            name if name.ends_with(".safetensors.index.json") => {
                let index = ShardIndex::read(source);
                self.keep(path, index, |facts, index| drop(facts.indexes.insert(path.clone(), index)));
            }
            _ => {
                let read = summary::read(source).map(|read| read.and_then(|facts| through(facts, source)));
                let found = read.as_ref().and_then(|read| Some(read.as_ref().ok()?.format));
                let broken = promise::broken(path, source, found).filter(|_| !matches!(read, Some(Err(_))));
                if let Some(read) = broken.map(Err).or(read) {
                    self.keep(path, read, |facts, file| drop(facts.files.insert(path.clone(), file)));
                }
            }
        }
    }
}

/// PyTorch's old files have no frame: only who goes through them knows that they are whole.
fn through(facts: FileFacts, source: &dyn ReadAt) -> Result<FileFacts, FormatError> {
    let fault = if facts.format == "pytorch-legacy" { scan::torch_legacy_fault(source) } else { None };
    fault.map_or(Ok(facts), Err)
}

fn template(source: &dyn ReadAt) -> Result<Digest, FormatError> {
    Ok(Digest::of(&hub::whole(source, limits::METADATA_TEXT_BYTES)?))
}

fn card(source: &dyn ReadAt) -> Result<Card, FormatError> {
    FormatError::bounded(source.len(), limits::CARD_BYTES, "bytes of a model card")?;
    let bytes = hub::whole(source, limits::CARD_BYTES)?;
    let text = str::from_utf8(&bytes).map_err(|_| FormatError::Text("it is not UTF-8".to_owned()))?;
    Card::read(text).map_err(FormatError::Text)
}

/// Reads the facts of a file or a folder, without hashing anything. What can't be looked into is left out.
pub fn model_facts(path: &Path) -> Result<ModelFacts, ReadError> {
    let collector = Collector::default();
    inventory::visit(path, &Options::new(Tree::Model), &collector)?;
    Ok(collector.finish())
}

/// Shows each file to two visitors.
pub struct Both<'a>(pub &'a dyn Visitor, pub &'a dyn Visitor);

impl Visitor for Both<'_> {
    fn visit(&self, path: &TreePath, source: &dyn ReadAt) {
        self.0.visit(path, source);
        self.1.visit(path, source);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn safetensors(names: &[&str]) -> Vec<u8> {
        let tensors: Vec<String> = names
            .iter()
            .enumerate()
            .map(|(i, name)| {
                format!(r#""{name}":{{"dtype":"F32","shape":[1],"data_offsets":[{},{}]}}"#, i * 4, i * 4 + 4)
            })
            .collect();
        let header = format!("{{{}}}", tensors.join(","));
        [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &vec![0; names.len() * 4]].concat()
    }

    pub(crate) fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }

    #[test]
    fn shards_are_summed_and_other_files_are_not() {
        let one = safetensors(&["a", "b"]);
        let two = safetensors(&["c"]);
        let shards = folder(&[("m-00001-of-00002.safetensors", &one), ("m-00002-of-00002.safetensors", &two)]);
        let totals = model_facts(shards.path()).unwrap().totals().unwrap();
        assert_eq!((totals.files, totals.tensors, totals.parameters()), (2, 3, 3));
        let variants = folder(&[("a.safetensors", &one), ("b.safetensors", &two)]);
        assert_eq!(model_facts(variants.path()).unwrap().totals(), None);
    }

    #[test]
    fn what_an_index_does_not_name_is_not_summed() {
        let (one, two) = (safetensors(&["a", "b"]), safetensors(&["c"]));
        let index = br#"{"weight_map": {"a": "m.safetensors", "b": "m.safetensors"}}"#;
        let folder =
            folder(&[("m.safetensors", &one), ("more.safetensors", &two), ("m.safetensors.index.json", index)]);
        let totals = model_facts(folder.path()).unwrap().totals().unwrap();
        assert_eq!((totals.files, totals.parameters()), (1, 2));
    }

    #[test]
    fn what_is_broken_is_named() {
        let mut broken = safetensors(&["a"]);
        broken.pop();
        let folder = folder(&[("model.safetensors", &broken), ("config.json", b"{"), ("notes.txt", b"hello")]);
        let facts = model_facts(folder.path()).unwrap();
        let named: Vec<&str> = facts.malformed.keys().map(TreePath::as_str).collect();
        assert_eq!(named, ["config.json", "model.safetensors"]);
    }
}
