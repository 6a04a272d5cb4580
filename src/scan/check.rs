//! The table of checks: one file a check.

use crate::path::TreePath;
use crate::scan::{
    Context, Format, Sheet, Stop, archive, checkpoint, code, environment, graph_text, hdf5, image, jinja, json, markup,
    npy, onnx, packed, pickle, table, tensorflow, tensors, text, torch_legacy, ubjson, unread, vocabulary, yaml,
};
use crate::source::ReadAt;

/// Bytes at the start of a file by which formats are told apart.
pub(super) const HEAD_BYTES: usize = 4096;

/// The start of a file, and what else tells what it is.
pub struct Head<'a> {
    /// The first bytes, as many as detection looks at, or all that there are.
    pub bytes: &'a [u8],
    /// The whole file.
    pub source: &'a dyn ReadAt,
    /// Its name: a hint where content alone can't decide, never more.
    pub name: &'a TreePath,
}

impl Head<'_> {
    /// Returns the extension of the name in lower case, or nothing.
    pub fn extension(&self) -> String {
        let name = self.name.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
    }
}

/// A check of one format, or of a few that belong together.
pub trait Check: Sync {
    /// Says whether a file is for this check, and what it is. Content decides.
    fn detect(&self, head: &Head<'_>) -> Option<Format>;

    /// Reads a file and writes down what it objects to. Memory is bounded whatever the file's size; what can't
    /// be read to its end must stop.
    fn scan(&self, source: &dyn ReadAt, name: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop>;
}

/// Every check. The first that knows a file scans it: formats with a magic number first, text last.
pub const CHECKS: &[&dyn Check] = &[
    // By magic numbers and structure that no pickle can begin with.
    &code::Native,
    &tensors::Gguf,
    &tensors::Safetensors,
    &hdf5::Hdf5,
    &tensorflow::Lite,
    &image::Image,
    &table::Table,
    &ubjson::Ubjson,
    &vocabulary::Vocabulary,
    &tensorflow::Graph,
    &checkpoint::Checkpoint,
    &onnx::Onnx,
    &archive::Archive,
    &npy::Npy,
    &unread::Serialized,
    &torch_legacy::TorchLegacy,
    &pickle::Pickle,
    &packed::Packed,
    &unread::Unread,
    &image::Gif,
    // By what text says.
    &code::Source,
    &environment::Environment,
    &yaml::Yaml,
    &jinja::Jinja,
    &graph_text::GraphText,
    &markup::Markup,
    &json::Json,
    &pickle::Named,
    &text::Text,
];
