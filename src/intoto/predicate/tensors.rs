//! Digests of tensors: which weights stand in which file of a model (`docs/format.md`, "Tensors").

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::path::TreePath;

/// The predicate type.
pub const TYPE: &str = "https://assaymark.dev/tensors/v1";

/// The tensors of a model, by the files that hold them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Tensors {
    /// The files that hold tensors, sorted by path.
    pub files: Vec<TensorFile>,
}

/// A file with its tensors.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TensorFile {
    /// Where it is in the model.
    pub path: TreePath,
    /// The SHA-256 of its bytes.
    pub sha256: Digest,
    /// What it is: `safetensors` or `gguf`.
    pub format: String,
    /// Its tensors, in the order of their places.
    pub tensors: Vec<Tensor>,
}

/// A tensor.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// The type of its elements, in the words of the format.
    pub dtype: String,
    /// How many elements it has in each dimension, in the order of the format.
    pub shape: Vec<u64>,
    /// The SHA-256 of its bytes.
    pub sha256: Digest,
}

impl Tensors {
    /// Returns how many tensors there are.
    pub fn count(&self) -> usize {
        self.files.iter().map(|file| file.tensors.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tensors_have_the_documented_shape() {
        let hex = Digest::of(b"").to_string();
        let text = json!({"files": [{"path": "model.safetensors", "sha256": hex, "format": "safetensors", "tensors": [
            {"name": "w", "dtype": "F32", "shape": [2, 3], "sha256": hex}]}]});
        let tensors: Tensors = serde_json::from_value(text.clone()).unwrap();
        assert_eq!((tensors.count(), serde_json::to_value(&tensors).unwrap()), (1, text));
        for broken in [json!({}), json!({"files": [], "more": 1}), json!({"files": [{"path": "../x", "sha256": hex}]})]
        {
            assert!(serde_json::from_value::<Tensors>(broken).is_err());
        }
        assert!(TYPE.starts_with(crate::intoto::OWN_URI));
    }
}
