//! What a file of weights states about itself, in the same words for every format.

use std::collections::BTreeMap;

use crate::digest::Digest;
use crate::limits;
use crate::source::ReadAt;
use crate::weights::{
    FormatError, TensorPlace, archive, gguf, hdf5, npy, onnx, pickle_head, safetensors, saved_model, tensor_bundle,
    tensor_table, tflite,
};

/// What a file of weights states about itself. What it does not state is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFacts {
    /// The format, such as `safetensors`.
    pub format: &'static str,
    /// The version of the format.
    pub version: Option<String>,
    /// How many tensors there are.
    pub tensors: Option<u64>,
    /// How many parameters there are of each type, in the words of the format.
    pub elements: BTreeMap<String, u64>,
    /// The tensor with the most parameters, and its shape.
    pub largest: Option<(String, Vec<u64>)>,
    /// The architecture, such as `llama`.
    pub architecture: Option<String>,
    /// How the weights were quantised.
    pub quantisation: Option<String>,
    /// How many tokens the model looks at.
    pub context_length: Option<u64>,
    /// The program that wrote it.
    pub producer: Option<String>,
    /// The SHA-256 of the template for conversations.
    pub chat_template: Option<Digest>,
    /// What goes in, as `NAME: TYPE [SHAPE]`.
    pub inputs: Vec<String>,
    /// What comes out.
    pub outputs: Vec<String>,
    /// Other files that hold its tensors, as it names them, and how many bytes each must have at least.
    pub external: BTreeMap<String, u64>,
    /// Short texts that it carries, by key.
    pub metadata: BTreeMap<String, String>,
    /// The names of its tensors, where there is a table of them.
    pub names: Vec<String>,
}

impl FileFacts {
    /// Starts with the format alone.
    pub fn new(format: &'static str) -> Self {
        Self { format, ..Self::default() }
    }

    /// Returns the number of parameters, if it is known.
    pub fn parameters(&self) -> Option<u64> {
        (!self.elements.is_empty()).then(|| self.elements.values().fold(0_u64, |sum, count| sum.saturating_add(*count)))
    }

    /// Adds a text that is short enough for a document; a bounded number of them.
    pub(super) fn note(&mut self, key: &str, text: &str) {
        let fits = !text.is_empty() && text.len() <= limits::NOTED_BYTES && key.len() <= limits::NOTED_BYTES;
        if fits && self.metadata.len() < limits::NOTED_TEXTS && !text.contains(char::is_control) {
            self.metadata.insert(key.to_owned(), text.to_owned());
        }
    }
}

/// Reads the header of a file, if its content is of a format of weights.
pub fn read(source: &dyn ReadAt) -> Option<Result<FileFacts, FormatError>> {
    if gguf::recognises(source) {
        return Some(of_gguf(source));
    }
    if safetensors::recognises(source) {
        return Some(of_safetensors(source));
    }
    if hdf5::start(source) == Some(0) {
        return Some(of_hdf5(source));
    }
    if tflite::recognises(source) {
        return Some(of_tflite(source));
    }
    if let Some(kind @ (saved_model::Kind::SavedModel | saved_model::Kind::Graph)) = saved_model::recognises(source) {
        return Some(of_saved_model(source, kind));
    }
    if tensor_bundle::recognises(source) {
        return Some(of_tensor_bundle(source));
    }
    if onnx::recognises(source) {
        return Some(of_onnx(source));
    }
    let other = npy::whole(source).or_else(|| archive::read(source)).or_else(|| pickle_head::read(source));
    // Anything may stand before HDF5; what only looks like it, further behind, is none.
    other.or_else(|| hdf5::start(source).and_then(|_| of_hdf5(source).ok()).map(Ok))
}

/// Adds what a table of tensors says.
fn tabulated(mut tensors: Vec<TensorPlace>, facts: &mut FileFacts) {
    tensor_table::sort(&mut tensors);
    facts.tensors = Some(tensors.len() as u64);
    let mut largest = 0;
    for tensor in tensors {
        let count = tensor.shape.iter().fold(1_u64, |product, size| product.saturating_mul(*size));
        let sum = facts.elements.entry(tensor.dtype).or_default();
        *sum = sum.saturating_add(count);
        if count > largest {
            largest = count;
            facts.largest = Some((tensor.name.clone(), tensor.shape));
        }
        facts.names.push(tensor.name);
    }
    facts.names.sort_unstable();
}

fn of_safetensors(source: &dyn ReadAt) -> Result<FileFacts, FormatError> {
    let mut facts = FileFacts::new("safetensors");
    for (key, text) in safetensors::read(source)?.metadata {
        facts.note(&key, &text);
    }
    tabulated(safetensors::table_of(source)?, &mut facts);
    Ok(facts)
}

fn of_gguf(source: &dyn ReadAt) -> Result<FileFacts, FormatError> {
    let (header, tensors) = gguf::read_with_table(source)?;
    let mut facts = FileFacts { version: Some(header.version.to_string()), ..FileFacts::new("gguf") };
    let text = |key: &str| header.texts.get(key).map(|(_, text)| text.clone());
    facts.architecture = text("general.architecture");
    facts.quantisation = header.numbers.get("general.file_type").and_then(|number| gguf::file_type(*number));
    facts.context_length = facts
        .architecture
        .as_ref()
        .and_then(|architecture| header.numbers.get(&format!("{architecture}.context_length")).copied());
    facts.chat_template = text("tokenizer.chat_template").map(|template| Digest::of(template.as_bytes()));
    for (key, (_, text)) in header.texts.iter().filter(|(key, _)| key.starts_with("general.")) {
        facts.note(key, text);
    }
    if header.is_big_endian {
        facts.note("byteOrder", "big-endian");
    }
    tabulated(tensors, &mut facts);
    Ok(facts)
}

