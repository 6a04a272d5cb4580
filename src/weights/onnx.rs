//! ONNX (`onnx.proto`, IR version 1 to 13): which operators a model names, and which files it refers to.
//!
//! The message is walked field by field, because a model with its weights inside is one message of up to 2 GiB.

mod tensor;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use crate::limits;
use crate::source::ReadAt;
use crate::weights::FormatError;
use crate::weights::protobuf::{self, Field, Value};
use crate::weights::reader::Reader;

use tensor::Tensor;

/// Kinds of the fields of `ModelProto`: number, or bytes.
const MODEL_NUMBERS: [u32; 2] = [1, 5];
const MODEL_BYTES: [u32; 11] = [2, 3, 4, 6, 7, 8, 14, 20, 25, 26, 27];
/// Fields at the top of a message by which it is told from others.
const PROBED_FIELDS: usize = 1_000;

/// What an ONNX model states about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Onnx {
    /// The version of the intermediate representation.
    pub ir_version: u64,
    /// The tool that wrote it.
    pub producer: String,
    /// The version of that tool.
    pub producer_version: String,
    /// The versions of the operator sets, by domain.
    pub opsets: BTreeMap<String, u64>,
    /// How many elements the initializers have, by type.
    pub elements: BTreeMap<String, u64>,
    /// What goes into the graph, as `NAME: TYPE [SHAPE]`.
    pub inputs: Vec<String>,
    /// What comes out of it.
    pub outputs: Vec<String>,
    /// How many nodes there are, those of subgraphs and functions included.
    pub nodes: u64,
    /// How many initializers there are.
    pub initializers: u64,
    /// Domain and type of every operator that is used, with the first place of each.
    pub operators: BTreeMap<(String, String), u64>,
    /// Domain and name of every function that the model brings along.
    pub functions: BTreeSet<(String, String)>,
    /// Files that hold tensors, with the first place of each.
    pub external: BTreeMap<String, u64>,
    /// The same files, and how many bytes each must have at least.
    pub external_bytes: BTreeMap<String, u64>,
    /// The first tensor that claims other sizes than it has: where it is, and what is wrong with it.
    pub misstated: Option<(u64, String)>,
    /// Free text, by key.
    pub metadata: BTreeMap<String, (u64, String)>,
}

/// Says whether a message is an ONNX model: fields and kinds of `ModelProto`, a version and a graph.
pub fn recognises(source: &dyn ReadAt) -> bool {
    let mut reader = Reader::new(source);
    let (mut version, mut graph) = (false, false);
    for _ in 0..PROBED_FIELDS {
        let Ok(next) = protobuf::field(&mut reader) else { return false };
        let Some(field) = next else { return version && graph };
        let known = match field.value {
            Value::Number(value) => {
                version |= field.number == 1 && (1..=99).contains(&value);
                MODEL_NUMBERS.contains(&field.number)
            }
            Value::Bytes(_) => MODEL_BYTES.contains(&field.number),
            Value::Fixed => false,
        };
        graph |= field.number == 7;
        if !known || protobuf::pass(&mut reader, field).is_err() {
            return false;
        }
    }
    false
}

/// Reads a model without its weights.
pub fn read(source: &dyn ReadAt) -> Result<Onnx, FormatError> {
    let mut reader = Reader::new(source);
    let mut model = Onnx::default();
    let length = source.len();
    protobuf::message(&mut reader, length, &mut |reader, field| match (field.number, field.value) {
        (1, Value::Number(version)) => {
            model.ir_version = version;
            Ok(())
        }
        (2, Value::Bytes(length)) => {
            model.producer = short(reader, length)?;
            Ok(())
        }
        (3, Value::Bytes(length)) => {
            model.producer_version = short(reader, length)?;
            Ok(())
        }
        (8, Value::Bytes(length)) => model.opset(reader, length),
        (7, Value::Bytes(length)) => model.graph(reader, length, 0),
        (14, Value::Bytes(length)) => model.entry(reader, length),
        (20, Value::Bytes(length)) => model.training(reader, length),
        (25, Value::Bytes(length)) => model.function(reader, length),
        _ => protobuf::pass(reader, field),
    })?;
    Ok(model)
}

