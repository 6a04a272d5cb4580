//! NumPy arrays (`numpy.lib.format`) by their headers.

use crate::limits;
use crate::source::{ReadAt, exactly, fill};
use crate::weights::FormatError;
use crate::weights::summary::FileFacts;

const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// Reads the header of an array, if it is one.
pub fn read(source: &dyn ReadAt) -> Option<Result<FileFacts, FormatError>> {
    Some(header(source)?.map(|(facts, _)| facts))
}

/// Returns the facts of an array, and the place where its data begin.
fn header(source: &dyn ReadAt) -> Option<Result<(FileFacts, u64), FormatError>> {
    fill(source, 0, &mut [0; 6]).is_ok_and(|bytes| bytes == MAGIC).then(|| facts(source))
}

/// Reads the header of an array that is a file of its own, and looks whether as much data follows as it says.
pub fn whole(source: &dyn ReadAt) -> Option<Result<FileFacts, FormatError>> {
    let checked = |(facts, data): (FileFacts, u64)| {
        let claimed = facts.elements.first_key_value().and_then(|(kind, count)| size(kind)?.checked_mul(*count));
        match claimed {
            Some(bytes) if data.saturating_add(bytes) > source.len() => {
                Err(FormatError::malformed(source.len(), "the file ends before the array does"))
            }
            _ => Ok(facts),
        }
    };
    header(source).map(|read| read.and_then(checked))
}

/// Returns the bytes of an element of a plain type: `<f4` has 4; a character of `U` has 4 as well. Of a pickle nobody knows.
fn size(kind: &str) -> Option<u64> {
    let rest = kind.trim_start_matches(['<', '>', '|', '=']);
    let (letter, digits) = rest.split_at_checked(1)?;
    let number: u64 = digits.parse().ok()?;
    match letter {
        "b" | "i" | "u" | "f" | "c" | "S" | "V" => Some(number),
        "U" => number.checked_mul(4),
        "M" | "m" => Some(8),
        _ => None,
    }
}

fn facts(source: &dyn ReadAt) -> Result<(FileFacts, u64), FormatError> {
    let start = exactly(source, 0, 12)?;
    let (length, at) = match start.get(6..) {
        Some([1, 0, low, high, ..]) => (u32::from(u16::from_le_bytes([*low, *high])), 10),
        Some([2 | 3, 0, a, b, c, d]) => (u32::from_le_bytes([*a, *b, *c, *d]), 12),
        _ => return Err(FormatError::malformed(6, "there is no such version of an array")),
    };
    FormatError::bounded(length.into(), limits::NPY_HEADER_BYTES, "bytes of an array's header")?;
    let header = exactly(source, at, usize::try_from(length).unwrap_or(usize::MAX))?;
    let odd = || FormatError::malformed(at, "the header of an array is not as numpy writes it");
    let header = str::from_utf8(&header).map_err(|_| odd())?;
    let shape = between(header, "'shape': (", ")").and_then(numbers).ok_or_else(odd)?;
    let count = shape.iter().try_fold(1_u64, |product, size| product.checked_mul(*size)).ok_or_else(odd)?;
    let mut facts = FileFacts { tensors: Some(1), ..FileFacts::new("npy") };
    facts.version = start.get(6..8).map(|version| version.iter().map(u8::to_string).collect::<Vec<_>>().join("."));
    let kind = between(header, "'descr': '", "'").unwrap_or("structured");
    if !is_type(kind) {
        return Err(FormatError::malformed(at, "the array is of no type that numpy has"));
    }
    facts.elements.insert(kind.to_owned(), count);
    facts.largest = Some(("array".to_owned(), shape));
    Ok((facts, at.saturating_add(length.into())))
}

/// Says whether a word is one of numpy for a plain type, or ours for all others.
fn is_type(kind: &str) -> bool {
    let rest = kind.trim_start_matches(['<', '>', '|', '=']);
    kind == "structured" || rest.starts_with(['b', 'i', 'u', 'f', 'c', 'S', 'V', 'U', 'M', 'm', 'O'])
}

fn between<'t>(text: &'t str, before: &str, behind: &str) -> Option<&'t str> {
    Some(text.split_once(before)?.1.split_once(behind)?.0)
}

fn numbers(text: &str) -> Option<Vec<u64>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| part.trim_end_matches('L').parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn npy(header: &str) -> Vec<u8> {
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        [MAGIC, &b"\x01\x00"[..], &length, header.as_bytes()].concat()
    }

    #[test]
    fn type_and_shape_are_read() {
        let facts = read(&npy("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }\n")).unwrap().unwrap();
        assert_eq!((facts.version.as_deref(), facts.parameters()), (Some("1.0"), Some(12)));
        // A header alone is no file.
        assert!(whole(&npy("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }\n")).unwrap().is_err());
        assert!(whole(&npy("{'descr': '|O', 'fortran_order': False, 'shape': (3000, 4), }\n")).unwrap().is_ok());
        assert_eq!(facts.elements.keys().next().unwrap(), "<f8");
    }

    #[test]
    fn claims_cost_nothing_and_shapes_do_not_overflow() {
        let bomb = [MAGIC, &b"\x02\x00"[..], &u32::MAX.to_le_bytes()].concat();
        assert!(read(&bomb).unwrap().is_err());
        let large = npy(&format!("{{'descr': '<f8', 'shape': ({}, 2), }}\n", u64::MAX));
        assert!(read(&large).unwrap().is_err());
        assert!(read(&npy("{'descr': '<f8', 'shape': (x,), }\n")).unwrap().is_err());
    }
}
