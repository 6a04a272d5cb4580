//! Formats of weights that are zip files: PyTorch since 1.6, Keras 3, NumPy's `npz`.

use std::borrow::Cow;
use std::io::Read;

use zip::{CompressionMethod, ZipArchive};

use crate::limits;
use crate::source::{Cursor, ReadAt, Window, exactly, fill};
use crate::weights::summary::{FileFacts, class_name, of_hdf5};
use crate::weights::{FormatError, hdf5};

/// The types of PyTorch's storages: the class, our word, bytes of an element.
const STORAGES: [(&str, &str, u64); 10] = [
    ("FloatStorage", "F32", 4),
    ("HalfStorage", "F16", 2),
    ("BFloat16Storage", "BF16", 2),
    ("DoubleStorage", "F64", 8),
    ("LongStorage", "I64", 8),
    ("IntStorage", "I32", 4),
    ("ShortStorage", "I16", 2),
    ("CharStorage", "I8", 1),
    ("ByteStorage", "U8", 1),
    ("BoolStorage", "BOOL", 1),
];

type Archive<'s> = ZipArchive<Cursor<'s>>;

/// Reads the directory of an archive, if it is one of these formats.
pub fn read(source: &dyn ReadAt) -> Option<Result<FileFacts, FormatError>> {
    if !fill(source, 0, &mut [0; 4]).is_ok_and(|bytes| bytes == b"PK\x03\x04") || !small_directory(source) {
        return None;
    }
    let mut archive = ZipArchive::new(Cursor::new(source)).ok()?;
    let names: Vec<String> = archive.file_names().map_while(Result::ok).map(Cow::into_owned).collect();
    if let Some(root) = names.iter().find_map(|name| name.strip_suffix("data.pkl")) {
        return Some(torch(&mut archive, root, &names));
    }
    if names.iter().any(|name| name == "metadata.json") && names.iter().any(|name| name == "config.json") {
        return Some(keras(source, &mut archive, &names));
    }
    // Numpy keeps other things beside arrays, such as texts, and gives back their bytes.
    let (arrays, others): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| name.strip_suffix(".npy").is_some());
    (!arrays.is_empty()).then(|| npz(&mut archive, &arrays, others.len()))
}

/// Says whether the end record claims few enough members and a directory that may be held.
fn small_directory(source: &dyn ReadAt) -> bool {
    let Some(at) = source.len().checked_sub(22) else { return false };
    let mut buffer = [0; 22];
    let Ok(record) = fill(source, at, &mut buffer) else { return false };
    let [b'P', b'K', 5, 6, _, _, _, _, _, _, low, high, a, b, c, d, ..] = record else { return false };
    let members = u64::from(u16::from_le_bytes([*low, *high]));
    let bytes = u64::from(u32::from_le_bytes([*a, *b, *c, *d]));
    let large = members == u64::from(u16::MAX) || bytes == u64::from(u32::MAX);
    let (members, bytes) =
        if large { large_directory(source, at).unwrap_or((members, bytes)) } else { (members, bytes) };
    members <= limits::SCAN_MEMBERS as u64 && bytes <= u64::from(limits::ZIP_DIRECTORY_BYTES)
}

/// Returns the members and the bytes of the directory by the end record of a large archive (ZIP64), which the record before
/// the last one points to.
fn large_directory(source: &dyn ReadAt, end: u64) -> Option<(u64, u64)> {
    let locator = exactly(source, end.checked_sub(20)?, 20).ok()?;
    let [b'P', b'K', 6, 7, _, _, _, _, rest @ ..] = locator.as_slice() else { return None };
    let place = u64::from_le_bytes(rest.first_chunk().copied()?);
    let record = exactly(source, place, 56).ok().filter(|record| record.starts_with(b"PK\x06\x06"))?;
    let number = |at: usize| record.get(at..)?.first_chunk().copied().map(u64::from_le_bytes);
    Some((number(32)?, number(40)?))
}

