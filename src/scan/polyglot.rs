//! Files that are two formats at once.

use memchr::memmem;

use crate::limits;
use crate::scan::{Format, Head, Observation, Rating, Reason, Sheet, Stop, pickle, unread};
use crate::source::{ReadAt, exactly, fill};
use crate::weights;

/// What the end of a zip archive begins with, and its size without a comment.
const ZIP_END: &[u8; 4] = b"PK\x05\x06";
const ZIP_END_BYTES: usize = 22;
/// Formats that are archives: their own check sees to every byte.
const ARCHIVES: [Format; 5] = [Format::Keras, Format::Npz, Format::PytorchZip, Format::Skops, Format::Zip];
/// What stands before the end of a large archive, and its size; what an entry of the directory begins with.
const ZIP_LOCATOR: &[u8; 4] = b"PK\x06\x07";
const ZIP_LOCATOR_BYTES: u64 = 20;
const ZIP_ENTRY: &[u8; 4] = b"PK\x01\x02";
/// Formats that are a pickle themselves, and those for which text is taken only if it is none.
const NO_HIDDEN_PICKLE: [Format; 10] = [
    Format::Unknown,
    Format::Empty,
    Format::Pickle,
    Format::PytorchLegacy,
    Format::ChatTemplate,
    Format::Environment,
    Format::Markup,
    Format::SourceCode,
    Format::Text,
    Format::Yaml,
];
/// Bytes at the start of a file in which readers of PDF look for their mark.
const PDF_BYTES: usize = 1024;

/// Looks for a second format in a file.
pub(super) fn look(source: &dyn ReadAt, head: &Head<'_>, format: Format, sheet: &mut Sheet) -> Result<(), Stop> {
    // What is known as nothing else is that format behind bytes that its readers pass over.
    let rating = if format == Format::Unknown { Rating::Unknown } else { Rating::Suspicious };
    let mut report = |offset: u64, what: &str| {
        let summary = format!("it is {what} too: another reader sees another file");
        sheet.report(Observation::new(Reason::Polyglot, rating, summary).at(offset));
    };
    if !ARCHIVES.contains(&format)
        && let Some(offset) = zip_end(source)?
    {
        report(offset, "a zip archive");
    }
    let inside = weights::hdf5::start(source).filter(|_| format != Format::Hdf5);
    if let Some(offset) = inside {
        report(offset, "an HDF5 file");
    }
    // PyTorch asks for a tar before it reads a pickle.
    if format != Format::Tar && unread::is_tar(head.bytes) {
        report(0, "a tar archive");
    }
    let pickle = (!NO_HIDDEN_PICKLE.contains(&format)).then(|| pickle::hidden(head)).flatten();
    if pickle.is_some() {
        report(0, "a pickle");
    }
    if let Some(offset) = pdf(head.bytes).filter(|_| format != Format::Unknown && head.bytes.contains(&0)) {
        report(offset as u64, "a PDF document");
    }
    if let Some(inner) = pickle {
        sheet.merge("pickle", inner);
    }
    Ok(())
}

/// Returns where a zip archive ends whose last record a reader finds from the end of the file. Many pass over what
/// the record says of its comment, Python's `zipfile` among them: what counts is that there is a directory.
fn zip_end(source: &dyn ReadAt) -> Result<Option<u64>, Stop> {
    let count = source.len().min(limits::ZIP_END_BYTES);
    let start = source.len() - count;
    let bytes = exactly(source, start, usize::try_from(count).unwrap_or(usize::MAX))?;
    let found = memmem::rfind_iter(&bytes, ZIP_END).find(|at| match bytes.get(*at..at + ZIP_END_BYTES) {
        Some(record @ [.., low, high]) => {
            let comment = usize::from(u16::from_le_bytes([*low, *high]));
            at + ZIP_END_BYTES + comment == bytes.len() || has_directory(source, start + *at as u64, record)
        }
        _ => false,
    });
    Ok(found.map(|at| start + at as u64))
}