fn short(reader: &mut Reader<'_>, length: u64) -> Result<String, FormatError> {
    reader.text(length, limits::GRAPH_NAME_BYTES, "bytes of a name in a graph")
}

impl Onnx {
    fn graph(&mut self, reader: &mut Reader<'_>, length: u64, depth: usize) -> Result<(), FormatError> {
        if depth == limits::GRAPH_DEPTH {
            return Err(FormatError::Limit { limit: limits::GRAPH_DEPTH as u64, noun: "graphs inside graphs" });
        }
        protobuf::message(reader, length, &mut |reader, field| match (field.number, field.value) {
            (1, Value::Bytes(length)) => self.node(reader, length, depth),
            (5, Value::Bytes(length)) => {
                self.initializers += 1;
                let tensor = self.tensor(reader, length)?;
                let sum = self.elements.entry(value::type_name(tensor.kind)).or_default();
                *sum = sum.saturating_add(tensor.count.unwrap_or_default());
                Ok(())
            }
            (11, Value::Bytes(length)) if depth == 0 => value::push(reader, length, &mut self.inputs),
            (12, Value::Bytes(length)) if depth == 0 => value::push(reader, length, &mut self.outputs),
            (15, Value::Bytes(length)) => self.sparse_tensor(reader, length),
            _ => protobuf::pass(reader, field),
        })
    }

    fn training(&mut self, reader: &mut Reader<'_>, length: u64) -> Result<(), FormatError> {
        protobuf::message(reader, length, &mut |reader, field| match (field.number, field.value) {
            (1 | 2, Value::Bytes(length)) => self.graph(reader, length, 0),
            _ => protobuf::pass(reader, field),
        })
    }

    fn function(&mut self, reader: &mut Reader<'_>, length: u64) -> Result<(), FormatError> {
        let (mut name, mut domain) = (String::new(), String::new());
        protobuf::message(reader, length, &mut |reader, field| match (field.number, field.value) {
            (1, Value::Bytes(length)) => short(reader, length).map(|text| name = text),
            (10, Value::Bytes(length)) => short(reader, length).map(|text| domain = text),
            (7, Value::Bytes(length)) => self.node(reader, length, 0),
            (11, Value::Bytes(length)) => self.attribute(reader, length, 0),
            _ => protobuf::pass(reader, field),
        })?;
        FormatError::bounded(self.functions.len() as u64, limits::GRAPH_NAMES, "functions")?;
        self.functions.insert((domain, name));
        Ok(())
    }

    fn node(&mut self, reader: &mut Reader<'_>, length: u64, depth: usize) -> Result<(), FormatError> {
        let place = reader.offset();
        let (mut operator, mut domain) = (String::new(), String::new());
        protobuf::message(reader, length, &mut |reader, field| match (field.number, field.value) {
            (4, Value::Bytes(length)) => short(reader, length).map(|text| operator = text),
            (7, Value::Bytes(length)) => short(reader, length).map(|text| domain = text),
            (5, Value::Bytes(length)) => self.attribute(reader, length, depth),
            _ => protobuf::pass(reader, field),
        })?;
        self.nodes += 1;
        FormatError::bounded(self.operators.len() as u64, limits::GRAPH_NAMES, "operators")?;
        self.operators.entry((domain, operator)).or_insert(place);
        Ok(())
    }

    fn attribute(&mut self, reader: &mut Reader<'_>, length: u64, depth: usize) -> Result<(), FormatError> {
        protobuf::message(reader, length, &mut |reader, field| match (field.number, field.value) {
            (5 | 10, Value::Bytes(length)) => self.tensor(reader, length).map(drop),
            (6 | 11, Value::Bytes(length)) => self.graph(reader, length, depth + 1),
            (22 | 23, Value::Bytes(length)) => self.sparse_tensor(reader, length),
            _ => protobuf::pass(reader, field),
        })
    }

