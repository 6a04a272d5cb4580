//! The tensors of a file, each with its type, shape and place, for the formats that have a table of them.

use crate::source::ReadAt;
use crate::weights::{FormatError, gguf, safetensors};

/// A tensor in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorPlace {
    /// Its name.
    pub name: String,
    /// The type of its elements, in the words of the format.
    pub dtype: String,
    /// How many elements it has in each dimension, in the order of the format.
    pub shape: Vec<u64>,
    /// Where its bytes start in the file.
    pub offset: u64,
    /// How many bytes it has.
    pub length: u64,
}

/// The tensors of a file, in the order of their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorTable {
    /// The format: `safetensors` or `gguf`.
    pub format: &'static str,
    /// The tensors. They don't overlap.
    pub tensors: Vec<TensorPlace>,
}

/// How the table of a format is read.
type Read = fn(&dyn ReadAt) -> Result<Vec<TensorPlace>, FormatError>;

/// Reads the table of a file by its content; nothing where the file is of neither format.
pub fn read(source: &dyn ReadAt) -> Option<Result<TensorTable, FormatError>> {
    let (format, table): (_, Read) = if gguf::recognises(source) {
        ("gguf", gguf::table_of)
    } else if safetensors::recognises(source) {
        ("safetensors", safetensors::table_of)
    } else {
        return None;
    };
    Some(table(source).map(|mut tensors| {
        sort(&mut tensors);
        TensorTable { format, tensors }
    }))
}

/// Sorts tensors by their places.
pub(super) fn sort(tensors: &mut [TensorPlace]) {
    tensors.sort_by(|one, other| (one.offset, one.length, &one.name).cmp(&(other.offset, other.length, &other.name)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::gguf::write;

    #[test]
    fn the_table_of_safetensors_says_where_each_tensor_is() {
        let header = r#"{"b":{"dtype":"F16","shape":[2,2],"data_offsets":[4,12]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},
            "none":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}}"#;
        let file = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &[0; 12]].concat();
        let table = read(&file).unwrap().unwrap();
        let data = 8 + header.len() as u64;
        let places: Vec<_> = table.tensors.iter().map(|t| (t.name.as_str(), t.offset - data, t.length)).collect();
        assert_eq!((table.format, places), ("safetensors", vec![("a", 0, 4), ("none", 4, 0), ("b", 4, 8)]));
        assert_eq!((table.tensors[2].dtype.as_str(), table.tensors[2].shape.as_slice()), ("F16", &[2, 2][..]));
    }

    #[test]
    fn the_table_of_gguf_says_where_each_tensor_is() {
        let tensors =
            [write::tensor("b", &[2], 0, 0), write::tensor("a", &[3], 1, 32), write::tensor("new", &[5], 39, 64)];
        let file = write::file(&[], &tensors, 96);
        let table = read(&file).unwrap().unwrap();
        let data = file.len() as u64 - 96;
        let places: Vec<_> = table.tensors.iter().map(|t| (t.name.as_str(), t.offset - data, t.length)).collect();
        assert_eq!((table.format, places), ("gguf", vec![("b", 0, 8), ("a", 32, 6), ("new", 64, 32)]));
        let types: Vec<_> = table.tensors.iter().map(|tensor| tensor.dtype.as_str()).collect();
        assert_eq!(types, ["F32", "F16", "MXFP4"]);
    }

    #[test]
    fn what_is_of_neither_format_has_no_table_and_what_is_broken_has_an_error() {
        assert!(read(&b"text".to_vec()).is_none() && read(&Vec::new()).is_none());
        assert!(read(&b"GGUF\x09\0\0\0".to_vec()).unwrap().is_err());
        assert!(read(&[&4_u64.to_le_bytes()[..], b"{}x "].concat()).unwrap().is_err());
    }
}