/// Says whether the last record of an archive has a directory before it, or where it says.
fn has_directory(source: &dyn ReadAt, at: u64, record: &[u8]) -> bool {
    let number = |from: usize| {
        let bytes = record.get(from..from + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map(u32::from_le_bytes).map_or(u64::MAX, u64::from)
    };
    let (size, offset) = (number(12), number(16));
    let before = |bytes: u64, mark: &[u8]| at.checked_sub(bytes).is_some_and(|place| has(source, place, mark));
    before(ZIP_LOCATOR_BYTES, ZIP_LOCATOR) || before(size, ZIP_ENTRY) || has(source, offset, ZIP_ENTRY)
}

/// Returns where readers of PDF see the beginning of a document.
pub(super) fn pdf(bytes: &[u8]) -> Option<usize> {
    memmem::find(bytes.get(..PDF_BYTES.min(bytes.len())).unwrap_or_default(), b"%PDF-")
}

/// Says whether a source has these bytes at a place.
pub(super) fn has(source: &dyn ReadAt, offset: u64, bytes: &[u8]) -> bool {
    fill(source, offset, &mut vec![0; bytes.len()]).is_ok_and(|read| read == bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::test_support::scan;

    const ONE: &str = r#"{"a":{"dtype":"U8","shape":[2048],"data_offsets":[0,2048]}}"#;

    fn weights_with(data: &[u8]) -> Vec<u8> {
        let mut bytes = [&(ONE.len() as u64).to_le_bytes()[..], ONE.as_bytes()].concat();
        let start = bytes.len();
        bytes.resize(start + 2048, 7);
        let at = bytes.len() - data.len();
        bytes[at..].copy_from_slice(data);
        bytes
    }

    fn reasons(name: &str, bytes: &[u8]) -> Vec<(Reason, Rating)> {
        scan(name, bytes).observations.iter().map(|seen| (seen.reason, seen.rating)).collect()
    }

    fn zip(comment: &[u8]) -> Vec<u8> {
        [&ZIP_END[..], &[0; 16], &u16::try_from(comment.len()).unwrap().to_le_bytes(), comment].concat()
    }

    #[test]
    fn a_second_format_is_suspicious() {
        assert_eq!(reasons("a.safetensors", &weights_with(b"")), []);
        assert_eq!(reasons("a.safetensors", &weights_with(&zip(b""))), [(Reason::Polyglot, Rating::Suspicious)]);
        assert_eq!(reasons("a.safetensors", &weights_with(&zip(b"comment"))), [(Reason::Polyglot, Rating::Suspicious)]);
        let mut twice = weights_with(b"");
        twice[1024..1032].copy_from_slice(b"\x89HDF\r\n\x1a\n");
        assert_eq!(reasons("a.safetensors", &twice), [(Reason::Polyglot, Rating::Suspicious)]);
        let mut pdf = weights_with(b"");
        pdf[500..505].copy_from_slice(b"%PDF-");
        assert_eq!(reasons("a.safetensors", &pdf), [(Reason::Polyglot, Rating::Suspicious)]);
        assert!(!scan("a.txt", &[b"text".to_vec(), zip(b"")].concat()).rating.passes());
    }

    #[test]
    fn marks_in_the_middle_are_data() {
        assert_eq!(reasons("a.safetensors", &weights_with(&[zip(b""), b"more".to_vec()].concat())), []);
        assert_eq!(reasons("a.md", b"see %PDF- for PDF"), []);
    }

    #[test]
    fn a_zip_is_found_whatever_its_comment_claims() {
        use std::io::Write;
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        writer.start_file("config.json", zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(b"{}").unwrap();
        let archive = writer.finish().unwrap().into_inner();
        for comment in [0_u16, 7, 40, 60, 3000] {
            let mut archive = archive.clone();
            let at = archive.len() - 2;
            archive[at..].copy_from_slice(&comment.to_le_bytes());
            let bytes = weights_with(&[&archive[..], &b"tail ".repeat(10)].concat());
            assert_eq!(reasons("a.keras", &bytes)[0].0, Reason::WrongExtension);
            assert_eq!(reasons("a.safetensors", &bytes), [(Reason::Polyglot, Rating::Suspicious)], "{comment}");
        }
    }

    const ATTACK: &[u8] = b"cos\nsystem\n(S'true'\ntR.";

    /// safetensors the length of whose header is a `V`, which reads up to the line feed before the last brace.
    fn weights_and_pickle(data: &[u8]) -> Vec<u8> {
        const LENGTH: usize = 0x4756;
        let header = format!(r#"{{"a":{{"dtype":"U8","shape":[{0}],"data_offsets":[0,{0}]}}"#, data.len());
        let header = format!("{header:0$}\n}}", LENGTH - 2);
        [&(LENGTH as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
    }

    /// ONNX whose version is a mark and `N`, and whose description is a pickle.
    fn graph_and_pickle() -> Vec<u8> {
        let mut text = [b"'xxxx'\n", ATTACK].concat();
        text.resize(usize::from(b'S'), b'z');
        [&b"(N2S"[..], &text, &weights::onnx::write::model(&weights::onnx::write::graph(&[], &[]), &[])].concat()
    }

    #[test]
    fn a_pickle_at_the_first_byte_is_found_in_any_format() {
        for (bytes, format) in [(weights_and_pickle(ATTACK), Format::Safetensors), (graph_and_pickle(), Format::Onnx)] {
            for name in ["m.pkl", "m.pt", "m.joblib", "m.bin", "m"] {
                let scan = scan(name, &bytes);
                assert_eq!((scan.format, scan.rating), (format, Rating::Malicious), "{name}");
                assert!(scan.observations.iter().any(|seen| seen.reason == Reason::Polyglot), "{name}");
            }
        }
    }

    #[test]
    fn a_hidden_pickle_that_only_imports_or_stops_the_reader_is_found() {
        for data in [&b"cantigravity\nx\n."[..], b"\x95\x02\0\0\0\0\0\0\0B\x01\0\0\0\0."] {
            assert_eq!(reasons("a", &weights_and_pickle(data))[0], (Reason::Polyglot, Rating::Suspicious));
        }
        for data in [&b"N."[..], b"\0\0", b"cno name\nx y\n\0"] {
            assert_eq!(reasons("a", &weights_and_pickle(data)), [], "{}", data.escape_ascii());
        }
    }
}