    fn sparse_tensor(&mut self, reader: &mut Reader<'_>, length: u64) -> Result<(), FormatError> {
        protobuf::message(reader, length, &mut |reader, field| match (field.number, field.value) {
            (1 | 2, Value::Bytes(length)) => self.tensor(reader, length).map(drop),
            _ => protobuf::pass(reader, field),
        })
    }

    /// Reads a `TensorProto` without its data.
    fn tensor(&mut self, reader: &mut Reader<'_>, length: u64) -> Result<Tensor, FormatError> {
        let place = reader.offset();
        let tensor = Tensor::read(reader, length)?;
        if self.misstated.is_none() {
            self.misstated = tensor.fault().map(|fault| (place, fault));
        }
        if let Some(location) = &tensor.location {
            FormatError::bounded(self.external.len() as u64, limits::GRAPH_NAMES, "files of external data")?;
            self.external.entry(location.clone()).or_insert(place);
            let bytes = self.external_bytes.entry(location.clone()).or_default();
            *bytes = (*bytes).max(tensor.end());
        }
        Ok(tensor)
    }

    fn opset(&mut self, reader: &mut Reader<'_>, length: u64) -> Result<(), FormatError> {
        let (mut domain, mut version) = (String::new(), 0);
        protobuf::message(reader, length, &mut |reader, field| match (field.number, field.value) {
            (1, Value::Bytes(length)) => short(reader, length).map(|text| domain = text),
            (2, Value::Number(number)) => {
                version = number;
                Ok(())
            }
            _ => protobuf::pass(reader, field),
        })?;
        FormatError::bounded(self.opsets.len() as u64, limits::GRAPH_NAMES, "operator sets")?;
        self.opsets.insert(domain, version);
        Ok(())
    }

    fn entry(&mut self, reader: &mut Reader<'_>, length: u64) -> Result<(), FormatError> {
        let place = reader.offset();
        let (key, value) = pair(reader, length)?;
        FormatError::bounded(self.metadata.len() as u64, limits::GRAPH_NAMES, "entries of metadata")?;
        self.metadata.insert(key, (place, value));
        Ok(())
    }
}

/// Reads a `StringStringEntryProto`.
fn pair(reader: &mut Reader<'_>, length: u64) -> Result<(String, String), FormatError> {
    let (mut key, mut value) = (String::new(), String::new());
    protobuf::message(reader, length, &mut |reader, field: Field| match (field.number, field.value) {
        (1, Value::Bytes(length)) => short(reader, length).map(|text| key = text),
        (2, Value::Bytes(length)) => {
            value = reader.text(length, limits::METADATA_TEXT_BYTES, "bytes of a text of metadata")?;
            Ok(())
        }
        _ => protobuf::pass(reader, field),
    })?;
    Ok((key, value))
}

/// Writing, for tests.
#[cfg(test)]
pub(crate) mod write {
    use crate::weights::protobuf::write::{bytes, number};

    /// Writes a node of a domain.
    pub(crate) fn node(domain: &str, operator: &str, attributes: &[Vec<u8>]) -> Vec<u8> {
        let attributes: Vec<u8> = attributes.iter().flat_map(|attribute| bytes(5, attribute)).collect();
        [bytes(4, operator), attributes, bytes(7, domain)].concat()
    }

    /// Writes an initializer whose data lies elsewhere.
    pub(crate) fn external(location: &str) -> Vec<u8> {
        let entry = [bytes(1, "location"), bytes(2, location)].concat();
        [number(1, 4), bytes(8, "w"), bytes(13, entry), number(14, 1)].concat()
    }

    /// Writes a graph.
    pub(crate) fn graph(nodes: &[Vec<u8>], initializers: &[Vec<u8>]) -> Vec<u8> {
        let nodes = nodes.iter().flat_map(|node| bytes(1, node));
        nodes.chain(initializers.iter().flat_map(|tensor| bytes(5, tensor))).collect()
    }