/// Reads a member whole, up to a limit.
fn member(archive: &mut Archive<'_>, name: &str, limit: u64) -> Result<Vec<u8>, FormatError> {
    let odd = |error: zip::result::ZipError| FormatError::malformed(0, format!("`{name}`: {error:.100}"));
    let file = archive.by_name(name).map_err(odd)?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| FormatError::malformed(0, error.to_string()))?;
    FormatError::bounded(bytes.len() as u64, limit, "bytes of a member of an archive")?;
    Ok(bytes)
}

/// The elements are counted where all storages have one type: which has which, only the pickle's machine knows.
fn torch(archive: &mut Archive<'_>, root: &str, names: &[String]) -> Result<FileFacts, FormatError> {
    let mut facts = FileFacts::new("pytorch");
    let is_storage = |name: &str| {
        let key = name.strip_prefix(root).and_then(|name| name.strip_prefix("data/"));
        key.is_some_and(|key| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let (mut storages, mut bytes) = (0_u64, 0_u64);
    for name in names.iter().filter(|name| is_storage(name)) {
        storages += 1;
        let size = archive.by_name(name).map_or(0, |file| file.size());
        bytes = bytes.saturating_add(size);
    }
    facts.note("storages", &storages.to_string());
    if let Ok(version) = member(archive, &format!("{root}version"), 64) {
        facts.version = String::from_utf8(version).ok().map(|version| version.trim().to_owned());
    }
    let pickle = member(archive, &format!("{root}data.pkl"), limits::METADATA_BYTES)?;
    let refers_to = |class: &str| {
        let text = format!("torch\n{class}\n");
        pickle.windows(text.len()).any(|window| window == text.as_bytes())
    };
    let types: Vec<_> = STORAGES.iter().filter(|(class, _, _)| refers_to(class)).collect();
    match types.as_slice() {
        [(_, word, size)] if bytes % size == 0 => {
            facts.elements.insert((*word).to_owned(), bytes / size);
        }
        _ => {
            let words: Vec<&str> = types.iter().map(|(_, word, _)| *word).collect();
            facts.note("types", &words.join(" "));
        }
    }
    Ok(facts)
}

/// The members in which Keras 3 keeps weights (`keras.src.saving.saving_lib`): one file, or a map of parts beside them.
const KERAS_WEIGHTS: [&str; 3] = ["model.weights.h5", "model.weights.npz", "model.weights.json"];

fn keras(source: &dyn ReadAt, archive: &mut Archive<'_>, names: &[String]) -> Result<FileFacts, FormatError> {
    #[derive(serde::Deserialize)]
    struct Metadata {
        keras_version: Option<String>,
    }
    let mut facts = FileFacts::new("keras");
    let metadata = member(archive, "metadata.json", limits::METADATA_TEXT_BYTES)?;
    if let Ok(Metadata { keras_version: Some(version) }) = crate::json::parse::<Metadata>(&metadata) {
        facts.producer = Some(format!("keras {version:.64}"));
    }
    let configuration = member(archive, "config.json", limits::KERAS_CONFIGURATION_BYTES)?;
    facts.architecture = str::from_utf8(&configuration).ok().and_then(class_name);
    if !names.iter().any(|name| KERAS_WEIGHTS.contains(&name.as_str())) {
        return Err(FormatError::malformed(
            0,
            format!("the archive holds no weights: no `{}`", KERAS_WEIGHTS.join("`, `")),
        ));
    }
    for name in names.iter().filter(|name| name.ends_with(".weights.h5") && !name.contains('/')) {
        let Some(weights) = kept(source, archive, name)? else { continue };
        let at = |error: FormatError| FormatError::malformed(0, format!("`{name:.100}`: {error}"));
        if hdf5::start(&*weights) != Some(0) {
            return Err(at(FormatError::malformed(0, "it is no HDF5")));
        }
        let weights = of_hdf5(&*weights).map_err(at)?;
        facts.tensors = weights.tensors.map(|count| facts.tensors.unwrap_or_default() + count);
        facts.external.extend(weights.external);
        for (kind, count) in weights.elements {
            let sum = facts.elements.entry(kind).or_default();
            *sum = sum.saturating_add(count);
        }
    }
    Ok(facts)
}

/// Opens a member where it lies; one that is packed is unpacked, if it is small.
fn kept<'s>(
    source: &'s dyn ReadAt,
    archive: &mut Archive<'_>,
    name: &str,
) -> Result<Option<Box<dyn ReadAt + 's>>, FormatError> {
    let odd = |error: zip::result::ZipError| FormatError::malformed(0, format!("`{name:.100}`: {error:.100}"));
    let file = archive.by_name(name).map_err(odd)?;
    let (start, size) = (file.data_start(), file.size());
    let stored = file.compression() == CompressionMethod::Stored;
    drop(file);
    Ok(match start.filter(|_| stored) {
        Some(start) => Some(Box::new(Window::new(source, start, size))),
        None if size > limits::METADATA_BYTES => None,
        None => Some(Box::new(member(archive, name, limits::METADATA_BYTES)?)),
    })
}

