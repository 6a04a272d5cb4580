//! Pickles by their first bytes: the protocol, and the class of the object. Nothing is unpickled.

use crate::limits;
use crate::source::{ReadAt, fill};
use crate::weights::FormatError;
use crate::weights::packing::{self, Unpacked};
use crate::weights::pickle_steps::{Step, Steps};
use crate::weights::summary::FileFacts;

/// The magic number of PyTorch's files before 1.6, behind the protocol.
const TORCH: &[u8] = b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";
/// Where scikit-learn writes down its version.
const SKLEARN: &[u8] = b"_sklearn_version";
/// Instructions after which it is no chance that a long file reads as a pickle.
const CHANCE: usize = 16;

/// Reads the start of a pickle, if it is one. One that is packed as a whole, as joblib does, is read like any other.
pub fn read(source: &dyn ReadAt) -> Option<Result<FileFacts, FormatError>> {
    let mut buffer = vec![0; limits::PICKLE_HEAD_BYTES];
    let head = match fill(source, 0, &mut buffer) {
        Ok(head) => head,
        Err(error) => return Some(Err(error.into())),
    };
    if let [0x80, 2..=5, rest @ ..] = head
        && rest.starts_with(TORCH)
    {
        return Some(Ok(FileFacts::new("pytorch-legacy")));
    }
    // A pickle ends with `STOP`, whatever raw arrays it has in it.
    let mut buffer = vec![0; limits::PICKLE_HEAD_BYTES];
    let start = source.len().saturating_sub(buffer.len() as u64);
    let tail = fill(source, start, &mut buffer).unwrap_or_default();
    if tail.last() == Some(&b'.')
        && let Some(facts) = facts(head, tail, source.len() <= head.len() as u64)
    {
        return Some(Ok(facts));
    }
    packing::unpack(source).and_then(|unpacked| packed(&unpacked)).map(Ok)
}

/// Reads the start of a pickle that was packed.
fn packed(unpacked: &Unpacked) -> Option<FileFacts> {
    let Unpacked { packing, bytes, whole } = unpacked;
    if *whole && bytes.last() != Some(&b'.') {
        return None;
    }
    let mut facts = facts(bytes, bytes, *whole)?;
    facts.note("packed", packing.as_str());
    Some(facts)
}

/// Returns the facts of a pickle by its beginning and its end, if it is one.
fn facts(head: &[u8], tail: &[u8], whole: bool) -> Option<FileFacts> {
    let (protocol, class) = match head {
        [0x80, protocol @ 4..=5, rest @ ..] => (*protocol, class(rest)),
        [0x80, protocol @ 2..=3, rest @ ..] => (*protocol, walk(rest).class),
        _ => {
            let walked = walk(head);
            (walked.protocol_before_2(whole)?, walked.class)
        }
    };
    let producer = match version(head).or_else(|| version(tail)) {
        Some(version) => Some(format!("scikit-learn {version}")),
        None => class.as_ref().filter(|class| class.starts_with("sklearn.")).map(|_| "scikit-learn".to_owned()),
    };
    let version = Some(protocol.to_string());
    Some(FileFacts { version, architecture: class, producer, ..FileFacts::new("pickle") })
}

/// What instructions say.
#[derive(Default)]
struct Walked {
    class: Option<String>,
    count: usize,
    /// Something is imported, or kept under a number: much text begins with what could be an instruction, and does neither.
    acts: bool,
    /// The protocol that has all of them.
    protocol: u8,
    end: End,
}

/// Where instructions end.
#[derive(Default, PartialEq)]
enum End {
    /// Where the bytes do.
    #[default]
    Cut,
    /// With `STOP`.
    Stop,
    /// With what is none.
    Unknown,
}

impl Walked {
    /// Returns the protocol of a pickle that does not name it, if it is one.
    fn protocol_before_2(&self, whole: bool) -> Option<u8> {
        let read = match self.end {
            End::Stop => true,
            End::Cut => !whole && self.count >= CHANCE,
            End::Unknown => false,
        };
        (read && self.acts && self.protocol < 2).then_some(self.protocol)
    }

    /// Takes an instruction; says whether the next one may follow.
    fn take(&mut self, code: u8, argument: &[u8]) -> Result<(), End> {
        self.count += 1;
        self.protocol = self.protocol.max(protocol(code));
        match code {
            b'.' => return Err(End::Stop),
            b'c' | b'i' => {
                let names = str::from_utf8(argument).ok().and_then(|names| names.split_once('\n'));
                let names = names.filter(|(module, name)| is_name(module) && is_name(name)).ok_or(End::Unknown)?;
                self.acts = true;
                self.class = self.class.take().or_else(|| class_of(names));
            }
            b'p' | b'g' if !argument.iter().all(u8::is_ascii_digit) => return Err(End::Unknown),
            b'p' | b'q' | b'r' => self.acts = true,
            _ => {}
        }
        Ok(())
    }
}

/// Returns the first protocol that has an instruction; of those that came with 2 and later, 2.
fn protocol(code: u8) -> u8 {
    match code {
        b'G' | b'J' | b'K' | b'M' | b'T' | b'U' | b'X' | b'h' | b'j' | b'q' | b'r' | b']' | b'}' | b')' | b'e'
        | b'u' => 1,
        0x80.. | b'B' | b'C' => 2,
        _ => 0,
    }
}

/// Goes through the first stream of a pickle of a protocol before 4.
fn walk(bytes: &[u8]) -> Walked {
    let (mut steps, mut walked) = (Steps::new(bytes), Walked::default());
    loop {
        let taken = match steps.next() {
            Step::Whole(code, argument) => walked.take(code, argument),
            Step::Cut => Err(End::Cut),
            Step::Unknown => Err(End::Unknown),
        };
        if let Err(end) = taken {
            return Walked { end, ..walked };
        }
    }
}

