//! NumPy arrays (`numpy.lib.format`): a header in Python's notation, then numbers, or a pickle of objects.

use crate::path::TreePath;
use crate::scan::pickle::{self, Input, Machine, Persistence};
use crate::scan::{Check, Context, Format, Head, Sheet, Stop};
use crate::source::{self, ReadAt, Window};

/// What an array begins with.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";
/// Bytes of a header; numpy writes 128, and refuses more than 10,000 by itself.
const HEADER_BYTES: usize = 64 << 10;
/// Nested fields of a structured type.
const DEPTH: usize = 8;

/// One array.
pub(super) struct Npy;

impl Check for Npy {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        head.bytes.starts_with(MAGIC).then_some(Format::Npy)
    }

    fn scan(&self, source: &dyn ReadAt, _: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        let malformed = |what: &str| Stop::Malformed(MAGIC.len() as u64, what.to_owned());
        let start = source::exactly(source, 0, 12)?;
        let (length, data) = match start.get(6..) {
            Some([1, 0, low, high, ..]) => (u64::from(u16::from_le_bytes([*low, *high])), 10),
            Some([2 | 3, 0, a, b, c, d]) => (u64::from(u32::from_le_bytes([*a, *b, *c, *d])), 12),
            _ => return Err(malformed("there is no such version")),
        };
        let size = usize::try_from(length).ok().filter(|size| *size <= HEADER_BYTES);
        let header = source::exactly(source, data, size.ok_or_else(|| malformed("its header is too long"))?)?;
        let header = str::from_utf8(&header).ok().and_then(Header::read);
        let header = header.ok_or_else(|| malformed("its header is not as numpy writes it"))?;
        let data = data + length;
        if header.objects {
            let rest = Window::new(source, data, source.len() - data);
            let mut inner = Sheet::default();
            let mut input = Input::new(&rest);
            let mut machine = Machine::new(&mut input, &mut inner, context.allowance, Persistence::Refused);
            let ran = pickle::streams(&mut machine);
            sheet.merge("objects", inner);
            return ran;
        }
        if data.checked_add(header.bytes) == Some(source.len()) {
            return Ok(());
        }
        Err(Stop::Malformed(data, "its data is not as long as its header says".to_owned()))
    }
}

/// What a header says.
#[derive(Debug, PartialEq, Eq)]
struct Header {
    /// Elements are Python objects: a pickle follows.
    objects: bool,
    /// Bytes of the elements.
    bytes: u64,
}

/// The type of elements.
#[derive(Clone, Copy, Debug, Default)]
struct Element {
    bytes: u64,
    objects: bool,
}

impl Header {
    /// Reads `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`.
    fn read(text: &str) -> Option<Self> {
        let mut rest = text.trim_end().strip_prefix('{')?;
        let (mut element, mut count) = (None, None);
        while !rest.trim_start().starts_with('}') {
            let key = word(&mut rest)?;
            skip(&mut rest, ':')?;
            match key {
                "descr" if element.is_none() => element = Some(kind(&mut rest, 0)?),
                "shape" if count.is_none() => count = Some(shape(&mut rest)?),
                "fortran_order" => {
                    rest = rest.trim_start();
                    rest = rest.strip_prefix("False").or_else(|| rest.strip_prefix("True"))?;
                }
                _ => return None,
            }
            if skip(&mut rest, ',').is_none() {
                break;
            }
        }
        skip(&mut rest, '}')?;
        let element = element.filter(|_| rest.trim().is_empty())?;
        Some(Self { objects: element.objects, bytes: element.bytes.checked_mul(count?)? })
    }
}

fn skip(rest: &mut &str, character: char) -> Option<()> {
    *rest = rest.trim_start().strip_prefix(character)?;
    Some(())
}

/// Reads a text in single quotes, without escapes.
fn word<'t>(rest: &mut &'t str) -> Option<&'t str> {
    let (word, behind) = rest.trim_start().strip_prefix('\'')?.split_once('\'')?;
    *rest = behind;
    (!word.contains('\\')).then_some(word)
}

