//! TensorFlow Lite (`schema.fbs`, version 3): which operators a model needs.

use crate::limits;
use crate::source::{ReadAt, fill};
use crate::weights::FormatError;
use crate::weights::flatbuffer::Table;

const IDENTIFIER: &[u8; 4] = b"TFL3";
/// The builtin operator that stands for all that are not builtin.
const CUSTOM: i32 = 32;

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
    Ok(facts)
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
