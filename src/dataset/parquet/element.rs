//! The elements of a schema, one behind another, each before its children.

use crate::dataset::Kind;
use crate::dataset::thrift::{Reader, Value};
use crate::weights::FormatError;

/// The physical types (`parquet.thrift`, "Type").
const TYPES: [(&str, Physical); 8] = [
    ("boolean", Physical::Boolean),
    ("int32", Physical::Int32),
    ("int64", Physical::Int64),
    ("int96", Physical::Int96),
    ("float", Physical::Float),
    ("double", Physical::Double),
    ("byte_array", Physical::Bytes),
    ("fixed_len_byte_array", Physical::Fixed),
];

/// How a value is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Physical {
    Boolean,
    Int32,
    Int64,
    Int96,
    Float,
    Double,
    Bytes,
    Fixed,
}

/// What a value means, where its bytes alone don't say it. Texts are not here: bytes that can be one are read as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    List,
    Map,
    Unsigned,
    Decimal,
    Date,
    Time(Unit),
    Timestamp { unit: Unit, utc: bool },
    Uuid,
    Float16,
}

/// What the numbers of times count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

/// How often something stands in what holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Repetition {
    #[default]
    Once,
    Optional,
    Repeated,
}

/// A part of the schema.
#[derive(Clone, Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) physical: Option<Physical>,
    /// The bytes of each value of a fixed length.
    pub(super) length: usize,
    pub(super) repetition: Repetition,
    pub(super) children: u64,
    pub(super) meaning: Option<Meaning>,
    pub(super) scale: u8,
    text: bool,
}

impl Element {
    /// Reads an element.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let mut element = Self::default();
        let mut logical = None;
        reader.fields(|reader, field, value| {
            match (field, value) {
                (1, Value::Number(number)) => element.physical = physical(number),
                (2, Value::Number(length)) => element.length = usize::try_from(length).unwrap_or_default(),
                (3, Value::Number(1)) => element.repetition = Repetition::Optional,
                (3, Value::Number(2)) => element.repetition = Repetition::Repeated,
                (4, Value::Bytes(name)) => element.name = String::from_utf8_lossy(name).into_owned(),
                (5, Value::Number(count)) => element.children = u64::try_from(count).unwrap_or_default(),
                (6, Value::Number(number)) => {
                    element.text |= number == 0;
                    element.meaning = converted(number);
                }
                (7, Value::Number(scale)) => element.scale = u8::try_from(scale).unwrap_or(u8::MAX),
                (10, Value::Struct) => logical = element.logical(reader)?,
                (_, value) => return reader.skip(value),
            }
            Ok(())
        })?;
        // The newer annotation says more.
        element.meaning = logical.or(element.meaning);
        Ok(element)
    }

    /// Reads the union of logical types.
    fn logical(&mut self, reader: &mut Reader<'_>) -> Result<Option<Meaning>, FormatError> {
        let mut meaning = None;
        reader.fields(|reader, field, value| {
            // A text is said so by its converted or its logical type.
            self.text |= field == 1;
            meaning = match (field, value) {
                (5, Value::Struct) => {
                    self.decimal(reader)?;
                    Some(Meaning::Decimal)
                }
                (7 | 8 | 10, Value::Struct) => detailed(reader, field)?,
                (field, value) => {
                    reader.skip(value)?;
                    plain(field)
                }
            };
            Ok(())
        })?;
        Ok(meaning)
    }

    /// Reads the scale, which stands in the element as well in older files.
    fn decimal(&mut self, reader: &mut Reader<'_>) -> Result<(), FormatError> {
        reader.fields(|reader, field, value| {
            if let (1, Value::Number(scale)) = (field, value) {
                self.scale = u8::try_from(scale).unwrap_or(u8::MAX);
            }
            reader.skip(value)
        })
    }

    /// Returns what the column is called in a BOM.
    pub(super) fn kind(&self) -> Kind {
        let stored = TYPES.iter().find(|(_, physical)| Some(*physical) == self.physical).map(|(name, _)| *name);
        Kind::Named(if self.text { "text" } else { stored.unwrap_or("unknown") }.to_owned())
    }
}

/// Finds a physical type by its number.
pub(super) fn physical(number: i64) -> Option<Physical> {
    usize::try_from(number).ok().and_then(|number| TYPES.get(number)).map(|(_, physical)| *physical)
}

/// The logical types without members that matter.
fn plain(field: i64) -> Option<Meaning> {
    Some(match field {
        2 => Meaning::Map,
        3 => Meaning::List,
        6 => Meaning::Date,
        14 => Meaning::Uuid,
        15 => Meaning::Float16,
        _ => return None,
    })
}

/// Reads times, and integers with their sign.
fn detailed(reader: &mut Reader<'_>, kind: i64) -> Result<Option<Meaning>, FormatError> {
    let (mut flag, mut unit) = (None, None);
    reader.fields(|reader, field, value| {
        match (field, value) {
            (1 | 2, Value::Truth(truth)) => flag = Some(truth),
            (2, Value::Struct) => {
                return reader.fields(|reader, field, value| {
                    unit = match field {
                        1 => Some(Unit::Milliseconds),
                        2 => Some(Unit::Microseconds),
                        _ => Some(Unit::Nanoseconds),
                    };
                    reader.skip(value)
                });
            }
            (_, value) => return reader.skip(value),
        }
        Ok(())
    })?;
    Ok(match kind {
        7 => unit.map(Meaning::Time),
        8 => unit.map(|unit| Meaning::Timestamp { unit, utc: flag == Some(true) }),
        _ => (flag == Some(false)).then_some(Meaning::Unsigned),
    })
}

/// The older annotations (`parquet.thrift`, `ConvertedType`).
fn converted(number: i64) -> Option<Meaning> {
    let timestamp = |unit| Meaning::Timestamp { unit, utc: true };
    Some(match number {
        1 | 2 => Meaning::Map,
        3 => Meaning::List,
        5 => Meaning::Decimal,
        6 => Meaning::Date,
        7 => Meaning::Time(Unit::Milliseconds),
        8 => Meaning::Time(Unit::Microseconds),
        9 => timestamp(Unit::Milliseconds),
        10 => timestamp(Unit::Microseconds),
        11..=14 => Meaning::Unsigned,
        _ => return None,
    })
}
