//! TensorFlow Lite (`schema.fbs`, version 3): which operators a model needs, and which tensors it has.

use std::collections::BTreeMap;

use crate::limits;
use crate::source::{ReadAt, fill};
use crate::weights::FormatError;
use crate::weights::flatbuffer::Table;

const IDENTIFIER: &[u8; 4] = b"TFL3";
/// The builtin operator that stands for all that are not builtin.
const CUSTOM: i32 = 32;

/// The types of tensors (`TensorType`), in the words of safetensors where it has them.
const TYPES: [&str; 19] = [
    "F32", "F16", "I32", "U8", "I64", "STRING", "BOOL", "I16", "C64", "I8", "F64", "C128", "U64", "RESOURCE",
    "VARIANT", "U32", "U16", "I4", "BF16",
];

/// What a TensorFlow Lite model states about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TfLite {
    /// The version of the schema.
    pub version: i32,
    /// What the writer says about it.
    pub description: String,
    /// How many operators of the runtime itself it names.
    pub builtin: u64,
    /// The operators that the runtime does not have, with their places.
    pub custom: Vec<(u64, String)>,
    /// How many tensors have data.
    pub tensors: u64,
    /// How many were looked at.
    seen: u64,
    /// How many elements they have, by type.
    pub elements: BTreeMap<String, u64>,
    /// The one with the most of them, and its shape.
    pub largest: Option<(String, Vec<u64>)>,
    /// What goes into the first graph, as `NAME: TYPE [SHAPE]`.
    pub inputs: Vec<String>,
    /// What comes out of it.
    pub outputs: Vec<String>,
}

/// Says whether a source starts as a TensorFlow Lite model.
pub fn recognises(source: &dyn ReadAt) -> bool {
    fill(source, 4, &mut [0; 4]).is_ok_and(|bytes| bytes == IDENTIFIER)
}

/// Reads the table of operators.
pub fn read(source: &dyn ReadAt) -> Result<TfLite, FormatError> {
    let model = Table::root(source)?;
    let mut facts = TfLite {
        version: model.number(0)?,
        description: model.text(3, limits::METADATA_TEXT_BYTES)?.unwrap_or_default(),
        ..Default::default()
    };
    for code in model.tables(1, limits::GRAPH_NAMES)? {
        let name = code.text(1, limits::GRAPH_NAME_BYTES)?;
        // Old writers fill the first field alone, new ones both: the larger one counts.
        let builtin = i32::from(code.byte(0)?).max(code.number(3)?);
        if builtin == CUSTOM || name.is_some() {
            facts.custom.push((code.offset(), name.unwrap_or_default()));
        } else {
            facts.builtin += 1;
        }
    }
    let filled = buffers(&model, source)?;
    let mut largest = None;
    for (index, graph) in model.tables(2, limits::GRAPH_NAMES)?.iter().enumerate() {
        facts.graph(graph, &filled, index == 0, &mut largest)?;
    }
    if let Some((table, _)) = largest {
        facts.largest = Some((name(&table)?, Tensor::read(&table)?.sizes()));
    }
    Ok(facts)
}

/// Returns where the data of a buffer begin, and how many bytes they are.
fn range(buffer: &Table<'_>) -> Result<Option<(u64, u64)>, FormatError> {
    // Large models have their data behind all tables: offset and size, where an offset of 1 is none.
    let (offset, size) = (buffer.long(1)?, buffer.long(2)?);
    if offset > 1 { Ok(Some((offset.unsigned_abs(), size.unsigned_abs()))) } else { buffer.vector(0) }
}

/// Says of each buffer whether it has data; those must be in the file.
fn buffers(model: &Table<'_>, source: &dyn ReadAt) -> Result<Vec<bool>, FormatError> {
    let buffers = model.tables(4, limits::TFLITE_TENSORS)?;
    let filled = |buffer: &Table<'_>| match range(buffer)? {
        Some((start, length)) if start.checked_add(length).is_none_or(|end| end > source.len()) => {
            Err(FormatError::malformed(buffer.offset(), "the data of a tensor end behind the file"))
        }
        Some((_, length)) => Ok(length > 0),
        None => Ok(false),
    };
    buffers.iter().map(filled).collect()
}

impl TfLite {
    /// Counts the tensors of a graph; of the first one, describes what goes in and comes out.
    fn graph<'s>(
        &mut self,
        graph: &Table<'s>,
        filled: &[bool],
        first: bool,
        largest: &mut Option<(Table<'s>, u64)>,
    ) -> Result<(), FormatError> {
        // Graphs may share one list of tensors: what is looked at is bounded over all of them.
        self.seen = self.seen.saturating_add(graph.vector(0)?.map_or(0, |(_, count)| count));
        FormatError::bounded(self.seen, limits::TFLITE_TENSORS, "tensors")?;
        let tensors = graph.tables(0, limits::TFLITE_TENSORS)?;
        for table in &tensors {
            let tensor = Tensor::read(table)?;
            if !filled.get(tensor.buffer).copied().unwrap_or_default() {
                continue;
            }
            let count = tensor.sizes().into_iter().fold(1_u64, u64::saturating_mul);
            self.tensors += 1;
            let sum = self.elements.entry(tensor.kind.to_owned()).or_default();
            *sum = sum.saturating_add(count);
            if largest.as_ref().is_none_or(|(_, most)| *most < count) {
                *largest = Some((*table, count));
            }
        }
        if first {
            self.inputs = ports(&tensors, &graph.numbers(1, limits::GRAPH_NAMES)?)?;
            self.outputs = ports(&tensors, &graph.numbers(2, limits::GRAPH_NAMES)?)?;
        }
        Ok(())
    }
}

