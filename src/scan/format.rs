//! The formats that are told apart.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::scan::Rating;

/// Declares the formats, each with its word and with what a file of it gets if nothing is found.
macro_rules! formats {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal, $rating:ident;)+) => {
        /// What a file is, as its content says.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Format {
            /// No format that is known here.
            #[default]
            Unknown,
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Format {
            /// Every format that is known.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns the format as it is written in reports.
            pub fn as_str(self) -> &'static str {
                match self {
                    Self::Unknown => "unknown",
                    $(Self::$variant => $text,)+
                }
            }

            /// Returns the rating of a file of this format in which nothing was found: inert where nothing
            /// executes such files, clean where they can hold code.
            pub fn best(self) -> Rating {
                match self {
                    Self::Unknown => Rating::Unknown,
                    $(Self::$variant => Rating::$rating,)+
                }
            }
        }
    };
}

formats! {
    /// A file without content.
    Empty = "empty", Inert;
    /// A file packed with bzip2.
    Bzip2 = "bzip2", Clean;
    /// A file packed with gzip.
    Gzip = "gzip", Clean;
    /// A Keras 3 model.
    Keras = "keras", Clean;
    /// A file packed with LZ4.
    Lz4 = "lz4", Clean;
    /// A file packed with LZMA, before xz.
    Lzma = "lzma", Clean;
    /// One NumPy array.
    Npy = "npy", Clean;
    /// NumPy arrays in a zip archive.
    Npz = "npz", Clean;
    /// A PyTorch file before 1.6: pickles and storages behind each other.
    PytorchLegacy = "pytorch-legacy", Clean;
    /// A PyTorch file since 1.6.
    PytorchZip = "pytorch-zip", Clean;
    /// A model that skops wrote.
    Skops = "skops", Clean;
    /// A file packed with xz.
    Xz = "xz", Clean;
    /// A zip archive of no particular kind.
    Zip = "zip", Clean;
    /// A file packed with zlib.
    Zlib = "zlib", Clean;
    /// One pickle, or several behind each other.
    Pickle = "pickle", Clean;
    /// A 7z archive, which is not read.
    SevenZip = "7z", Unknown;
    /// What R serializes, which is not read.
    RData = "r-data", Unknown;
    /// A RAR archive, which is not read.
    Rar = "rar", Unknown;
    /// A tar archive, which is not read.
    Tar = "tar", Unknown;
    /// A file packed with Zstandard, which is not read.
    Zstandard = "zstandard", Unknown;
    /// UTF-8 text.
    Text = "text", Inert;
    // Model files.
    /// Tensors behind a JSON header.
    Safetensors = "safetensors", Inert;
    /// The format of llama.cpp.
    Gguf = "gguf", Clean;
    /// A model of the Open Neural Network Exchange.
    Onnx = "onnx", Clean;
    /// A model of TensorFlow with its variables beside it.
    SavedModel = "saved-model", Clean;
    /// A graph of TensorFlow by itself.
    TensorFlowGraph = "tensorflow-graph", Clean;
    /// Hashes that TensorFlow writes beside a model.
    TensorFlowFingerprint = "tensorflow-fingerprint", Inert;
    /// The index of a checkpoint of TensorFlow.
    TensorFlowCheckpoint = "tensorflow-checkpoint", Inert;
    /// A model of TensorFlow Lite.
    TfLite = "tflite", Clean;
    /// HDF5, as older versions of Keras write it.
    Hdf5 = "hdf5", Clean;
    /// The configuration of a Keras model.
    KerasConfiguration = "keras-configuration", Clean;
    /// A vocabulary of SentencePiece.
    SentencePiece = "sentencepiece", Inert;
    // Files beside models.
    /// A Jinja template.
    ChatTemplate = "chat-template", Clean;
    /// JSON, or JSON Lines.
    Json = "json", Inert;
    /// YAML.
    Yaml = "yaml", Inert;
    /// A notebook of Jupyter.
    Notebook = "notebook", Inert;
    /// A list of packages.
    Environment = "environment", Inert;
    /// HTML, SVG or other XML.
    Markup = "markup", Inert;
    /// PNG, JPEG, GIF or WebP.
    Image = "image", Inert;
    /// Parquet or Arrow.
    Table = "table", Inert;
    /// UBJSON, as `XGBoost` saves its models.
    Ubjson = "ubjson", Inert;
    /// Source code.
    SourceCode = "source-code", Clean;
    /// Native code or byte code.
    NativeCode = "native-code", Clean;
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn formats_have_distinct_words() {
        let words: BTreeSet<&str> = Format::ALL.iter().map(|format| format.as_str()).collect();
        assert_eq!(words.len(), Format::ALL.len());
        assert!(
            words.iter().all(|word| word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'))
        );
        let unread: Vec<_> = Format::ALL.iter().filter(|format| !format.best().passes()).collect();
        assert_eq!(unread, [&Format::SevenZip, &Format::RData, &Format::Rar, &Format::Tar, &Format::Zstandard]);
    }
}
