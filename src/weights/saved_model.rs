//! TensorFlow graphs (`saved_model.proto`, `graph.proto`, Keras's `saved_metadata.proto`): which operations they
//! have, and which Keras configurations stand beside them.

use std::collections::BTreeMap;

use crate::limits;
use crate::source::ReadAt;
use crate::weights::FormatError;
use crate::weights::protobuf::{self, Field, Value};
use crate::weights::reader::Reader;

/// Fields at the top of a message by which it is told from others.
const PROBED_FIELDS: usize = 64;

/// Which of the messages a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `SavedModel`, usually `saved_model.pb`.
    SavedModel,
    /// `GraphDef`, usually a frozen graph.
    Graph,
    /// `SavedMetadata`, usually `keras_metadata.pb`.
    KerasMetadata,
    /// `FingerprintDef`, usually `fingerprint.pb`.
    Fingerprint,
}

/// What the file states about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedModel {
    /// The version of TensorFlow that wrote it.
    pub version: String,
    /// How many nodes there are, those of functions included.
    pub nodes: u64,
    /// Every operation that is used, with the first place of each.
    pub operations: BTreeMap<String, u64>,
    /// Texts about the objects of the model with the place of each, JSON if Keras wrote them.
    pub metadata: Vec<(u64, String)>,
}

/// Says which of the messages a source is, by the fields at its start.
pub fn recognises(source: &dyn ReadAt) -> Option<Kind> {
    let fields = top(source)?;
    let shape: Shape = fields.iter().map(|(field, _)| (field.number, kind(field.value))).collect();
    let first = fields.iter().find_map(|(field, inner)| (field.number == 1).then_some(inner.as_slice()))?;
    let only = |known: &[(u32, char)]| shape.iter().all(|field| known.contains(field));
    if only(&[(1, 'n'), (2, 'b')]) && shape.contains(&(1, 'n')) && shape.contains(&(2, 'b')) {
        return Some(Kind::SavedModel);
    }
    if only(&[(1, 'b'), (2, 'b'), (3, 'n'), (4, 'b')]) && first.starts_with(&[(1, 'b'), (2, 'b')]) {
        return Some(Kind::Graph);
    }
    let is_object = |inner: &[(u32, char)]| inner.contains(&(5, 'b')) && inner.contains(&(4, 'b'));
    if only(&[(1, 'b')]) && is_object(first) {
        return Some(Kind::KerasMetadata);
    }
    let hashes = shape.iter().filter(|(number, kind)| (1..=5).contains(number) && *kind != 'b').count();
    let rest = only(&[(1, 'n'), (2, 'n'), (3, 'n'), (4, 'n'), (5, 'n'), (6, 'b'), (7, 'b')]);
    (rest && hashes >= 3 && source.len() < 512).then_some(Kind::Fingerprint)
}

fn kind(value: Value) -> char {
    match value {
        Value::Number(_) => 'n',
        Value::Bytes(_) => 'b',
        Value::Fixed => 'f',
    }
}

/// Numbers and kinds of fields.
type Shape = Vec<(u32, char)>;

/// Returns the first fields of a message, with the fields inside each; nothing if it is no message.
fn top(source: &dyn ReadAt) -> Option<Vec<(Field, Shape)>> {
    let mut reader = Reader::new(source);
    let mut fields = Vec::new();
    while let Some(field) = protobuf::field(&mut reader).ok()?.filter(|_| fields.len() < PROBED_FIELDS) {
        let inner = match field.value {
            Value::Bytes(length) => inside(&mut reader, length)?,
            Value::Number(_) | Value::Fixed => Vec::new(),
        };
        fields.push((field, inner));
    }
    Some(fields)
}

fn inside(reader: &mut Reader<'_>, length: u64) -> Option<Shape> {
    let end = reader.narrow(length).ok()?;
    let mut shape = Vec::new();
    // A text is no message: what is read of it then is nothing.
    while let Ok(Some(field)) = protobuf::field(reader) {
        shape.push((field.number, kind(field.value)));
        if shape.len() == PROBED_FIELDS || protobuf::pass(reader, field).is_err() {
            break;
        }
    }
    reader.widen(end);
    Some(shape)
}