    /// Writes a model.
    pub(crate) fn model(graph: &[u8], more: &[u8]) -> Vec<u8> {
        [number(1, 8), bytes(2, "test"), bytes(7, graph), bytes(8, number(2, 17)), more.to_vec()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::write::{external, graph, model, node};
    use super::*;
    use crate::weights::protobuf::write::{bytes, number};

    #[test]
    fn a_model_states_its_facts() {
        let raw = [number(1, 25_000), number(2, 1), bytes(8, "w"), bytes(9, vec![0; 100_000])].concat();
        let source = model(&graph(&[node("", "Relu", &[]), node("x", "Own", &[])], &[external("w.bin"), raw]), &[]);
        assert!(recognises(&source));
        let facts = read(&source).unwrap();
        assert_eq!((facts.ir_version, facts.producer.as_str(), facts.nodes, facts.initializers), (8, "test", 2, 2));
        let operators: Vec<_> = facts.operators.keys().map(|(domain, name)| (domain.as_str(), name.as_str())).collect();
        assert_eq!(operators, [("", "Relu"), ("x", "Own")]);
        assert_eq!(facts.external.keys().collect::<Vec<_>>(), ["w.bin"]);
        assert_eq!((facts.elements["F32"], facts.misstated), (25_000, None));
    }

    #[test]
    fn tensors_of_inner_graphs_are_counted_and_checked() {
        let tensor = |count: u64| [number(1, count), number(2, 1), bytes(9, [0; 8])].concat();
        let of = |count| {
            read(&model(&graph(&[node("", "If", &[bytes(6, graph(&[], &[tensor(count)]))])], &[tensor(2)]), &[]))
                .unwrap()
        };
        assert_eq!((of(2).initializers, of(2).elements["F32"], of(2).misstated), (2, 4, None));
        assert!(of(1 << 40).misstated.is_some_and(|(place, _)| place > 0));
    }

    #[test]
    fn operators_and_files_are_found_wherever_they_hide() {
        let inner = graph(&[node("x", "Inner", &[])], &[]);
        let branch = bytes(6, &inner);
        let constant = bytes(5, external("constant.bin"));
        let sparse = bytes(22, bytes(1, external("sparse.bin")));
        let function = [bytes(1, "F"), bytes(10, "mine"), bytes(7, node("x", "InFunction", &[]))].concat();
        let training = bytes(2, graph(&[node("x", "InTraining", &[])], &[]));
        let top = graph(&[node("", "If", &[branch]), node("", "Constant", &[constant, sparse])], &[]);
        let facts = read(&model(&top, &[bytes(25, function), bytes(20, training)].concat())).unwrap();
        for name in ["Inner", "InFunction", "InTraining"] {
            assert!(facts.operators.contains_key(&("x".into(), name.into())), "{name}");
        }
        assert!(facts.functions.contains(&("mine".into(), "F".into())));
        assert_eq!(facts.external.keys().collect::<Vec<_>>(), ["constant.bin", "sparse.bin"]);
    }

    #[test]
    fn graphs_nest_to_a_depth() {
        let mut inner = graph(&[], &[]);
        for _ in 0..5_000 {
            inner = graph(&[node("", "If", &[bytes(6, &inner)])], &[]);
        }
        assert!(matches!(read(&model(&inner, &[])), Err(FormatError::Limit { .. })));
    }

    #[test]
    fn what_is_cut_off_or_something_else_is_not_read() {
        let source = model(&graph(&[node("", "Relu", &[])], &[]), &[]);
        // The imports at the end are not needed to tell it.
        for length in 1..source.len() - 4 {
            assert!(read(&&source[..length]).is_err() || !recognises(&&source[..length]), "{length}");
        }
        for other in [&b""[..], b"\x08\x08", b"hello world", &[0; 99]] {
            assert!(!recognises(&other));
        }
    }
}
