//! SentencePiece models (`sentencepiece_model.proto`): pieces of text with scores, and how they were trained.

use crate::source::ReadAt;
use crate::weights::FormatError;
use crate::weights::protobuf::{self, Value};
use crate::weights::reader::Reader;

/// Says whether a source starts as a SentencePiece model: a piece, with a text and a score.
pub fn recognises(source: &dyn ReadAt) -> bool {
    let mut reader = Reader::new(source);
    match protobuf::field(&mut reader) {
        Ok(Some(field)) if field.number == 1 => match field.value {
            Value::Bytes(length) => piece(&mut reader, length).is_ok_and(|whole| whole),
            Value::Number(_) | Value::Fixed => false,
        },
        _ => false,
    }
}

/// Reads a model to its end and returns how many pieces it has.
pub fn read(source: &dyn ReadAt) -> Result<u64, FormatError> {
    let mut reader = Reader::new(source);
    let mut pieces = 0;
    let length = source.len();
    protobuf::message(&mut reader, length, &mut |reader, field| match (field.number, field.value) {
        (1, Value::Bytes(length)) => {
            pieces += 1;
            let place = reader.offset();
            if piece(reader, length)? { Ok(()) } else { Err(FormatError::malformed(place, "a piece has no text")) }
        }
        (2..=5, Value::Bytes(length)) => reader.skip(length),
        _ => Err(reader.fault(format!("the unknown field {} of a SentencePiece model", field.number))),
    })?;
    Ok(pieces)
}

/// Reads a piece, and says whether it has text and score and nothing unknown.
fn piece(reader: &mut Reader<'_>, length: u64) -> Result<bool, FormatError> {
    let (mut text, mut score, mut other) = (false, false, false);
    protobuf::message(reader, length, &mut |reader, field| {
        match (field.number, field.value) {
            (1, Value::Bytes(_)) => text = true,
            (2, Value::Fixed) => score = true,
            (3, Value::Number(_)) => {}
            _ => other = true,
        }
        protobuf::pass(reader, field)
    })?;
    Ok(text && score && !other)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::weights::protobuf::write::{bytes, number};

    /// Writes a model of two pieces.
    pub(crate) fn model() -> Vec<u8> {
        let piece = |text: &str| bytes(1, [bytes(1, text), vec![0x15, 0, 0, 0, 0], number(3, 1)].concat());
        [piece("<unk>"), piece("a"), bytes(2, number(3, 1)), bytes(3, bytes(1, "nmt_nfkc"))].concat()
    }

    #[test]
    fn pieces_are_counted() {
        assert!(recognises(&model()));
        assert_eq!(read(&model()).unwrap(), 2);
    }

    #[test]
    fn other_fields_and_other_bytes_are_refused() {
        assert!(read(&[model(), bytes(9, "x")].concat()).is_err());
        assert!(read(&[model(), vec![0xff]].concat()).is_err());
        for other in [&b""[..], b"hello", &[0x0a, 2, 0x0a, 0]] {
            assert!(!recognises(&other));
        }
    }
}
