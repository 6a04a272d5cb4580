//! Raw data: what another file of the tree names as its tensors. Naming makes a file nothing but data only if no
//! loader would open it under its own name, and if it does not begin as something that is opened whatever its name.

use crate::scan::{Head, claim, polyglot};

/// Extensions of tensors outside a model that stand for a format too: PyTorch and Olive write `weights.pb`.
const DATA: &[&str] = &["pb"];
/// Extensions that a program opens, and for which content is not compared with the name.
const OPENED: &[&str] = &[
    "apk", "bst", "cab", "cbm", "com", "db", "deb", "dmg", "doc", "docm", "docx", "dump", "egg", "ggml", "hdf", "iso",
    "jar", "lib", "lnk", "luac", "mar", "mlmodel", "model", "msgpack", "msi", "nemo", "obj", "pdf", "pmml", "ppt",
    "pptx", "rpm", "sav", "save", "scr", "sqlite", "whl", "xls", "xlsm", "xlsx",
];
/// Names that loaders ask for.
const NAMES: &[&str] = &[
    "adapter_model.bin",
    "diffusion_pytorch_model.bin",
    "keras_metadata.pb",
    "optimizer.bin",
    "pytorch_lora_weights.bin",
    "pytorch_model.bin",
    "saved_model.pb",
    "scheduler.bin",
    "training_args.bin",
];
/// How byte code, documents and packages begin that are known here by nothing else.
const MAGIC: &[&[u8]] = &[
    b"\x1bLua",
    b"\x1bLJ",
    b"BC\xc0\xde",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"L\0\0\0\x01\x14\x02\0",
    b"MSCF\0\0\0\0",
    b"\xed\xab\xee\xdb",
    b"SQLite format 3\0",
];

/// Says whether a file of no known format can be nothing but the data of another.
pub(super) fn is_possible(head: &Head<'_>) -> bool {
    let extension = head.extension();
    let extension = extension.as_str();
    let name = head.name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let opened = OPENED.contains(&extension) || claim::formats(extension).is_some() && !DATA.contains(&extension);
    let sharded = name.starts_with("pytorch_model-");
    let begins = MAGIC.iter().any(|magic| head.bytes.starts_with(magic)) || polyglot::pdf(head.bytes).is_some();
    !opened && !sharded && !begins && !NAMES.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::TreePath;

    fn possible(name: &str, bytes: &[u8]) -> bool {
        is_possible(&Head { bytes, source: &bytes, name: &TreePath::new(name).unwrap() })
    }

    #[test]
    fn data_is_what_no_loader_opens() {
        for name in [
            "model.onnx_data",
            "model.onnx.data",
            "w/weights.pb",
            "model.bin",
            "model.embed_tokens.weight",
            "onnx__MatMul_12",
            "variables.data-00000-of-00001",
        ] {
            assert!(possible(name, &[0; 9]), "{name}");
        }
        for name in [
            "pytorch_model.bin",
            "pytorch_model-00001-of-00002.bin",
            "a/model.h5",
            "model.keras",
            "model.lzma",
            "hparams.YAML",
            "a.py",
            "a.R",
            "a.obj",
            "a.doc",
            "a.lnk",
            "saved_model.pb",
        ] {
            assert!(!possible(name, &[0; 9]), "{name}");
        }
        assert!(!possible("weights", b"\x1bLuaS\0") && !possible("weights", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0"));
    }
}
