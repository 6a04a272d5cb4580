//! safetensors, GGUF, ONNX, SavedModel and TFLite.

use super::protobuf::Message;

/// A safetensors file with a header as it stands and some bytes of data.
pub fn safetensors(header: &str, data: &[u8]) -> Vec<u8> {
    [&u64::try_from(header.len()).unwrap().to_le_bytes()[..], header.as_bytes(), data].concat()
}

/// One tensor of four bytes, with metadata.
pub fn safetensors_with(metadata: &str) -> Vec<u8> {
    let header = format!(r#"{{"__metadata__":{metadata},"w":{{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}}}"#);
    safetensors(&header, &[0; 4])
}

/// A GGUF value, with its type.
pub struct Gguf(pub u32, pub Vec<u8>);

/// A string of GGUF.
pub fn gguf_text(text: &str) -> Vec<u8> {
    [&u64::try_from(text.len()).unwrap().to_le_bytes()[..], text.as_bytes()].concat()
}

/// A GGUF value that is a string.
pub fn gguf_string(text: &str) -> Gguf {
    Gguf(8, gguf_text(text))
}

/// A GGUF file of version 3 without tensors.
pub fn gguf(pairs: &[(&str, Gguf)]) -> Vec<u8> {
    gguf_counted(3, 0, u64::try_from(pairs.len()).unwrap(), pairs)
}

/// A GGUF file that counts as it is told.
pub fn gguf_counted(version: u32, tensors: u64, count: u64, pairs: &[(&str, Gguf)]) -> Vec<u8> {
    let mut out = b"GGUF".to_vec();
    out.extend(version.to_le_bytes());
    out.extend(tensors.to_le_bytes());
    out.extend(count.to_le_bytes());
    for (key, Gguf(kind, value)) in pairs {
        out.extend(gguf_text(key));
        out.extend(kind.to_le_bytes());
        out.extend(value);
    }
    out
}

/// A GGUF file with one tensor of 32 floats, whose type, dimensions and offset can lie.
pub fn gguf_tensor(kind: u32, dimensions: &[u64], offset: u64, data: usize) -> Vec<u8> {
    let mut out = gguf_counted(3, 1, 1, &[("general.architecture", gguf_string("llama"))]);
    out.extend(gguf_text("w"));
    out.extend(u32::try_from(dimensions.len()).unwrap().to_le_bytes());
    dimensions.iter().for_each(|dimension| out.extend(dimension.to_le_bytes()));
    out.extend(kind.to_le_bytes());
    out.extend(offset.to_le_bytes());
    out.resize(out.len().next_multiple_of(32) + data, 0);
    out
}

/// A node of an ONNX graph.
pub fn onnx_node(operator: &str, domain: &str) -> Message {
    let node = Message::new().field(1, "x").field(2, "y").field(3, "node").field(4, operator);
    if domain.is_empty() { node } else { node.field(7, domain) }
}

/// An ONNX model around a graph.
pub fn onnx(graph: &Message, domains: &[&str]) -> Message {
    let import = |domain: &str| Message::new().field(1, domain).number(2, 17);
    let model = Message::new().number(1, 8).field(2, "corpus").field(7, graph);
    domains.iter().fold(model, |model, domain| model.field(8, import(domain)))
}

/// An ONNX graph of nodes, with a name and an output.
pub fn onnx_graph(nodes: &[Message]) -> Message {
    let shape = Message::new().field(1, Message::new().number(1, 1));
    let tensor = Message::new().number(1, 1).field(2, shape);
    let value = |name: &str| Message::new().field(1, name).field(2, Message::new().field(1, &tensor));
    Message::new().repeated(1, nodes).field(2, "graph").field(11, value("x")).field(12, value("y"))
}

/// A tensor of an ONNX graph, kept in another file.
pub fn onnx_external(pairs: &[(&str, &str)]) -> Message {
    let pair = |(key, value): &(&str, &str)| Message::new().field(1, key).field(2, value);
    let tensor = Message::new().number(1, 4).number(2, 1).field(8, "w");
    tensor.repeated(13, pairs.iter().map(pair)).number(14, 1)
}

/// A node of a TensorFlow graph.
pub fn tensorflow_node(operator: &str) -> Message {
    Message::new().field(1, "node").field(2, operator)
}

/// A TensorFlow `SavedModel` with nodes in its graph and in a function.
pub fn saved_model(nodes: &[&str], in_function: &[&str]) -> Vec<u8> {
    let signature = Message::new().field(1, "__inference_call_1");
    let function =
        Message::new().field(1, signature).repeated(3, in_function.iter().map(|operator| tensorflow_node(operator)));
    let library = Message::new().field(1, function);
    let graph = Message::new().repeated(1, nodes.iter().map(|operator| tensorflow_node(operator))).field(2, library);
    let information = Message::new().field(4, "serve").field(5, "2.15.0");
    Message::new().number(1, 1).field(2, Message::new().field(1, information).field(2, graph)).bytes
}

/// A TFLite model with operators: built-in codes, or names of custom ones.
///
/// A table is a signed offset back to its layout, then its fields; all other offsets go forward.
pub fn tflite(operators: &[Result<u8, &str>]) -> Vec<u8> {
    let mut out = vec![0; 8];
    out[0..4].copy_from_slice(&16u32.to_le_bytes());
    out[4..8].copy_from_slice(b"TFL3");
    [8u16, 12, 4, 8].iter().for_each(|half| out.extend(half.to_le_bytes()));
    [8u32, 3, 4].iter().for_each(|word| out.extend(word.to_le_bytes()));
    word(&mut out, operators.len());
    let vector = out.len();
    out.resize(vector + 4 * operators.len(), 0);
    for (index, operator) in operators.iter().enumerate() {
        [12u16, 16, 4, if operator.is_err() { 8 } else { 0 }, 0, 12]
            .iter()
            .for_each(|half| out.extend(half.to_le_bytes()));
        let slot = vector + 4 * index;
        let distance = u32::try_from(out.len() - slot).unwrap();
        out[slot..slot + 4].copy_from_slice(&distance.to_le_bytes());
        let code = operator.unwrap_or(32);
        word(&mut out, 12);
        word(&mut out, usize::from(code.min(127)));
        word(&mut out, 8);
        word(&mut out, usize::from(code));
        let name = operator.err().unwrap_or_default();
        word(&mut out, name.len());
        out.extend(name.as_bytes());
        out.push(0);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    out
}

fn word(out: &mut Vec<u8>, value: usize) {
    out.extend(u32::try_from(value).unwrap().to_le_bytes());
}