/// Reads one of the messages.
pub fn read(source: &dyn ReadAt, kind: Kind) -> Result<SavedModel, FormatError> {
    let mut reader = Reader::new(source);
    let mut model = SavedModel::default();
    let length = source.len();
    match kind {
        Kind::SavedModel => each(&mut reader, length, 2, &mut |reader, length| model.meta_graph(reader, length))?,
        Kind::Graph => model.graph(&mut reader, length)?,
        Kind::KerasMetadata => {
            each(&mut reader, length, 1, &mut |reader, length| model.object(reader, length, 5))?;
        }
        Kind::Fingerprint => each(&mut reader, length, 6, &mut |reader, length| reader.skip(length))?,
    }
    Ok(model)
}

/// Reads a message, and hands over every field of one number that has bytes.
fn each(
    reader: &mut Reader<'_>,
    length: u64,
    number: u32,
    take: &mut dyn FnMut(&mut Reader<'_>, u64) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    protobuf::message(reader, length, &mut |reader, field| match field.value {
        Value::Bytes(length) if field.number == number => take(reader, length),
        _ => protobuf::pass(reader, field),
    })
}

impl SavedModel {
    fn meta_graph(&mut self, reader: &mut Reader<'_>, length: u64) -> Result<(), FormatError> {
        protobuf::message(reader, length, &mut |reader, field| match (field.number, field.value) {
            (1, Value::Bytes(length)) => each(reader, length, 5, &mut |reader, length| {
                self.version = name(reader, length)?;
                Ok(())
            }),
            (2, Value::Bytes(length)) => self.graph(reader, length),
            // SavedObjectGraph, its nodes, and of these the objects of users.
            (7, Value::Bytes(length)) => each(reader, length, 1, &mut |reader, length| {
                each(reader, length, 4, &mut |reader, length| self.object(reader, length, 3))
            }),
            _ => protobuf::pass(reader, field),
        })
    }

    fn graph(&mut self, reader: &mut Reader<'_>, length: u64) -> Result<(), FormatError> {
        protobuf::message(reader, length, &mut |reader, field| match (field.number, field.value) {
            (1, Value::Bytes(length)) => self.node(reader, length),
            // The library, its functions, and of these the nodes.
            (2, Value::Bytes(length)) => each(reader, length, 1, &mut |reader, length| {
                each(reader, length, 3, &mut |reader, length| self.node(reader, length))
            }),
            _ => protobuf::pass(reader, field),
        })
    }

    fn node(&mut self, reader: &mut Reader<'_>, length: u64) -> Result<(), FormatError> {
        let place = reader.offset();
        let mut operation = String::new();
        each(reader, length, 2, &mut |reader, length| name(reader, length).map(|text| operation = text))?;
        self.nodes += 1;
        FormatError::bounded(self.operations.len() as u64, limits::GRAPH_NAMES, "operations")?;
        self.operations.entry(operation).or_insert(place);
        Ok(())
    }

    /// Reads the text about an object from the field of that number.
    fn object(&mut self, reader: &mut Reader<'_>, length: u64, number: u32) -> Result<(), FormatError> {
        each(reader, length, number, &mut |reader, length| {
            let place = reader.offset();
            let text = reader.text(length, limits::METADATA_TEXT_BYTES, "bytes of a text of metadata")?;
            if !text.is_empty() {
                FormatError::bounded(self.metadata.len() as u64, limits::GRAPH_NAMES, "texts of metadata")?;
                let bytes: usize = self.metadata.iter().map(|(_, text)| text.len()).sum();
                FormatError::bounded((bytes + text.len()) as u64, limits::METADATA_BYTES, "bytes of metadata")?;
                self.metadata.push((place, text));
            }
            Ok(())
        })
    }
}

