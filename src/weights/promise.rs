//! What the name of a file promises of its content. The content decides what a file is; a name that says something else is a
//! fault of one of them.

use crate::source::{ReadAt, fill};
use crate::weights::{FormatError, saved_model};

/// Extensions of weights, with the formats that have them.
const EXTENSIONS: [(&str, &[&str]); 15] = [
    ("ckpt", &["pytorch", "pytorch-legacy", "pickle"]),
    ("gguf", &["gguf"]),
    ("h5", &["hdf5"]),
    ("hdf5", &["hdf5"]),
    ("joblib", &["pickle"]),
    ("keras", &["keras", "hdf5"]),
    ("npy", &["npy"]),
    ("npz", &["npz"]),
    ("onnx", &["onnx"]),
    ("pickle", &["pickle", "pytorch", "pytorch-legacy"]),
    ("pkl", &["pickle", "pytorch", "pytorch-legacy"]),
    ("pt", &["pytorch", "pytorch-legacy", "pickle"]),
    ("pth", &["pytorch", "pytorch-legacy", "pickle"]),
    ("safetensors", &["safetensors"]),
    ("tflite", &["tflite"]),
];

/// Extensions under which content may stand that is of none of the formats that are read here: packed, in a form of old, or
/// of another program.
const LOOSE: [&str; 6] = ["ckpt", "joblib", "pickle", "pkl", "pt", "pth"];

/// How a pointer of Git LFS begins (specification, "The Pointer"): a text in place of the file.
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";

/// The name of a model of TensorFlow.
const SAVED_MODEL: &str = "saved_model.pb";

/// Refuses a pointer of Git LFS: a few lines that name a file, and hold nothing of it.
pub fn pointer(source: &dyn ReadAt) -> Option<FormatError> {
    let mut buffer = [0; POINTER.len()];
    let is_pointer = fill(source, 0, &mut buffer).is_ok_and(|head| head == POINTER);
    is_pointer.then(|| {
        let message = "it is a pointer of Git LFS in place of the file: fetch that with `git lfs pull`";
        FormatError::malformed(0, message)
    })
}

/// Says where the name of a file promises something else than its content is: `found`, or nothing that is known.
pub fn broken(path: &str, source: &dyn ReadAt, found: Option<&str>) -> Option<FormatError> {
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let fault = |reason: String| Some(FormatError::malformed(0, reason));
    if name == SAVED_MODEL && found.is_none() && saved_model::recognises(source).is_none() {
        return fault("its name is that of a TensorFlow model, and its content is none".to_owned());
    }
    let extension = name.rsplit_once('.')?.1;
    let (_, formats) = EXTENSIONS.iter().find(|(known, _)| *known == extension)?;
    match found {
        Some(found) if formats.contains(&found) => None,
        Some(found) => fault(format!("its name ends in `.{extension}`, and its content is {found}")),
        None if may_be_other(extension, source) => None,
        None => fault(format!("its name ends in `.{extension}`, and its content is no such file, or is cut off")),
    }
}

/// Says whether content that is of no format may still have such a name.
fn may_be_other(extension: &str, source: &dyn ReadAt) -> bool {
    let mut buffer = [0; 4];
    let head = fill(source, 0, &mut buffer).unwrap_or_default();
    match extension {
        // An archive of nothing.
        "npz" => head == b"PK\x05\x06",
        // What begins as an archive or a pickle, and is none, is cut off.
        loose if LOOSE.contains(&loose) => !matches!(head, [b'P', b'K', 3, 4] | [0x80, ..]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_no_file() {
        let text = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n".as_slice();
        assert!(pointer(&text).is_some() && pointer(&&text[..40]).is_none() && pointer(&b"".as_slice()).is_none());
    }

    #[test]
    fn names_and_content_must_agree() {
        for (name, bytes, found, agree) in [
            ("a.safetensors", b"".as_slice(), Some("safetensors"), true),
            ("a.SafeTensors", b"", Some("pickle"), false),
            ("a.safetensors", b"version https://git-lfs", None, false),
            ("a.bin", b"\x80\x02", Some("pickle"), true),
            ("a.pt", b"PK\x03\x04", None, false),
            ("a.pkl", b"\x1f\x8b", None, true),
            ("a.pkl", b"\x80\x04cut", None, false),
            ("a.joblib", b"\x80\x09", None, false),
            ("a.npz", b"PK\x05\x06", None, true),
            ("a.h5", b"", None, false),
            ("x/saved_model.pb", b"cut", None, false),
            ("x/other.pb", b"cut", None, true),
            ("safetensors", b"x", None, true),
        ] {
            assert_eq!(broken(name, &bytes, found).is_none(), agree, "{name}");
        }
    }
}