fn of_onnx(source: &dyn ReadAt) -> Result<FileFacts, FormatError> {
    let model = onnx::read(source)?;
    if let Some((place, message)) = model.misstated {
        return Err(FormatError::malformed(place, message));
    }
    let mut facts = FileFacts {
        version: Some(model.ir_version.to_string()),
        tensors: Some(model.initializers),
        elements: model.elements.clone(),
        inputs: model.inputs.clone(),
        outputs: model.outputs.clone(),
        external: model.external_bytes.clone(),
        ..FileFacts::new("onnx")
    };
    let producer = format!("{} {}", model.producer, model.producer_version).trim().to_owned();
    facts.producer = (!producer.is_empty()).then_some(producer);
    for (domain, version) in &model.opsets {
        let domain = if domain.is_empty() { "ai.onnx" } else { domain };
        facts.note(&format!("opset.{domain}"), &version.to_string());
    }
    for (key, (_, text)) in &model.metadata {
        facts.note(key, text);
    }
    Ok(facts)
}

pub(super) fn of_hdf5(source: &dyn ReadAt) -> Result<FileFacts, FormatError> {
    // A build without the reader still says what it is.
    if !cfg!(feature = "hdf5") {
        return Ok(FileFacts::new("hdf5"));
    }
    let file = hdf5::read(source)?;
    // Libraries count the end from the start of the file, whatever stands before the format.
    if file.end > source.len() {
        return Err(FormatError::malformed(source.len(), "the file ends before it says that it does"));
    }
    let mut facts = FileFacts {
        tensors: Some(file.datasets),
        elements: file.elements.clone(),
        external: file.files,
        ..FileFacts::new("hdf5")
    };
    for (_, key, text) in file.texts.iter().filter(|(path, _, _)| path.is_empty()) {
        match key.as_str() {
            "keras_version" => facts.producer = Some(format!("keras {text}")),
            "model_config" => facts.architecture = class_name(text),
            _ => facts.note(key, text),
        }
    }
    Ok(facts)
}

/// Returns the class that a configuration of Keras names first.
pub(super) fn class_name(configuration: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Configured {
        class_name: String,
    }
    let class = crate::json::parse::<Configured>(configuration.as_bytes()).ok()?.class_name;
    (class.len() <= limits::NOTED_BYTES && !class.contains(char::is_control)).then_some(class)
}

fn of_tflite(source: &dyn ReadAt) -> Result<FileFacts, FormatError> {
    let model = tflite::read(source)?;
    let mut facts = FileFacts {
        version: Some(model.version.to_string()),
        tensors: Some(model.tensors),
        elements: model.elements,
        largest: model.largest,
        inputs: model.inputs,
        outputs: model.outputs,
        ..FileFacts::new("tflite")
    };
    facts.note("description", &model.description);
    Ok(facts)
}

fn of_saved_model(source: &dyn ReadAt, kind: saved_model::Kind) -> Result<FileFacts, FormatError> {
    let model = saved_model::read(source, kind)?;
    let format = if kind == saved_model::Kind::SavedModel { "tensorflow-saved-model" } else { "tensorflow-graph" };
    let mut facts = FileFacts::new(format);
    facts.producer = (!model.version.is_empty()).then(|| format!("tensorflow {}", model.version));
    Ok(facts)
}

fn of_tensor_bundle(source: &dyn ReadAt) -> Result<FileFacts, FormatError> {
    let bundle = tensor_bundle::read(source)?;
    Ok(FileFacts {
        tensors: Some(bundle.tensors),
        elements: bundle.elements,
        largest: bundle.largest,
        ..FileFacts::new("tensorflow-variables")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::gguf::write::{file, pair, tensor, text};

    #[test]
    fn gguf_states_architecture_context_and_quantisation() {
        let pairs = [
            pair("general.architecture", 8, &text("llama")),
            pair("general.file_type", 4, &7_u32.to_le_bytes()),
            pair("llama.context_length", 4, &4096_u32.to_le_bytes()),
            pair("tokenizer.chat_template", 8, &text("{{ x }}")),
        ];
        let bytes = file(&pairs, &[tensor("a", &[4, 2], 0, 0), tensor("b", &[32], 8, 32)], 66);
        let facts = read(&bytes).unwrap().unwrap();
        assert_eq!(facts.architecture.as_deref(), Some("llama"));
        assert_eq!((facts.context_length, facts.quantisation.as_deref()), (Some(4096), Some("Q8_0")));
        assert_eq!(facts.chat_template, Some(Digest::of(b"{{ x }}")));
        assert_eq!((facts.tensors, facts.parameters()), (Some(2), Some(40)));
        assert_eq!(facts.largest, Some(("b".to_owned(), vec![32])));
    }

    #[test]
    fn what_is_no_weights_has_no_facts() {
        for bytes in [&b""[..], b"# A readme\n", b"{\"a\": 1}", b"PK"] {
            assert!(read(&bytes).is_none(), "{bytes:?}");
        }
        let cut = [&8_u64.to_le_bytes()[..], b"{\"a\":1}x"].concat();
        assert!(read(&cut).unwrap().is_err());
    }
}