fn name(reader: &mut Reader<'_>, length: u64) -> Result<String, FormatError> {
    reader.text(length, limits::GRAPH_NAME_BYTES, "bytes of a name in a graph")
}

/// Writing, for tests.
#[cfg(test)]
pub(crate) mod write {
    use crate::weights::protobuf::write::{bytes, number};

    /// Writes a graph with nodes of these operations.
    pub(crate) fn graph(operations: &[&str]) -> Vec<u8> {
        operations.iter().flat_map(|operation| bytes(1, [bytes(1, "n"), bytes(2, operation)].concat())).collect()
    }

    /// Writes a library with one function of these operations.
    pub(crate) fn library(operations: &[&str]) -> Vec<u8> {
        let nodes = operations.iter().flat_map(|operation| bytes(3, [bytes(1, "n"), bytes(2, operation)].concat()));
        bytes(2, bytes(1, nodes.collect::<Vec<u8>>()))
    }

    /// Writes a model with a graph, and with metadata of one object.
    pub(crate) fn model(graph: &[u8], metadata: &str) -> Vec<u8> {
        let object = bytes(1, bytes(4, [bytes(1, "_tf_keras_layer"), bytes(3, metadata)].concat()));
        let info = bytes(5, "2.21.0");
        [number(1, 1), bytes(2, [bytes(1, info), bytes(2, graph), bytes(7, object)].concat())].concat()
    }

    /// Writes `keras_metadata.pb` with one object.
    pub(crate) fn keras_metadata(metadata: &str) -> Vec<u8> {
        bytes(1, [number(2, 0), bytes(3, "root"), bytes(4, "_tf_keras_model"), bytes(5, metadata)].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::write::{graph, keras_metadata, library, model};
    use super::*;
    use crate::weights::protobuf::write::{bytes, number};

    #[test]
    fn a_model_states_its_facts() {
        let source = model(&[graph(&["Const", "MatMul", "Const"]), library(&["ReadFile"])].concat(), "{}");
        assert_eq!(recognises(&source), Some(Kind::SavedModel));
        let facts = read(&source, Kind::SavedModel).unwrap();
        assert_eq!((facts.version.as_str(), facts.nodes), ("2.21.0", 4));
        assert_eq!(facts.operations.keys().collect::<Vec<_>>(), ["Const", "MatMul", "ReadFile"]);
        assert_eq!(facts.metadata[0].1, "{}");
    }

    #[test]
    fn graphs_and_metadata_stand_alone_too() {
        let source = [graph(&["Const"]), library(&["PyFunc"])].concat();
        assert_eq!(recognises(&source), Some(Kind::Graph));
        assert!(read(&source, Kind::Graph).unwrap().operations.contains_key("PyFunc"));
        let source = keras_metadata("{\"a\":1}");
        assert_eq!(recognises(&source), Some(Kind::KerasMetadata));
        assert_eq!(read(&source, Kind::KerasMetadata).unwrap().metadata[0].1, "{\"a\":1}");
        let hashes: Vec<u8> = (1..=5).flat_map(|field| number(field, 99)).collect();
        assert_eq!(recognises(&[hashes, bytes(6, number(1, 1))].concat()), Some(Kind::Fingerprint));
    }

    #[test]
    fn other_bytes_are_not_recognised() {
        let piece = [bytes(1, "a"), vec![0x15, 0, 0, 0, 0], number(3, 1)].concat();
        for other in [b"".to_vec(), b"hello".to_vec(), vec![0; 99], bytes(1, piece), number(1, 1)] {
            assert_eq!(recognises(&other), None, "{other:?}");
        }
    }

    #[test]
    fn names_and_texts_are_bounded() {
        let long = "x".repeat(2_000);
        assert!(matches!(read(&graph(&[&long]), Kind::Graph), Err(FormatError::Limit { .. })));
        let source = model(&graph(&["Const"]), "{}");
        for length in 3..source.len() {
            assert!(read(&&source[..length], Kind::SavedModel).is_err(), "{length}");
        }
    }
}
