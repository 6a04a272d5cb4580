//! Files whose name says another format than their content.

use crate::scan::Format::{
    Bzip2, ChatTemplate, Environment, Gguf, Gzip, Hdf5, Image, Json, Keras, KerasConfiguration, Lz4, Lzma, Markup,
    NativeCode, Notebook, Npy, Npz, Onnx, Pickle, PytorchLegacy, PytorchZip, RData, Rar, Safetensors, SavedModel,
    SevenZip, Skops, SourceCode, Table, Tar, TensorFlowFingerprint, TensorFlowGraph, Text, TfLite, Ubjson, Xz, Yaml,
    Zip, Zlib, Zstandard,
};
use crate::scan::{Format, Head, Observation, Rating, Reason, Sheet, code};

/// What loaders of pickles open.
const PICKLES: &[Format] = &[Pickle, PytorchLegacy, PytorchZip, Zip, Tar, Gzip, Bzip2, Xz, Lzma, Zlib, Lz4, Zstandard];
/// What an interpreter runs.
const SOURCE: &[Format] = &[SourceCode];
/// Text of any kind.
const TEXTS: &[Format] = &[Text, ChatTemplate, Environment, Json, KerasConfiguration, Markup, Notebook, Yaml];

/// Extensions that stand for a few formats each; the content of such a file must be of one of them.
const CLAIMS: &[(&[&str], &[Format])] = &[
    (&["safetensors"], &[Safetensors]),
    (&["gguf"], &[Gguf]),
    (&["onnx"], &[Onnx]),
    (&["tflite"], &[TfLite]),
    (&["h5", "hdf5"], &[Hdf5]),
    (&["keras"], &[Keras, Hdf5]),
    (&["pb"], &[SavedModel, TensorFlowGraph, TensorFlowFingerprint, KerasConfiguration, Onnx]),
    (&["ubj"], &[Ubjson]),
    (&["skops"], &[Skops]),
    (&["pkl", "pickle", "pck", "dill", "cloudpickle", "joblib", "pt", "pth", "ckpt"], PICKLES),
    (&["npy"], &[Npy]),
    (&["npz"], &[Npz, Zip]),
    (&["rds", "rda", "rdata"], &[RData, Gzip, Bzip2, Xz]),
    (&["json"], &[Json, KerasConfiguration, Notebook]),
    (&["ipynb"], &[Notebook]),
    (&["txt"], &[Text, Environment, Json]),
    (&["md", "csv"], &[Text]),
    (&["yaml", "yml", "toml", "ini", "cfg", "conf", "log", "tsv", "rst", "jsonl"], TEXTS),
    (&["xml", "html", "htm", "svg", "jinja", "jinja2", "j2", "pbtxt", "prototxt", "textproto"], TEXTS),
    (&["png", "jpg", "jpeg", "gif", "webp"], &[Image]),
    (&["parquet", "arrow", "feather"], &[Table]),
    (&["so", "dll", "dylib", "pyd", "exe", "wasm", "class", "dex", "pyc", "pyo"], &[NativeCode]),
    (&["zip"], &[Zip, Keras, Npz, PytorchZip, Skops]),
    (&["tar"], &[Tar]),
    (&["gz", "tgz"], &[Gzip]),
    (&["bz2"], &[Bzip2]),
    (&["xz", "lzma"], &[Xz, Lzma]),
    (&["lz4"], &[Lz4]),
    (&["zst"], &[Zstandard]),
    (&["7z"], &[SevenZip]),
    (&["rar"], &[Rar]),
];

/// Returns the formats that an extension stands for.
pub(super) fn formats(extension: &str) -> Option<&'static [Format]> {
    let listed = CLAIMS.iter().find(|(claims, _)| claims.contains(&extension)).map(|(_, formats)| *formats);
    // An interpreter runs such a file by its name.
    listed.or_else(|| code::is_source(extension).then_some(SOURCE))
}

/// Compares the name of a file with its content.
pub(super) fn compare_name(head: &Head<'_>, format: Format, sheet: &mut Sheet) {
    let extension = head.extension();
    let Some(formats) = formats(&extension) else { return };
    if formats.contains(&format) || matches!(format, Format::Unknown | Format::Empty) {
        return;
    }
    // Text is what a pointer to a file kept elsewhere looks like: the model itself is not here.
    let rating = if format.best() == Rating::Inert { Rating::Unknown } else { Rating::Suspicious };
    let summary = format!("its name says `.{extension}`, its content says {format}");
    sheet.report(Observation::new(Reason::WrongExtension, rating, summary));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::test_support::scan;
    use crate::weights;

    fn reasons(name: &str, bytes: &[u8]) -> Vec<(Reason, Rating)> {
        scan(name, bytes).observations.iter().map(|seen| (seen.reason, seen.rating)).collect()
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

    #[test]
    fn a_pickle_is_called_one() {
        let pickle = b"\x80\x02N.";
        for name in ["a.pkl", "a.pt", "a.joblib", "a.bin", "a.model", "a"] {
            assert_eq!(reasons(name, pickle), [], "{name}");
        }
        for name in ["a.py", "a.so", "a.tar", "a.xml", "a.yaml", "a.npy", "a.npz", "a.keras", "a.pb", "a.zip", "a.R"] {
            assert_eq!(reasons(name, pickle), [(Reason::WrongExtension, Rating::Suspicious)], "{name}");
        }
        let gguf = weights::gguf::write::file(&[], &[], 0);
        for name in ["a.pkl", "a.pickle", "a.pt", "a.pth", "a.ckpt", "a.joblib"] {
            assert_eq!(reasons(name, &gguf), [(Reason::WrongExtension, Rating::Suspicious)], "{name}");
        }
    }
}
