//! Files that are two formats at once, and files whose name says another format than their content.

use memchr::memmem;

use crate::limits;
use crate::scan::{Format, Head, Observation, Rating, Reason, Sheet, Stop, unread};
use crate::source::{ReadAt, exactly, fill};
use crate::weights;

/// What the end of a zip archive begins with, and its size without a comment.
const ZIP_END: &[u8; 4] = b"PK\x05\x06";
const ZIP_END_BYTES: usize = 22;
/// Formats that are archives: their own check sees to every byte.
const ARCHIVES: [Format; 5] = [Format::Keras, Format::Npz, Format::PytorchZip, Format::Skops, Format::Zip];
/// Bytes at the start of a file in which readers of PDF look for their mark.
const PDF_BYTES: usize = 1024;

/// Extensions that stand for one format each; the content of such a file must be of it.
const CLAIMS: &[(&str, &[Format])] = &[
    ("safetensors", &[Format::Safetensors]),
    ("gguf", &[Format::Gguf]),
    ("onnx", &[Format::Onnx]),
    ("tflite", &[Format::TfLite]),
    ("h5", &[Format::Hdf5]),
    ("hdf5", &[Format::Hdf5]),
    ("json", &[Format::Json, Format::KerasConfiguration, Format::Notebook]),
    ("ipynb", &[Format::Notebook]),
    ("txt", &[Format::Text, Format::Environment, Format::Json]),
    ("md", &[Format::Text]),
    ("csv", &[Format::Text]),
    ("png", &[Format::Image]),
    ("jpg", &[Format::Image]),
    ("jpeg", &[Format::Image]),
    ("gif", &[Format::Image]),
    ("webp", &[Format::Image]),
    ("parquet", &[Format::Table]),
    ("arrow", &[Format::Table]),
];

/// Compares the name of a file with its content.
pub(super) fn compare_name(head: &Head<'_>, format: Format, sheet: &mut Sheet) {
    let extension = head.extension();
    let Some((_, formats)) = CLAIMS.iter().find(|(claim, _)| *claim == extension) else { return };
    if formats.contains(&format) || matches!(format, Format::Unknown | Format::Empty) {
        return;
    }
    // Text is what a pointer to a file kept elsewhere looks like: the model itself is not here.
    let rating = if format.best() == Rating::Inert { Rating::Unknown } else { Rating::Suspicious };
    let summary = format!("its name says `.{extension}`, its content says {format}");
    sheet.report(Observation::new(Reason::WrongExtension, rating, summary));
}

/// Looks for a second format in a file.
pub(super) fn look(source: &dyn ReadAt, head: &Head<'_>, format: Format, sheet: &mut Sheet) -> Result<(), Stop> {
    let mut report = |offset: u64, what: &str| {
        let summary = format!("it is {what} too: another reader sees another file");
        sheet.report(Observation::new(Reason::Polyglot, Rating::Suspicious, summary).at(offset));
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
    let start = head.bytes.get(..PDF_BYTES.min(head.bytes.len())).unwrap_or_default();
    let pdf = memmem::find(start, b"%PDF-");
    if let Some(offset) = pdf.filter(|_| format != Format::Unknown && head.bytes.contains(&0)) {
        report(offset as u64, "a PDF document");
    }
    Ok(())
}

/// Returns where a zip archive ends, if the file ends with it.
fn zip_end(source: &dyn ReadAt) -> Result<Option<u64>, Stop> {
    let count = source.len().min(limits::ZIP_END_BYTES);
    let start = source.len() - count;
    let bytes = exactly(source, start, usize::try_from(count).unwrap_or(usize::MAX))?;
    let found = memmem::rfind_iter(&bytes, ZIP_END).find(|at| match bytes.get(*at..at + ZIP_END_BYTES) {
        Some([.., low, high]) => at + ZIP_END_BYTES + usize::from(u16::from_le_bytes([*low, *high])) == bytes.len(),
        _ => false,
    });
    Ok(found.map(|at| start + at as u64))
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
    fn names_are_compared_with_content() {
        let gguf = weights::gguf::write::file(&[], &[], 0);
        assert_eq!(reasons("a.safetensors", &gguf), [(Reason::WrongExtension, Rating::Suspicious)]);
        assert_eq!(reasons("a.txt", &gguf), [(Reason::WrongExtension, Rating::Suspicious)]);
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
        assert_eq!(reasons("a.safetensors", pointer), [(Reason::WrongExtension, Rating::Unknown)]);
        assert_eq!(reasons("a.bin", &gguf), []);
        assert_eq!(reasons("a.safetensors", b""), []);
    }
}