/// Returns the class that an instruction imports, unless it is one by which pickles make others.
fn class_of((module, name): (&str, &str)) -> Option<String> {
    let makes_others = ["copy_reg", "copyreg", "__builtin__", "builtins"].contains(&module);
    (!makes_others).then(|| format!("{module}.{name}"))
}

/// Returns the class that a pickle of protocol 4 or 5 names first: module and name, then `STACK_GLOBAL`.
fn class(mut rest: &[u8]) -> Option<String> {
    if let [0x95, _, _, _, _, _, _, _, _, behind @ ..] = rest {
        rest = behind;
    }
    let module = text(&mut rest).filter(|text| is_name(text))?;
    let name = text(&mut rest).filter(|text| is_name(text))?;
    rest.starts_with(b"\x93").then(|| format!("{module}.{name}"))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "._<>".contains(c))
}

/// Reads a short text of any protocol, and what memoises it.
fn text<'b>(rest: &mut &'b [u8]) -> Option<&'b str> {
    let (text, behind) = match *rest {
        [0x8c, length, behind @ ..] | [b'X', length, 0, 0, 0, behind @ ..] => {
            behind.split_at_checked(usize::from(*length))?
        }
        [b'V', behind @ ..] => {
            let end = behind.iter().take(256).position(|byte| *byte == b'\n')?;
            (behind.get(..end)?, behind.get(end + 1..)?)
        }
        _ => return None,
    };
    *rest = unmemoised(behind);
    str::from_utf8(text).ok()
}

/// Passes over what keeps a value under a number.
fn unmemoised(rest: &[u8]) -> &[u8] {
    match rest {
        [0x94, behind @ ..] | [b'q', _, behind @ ..] | [b'r', _, _, _, _, behind @ ..] => behind,
        [b'p', digits @ ..] => {
            let end = digits.iter().take(20).position(|byte| *byte == b'\n');
            end.and_then(|end| digits.get(end + 1..)).unwrap_or(rest)
        }
        _ => rest,
    }
}

fn version(bytes: &[u8]) -> Option<&str> {
    let place = bytes.windows(SKLEARN.len()).rposition(|window| window == SKLEARN)?;
    let rest = bytes.get(place + SKLEARN.len()..)?;
    let mut rest = unmemoised(rest.strip_prefix(b"\n").unwrap_or(rest));
    text(&mut rest).filter(|text| is_name(text))
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

    #[test]
    fn old_protocols_are_known_by_what_they_do() {
        let zero = b"ccopy_reg\n_reconstructor\np0\n(csklearn.svm\nSVC\np1\nc__builtin__\nobject\np2\nNtp3\nRp4\n(dp5\nV_sklearn_version\np6\nV1.9.1\np7\nsb.";
        let one = b"ccopy_reg\n_reconstructor\nq\x00(csklearn.svm\nSVC\nq\x01c__builtin__\nobject\nq\x02Ntq\x03Rq\x04}q\x05X\x10\0\0\0_sklearn_versionq\x06X\x05\0\0\x001.9.1q\x07sb.";
        let two = b"\x80\x02csklearn.svm\nSVC\nq\x00)\x81q\x01}q\x02X\x10\0\0\0_sklearn_versionq\x03X\x05\0\0\x001.9.1q\x04sb.";
        for (protocol, bytes) in [("0", zero.as_slice()), ("1", one), ("2", two)] {
            let facts = read(&bytes).unwrap().unwrap();
            assert_eq!((facts.format, facts.version.as_deref()), ("pickle", Some(protocol)));
            assert_eq!(facts.architecture.as_deref(), Some("sklearn.svm.SVC"), "{protocol}");
            assert_eq!(facts.producer.as_deref(), Some("scikit-learn 1.9.1"), "{protocol}");
        }
    }

    #[test]
    fn text_is_no_pickle() {
        for text in
            ["N.", "I1\n.", "(see above).", "license: mit.", "a.", "pip install\n.", "0.", "copy me\nto there\n."]
        {
            assert!(read(&text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_packed_is_read_like_any_other() {
        use std::io::Write;
        let pickle = b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x0fsklearn.linear_\x94\x8c\x05Model\x94\x93\x94)\x81\x94}\x94\x8c\x10_sklearn_version\x94\x8c\x051.7.2\x94sb.";
        let packed = |bytes: &[u8]| {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(3));
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        };
        let facts = read(&packed(pickle)).unwrap().unwrap();
        assert_eq!((facts.format, facts.version.as_deref()), ("pickle", Some("4")));
        assert_eq!(facts.producer.as_deref(), Some("scikit-learn 1.7.2"));
        assert_eq!(facts.metadata["packed"], "zlib");
        assert!(read(&packed(b"a,b\n1,2\n")).is_none());
        // A bomb costs no more than its beginning.
        assert!(read(&packed(&vec![0; 64 << 20])).is_none());
    }

    #[test]
    fn whatever_is_changed_is_survived() {
        let pickle = b"ccopy_reg\n_reconstructor\nq\x00(csklearn.svm\nSVC\nq\x01c__builtin__\nobject\nq\x02Ntq\x03Rq\x04}q\x05X\x10\0\0\0_sklearn_versionq\x06X\x05\0\0\x001.9.1q\x07sb.";
        for at in 0..pickle.len() {
            for byte in 0..=u8::MAX {
                let mut changed = pickle.to_vec();
                changed[at] = byte;
                drop(read(&changed));
            }
            drop(read(&&pickle[..at]));
        }
    }
}