fn number(rest: &mut &str) -> Option<u64> {
    let text = rest.trim_start();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, behind) = text.split_at_checked(end)?;
    *rest = behind.strip_prefix('L').unwrap_or(behind);
    digits.parse().ok()
}

/// Reads a tuple of sides and multiplies them.
fn shape(rest: &mut &str) -> Option<u64> {
    skip(rest, '(')?;
    let mut count = 1_u64;
    loop {
        if skip(rest, ')').is_some() {
            return Some(count);
        }
        count = count.checked_mul(number(rest)?)?;
        if skip(rest, ',').is_none() {
            return skip(rest, ')').map(|()| count);
        }
    }
}

/// Reads a type: `'<f8'`, or a list of fields `('name', type)` or `('name', type, shape)`.
fn kind(rest: &mut &str, depth: usize) -> Option<Element> {
    if skip(rest, '[').is_none() {
        return plain(word(rest)?);
    }
    let mut sum = Element::default();
    while skip(rest, ']').is_none() {
        if depth == DEPTH {
            return None;
        }
        skip(rest, '(')?;
        word(rest)?;
        skip(rest, ',')?;
        let field = kind(rest, depth + 1)?;
        let count = if skip(rest, ',').is_some() && !rest.trim_start().starts_with(')') { shape(rest)? } else { 1 };
        skip(rest, ')')?;
        sum.bytes = sum.bytes.checked_add(field.bytes.checked_mul(count)?)?;
        sum.objects |= field.objects;
        let _ = skip(rest, ',');
    }
    Some(sum)
}

fn plain(code: &str) -> Option<Element> {
    let code = code.strip_prefix(['<', '>', '|', '=']).unwrap_or(code);
    let code = code.split_once('[').map_or(code, |(code, _unit)| code);
    let (letter, size) = code.split_at_checked(1)?;
    let size = if size.is_empty() { None } else { Some(size.parse::<u64>().ok()?) };
    match letter {
        "O" => Some(Element { bytes: 8, objects: true }),
        "b" | "i" | "u" | "f" | "c" | "M" | "m" | "S" | "a" | "V" => Some(Element { bytes: size?, objects: false }),
        "?" => Some(Element { bytes: 1, objects: false }),
        "U" => Some(Element { bytes: size?.checked_mul(4)?, objects: false }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Rating;
    use crate::scan::test_support::scan;

    fn npy(header: &str, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        [MAGIC, b"\x01\x00", &length, header.as_bytes(), data].concat()
    }

    #[test]
    fn headers_are_read_as_numpy_writes_them() {
        for (text, objects, bytes) in [
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }   \n", false, 96),
            ("{'descr': '|O', 'fortran_order': True, 'shape': (3,), }\n", true, 24),
            ("{'descr': '<U5', 'fortran_order': False, 'shape': (), }\n", false, 20),
            ("{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (2,)}\n", false, 16),
            ("{'descr': [('a', '<i4'), ('b', '<f8', (2,))], 'fortran_order': False, 'shape': (2,), }\n", false, 40),
            ("{'descr': [('a', [('b', '|O')])], 'fortran_order': False, 'shape': (1,), }\n", true, 8),
        ] {
            assert_eq!(Header::read(text), Some(Header { objects, bytes }), "{text}");
        }
        for text in
            ["", "{}", "{'descr': __import__('os'), 'shape': ()}", "{'descr': '<f8', 'shape': (3,), 'shape': (4,)}"]
        {
            assert_eq!(Header::read(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_clean_and_objects_are_scanned() {
        let numbers = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n";
        let objects = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n";
        assert_eq!(scan("a.npy", &npy(numbers, &[0; 8])).rating, Rating::Clean);
        assert_eq!(scan("a.npy", &npy(numbers, &[0; 9])).rating, Rating::Unknown);
        assert_eq!(scan("a.npy", &npy(objects, b"\x80\x02N.")).rating, Rating::Clean);
        assert_eq!(scan("a.npy", &npy(objects, b"cos\nsystem\n(S'true'\ntR.")).rating, Rating::Malicious);
        assert_eq!(scan("a.npy", b"\x93NUMPY\x09\x00").rating, Rating::Unknown);
    }
}