fn npz(archive: &mut Archive<'_>, names: &[String], mut others: usize) -> Result<FileFacts, FormatError> {
    let (mut facts, mut arrays) = (FileFacts::new("npz"), 0_u64);
    for name in names {
        let odd = |error: zip::result::ZipError| FormatError::malformed(0, format!("`{name}`: {error:.100}"));
        let mut head = Vec::new();
        let file = archive.by_name(name).map_err(odd)?;
        let read = file.take(limits::NPY_HEADER_BYTES + 12).read_to_end(&mut head);
        read.map_err(|error| FormatError::malformed(0, error.to_string()))?;
        let Some(array) = super::npy::read(&head) else {
            others += 1;
            continue;
        };
        arrays += 1;
        for (kind, count) in array?.elements {
            let sum = facts.elements.entry(kind).or_default();
            *sum = sum.saturating_add(count);
        }
    }
    if arrays == 0 {
        return Err(FormatError::malformed(0, "none of its members is an array"));
    }
    facts.tensors = Some(arrays);
    if others > 0 {
        facts.note("others", &others.to_string());
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor as Bytes, Write};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Bytes::new(Vec::new()));
        for (name, bytes) in members {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn the_three_formats_are_told_apart() {
        let pickle = b"\x80\x02ctorch\nFloatStorage\n.";
        let torch =
            archive(&[("m/data.pkl", pickle), ("m/version", b"3\n"), ("m/data/0", &[0; 40]), ("m/data/1", &[0; 8])]);
        let facts = read(&torch).unwrap().unwrap();
        assert_eq!((facts.format, facts.version.as_deref(), facts.parameters()), ("pytorch", Some("3"), Some(12)));
        let keras = archive(&[
            ("config.json", br#"{"class_name":"Functional"}"#),
            ("metadata.json", br#"{"keras_version":"3.9"}"#),
            ("model.weights.json", b"{}"),
        ]);
        let facts = read(&keras).unwrap().unwrap();
        assert_eq!((facts.producer.as_deref(), facts.architecture.as_deref()), (Some("keras 3.9"), Some("Functional")));
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (5,), }\n";
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        let array = [b"\x93NUMPY\x01\x00".as_slice(), &length, header.as_bytes(), &[0; 20]].concat();
        let facts = read(&archive(&[("a.npy", &array), ("b.npy", &array)])).unwrap().unwrap();
        assert_eq!((facts.format, facts.tensors, facts.parameters()), ("npz", Some(2), Some(10)));
        assert!(read(&archive(&[("a.txt", b"x")])).is_none());
        // A text comes first, and another one has the name of an array.
        let mixed = archive(&[("about.txt", b"x"), ("words.npy", b"y"), ("a.npy", &array)]);
        let facts = read(&mixed).unwrap().unwrap();
        assert_eq!((facts.format, facts.tensors, facts.metadata["others"].as_str()), ("npz", Some(1), "2"));
        assert!(read(&archive(&[("a.npy", b"x")])).unwrap().is_err());
    }

    #[test]
    fn any_prefix_is_survived() {
        let whole = archive(&[("m/data.pkl", b"\x80\x02."), ("m/version", b"3\n")]);
        for length in 0..whole.len() {
            let _ = read(&&whole[..length]);
        }
    }
}