/// Describes tensors of a graph by their numbers.
fn ports(tensors: &[Table<'_>], numbers: &[i32]) -> Result<Vec<String>, FormatError> {
    let named =
        numbers.iter().take(limits::NOTED_TEXTS).filter_map(|number| tensors.get(usize::try_from(*number).ok()?));
    let described = named.map(|table| {
        let Tensor { kind, shape, .. } = Tensor::read(table)?;
        Ok(format!("{}: {kind} {shape:?}", name(table)?))
    });
    described.collect()
}

/// Returns the name of a tensor as far as it is fit for a document: names of fused layers are long.
fn name(table: &Table<'_>) -> Result<String, FormatError> {
    let name = table.text(3, limits::METADATA_TEXT_BYTES)?.unwrap_or_default();
    Ok(name.chars().filter(|c| !c.is_control()).take(limits::NOTED_BYTES).collect())
}

/// A tensor of a graph. A size of -1 is open.
struct Tensor {
    kind: &'static str,
    shape: Vec<i32>,
    buffer: usize,
}

impl Tensor {
    fn read(table: &Table<'_>) -> Result<Self, FormatError> {
        let kind = usize::try_from(table.byte(1)?).ok().and_then(|number| TYPES.get(number));
        Ok(Self {
            kind: kind.copied().unwrap_or("unknown"),
            shape: table.numbers(0, limits::TENSOR_DIMENSIONS)?,
            buffer: usize::try_from(table.number(2)?).unwrap_or(usize::MAX),
        })
    }

    fn sizes(&self) -> Vec<u64> {
        self.shape.iter().map(|size| u64::from(size.unsigned_abs())).collect()
    }
}

/// Writing, for tests.
#[cfg(test)]
pub(crate) mod write {
    fn word(number: usize) -> [u8; 4] {
        u32::try_from(number).unwrap().to_le_bytes()
    }

    /// Writes a model with builtin operators by number and custom ones by name.
    pub(crate) fn model(builtin: &[i32], custom: &[&str]) -> Vec<u8> {
        // root, identifier, fields of the model, model: version 3, operator codes.
        let mut bytes = [&20_u32.to_le_bytes()[..], b"TFL3", &[8, 0, 12, 0, 4, 0, 8, 0, 0, 0, 0, 0]].concat();
        bytes.extend(12_i32.to_le_bytes());
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend(4_u32.to_le_bytes());
        let count = builtin.len() + custom.len();
        bytes.extend(word(count));
        let vector = bytes.len();
        bytes.resize(vector + 4 * count, 0);
        let codes = builtin.iter().map(|number| (*number, None)).chain(custom.iter().map(|name| (32, Some(*name))));
        for (index, (number, name)) in codes.enumerate() {
            let fields = bytes.len();
            let place: u16 = if name.is_some() { 8 } else { 0 };
            for field in [12_u16, 12, 0, place, 0, 4] {
                bytes.extend(field.to_le_bytes());
            }
            let entry = vector + 4 * index;
            let table = bytes.len();
            bytes[entry..entry + 4].copy_from_slice(&word(table - entry));
            bytes.extend(word(table - fields));
            bytes.extend(number.to_le_bytes());
            bytes.extend(4_u32.to_le_bytes());
            let name = name.unwrap_or_default();
            bytes.extend(word(name.len()));
            bytes.extend(name.as_bytes());
            bytes.resize(bytes.len().next_multiple_of(4) + 4, 0);
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_told_apart() {
        let source = write::model(&[0, 3], &["FlexReadFile", "Own"]);
        assert!(recognises(&source));
        let facts = read(&source).unwrap();
        assert_eq!((facts.version, facts.builtin), (3, 2));
        assert_eq!(facts.custom.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["FlexReadFile", "Own"]);
    }

    #[test]
    fn offsets_that_lead_nowhere_are_refused() {
        let source = write::model(&[0], &["Own"]);
        for place in 0..source.len() {
            let mut broken = source.clone();
            broken[place] ^= 0xff;
            let _ = read(&broken);
        }
        for (place, value) in [(0, u32::MAX), (20, 0x8000_0000), (32, u32::MAX)] {
            let mut broken = source.clone();
            broken[place..place + 4].copy_from_slice(&value.to_le_bytes());
            assert!(read(&broken).is_err(), "{place}");
        }
        assert!(read(&&source[..40]).is_err());
        assert!(read(&&b""[..]).is_err());
    }
}
