//! Inputs and outputs of an ONNX graph: names, types and shapes.

use crate::limits;
use crate::weights::FormatError;
use crate::weights::protobuf::{self, Value};
use crate::weights::reader::Reader;

use super::short;

/// The types of elements (`TensorProto.DataType`), from 1 on, in the words that safetensors has for them.
const TYPES: [&str; 23] = [
    "F32",
    "U8",
    "I8",
    "U16",
    "I16",
    "I32",
    "I64",
    "STRING",
    "BOOL",
    "F16",
    "F64",
    "U32",
    "U64",
    "C64",
    "C128",
    "BF16",
    "F8_E4M3",
    "F8_E4M3FNUZ",
    "F8_E5M2",
    "F8_E5M2FNUZ",
    "U4",
    "I4",
    "F4",
];

/// Returns the word for a type.
pub(super) fn type_name(number: u64) -> String {
    let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    index.and_then(|index| TYPES.get(index)).map_or_else(|| format!("type {number}"), |name| (*name).to_owned())
}

/// Reads packed numbers.
pub(super) fn packed(reader: &mut Reader<'_>, length: u64, each: &mut dyn FnMut(u64)) -> Result<(), FormatError> {
    let end = reader.narrow(length)?;
    while reader.left() > 0 {
        each(protobuf::varint(reader)?);
    }
    reader.widen(end);
    Ok(())
}

/// Reads a `ValueInfoProto` and adds it, up to as many as a document has room for.
pub(super) fn push(reader: &mut Reader<'_>, length: u64, values: &mut Vec<String>) -> Result<(), FormatError> {
    let (mut name, mut form) = (String::new(), String::new());
    protobuf::message(reader, length, &mut |reader, field| match (field.number, field.value) {
        (1, Value::Bytes(length)) => short(reader, length).map(|text| name = text),
        (2, Value::Bytes(length)) => {
            protobuf::message(reader, length, &mut |reader, field| match (field.number, field.value) {
                (1, Value::Bytes(length)) => tensor(reader, length).map(|text| form = text),
                _ => protobuf::pass(reader, field),
            })
        }
        _ => protobuf::pass(reader, field),
    })?;
    if values.len() < limits::NOTED_TEXTS {
        values.push(if form.is_empty() { name } else { format!("{name}: {form}") });
    }
    Ok(())
}

/// Reads a `TypeProto.Tensor` as `TYPE [SHAPE]`.
fn tensor(reader: &mut Reader<'_>, length: u64) -> Result<String, FormatError> {
    let (mut kind, mut shape) = (String::new(), Vec::new());
    protobuf::message(reader, length, &mut |reader, field| match (field.number, field.value) {
        (1, Value::Number(number)) => {
            kind = type_name(number);
            Ok(())
        }
        (2, Value::Bytes(length)) => {
            protobuf::message(reader, length, &mut |reader, field| match (field.number, field.value) {
                (1, Value::Bytes(length)) if shape.len() < 32 => {
                    shape.push(side(reader, length)?);
                    Ok(())
                }
                _ => protobuf::pass(reader, field),
            })
        }
        _ => protobuf::pass(reader, field),
    })?;
    Ok(format!("{kind} [{}]", shape.join(", ")))
}

/// Reads a `Dimension`: a number, or a name.
fn side(reader: &mut Reader<'_>, length: u64) -> Result<String, FormatError> {
    let mut side = "?".to_owned();
    protobuf::message(reader, length, &mut |reader, field| match (field.number, field.value) {
        (1, Value::Number(number)) => {
            side = number.to_string();
            Ok(())
        }
        (2, Value::Bytes(length)) => short(reader, length).map(|text| side = text),
        _ => protobuf::pass(reader, field),
    })?;
    Ok(side)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::protobuf::write::{bytes, number};

    #[test]
    fn a_value_is_named_with_type_and_shape() {
        let shape = [bytes(1, bytes(2, "batch")), bytes(1, number(1, 3))].concat();
        let kind = [number(1, 1), bytes(2, shape)].concat();
        let value = [bytes(1, "x"), bytes(2, bytes(1, kind))].concat();
        let mut values = Vec::new();
        push(&mut Reader::new(&value), value.len() as u64, &mut values).unwrap();
        assert_eq!(values, ["x: F32 [batch, 3]"]);
        assert_eq!(type_name(99), "type 99");
        for length in 1..value.len() {
            let cut = &value[..length];
            let _ = push(&mut Reader::new(&cut), length as u64, &mut values);
        }
    }
}
