//! Pickles by their first bytes: the protocol, and the class of the object. Nothing is unpickled.

use crate::limits;
use crate::source::{ReadAt, fill};
use crate::weights::FormatError;
use crate::weights::summary::FileFacts;

/// The magic number of PyTorch's files before 1.6, behind the protocol.
const TORCH: &[u8] = b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";
/// Where scikit-learn writes down its version.
const SKLEARN: &[u8] = b"_sklearn_version";

/// Reads the start of a pickle, if it is one.
pub fn read(source: &dyn ReadAt) -> Option<Result<FileFacts, FormatError>> {
    let mut buffer = vec![0; limits::PICKLE_HEAD_BYTES];
    let head = match fill(source, 0, &mut buffer) {
        Ok(head) => head,
        Err(error) => return Some(Err(error.into())),
    };
    let [0x80, protocol @ 2..=5, rest @ ..] = head else { return None };
    if rest.starts_with(TORCH) {
        return Some(Ok(FileFacts::new("pytorch-legacy")));
    }
    // A pickle ends with `STOP`, whatever raw arrays it has in it.
    let last = source.len().saturating_sub(1);
    if !fill(source, last, &mut [0]).is_ok_and(|last| last == b".") {
        return None;
    }
    let mut facts = FileFacts { version: Some(protocol.to_string()), ..FileFacts::new("pickle") };
    facts.architecture = class(rest);
    facts.producer = version(head).map(|version| format!("scikit-learn {version}"));
    Some(Ok(facts))
}

/// Returns the class that a pickle of protocol 4 or 5 names first: module and name, then `STACK_GLOBAL`.
fn class(mut rest: &[u8]) -> Option<String> {
    if let [0x95, _, _, _, _, _, _, _, _, behind @ ..] = rest {
        rest = behind;
    }
    let module = short_text(&mut rest)?;
    let name = short_text(&mut rest)?;
    rest.starts_with(b"\x93").then(|| format!("{module}.{name}"))
}

/// Reads `SHORT_BINUNICODE` and what memoises it.
fn short_text<'b>(rest: &mut &'b [u8]) -> Option<&'b str> {
    let [0x8c, length, behind @ ..] = *rest else { return None };
    let (text, behind) = behind.split_at_checked(usize::from(*length))?;
    *rest = behind.strip_prefix(b"\x94").unwrap_or(behind);
    str::from_utf8(text).ok().filter(|text| text.chars().all(|c| c.is_alphanumeric() || "._<>".contains(c)))
}

fn version(head: &[u8]) -> Option<&str> {
    let place = head.windows(SKLEARN.len()).rposition(|window| window == SKLEARN)?;
    let mut rest = head.get(place + SKLEARN.len()..)?;
    rest = rest.strip_prefix(b"\x94").unwrap_or(rest);
    short_text(&mut rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocol_class_and_version_are_read() {
        let bytes = b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x0fsklearn.linear_\x94\x8c\x05Model\x94\x93\x94)\x81\x94}\x94\x8c\x10_sklearn_version\x94\x8c\x051.7.2\x94sb.";
        let facts = read(&bytes.as_slice()).unwrap().unwrap();
        assert_eq!((facts.format, facts.version.as_deref()), ("pickle", Some("4")));
        assert_eq!(facts.architecture.as_deref(), Some("sklearn.linear_.Model"));
        assert_eq!(facts.producer.as_deref(), Some("scikit-learn 1.7.2"));
    }

    #[test]
    fn any_bytes_are_survived() {
        let bytes = b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\xffabc";
        for length in 0..bytes.len() {
            let _ = read(&&bytes[..length]);
        }
        assert!(read(&b"\x80\x09".as_slice()).is_none());
    }
}
